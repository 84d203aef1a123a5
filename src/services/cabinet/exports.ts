import { buffer } from 'node:stream/consumers';
import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { DOSSIER_COLUMNS, EXPORT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import type { ErreurExport, EtatExport } from '../../domain/cabinet/exports';
import { MAX_EXPORTS } from '../../domain/cabinet/exports';
import type { Comptes } from '../../domain/cabinet/fhir/bundle';
import { forbidden, notFound, RegieError, type Texte } from '../../domain/errors';
import type { ObjectStore } from '../../storage/objects';
import type { Asked } from '../crud';
import { sealedContent } from '../documents/contenu';
import type { PatientMontre } from './acces';
import { requireDossier } from './dossiers';
import type { AskedOfPatients } from './patients';
import { open, openClesPatient, type Place } from './sceau';
import { drawId } from './tirage';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * Copies of a record as they are asked for, followed and fetched; who makes them is `export-etablissement.ts`. One is for who
 * asked for it alone, and is handed over once: whoever has it then keeps it out of our sight.
 */

export interface ExportLu extends EtatExport {
  id: number;
  cabinet_id: number;
  patient_id: number;
  erreur: ErreurExport | null;
  date_pret: Date | null;
  date_modification: Date;
  version: number;
  /** Resources of each type, while it can be fetched. */
  ressources: Comptes | null;
}

/** How a content is opened, and what it holds: sealed beside it under the patient's key. */
export interface ContenuExport {
  /** In base64. */
  cle: string;
  taille: number;
  ressources: Comptes;
}

type Stored = Omit<ExportLu, 'ressources'> & {
  contenu: Buffer | null;
  cle_stockage: string | null;
  patient_version: number;
};

const COLUMNS = sql`x.id, x.cabinet_id, x.patient_id, x.statut, x.erreur, x.cle_stockage, x.contenu, x.date_pret,
  x.date_expiration, x.date_remise, x.date_effacement, x.date_creation, x.date_modification, x.version,
  p.version AS patient_version`;

export const placeOfExport = ({
  id,
  cabinet_id,
  patient_id,
}: Pick<ExportLu, 'id' | 'cabinet_id' | 'patient_id'>): Place => ({
  cabinet_id,
  patient_id,
  table: 'exports_dossier',
  ligne: id,
  champ: 'contenu',
});

/** An export, and the patient, who is on record whenever it is shown. */
export interface ExportMontre {
  export: ExportLu;
  patient: PatientMontre;
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller asked for */
export async function readExport(asked: Omit<AskedOfPatients, 'actor'>, id: number): Promise<ExportMontre> {
  return shown(asked, await stored(asked, id));
}

async function stored(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
  lock = false,
): Promise<Stored> {
  const row = await queryOne<Stored>(
    tx,
    sql`SELECT ${COLUMNS} FROM medical.exports_dossier x
          JOIN medical.patients p ON p.cabinet_id = x.cabinet_id AND p.id = x.patient_id
        WHERE x.id = ${id} AND ${access.where('read', 'ExportDossier', EXPORT_COLUMNS)}
        ${lock ? sql`FOR UPDATE OF x` : sql``}`,
  );
  if (row === null) throw notFound();
  return row;
}

async function shown(
  { tx, secrets }: Pick<AskedOfPatients, 'tx' | 'secrets'>,
  row: Stored,
): Promise<ExportMontre> {
  const { contenu, cle_stockage: _, patient_version, ...rest } = row;
  const ressources = contenu === null ? null : (await contenuOf(tx, secrets, row)).ressources;
  const patient = { id: row.patient_id, cabinet_id: row.cabinet_id, version: patient_version };
  return { export: { ...rest, ressources }, patient };
}

async function contenuOf(tx: EntityManager, secrets: Secrets, row: Stored): Promise<ContenuExport> {
  const cle = (await openClesPatient(tx, secrets, [row.patient_id])).get(row.patient_id)!;
  return open(cle, placeOfExport(row), row.contenu!) as ContenuExport;
}

/**
 * Asks for a copy of the record of somebody whom the caller treats. Its workflow makes it after the commit.
 * @throws {RegieError} `INTROUVABLE`, `DOSSIER_NON_PARTAGE`, `INTERDIT`, `LIMITE_ATTEINTE`
 */
export async function createExport(asked: AskedOfPatients, patientId: number): Promise<ExportMontre> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const patient = await requireDossier(tx, access, patientId, 'read');
  const theirs = await queryOne(
    tx,
    sql`SELECT p.id FROM medical.patients p
        WHERE p.id = ${patientId} AND ${access.where('create', 'ExportDossier', DOSSIER_COLUMNS)}`,
  );
  if (theirs === null) throw forbidden(NOT_THEIRS);
  await requireRoom(tx, access.principal.userId);
  const id = await insert(tx, patient, access.principal.userId, actor.now);
  return shown(asked, await stored(asked, id));
}

async function insert(tx: EntityManager, patient: PatientMontre, userId: number, now: Date): Promise<number> {
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.exports_dossier (id, cabinet_id, patient_id, demandeur_id, date_creation, date_modification)
        VALUES (${drawId()}, ${patient.cabinet_id}, ${patient.id}, ${userId}, ${now}, ${now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insert(tx, patient, userId, now);
}

async function requireRoom(tx: EntityManager, userId: number): Promise<void> {
  // Whoever asks for several at once is counted one after the other.
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('exports_dossier'), ${userId})`);
  const row = await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM medical.exports_dossier
        WHERE demandeur_id = ${userId} AND statut IN ('en_cours', 'pret')`,
  );
  if (row!.total < MAX_EXPORTS) return;
  throw new RegieError('LIMITE_ATTEINTE', {
    detail: {
      fr: `Au plus ${MAX_EXPORTS} copies en cours ou à retirer à la fois`,
      en: `At most ${MAX_EXPORTS} copies under way or to be fetched at a time`,
    },
    extensions: { limite: MAX_EXPORTS },
  });
}

/** What was taken out: from then on nobody takes it any more. */
export interface ExportPris {
  patient: PatientMontre;
  cabinetId: number;
  /** The bytes, once it has been committed that they were taken. */
  contenu(store: Pick<ObjectStore, 'get'>): Promise<Buffer>;
}

/**
 * Takes the content of an export, once.
 * @throws {RegieError} `INTROUVABLE`, `TRANSITION_INVALIDE` while there is none, and once it was taken or its time is over
 */
export async function takeExport(asked: AskedOfPatients, id: number): Promise<ExportPris> {
  const { tx, access, actor, secrets } = asked;
  await stored(asked, id, true);
  await access.confirm(tx);
  const row = await stored(asked, id);
  requireThere(row, actor.now);
  const { cle, taille } = await contenuOf(tx, secrets, row);
  await query(
    tx,
    sql`UPDATE medical.exports_dossier SET statut = 'remis', date_remise = ${actor.now}, date_modification = ${actor.now},
          version = version + 1 WHERE cabinet_id = ${row.cabinet_id} AND id = ${id}`,
  );
  const { cle_stockage } = row;
  const key = { key: Buffer.from(cle, 'base64'), context: cle_stockage! };
  return {
    patient: { id: row.patient_id, cabinet_id: row.cabinet_id, version: row.patient_version },
    cabinetId: row.cabinet_id,
    contenu: async (store) => buffer(await sealedContent(store, cle_stockage!, key, taille).read()),
  };
}

/** @throws {RegieError} `TRANSITION_INVALIDE` */
function requireThere({ statut, date_expiration }: EtatExport, now: Date): void {
  const there = statut === 'pret' && date_expiration!.getTime() > now.getTime();
  if (there) return;
  const detail = statut === 'pret' ? NOT_THERE.expire : NOT_THERE[statut];
  throw new RegieError('TRANSITION_INVALIDE', { detail, extensions: { statut } });
}

/** It could not be fetched after all: it is there to be taken again, unless it is gone by now. */
export async function giveBackExport(medical: DataSource, cabinetId: number, id: number): Promise<void> {
  await inCabinet(medical, cabinetId, async (tx) => {
    await query(
      tx,
      sql`UPDATE medical.exports_dossier SET statut = 'pret', date_remise = NULL, version = version + 1
          WHERE cabinet_id = ${cabinetId} AND id = ${id} AND statut = 'remis' AND date_effacement IS NULL`,
    );
  });
}

/** An export, by what its workflow is named. */
export interface ExportNomme {
  cabinet_id: number;
  id: number;
}

/** Seconds for which what was just asked for or taken is left to whoever does it. */
const GRACE = 60;

/** Exports of which something is to be done and that nobody seems to be at, in the order of their ids. */
export function forgottenExports(medical: DataSource, after: number, limit: number): Promise<ExportNomme[]> {
  return inEveryCabinet(medical, (tx) =>
    query<ExportNomme>(
      tx,
      sql`SELECT cabinet_id, id FROM medical.exports_dossier
          WHERE date_effacement IS NULL AND id > ${after}
            AND date_modification < now() - make_interval(secs => ${GRACE})
            AND (statut <> 'pret' OR date_expiration < now())
          ORDER BY id LIMIT ${limit}`,
    ),
  );
}

const NOT_THEIRS = {
  fr: 'Seul un médecin qui suit ce patient en demande une copie',
  en: 'A copy is asked for by a doctor who treats the patient',
};
const NOT_THERE: Readonly<Record<'en_cours' | 'remis' | 'expire' | 'echoue', Texte>> = {
  en_cours: { fr: 'La copie s’établit encore', en: 'The copy is still being made' },
  remis: { fr: 'La copie a déjà été remise', en: 'The copy was handed over already' },
  expire: { fr: 'Le délai de retrait est passé', en: 'The time to fetch it is over' },
  echoue: { fr: 'La copie n’a pas pu être établie', en: 'The copy could not be made' },
};
