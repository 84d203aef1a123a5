import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import type { Columns } from '../auth/sql';
import { Equipement } from '../db/equipements';
import { type Executor, query, queryOne } from '../db/sql';
import type { StatutEquipement } from '../domain/equipements';
import { invalid, notFound, unknownReference } from '../domain/errors';
import type { Priorite } from '../domain/interventions';
import type { Role } from '../domain/roles';
import type { Actor } from './actor';
import { containsWords, oneOf } from './conditions';
import { refuseDuplicate } from './duplicates';
import { difference, record } from './historique';
import { INTERVENTION_COLUMNS } from './interventions';
import { type ListSpec, list, type Page, type PageRequest } from './list';
import { requireVersion } from './versions';

export type EquipementFields = Omit<Equipement, 'id' | 'date_creation' | 'date_modification' | 'version'>;

export interface EquipementRow extends Omit<Equipement, 'frequence_entretien'> {
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
  /** Whether the next maintenance should have happened by now. */
  maintenance_due?: boolean;
  q?: string;
}

/** Where the permissions of an equipment find their fields. */
export const EQUIPEMENT_COLUMNS: Columns = { site_id: 'e.site_id', client_id: 'e.client_id' };

/**
 * When the equipment `e` is due, or null: so many days after its last maintenance, else its installation.
 * Days are those of the calendar in the zone: midnight stays midnight when the clocks change in between.
 */
export function prochaineMaintenance(timeZone: string): string {
  const zone = `'${timeZone.replaceAll("'", "''")}'`;
  return `date_add(coalesce(e.derniere_maintenance, e.date_installation), make_interval(days => e.frequence_entretien), ${zone})`;
}

export function equipementSortable(timeZone: string): ListSpec['sortable'] {
  return {
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
    // What is never due comes after everything that is.
    prochaine_maintenance: {
      expression: `coalesce(${prochaineMaintenance(timeZone)}, '9999-01-01T00:00:00Z')`,
      cast: 'timestamptz',
    },
    date_creation: { expression: 'e.date_creation', cast: 'timestamptz' },
  };
}

function columns(access: Access, timeZone: string): Sql {
  return sql`e.id, e.nom, e.type, e.modele, e.numero_serie, e.localisation, e.date_installation,
    e.frequence_entretien::text, e.statut, e.derniere_maintenance,
    ${raw(prochaineMaintenance(timeZone))} AS prochaine_maintenance,
    e.site_id, e.client_id, e.criticite, e.compteurs,
    (SELECT count(*)::integer FROM interventions i
     WHERE i.equipement_id = e.id AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}) AS interventions_count,
    e.date_creation, e.date_modification, e.version`;
}

export function listEquipements(
  executor: Executor,
  access: Access,
  filters: EquipementFilters,
  page: PageRequest,
  { timeZone, now }: { timeZone: string; now: Date },
): Promise<Page<EquipementRow>> {
  const conditions = [access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)];
  const { localisation, type, statut, criticite, site_id, client_id, maintenance_due, q } = filters;
  if (localisation !== undefined) conditions.push(sql`e.localisation = ${localisation}`);
  if (type !== undefined) conditions.push(sql`e.type = ${type}`);
  if (statut) conditions.push(oneOf('e.statut', statut));
  if (criticite) conditions.push(oneOf('e.criticite', criticite));
  if (site_id !== undefined) conditions.push(sql`e.site_id = ${site_id}`);
  if (client_id !== undefined) conditions.push(sql`e.client_id = ${client_id}`);
  if (maintenance_due !== undefined) {
    conditions.push(
      sql`coalesce(${raw(prochaineMaintenance(timeZone))} <= ${now}, false) = ${maintenance_due}`,
    );
  }
  if (q !== undefined) conditions.push(containsWords('e.recherche', q));
  const spec: ListSpec = {
    columns: columns(access, timeZone),
    from: sql`equipements e`,
    // Interventions are counted for the rows of the page alone, not for those that are passed over.
    keysFrom: sql`equipements e`,
    alias: 'e',
    sortable: equipementSortable(timeZone),
    defaultSort: 'id',
  };
  return list<EquipementRow>(executor, spec, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readEquipement(
  executor: Executor,
  access: Access,
  id: number,
  timeZone: string,
): Promise<EquipementRow> {
  const equipement = await queryOne<EquipementRow>(
    executor,
    sql`SELECT ${columns(access, timeZone)} FROM equipements e
        WHERE e.id = ${id} AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
  );
  if (equipement === null) throw notFound();
  return equipement;
}

/** @throws {RegieError} `INTERDIT` on a site that is not the caller's, `VALIDATION`, `DEJA_EXISTANT` */
export async function createEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: EquipementFields,
  timeZone: string,
): Promise<EquipementRow> {
  await access.confirm(tx);
  access.require('create', 'Equipement', fields);
  await checkReferences(tx, fields);
  const inserted = await refuseDuplicateSerial(() => tx.insert(Equipement, fields));
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'equipement', entiteId: id, action: 'creation', apres: { ...fields } });
  return readEquipement(tx, access, id, timeZone);
}

/**
 * Changes what is given.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `DEJA_EXISTANT`
 */
export async function updateEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  changes: Partial<EquipementFields>,
  expected: number | null,
  timeZone: string,
): Promise<EquipementRow> {
  const equipement = await lockEquipement(tx, access, id);
  const { avant, apres } = difference(equipement, changes);
  access.require('update', 'Equipement', equipement, Object.keys(apres));
  // Nor may it be moved to where the caller could not have changed it.
  access.require('update', 'Equipement', { ...equipement, ...changes });
  requireVersion(equipement, expected);
  if (Object.keys(apres).length > 0) {
    await checkReferences(tx, apres);
    await refuseDuplicateSerial(() => tx.update(Equipement, { id }, changes));
    await record(tx, actor, { entite: 'equipement', entiteId: id, action: 'modification', avant, apres });
  }
  return readEquipement(tx, access, id, timeZone);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `DEPENDANCES` while an intervention or a document is on it. */
export async function deleteEquipement(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const equipement = await lockEquipement(tx, access, id);
  access.require('delete', 'Equipement', equipement);
  await tx.delete(Equipement, { id });
  await record(tx, actor, {
    entite: 'equipement',
    entiteId: id,
    action: 'suppression',
    avant: { ...equipement },
  });
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
