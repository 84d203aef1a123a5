import sql, { join } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import { RotationCles } from '../../db/documents/rotations';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden } from '../../domain/errors';
import { type Actor, systemActor } from '../actor';
import { record, recordSql } from '../historique';
import { resealContentKey } from './contenu';

/**
 * The keys of confidential documents and the ring that they are sealed with. Changing a key of the ring seals the keys of
 * documents anew, page by page, each page in one statement with the count of what has been done: whoever goes on finds what is
 * left by looking. No object is touched.
 */

/** A rotation as it is answered. */
export type RotationRow = Pick<
  RotationCles,
  'id' | 'cle' | 'statut' | 'total' | 'traites' | 'demandeur_id' | 'date_creation' | 'date_fin' | 'version'
>;

const COLUMNS = sql`id, cle, statut, total, traites, demandeur_id, date_creation, date_fin, version`;

/** How the keys stand. */
export interface EtatCles {
  /** The key that seals. */
  courante: string;
  /** Every key of the ring that seals documents, and those that are not in the ring any more. */
  cles: { id: string; presente: boolean; documents: number }[];
  /** The last one that was asked for. */
  rotation: RotationRow | null;
  /** Documents whose key of the ring is not there, the first of them. */
  perdus: { document_id: number; nom: string; cle: string }[];
  perdus_total: number;
}

/** Documents that are named. */
const NAMED = 200;

/** @throws {RegieError} `INTERDIT` */
export async function readEtatCles(executor: Executor, access: Access, secrets: Secrets): Promise<EtatCles> {
  if (!access.mayEver('seal', 'Document')) throw forbidden();
  const counts = await query<{ id: string; documents: number }>(
    executor,
    sql`SELECT cle_anneau AS id, count(*)::integer AS documents FROM documents WHERE cle_anneau IS NOT NULL
        GROUP BY cle_anneau ORDER BY cle_anneau`,
  );
  const cles = counts.map((each) => ({ ...each, presente: secrets.holds(each.id) }));
  const lost = cles.filter(({ presente }) => !presente);
  const perdus = await query<EtatCles['perdus'][number]>(
    executor,
    sql`SELECT id AS document_id, nom, cle_anneau AS cle FROM documents
        WHERE cle_anneau = ANY(${lost.map(({ id }) => id)}) AND date_suppression IS NULL ORDER BY id LIMIT ${NAMED}`,
  );
  const rotation = await queryOne<RotationRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM rotations_cles ORDER BY id DESC LIMIT 1`,
  );
  return {
    courante: secrets.current,
    cles,
    rotation,
    perdus,
    perdus_total: lost.reduce((sum, { documents }) => sum + documents, 0),
  };
}

/**
 * Has all keys sealed with the first one of the ring. Where that is being done already, nothing is added to it.
 * @throws {RegieError} `INTERDIT`
 */
export async function startRotation(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  secrets: Secrets,
): Promise<RotationRow> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended('rotation des clés', 0))`);
  await access.confirm(tx);
  if (!access.mayEver('seal', 'Document')) throw forbidden();
  const underWay = await queryOne<RotationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM rotations_cles WHERE statut = 'en_cours' FOR UPDATE`,
  );
  if (underWay !== null && underWay.cle === secrets.current) return underWay;
  if (underWay !== null) await endRotation(tx, underWay.id, 'interrompue', actor.now);
  const left = await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM documents WHERE cle_anneau <> ${secrets.current}`,
  );
  const { id } = await tx.save(
    tx.create(RotationCles, {
      cle: secrets.current,
      total: left!.total,
      demandeur_id: actor.userId,
      date_creation: actor.now,
    }),
  );
  await record(tx, actor, {
    entite: 'rotation_cles',
    entiteId: id,
    action: 'creation',
    apres: { total: left!.total },
  });
  return (await readRotation(tx, id))!;
}

function readRotation(executor: Executor, id: number): Promise<RotationRow | null> {
  return queryOne(executor, sql`SELECT ${COLUMNS} FROM rotations_cles WHERE id = ${id}`);
}

function endRotation(executor: Executor, id: number, statut: RotationRow['statut'], now: Date) {
  return query(
    executor,
    sql`UPDATE rotations_cles SET statut = ${statut}, date_fin = ${now}, version = version + 1, date_modification = now()
        WHERE id = ${id} AND statut = 'en_cours'`,
  );
}

