import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type LigneProposition, Proposition } from '../../db/planification/propositions';
import { query } from '../../db/sql';
import { invalid, RegieError, type Texte } from '../../domain/errors';
import { poser } from '../../domain/planification/retouches';
import { mesurer } from '../../domain/planification/semaine/mesure';
import { creerModele, type Modele } from '../../domain/planification/semaine/modele';
import type { CodeRefus, Plage, VisitePlan } from '../../domain/planification/semaine/probleme';
import { EXCLUSION_TEXTES } from '../../domain/planification/textes';
import type { Actor } from '../actor';
import { record } from '../historique';
import { requireVersion } from '../versions';
import {
  lockProposition,
  type PropositionDetail,
  readProposition,
  readStoredLignes,
  requireReady,
} from './propositions';
import { readDemande } from './recherches';
import { problemeOf, readSituation } from './situation';
import type { Trajets } from './trajets';

/** Changing a proposal by hand before it is applied: each change is checked by the rules of the search, all of them or none made. */

/** What is to change of a line; what is not named stays as it is. */
export interface Retouche {
  id: number;
  technicien_id?: number;
  date_planifiee?: Date;
  verrouillee?: boolean;
  retiree?: boolean;
}

const MINUTE = 60_000;

/** By what a change is judged: people and work as they are, made ready before the transaction. */
export interface Jugement {
  modele: Modele;
  /** Where the interventions are today: a line that is taken out leaves its visit there. */
  actuel: readonly VisitePlan[];
}

/**
 * Reads by what changes of a proposal are judged, in a constant number of statements.
 * @throws {RegieError} `INTROUVABLE`, `TRANSITION_INVALIDE` unless it is ready
 */
export async function prepareRetouches(
  { db, trajets, timeZone }: { db: DataSource; trajets: Trajets; timeZone: string },
  access: Access,
  id: number,
  now: Date,
): Promise<Jugement> {
  const { visites, statut } = await readProposition(db, access, id);
  const demande = await readDemande(db, id, now, timeZone, 'prete');
  if (demande === null) throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut } });
  const interventions = visites.map(({ intervention_id }) => intervention_id);
  const situation = await readSituation(db, { ...demande, interventions });
  const matrix = await trajets.matrix(situation.points);
  return { modele: creerModele(problemeOf(situation, matrix)), actuel: situation.actuel };
}

/**
 * Moves, takes out, puts back and locks lines.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE` for a proposal that is not ready or
 *   a line that is locked, `VALIDATION` for lines and people that are none of it, `HORS_DISPONIBILITE` for somebody who cannot
 *   do it or is not there then, `CONFLIT_PLANNING`
 */
export async function changeProposition(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  { modele, actuel }: Jugement,
  retouches: readonly Retouche[],
  expected: number | null,
): Promise<PropositionDetail> {
  const proposition = await lockProposition(tx, access, id, 'update');
  requireVersion(proposition, expected);
  requireReady(proposition, actor.now);
  const lignes = await readStoredLignes(tx, id);
  const moved = new Set<number>();
  for (const [index, retouche] of retouches.entries()) {
    const ligne = lignes.find((one) => one.id === retouche.id);
    if (ligne === undefined) throw unknownLine(index, 'id');
    if (change(ligne, retouche)) moved.add(ligne.id);
    if (moved.has(ligne.id) && !ligne.retiree) stand(modele, ligne, index);
  }
  requireNoOverlap(lignes, actuel, moved);
  const { visites, bilan } = mesurer(modele, lignes.filter(({ retiree }) => !retiree).map(planOf));
  const measured = new Map(visites.map((visite) => [visite.intervention, visite]));
  const written = lignes.map((ligne) => {
    const visite = measured.get(ligne.intervention_id);
    return {
      ...ligne,
      trajet_minutes: visite?.trajet_minutes ?? null,
      retard_minutes: visite?.retard_minutes ?? 0,
    };
  });
  await writeLignes(tx, id, written);
  const out = lignes.filter(({ retiree }) => retiree).length;
  const non_affectees = proposition.non_affectees.length + out;
  await tx.update(Proposition, { id }, { bilan: { ...bilan, non_affectees } });
  await record(tx, actor, {
    entite: 'proposition',
    entiteId: id,
    action: 'retouche',
    apres: { visites: retouches },
  });
  return readProposition(tx, access, id);
}

/**
 * Makes a change to a line.
 * @returns whether it stands elsewhere by now, or again.
 */
function change(ligne: LigneProposition, retouche: Retouche): boolean {
  const { technicien_id, date_planifiee, verrouillee, retiree } = retouche;
  const moves =
    (technicien_id !== undefined && technicien_id !== ligne.technicien_id) ||
    (date_planifiee !== undefined && date_planifiee.getTime() !== ligne.date_planifiee.getTime()) ||
    (retiree !== undefined && retiree !== ligne.retiree);
  if (verrouillee !== undefined) ligne.verrouillee = verrouillee;
  if (moves && ligne.verrouillee && verrouillee !== true) throw locked(ligne);
  ligne.technicien_id = technicien_id ?? ligne.technicien_id;
  ligne.date_planifiee = date_planifiee ?? ligne.date_planifiee;
  ligne.retiree = retiree ?? ligne.retiree;
  return moves;
}

