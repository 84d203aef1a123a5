import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS, PLANNING_COLUMNS } from '../../auth/columns';
import { query } from '../../db/sql';
import { invalid, notFound, RegieError } from '../../domain/errors';
import { joursFrom, type SourceTrajets, semaineOf } from '../../domain/planification/propositions';
import type { Bilan, Probleme } from '../../domain/planification/semaine/probleme';
import {
  type ArretSurCarte,
  type FeatureCollection,
  toGeojson,
} from '../../domain/planification/tournee/geojson';
import type { ArretTournee, ResultatTournee, Tournee } from '../../domain/planification/tournee/tournee';
import type { Point } from '../../domain/planification/trajets';
import type { Actor } from '../actor';
import { markApplied } from './applications';
import { PLANNING_FROM, requireTechnicien } from './planning';
import {
  insertLignes,
  insertProposition,
  type NewLigne,
  type PropositionDetail,
  readProposition,
} from './propositions';
import { problemeOf, readSituation, type Situation } from './situation';
import type { Trajets } from './trajets';

/** The way through a day of a technicien: as it is planned, and the best there is. */

interface Tools {
  db: DataSource;
  trajets: Trajets;
  /** Finds the best way, beside everything else that this process does. */
  proposer(probleme: Probleme): Promise<ResultatTournee>;
  timeZone: string;
}

/** A stop as it is answered. */
export interface ArretRow extends Omit<ArretTournee, 'intervention' | 'debut' | 'fin'> {
  intervention_id: number;
  date_planifiee: string;
  fin: string;
  latitude: number | null;
  longitude: number | null;
}

export interface TourneeRow extends Omit<Tournee, 'arrets'> {
  arrets: ArretRow[];
}

export interface JourneeRow {
  technicien_id: number;
  date: string;
  /** Null where there is nothing to visit. */
  methode: ResultatTournee['methode'] | null;
  trajets: SourceTrajets;
  actuel: TourneeRow;
  /** Null when no order keeps all the rules, or there is nothing to visit. */
  propose: TourneeRow | null;
  geojson: FeatureCollection;
}

/** A day with all that its application needs. */
export interface Journee extends JourneeRow {
  situation: Situation;
}

const MINUTE = 60_000;
const NOTHING: Tournee = { arrets: [], ordre: [], km: 0, minutes: 0, retard_minutes: 0 };

/**
 * The day of a technicien as it is, and as it could be: of the visits that the caller may see, or may plan. What else takes
 * that person's time stays where it is, and is not told.
 * @throws {RegieError} `INTROUVABLE` for a technicien whose visits the caller may not see, or who does no work; `VALIDATION`
 *   for a day that is over
 */
export async function readJournee(
  { db, trajets, proposer, timeZone }: Tools,
  access: Access,
  technicienId: number,
  date: string,
  now: Date,
  purpose: 'read' | 'assign',
): Promise<Journee> {
  await requireTechnicien(db, access, technicienId);
  const jours = joursFrom(date, 1, timeZone);
  const [{ debut, fin }] = jours as [(typeof jours)[number]];
  if (fin <= now.getTime()) throw overPast();
  const interventions = await readVisited(db, access, technicienId, new Date(debut), new Date(fin), purpose);
  const demande = { jours, siteIds: [], techniciens: [technicienId], interventions, now, timeZone };
  const situation = await readSituation(db, demande);
  const [technicien] = situation.techniciens;
  if (technicien === undefined) throw notFound();
  const matrix = await trajets.matrix(situation.points);
  const found = situation.travaux.length === 0 ? null : await proposer(problemeOf(situation, matrix));
  const places = new Map(
    situation.travaux.map(({ intervention, lieu }) => [intervention, placeOf(situation, lieu)]),
  );
  const row = (tournee: Tournee): TourneeRow => ({
    ...tournee,
    arrets: tournee.arrets.map((arret) => arretRow(arret, places.get(arret.intervention) ?? null)),
  });
  const actuel = row(found?.actuel ?? NOTHING);
  const propose = found === null || found.propose === null ? null : row(found.propose);
  return {
    technicien_id: technicienId,
    date,
    methode: found?.methode ?? null,
    trajets: matrix.source,
    actuel,
    propose,
    geojson: toGeojson(
      technicien.base === null ? null : placeOf(situation, technicien.base),
      onMap(actuel),
      propose && onMap(propose),
    ),
    situation,
  };
}

