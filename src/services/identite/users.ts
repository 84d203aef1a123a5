import sql, { raw } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { USER_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import type { Technicien } from '../../db/identite/techniciens';
import { User } from '../../db/identite/users';
import { type Executor, query, queryOne, rfc3339Sql } from '../../db/sql';
import { forbidden, notFound, RegieError, type Texte } from '../../domain/errors';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { forgetAccount } from '../messages/messages';
import { NUMERO_COLUMNS } from '../messages/numeros';
import { requireVersion } from '../versions';
import { warn } from './avis';
import { revokeCalendrierOf } from './calendriers';
import { revokeClesApiOf } from './cles-api';
import { closeLinksOf, inviteAll } from './liens-mot-de-passe';
import { endSessionsOf } from './sessions';
import { normalisedTelephone } from './telephones';
import {
  checkSites,
  type GivenUserFields,
  requireMayCreate,
  type UserFields,
  withChangedReach,
  withReach,
} from './users-rules';

/** A person as they are answered: never with the hash of their password. */
export interface UserRow
  extends Omit<User, 'mot_de_passe' | 'email_refuse' | 'email_refuse_le' | 'email_refuse_raison'> {
  site_ids: number[];
  /** Somebody answered STOP from their number; a gateway said that nobody has it. */
  sms_arretes: boolean;
  telephone_invalide: boolean;
  /** The person has not chosen a password yet, and so cannot sign in. */
  invitation_en_attente: boolean;
  /** Since when, and in whose words, no mail arrives at their address; null while nothing is known against it. */
  email_invalide: { date: string; raison: string } | null;
  /** Absent for people without a technicien row. */
  technicien?: Pick<Technicien, 'id' | 'specialite' | 'competences' | 'niveau_experience' | 'disponibilite'>;
}

export interface UserFilters {
  role?: Role[];
  is_active?: boolean;
  q?: string;
}

const COLUMNS = sql`u.id, u.email, u.nom, u.prenom, u.role, u.is_active, u.derniere_connexion, u.langue, u.telephone,
  ${NUMERO_COLUMNS}, u.mot_de_passe IS NULL AS invitation_en_attente,
  CASE WHEN u.email_refuse = u.email THEN json_build_object('date', ${rfc3339Sql(sql`u.email_refuse_le`)}, 'raison', u.email_refuse_raison)
    END AS email_invalide, u.date_creation, u.date_modification, u.version,
  ARRAY(SELECT us.site_id FROM user_sites us WHERE us.user_id = u.id ORDER BY us.site_id) AS site_ids,
  (u.tous_sites OR u.role = 'admin') AS tous_sites,
  CASE WHEN t.id IS NOT NULL THEN json_build_object('id', t.id, 'specialite', t.specialite,
    'competences', t.competences, 'niveau_experience', t.niveau_experience,
    'disponibilite', t.disponibilite) END AS technicien`;

const FROM = sql`users u LEFT JOIN techniciens t ON t.user_id = u.id`;

export const USER_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 'u',
  sortable: {
    id: { expression: 'u.id', cast: 'integer' },
    email: { expression: 'u.email::text', cast: 'text' },
    nom: { expression: 'u.nom', cast: 'text' },
    prenom: { expression: 'u.prenom', cast: 'text' },
    role: { expression: 'u.role', cast: 'text' },
    date_creation: { expression: 'u.date_creation', cast: 'timestamptz' },
    // Whoever never signed in comes before everybody who did.
    derniere_connexion: {
      expression: `coalesce(u.derniere_connexion, timestamptz 'epoch')`,
      cast: 'timestamptz',
    },
  },
  defaultSort: 'id',
};

