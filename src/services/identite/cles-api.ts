import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { hashApiKey, type Machine, newApiKey } from '../../auth/api-keys';
import { CleApi } from '../../db/identite/cles-api';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, RegieError } from '../../domain/errors';
import type { RoleCle } from '../../domain/roles';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { warn } from './avis';
import { sessionOf } from './sessions';

/** A key as it is answered: never the key itself, nor its hash. */
export type CleApiRow = Omit<CleApi, 'empreinte'>;

export type CleApiFields = Pick<CleApi, 'nom' | 'role' | 'chemins' | 'date_expiration'>;

/** What may be changed of a key. Another role is another key. */
export type CleApiChanges = Partial<Omit<CleApiFields, 'role'>>;

export interface CleApiFilters {
  q?: string;
  role?: RoleCle[];
  createur_id?: number[];
  revoquee?: boolean;
}

/** Characters of a key by which people tell it from others. */
const SHOWN_LENGTH = 12;

/** The last use of a key is known this exactly, in milliseconds: a row is not written for each request. */
const USE_PRECISION = 60_000;

const COLUMNS = sql`k.id, k.nom, k.role, k.chemins, k.createur_id, k.debut, k.date_expiration, k.date_revocation,
  k.derniere_utilisation, k.derniere_adresse, k.date_creation, k.date_modification, k.version`;

export const CLE_API_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`cles_api k`,
  alias: 'k',
  sortable: {
    id: { expression: 'k.id', cast: 'integer' },
    nom: { expression: 'k.nom', cast: 'text' },
    date_creation: { expression: 'k.date_creation', cast: 'timestamptz' },
    // A key that never was used comes before all that were.
    derniere_utilisation: { expression: `coalesce(k.derniere_utilisation, 'epoch')`, cast: 'timestamptz' },
  },
  defaultSort: '-id',
};

export function listClesApi(
  executor: Executor,
  access: Access,
  filters: CleApiFilters,
  page: PageRequest,
): Promise<Page<CleApiRow>> {
  const conditions = [access.where('read', 'CleApi', {})];
  if (filters.q !== undefined) conditions.push(containsWords('k.recherche', filters.q));
  if (filters.role) conditions.push(oneOf('k.role', filters.role));
  if (filters.createur_id) conditions.push(oneOf('k.createur_id', filters.createur_id));
  if (filters.revoquee !== undefined) {
    conditions.push(sql`(k.date_revocation IS NOT NULL) = ${filters.revoquee}`);
  }
  return list<CleApiRow>(executor, CLE_API_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readCleApi(executor: Executor, access: Access, id: number): Promise<CleApiRow> {
  const cle = await queryOne<CleApiRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM cles_api k WHERE k.id = ${id} AND ${access.where('read', 'CleApi', {})}`,
  );
  if (cle === null) throw notFound();
  return cle;
}

/**
 * Makes a key that acts in the caller's name.
 * @returns the row, and the key itself, which nobody can read again
 * @throws {RegieError} `INTERDIT`, `VALIDATION` for an end that has passed
 */
export async function createCleApi(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: CleApiFields,
): Promise<CleApiRow & { cle: string }> {
  await access.confirm(tx);
  access.require('create', 'CleApi', fields);
  requireFuture(fields, actor.now);
  const cle = newApiKey();
  const debut = cle.slice(0, SHOWN_LENGTH);
  const inserted = await tx.insert(CleApi, {
    ...fields,
    createur_id: access.principal.userId,
    empreinte: hashApiKey(cle),
    debut,
  });
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'cle_api',
    entiteId: id,
    action: 'creation',
    apres: { ...fields, debut },
  });
  await warn(tx, actor, access.principal.userId, {
    modele: 'cle_api_creee',
    sessionId: sessionOf(access),
    cle: {
      nom: fields.nom,
      role: fields.role,
      date_expiration: fields.date_expiration?.toISOString() ?? null,
    },
  });
  return { ...(await readCleApi(tx, access, id)), cle };
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `TRANSITION_INVALIDE` once revoked
 */
export async function updateCleApi(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: CleApiChanges,
  expected: number | null,
): Promise<CleApiRow> {
  const cle = await lockCleApi(tx, access, id);
  access.require('update', 'CleApi', cle, Object.keys(changes));
  requireVersion(cle, expected);
  if (cle.date_revocation !== null) throw revoked();
  const { avant, apres } = difference(cle, changes);
  if (Object.keys(apres).length === 0) return cle;
  if ('date_expiration' in apres) requireFuture(changes, actor.now);
  const saved = await tx.save(Object.assign(cle, changes));
  await record(tx, actor, { entite: 'cle_api', entiteId: id, action: 'modification', avant, apres });
  return saved;
}

/**
 * Ends a key at once; its row stays, for the record.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function revokeCleApi(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const cle = await lockCleApi(tx, access, id);
  access.require('delete', 'CleApi', cle);
  if (cle.date_revocation !== null) return;
  await tx.save(Object.assign(cle, { date_revocation: actor.now }));
  await recordRevocation(tx, actor, id);
}

/** Ends the keys of somebody who is deactivated: they do not come back with the account. */
export async function revokeClesApiOf(tx: EntityManager, actor: Actor, userId: number): Promise<void> {
  const ended = await query<{ id: number }>(
    tx,
    sql`UPDATE cles_api SET date_revocation = ${actor.now}, date_modification = ${actor.now}, version = version + 1
        WHERE createur_id = ${userId} AND date_revocation IS NULL RETURNING id`,
  );
  for (const { id } of ended) await recordRevocation(tx, actor, id);
}

/** Notes that a key is in use, and from where, unless that was noted a moment ago. */
export async function noteUse(
  executor: Executor,
  { principal, derniereUtilisation }: Machine,
  adresse: string,
  now: Date,
): Promise<void> {
  const before = new Date(now.getTime() - USE_PRECISION);
  if (derniereUtilisation !== null && derniereUtilisation > before) return;
  await query(
    executor,
    sql`UPDATE cles_api SET derniere_utilisation = ${now}, derniere_adresse = ${adresse}
        WHERE id = ${principal.cleApiId} AND (derniere_utilisation IS NULL OR derniere_utilisation <= ${before})`,
  );
}

async function lockCleApi(tx: EntityManager, access: Access, id: number): Promise<CleApi> {
  const cle = await tx.findOne(CleApi, { where: { id }, lock: { mode: 'pessimistic_write' } });
  await access.confirm(tx);
  if (cle === null || !access.may('read', 'CleApi', cle)) throw notFound();
  return cle;
}

async function recordRevocation(tx: EntityManager, actor: Actor, id: number): Promise<void> {
  await record(tx, actor, { entite: 'cle_api', entiteId: id, action: 'revocation' });
}

/** @throws {RegieError} `VALIDATION` */
function requireFuture({ date_expiration }: CleApiChanges, now: Date): void {
  if (date_expiration == null || date_expiration > now) return;
  throw invalid({
    champ: 'date_expiration',
    message: { fr: 'Doit être dans l’avenir', en: 'Has to be in the future' },
  });
}

function revoked(): RegieError {
  return new RegieError('TRANSITION_INVALIDE', {
    detail: { fr: 'Cette clé est révoquée', en: 'This key has been revoked' },
  });
}
