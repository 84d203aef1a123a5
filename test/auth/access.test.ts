import sql, { raw } from 'sql-template-tag';
import { Access } from '../../src/auth/access';
import {
  ACTIONS,
  type Action,
  MEDICAL_SUBJECTS,
  type MedicalSubject,
  OWN_PROFILE_FIELDS,
  rulesFor,
  type Subject,
} from '../../src/auth/permissions';
import type { Principal } from '../../src/auth/principal';
import { loadPrincipal } from '../../src/auth/sessions';
import { Document } from '../../src/db/documents/documents';
import type { User } from '../../src/db/identite/users';
import { Notification } from '../../src/db/messages/notifications';
import type { Equipement } from '../../src/db/parc/equipements';
import { query } from '../../src/db/sql';
import { ROLES } from '../../src/domain/roles';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  makeAgendaExterne,
  makeAttente,
  makeCodePanne,
  makeContrat,
  makeEquipement,
  makeFerie,
  makeIntervenant,
  makeIntervention,
  makeLivraison,
  makeModeleEtapes,
  makeNiveau,
  makePiece,
  makePlan,
  makePlanning,
  makePrestation,
  makeProposition,
  makeRapportDemande,
  makeRendezVous,
  makeSalle,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { PLACES, type RowSubject } from '../support/places';

/**
 * Each permission is checked twice in the application: on the row that a request changes, and in SQL for what it
 * reads. Here both are asked about every row of a small world, for every kind of person, and have to agree.
 */

const SUBJECTS = Object.keys(PLACES) as RowSubject[];

/** Its rows are not reached from here (`permissions/cabinet`). */
const isMedical = (subject: Subject): subject is MedicalSubject =>
  (MEDICAL_SUBJECTS as readonly Subject[]).includes(subject);

/** People by what tells them apart, and how they appear to the permissions. */
const people = new Map<string, Principal>();
/** The rows of each subject, in the shape in which objects are checked. */
const world = new Map<Subject, { id: number; row: object }[]>();
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await populate();
  for (const subject of SUBJECTS) world.set(subject, await rowsOf(subject));
});
afterAll(() => database.drop());