export async function listUsers(
  executor: Executor,
  access: Access,
  filters: UserFilters,
  page: PageRequest,
): Promise<Page<UserRow>> {
  const conditions = [access.where('read', 'User', USER_COLUMNS)];
  if (filters.role) conditions.push(oneOf('u.role', filters.role));
  if (filters.is_active !== undefined) conditions.push(sql`u.is_active = ${filters.is_active}`);
  if (filters.q !== undefined) conditions.push(containsWords('u.recherche', filters.q));
  const found = await list<UserRow>(executor, USER_LIST, conditions, page);
  return { ...found, rows: found.rows.map(withoutMissingTechnicien) };
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readUser(executor: Executor, access: Access, id: number): Promise<UserRow> {
  const user = await queryOne<UserRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE u.id = ${id} AND ${access.where('read', 'User', USER_COLUMNS)}`,
  );
  if (user === null) throw notFound();
  return withoutMissingTechnicien(user);
}

function withoutMissingTechnicien<Row extends { technicien?: object | null }>(user: Row): Row {
  return user.technicien == null ? { ...user, technicien: undefined } : user;
}

/**
 * Creates an account. Somebody of role technicien gets their technicien row separately. Without a password the person is
 * invited to choose one: nobody else ever knows it.
 * @param mot_de_passe the hash of the password that was given, if one was (`given-passwords.ts`).
 * @param pays of telephone numbers without the code of their country.
 * @returns the person, and the id of the link by which they were invited, whose workflow is to be started.
 * @throws {RegieError} `INTERDIT` for a role or a reach that the caller may not give, `DEJA_EXISTANT`, `VALIDATION`,
 * `TROP_DE_REQUETES` when the caller, or somebody for that address, has sent too many invitations
 */
export async function createUser(
  tx: EntityManager,
  secrets: Secrets,
  mot_de_passe: string | null,
  access: Access,
  actor: Actor,
  given: GivenUserFields,
  pays: string | null,
): Promise<{ user: UserRow; invitation: string | null }> {
  await access.confirm(tx);
  const reaching = withReach(access, given);
  requireMayCreate(access, reaching, mot_de_passe === null ? [] : ['password']);
  await checkSites(tx, reaching);
  const siteIds = reaching.site_ids;
  const telephone = await normalisedTelephone(tx, reaching.telephone, { siteIds }, pays);
  const fields = { ...reaching, telephone };
  const { site_ids, ...columns } = fields;
  const inserted = await refuseDuplicateEmail(() => tx.insert(User, { ...columns, mot_de_passe }));
  const id = inserted.identifiers[0]!.id as number;
  await setSites(tx, id, site_ids);
  await record(tx, actor, { entite: 'user', entiteId: id, action: 'creation', apres: { ...fields } });
  const invited = mot_de_passe === null && fields.is_active;
  const [invitation = null] = invited
    ? await inviteAll(tx, secrets, actor, [{ id, email: fields.email }])
    : [];
  return { user: await readUser(tx, access, id), invitation };
}

/**
 * Changes what is given. A deactivation, another role, password or address end the person's sessions at once; of another
 * address they are told at both. Whoever changes their own has shown who they are (`requireProofOfChange`).
 * @param mot_de_passe the hash of another password, if one was given (`given-passwords.ts`).
 * @param expected version named by the caller, or null.
 * @param pays of telephone numbers without the code of their country.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`, `VALIDATION`,
 * and `DEPENDANCES` when nobody would be left to administer
 */
export async function updateUser(
  tx: EntityManager,
  mot_de_passe: string | null,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<GivenUserFields>,
  expected: number | null,
  pays: string | null,
): Promise<UserRow> {
  if ('role' in changes || 'is_active' in changes) await lockAdministrators(tx);
  await lockUser(tx, id);
  await access.confirm(tx);
  const user = await readUser(tx, access, id);
  const reaching = withChangedReach(pickFields(user), changes);
  const owner = { kept: user.telephone, siteIds: reaching.site_ids };
  const next = { ...reaching, telephone: await normalisedTelephone(tx, reaching.telephone, owner, pays) };

  const { avant, apres } = difference(pickFields(user), next);
  const changed = Object.keys(apres);
  if (mot_de_passe !== null) requireMayGivePassword(access, user);
  access.require('update', 'User', user, changed);
  requireVersion(user, expected);
  if (changed.length === 0 && mot_de_passe === null) return user;

  await checkSites(tx, next);
  if (isAdministrator(user) && !isAdministrator(next)) await requireAnotherAdministrator(tx, id);
  const { site_ids, ...columns } = next;
  const secret = mot_de_passe === null ? {} : { mot_de_passe };
  await refuseDuplicateEmail(() => tx.update(User, { id }, { ...columns, ...secret }));
  if ('site_ids' in apres) await setSites(tx, id, site_ids);
  if (changed.length > 0) {
    await record(tx, actor, { entite: 'user', entiteId: id, action: 'modification', avant, apres });
  }
  if (mot_de_passe !== null) {
    await record(tx, actor, { entite: 'user', entiteId: id, action: 'changement_mot_de_passe' });
    await warn(tx, actor, id, { modele: 'mot_de_passe_change', sessionId: null });
  }
  if (apres.email !== undefined) {
    await warn(tx, actor, id, {
      modele: 'adresse_changee',
      sessionId: id === access.principal.userId ? access.principal.sessionId : null,
      emails: { ancien: user.email, nouveau: next.email },
    });
  }
  // A link went to the address of then, for the account of then.
  if (mot_de_passe !== null || 'email' in apres || apres.is_active === false) {
    await closeLinksOf(tx, id, actor.now);
  }
  if (mot_de_passe !== null || 'role' in apres || 'email' in apres || apres.is_active === false) {
    await endSessionsOf(tx, id, actor.now);
  }
  if (apres.is_active === false) await revokeClesApiOf(tx, actor, id);
  if ('role' in apres || apres.is_active === false) await revokeCalendrierOf(tx, actor, id);
  return readUser(tx, access, id);
}

/**
 * Whether the caller may give somebody another password.
 * @throws {RegieError} `INTERDIT`
 */
export function requireMayGivePassword(access: Access, user: UserRow): void {
  access.require('update', 'User', user, ['password']);
  if (user.id === access.principal.userId) throw forbidden(OWN_PASSWORD);
}

/**
 * Removes an account that nothing refers to: one that was created by mistake.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES`
 */
export async function deleteUser(tx: EntityManager, access: Access, actor: Actor, id: number): Promise<void> {
  await lockAdministrators(tx);
  await lockUser(tx, id);
  await access.confirm(tx);
  const user = await readUser(tx, access, id);
  access.require('delete', 'User', user);
  if (isAdministrator(user)) await requireAnotherAdministrator(tx, id);
  // What was only ever told of the account itself goes with it.
  await forgetAccount(tx, id);
  await tx.delete(User, { id });
  await record(tx, actor, {
    entite: 'user',
    entiteId: id,
    action: 'suppression',
    avant: { ...pickFields(user) },
  });
}

const OWN_PASSWORD: Texte = {
  fr: 'Le sien se change par /auth/change-password, avec le mot de passe actuel',
  en: 'One’s own is changed by /auth/change-password, with the current password',
};

function pickFields(user: UserRow): UserFields {
  const { email, nom, prenom, role, is_active, langue, telephone, site_ids, tous_sites } = user;
  return { email, nom, prenom, role, is_active, langue, telephone, site_ids, tous_sites };
}

async function setSites(tx: EntityManager, userId: number, siteIds: number[]): Promise<void> {
  await query(tx, sql`DELETE FROM user_sites WHERE user_id = ${userId}`);
  await query(
    tx,
    sql`INSERT INTO user_sites (user_id, site_id) SELECT ${userId}, unnest(${siteIds}::integer[])`,
  );
}

function refuseDuplicateEmail<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = { fr: 'Un compte a déjà cette adresse', en: 'An account has this address already' };
  return refuseDuplicate('users_email_unique', detail, write);
}

/** Not FOR UPDATE: whoever records an action of this person meanwhile need not wait, nor can two deadlock. */
const LOCK = raw('FOR NO KEY UPDATE');

export async function lockUser(tx: EntityManager, id: number): Promise<void> {
  await query(tx, sql`SELECT id FROM users WHERE id = ${id} ${LOCK}`);
}

/** Taken before any other lock and in one order, so that of two who withdraw each other's role one comes second. */
async function lockAdministrators(tx: EntityManager): Promise<void> {
  await query(tx, sql`SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id ${LOCK}`);
}

function isAdministrator({ role, is_active }: Pick<User, 'role' | 'is_active'>): boolean {
  return role === 'admin' && is_active;
}

async function requireAnotherAdministrator(tx: EntityManager, id: number): Promise<void> {
  const another = await queryOne(
    tx,
    sql`SELECT id FROM users WHERE role = 'admin' AND is_active AND id <> ${id} LIMIT 1`,
  );
  if (another !== null) return;
  throw new RegieError('DEPENDANCES', {
    detail: {
      fr: 'Il doit rester un administrateur actif',
      en: 'One active administrator has to remain',
    },
  });
}