/** Puts a line where it is to stand. */
function stand(modele: Modele, ligne: LigneProposition, index: number): void {
  const debut = ligne.date_planifiee.getTime() / MINUTE;
  const { jours } = modele.probleme;
  const isInside = jours.some((jour) => jour.debut <= debut && debut < jour.fin);
  if (!Number.isInteger(debut) || !isInside) throw outside(index);
  const pose = poser(modele, ligne.intervention_id, ligne.technicien_id, debut);
  if (pose === null) throw unknownLine(index, 'technicien_id');
  if ('refus' in pose) throw pose.refus === 'creneau_pris' ? taken(ligne, null) : unfit(ligne, pose.refus);
  ligne.segments = pose.segments.map(([from, to]) => ({
    debut: new Date(from * MINUTE).toISOString(),
    fin: new Date(to * MINUTE).toISOString(),
  }));
}

/** Of two lines that want the same time, or a line that wants what one that was taken out keeps. */
function requireNoOverlap(
  lignes: readonly LigneProposition[],
  actuel: readonly VisitePlan[],
  moved: ReadonlySet<number>,
): void {
  const standing = lignes.map((ligne) => {
    if (!ligne.retiree)
      return { ligne, people: [ligne.technicien_id, ...ligne.equipiers], plages: plagesOf(ligne) };
    const visit = actuel.find(({ intervention }) => intervention === ligne.intervention_id);
    return {
      ligne,
      people: visit === undefined ? [] : [visit.technicien, ...ligne.vue.equipiers],
      plages: visit?.segments ?? [],
    };
  });
  for (const one of standing) {
    if (!moved.has(one.ligne.id)) continue;
    const other = standing.find(
      (another) =>
        another !== one &&
        another.people.some((person) => one.people.includes(person)) &&
        another.plages.some(([from, to]) => one.plages.some(([begin, end]) => from < end && to > begin)),
    );
    if (other !== undefined) throw taken(one.ligne, other.ligne);
  }
}

function plagesOf({ segments }: LigneProposition): Plage[] {
  return segments.map(({ debut, fin }) => [Date.parse(debut) / MINUTE, Date.parse(fin) / MINUTE]);
}

function planOf(ligne: LigneProposition): VisitePlan {
  return {
    intervention: ligne.intervention_id,
    technicien: ligne.technicien_id,
    debut: ligne.date_planifiee.getTime() / MINUTE,
    segments: plagesOf(ligne),
  };
}

/** All of them in one statement: moving one changes the way to the next. */
async function writeLignes(
  tx: EntityManager,
  id: number,
  lignes: readonly LigneProposition[],
): Promise<void> {
  await query(
    tx,
    sql`UPDATE propositions_lignes l SET technicien_id = w.technicien_id, date_planifiee = w.date_planifiee,
          segments = w.segments, verrouillee = w.verrouillee, retiree = w.retiree, trajet_minutes = w.trajet_minutes,
          retard_minutes = w.retard_minutes
        FROM jsonb_to_recordset(${JSON.stringify(lignes)}::jsonb) AS w (id integer, technicien_id integer,
          date_planifiee timestamptz, segments jsonb, verrouillee boolean, retiree boolean, trajet_minutes integer,
          retard_minutes integer)
        WHERE l.id = w.id AND l.proposition_id = ${id}`,
  );
}

function unknownLine(index: number, field: 'id' | 'technicien_id'): RegieError {
  const messages: Record<typeof field, Texte> = {
    id: { fr: 'Aucune ligne de cette proposition', en: 'No line of this proposal' },
    technicien_id: {
      fr: 'Ni ce technicien ni, peut-être, cette intervention ne sont plus à planifier ici',
      en: 'This technicien, or this intervention, is not to be planned here, or not any more',
    },
  };
  return invalid({ champ: `visites.${index}.${field}`, message: messages[field] });
}

function outside(index: number): RegieError {
  return invalid({
    champ: `visites.${index}.date_planifiee`,
    message: {
      fr: 'Une minute entière de la période proposée, à venir',
      en: 'A whole minute of the period of the proposal, ahead of now',
    },
  });
}

function locked({ id, intervention_id }: LigneProposition): RegieError {
  return new RegieError('TRANSITION_INVALIDE', {
    detail: {
      fr: 'La ligne est verrouillée : il faut d’abord la déverrouiller',
      en: 'The line is locked: unlock it first',
    },
    extensions: { ligne_id: id, intervention_id },
  });
}

function taken(ligne: LigneProposition, other: LigneProposition | null): RegieError {
  return new RegieError('CONFLIT_PLANNING', {
    detail: {
      fr: 'Le technicien est déjà pris à ce moment',
      en: 'The technicien is taken already at that time',
    },
    extensions: {
      ligne_id: ligne.id,
      conflits:
        other === null
          ? []
          : [{ ligne_id: other.id, intervention_id: other.intervention_id, segments: other.segments }],
    },
  });
}

const REFUS_TEXTES: Readonly<Record<Exclude<CodeRefus, 'fenetre'>, Texte>> = {
  ...EXCLUSION_TEXTES,
  site: { fr: "n'intervient pas sur ce site", en: 'does no work on this site' },
  equipe: { fr: 'un équipier n’est pas libre', en: 'somebody of the crew is not free' },
};

function unfit(ligne: LigneProposition, code: keyof typeof REFUS_TEXTES): RegieError {
  return new RegieError('HORS_DISPONIBILITE', {
    detail: {
      fr: `Le technicien ne peut pas y aller à ce moment : ${REFUS_TEXTES[code].fr}`,
      en: `The technicien cannot go then: ${REFUS_TEXTES[code].en}`,
    },
    extensions: { ligne_id: ligne.id, raisons: [code] },
  });
}
