import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { type Executor, query, queryOne } from '../../db/sql';
import { isZone } from '../../domain/local-time';
import { joursFrom, mondayOf, type SourceTrajets } from '../../domain/planification/propositions';
import type {
  Bilan,
  Probleme,
  Progression,
  Proposition,
  VisitePlan,
} from '../../domain/planification/semaine/probleme';
import { systemActor } from '../actor';
import { record } from '../historique';
import { insertLignes, type NewLigne } from './propositions';
import { type Demande, problemeOf, readSituation, type Situation } from './situation';
import type { Trajets } from './trajets';

/**
 * The computing of a proposal, as its workflow has it done: what is given to the search, that it goes on, what it came to.
 * Each of these can be done again; once somebody has given the proposal up, none of them does anything.
 */

/** What the search of one proposal is given. */
export interface Recherche {
  probleme: Probleme;
  /** What is planned today of what is to be planned, to be measured too. */
  actuel: VisitePlan[];
  situation: Situation;
  trajets: SourceTrajets;
}

/** What the search came to. */
export interface Trouvee {
  proposition: Proposition;
  avant: Bilan;
}

interface Tools {
  db: DataSource;
  trajets: Trajets;
  /** Zone of sites that name none. */
  timeZone: string;
}

/**
 * Reads what the search of a proposal is given.
 * @returns null for one that nobody waits for any more.
 */
export async function prepareRecherche(
  { db, trajets, timeZone }: Tools,
  id: number,
  now: Date,
): Promise<Recherche | null> {
  const demande = await readDemande(db, id, now, timeZone);
  if (demande === null) return null;
  const situation = await readSituation(db, demande);
  const matrix = await trajets.matrix(situation.points);
  return {
    probleme: problemeOf(situation, matrix),
    actuel: situation.actuel,
    situation,
    trajets: matrix.source,
  };
}

/** What a proposal is asked for, on the days of its site. */
export async function readDemande(
  executor: Executor,
  id: number,
  now: Date,
  timeZone: string,
  statut: 'en_cours' | 'prete' = 'en_cours',
): Promise<Demande | null> {
  const row = await queryOne<{
    semaine: string;
    jour: string | null;
    site_ids: number[];
    techniciens: number[] | null;
    interventions: number[] | null;
    zone: string | null;
  }>(
    executor,
    sql`SELECT r.semaine, r.jour::text AS jour, r.site_ids, r.techniciens, r.interventions, s.fuseau_horaire AS zone
        FROM propositions r LEFT JOIN sites s ON s.id = r.site_ids[1] AND cardinality(r.site_ids) = 1
        WHERE r.id = ${id} AND r.statut = ${statut}`,
  );
  if (row === null) return null;
  const { semaine, jour, site_ids, techniciens, interventions } = row;
  const zone = row.zone !== null && isZone(row.zone) ? row.zone : timeZone;
  const jours = jour === null ? joursFrom(mondayOf(semaine)!, 7, zone) : joursFrom(jour, 1, zone);
  return { jours, siteIds: site_ids, techniciens, interventions, now, timeZone };
}

/**
 * Writes down how far a search has come; without anything to say, that somebody is at it.
 * @returns whether anybody still waits for it.
 */
export async function noteProgression(
  executor: Executor,
  id: number,
  progression: Progression | null,
): Promise<boolean> {
  const json = progression === null ? null : JSON.stringify(progression);
  const row = await queryOne(
    executor,
    sql`UPDATE propositions SET battement = now(), progression = coalesce(${json}::jsonb, progression)
        WHERE id = ${id} AND statut = 'en_cours' RETURNING id`,
  );
  return row !== null;
}

/** Writes down what the search came to. */
export function noteResult(
  db: DataSource,
  id: number,
  { situation, trajets }: Recherche,
  { proposition, avant }: Trouvee,
  now: Date,
): Promise<void> {
  const { visites, non_affectees, bilan } = proposition;
  return db.transaction(async (tx) => {
    const ready = await queryOne<{ id: number }>(
      tx,
      sql`UPDATE propositions SET statut = 'prete', bilan = ${JSON.stringify(bilan)}::jsonb,
            avant = ${JSON.stringify(avant)}::jsonb, non_affectees = ${JSON.stringify(non_affectees)}::jsonb,
            laissees = ${situation.laissees}, trajets = ${trajets}, version = version + 1, date_modification = now()
          WHERE id = ${id} AND statut = 'en_cours' RETURNING id`,
    );
    if (ready === null) return;
    await query(tx, sql`DELETE FROM propositions_lignes WHERE proposition_id = ${id}`);
    await insertLignes(
      tx,
      id,
      visites.filter(({ verrouille }) => !verrouille).map((visite) => ligneOf(visite, situation)),
    );
    const { affectees, non_affectees: left } = bilan;
    await record(tx, systemActor(now, `proposition-${id}`), {
      entite: 'proposition',
      entiteId: id,
      action: 'calcul',
      apres: { statut: 'prete', affectees, non_affectees: left },
    });
  });
}

/** A visit of a plan as a line. */
function ligneOf(visite: Proposition['visites'][number], { travaux, vues }: Situation): NewLigne {
  const { intervention, technicien, debut, segments, equipiers, trajet_minutes, retard_minutes } = visite;
  return {
    intervention_id: intervention,
    technicien_id: technicien,
    date_planifiee: new Date(debut * MINUTE),
    duree_estimee: travaux.find((travail) => travail.intervention === intervention)!.duree,
    segments: segments.map(([from, to]) => ({
      debut: new Date(from * MINUTE).toISOString(),
      fin: new Date(to * MINUTE).toISOString(),
    })),
    equipiers,
    trajet_minutes,
    retard_minutes,
    vue: vues.get(intervention)!,
  };
}

const MINUTE = 60_000;

/** Gives up a proposal that is being computed: it cannot be, however often it was tried, or somebody ended its search. */
export function closeRecherche(
  db: DataSource,
  id: number,
  motif: 'demande' | 'echec',
  now: Date,
): Promise<void> {
  return db.transaction(async (tx) => {
    const closed = await queryOne(
      tx,
      sql`UPDATE propositions SET statut = 'annulee', motif = ${motif}, version = version + 1, date_modification = now()
          WHERE id = ${id} AND statut = 'en_cours' RETURNING id`,
    );
    if (closed === null) return;
    await record(tx, systemActor(now, `proposition-${id}`), {
      entite: 'proposition',
      entiteId: id,
      action: 'annulation',
      apres: { statut: 'annulee', motif },
    });
  });
}