async function populate(): Promise<void> {
  const { db } = database;
  const [north, south] = [await makeSite(db), await makeSite(db)];
  const users: User[] = [];
  const person = async (
    name: string,
    role: User['role'],
    sites: number[] = [],
    given: Partial<User> = {},
  ) => {
    const user = await makeUser(db, { ...given, role, sites });
    users.push(user);
    people.set(name, await asPrincipal(user));
    return user;
  };
  await person('an admin', 'admin');
  await person('a responsable of everything', 'responsable');
  const responsable = await person('a responsable of one site', 'responsable', [north.id]);
  await person('a responsable of two sites', 'responsable', [north.id, south.id]);
  // Their last site was taken away: they see nothing, not everything.
  await person('a responsable of no site', 'responsable', [], { tous_sites: false });
  await person('a technicien without a row', 'technicien');
  const owner = await person('a client', 'client');
  const neighbour = await person('a client of a site', 'client', [south.id]);
  const technicien = await makeTechnicien(db);
  people.set('a technicien', await asPrincipal(technicien.user));
  const colleague = await makeTechnicien(db);
  const workers = [technicien.id, colleague.id];
  users.push(technicien.user, colleague.user);
  for (const [name, sites] of [
    ['a technicien of one site', [north.id]],
    ['a technicien of two sites', [north.id, south.id]],
  ] as const) {
    const { user, id } = await makeTechnicien(db, {}, { sites: [...sites] });
    workers.push(id);
    users.push(user);
    people.set(name, await asPrincipal(user));
  }

  for (const [name, principal] of [...people]) {
    people.set(`the machine of ${name}`, { ...principal, sessionId: null, cleApiId: 1 });
  }

  await makePiece(db);
  await makeFerie(db);
  for (const site_id of [null, north.id, south.id]) {
    const { id } = await makeIntervenant(db, { site_id });
    await makeAgendaExterne(db, { intervenant_id: id });
    await makeSalle(db, { site_id });
    await makePrestation(db, { site_id });
    await makePrestation(db, { site_id, visibilite: 'interne' });
  }
  // Whoever receives, by whatever role.
  for (const { id: user_id } of [technicien.user, owner, responsable]) {
    const { id: intervenant_id } = await makeIntervenant(db, { user_id, site_id: south.id });
    await makeAgendaExterne(db, { intervenant_id });
    const { id: theirs } = await makePrestation(db, { intervenants: [intervenant_id] });
    await makeAttente(db, { prestation_id: theirs });
  }
  for (const site_id of [null, north.id, south.id]) {
    const { id: prestation_id } = await makePrestation(db, { site_id });
    for (const demandeur_id of [null, owner.id, neighbour.id]) {
      for (const user_ids of [[], [technicien.user.id], [owner.id, colleague.user.id]])
        await makeRendezVous(db, { prestation_id, demandeur_id, user_ids });
      await makeAttente(db, { prestation_id, demandeur_id });
    }
  }
  await makeNiveau(db);
  await makeModeleEtapes(db);
  await makeCodePanne(db);
  await makeLivraison(db);
  await db.query(
    `INSERT INTO regles_notification (evenement, destinataires, canaux, urgence) VALUES ('essai.regle', '{}', '{}', 'normale')`,
  );
  for (const site_ids of [[], [north.id], [south.id], [north.id, south.id]])
    await makeProposition(db, { createur_id: owner.id, site_ids });
  const rapports = [
    ...[[], [north.id], [south.id], [north.id, south.id], [0]].map((site_ids) => ({ site_ids })),
    ...workers.map((technicien_id) => ({ site_ids: [], technicien_id })),
  ];
  for (const given of rapports) {
    const { id } = await makeRapportDemande(db, { demandeur_id: owner.id, ...given });
    await makeDocument({ rapport_id: id });
  }
  for (const client of [owner, neighbour]) {
    for (const site_id of [null, north.id, south.id])
      await makeContrat(db, { client_id: client.id, site_id });
  }
  await db.query(
    `INSERT INTO cles_api (nom, role, createur_id, empreinte, debut) VALUES ('Automate', 'client', $1, 'e', 'd')`,
    [owner.id],
  );
  await db.query(`INSERT INTO historique (entite, action, date) VALUES ('user', 'connexion_refusee', now())`);
  const equipements: Equipement[] = [];
  for (const site_id of [null, north.id, south.id]) {
    for (const client_id of [null, owner.id, neighbour.id]) {
      equipements.push(await makeEquipement(db, { site_id, client_id }));
    }
  }
  for (const on of [[0], [3], [6], [3, 6]]) {
    const chosen = on.map((index): number => equipements[index]!.id);
    await makePlan(db, { equipements: chosen, createur_id: owner.id });
  }
  const statuts = ['ouverte', 'planifiee', 'en_cours', 'annulee'] as const;
  for (const [index, equipement] of equipements.entries()) {
    for (const [offset, createur] of [owner, neighbour, technicien.user].entries()) {
      const statut = statuts[(index + offset) % statuts.length]!;
      const assigned = (index + offset) % 3 === 0 ? technicien.id : colleague.id;
      const intervention = await makeIntervention(db, {
        equipement_id: equipement.id,
        createur_id: createur.id,
        statut,
        technicien_id: statut === 'ouverte' ? null : assigned,
        motif_annulation: statut === 'annulee' ? 'Doublon' : null,
      });
      const date_planifiee = new Date(Date.UTC(2030, index, offset + 1));
      await makePlanning(db, { intervention_id: intervention.id, technicien_id: assigned, date_planifiee });
      // Some by the technicien, some of those that are shown confidential.
      await makeDocument({
        intervention_id: intervention.id,
        visible_client: index % 2 === 0,
        uploadeur_id: offset === 0 ? technicien.user.id : null,
        ...(offset === 1 && { is_encrypted: true, cle_donnees: Buffer.from('x'), cle_anneau: 'x' }),
      });
    }
    await makeDocument({ equipement_id: equipement.id, visible_client: index % 2 === 0 });
  }
  for (const { id } of users) {
    await db.manager.save(
      db.manager.create(Notification, {
        titre: 't',
        message: 'm',
        type: 'info',
        destinataire_id: id,
        metadata: {},
      }),
    );
  }
}

function asPrincipal(user: User): Promise<Principal> {
  const id = `00000000-0000-4000-8000-${String(user.id).padStart(12, '0')}`;
  return database.db
    .query(
      `INSERT INTO sessions (id, user_id, date_creation, date_expiration)
       VALUES ($1, $2, now(), now() + interval '1 hour')`,
      [id, user.id],
    )
    .then(() => loadPrincipal(database.db, id)) as Promise<Principal>;
}

let documents = 0;
function makeDocument(given: Partial<Document>): Promise<Document> {
  const { manager } = database.db;
  const number = ++documents;
  return manager.save(
    manager.create(Document, {
      nom: `${number}.pdf`,
      type_document: 'photo',
      cle_stockage: `cle-${number}`,
      taille: 1,
      mime_type: 'application/pdf',
      checksum: '',
      ...given,
    }),
  );
}

async function rowsOf(subject: RowSubject): Promise<{ id: number; row: object }[]> {
  const { from, alias, columns } = PLACES[subject];
  const fields = Object.entries(columns);
  const selected = [`${alias}.id AS "_id"`, ...fields.map(([field, column]) => `${column} AS "${field}"`)];
  const found = await query<Record<string, unknown>>(
    database.db,
    sql`SELECT ${raw(selected.join(', '))} FROM ${raw(from)} ORDER BY ${raw(alias)}.id`,
  );
  return found.map((flat) => ({
    id: flat._id as number,
    row: nested(
      fields.map(([field]) => field),
      flat,
    ),
  }));
}

