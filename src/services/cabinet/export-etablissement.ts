import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { Access } from '../../auth/access';
import { DOSSIER_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { loadMembre } from '../../auth/sessions';
import { openCabinet, openCabinets } from '../../db/medical';
import { query, queryOne } from '../../db/sql';
import {
  type ErreurExport,
  type EtatExport,
  suiteExport,
  VALIDITE_EXPORT,
} from '../../domain/cabinet/exports';
import {
  bundleOf,
  type Comptes,
  comptesDifferents,
  comptesOf,
  referencesPerdues,
  ressourcesOf,
  urnOf,
} from '../../domain/cabinet/fhir/bundle';
import { RegieError } from '../../domain/errors';
import type { ObjectStore } from '../../storage/objects';
import { newContentKey, seal as sealSegments } from '../../storage/segments';
import { openDossier } from './dossiers';
import { compterSources, lireSources } from './export-sources';
import { type ContenuExport, type ExportNomme, placeOfExport } from './exports';
import { readPatient, refuseFusionne } from './patients';
import { openClesPatient, seal } from './sceau';
import { inEveryCabinet } from './transactions';

/**
 * How copies of records are made, and how they go. A copy holds what whoever asked for it may read when it is made, all as it
 * was at one moment, counted against the tables; it lies sealed under a key of its own. Whatever dies in between, whoever goes
 * on looks at the row: a try that was not written down left an object that nobody can open, which goes with the rest.
 */

export interface ExportTools {
  medical: DataSource;
  store: Pick<ObjectStore, 'put' | 'remove' | 'list'>;
  secrets: Secrets;
}

/** What those who watch over the installation are told of one that failed: kinds of rows, and no row. */
class CopieInexacte extends Error {
  override readonly name = 'CopieInexacte';

  constructor(
    readonly differents: readonly string[],
    readonly perdues: number,
  ) {
    super(`A copy differs from what there is: ${[...differents, `${perdues} references`].join(', ')}`);
  }
}

type Row = EtatExport & { id: number; cabinet_id: number; patient_id: number; demandeur_id: number };

/**
 * Does what is due of an export.
 * @param remis whether whoever took it has it.
 * @returns for how long nothing is, in milliseconds; null when nothing will be any more.
 * @throws {StoreUnavailable} and whatever else makes another try worthwhile
 */
export async function suivreExport(
  tools: ExportTools,
  named: ExportNomme,
  { remis, now }: { remis: boolean; now: Date },
): Promise<number | null> {
  const row = await opened(tools, named, (tx) => read(tx, named));
  if (row === null) return null;
  const suite = suiteExport(row, remis, now.getTime());
  if ('attendre' in suite) return suite.attendre;
  if (suite.acte === 'rien') return null;
  if (suite.acte === 'etablir') {
    await etablir(tools, row, now);
    return suivreExport(tools, named, { remis: false, now });
  }
  if (suite.acte === 'abandonner') await fail(tools, row, 'essais', now);
  await effacer(tools, row, now);
  return null;
}

/** Runs in a transaction that sees the practice of an export. */
function opened<Result>(
  { medical }: ExportTools,
  { cabinet_id }: ExportNomme,
  run: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  // Everything as it was at one moment: what is counted is what was read.
  return medical.transaction('REPEATABLE READ', async (tx) => {
    await openCabinet(tx, cabinet_id);
    return run(tx);
  });
}

function read(tx: EntityManager, { cabinet_id, id }: ExportNomme): Promise<Row | null> {
  return queryOne<Row>(
    tx,
    sql`SELECT id, cabinet_id, patient_id, demandeur_id, statut, date_creation, date_expiration, date_remise, date_effacement
        FROM medical.exports_dossier WHERE cabinet_id = ${cabinet_id} AND id = ${id}`,
  );
}

async function etablir(tools: ExportTools, row: Row, now: Date): Promise<void> {
  const copie = await opened(tools, row, (tx) => lire(tx, tools.secrets, row, now)).catch((error) => {
    if (error instanceof RegieError) return 'droits' as const;
    throw error;
  });
  if (copie === 'droits') return fail(tools, row, copie, now);
  const faults = [copie.differents.length, copie.perdues];
  if (faults.some((count) => count > 0)) {
    await fail(tools, row, 'comptes', now);
    throw new CopieInexacte(copie.differents, copie.perdues);
  }
  const cle_stockage = `${prefixOf(row)}${randomUUID()}`;
  const key = newContentKey(cle_stockage);
  const bytes: Buffer[] = [];
  for await (const segment of sealSegments([copie.bytes], key)) bytes.push(segment);
  await tools.store.put(cle_stockage, Buffer.concat(bytes), {
    contentType: 'application/octet-stream',
    hashed: false,
  });
  const { ressources } = copie;
  const contenu: ContenuExport = { cle: key.key.toString('base64'), taille: copie.bytes.length, ressources };
  await write(tools, row, cle_stockage, contenu, now);
}

interface Copie {
  bytes: Buffer;
  ressources: Comptes;
  differents: string[];
  perdues: number;
}

/**
 * Reads a record in the name of who asked for it, as they are by now.
 * @throws {RegieError} when they may not any more
 */
async function lire(tx: EntityManager, secrets: Secrets, row: Row, now: Date): Promise<Copie> {
  const { cabinet_id, patient_id, demandeur_id } = row;
  await openCabinets(tx, { userId: demandeur_id, cabinets: [cabinet_id], administre: false });
  const principal = await loadMembre(tx, demandeur_id);
  if (principal === null) throw new RegieError('NON_AUTHENTIFIE');
  const access = new Access(principal);
  const { cle } = await openDossier({ tx, access, secrets }, patient_id, 'read');
  const theirs = await queryOne(
    tx,
    sql`SELECT p.id FROM medical.patients p
        WHERE p.id = ${patient_id} AND ${access.where('create', 'ExportDossier', DOSSIER_COLUMNS)}`,
  );
  if (theirs === null) throw new RegieError('INTERDIT');
  const patient = await readPatient({ tx, access, secrets }, patient_id);
  // What was theirs is somebody else's by now.
  refuseFusionne(patient);
  const urn = (table: string, id: number) => urnOf(cabinet_id, table, id);
  const entrees = await lireSources({ tx, patient, cle, urn });
  const bundle = bundleOf(entrees, { urn: urn('exports_dossier', row.id), date: now });
  return {
    bytes: Buffer.from(JSON.stringify(bundle)),
    ressources: ressourcesOf(entrees),
    differents: comptesDifferents(comptesOf(entrees), await compterSources(tx, patient)),
    perdues: referencesPerdues(bundle).length,
  };
}

/** Says that it is there; of two who made it at the same time, the second one's stays unused. */
function write(
  tools: ExportTools,
  row: Row,
  cle_stockage: string,
  contenu: ContenuExport,
  now: Date,
): Promise<void> {
  const expiration = new Date(now.getTime() + VALIDITE_EXPORT);
  return opened(tools, row, async (tx) => {
    const cle = (await openClesPatient(tx, tools.secrets, [row.patient_id])).get(row.patient_id)!;
    await query(
      tx,
      sql`UPDATE medical.exports_dossier SET statut = 'pret', cle_stockage = ${cle_stockage},
            contenu = ${seal(cle, placeOfExport(row), contenu)}, date_pret = ${now}, date_expiration = ${expiration},
            date_modification = ${now}, version = version + 1
          WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id} AND statut = 'en_cours'`,
    );
  });
}

function fail(tools: ExportTools, row: Row, erreur: ErreurExport, now: Date): Promise<void> {
  return opened(tools, row, async (tx) => {
    await query(
      tx,
      sql`UPDATE medical.exports_dossier SET statut = 'echoue', erreur = ${erreur}, date_modification = ${now},
            version = version + 1
          WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id} AND statut = 'en_cours'`,
    );
  });
}

/** First the key, then the bytes, of every try; what is left in between nobody opens. */
async function effacer(tools: ExportTools, row: Row, now: Date): Promise<void> {
  const due = await opened(tools, row, (tx) =>
    queryOne(
      tx,
      sql`UPDATE medical.exports_dossier SET statut = CASE statut WHEN 'pret' THEN 'expire' ELSE statut END, contenu = NULL,
            cle_stockage = NULL, date_modification = ${now}, version = version + 1
          WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id} AND date_effacement IS NULL AND statut <> 'en_cours'
            AND (statut <> 'pret' OR date_expiration <= ${now}) RETURNING id`,
    ),
  );
  if (due === null) return;
  for await (const { key } of tools.store.list(prefixOf(row))) await tools.store.remove(key);
  await opened(tools, row, async (tx) => {
    await query(
      tx,
      sql`UPDATE medical.exports_dossier SET date_effacement = ${now}, date_modification = ${now}, version = version + 1
          WHERE cabinet_id = ${row.cabinet_id} AND id = ${row.id} AND date_effacement IS NULL`,
    );
  });
}

const PREFIX = 'exports/';
const prefixOf = ({ cabinet_id, id }: ExportNomme) => `${PREFIX}${cabinet_id}/${id}/`;

/**
 * Removes objects that no export names any more and that are older than given: tries of those that were killed.
 * @returns how many.
 */
export async function sweepExports(
  { medical, store }: Pick<ExportTools, 'medical' | 'store'>,
  olderThan: Date,
): Promise<number> {
  const old: string[] = [];
  for await (const { key, date } of store.list(PREFIX)) if (date < olderThan) old.push(key);
  if (old.length === 0) return 0;
  const kept = await inEveryCabinet(medical, (tx) =>
    query<{ cle_stockage: string }>(
      tx,
      sql`SELECT cle_stockage FROM medical.exports_dossier WHERE cle_stockage = ANY(${old})`,
    ),
  );
  const named = new Set(kept.map(({ cle_stockage }) => cle_stockage));
  const orphans = old.filter((key) => !named.has(key));
  for (const key of orphans) await store.remove(key);
  return orphans.length;
}
