import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { isDatabaseUnreachable } from '../../db/errors';
import type { RapportDemande } from '../../db/pilotage/rapports';
import { type Executor, query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { MAX_ATTENTE_STOCKAGE, MAX_RENDUS } from '../../domain/limites';
import type { Rapport } from '../../pdf/render';
import type { RapportRenderer } from '../../pdf/renderer';
import { type ObjectStore, StoreUnavailable } from '../../storage/objects';
import { systemActor } from '../actor';
import { fileSystemDocument, type StoredFile } from '../documents/documents';
import { storeSystemFile } from '../documents/fichiers';
import { record } from '../historique';
import { readRapportData } from '../interventions/rapport-donnees';
import { readRapportImages } from '../interventions/rapport-images';
import { readPapier } from '../papier';
import { readEquipementData } from './rapport-equipement';
import { readMoisData } from './rapport-mois';
import { readSemaineData } from './rapport-semaine';
import { NOMS, rapportDemandeKey } from './rapports';

/** The making of a report that somebody asked for: once, however often it is begun. */

/** What reports are made with. */
export interface EtablissementTools {
  db: DataSource;
  store: Pick<ObjectStore, 'get' | 'put' | 'remove'>;
  rapports: Pick<RapportRenderer, 'render'>;
  /** Of sites that name none. */
  timeZone: string;
}

export type Issue = 'pret' | 'abandonne';

/**
 * Makes a report and files it, unless that has been done. As for those that the system makes by itself
 * (`interventions/rapports.ts`): the object is stored before the row that names it, tries are written down before they
 * begin, and what cannot be made, or stored for a day, is given up.
 * @param now of the engine's clock.
 * @throws whatever went wrong and is worth another try.
 */
export async function etablirRapport(tools: EtablissementTools, id: number, now: Date): Promise<Issue> {
  const { db, store } = tools;
  const demande = await beginTry(db, id);
  if (demande === null) return issueOf(db, id);
  if (demande.rendus > MAX_RENDUS) return giveUp(db, demande, now);
  const waitForStore = async (error: unknown) => {
    const since = await noteOutage(db, id, now, error);
    if (now.getTime() - since.getTime() < MAX_ATTENTE_STOCKAGE) throw error;
    return giveUp(db, demande, now, error);
  };

  const pdf = await make(tools, demande).catch(async (error: unknown) => {
    if (error instanceof StoreUnavailable) return waitForStore(error);
    if (isDatabaseUnreachable(error) || error instanceof RegieError) await endTry(db, id).catch(() => {});
    else if (demande.rendus >= MAX_RENDUS) return giveUp(db, demande, now, error);
    else await noteFailure(db, id, error);
    throw error;
  });
  if (pdf === 'abandonne') return pdf;
  // What it is about is gone.
  if (pdf === null) return giveUp(db, demande, now);
  const file = await storeSystemFile(store, `demandes/${id}`, pdf).catch(waitForStore);
  if (file === 'abandonne') return file;
  const filed = await db.transaction((tx) => insertDocument(tx, demande, file));
  if (!filed) await store.remove(file.cle_stockage);
  return 'pret';
}

/** Null when what it is about is gone. */
async function make({ db, store, rapports, timeZone }: EtablissementTools, demande: RapportDemande) {
  const rapport = await readRapportOf(db, store, demande, timeZone);
  if (rapport === null) return null;
  const papier = await readPapier(db, store, demande.langue);
  return Buffer.from(await rapports.render({ ...rapport, papier }));
}

async function readRapportOf(
  db: DataSource,
  store: EtablissementTools['store'],
  demande: RapportDemande,
  timeZone: string,
): Promise<Rapport | null> {
  switch (demande.type) {
    case 'intervention': {
      const { intervention_id, date_creation } = demande;
      const donnees = await readRapportData(db, intervention_id!, timeZone, date_creation);
      if (donnees === null) return null;
      const images = await readRapportImages(db, store, intervention_id!, false);
      return { genre: 'intervention', donnees: { ...donnees, images } };
    }
    case 'semaine': {
      const donnees = await readSemaineData(db, demande, timeZone);
      return donnees && { genre: 'semaine', donnees };
    }
    case 'equipement': {
      const donnees = await readEquipementData(db, demande, timeZone);
      return donnees && { genre: 'equipement', donnees };
    }
    case 'mois':
      return {
        genre: 'mois',
        donnees: await readMoisData(db, demande, await zoneOf(db, demande.site_id, timeZone)),
      };
  }
}

async function zoneOf(executor: Executor, siteId: number | null, timeZone: string): Promise<string> {
  if (siteId === null) return timeZone;
  const site = await queryOne<{ fuseau_horaire: string | null }>(
    executor,
    sql`SELECT fuseau_horaire FROM sites WHERE id = ${siteId}`,
  );
  return site?.fuseau_horaire ?? timeZone;
}

/** @returns null when it is not to be made any more. */
function beginTry(executor: Executor, id: number): Promise<RapportDemande | null> {
  return queryOne<RapportDemande>(
    executor,
    sql`UPDATE rapports_demandes SET rendus = rendus + 1, date_essai = now()
        WHERE id = ${id} AND statut = 'en_cours' RETURNING *`,
  );
}

async function issueOf(executor: Executor, id: number): Promise<Issue> {
  const row = await queryOne<{ statut: string }>(
    executor,
    sql`SELECT statut FROM rapports_demandes WHERE id = ${id}`,
  );
  return row?.statut === 'pret' ? 'pret' : 'abandonne';
}

async function endTry(executor: Executor, id: number): Promise<void> {
  await query(
    executor,
    sql`UPDATE rapports_demandes SET rendus = rendus - 1 WHERE id = ${id} AND rendus > 0`,
  );
}

async function noteFailure(executor: Executor, id: number, error: unknown): Promise<void> {
  await query(executor, sql`UPDATE rapports_demandes SET erreur = ${described(error)} WHERE id = ${id}`);
}

/** @returns since when the store has been away. */
async function noteOutage(executor: Executor, id: number, now: Date, error: unknown): Promise<Date> {
  const row = await queryOne<{ attente_depuis: Date }>(
    executor,
    sql`UPDATE rapports_demandes
        SET rendus = 0, attente_depuis = coalesce(attente_depuis, ${now}), erreur = ${described(error)}
        WHERE id = ${id} RETURNING attente_depuis`,
  );
  return row?.attente_depuis ?? now;
}

/** For the operator who looks at the row. */
function described(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}

async function giveUp(
  db: DataSource,
  { id }: RapportDemande,
  now: Date,
  error?: unknown,
): Promise<'abandonne'> {
  await db.transaction(async (tx) => {
    const abandoned = await settle(tx, id, 'abandonne', error === undefined ? null : described(error));
    if (!abandoned) return;
    await record(tx, systemActor(now, `${rapportDemandeKey(id)}:abandon`), {
      entite: 'rapport',
      entiteId: id,
      action: 'rapport_abandonne',
    });
  });
  return 'abandonne';
}

/** @returns false when it is settled already. */
async function settle(
  tx: EntityManager,
  id: number,
  statut: Issue,
  erreur: string | null = null,
): Promise<boolean> {
  const row = await queryOne(
    tx,
    sql`UPDATE rapports_demandes
        SET statut = ${statut}, erreur = coalesce(${erreur}, CASE WHEN ${statut} = 'pret' THEN NULL ELSE erreur END),
            attente_depuis = NULL, version = version + 1, date_modification = now()
        WHERE id = ${id} AND statut = 'en_cours' RETURNING id`,
  );
  return row !== null;
}

/** @returns false when somebody else filed it meanwhile. */
async function insertDocument(
  tx: EntityManager,
  demande: RapportDemande,
  file: Pick<StoredFile, 'cle_stockage' | 'taille' | 'checksum' | 'mime_type'>,
): Promise<boolean> {
  const { id, type, langue, intervention_id } = demande;
  const type_document = NOMS[type];
  const nom = `${type_document}_${nameOf(demande)}_${langue}_${id}.pdf`;
  const cle_unique = rapportDemandeKey(id);
  const target = type === 'intervention' ? { intervention_id: intervention_id! } : { rapport_id: id };
  // Whoever asked for it saw what its customer may not.
  const documentId = await fileSystemDocument(tx, {
    ...file,
    ...target,
    nom,
    type_document,
    visible_client: false,
    cle_unique,
  });
  await settle(tx, id, 'pret');
  if (documentId === null) return false;
  await record(tx, systemActor(new Date(), cle_unique), {
    entite: 'document',
    entiteId: documentId,
    action: 'creation',
    apres: { nom, type_document, ...target, checksum: file.checksum },
  });
  return true;
}

function nameOf({ type, intervention_id, equipement_id, technicien_id, periode }: RapportDemande): string {
  switch (type) {
    case 'intervention':
      return String(intervention_id);
    case 'equipement':
      return String(equipement_id);
    case 'semaine':
      return `${technicien_id}_${periode}`;
    case 'mois':
      return periode!;
  }
}
