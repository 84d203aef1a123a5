import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Executor } from '../../db/sql';
import { query, queryOne } from '../../db/sql';
import { type CauseArret, causeSaid, type StatutEquipement, statutOf } from '../../domain/parc/equipements';
import type { Actor } from '../actor';
import { recordSql } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/**
 * When machines stand still. An open stop is there for each intervention that stops its equipment, and for what a person
 * says of the machine itself; its state follows from them (docs/decisions/038).
 */

interface Etat {
  statut: StatutEquipement;
  mis_hors_service: boolean;
  /** Of the stops that are open, without those asked about. */
  causes: CauseArret[];
}

/** A statement of its own: the lock has been waited for by then, and what others wrote meanwhile counts. */
async function etatWithout(tx: EntityManager, equipementId: number, which: Sql): Promise<Etat> {
  const row = await queryOne<Etat>(
    tx,
    sql`SELECT e.statut, e.mis_hors_service,
          ARRAY(SELECT DISTINCT a.cause FROM arrets a
                WHERE a.equipement_id = e.id AND a.fin IS NULL AND NOT (${which})) AS causes
        FROM equipements e WHERE e.id = ${equipementId}`,
  );
  return row!;
}

interface Travail {
  interventionId: number;
  equipementId: number;
  /** Why it stops its equipment from now on; null when it does not any more. */
  cause: CauseArret | null;
}

/**
 * What is to be written when an intervention begins to stop its equipment, or no longer does: to be run as one statement,
 * with the event that brings it about. The equipment is locked until then, so that interventions that overlap count each
 * other. The word of a person who called the machine broken, or in maintenance, gives way to the work on it.
 */
export async function arretSql(
  tx: EntityManager,
  actor: Actor,
  { interventionId, equipementId, cause }: Travail,
): Promise<Record<string, Sql>> {
  await query(tx, sql`SELECT id FROM equipements WHERE id = ${equipementId} FOR NO KEY UPDATE`);
  const ended = sql`coalesce(a.intervention_id = ${interventionId}, a.cause = ${cause}::text, false)`;
  const { statut: before, mis_hors_service, causes } = await etatWithout(tx, equipementId, ended);
  const statut = statutOf(mis_hors_service, cause === null ? causes : [...causes, cause]);
  return {
    arrets_clos: closeSql(actor, equipementId, ended),
    ...(cause === null ? {} : { arret: openSql(actor, equipementId, cause, interventionId) }),
    ...(statut === before
      ? {}
      : {
          etat: sql`UPDATE equipements SET statut = ${statut}, version = version + 1, date_modification = ${actor.now}
            WHERE id = ${equipementId}`,
          etat_event: recordSql(actor, {
            entite: 'equipement',
            entiteId: equipementId,
            action: 'etat',
            avant: { statut: before },
            apres: { statut, intervention_id: interventionId },
          }),
        }),
  };
}

/**
 * Takes a person's word on the state of a machine that they hold locked. Broken or in maintenance, it stands still; out of
 * service it stays, whatever work goes on; that it works ends what they had said, and nothing of the work on it.
 * @returns what is to be written of it.
 */
export async function sayStatut(
  tx: EntityManager,
  actor: Actor,
  equipementId: number,
  said: StatutEquipement,
): Promise<{ statut: StatutEquipement; mis_hors_service: boolean }> {
  const ownWord = sql`a.intervention_id IS NULL`;
  const { causes } = await etatWithout(tx, equipementId, ownWord);
  const cause = causeSaid(said);
  const isOthers = cause === null || causes.includes(cause);
  await query(tx, closeSql(actor, equipementId, ownWord));
  if (!isOthers) await query(tx, openSql(actor, equipementId, cause, null));
  const mis_hors_service = said === 'hors_service';
  return {
    mis_hors_service,
    statut: statutOf(mis_hors_service, cause === null ? causes : [...causes, cause]),
  };
}

/** A clock that went back ends nothing before it began. */
function closeSql({ now }: Actor, equipementId: number, which: Sql): Sql {
  return sql`UPDATE arrets a SET fin = greatest(a.debut, ${now}::timestamptz)
    WHERE a.equipement_id = ${equipementId} AND a.fin IS NULL AND ${which}`;
}

function openSql({ now }: Actor, equipementId: number, cause: CauseArret, interventionId: number | null) {
  return sql`INSERT INTO arrets (equipement_id, intervention_id, cause, debut)
    VALUES (${equipementId}, ${interventionId}::integer, ${cause}, ${now}::timestamptz)`;
}

export interface ArretRow {
  cause: CauseArret;
  debut: Date;
  /** Null while it lasts. */
  fin: Date | null;
}

/** Of one machine: overlaps are one stretch, and while it is broken it is not in maintenance. */
function intervals(equipementId: number): Sql {
  const stretches = (cause: CauseArret) =>
    sql`coalesce((SELECT range_agg(tstzrange(debut, fin)) FROM arrets
                  WHERE equipement_id = ${equipementId} AND cause = ${cause}), '{}')`;
  return sql`(SELECT row_number() OVER (ORDER BY lower(plage))::integer AS id, cause, lower(plage) AS debut, upper(plage) AS fin
    FROM (SELECT panne, entretien - panne AS entretien
          FROM (SELECT ${stretches('panne')} AS panne, ${stretches('maintenance')} AS entretien) both_of_them) apart,
      LATERAL (SELECT 'panne' AS cause, unnest(panne) AS plage
               UNION ALL SELECT 'maintenance', unnest(entretien)) each) a`;
}

export const ARRET_LIST: Omit<ListSpec, 'from'> = {
  columns: sql`a.cause, a.debut, a.fin`,
  alias: 'a',
  sortable: { debut: { expression: 'a.debut', cast: 'timestamptz' } },
  defaultSort: '-debut',
};

/** Of an equipment that the caller may see. */
export function arretsOf(
  executor: Executor,
  equipementId: number,
  causes: readonly CauseArret[] | undefined,
  page: PageRequest,
): Promise<Page<ArretRow>> {
  const conditions = causes === undefined ? [] : [sql`a.cause = ANY(${causes}::text[])`];
  return list(executor, { ...ARRET_LIST, from: intervals(equipementId) }, conditions, page);
}
