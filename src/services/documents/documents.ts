import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { DOCUMENT_COLUMNS, EQUIPEMENT_COLUMNS, INTERVENTION_COLUMNS } from '../../auth/columns';
import type { Columns } from '../../auth/sql';
import { Document } from '../../db/documents/documents';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, notFound, unknownReference } from '../../domain/errors';
import { requireRoomFor } from '../../domain/limites';
import type { ObjectStore } from '../../storage/objects';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** Files of interventions and equipment: the rows. What they hold lies in the object store. */

/** Keys of what people upload begin with this. */
export const OBJECT_PREFIX = 'documents/';
/** Everything in the store that belongs to a document: uploads, and the reports that the system makes. */
const SWEPT_PREFIXES = [OBJECT_PREFIX, 'rapports/'];

/** A file that lies in the store already. */
export type StoredFile = Pick<Document, 'nom' | 'mime_type' | 'cle_stockage' | 'taille' | 'checksum'>;

/** A document as it is answered. */
export interface DocumentRow extends Omit<Document, 'cle_stockage' | 'cle_unique'> {
  date_upload: Date;
}

const COLUMNS = sql`d.id, d.nom, d.type_document, d.taille, d.mime_type, d.checksum, d.is_encrypted,
  d.intervention_id, d.equipement_id, d.uploadeur_id, d.numero_version, d.visible_client,
  d.date_creation AS date_upload, d.date_creation, d.date_modification, d.version`;

// The outer joins fall away where neither the permission nor a filter asks for what they bring.
const FROM = sql`documents d
  LEFT JOIN interventions i ON i.id = d.intervention_id
  LEFT JOIN equipements e ON e.id = coalesce(d.equipement_id, i.equipement_id)`;

export const DOCUMENT_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 'd',
  sortable: {
    id: { expression: 'd.id', cast: 'integer' },
    date_upload: { expression: 'd.date_creation', cast: 'timestamptz' },
    nom: { expression: 'd.nom', cast: 'text' },
    type_document: { expression: 'd.type_document', cast: 'text' },
    taille: { expression: 'd.taille::double precision', cast: 'double precision' },
  },
  defaultSort: '-id',
};

export interface DocumentFilters {
  intervention_id?: number[];
  equipement_id?: number[];
  type_document?: string[];
  q?: string;
}

