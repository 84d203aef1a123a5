import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Intervention } from '../../../db/interventions/interventions';
import { updateSql, writeTogether } from '../../../db/write';
import { causeArret, isStarted } from '../../../domain/interventions/interventions';
import type { DonneesIntervention, ModeleIntervention } from '../../../domain/interventions/textes';
import type { Actor } from '../../actor';
import { difference, recordSql } from '../../historique';
import { type Audience, announceSql } from '../../messages/messages';
import { arretSql } from '../../parc/arrets';
import { requestVerificationSql } from '../../parc/recalculs';
import { breachAt } from './clock';
import { crossedBy, settledBy } from './engagements';
import { echeancesOf, engageOf, type LockedIntervention } from './locked';

/** One event of a lifecycle: what changed, why, and who is told. */
export interface Evenement {
  action: string;
  /** What brought it about; a cause acts once. */
  cause: string;
  changes: Partial<Intervention>;
  /** Further facts for the history, such as the parts that came. */
  details?: Record<string, unknown>;
  annonces?: Annonce[];
  /** What else is written with it, by name: each statement builds on none of the others. */
  writes?: Record<string, Sql>;
}

export interface Annonce {
  modele: ModeleIntervention;
  audience: Audience;
  donnees?: Partial<DonneesIntervention>;
}

/**
 * What most events change something of. It is written whether it changes or not: a statement with a text of its own for each
 * set of fields would be planned anew in each connection, which costs more than to write the row.
 */
const LIFECYCLE = [
  'statut',
  'priorite',
  'urgence',
  'date_limite',
  'date_limite_imposee',
  'date_debut',
  'date_fin',
  'technicien_id',
  'equipiers',
  'arme_le',
  'demarrage_arme_le',
  'resolution_armee_le',
  'resolution_depuis',
  'pauses',
  'depasse_le',
  'horloge_arretee_le',
  'attente_motif',
  'niveau_escalade',
  'escalades',
  'a_transmettre_depuis',
  'regles_depuis',
  'depassements',
  'engagements_clos',
] as const satisfies readonly (keyof Intervention)[];

/**
 * Writes an event in one statement: the row with its new deadlines, one history row under the next number, the messages,
 * and what else goes with it. `locked` holds the new state afterwards.
 */
export async function writeEvenement(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  evenement: Evenement,
): Promise<void> {
  const { intervention } = locked;
  const numero = intervention.numero_evenement + 1;
  const changes: Partial<Intervention> = {
    depasse_le: breachAt(intervention, actor.now),
    ...evenement.changes,
  };
  // Nobody takes over what is not under way.
  if (!isStarted(changes.statut ?? intervention.statut)) changes.a_transmettre_depuis = null;
  const before = engageOf({ ...locked, planning: asPlanned(locked.plannedBefore) });
  const { clos, depassements } = settledBy(before, changes.statut ?? intervention.statut, actor.now);
  const { avant, apres } = difference(intervention, changes);
  const stoppedBy = causeArret(intervention);
  const rulesChange = 'priorite' in apres || 'urgence' in apres;
  Object.assign(intervention, changes, {
    depassements,
    engagements_clos:
      clos.length === 0 ? intervention.engagements_clos : [...intervention.engagements_clos, ...clos],
    ...(rulesChange ? { regles_depuis: actor.now } : {}),
  });
  const followed = { numero_evenement: numero, echeances: echeancesOf(locked) };
  Object.assign(intervention, followed);
  locked.plannedBefore = locked.planning?.date_planifiee ?? null;
  const crossed = crossedBy(before, engageOf(locked));

  // Told once the row says so: whether work stops its equipment follows from what it is, whatever the event.
  const stops = causeArret(intervention);
  const arret =
    stops === stoppedBy
      ? {}
      : await arretSql(tx, actor, {
          interventionId: intervention.id,
          equipementId: intervention.equipement_id,
          cause: stops,
        });

  const annonces = (evenement.annonces ?? []).map(({ modele, audience, donnees }) => ({
    modele,
    audience,
    siteId: locked.siteId,
    donnees: { ...messageData(locked), ...donnees },
  }));
  await writeTogether(tx, {
    row: updateSql(tx, Intervention, sql`id = ${intervention.id}`, {
      ...Object.fromEntries(LIFECYCLE.map((field) => [field, intervention[field]])),
      ...changes,
      ...followed,
    }),
    event: recordSql(actor, {
      entite: 'intervention',
      entiteId: intervention.id,
      action: evenement.action,
      avant,
      apres: { ...apres, ...evenement.details, ...crossed },
      numeroEvenement: numero,
      cause: evenement.cause,
    }),
    ...announceSql(actor, `intervention:${intervention.id}:${numero}`, annonces),
    ...(hasPutPeopleToWork(intervention, apres) ? { verification: verificationSql(intervention) } : {}),
    ...arret,
    ...evenement.writes,
  });
}

/** Whether somebody has work in progress since this event who had not before it. */
function hasPutPeopleToWork({ statut }: Intervention, apres: Record<string, unknown>): boolean {
  const isOthers = ['statut', 'technicien_id', 'equipiers'].some((field) => field in apres);
  return statut === 'en_cours' && isOthers;
}

/** Has the visits of those looked at anew who are at work on something else too. */
function verificationSql({ id, technicien_id, equipiers }: Intervention): Sql {
  const atWorkElsewhere = sql`EXISTS (SELECT FROM interventions o WHERE o.statut = 'en_cours' AND o.id <> ${id}
    AND (o.technicien_id = t.id OR o.equipiers @> ARRAY[t.id]))`;
  return requestVerificationSql([technicien_id!, ...equipiers], atWorkElsewhere);
}
const asPlanned = (date_planifiee: Date | null) => (date_planifiee === null ? null : { date_planifiee });

/** Whoever has to do with an intervention, of whom a rule says who is told. */
export function everybodyOf({ intervention, clientId, technicien, equipe }: LockedIntervention): Audience {
  return {
    technicien: [technicien?.user_id ?? null],
    equipier: equipe.map(({ user_id }) => user_id),
    client: [clientId],
    createur: [intervention.createur_id],
    responsables: true,
    admins: true,
  };
}

/** What every message about an intervention says. */
export function messageData({
  intervention,
  equipement,
  technicien,
  planning,
  calendar,
}: LockedIntervention): DonneesIntervention {
  return {
    intervention_id: intervention.id,
    titre: intervention.titre,
    priorite: intervention.priorite,
    urgence: intervention.urgence,
    equipement,
    technicien: technicien === null ? null : { nom: technicien.nom, prenom: technicien.prenom },
    date_planifiee: planning?.date_planifiee.toISOString() ?? null,
    duree_estimee: planning?.duree_estimee ?? null,
    date_limite: intervention.date_limite.toISOString(),
    fuseau_horaire: calendar.zone,
  };
}