/** What they are to visit on that day and have not begun, as far as the caller may see or plan it. */
async function readVisited(
  db: DataSource,
  access: Access,
  technicienId: number,
  debut: Date,
  fin: Date,
  purpose: 'read' | 'assign',
): Promise<number[]> {
  const permitted =
    purpose === 'read'
      ? access.where('read', 'Planning', PLANNING_COLUMNS)
      : access.where('assign', 'Intervention', INTERVENTION_COLUMNS);
  const rows = await query<{ id: number }>(
    db,
    sql`SELECT i.id FROM ${PLANNING_FROM}
        WHERE p.technicien_id = ${technicienId} AND p.statut = 'planifiee' AND i.statut = 'planifiee'
          AND p.date_planifiee >= ${debut} AND p.date_planifiee < ${fin} AND ${permitted} ORDER BY i.id`,
  );
  return rows.map(({ id }) => id);
}

function placeOf({ points }: Situation, lieu: number): Point | null {
  return lieu === 0 ? null : points[lieu - 1]!;
}

function arretRow({ intervention, debut, fin, ...measures }: ArretTournee, lieu: Point | null): ArretRow {
  return {
    intervention_id: intervention,
    date_planifiee: new Date(debut * MINUTE).toISOString(),
    fin: new Date(fin * MINUTE).toISOString(),
    ...measures,
    latitude: lieu?.latitude ?? null,
    longitude: lieu?.longitude ?? null,
  };
}

function onMap({ arrets }: TourneeRow): ArretSurCarte[] {
  return arrets.map(({ intervention_id, date_planifiee, latitude, longitude }) => ({
    intervention: intervention_id,
    debut: date_planifiee,
    lieu: latitude === null || longitude === null ? null : { latitude, longitude },
  }));
}

/**
 * Has the day carried out as it is proposed: a proposal of its own, whose lines become orders of the caller like those of a
 * week.
 * @param journee what was found for the caller, for `assign`, before the transaction.
 * @param requete the request that asks for it.
 * @throws {RegieError} `INTERDIT`, `CONFLIT_PLANNING` when no order keeps all the rules
 */
export async function applyJournee(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  journee: Journee,
  requete: string,
  timeZone: string,
): Promise<PropositionDetail> {
  await access.confirm(tx);
  const { principal } = access;
  const site_ids = principal.tousSites ? [] : [...principal.sites];
  access.require('create', 'Proposition', { site_ids });
  const { technicien_id, date, actuel, propose, trajets, situation } = journee;
  if (propose === null && actuel.arrets.length > 0) throw noWay();
  const lignes = movesOf(journee);
  const made = await insertProposition(tx, access, actor, {
    genre: 'journee',
    semaine: semaineOf(date),
    jour: date,
    createur_id: principal.userId,
    site_ids,
    techniciens: [technicien_id],
    interventions: situation.travaux.map(({ intervention }) => intervention),
    date_expiration: new Date(joursFrom(date, 1, timeZone)[0]!.fin),
    statut: 'prete',
    trajets,
    bilan: bilanOf(propose ?? actuel),
    avant: bilanOf(actuel),
  });
  await insertLignes(tx, made.id, lignes);
  await markApplied(tx, access, actor, made.id, requete);
  return readProposition(tx, access, made.id);
}

/** Visits that are to begin at another time; the others stay as they are. */
function movesOf({ technicien_id, actuel, propose, situation }: Journee): NewLigne[] {
  const before = new Map(actuel.arrets.map((arret) => [arret.intervention_id, arret.date_planifiee]));
  return (propose?.arrets ?? [])
    .filter(({ intervention_id, date_planifiee }) => before.get(intervention_id) !== date_planifiee)
    .map(({ intervention_id, date_planifiee, fin, trajet_minutes, retard_minutes }) => ({
      intervention_id,
      technicien_id,
      date_planifiee: new Date(date_planifiee),
      duree_estimee: situation.travaux.find(({ intervention }) => intervention === intervention_id)!.duree,
      segments: [{ debut: date_planifiee, fin }],
      equipiers: situation.vues.get(intervention_id)!.equipiers,
      trajet_minutes,
      retard_minutes,
      vue: situation.vues.get(intervention_id)!,
    }));
}

function bilanOf({ ordre, km, minutes, retard_minutes }: TourneeRow): Bilan {
  return {
    affectees: ordre.length,
    non_affectees: 0,
    retard_minutes,
    trajet_minutes: minutes,
    km,
    ecart_charge: 0,
  };
}

function overPast(): RegieError {
  return invalid({ champ: 'date', message: { fr: 'Aujourd’hui ou plus tard', en: 'Today or later' } });
}

function noWay(): RegieError {
  return new RegieError('CONFLIT_PLANNING', {
    detail: {
      fr: 'Aucun ordre de ces visites ne respecte toutes les règles',
      en: 'No order of these visits keeps all the rules',
    },
    extensions: { conflits: [] },
  });
}
