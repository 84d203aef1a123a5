import type { Readable } from 'node:stream';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { isDatabaseUnreachable } from '../../db/errors';
import { type Executor, query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { MAX_ATTENTE_STOCKAGE, MAX_RENDUS } from '../../domain/limites';
import type { RapportRenderer } from '../../pdf/renderer';
import { type ObjectStore, StoreUnavailable } from '../../storage/objects';
import { type Actor, systemActor } from '../actor';
import { fileSystemDocument, type StoredFile } from '../documents/documents';
import { storeSystemFile } from '../documents/fichiers';
import { record } from '../historique';
import { announce } from '../messages/messages';
import { readPapier } from '../papier';
import { messageData } from './cycle/evenement';
import { lockAndRead, rapportKey } from './cycle/locked';
import {
  type InterventionRow,
  LOCK_TO_KEEP,
  lockIntervention,
  permissionSubject,
  readIntervention,
} from './interventions';
import { readRapportData } from './rapport-donnees';
import { readRapportImages } from './rapport-images';

/**
 * The PDF report of a finished intervention: made once for each end, filed among its documents. What cannot be made or
 * filed is given up after a while; then a person has to ask for it again.
 */

const TYPE_DOCUMENT = 'rapport_intervention';

/** What reports are made with. */
export interface RapportTools {
  db: DataSource;
  store: Pick<ObjectStore, 'get' | 'put' | 'remove'>;
  rapports: Pick<RapportRenderer, 'render'>;
  /** Of sites that name none. */
  timeZone: string;
}

/** `sans_objet`: the intervention has been reopened meanwhile. */
export type Issue = 'fait' | 'abandonne' | 'sans_objet';

/**
 * Makes the report and files it, unless that has been done. The object is stored before the row that names it; when this
 * dies in between, the object without a row is swept away and the report made again.
 *
 * How often it was tried is written down before each try, so that one which takes the whole process with it counts too.
 * After {@link MAX_RENDUS} tries to make it, or once the store has been away for {@link MAX_ATTENTE_STOCKAGE}, it is given
 * up: on record, told to the administrators, left alone until somebody asks ({@link retryRapport}).
 *
 * @param cle name of the report, from the snapshot.
 * @param now of the engine's clock.
 * @throws whatever went wrong and is worth another try.
 */
export async function fileRapport(
  tools: RapportTools,
  interventionId: number,
  cle: string,
  now: Date,
): Promise<Issue> {
  const { db, store } = tools;
  if (await isFiled(db, cle)) return 'fait';
  const rendus = await beginTry(db, interventionId, cle);
  if (rendus === null) return 'abandonne';
  if (rendus > MAX_RENDUS) return giveUp(tools, interventionId, cle, now, 'rendu');

  const waitForStore = async (error: unknown) => {
    const since = await noteOutage(db, cle, now, error);
    if (now.getTime() - since.getTime() < MAX_ATTENTE_STOCKAGE) throw error;
    return giveUp(tools, interventionId, cle, now, 'stockage', error);
  };
  const pdf = await make(tools, interventionId, cle).catch(async (error: unknown) => {
    if (error instanceof StoreUnavailable) return waitForStore(error);
    if (isPassing(error)) await endTry(db, cle, error).catch(() => {});
    else if (rendus < MAX_RENDUS) await noteFailure(db, cle, error);
    else return giveUp(tools, interventionId, cle, now, 'rendu', error);
    throw error;
  });
  if (pdf === 'abandonne') return pdf;
  if (pdf === null) {
    await forget(db, cle);
    return 'sans_objet';
  }

  const stored = await storeSystemFile(store, String(interventionId), pdf).catch(waitForStore);
  if (stored === 'abandonne') return stored;
  const filed = await db.transaction((tx) => insertDocument(tx, interventionId, cle, stored));
  if (!filed) await store.remove(stored.cle_stockage);
  return 'fait';
}

/** @returns null when the intervention does not end in this report any more. */
async function make(
  { db, store, rapports, timeZone }: RapportTools,
  interventionId: number,
  cle: string,
): Promise<Buffer | null> {
  const donnees = await readRapportData(db, interventionId, timeZone);
  if (donnees === null) return null;
  const { id, statut, date_fin } = donnees.intervention;
  if (rapportKey({ id, statut, date_fin: new Date(date_fin!) }) !== cle) return null;
  // Its customer sees this report.
  const images = await readRapportImages(db, store, interventionId, true);
  const papier = await readPapier(db, store);
  return Buffer.from(
    await rapports.render({ genre: 'intervention', papier, donnees: { ...donnees, images } }),
  );
}

/** Says nothing of the report itself: the database was away, or too many are being made. */
function isPassing(error: unknown): boolean {
  return isDatabaseUnreachable(error) || error instanceof RegieError;
}

async function isFiled(executor: Executor, cle: string): Promise<boolean> {
  return (await queryOne(executor, sql`SELECT id FROM documents WHERE cle_unique = ${cle}`)) !== null;
}

/** @returns how many tries have begun by now without an end, this one among them; null when it was given up. */
async function beginTry(executor: Executor, interventionId: number, cle: string): Promise<number | null> {
  const row = await queryOne<{ rendus: number }>(
    executor,
    sql`INSERT INTO rapports (cle_unique, intervention_id, rendus, date_essai) VALUES (${cle}, ${interventionId}, 1, now())
        ON CONFLICT (cle_unique) DO UPDATE
          SET rendus = rapports.rendus + 1, date_essai = now(), date_modification = now()
          WHERE rapports.statut = 'a_faire'
        RETURNING rendus`,
  );
  return row?.rendus ?? null;
}

async function endTry(executor: Executor, cle: string, error: unknown): Promise<void> {
  await query(
    executor,
    sql`UPDATE rapports SET rendus = rendus - 1, erreur = ${described(error)}, date_modification = now()
        WHERE cle_unique = ${cle} AND rendus > 0`,
  );
}

async function noteFailure(executor: Executor, cle: string, error: unknown): Promise<void> {
  await query(
    executor,
    sql`UPDATE rapports SET erreur = ${described(error)}, date_modification = now() WHERE cle_unique = ${cle}`,
  );
}

/** It could be made, so that is not what keeps it. @returns since when the store has been away. */
async function noteOutage(executor: Executor, cle: string, now: Date, error: unknown): Promise<Date> {
  const row = await queryOne<{ attente_depuis: Date }>(
    executor,
    sql`UPDATE rapports SET rendus = 0, attente_depuis = coalesce(attente_depuis, ${now}), erreur = ${described(error)},
               date_modification = now()
        WHERE cle_unique = ${cle} RETURNING attente_depuis`,
  );
  return row?.attente_depuis ?? now;
}

async function forget(executor: Executor, cle: string): Promise<void> {
  await query(executor, sql`DELETE FROM rapports WHERE cle_unique = ${cle}`);
}

/** For the operator who looks at the row; people read only which of the two it was. */
function described(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}

async function giveUp(
  { db, timeZone }: RapportTools,
  interventionId: number,
  cle: string,
  now: Date,
  raison: 'rendu' | 'stockage',
  error?: unknown,
): Promise<'abandonne'> {
  await db.transaction(async (tx) => {
    const locked = await lockAndRead(tx, interventionId, timeZone);
    const abandoned = await queryOne<{ reprises: number }>(
      tx,
      sql`UPDATE rapports SET statut = 'abandonne', erreur = coalesce(${error === undefined ? null : described(error)}, erreur),
                 date_modification = now()
          WHERE cle_unique = ${cle} AND statut = 'a_faire' RETURNING reprises`,
    );
    if (locked === null || abandoned === null) return;
    const evenement = `${cle}:abandon:${abandoned.reprises + 1}`;
    const actor = systemActor(now, evenement);
    await record(tx, actor, {
      entite: 'intervention',
      entiteId: interventionId,
      action: 'rapport_abandonne',
      apres: { raison },
      cause: evenement,
    });
    await announce(tx, actor, evenement, {
      modele: 'rapport_abandonne',
      audience: { admins: true },
      donnees: messageData(locked),
    });
  });
  return 'abandonne';
}

/**
 * Makes a report that was given up due again, as often as somebody asks. Its workflow is told after the commit.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` when none was given up
 */
export async function retryRapport(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
): Promise<InterventionRow> {
  await lockIntervention(tx, interventionId, LOCK_TO_KEEP);
  await access.confirm(tx);
  const row = await readIntervention(tx, access, interventionId);
  access.require('update', 'Intervention', permissionSubject(row));
  const cle = rapportKey(row);
  const due = await queryOne<{ reprises: number }>(
    tx,
    sql`UPDATE rapports SET statut = 'a_faire', rendus = 0, attente_depuis = NULL, date_essai = NULL,
               reprises = reprises + 1, date_modification = now()
        WHERE cle_unique = ${cle} AND statut = 'abandonne' RETURNING reprises`,
  );
  if (due === null) {
    throw new RegieError('TRANSITION_INVALIDE', {
      detail: { fr: "Aucun rapport n'a été abandonné ici", en: 'No report was given up here' },
      extensions: { statut: row.statut },
    });
  }
  await record(tx, actor, {
    entite: 'intervention',
    entiteId: interventionId,
    action: 'rapport_redemande',
    apres: { reprises: due.reprises },
  });
  return row;
}

/** A workflow that is told of a report begins to make it within this, in seconds. */
const GRACE = 5;
/** Waits between two tries do not grow beyond a quarter of this, in seconds. */
const FORGOTTEN_AFTER = 3_600;

/** Whether nobody seems to be making a report that is due. @param since when somebody was told of it. */
export function seemsForgotten(since: Sql): Sql {
  return sql`CASE WHEN date_essai IS NULL THEN ${since} < now() - make_interval(secs => ${GRACE})
    ELSE date_essai < now() - make_interval(secs => ${FORGOTTEN_AFTER}) END`;
}

/**
 * Interventions with a report that is due and that nobody seems to be making: the word to their workflow was lost, or the
 * engine was, after the intervention had closed.
 */
export function interventionsWithForgottenRapport(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT DISTINCT intervention_id AS id FROM rapports
        WHERE statut = 'a_faire' AND intervention_id > ${after}
          AND ${seemsForgotten(sql`date_modification`)}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** @returns false when somebody else filed it meanwhile. */
async function insertDocument(
  tx: EntityManager,
  interventionId: number,
  cle: string,
  file: Pick<StoredFile, 'cle_stockage' | 'taille' | 'checksum' | 'mime_type'>,
): Promise<boolean> {
  const nom = `rapport_intervention_${interventionId}.pdf`;
  const id = await fileSystemDocument(tx, {
    ...file,
    nom,
    type_document: TYPE_DOCUMENT,
    intervention_id: interventionId,
    visible_client: true,
    cle_unique: cle,
  });
  await forget(tx, cle);
  if (id === null) return false;
  const actor = systemActor(new Date(), cle);
  await record(tx, actor, {
    entite: 'document',
    entiteId: id,
    action: 'creation',
    apres: { nom, type_document: TYPE_DOCUMENT, intervention_id: interventionId, checksum: file.checksum },
  });
  return true;
}

/**
 * The latest report of an intervention.
 * @throws {RegieError} `INTROUVABLE` when the caller may not see the intervention, and before there is a report, with
 * `Retry-After` while it is being made
 */
export async function openRapport(
  db: DataSource,
  store: ObjectStore,
  access: Access,
  interventionId: number,
): Promise<{ id: number; nom: string; taille: number; checksum: string; stream: Readable }> {
  await readIntervention(db, access, interventionId);
  const row = await queryOne<{
    id: number;
    nom: string | null;
    taille: number;
    checksum: string;
    cle_stockage: string;
    statut: string;
    abandonne: boolean;
  }>(
    db,
    sql`SELECT d.id, d.nom, d.taille, d.checksum, d.cle_stockage, i.statut,
               EXISTS (SELECT FROM rapports r WHERE r.intervention_id = i.id AND r.statut = 'abandonne') AS abandonne
        FROM interventions i
        LEFT JOIN documents d ON d.intervention_id = i.id AND d.cle_unique LIKE ${`rapport:${interventionId}:%`}
        WHERE i.id = ${interventionId} ORDER BY d.id DESC LIMIT 1`,
  );
  if (row?.nom == null) {
    throw new RegieError('INTROUVABLE', {
      detail: row?.abandonne
        ? {
            fr: "Le rapport n'a pas pu être établi ; un responsable peut le redemander",
            en: 'The report could not be made; a manager can ask for it again',
          }
        : { fr: "Il n'y a pas encore de rapport", en: 'There is no report yet' },
      ...(row?.statut === 'terminee' && !row.abandonne ? { retryAfter: 1 } : {}),
    });
  }
  const { id, nom, taille, checksum, cle_stockage } = row;
  return { id, nom, taille, checksum, stream: await store.get(cle_stockage) };
}
