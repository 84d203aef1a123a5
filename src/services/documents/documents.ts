import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { DOCUMENT_COLUMNS, EQUIPEMENT_COLUMNS, INTERVENTION_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import type { Columns } from '../../auth/sql';
import { Document } from '../../db/documents/documents';
import { type Executor, query, queryOne, queryWire } from '../../db/sql';
import { type Moment, type Signataire, signataireFault } from '../../domain/documents/documents';
import { forbidden, invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import { requireRoomFor } from '../../domain/limites';
import type { ObjectStore } from '../../storage/objects';
import type { ContentKey } from '../../storage/segments';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { LOGO_PREFIX } from '../logo';
import { logosAmong } from '../parametres';
import { sealContentKey } from './contenu';

/** Files of interventions and equipment: the rows. What they hold lies in the object store. */

/** Keys of what people upload begin with this. */
export const OBJECT_PREFIX = 'documents/';
/** Everything in the store: uploads, the reports that the system makes, and the logo of the house. */
const SWEPT_PREFIXES = [OBJECT_PREFIX, 'rapports/', LOGO_PREFIX];

/** A file that lies in the store already; `taille` and `checksum` are those of what people gave. */
export type StoredFile = Pick<
  Document,
  'nom' | 'mime_type' | 'encodage' | 'cle_stockage' | 'taille' | 'checksum'
> & {
  /** What the object was sealed with; null where it lies as it came. */
  contentKey: ContentKey | null;
};

/** A document as it is answered. */
export interface DocumentRow
  extends Pick<
    Document,
    | 'id'
    | 'nom'
    | 'type_document'
    | 'taille'
    | 'mime_type'
    | 'checksum'
    | 'is_encrypted'
    | 'intervention_id'
    | 'equipement_id'
    | 'uploadeur_id'
    | 'numero_version'
    | 'visible_client'
    | 'signataire'
    | 'moment'
    | 'date_creation'
    | 'date_modification'
    | 'version'
  > {
  date_upload: Date;
}

const COLUMNS = sql`d.id, d.nom, d.type_document, d.taille, d.mime_type, d.checksum, d.is_encrypted,
  d.intervention_id, d.equipement_id, d.rapport_id, d.uploadeur_id, d.numero_version, d.visible_client, d.signataire,
  d.moment,
  d.date_creation AS date_upload, d.date_creation, d.date_modification, d.version`;

// The outer joins fall away where neither the permission nor a filter asks for what they bring.
export const DOCUMENT_FROM = sql`documents d
  LEFT JOIN interventions i ON i.id = d.intervention_id
  LEFT JOIN equipements e ON e.id = coalesce(d.equipement_id, i.equipement_id)
  LEFT JOIN rapports_demandes r ON r.id = d.rapport_id`;

/** What was deleted is in no answer. */
const PRESENT = sql`d.date_suppression IS NULL`;

export const DOCUMENT_LIST: ListSpec = {
  columns: COLUMNS,
  from: DOCUMENT_FROM,
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
  const conditions = [PRESENT, access.where('read', 'Document', DOCUMENT_COLUMNS)];
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

/** All its versions that the caller may see, the latest first; those of a document that was deleted are not among them. @throws {RegieError} `INTROUVABLE` */
export async function listVersions(
  executor: Executor,
  access: Access,
  id: number,
): Promise<Page<DocumentRow>> {
  const rows = await queryWire<DocumentRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${DOCUMENT_FROM}
        WHERE coalesce(d.serie_id, d.id) = (SELECT coalesce(serie_id, id) FROM documents WHERE id = ${id})
          AND ${PRESENT} AND ${access.where('read', 'Document', DOCUMENT_COLUMNS)}
        ORDER BY d.numero_version DESC`,
  );
  if (!rows.some((row) => row.id === id)) throw notFound();
  return { rows, total: rows.length, totalExact: true, next: null, prev: null };
}

/** What a download is made from. */
export type DocumentFile = Pick<
  Document,
  | 'id'
  | 'nom'
  | 'mime_type'
  | 'encodage'
  | 'taille'
  | 'checksum'
  | 'cle_stockage'
  | 'numero_version'
  | 'cle_donnees'
>;

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export function readDocumentFile(executor: Executor, access: Access, id: number): Promise<DocumentFile> {
  return find(
    executor,
    access,
    id,
    sql`d.id, d.nom, d.mime_type, d.encodage, d.taille, d.checksum, d.cle_stockage, d.numero_version, d.cle_donnees`,
  );
}

async function find<Row>(executor: Executor, access: Access, id: number, columns: Sql): Promise<Row> {
  const row = await queryOne<Row>(
    executor,
    sql`SELECT ${columns} FROM ${DOCUMENT_FROM}
        WHERE d.id = ${id} AND ${PRESENT} AND ${access.where('read', 'Document', DOCUMENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/** What rules say of a document, beside its own fields. */
const SUBJECT = sql`i.technicien_id, i.createur_id, e.site_id, e.client_id`;

/**
 * A document with what permissions ask of it.
 * @throws {RegieError} `INTROUVABLE` when there is none that the caller may see.
 */
export async function readWithSubject(
  executor: Executor,
  access: Access,
  id: number,
): Promise<{ document: DocumentRow; subject: object }> {
  const row = await find<
    DocumentRow & {
      technicien_id: number | null;
      createur_id: number | null;
      site_id: number | null;
      client_id: number | null;
    }
  >(executor, access, id, sql`${COLUMNS}, ${SUBJECT}`);
  const { technicien_id, createur_id, site_id, client_id, ...document } = row;
  const subject = {
    ...document,
    intervention: { technicien_id, createur_id },
    equipement: { site_id, client_id },
  };
  return { document, subject };
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

export type NewDocument = StoredFile & {
  intervention_id?: number | undefined;
  equipement_id?: number | undefined;
  /** The document of which this is the next version; then it is filed where that is. */
  remplace?: number | undefined;
  /** That of what it replaces, unless said. */
  type_document?: string | undefined;
  visible_client: boolean;
  moment?: Moment | undefined;
  signataire?: Signataire | undefined;
};

/**
 * Files what was stored. It becomes the next version of what it replaces, or of the document of the same name in the same
 * place. The key of what was sealed is kept with the row, sealed for this document and this version of it.
 * @throws {RegieError} `VALIDATION` for a target that the caller cannot see, or another than that of what it replaces,
 * and for what is not confidential over what is; `INTERDIT`, `LIMITE_ATTEINTE`
 */
export async function createDocument(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  secrets: Secrets,
  fields: NewDocument,
): Promise<DocumentRow> {
  const { contentKey, remplace, intervention_id, equipement_id, ...own } = fields;
  requireMoment(own.mime_type, own.moment);
  const replaced = remplace === undefined ? null : await placeOf(tx, remplace);
  if (remplace !== undefined && replaced === null) {
    await access.confirm(tx);
    throw unknownReference('remplace');
  }
  const target = replaced ?? ({ intervention_id, equipement_id } as Target);
  await lockTarget(tx, target);
  await access.confirm(tx);
  const before = remplace === undefined ? null : await readReplaced(tx, access, remplace, fields);
  await requireTarget(tx, access, target);
  const { serie_id, numero_version, wasSealed } = await nextVersion(tx, target, own.nom, remplace);
  if (wasSealed && contentKey === null) throw notSealed();
  const { id } = await tx.save(
    tx.create(Document, {
      ...own,
      ...target,
      type_document: own.type_document ?? before!.type_document,
      uploadeur_id: actor.userId,
      serie_id,
      numero_version,
    }),
  );
  if (contentKey !== null) {
    const sealed = sealContentKey(secrets, { id, numero_version }, contentKey);
    await query(
      tx,
      sql`UPDATE documents SET is_encrypted = true, cle_donnees = ${sealed}, cle_anneau = ${secrets.keyOf(sealed)}
          WHERE id = ${id}`,
    );
  }
  const { document, subject } = await readWithSubject(tx, access, id);
  // Whoever may change that later on decides who sees it.
  if (own.visible_client) access.require('update', 'Document', subject, ['visible_client']);
  const { cle_stockage, ...shown } = own;
  await record(tx, actor, {
    entite: 'document',
    entiteId: id,
    action: 'creation',
    apres: {
      ...shown,
      ...target,
      type_document: document.type_document,
      numero_version,
      ...(remplace === undefined ? {} : { remplace }),
      ...(contentKey === null ? {} : { is_encrypted: true }),
    },
  });
  return document;
}

/** Where a document is filed, which never changes; null when there is none. */
async function placeOf(tx: EntityManager, id: number): Promise<Target | null> {
  const row = await queryOne<{ intervention_id: number | null; equipement_id: number | null }>(
    tx,
    sql`SELECT intervention_id, equipement_id FROM documents WHERE id = ${id} AND date_suppression IS NULL`,
  );
  if (row === null) return null;
  return row.intervention_id === null
    ? { equipement_id: row.equipement_id! }
    : { intervention_id: row.intervention_id };
}

/** @throws {RegieError} `VALIDATION` when the caller sees no such document, or it is filed elsewhere than they say. */
async function readReplaced(
  tx: EntityManager,
  access: Access,
  remplace: number,
  { intervention_id, equipement_id, type_document, signataire }: NewDocument,
): Promise<DocumentRow> {
  const replaced = await readDocument(tx, access, remplace).catch((error) => {
    throw error instanceof RegieError && error.code === 'INTROUVABLE' ? unknownReference('remplace') : error;
  });
  const isElsewhere =
    (intervention_id !== undefined && intervention_id !== replaced.intervention_id) ||
    (equipement_id !== undefined && equipement_id !== replaced.equipement_id);
  if (isElsewhere) {
    throw invalid({
      champ: 'remplace',
      message: { fr: 'Ce document est classé ailleurs', en: 'That document is filed elsewhere' },
    });
  }
  // Where the form does not say what it is, what it replaces does.
  if (type_document === undefined) requireSignataire(replaced.type_document, signataire);
  return replaced;
}

/** @throws {RegieError} `VALIDATION` unless a signature, and nothing else, says who signed. */
export function requireSignataire(type_document: string, signataire: Signataire | null | undefined): void {
  const fault = signataireFault(type_document, signataire);
  if (fault !== null) throw invalid({ champ: 'signataire', message: fault });
}

/** @throws {RegieError} `VALIDATION` for a moment of what is no picture. */
export function requireMoment(mimeType: string, moment: Moment | null | undefined): void {
  if (moment == null || mimeType.startsWith('image/')) return;
  throw invalid({
    champ: 'moment',
    message: { fr: 'Seule une photo en a un', en: 'Only a picture has one' },
  });
}

function notSealed(): RegieError {
  return invalid({
    champ: 'confidentiel',
    message: {
      fr: 'Les versions d’un document confidentiel le sont aussi',
      en: 'Versions of a confidential document are confidential too',
    },
  });
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
      ? sql`SELECT ${mayCreate(access, { intervention_id: 'NULL::integer', equipement_id: 'e.id' })} AS permis
            FROM equipements e LEFT JOIN interventions i ON FALSE
            WHERE e.id = ${target.equipement_id}
              AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`
      : sql`SELECT ${mayCreate(access, { intervention_id: 'i.id', equipement_id: 'NULL::integer' })} AS permis
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
  return access.where('create', 'Document', {
    ...DOCUMENT_COLUMNS,
    visible_client: 'FALSE',
    is_encrypted: 'FALSE',
    uploadeur_id: 'NULL::integer',
    ...columns,
  });
}

interface NextVersion {
  serie_id: number | null;
  numero_version: number;
  /** Whether the latest of those before it is confidential. */
  wasSealed: boolean;
}

/**
 * What was deleted counts too, until it is gone: its number is not given again, and it takes its room.
 * @throws {RegieError} `LIMITE_ATTEINTE`
 */
async function nextVersion(
  tx: EntityManager,
  target: Target,
  nom: string,
  remplace: number | undefined,
): Promise<NextVersion> {
  const place = await lockVersions(tx, target);
  const row = await queryOne<{ present: number }>(
    tx,
    sql`SELECT count(*)::integer AS present FROM documents WHERE ${place}`,
  );
  requireRoomFor('documents', row!.present);
  const before = remplace === undefined ? sql`nom = ${nom}` : sql`id = ${remplace}`;
  return readNextVersion(tx, place, before);
}

/** Makes two of one name that are filed at once two versions. @returns the condition of what is filed there. */
async function lockVersions(tx: EntityManager, target: Target): Promise<Sql> {
  const [column, id] =
    target.intervention_id === undefined
      ? ([sql`equipement_id`, target.equipement_id] as const)
      : ([sql`intervention_id`, target.intervention_id] as const);
  const lock = `document:${column.text}:${id}`;
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
  return sql`${column} = ${id}`;
}

/** @param before one of those that come before it, if there is any. */
async function readNextVersion(tx: EntityManager, place: Sql, before: Sql): Promise<NextVersion> {
  const found = await queryOne<NextVersion>(
    tx,
    sql`SELECT s.serie_id, max(v.numero_version) + 1 AS numero_version,
               (array_agg(v.is_encrypted ORDER BY v.numero_version DESC) FILTER (WHERE v.date_suppression IS NULL))[1] AS "wasSealed"
        FROM (SELECT coalesce(serie_id, id) AS serie_id FROM documents
              WHERE ${place} AND date_suppression IS NULL AND ${before} ORDER BY id DESC LIMIT 1) s
        JOIN documents v ON coalesce(v.serie_id, v.id) = s.serie_id
        GROUP BY s.serie_id`,
  );
  return found ?? FIRST_VERSION;
}

const FIRST_VERSION: NextVersion = { serie_id: null, numero_version: 1, wasSealed: false };

/** Of what the system files of an intervention once more. */
async function systemVersion(tx: EntityManager, interventionId: number, nom: string): Promise<NextVersion> {
  const place = await lockVersions(tx, { intervention_id: interventionId });
  return readNextVersion(tx, place, sql`nom = ${nom}`);
}

/** What the system made, and of what: of one intervention, or the report that somebody asked for. */
export type SystemFile = Omit<StoredFile, 'encodage' | 'contentKey'> & {
  type_document: string;
  cle_unique: string;
  /** Whether the customer sees it too. */
  visible_client: boolean;
} & (
    | { intervention_id: number; rapport_id?: undefined }
    | { rapport_id: number; intervention_id?: undefined }
  );

/**
 * Files what the system made.
 * @returns the id of the document, or null when one is filed under this key already.
 */
export async function fileSystemDocument(tx: EntityManager, file: SystemFile): Promise<number | null> {
  const { nom, type_document, cle_stockage, taille, mime_type, checksum, visible_client, cle_unique } = file;
  const { intervention_id = null, rapport_id = null } = file;
  const { serie_id, numero_version } =
    intervention_id === null ? FIRST_VERSION : await systemVersion(tx, intervention_id, nom);
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id,
                               rapport_id, visible_client, cle_unique, serie_id, numero_version)
        VALUES (${nom}, ${type_document}, ${cle_stockage}, ${taille}, ${mime_type}, ${checksum}, ${intervention_id},
                ${rapport_id}, ${visible_client}, ${cle_unique}, ${serie_id}, ${numero_version})
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
    const known = new Set([
      ...kept.map(({ cle_stockage }) => cle_stockage),
      ...(await logosAmong(executor, batch)),
    ]);
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
