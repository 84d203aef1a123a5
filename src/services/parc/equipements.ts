import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { EQUIPEMENT_COLUMNS, INTERVENTION_COLUMNS } from '../../auth/columns';
import { Equipement } from '../../db/parc/equipements';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import { startOf } from '../../domain/local-time';
import {
  type CauseArret,
  type Compteur,
  MAX_COMPTEURS,
  type MaintenanceRule,
  nextMaintenance,
  type StatutEquipement,
} from '../../domain/parc/equipements';
import type { Priorite } from '../../domain/priorites';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { containsWords, oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { type ArretRow, arretsOf, sayStatut } from './arrets';
import { checkParent, HIERARCHY_FIELDS, lockHierarchy, movePartsAlong } from './hierarchie';
import { saidMaintenance } from './maintenance';
import { requestRecalcul } from './recalculs';
import {
  type Changement,
  listOfEquipement,
  type NewReleve,
  type ReleveFilters,
  type ReleveRow,
  recordReleve,
  saveReleves,
} from './releves';

export type EquipementFields = Omit<
  Equipement,
  | 'id'
  | 'date_creation'
  | 'date_modification'
  | 'version'
  | 'prochaine_maintenance'
  | 'maintenance_saisie'
  | 'maintenance_saisie_le'
  | 'mis_hors_service'
>;

/** What somebody gives of an equipment: a date may be a day of the site's calendar, `2026-12-19`. */
export type GivenEquipement = Omit<EquipementFields, Dates> & Record<Dates, string | null>;
type Dates = (typeof DATES)[number];
const DATES = ['date_installation', 'derniere_maintenance'] as const;

export interface EquipementRow
  extends Omit<
    Equipement,
    'frequence_entretien' | 'maintenance_saisie' | 'maintenance_saisie_le' | 'mis_hors_service'
  > {
  /** Days, as text (seed 004 §4). */
  frequence_entretien: string | null;
  prochaine_maintenance: Date | null;
  /** Those that the caller may list. */
  interventions_count: number;
}

export interface EquipementFilters {
  localisation?: string;
  type?: string;
  statut?: StatutEquipement[];
  criticite?: Priorite[];
  site_id?: number;
  client_id?: number;
  /** The machine of which they are parts, without the parts of those. */
  parent_id?: number;
  /** Whether the next maintenance should have happened by now. */
  maintenance_due?: boolean;
  q?: string;
}

/** Rows worked out at a time. */
const BATCH = 1_000;

function columns(access: Access): Sql {
  return sql`e.id, e.nom, e.type, e.modele, e.numero_serie, e.localisation, e.date_installation,
    e.frequence_entretien::text, e.statut, e.derniere_maintenance, e.prochaine_maintenance,
    e.site_id, e.client_id, e.criticite, e.compteurs, e.parent_id, e.garantie_fin::text,
    e.cout_remplacement::text, e.duree_vie_annees,
    (SELECT count(*)::integer FROM interventions i
     WHERE i.equipement_id = e.id AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}) AS interventions_count,
    e.date_creation, e.date_modification, e.version`;
}

/** When the equipment `e` is due. What is never due comes after everything that is. */
export const ECHEANCE_MAINTENANCE = raw(`coalesce(e.prochaine_maintenance, '9999-01-01T00:00:00Z')`);

export const EQUIPEMENT_LIST: Omit<ListSpec, 'columns'> = {
  from: sql`equipements e`,
  // Interventions are counted for the rows of the page alone, not for those that are passed over.
  rows: sql`JOIN equipements e ON e.id = page._id`,
  alias: 'e',
  sortable: {
    id: { expression: 'e.id', cast: 'integer' },
    nom: { expression: 'e.nom', cast: 'text' },
    type: { expression: 'e.type', cast: 'text' },
    numero_serie: { expression: 'e.numero_serie', cast: 'text' },
    localisation: { expression: `coalesce(e.localisation, '')`, cast: 'text' },
    statut: { expression: 'e.statut', cast: 'text' },
    // By weight, not by alphabet.
    criticite: {
      expression: `array_position(ARRAY['basse', 'normale', 'haute', 'critique'], e.criticite)`,
      cast: 'integer',
    },
    prochaine_maintenance: { expression: ECHEANCE_MAINTENANCE.text, cast: 'timestamptz' },
    date_creation: { expression: 'e.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export function listEquipements(
  executor: Executor,
  access: Access,
  filters: EquipementFilters,
  page: PageRequest,
  now: Date,
): Promise<Page<EquipementRow>> {
  const conditions = [access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)];
  const { localisation, type, statut, criticite, site_id, client_id, parent_id, maintenance_due, q } =
    filters;
  if (localisation !== undefined) conditions.push(sql`e.localisation = ${localisation}`);
  if (type !== undefined) conditions.push(sql`e.type = ${type}`);
  if (statut) conditions.push(oneOf('e.statut', statut));
  if (criticite) conditions.push(oneOf('e.criticite', criticite));
  if (site_id !== undefined) conditions.push(sql`e.site_id = ${site_id}`);
  if (client_id !== undefined) conditions.push(sql`e.client_id = ${client_id}`);
  if (parent_id !== undefined) conditions.push(sql`e.parent_id = ${parent_id}`);
  if (maintenance_due !== undefined) {
    conditions.push(sql`${ECHEANCE_MAINTENANCE} ${maintenance_due ? raw('<=') : raw('>')} ${now}`);
  }
  if (q !== undefined) conditions.push(containsWords('e.recherche', q));
  const spec = { ...EQUIPEMENT_LIST, columns: columns(access) };
  return list<EquipementRow>(executor, spec, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readEquipement(executor: Executor, access: Access, id: number): Promise<EquipementRow> {
  const equipement = await queryOne<EquipementRow>(
    executor,
    sql`SELECT ${columns(access)} FROM equipements e
        WHERE e.id = ${id} AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
  );
  if (equipement === null) throw notFound();
  return equipement;
}

/**
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTERDIT` on a site that is not the caller's, `VALIDATION`, `DEJA_EXISTANT`
 */
export async function createEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  given: GivenEquipement,
  timeZone: string,
): Promise<EquipementRow> {
  if (given.parent_id !== null) await lockHierarchy(tx);
  await access.confirm(tx);
  const zone = await zoneOfSite(tx, given.site_id, timeZone);
  const fields = inZone(given, zone) as EquipementFields;
  access.require('create', 'Equipement', fields);
  await checkReferences(tx, fields);
  await checkParent(tx, access, null, fields);
  const row = {
    ...fields,
    prochaine_maintenance: nextMaintenance(fields, zone),
    maintenance_saisie: fields.derniere_maintenance,
    maintenance_saisie_le: fields.derniere_maintenance == null ? null : actor.now,
    mis_hors_service: fields.statut === 'hors_service',
  };
  const inserted = await refuseDuplicateSerial(() => tx.insert(Equipement, row));
  const id = inserted.identifiers[0]!.id as number;
  if (fields.statut !== 'operationnel') await sayStatut(tx, actor, id, fields.statut);
  await saveReleves(tx, actor, id, [], fields.compteurs);
  await record(tx, actor, { entite: 'equipement', entiteId: id, action: 'creation', apres: { ...fields } });
  return readEquipement(tx, access, id);
}

/**
 * Changes what is given. Its parts go with it to another site or client.
 * @param expected version named by the caller, or null.
 * @param timeZone of sites that name none.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `DEJA_EXISTANT`
 */
export async function updateEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  given: Partial<GivenEquipement>,
  expected: number | null,
  timeZone: string,
): Promise<EquipementRow> {
  if (HIERARCHY_FIELDS.some((field) => given[field] !== undefined)) await lockHierarchy(tx);
  const equipement = await lockEquipement(tx, access, id);
  const zone = await zoneOfSite(
    tx,
    given.site_id === undefined ? equipement.site_id : given.site_id,
    timeZone,
  );
  const changes = inZone(given, zone);
  access.require('update', 'Equipement', equipement, Object.keys(difference(equipement, changes).apres));
  // Nor may it be moved to where the caller could not have changed it.
  access.require('update', 'Equipement', { ...equipement, ...changes });
  requireVersion(equipement, expected);
  // The same again is nobody's word here either; and what goes on at the machine may leave its state what it is.
  const isSaid = changes.statut !== undefined && changes.statut !== equipement.statut;
  const etat = isSaid ? await sayStatut(tx, actor, id, changes.statut!) : null;
  if (etat !== null) changes.statut = etat.statut;
  const { avant, apres } = difference(equipement, changes);
  if (Object.keys(apres).length > 0) {
    await checkReferences(tx, apres);
    if (HIERARCHY_FIELDS.some((field) => field in apres)) {
      await checkParent(tx, access, id, { ...equipement, ...changes });
    }
    const prochaine_maintenance = nextMaintenance({ ...equipement, ...changes }, zone);
    // The same again is nobody's word: a form that is saved sends what it was shown.
    const said =
      'derniere_maintenance' in apres
        ? await saidMaintenance(tx, actor, id, changes.derniere_maintenance ?? null)
        : {};
    await refuseDuplicateSerial(() =>
      tx.update(Equipement, { id }, { ...changes, ...etat, ...said, prochaine_maintenance }),
    );
    await record(tx, actor, { entite: 'equipement', entiteId: id, action: 'modification', avant, apres });
    if (changes.compteurs !== undefined) {
      await saveReleves(tx, actor, id, equipement.compteurs, changes.compteurs);
    }
    // Elsewhere, or of somebody else, other hours and another contract hold for what is open on it.
    if ('site_id' in apres || 'client_id' in apres) {
      await movePartsAlong(tx, actor, id, equipement, apres);
      const { site_id } = { ...equipement, ...changes };
      await requestRecalcul(tx, site_id);
      // What is due of the parts follows the zone of where they are now.
      if ('site_id' in apres && site_id !== null) await recomputeMaintenances(tx, timeZone, site_id);
    }
  }
  return readEquipement(tx, access, id);
}

/** The days that somebody named become instants of the zone. */
function inZone(given: Partial<GivenEquipement>, zone: string): Partial<EquipementFields> {
  const { date_installation, derniere_maintenance, ...others } = given;
  const instantOf = (value: string | null) => (value === null ? null : startOf(value, zone));
  return {
    ...others,
    ...(date_installation === undefined ? {} : { date_installation: instantOf(date_installation) }),
    ...(derniere_maintenance === undefined ? {} : { derniere_maintenance: instantOf(derniere_maintenance) }),
  };
}

async function zoneOfSite(tx: EntityManager, siteId: number | null, timeZone: string): Promise<string> {
  if (siteId === null) return timeZone;
  const site = await queryOne<{ fuseau_horaire: string | null }>(
    tx,
    sql`SELECT fuseau_horaire FROM sites WHERE id = ${siteId}`,
  );
  return site?.fuseau_horaire ?? timeZone;
}

/**
 * Works out anew when each equipment is due, and writes what differs: after a change of zone data, of the default zone,
 * or of the zone of a site. It is nobody's change of the equipment, so its version stays. A row that somebody changes
 * meanwhile is left to them.
 * @param timeZone of sites that name none.
 * @param siteId the site whose zone has changed, or null for all.
 */
export async function recomputeMaintenances(
  executor: Executor,
  timeZone: string,
  siteId: number | null = null,
): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await query<
      MaintenanceRule & {
        id: number;
        version: number;
        prochaine_maintenance: Date | null;
        fuseau_horaire: string | null;
      }
    >(
      executor,
      sql`SELECT e.id, e.version, e.derniere_maintenance, e.date_installation, e.frequence_entretien,
            e.prochaine_maintenance, s.fuseau_horaire
          FROM equipements e LEFT JOIN sites s ON s.id = e.site_id
          WHERE e.id > ${after} AND (e.frequence_entretien IS NOT NULL OR e.prochaine_maintenance IS NOT NULL)
            AND (${siteId}::integer IS NULL OR e.site_id = ${siteId})
          ORDER BY e.id LIMIT ${BATCH}`,
    );
    const different = rows
      .map((row) => ({ ...row, due: nextMaintenance(row, row.fuseau_horaire ?? timeZone) }))
      .filter(({ due, prochaine_maintenance }) => due?.getTime() !== prochaine_maintenance?.getTime());
    if (different.length > 0) {
      await query(
        executor,
        sql`UPDATE equipements e SET prochaine_maintenance = n.due
            FROM unnest(${different.map(({ id }) => id)}::integer[], ${different.map(({ version }) => version)}::integer[],
              ${different.map(({ due }) => due)}::timestamptz[]) AS n (id, version, due)
            WHERE e.id = n.id AND e.version = n.version`,
      );
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.id;
  }
}

/**
 * Removes a machine on which nothing has been done, with what its meters showed. One with a life is put out of service instead.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while it has parts, or an intervention, a document, a plan or a
 *   contract names it
 */
export async function deleteEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const equipement = await lockEquipement(tx, access, id);
  access.require('delete', 'Equipement', equipement);
  const { releves, ...attached } = await attachedTo(tx, id);
  if (Object.values(attached).some((count) => count > 0)) throw inUse(attached);
  await tx.delete(Equipement, { id });
  await record(tx, actor, {
    entite: 'equipement',
    entiteId: id,
    action: 'suppression',
    avant: { ...equipement, ...(releves === 0 ? {} : { releves }) },
  });
}

const ATTACHED = ['interventions', 'documents', 'parties', 'plans', 'contrats'] as const;
type Attached = Record<(typeof ATTACHED)[number], number>;

/** How much there is of an equipment. What is added after this finds it locked, or is refused by the database. */
async function attachedTo(tx: EntityManager, id: number): Promise<Attached & { releves: number }> {
  const row = await queryOne<Attached & { releves: number }>(
    tx,
    sql`SELECT (SELECT count(*)::integer FROM interventions WHERE equipement_id = ${id}) AS interventions,
          (SELECT count(*)::integer FROM documents WHERE equipement_id = ${id}) AS documents,
          (SELECT count(*)::integer FROM equipements WHERE parent_id = ${id}) AS parties,
          (SELECT count(*)::integer FROM plans_preventifs_equipements WHERE equipement_id = ${id}) AS plans,
          (SELECT count(*)::integer FROM contrat_equipements WHERE equipement_id = ${id}) AS contrats,
          (SELECT count(*)::integer FROM releves WHERE equipement_id = ${id}) AS releves`,
  );
  return row!;
}

function inUse(attached: Attached): RegieError {
  const said = ATTACHED.filter((name) => attached[name] > 0);
  const list = (words: Record<keyof Attached, string>) =>
    said.map((name) => `${words[name]} ${attached[name]}`).join(', ');
  return new RegieError('DEPENDANCES', {
    detail: {
      fr: `Il en reste : ${list(NOMS_ATTACHED.fr)} ; le mettre hors service`,
      en: `There is more of it: ${list(NOMS_ATTACHED.en)}; put it out of service`,
    },
    extensions: attached,
  });
}

const NOMS_ATTACHED: Record<'fr' | 'en', Record<keyof Attached, string>> = {
  fr: {
    interventions: 'interventions',
    documents: 'documents',
    parties: 'parties',
    plans: 'plans préventifs',
    contrats: 'contrats',
  },
  en: {
    interventions: 'interventions',
    documents: 'documents',
    parties: 'parts',
    plans: 'preventive plans',
    contrats: 'contracts',
  },
};

/**
 * Adds a meter.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEJA_EXISTANT`, `LIMITE_ATTEINTE`
 */
export async function addCompteur(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  compteur: Compteur,
  timeZone: string,
): Promise<EquipementRow> {
  const equipement = await lockEquipement(tx, access, id);
  const { compteurs } = equipement;
  const changes = { compteurs: [...compteurs, compteur] };
  access.require('update', 'Equipement', equipement, ['compteurs']);
  if (compteurs.some(({ nom }) => nom === compteur.nom)) {
    throw new RegieError('DEJA_EXISTANT', {
      detail: {
        fr: 'L’équipement a déjà un compteur de ce nom',
        en: 'The equipment has a meter of that name',
      },
    });
  }
  if (compteurs.length >= MAX_COMPTEURS) throw new RegieError('LIMITE_ATTEINTE');
  return updateEquipement(tx, access, actor, id, changes, null, timeZone);
}

/** What somebody read of a meter; a date may be a day of the site's calendar. */
export type GivenReleve = Omit<NewReleve, 'date'> & { date: string | null };

/**
 * Records what a meter shows.
 * @param timeZone of sites that name none.
 * @returns the reading, and the meter if it shows something else by now.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VALIDATION`
 */
export async function readMeter(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  given: GivenReleve,
  timeZone: string,
): Promise<{ releve: ReleveRow; changements: Changement[] }> {
  const equipement = await lockEquipement(tx, access, id);
  access.require('measure', 'Equipement', equipement);
  const zone = await zoneOfSite(tx, equipement.site_id, timeZone);
  const date = given.date === null ? null : startOf(given.date, zone);
  return recordReleve(tx, actor, equipement, { ...given, date });
}

/** @throws {RegieError} `INTROUVABLE` */
export async function listReleves(
  executor: Executor,
  access: Access,
  id: number,
  filters: ReleveFilters,
  page: PageRequest,
): Promise<Page<ReleveRow>> {
  await readEquipement(executor, access, id);
  return listOfEquipement(executor, id, filters, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function listArrets(
  executor: Executor,
  access: Access,
  id: number,
  causes: readonly CauseArret[] | undefined,
  page: PageRequest,
): Promise<Page<ArretRow>> {
  await readEquipement(executor, access, id);
  return arretsOf(executor, id, causes, page);
}

async function lockEquipement(tx: EntityManager, access: Access, id: number): Promise<Equipement> {
  const equipement = await tx.findOne(Equipement, { where: { id }, lock: { mode: 'for_no_key_update' } });
  await access.confirm(tx);
  if (equipement === null || !access.may('read', 'Equipement', equipement)) throw notFound();
  return equipement;
}

/** @throws {RegieError} `VALIDATION` for a site that does not exist, or a client who is none */
async function checkReferences(
  tx: EntityManager,
  { site_id, client_id }: Partial<EquipementFields>,
): Promise<void> {
  if (site_id != null) {
    const found = await query(tx, sql`SELECT id FROM sites WHERE id = ${site_id} FOR KEY SHARE`);
    if (found.length === 0) throw unknownReference('site_id');
  }
  if (client_id != null) {
    const user = await queryOne<{ role: Role }>(
      tx,
      sql`SELECT role FROM users WHERE id = ${client_id} FOR SHARE`,
    );
    if (user === null) throw unknownReference('client_id');
    if (user.role !== 'client') {
      throw invalid({
        champ: 'client_id',
        message: { fr: "Cette personne n'est pas un client", en: 'This person is not a client' },
      });
    }
  }
}

function refuseDuplicateSerial<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = {
    fr: 'Un équipement a déjà ce numéro de série',
    en: 'An equipment has this serial number already',
  };
  return refuseDuplicate('equipements_numero_serie_unique', detail, write);
}
