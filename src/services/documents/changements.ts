import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { Document } from '../../db/documents/documents';
import { query, queryOne } from '../../db/sql';
import { updateSql } from '../../db/write';
import { cleanFileName, nameFor, typeOf } from '../../domain/documents/documents';
import { forbidden, invalid, notFound, RegieError } from '../../domain/errors';
import type { ObjectStore } from '../../storage/objects';
import { type Actor, systemActor } from '../actor';
import { difference, record, recordSql } from '../historique';
import { requireVersion } from '../versions';
import {
  type DocumentRow,
  readDocument,
  readWithSubject,
  requireMoment,
  requireSignataire,
} from './documents';

/**
 * What becomes of a document after it was filed. One that is deleted is in no list and no answer, and can be brought back
 * until its time is over; then its row goes, and after it its object. A crash between the two leaves an object that no row
 * names, which the sweep of orphans takes: never a row without its object.
 */

export type DocumentChanges = Partial<Pick<Document, 'nom' | 'type_document' | 'visible_client' | 'moment'>>;

/**
 * Changes what is said of a document; versions before and after it keep what is said of them.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION` when it would become a signature of nobody,
 * or a signature something else
 */
export async function updateDocument(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: DocumentChanges,
  expected: number | null,
): Promise<DocumentRow> {
  const { document, subject } = await lockDocument(tx, access, id);
  access.require('update', 'Document', subject, Object.keys(changes));
  requireVersion(document, expected);
  const { avant, apres } = difference<DocumentChanges>(document, renamed(document, changes));
  if (Object.keys(apres).length === 0) return document;
  requireSignataire(changes.type_document ?? document.type_document, document.signataire);
  requireMoment(document.mime_type, changes.moment);
  await query(tx, updateSql<Document>(tx, Document, sql`id = ${id}`, apres as DocumentChanges));
  await record(tx, actor, { entite: 'document', entiteId: id, action: 'modification', avant, apres });
  return readDocument(tx, access, id);
}

/** The name as an upload would have it. */
function renamed({ mime_type }: DocumentRow, changes: DocumentChanges): DocumentChanges {
  if (changes.nom === undefined) return changes;
  const nom = cleanFileName(changes.nom);
  if (nom === '') throw invalid({ champ: 'nom', message: { fr: 'N’est pas un nom', en: 'Is no name' } });
  const type = typeOf(mime_type);
  return { ...changes, nom: type === undefined ? nom : nameFor(nom, type) };
}

/**
 * Takes a document out of every list and answer; it is kept until its time is over.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, also for what the system filed of an intervention, `DEPENDANCES` while a
 * step of the work shows it
 */
export async function deleteDocument(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const { document, subject } = await lockDocument(tx, access, id);
  access.require('delete', 'Document', subject);
  const row = await queryOne<{ filed: boolean; shown: boolean }>(
    tx,
    sql`SELECT d.cle_unique IS NOT NULL AND d.intervention_id IS NOT NULL AS filed,
               EXISTS (SELECT FROM etapes e WHERE e.intervention_id = d.intervention_id AND e.type = 'photo'
                 AND e.valeur = to_jsonb(d.id)) AS shown
        FROM documents d WHERE d.id = ${id}`,
  );
  if (row!.filed) {
    throw forbidden({
      fr: 'Ce que le système a classé d’une intervention reste',
      en: 'What the system filed of an intervention stays',
    });
  }
  if (row!.shown) {
    throw new RegieError('DEPENDANCES', {
      detail: {
        fr: 'Une étape du travail montre ce document',
        en: 'A step of the work shows this document',
      },
    });
  }
  await query(tx, updateSql(tx, Document, sql`id = ${id}`, { date_suppression: actor.now }));
  const { id: _, version, date_creation, date_modification, date_upload, ...avant } = document;
  await record(tx, actor, { entite: 'document', entiteId: id, action: 'suppression', avant });
}

/**
 * Brings back what was deleted.
 * @throws {RegieError} `INTROUVABLE` when there is none, or none any more; `INTERDIT`, `TRANSITION_INVALIDE` when it was not
 * deleted
 */
export async function restoreDocument(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<DocumentRow> {
  const row = await queryOne<{ date_suppression: Date | null }>(
    tx,
    sql`SELECT date_suppression FROM documents WHERE id = ${id} FOR UPDATE`,
  );
  await access.confirm(tx);
  if (!access.mayEver('restore', 'Document')) throw forbidden();
  if (row === null) throw notFound();
  if (row.date_suppression === null) {
    throw new RegieError('TRANSITION_INVALIDE', {
      detail: { fr: 'Ce document n’est pas supprimé', en: 'This document is not deleted' },
    });
  }
  await query(tx, updateSql(tx, Document, sql`id = ${id}`, { date_suppression: null }));
  await record(tx, actor, { entite: 'document', entiteId: id, action: 'restauration' });
  return readDocument(tx, access, id);
}

async function lockDocument(tx: EntityManager, access: Access, id: number) {
  await queryOne(tx, sql`SELECT id FROM documents WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readWithSubject(tx, access, id);
}

const PURGE_BATCH = 100;

/**
 * Removes what was deleted before: the rows, with a line of the history each, then their objects.
 * @returns how many.
 * @throws what kept the first object from being removed that could not be, once all others are; the sweep of orphans takes
 * those.
 */
export async function purgeDeleted(
  db: DataSource,
  store: Pick<ObjectStore, 'remove'>,
  deletedBefore: Date,
  now: Date,
): Promise<number> {
  const actor = systemActor(now, 'purge');
  let failure: unknown;
  for (let purged = 0; ; ) {
    const gone = await query<{ cle_stockage: string }>(
      db,
      sql`WITH gone AS (DELETE FROM documents WHERE id IN (
              SELECT id FROM documents WHERE date_suppression < ${deletedBefore} ORDER BY date_suppression
              LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED) RETURNING id, cle_stockage),
            event AS (${recordSql(actor, { entite: 'document', entiteId: sql`gone.id`, action: 'purge', from: sql`gone` })})
          SELECT cle_stockage FROM gone`,
    );
    for (const { cle_stockage } of gone) {
      await store.remove(cle_stockage).catch((error: unknown) => {
        failure ??= error;
      });
    }
    purged += gone.length;
    if (gone.length === PURGE_BATCH) continue;
    if (failure !== undefined) throw failure;
    return purged;
  }
}
