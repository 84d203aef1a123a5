import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { CONTRAT_COLUMNS } from '../../auth/columns';
import { Contrat } from '../../db/parc/contrats';
import { type Executor, query, queryOne } from '../../db/sql';
import { type FieldFault, invalid, notFound, unknownReference } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import {
  ALERTES_CONTRAT,
  type AlerteContrat,
  type ContratCandidat,
  cibleOf,
  contratFor,
  type Machine,
} from '../../domain/parc/contrats';
import type { PolitiqueKept } from '../../domain/parc/niveaux';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { requireVersion } from '../versions';
import { requestRecalcul } from './recalculs';

/** Contracts, and which level of service follows from them for a machine. */

export interface ContratFields
  extends Pick<
    Contrat,
    | 'reference'
    | 'client_id'
    | 'site_id'
    | 'niveau_service_id'
    | 'date_debut'
    | 'date_fin'
    | 'visites_incluses'
    | 'preavis_jours'
  > {
  /** Machines that it names; none when it holds for a site, or for all that the client has. */
  equipements: number[];
}

export interface ContratRow
  extends ContratFields,
    Pick<Contrat, 'id' | 'date_creation' | 'date_modification' | 'version'> {
  niveau_service: { id: number; nom: string } | null;
  /** Preventive interventions that ended under it. */
  visites_faites: number;
  alertes: AlerteContrat[];
}

export interface ContratFilters {
  client_id?: number;
  site_id?: number;
  equipement_id?: number;
  niveau_service_id?: number;
  /** A day on which it holds. */
  valide_le?: string;
  alerte?: AlerteContrat[];
}

/** When it is, and where for sites that say nothing of it. */
export interface Moment {
  now: Date;
  timeZone: string;
}

/** Of a contract `c`: work that was reopened is no visit, whatever it was counted for at its end. */
export const VISITES_FAITES = sql`(SELECT count(*)::integer FROM visites_contrats v
  JOIN interventions i ON i.id = v.intervention_id WHERE v.contrat_id = c.id AND i.statut = 'terminee')`;

/** Null where it includes no number of them. */
export const EST_EPUISE = sql`(CASE WHEN c.visites_incluses IS NOT NULL THEN ${VISITES_FAITES} >= c.visites_incluses END)`;

/** An expression of the day that it is on the site `s`, or where there is none. PostgreSQL is asked of no zone. */
export async function aujourdhuiSql(executor: Executor, { now, timeZone }: Moment): Promise<Sql> {
  const zones = await query<{ zone: string }>(
    executor,
    sql`SELECT DISTINCT fuseau_horaire AS zone FROM sites WHERE fuseau_horaire IS NOT NULL`,
  );
  const days = [null, ...zones.map(({ zone }) => zone)].map((zone) => ({
    zone: zone ?? '',
    jour: dayAt(now.getTime(), zone ?? timeZone),
  }));
  return sql`(SELECT d.jour FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb) AS d (zone text, jour date)
    WHERE d.zone = coalesce(s.fuseau_horaire, ''))`;
}

function holds(jour: Sql): Record<AlerteContrat, Sql> {
  const valid = sql`c.date_debut <= ${jour} AND coalesce(c.date_fin >= ${jour}, true)`;
  return {
    fin_proche: sql`(${valid} AND coalesce(c.date_fin - c.preavis_jours <= ${jour}, false))`,
    visites_epuisees: sql`(${valid} AND coalesce(${EST_EPUISE}, false))`,
  };
}

function columns(jour: Sql): Sql {
  const alertes = ALERTES_CONTRAT.map((name) => sql`CASE WHEN ${holds(jour)[name]} THEN ${name} END`);
  return sql`${COLUMNS}, ${VISITES_FAITES} AS visites_faites, array_remove(ARRAY[${join(alertes)}]::text[], NULL) AS alertes`;
}

const FROM = sql`contrats c LEFT JOIN sites s ON s.id = c.site_id`;

const COLUMNS = sql`c.id, c.reference, c.client_id, c.site_id, c.niveau_service_id, c.visites_incluses, c.preavis_jours,
  c.date_debut::text AS date_debut, c.date_fin::text AS date_fin,
  ARRAY(SELECT m.equipement_id FROM contrat_equipements m WHERE m.contrat_id = c.id ORDER BY m.equipement_id)
    AS equipements,
  (SELECT json_build_object('id', n.id, 'nom', n.nom) FROM niveaux_service n WHERE n.id = c.niveau_service_id)
    AS niveau_service,
  c.date_creation, c.date_modification, c.version`;

