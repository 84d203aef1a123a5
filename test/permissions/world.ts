import { hashApiKey, newApiKey } from '../../src/auth/api-keys';
import { Document } from '../../src/db/documents/documents';
import type { User } from '../../src/db/identite/users';
import type { Intervention } from '../../src/db/interventions/interventions';
import { Notification } from '../../src/db/messages/notifications';
import type { Planning } from '../../src/db/planification/planning';
import type { TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePiece,
  makePlanning,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import type { RowSubject } from '../support/places';

/**
 * A small world in which every permission has rows that it reaches and rows that it must not: the people who ask, and
 * rows of each subject by what they are to those people.
 */

export const PERSONAS = [
  'admin',
  'responsable',
  /** Oversees the site Nord alone. */
  'responsable_nord',
  /** Works everywhere. */
  'technicien',
  /** Works on the site Nord alone. */
  'technicien_nord',
  /** Owns equipment without a site. */
  'client',
  /** Belongs to the site Nord. */
  'client_nord',
  /** Machines, by the role of their keys: one of an administrator, then of the responsable of Nord, of `technicien`… */
  'cle_admin',
  'cle_nord',
  'cle_technicien',
  'cle_client',
  /** Of an administrator, for {@link CHEMINS} alone. */
  'cle_chemins',
] as const;
export type Persona = (typeof PERSONAS)[number];

export const CHEMINS = [
  '/users',
  'GET /equipements',
  '/interventions/{id}/commentaires',
  '/techniciens/{id}',
];

/** Rows by their names in the table of expectations. */
export const KINDS = {
  /** `soi` is whoever asks; of a machine, whoever made its key. `inactif` is a client whose account was closed. */
  User: ['soi', 'admin', 'responsable', 'technicien', 'client', 'inactif'],
  /** `soi` is the row of the technicien of this world, `nord` that of the one of Nord; `sud` works on Sud alone. */
  Technicien: ['soi', 'collegue', 'nord', 'sud'],
  Equipement: ['client', 'nord', 'sud'],
  Piece: ['piece'],
  /**
   * `client`, `nord`, `sud` stand on that equipment, created by somebody else, assigned to a colleague. `creee` is on
   * `sud` but created by the client; `assignee` is the technicien's; `libre` nobody's; `detachee` that of the technicien
   * of Nord, on `sud`; those that end in `_ouverte` are like the others before anybody was assigned. `client`, `nord` and
   * `creee` were rated by another client, `creee_ouverte` by this one.
   */
  Intervention: [
    'client',
    'nord',
    'sud',
    'creee',
    'assignee',
    'libre',
    'detachee',
    'client_ouverte',
    'nord_ouverte',
    'creee_ouverte',
  ],
  Planning: ['nord', 'sud', 'assignee'],
  /** Of the intervention of that name, shown to clients or not; or of an equipment itself. */
  Document: [
    'client_visible',
    'client_cache',
    'creee_visible',
    'creee_cache',
    'nord_visible',
    'nord_cache',
    'assignee_cache',
    'equipement_client',
    'equipement_nord',
  ],
  /** `soi` is to whoever asks. */
  Notification: ['soi', 'autre'],
  CleApi: ['cle'],
  Audit: ['ligne'],
} as const satisfies Record<RowSubject, readonly string[]>;

export interface World {
  api: TestApi;
  /** Of a machine, `user` is whoever made its key. */
  people: Record<Persona, { user: User; client: Client; cle?: string }>;
  sites: { nord: number; sud: number };
  techniciens: Record<(typeof KINDS.Technicien)[number], number>;
  /** The id of the row of that name; made anew for requests that may remove it. */
  row(subject: RowSubject, kind: string, persona: Persona): number;
  fresh(subject: RowSubject, kind: string): Promise<number>;
}

/** Whom interventions were assigned to, unless it was a colleague. */
const WORKERS: Readonly<Record<string, (typeof KINDS.Technicien)[number]>> = {
  assignee: 'soi',
  detachee: 'nord',
};
/** Interventions that another client has rated. */
const RATED: readonly string[] = ['client', 'nord', 'creee'];

export async function makeWorld(api: TestApi): Promise<World> {
  const { db } = api;
  const nord = (await makeSite(db, { nom: 'Nord' })).id;
  const sud = (await makeSite(db, { nom: 'Sud' })).id;
  const person = async (role: User['role'], sites: number[] = []) => api.newPerson(role, { sites });
  const machine = async (role: User['role'], maker: User, chemins: string[] | null = null) => {
    const cle = newApiKey();
    await db.query(
      `INSERT INTO cles_api (nom, role, chemins, createur_id, empreinte, debut)
       VALUES ('Automate', $1, $2, $3, $4, 'regie_')`,
      [role, chemins, maker.id, hashApiKey(cle)],
    );
    return { user: maker, client: createClient(api.baseUrl, cle), cle };
  };
  const persons = {
    admin: await person('admin'),
    responsable: await person('responsable'),
    responsable_nord: await person('responsable', [nord]),
    technicien: await person('technicien'),
    technicien_nord: await person('technicien', [nord]),
    client: await person('client'),
    client_nord: await person('client', [nord]),
  };
  const people: World['people'] = {
    ...persons,
    cle_admin: await machine('admin', (await person('admin')).user),
    cle_nord: await machine('responsable', persons.responsable_nord.user),
    cle_technicien: await machine('technicien', persons.technicien.user),
    cle_client: await machine('client', persons.client.user),
    cle_chemins: await machine('admin', (await person('admin')).user, CHEMINS),
  };
  const collegue = await makeTechnicien(db);
  const rowOf = async ({ user }: { user: User }): Promise<number> =>
    (await db.query('SELECT id FROM techniciens WHERE user_id = $1', [user.id]))[0].id;
  const techniciens = {
    soi: await rowOf(persons.technicien),
    collegue: collegue.id,
    nord: await rowOf(persons.technicien_nord),
    sud: (await makeTechnicien(db, {}, { sites: [sud] })).id,
  };
  const others: Record<string, number> = {
    admin: (await makeUser(db, { role: 'admin' })).id,
    responsable: (await makeUser(db, { role: 'responsable' })).id,
    technicien: collegue.user_id,
    client: (await makeUser(db, { role: 'client' })).id,
    inactif: (await makeUser(db, { role: 'client', is_active: false })).id,
  };

  const makeOnPlace = (kind: string) =>
    makeEquipement(db, {
      client_id: kind === 'client' ? people.client.user.id : others.client!,
      site_id: kind === 'nord' ? nord : kind === 'sud' ? sud : null,
    });
  const places: Record<string, number> = {};
  for (const kind of KINDS.Equipement) places[kind] = (await makeOnPlace(kind)).id;

  const interventionOf = (kind: string): Promise<Intervention> => {
    const place = kind.split('_')[0]!;
    const open = kind === 'libre' || kind.endsWith('_ouverte');
    return makeIntervention(db, {
      equipement_id: places[place] ?? places.sud!,
      createur_id: kind.startsWith('creee') ? people.client.user.id : others.admin!,
      technicien_id: open ? null : techniciens[WORKERS[kind] ?? 'collegue'],
      statut: open ? 'ouverte' : 'planifiee',
      satisfaction_auteur_id: RATED.includes(kind)
        ? others.client!
        : kind === 'creee_ouverte'
          ? people.client.user.id
          : null,
    });
  };
  const interventions: Record<string, number> = {};
  for (const kind of KINDS.Intervention) interventions[kind] = (await interventionOf(kind)).id;

  let visits = 0;
  const planningOf = (kind: string): Promise<Planning> =>
    makePlanning(db, {
      intervention_id: interventions[kind]!,
      technicien_id: kind === 'assignee' ? techniciens.soi : techniciens.collegue,
      date_planifiee: new Date(Date.UTC(2031, 0, ++visits, 9)),
    });
  let files = 0;
  const documentOf = async (kind: string) => {
    const [first, second] = kind.split('_') as [string, string];
    const target =
      first === 'equipement'
        ? { equipement_id: places[second]! }
        : { intervention_id: interventions[first]! };
    const number = ++files;
    const cle_stockage = `documents/matrice-${interventions.nord}-${number}`;
    await api.app.store.put(cle_stockage, Buffer.from('x'), { contentType: 'application/pdf' });
    return db.manager.save(
      db.manager.create(Document, {
        nom: `${number}.pdf`,
        type_document: 'photo',
        cle_stockage,
        taille: 1,
        mime_type: 'application/pdf',
        checksum: '',
        visible_client: second !== 'cache',
        ...target,
      }),
    );
  };
  const notificationTo = (destinataire_id: number) =>
    db.manager.save(
      db.manager.create(Notification, { titre: 'Avis', message: 'Message', type: 'info', destinataire_id }),
    );
  const keyOf = async () => {
    const [row] = await db.query(
      `INSERT INTO cles_api (nom, role, createur_id, empreinte, debut)
       VALUES ('Automate', 'client', $1, decode(md5(random()::text), 'hex'), 'regie_') RETURNING id`,
      [others.admin],
    );
    return row as { id: number };
  };
  const lineOf = async () => {
    const [row] = await db.query(
      `INSERT INTO historique (entite, entite_id, action, date) VALUES ('piece', 1, 'creation', now()) RETURNING id`,
    );
    return row as { id: number };
  };

  const withSecondFactor = async (kind: string) => {
    const closed = kind === 'inactif';
    const user = await makeUser(db, {
      role: closed ? 'client' : (kind as User['role']),
      is_active: !closed,
    });
    await db.query(
      `INSERT INTO seconds_facteurs (user_id, secret, date_activation, date_creation) VALUES ($1, '', now(), now())`,
      [user.id],
    );
    return user;
  };

  const makers: Record<RowSubject, (kind: string) => Promise<{ id: number }>> = {
    User: withSecondFactor,
    Technicien: (kind) =>
      makeTechnicien(db, {}, { sites: kind === 'nord' ? [nord] : kind === 'sud' ? [sud] : [] }),
    Equipement: makeOnPlace,
    Piece: () => makePiece(db),
    Intervention: interventionOf,
    Planning: planningOf,
    Document: documentOf,
    Notification: () => notificationTo(others.client!),
    CleApi: keyOf,
    Audit: lineOf,
  };
  const rows: Record<RowSubject, Record<string, number>> = {
    User: others,
    Technicien: techniciens,
    Equipement: places,
    Piece: { piece: (await makers.Piece('piece')).id },
    Intervention: interventions,
    Planning: {},
    Document: {},
    Notification: { autre: (await makers.Notification('autre')).id },
    CleApi: { cle: (await makers.CleApi('cle')).id },
    Audit: { ligne: (await makers.Audit('ligne')).id },
  };
  for (const kind of KINDS.Planning) rows.Planning[kind] = (await planningOf(kind)).id;
  for (const kind of KINDS.Document) rows.Document[kind] = (await documentOf(kind)).id;
  const ownNotifications: Partial<Record<Persona, number>> = {};
  for (const persona of PERSONAS) {
    ownNotifications[persona] = (await notificationTo(people[persona].user.id)).id;
  }

  return {
    api,
    people,
    sites: { nord, sud },
    techniciens,
    row: (subject, kind, persona) => {
      if (subject === 'User' && kind === 'soi') return people[persona].user.id;
      if (subject === 'Notification' && kind === 'soi') return ownNotifications[persona]!;
      return rows[subject][kind]!;
    },
    fresh: async (subject, kind) => (await makers[subject](kind)).id,
  };
}