/** `{ 'equipement.site_id': 1 }` as `{ equipement: { site_id: 1 } }`. */
function nested(fields: string[], flat: Record<string, unknown>): object {
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const [outer, inner] = field.split('.') as [string, string?];
    if (inner === undefined) row[outer] = flat[field];
    else row[outer] = { ...(row[outer] as object | undefined), [inner]: flat[field] };
  }
  return row;
}

/** The rows that the database returns, and those that the check on objects lets through. */
async function bothWays(access: Access, action: Action, subject: RowSubject) {
  const { from, alias, columns } = PLACES[subject];
  const inSql = await query<{ id: number }>(
    database.db,
    sql`SELECT ${raw(alias)}.id FROM ${raw(from)} WHERE ${access.where(action, subject, columns)} ORDER BY 1`,
  );
  const onObjects = world.get(subject)!.filter(({ row }) => access.may(action, subject, row));
  return { inSql: inSql.map(({ id }) => id), onObjects: onObjects.map(({ id }) => id) };
}

describe('a permission', () => {
  it.each(SUBJECTS)(
    'on %s is the same on rows as in SQL, for everybody and every action',
    async (subject) => {
      for (const [name, principal] of people) {
        const access = new Access(principal);
        for (const action of ACTIONS) {
          const { inSql, onObjects } = await bothWays(access, action, subject);
          expect({ name, action, rows: inSql }).toEqual({ name, action, rows: onObjects });
          if (inSql.length > 0) expect(access.mayEver(action, subject)).toBe(true);
        }
      }
    },
  );

  it('of every rule of every role holds for some rows of this world, so that none goes unasked', async () => {
    const rowsOfRule = new Map<string, number>();
    for (const principal of people.values()) {
      for (const { action, subject, where } of rulesFor(principal)) {
        if (subject === 'Dashboard' || isMedical(subject)) continue;
        for (const each of [action].flat()) {
          const { inSql } = await bothWays(new Access(principal), each, subject);
          const fields = JSON.stringify(where?.map((conditions) => Object.keys(conditions)));
          const rule = `${principal.role} ${each} ${subject} ${fields}`;
          rowsOfRule.set(rule, (rowsOfRule.get(rule) ?? 0) + inSql.length);
        }
      }
    }
    expect([...rowsOfRule].filter(([, rows]) => rows === 0)).toEqual([]);
  });

  it('narrows: nobody but those who oversee everything sees it all', async () => {
    const seen: Record<string, number> = {};
    for (const [name, principal] of people) {
      seen[name] = (await bothWays(new Access(principal), 'read', 'Intervention')).inSql.length;
    }
    const all = world.get('Intervention')!.length;
    const everything = ['an admin', 'a responsable of everything'];
    for (const [name, count] of Object.entries(seen)) {
      const person = name.replace('the machine of ', '');
      if (everything.includes(person)) expect([name, count]).toEqual([name, all]);
      else if (person === 'a responsable of no site') expect([name, count]).toEqual([name, 0]);
      else expect([name, count > 0 && count < all]).toEqual([name, true]);
    }
  });

  it('is nothing at all where no rule speaks of it', async () => {
    const client = new Access(people.get('a client')!);
    expect(client.mayEver('read', 'Technicien')).toBe(false);
    expect((await bothWays(client, 'read', 'Technicien')).inSql).toEqual([]);
    expect(client.mayEver('read', 'Dashboard')).toBe(false);
  });
});

describe('a change', () => {
  const own = (name: string) => {
    const principal = people.get(name)!;
    return { access: new Access(principal), row: { id: principal.userId, role: principal.role } };
  };

  it('of one’s own profile reaches its own fields and not one more', () => {
    for (const name of ['a client', 'a technicien', 'a responsable of everything']) {
      const { access, row } = own(name);
      expect(access.may('update', 'User', row, OWN_PROFILE_FIELDS)).toBe(true);
      for (const field of [
        'role',
        'is_active',
        'email',
        'site_ids',
        'tous_sites',
        'password',
        'mot_de_passe',
      ]) {
        expect([field, access.may('update', 'User', row, ['nom', field])]).toEqual([field, false]);
      }
      expect(() => access.require('update', 'User', row, ['role'])).toThrow('INTERDIT');
    }
  });

  it('of a role is given to administrators alone, and the role admin too', () => {
    for (const role of ROLES) {
      expect(new Access(people.get('an admin')!).may('create', 'User', { role })).toBe(true);
      const responsable = new Access(people.get('a responsable of everything')!);
      expect([role, responsable.may('create', 'User', { role })]).toEqual([role, role !== 'admin']);
    }
  });

  it('leaves the row it was asked about as it was', () => {
    const row = Object.freeze({ id: 1, role: 'client' });
    expect(new Access(people.get('an admin')!).may('update', 'User', row)).toBe(true);
    expect(Object.keys(row)).toEqual(['id', 'role']);
  });
});