const PAGE = 200;

/** How far a rotation has come. */
export interface Avancement {
  traites: number;
  total: number;
  /** Whether there is nothing left to do. */
  fini: boolean;
}

/**
 * Does the next page of a rotation. Keys that cannot be opened are passed over: the reading again of all documents
 * names those.
 * @param apres the last document of the page before.
 * @returns null once somebody else has ended it.
 * @throws {Error} while this process has another ring than the one that the rotation was asked for with.
 */
export async function rotatePage(
  executor: Executor,
  secrets: Secrets,
  rotationId: number,
  apres: number,
  now: Date,
): Promise<(Avancement & { apres: number }) | null> {
  const rotation = await readRotation(executor, rotationId);
  if (rotation === null || rotation.statut !== 'en_cours') return null;
  if (rotation.cle !== secrets.current) {
    throw new Error(
      `Keys are to be sealed with ${rotation.cle}, and this process seals with ${secrets.current}`,
    );
  }
  const rows = await query<{ id: number; numero_version: number; cle_anneau: string; cle_donnees: Buffer }>(
    executor,
    sql`SELECT id, numero_version, cle_anneau, cle_donnees FROM documents
        WHERE cle_anneau <> ${rotation.cle} AND id > ${apres} ORDER BY id LIMIT ${PAGE}`,
  );
  const sealed = rows.flatMap((row) => {
    if (!secrets.holds(row.cle_anneau)) return [];
    try {
      return [{ id: row.id, old: row.cle_donnees, fresh: resealContentKey(secrets, row, row.cle_donnees) }];
    } catch {
      return [];
    }
  });
  const { traites } = (await queryOne<{ traites: number }>(executor, noteSql(rotation, sealed)))!;
  const fini = rows.length < PAGE;
  if (fini) await finish(executor, rotation, now);
  return { traites, total: rotation.total, fini, apres: rows.at(-1)?.id ?? apres };
}

/** Puts the new keys in the place of the old ones, where those are still there, and counts them. */
function noteSql({ id, cle }: RotationRow, sealed: { id: number; old: Buffer; fresh: Buffer }[]) {
  const hex = (bytes: Buffer) => bytes.toString('hex');
  const values = sealed.map(
    (row) => sql`(${row.id}::integer, ${hex(row.old)}::text, ${hex(row.fresh)}::text)`,
  );
  const counted = sql`UPDATE rotations_cles SET traites = traites + (SELECT count(*) FROM changed),
    version = version + 1, date_modification = now() WHERE id = ${id} RETURNING traites`;
  if (values.length === 0) return sql`WITH changed AS (SELECT WHERE false) ${counted}`;
  return sql`WITH changed AS (
      UPDATE documents d SET cle_donnees = decode(v.fresh, 'hex'), cle_anneau = ${cle}
      FROM (VALUES ${join(values)}) v (id, old, fresh)
      WHERE d.id = v.id AND d.cle_donnees = decode(v.old, 'hex') RETURNING d.id)
    ${counted}`;
}

/** Ends it with a line of the history, once, however often this is run. */
async function finish(executor: Executor, { id, cle, total }: RotationRow, now: Date): Promise<void> {
  const actor = systemActor(now, `rotation-${id}`);
  const event = recordSql(actor, {
    entite: 'rotation_cles',
    entiteId: sql`ended.id`,
    action: 'fin',
    apres: { vers: cle, total },
    from: sql`ended`,
  });
  await query(
    executor,
    sql`WITH ended AS (UPDATE rotations_cles SET statut = 'terminee', date_fin = ${now}, version = version + 1,
          date_modification = now() WHERE id = ${id} AND statut = 'en_cours' RETURNING id)
        ${event}`,
  );
}

/** Whoever is at it says so more often, in seconds. */
const UNSEEN = 60;

/** Rotations that are under way and at which nobody has been seen for a while. */
export function forgottenRotations(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT id FROM rotations_cles WHERE statut = 'en_cours' AND id > ${after}
          AND date_modification < now() - make_interval(secs => ${UNSEEN}) ORDER BY id LIMIT ${limit}`,
  );
}
