import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createHashing } from '../../src/auth/hashing';
import type { Principal } from '../../src/auth/principal';
import type { TokenService } from '../../src/auth/tokens';
import { Session } from '../../src/db/identite/sessions';
import { Technicien } from '../../src/db/identite/techniciens';
import { User } from '../../src/db/identite/users';
import { Intervention } from '../../src/db/interventions/interventions';
import { Equipement } from '../../src/db/parc/equipements';
import { Site } from '../../src/db/parc/sites';
import { Planning } from '../../src/db/planification/planning';
import { Piece } from '../../src/db/stock/pieces';
import { nextMaintenance } from '../../src/domain/parc/equipements';
import type { Role } from '../../src/domain/roles';
import type { WorkingHours } from '../../src/domain/working-time';

/** Builds rows for tests straight in the database; whatever is not given is made up and unique. */

export const PASSWORD = 'Atelier-Sud-47!';

/** Hashing is slow on purpose; one hash serves every made-up person. */
const passwordHash = createHashing().hashUnjudged(PASSWORD);

/** Servers are shared by test files: what is made up must differ from what other files make up. */
const run = randomBytes(4).toString('hex');
let counter = 0;
const next = () => `${run}-${++counter}`;

/** Without sites and without a word of them, a responsable or technicien oversees everything, as through the API. */
export async function makeUser(
  db: DataSource,
  given: Partial<User> & { sites?: number[] } = {},
): Promise<User> {
  const { sites = [], ...fields } = given;
  const number = next();
  const user = await db.manager.save(
    db.manager.create(User, {
      email: `personne-${number}@exemple.ma`,
      mot_de_passe: await passwordHash,
      nom: `Nom ${number}`,
      prenom: 'Prénom',
      role: 'admin',
      tous_sites: sites.length === 0 && (fields.role === 'responsable' || fields.role === 'technicien'),
      ...fields,
    }),
  );
  for (const site of sites) {
    await db.query('INSERT INTO user_sites (user_id, site_id) VALUES ($1, $2)', [user.id, site]);
  }
  return user;
}

/** Tests run at any hour and on any day, and so do their visits. */
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);

/** A person of role technicien, who works around the clock, together with their technicien row. */
export async function makeTechnicien(
  db: DataSource,
  given: Partial<Technicien> = {},
  user: Partial<User> & { sites?: number[] } = {},
): Promise<Technicien & { user: User }> {
  const person = await makeUser(db, { role: 'technicien', ...user });
  const technicien = await db.manager.save(
    db.manager.create(Technicien, {
      user_id: person.id,
      specialite: 'Hydraulique',
      competences: ['hydraulique'],
      absences: [],
      horaires: AROUND_THE_CLOCK,
      ...given,
    }),
  );
  return Object.assign(technicien, { user: person });
}

export function makeSite(db: DataSource, given: Partial<Site> = {}): Promise<Site> {
  return db.manager.save(db.manager.create(Site, { nom: `Site ${next()}`, ...given }));
}

export function makeEquipement(db: DataSource, given: Partial<Equipement> = {}): Promise<Equipement> {
  const number = next();
  const equipement = db.manager.create(Equipement, {
    nom: `Presse ${number}`,
    type: 'Presse',
    numero_serie: `PH-${number}`,
    localisation: 'Atelier A',
    date_installation: null,
    derniere_maintenance: null,
    frequence_entretien: null,
    compteurs: [],
    ...given,
  });
  equipement.maintenance_saisie = equipement.derniere_maintenance;
  equipement.maintenance_saisie_le = equipement.derniere_maintenance === null ? null : new Date(0);
  equipement.prochaine_maintenance = nextMaintenance(equipement, 'UTC');
  return db.manager.save(equipement);
}

export function makePiece(db: DataSource, given: Partial<Piece> = {}): Promise<Piece> {
  const number = next();
  return db.manager.save(
    db.manager.create(Piece, { reference: `REF-${number}`, designation: 'Joint torique', ...given }),
  );
}

/** An intervention as its row alone: no workflow runs for it. Without an equipment, one is made up. */
export async function makeIntervention(
  db: DataSource,
  given: Partial<Intervention> = {},
): Promise<Intervention> {
  const equipement_id = given.equipement_id ?? (await makeEquipement(db)).id;
  const createur_id = given.createur_id ?? (await makeUser(db)).id;
  return db.manager.save(
    db.manager.create(Intervention, {
      titre: 'Réparation fuite hydraulique',
      description: 'Fuite détectée au niveau du circuit principal',
      type_intervention: 'corrective',
      priorite: 'normale',
      // As if somebody had named it: it stands, whatever would follow from the priority.
      date_limite: new Date(Date.now() + 5 * 86_400_000),
      date_limite_imposee: true,
      arme_le: new Date(),
      workflow_demarre: true,
      ...given,
      equipement_id,
      createur_id,
    }),
  );
}

/** A finished intervention that ended so many days ago, whose report was given up, unless said otherwise. */
export async function makeWithoutRapport(
  db: DataSource,
  days = 0,
  statut: 'abandonne' | 'a_faire' | null = 'abandonne',
): Promise<{ id: number; technicien: Technicien & { user: User } }> {
  const technicien = await makeTechnicien(db);
  const date_fin = new Date(Date.now() - days * 86_400_000);
  const { id } = await makeIntervention(db, {
    statut: 'terminee',
    rapport: 'Fait.',
    date_fin,
    technicien_id: technicien.id,
  });
  if (statut !== null) {
    await db.query(
      `INSERT INTO rapports (cle_unique, intervention_id, statut, rendus, date_essai) VALUES ($1, $2, $3, 3, now())`,
      [`rapport:${id}:${date_fin.getTime()}`, id, statut],
    );
  }
  return { id, technicien };
}

/** A visit. Without an intervention or a technicien, they are made up. */
export async function makePlanning(db: DataSource, given: Partial<Planning> = {}): Promise<Planning> {
  const technicien_id = given.technicien_id ?? (await makeTechnicien(db)).id;
  const intervention_id =
    given.intervention_id ?? (await makeIntervention(db, { technicien_id, statut: 'planifiee' })).id;
  return db.manager.save(
    db.manager.create(Planning, {
      date_planifiee: new Date(),
      duree_estimee: 60,
      ...given,
      technicien_id,
      intervention_id,
    }),
  );
}

/** A session that somebody has just opened. */
export async function makeSession(db: DataSource, user: Pick<User, 'id'>): Promise<Session> {
  const now = new Date();
  const session = db.manager.create(Session, {
    id: randomUUID(),
    user_id: user.id,
    date_creation: now,
    date_expiration: new Date(now.getTime() + 3_600_000),
  });
  await db.manager.insert(Session, session);
  return session;
}

/** An admin in a session that has just been opened. */
export async function makeAdmin(db: DataSource): Promise<{ admin: User; principal: Principal }> {
  const admin = await makeUser(db, { role: 'admin' });
  const session = await makeSession(db, admin);
  const principal: Principal = {
    userId: admin.id,
    role: 'admin',
    technicienId: null,
    sites: [],
    tousSites: true,
    langue: 'fr',
    sessionId: session.id,
    cleApiId: null,
    chemins: null,
    secondFacteur: false,
  };
  return { admin, principal };
}

/** Signs somebody in without the cost of a password. */
export async function signIn(db: DataSource, tokens: TokenService, user: User): Promise<string> {
  const { id: sessionId } = await makeSession(db, user);
  const { id: userId, email, role } = user;
  return tokens.sign({ userId, email, role: role as Role, isActive: true, sessionId }, new Date());
}
