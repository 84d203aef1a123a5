import { createHash } from 'node:crypto';
import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import type { Document } from '../../db/documents/documents';
import { query, queryOne } from '../../db/sql';
import type { Anomalie } from '../../domain/documents/documents';
import type { DocumentAltere } from '../../domain/documents/textes';
import { notFound } from '../../domain/errors';
import { SealBroken } from '../../storage/errors';
import { ObjectMissing, type ObjectStore } from '../../storage/objects';
import { sealedSize } from '../../storage/segments';
import { systemActor } from '../actor';
import { announce } from '../messages/messages';
import { type ContentRow, contentOf } from './contenu';
import { readWithSubject } from './documents';

/** Whether what lies in the store is still what was filed: read again whole, and compared. */

type CheckedRow = ContentRow & Pick<Document, 'checksum' | 'cle_anneau'>;

const COLUMNS = sql`id, numero_version, cle_stockage, cle_donnees, cle_anneau, taille, checksum`;

/** What was found, as it is answered. */
export interface Integrite {
  document_id: number;
  conforme: boolean;
  anomalie: Anomalie | null;
  taille: number;
  checksum: string;
  date_verification: Date;
}

/**
 * Reads the content of a document again.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 * @throws {StoreUnavailable}
 */
export async function checkDocument(
  db: DataSource,
  store: ObjectStore,
  secrets: Secrets,
  access: Access,
  id: number,
  now: Date,
): Promise<Integrite> {
  const { document, subject } = await readWithSubject(db, access, id);
  access.require('update', 'Document', subject);
  const row = await queryOne<CheckedRow>(db, sql`SELECT ${COLUMNS} FROM documents WHERE id = ${id}`);
  if (row === null) throw notFound();
  const anomalie = await anomalieOf(store, secrets, row);
  const { taille, checksum } = document;
  return { document_id: id, conforme: anomalie === null, anomalie, taille, checksum, date_verification: now };
}

/** @param goOn is called as bytes come, and throws when the reading should end. */
async function anomalieOf(
  store: ObjectStore,
  secrets: Secrets,
  row: CheckedRow,
  goOn: () => void = () => {},
): Promise<Anomalie | null> {
  const taille = Number(row.taille);
  try {
    const object = await store.stat(row.cle_stockage);
    const expected = row.cle_donnees === null ? taille : sealedSize(taille);
    if (object.taille !== expected) return 'taille';
    if (row.cle_anneau !== null && !secrets.holds(row.cle_anneau)) return 'cle_perdue';
    const hash = createHash('sha256');
    for await (const chunk of await contentIn(store, secrets, row)) {
      hash.update(chunk);
      goOn();
    }
    return hash.digest('hex') === row.checksum ? null : 'empreinte';
  } catch (error) {
    if (error instanceof ObjectMissing) return 'objet_absent';
    if (error instanceof SealBroken) return 'dechiffrement';
    throw error;
  }
}

/** @throws {SealBroken} also when the key in the row is not this document's. */
function contentIn(store: ObjectStore, secrets: Secrets, row: CheckedRow): Promise<AsyncIterable<Buffer>> {
  try {
    return contentOf(store, secrets, row).read();
  } catch (cause) {
    throw new SealBroken('the key of the document does not open', { cause });
  }
}

/** Where the reading of all documents has come to. JSON-safe. */
export interface Relecture {
  /** When it began. */
  debut: string;
  /** The last document that was read. */
  apres: number;
  verifies: number;
}

/** Documents of one page. */
const PAGE = 50;

/**
 * Reads the next documents again, those that were deleted among them as long as they can be brought back, and writes down
 * what was found of each.
 * @param goOn is told after each of them how far this has come, and now and then meanwhile; it throws when this should end.
 * @returns how far it has come, and whether there is nothing left.
 * @throws {StoreUnavailable}
 */
export async function checkPage(
  db: DataSource,
  store: ObjectStore,
  secrets: Secrets,
  relecture: Relecture,
  goOn: (relecture: Relecture) => void,
): Promise<{ relecture: Relecture; fini: boolean }> {
  let reached = relecture;
  const rows = await query<CheckedRow>(
    db,
    sql`SELECT ${COLUMNS} FROM documents WHERE id > ${relecture.apres} ORDER BY id LIMIT ${PAGE}`,
  );
  for (const row of rows) {
    const anomalie = await anomalieOf(store, secrets, row, () => goOn(reached));
    // One that has gone meanwhile is none that is missing.
    await query(
      db,
      sql`UPDATE documents SET date_verification = now(), anomalie = ${anomalie} WHERE id = ${row.id}`,
    );
    reached = { ...reached, apres: row.id, verifies: reached.verifies + 1 };
    goOn(reached);
  }
  return { relecture: reached, fini: rows.length < PAGE };
}

/** Documents that a message names. */
const NAMED = 20;

/**
 * Tells administrators of what did not fit, once, however often this is run.
 * @returns how many documents that were.
 */
export async function tellAnomalies(tx: EntityManager, { debut }: Relecture, now: Date): Promise<number> {
  const found = sql`FROM documents WHERE anomalie IS NOT NULL AND date_verification >= ${debut}::timestamptz`;
  const { nombre } = (await queryOne<{ nombre: number }>(
    tx,
    sql`SELECT count(*)::integer AS nombre ${found}`,
  ))!;
  if (nombre === 0) return 0;
  const documents = await query<DocumentAltere>(
    tx,
    sql`SELECT id AS document_id, nom, anomalie ${found} ORDER BY id LIMIT ${NAMED}`,
  );
  const evenement = `relecture:${debut}`;
  await announce(tx, systemActor(now, evenement), evenement, {
    modele: 'documents_alteres',
    audience: { admins: true },
    donnees: { nombre, documents },
  });
  return nombre;
}