export const CONTRAT_LIST: Omit<ListSpec, 'columns'> = {
  from: FROM,
  // What has to be counted is counted for the rows of the page alone.
  rows: sql`JOIN contrats c ON c.id = page._id LEFT JOIN sites s ON s.id = c.site_id`,
  alias: 'c',
  sortable: {
    id: { expression: 'c.id', cast: 'integer' },
    reference: { expression: 'c.reference::text', cast: 'text' },
    // As text: a day sorts by its letters.
    date_debut: { expression: 'c.date_debut::text', cast: 'text' },
    date_fin: { expression: `coalesce(c.date_fin::text, '9999-12-31')`, cast: 'text' },
    date_creation: { expression: 'c.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'reference',
};

export async function listContrats(
  executor: Executor,
  access: Access,
  { client_id, site_id, equipement_id, niveau_service_id, valide_le, alerte }: ContratFilters,
  page: PageRequest,
  moment: Moment,
): Promise<Page<ContratRow>> {
  const jour = await aujourdhuiSql(executor, moment);
  const conditions: Sql[] = [access.where('read', 'Contrat', CONTRAT_COLUMNS)];
  if (client_id !== undefined) conditions.push(oneOf('c.client_id', [client_id]));
  if (site_id !== undefined) conditions.push(oneOf('c.site_id', [site_id]));
  if (niveau_service_id !== undefined) conditions.push(oneOf('c.niveau_service_id', [niveau_service_id]));
  if (equipement_id !== undefined) {
    conditions.push(
      sql`EXISTS (SELECT FROM contrat_equipements m WHERE m.contrat_id = c.id AND m.equipement_id = ${equipement_id})`,
    );
  }
  if (valide_le !== undefined) {
    conditions.push(sql`c.date_debut <= ${valide_le}`);
    conditions.push(sql`coalesce(c.date_fin >= ${valide_le}, true)`);
  }
  if (alerte !== undefined) {
    const any = alerte.map((name) => holds(jour)[name]);
    conditions.push(sql`(${join(any, ' OR ')})`);
  }
  return list<ContratRow>(executor, { ...CONTRAT_LIST, columns: columns(jour) }, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readContrat(
  executor: Executor,
  access: Access,
  id: number,
  moment: Moment,
): Promise<ContratRow> {
  const contrat = await queryOne<ContratRow>(
    executor,
    sql`SELECT ${columns(await aujourdhuiSql(executor, moment))} FROM ${FROM}
        WHERE c.id = ${id} AND ${access.where('read', 'Contrat', CONTRAT_COLUMNS)}`,
  );
  if (contrat === null) throw notFound();
  return contrat;
}

/** @throws {RegieError} `INTERDIT`, `DEJA_EXISTANT`, `VALIDATION` for what it names and cannot hold for */
export async function createContrat(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: ContratFields,
  timeZone: string,
): Promise<ContratRow> {
  await access.confirm(tx);
  access.require('create', 'Contrat', fields);
  await checkReferences(tx, access, fields);
  const { equipements, ...columns } = fields;
  const row = {
    ...columns,
    cible: cibleOf(fields),
    fin_dite: endedBefore(fields, actor.now, timeZone),
    recompte_demande: actor.now,
  };
  const inserted = await refuseDuplicateReference(() => tx.insert(Contrat, row));
  const id = inserted.identifiers[0]!.id as number;
  await name(tx, id, equipements);
  await record(tx, actor, { entite: 'contrat', entiteId: id, action: 'creation', apres: { ...fields } });
  await requestRecalcul(tx, siteOf(fields));
  return readContrat(tx, access, id, { now: actor.now, timeZone });
}

/** What has ended when somebody writes it down is no news. */
function endedBefore(
  { date_fin }: Pick<ContratFields, 'date_fin'>,
  now: Date,
  timeZone: string,
): string | null {
  return date_fin !== null && date_fin < dayAt(now.getTime(), timeZone) ? date_fin : null;
}

/** From which follows what visits are made under it. */
const SCOPE: readonly (keyof ContratFields)[] = [
  'client_id',
  'site_id',
  'equipements',
  'date_debut',
  'date_fin',
];

/**
 * Changes what is given. Open interventions that it applies to, or did, follow.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `DEJA_EXISTANT`, `VALIDATION`
 */
export async function updateContrat(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  given: Partial<ContratFields>,
  expected: number | null,
  timeZone: string,
): Promise<ContratRow> {
  const moment = { now: actor.now, timeZone };
  const contrat = await lockContrat(tx, access, id, moment);
  const changes =
    given.equipements === undefined ? given : { ...given, equipements: inOrder(given.equipements) };
  const { avant, apres } = difference<Partial<ContratFields>>(contrat, changes);
  access.require('update', 'Contrat', contrat, Object.keys(apres));
  // Nor may it be given to where the caller could not have changed it.
  const changed: ContratFields = { ...contrat, ...changes };
  access.require('update', 'Contrat', changed);
  requireVersion(contrat, expected);
  if (Object.keys(apres).length === 0) return contrat;
  await checkReferences(tx, access, changed);
  const { equipements, ...columns } = changes;
  const follows = {
    cible: cibleOf(changed),
    ...('date_fin' in apres ? { fin_dite: endedBefore(changed, actor.now, timeZone) } : {}),
    ...(SCOPE.some((field) => field in apres) ? { recompte_demande: actor.now } : {}),
  };
  await refuseDuplicateReference(() => tx.update(Contrat, { id }, { ...columns, ...follows }));
  if (equipements !== undefined) {
    await query(tx, sql`DELETE FROM contrat_equipements WHERE contrat_id = ${id}`);
    await name(tx, id, equipements);
  }
  await record(tx, actor, { entite: 'contrat', entiteId: id, action: 'modification', avant, apres });
  const [before, after] = [siteOf(contrat), siteOf(changed)];
  await requestRecalcul(tx, before === after ? after : null);
  return readContrat(tx, access, id, moment);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function deleteContrat(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  timeZone: string,
): Promise<void> {
  const contrat = await lockContrat(tx, access, id, { now: actor.now, timeZone });
  access.require('delete', 'Contrat', contrat);
  await tx.delete(Contrat, { id });
  // What was done under it may have been done under another one as well.
  await query(
    tx,
    sql`UPDATE contrats SET recompte_demande = ${actor.now}
        WHERE id IN (SELECT id FROM contrats
                     WHERE client_id = ${contrat.client_id} OR site_id = ${contrat.site_id}::integer
                     ORDER BY id FOR NO KEY UPDATE)`,
  );
  await record(tx, actor, { entite: 'contrat', entiteId: id, action: 'suppression', avant: { ...contrat } });
  await requestRecalcul(tx, siteOf(contrat));
}

async function lockContrat(
  tx: EntityManager,
  access: Access,
  id: number,
  moment: Moment,
): Promise<ContratRow> {
  await query(tx, sql`SELECT id FROM contrats WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readContrat(tx, access, id, moment);
}

/** The machines that it names, in the order in which they are answered. */
async function name(tx: EntityManager, id: number, equipements: readonly number[]): Promise<void> {
  if (equipements.length === 0) return;
  await query(
    tx,
    sql`INSERT INTO contrat_equipements (contrat_id, equipement_id)
        SELECT ${id}::integer, unnest(${equipements}::integer[])`,
  );
}

const inOrder = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);

/** The site whose interventions alone it concerns, or null. */
function siteOf(contrat: ContratFields): number | null {
  return cibleOf(contrat) === 'site' ? contrat.site_id : null;
}

/** Whether everything that it names exists, and goes together: machines of the client, or of nobody, on the site. */
async function checkReferences(tx: EntityManager, access: Access, contrat: ContratFields): Promise<void> {
  const { client_id, site_id, niveau_service_id, equipements } = contrat;
  const found = await queryOne<{ role: Role | null; site: boolean; niveau: boolean }>(
    tx,
    sql`SELECT (SELECT role FROM users WHERE id = ${client_id} FOR KEY SHARE) AS role,
          EXISTS (SELECT FROM sites WHERE id = ${site_id}::integer) AS site,
          EXISTS (SELECT FROM niveaux_service WHERE id = ${niveau_service_id}::integer) AS niveau`,
  );
  const { role, site, niveau } = found!;
  if (role === null) throw unknownReference('client_id');
  if (site_id !== null && !site) throw unknownReference('site_id');
  if (niveau_service_id !== null && !niveau) throw unknownReference('niveau_service_id');
  const faults: FieldFault[] = [];
  if (role !== 'client') {
    const message = { fr: "Cette personne n'est pas un client", en: 'This person is not a client' };
    faults.push({ champ: 'client_id', message });
  }
  if (contrat.date_fin !== null && contrat.date_fin < contrat.date_debut) {
    const message = { fr: 'La fin précède le début', en: 'The end precedes the start' };
    faults.push({ champ: 'date_fin', message });
  }
  faults.push(...(await faultsOfEquipements(tx, access, contrat)));
  if (new Set(equipements).size < equipements.length) {
    faults.push({ champ: 'equipements', message: { fr: 'Nommé deux fois', en: 'Named twice' } });
  }
  if (faults.length > 0) throw invalid(...faults);
}

async function faultsOfEquipements(
  tx: EntityManager,
  access: Access,
  { client_id, site_id, equipements }: ContratFields,
): Promise<FieldFault[]> {
  if (equipements.length === 0) return [];
  const rows = await query<{ id: number } & Machine>(
    tx,
    sql`SELECT id, site_id, client_id FROM equipements WHERE id = ANY(${equipements}::integer[])
        ORDER BY id FOR KEY SHARE`,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  return equipements.flatMap((id, rank): FieldFault[] => {
    const machine = known.get(id);
    const champ = `equipements.${rank}`;
    if (machine === undefined || !access.may('read', 'Equipement', machine)) {
      return unknownReference(champ).details.erreurs!;
    }
    if (machine.client_id !== null && machine.client_id !== client_id) {
      const message = { fr: "Appartient à quelqu'un d'autre", en: 'Belongs to somebody else' };
      return [{ champ, message }];
    }
    if (site_id !== null && machine.site_id !== site_id) {
      return [{ champ, message: { fr: "N'est pas sur ce site", en: 'Is not on this site' } }];
    }
    return [];
  });
}

function refuseDuplicateReference<Result>(write: () => Promise<Result>): Promise<Result> {
  const detail = {
    fr: 'Un contrat porte déjà cette référence',
    en: 'A contract has this reference already',
  };
  return refuseDuplicate('contrats_reference_unique', detail, write);
}

/**
 * The contracts that may apply to a machine at a moment, as JSON for {@link applying}; null where there are none. On which
 * day of its site that is the database is not asked: those of the days around it are read.
 * @param machine what the row of `equipements` is called in the statement.
 * @param at an instant.
 */
export function candidatsSql(machine: string, at: Sql): Sql {
  const m = raw(machine);
  return sql`(SELECT json_agg(json_build_object(
      'id', c.id, 'cible', c.cible, 'client_id', c.client_id, 'site_id', c.site_id, 'nomme', k.nomme,
      'date_debut', c.date_debut, 'date_fin', c.date_fin,
      'niveau', CASE WHEN n.id IS NOT NULL THEN json_build_object(
        'id', n.id, 'version', n.version, 'nom', n.nom, 'calendrier', n.calendrier,
        'delais', n.delais, 'niveaux', n.niveaux, 'attente_motifs', n.attente_motifs) END) ORDER BY c.id)
    FROM (SELECT contrat_id AS id, true AS nomme FROM contrat_equipements WHERE equipement_id = ${m}.id
          UNION ALL
          SELECT id, false FROM contrats WHERE cible = 'site' AND site_id = ${m}.site_id
          UNION ALL
          SELECT id, false FROM contrats WHERE cible = 'client' AND client_id = ${m}.client_id) k
      JOIN contrats c ON c.id = k.id LEFT JOIN niveaux_service n ON n.id = c.niveau_service_id
    WHERE c.date_debut <= ${at} + interval '2 days' AND coalesce(c.date_fin >= ${at} - interval '2 days', true))`;
}

/**
 * The level that applies to a machine on the day of a moment, with what it says; null and null for that of the house.
 * @param zone of the site, whose day it is.
 */
export function applying(
  candidats: readonly ContratCandidat[] | null,
  machine: Machine,
  at: number,
  zone: string,
): { niveau_service_id: number | null; politique: PolitiqueKept | null } {
  const contrat = candidats === null ? null : contratFor(candidats, machine, dayAt(at, zone));
  if (contrat === null || contrat.niveau === null) return { niveau_service_id: null, politique: null };
  const { id, ...politique } = contrat.niveau;
  return { niveau_service_id: id, politique };
}

/** The level that a row is to hold, as long as it is written; null for one that has gone a moment ago. */
export function niveauHeldSql(id: number | null): Sql {
  return sql`(SELECT id FROM niveaux_service WHERE id = ${id}::integer FOR KEY SHARE)`;
}
