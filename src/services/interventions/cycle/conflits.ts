import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { query } from '../../../db/sql';
import type { DonneesIntervention } from '../../../domain/interventions/textes';
import { systemActor } from '../../actor';
import { announce } from '../../messages/messages';
import { readCalendars } from '../../planification/calendriers';
import { type Conflit, findConflits } from '../../planification/conflits';
import { goneToBy } from '../../planification/planning';
import { whoArranges } from './depart';

/** Where visits may have become impossible. */
export type Portee = { site: number | null } | { techniciens: readonly number[] };

/**
 * Tells those who arrange the work of each visit that has become impossible, once for each reason and time that it is
 * planned for, however often this is run. Whoever can do no work any more has been told of already (`depart.ts`).
 * @param scope the visits looked at; a site of null for all.
 * @param timeZone of sites that name none.
 */
export async function announceConflits(
  db: DataSource,
  scope: Portee,
  timeZone: string,
  now: Date,
): Promise<void> {
  const conditions = [sql`(p.date_fin > ${now} OR p.statut = 'en_cours')`, ...conditionsOf(scope)];
  const found = await findConflits(db, conditions, now, timeZone, sql`TRUE`);
  for (let at = 0; at < found.length; at += TOGETHER) {
    const some = found.slice(at, at + TOGETHER);
    await db.transaction((tx) => announceEach(tx, some, timeZone, now));
  }
}

/** So many are told of in one transaction. */
const TOGETHER = 50;

function conditionsOf(scope: Portee): Sql[] {
  if ('techniciens' in scope) return [goneToBy(scope.techniciens)];
  return scope.site === null ? [] : [sql`e.site_id = ${scope.site}`];
}

async function announceEach(
  tx: EntityManager,
  conflits: readonly Conflit[],
  timeZone: string,
  now: Date,
): Promise<void> {
  const facts = await readFacts(tx, conflits);
  const sites = facts.map(({ site_id }) => site_id);
  const calendars = await readCalendars(tx, sites, timeZone);
  for (const { id, date_planifiee, raisons } of conflits) {
    const { site_id: siteId, planning_id: _, ...donnees } = facts.find((one) => one.planning_id === id)!;
    const audience = await whoArranges(tx, 'conflit_planning', siteId);
    for (const conflit of raisons.filter((raison) => raison !== 'inactif')) {
      const evenement = `conflit:${id}:${conflit}:${date_planifiee.getTime()}`;
      await announce(tx, systemActor(now, evenement), evenement, {
        modele: 'conflit_planning',
        audience,
        siteId,
        donnees: {
          ...donnees,
          date_planifiee: date_planifiee.toISOString(),
          fuseau_horaire: calendars.get(siteId)!.zone,
          conflit,
        },
      });
    }
  }
}

type Facts = Omit<DonneesIntervention, 'fuseau_horaire' | 'date_planifiee'> & {
  planning_id: number;
  site_id: number | null;
};

function readFacts(tx: EntityManager, conflits: readonly Conflit[]): Promise<Facts[]> {
  return query<Facts>(
    tx,
    sql`SELECT p.id AS planning_id, e.site_id, i.id AS intervention_id, i.titre, i.priorite, i.urgence, p.duree_estimee,
          json_build_object('nom', e.nom, 'localisation', e.localisation) AS equipement,
          json_build_object('nom', u.nom, 'prenom', u.prenom) AS technicien
        FROM plannings p JOIN interventions i ON i.id = p.intervention_id JOIN equipements e ON e.id = i.equipement_id
        JOIN techniciens t ON t.id = p.technicien_id JOIN users u ON u.id = t.user_id
        WHERE p.id = ANY(${conflits.map(({ id }) => id)}::integer[])`,
  );
}