export function listDocuments(
  executor: Executor,
  access: Access,
  filters: DocumentFilters,
  page: PageRequest,
): Promise<Page<DocumentRow>> {
  const { intervention_id, equipement_id, type_document, q } = filters;
  const conditions = [access.where('read', 'Document', DOCUMENT_COLUMNS)];
  if (intervention_id) conditions.push(oneOf('d.intervention_id', intervention_id));
  if (equipement_id) conditions.push(oneOf('d.equipement_id', equipement_id));
  if (type_document) conditions.push(oneOf('d.type_document', type_document));
  if (q !== undefined) conditions.push(containsWords('d.recherche', q));
  return list<DocumentRow>(executor, DOCUMENT_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export function readDocument(executor: Executor, access: Access, id: number): Promise<DocumentRow> {
  return find(executor, access, id, COLUMNS);
}

/** What a download is made from. */
export type DocumentFile = Pick<
  Document,
  'id' | 'nom' | 'mime_type' | 'taille' | 'checksum' | 'cle_stockage'
>;

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export function readDocumentFile(executor: Executor, access: Access, id: number): Promise<DocumentFile> {
  return find(executor, access, id, sql`d.id, d.nom, d.mime_type, d.taille, d.checksum, d.cle_stockage`);
}

async function find<Row>(executor: Executor, access: Access, id: number, columns: Sql): Promise<Row> {
  const row = await queryOne<Row>(
    executor,
    sql`SELECT ${columns} FROM ${FROM}
        WHERE d.id = ${id} AND ${access.where('read', 'Document', DOCUMENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** Records that a file was handed out, whole or in part. */
export function recordDownload(
  manager: EntityManager,
  actor: Actor,
  { id }: { id: number },
  octets: string | null,
): Promise<void> {
  return record(manager, actor, {
    entite: 'document',
    entiteId: id,
    action: 'telechargement',
    apres: octets === null ? null : { octets },
  });
}

/** What a document belongs to: exactly one of the two. */
export type Target =
  | { intervention_id: number; equipement_id?: undefined }
  | { equipement_id: number; intervention_id?: undefined };

export type NewDocument = StoredFile &
  Target & {
    type_document: string;
    visible_client: boolean;
  };

/**
 * Files what was stored. A file with the name of an earlier one on the same target becomes its next version.
 * @throws {RegieError} `VALIDATION` for a target that the caller cannot see, `INTERDIT`, `LIMITE_ATTEINTE`
 */
export async function createDocument(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NewDocument,
): Promise<DocumentRow> {
  await lockTarget(tx, fields);
  await access.confirm(tx);
  await requireTarget(tx, access, fields);
  // Whoever may change a document later on decides who sees it.
  if (fields.visible_client && !access.mayEver('update', 'Document')) throw forbidden();
  const document = await tx.save(
    tx.create(Document, {
      ...fields,
      uploadeur_id: actor.userId,
      numero_version: await nextVersion(tx, fields),
    }),
  );
  const { cle_stockage, ...shown } = fields;
  await record(tx, actor, {
    entite: 'document',
    entiteId: document.id,
    action: 'creation',
    apres: { ...shown, numero_version: document.numero_version },
  });
  return readDocument(tx, access, document.id);
}

/** What the file belongs to stays whose it is until the transaction ends. */
async function lockTarget(tx: EntityManager, target: Target): Promise<void> {
  const lock =
    target.intervention_id === undefined
      ? sql`SELECT id FROM equipements WHERE id = ${target.equipement_id} FOR SHARE`
      : sql`SELECT id FROM interventions WHERE id = ${target.intervention_id} FOR SHARE`;
  await query(tx, lock);
}

/** One statement says whether the caller sees the target and whether they may file a document there. */
async function requireTarget(tx: EntityManager, access: Access, target: Target): Promise<void> {
  const found = await queryOne<{ permis: boolean }>(
    tx,
    target.intervention_id === undefined
      ? sql`SELECT ${mayCreate(access, { intervention_id: 'NULL::integer' })} AS permis
            FROM equipements e LEFT JOIN interventions i ON FALSE
            WHERE e.id = ${target.equipement_id}
              AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`
      : sql`SELECT ${mayCreate(access, { intervention_id: 'i.id' })} AS permis
            FROM interventions i JOIN equipements e ON e.id = i.equipement_id
            WHERE i.id = ${target.intervention_id}
              AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
  );
  if (found === null) {
    throw unknownReference(target.intervention_id === undefined ? 'equipement_id' : 'intervention_id');
  }
  if (!found.permis) throw forbidden();
}

function mayCreate(access: Access, columns: Columns): Sql {
  return access.where('create', 'Document', { ...DOCUMENT_COLUMNS, visible_client: 'FALSE', ...columns });
}

/** The lock makes two uploads of the same name at once two versions. @throws {RegieError} `LIMITE_ATTEINTE` */
async function nextVersion(tx: EntityManager, { nom, ...target }: NewDocument): Promise<number> {
  const [column, id] =
    target.intervention_id === undefined
      ? ([sql`equipement_id`, target.equipement_id] as const)
      : ([sql`intervention_id`, target.intervention_id] as const);
  const lock = `document:${column.text}:${id}`;
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
  const row = await queryOne<{ suivant: number; present: number }>(
    tx,
    sql`SELECT coalesce(max(numero_version) FILTER (WHERE nom = ${nom}), 0) + 1 AS suivant, count(*)::integer AS present
        FROM documents WHERE ${column} = ${id}`,
  );
  requireRoomFor('documents', row!.present);
  return row!.suivant;
}

/**
 * Files what the system made of an intervention, for its customer to see too.
 * @returns the id of the document, or null when one is filed under this key already.
 */
export async function fileSystemDocument(
  tx: EntityManager,
  file: StoredFile & { type_document: string; intervention_id: number; cle_unique: string },
): Promise<number | null> {
  const { nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id, cle_unique } = file;
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id,
                               visible_client, cle_unique, numero_version)
        VALUES (${nom}, ${type_document}, ${cle_stockage}, ${taille}, ${mime_type}, ${checksum}, ${intervention_id},
                true, ${cle_unique},
                (SELECT count(*) + 1 FROM documents WHERE intervention_id = ${intervention_id} AND nom = ${nom}))
        ON CONFLICT (cle_unique) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? null;
}

const SWEEP_BATCH = 500;

/**
 * Removes the objects that no row names: what a crash left between storing a file and filing it.
 * @param olderThan younger objects may belong to an upload under way and are left alone.
 * @returns how many were removed.
 * @throws what kept the first of those from being removed that could not be, once all the others are.
 */
export async function sweepOrphanObjects(
  executor: Executor,
  store: Pick<ObjectStore, 'list' | 'remove'>,
  olderThan: Date,
): Promise<number> {
  let removed = 0;
  let failure: unknown;
  let batch: string[] = [];
  const sweep = async () => {
    const kept = await query<{ cle_stockage: string }>(
      executor,
      sql`SELECT cle_stockage FROM documents WHERE cle_stockage = ANY(${batch})`,
    );
    const known = new Set(kept.map(({ cle_stockage }) => cle_stockage));
    const orphans = batch.filter((key) => !known.has(key));
    batch = [];
    for (const key of orphans) {
      try {
        await store.remove(key);
        removed += 1;
      } catch (error) {
        // One that cannot be removed keeps none of those behind it.
        failure ??= error;
      }
    }
  };
  for (const prefix of SWEPT_PREFIXES) {
    for await (const { key, date } of store.list(prefix)) {
      if (date >= olderThan) continue;
      batch.push(key);
      if (batch.length === SWEEP_BATCH) await sweep();
    }
  }
  if (batch.length > 0) await sweep();
  if (failure !== undefined) throw failure;
  return removed;
}
