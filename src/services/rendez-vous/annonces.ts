import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { writeTogether } from '../../db/write';
import type { CanalSortant } from '../../domain/messages/canaux';
import { CANAUX_RAPPEL, type Rappel } from '../../domain/rendez-vous/prestations';
import { nomDuRappel } from '../../domain/rendez-vous/rappels';
import type { ModeleAgenda, ModeleParticipant } from '../../domain/rendez-vous/textes';
import type { Actor } from '../actor';
import { recordSql } from '../historique';
import { writeToPatients } from '../messages/cabinets';
import { type Announcement, announceSql } from '../messages/messages';
import { type MessageParticipant, participantsSql, writeToParticipants } from '../messages/participants';
import { donneesOf, type Faits, type Lecteur, lockFaits } from './faits';

/** Tells of what happens to an appointment, in the transaction in which it does. */

export const EVENEMENTS_RENDEZ_VOUS = [
  /** Asked for: somebody of the house has to say yes. */
  'demande',
  /** Booked without an account, as soon as they have said from their mail that it was them. */
  'a_confirmer',
  /** They did not. */
  'non_confirme',
  /** Booked, as soon as the calendars of who receives have been read again: nobody is told before. */
  'verification',
  /** They were taken by then. */
  'indisponibilite',
  /** Booked, or said yes to. */
  'confirmation',
  'refus',
  'report',
  'annulation',
  /** One of several who come does not any more. */
  'desistement',
  'arrivee',
  'honore',
  'absence',
  'reaffectation',
  /** Nobody said yes or no in time. */
  'expiration',
] as const;
export type EvenementRendezVous = (typeof EVENEMENTS_RENDEZ_VOUS)[number];

/** What of an appointment can change, without anything that somebody said of themselves. */
export interface Etat {
  statut: string;
  debut: Date;
  fin: Date;
  intervenants: number[];
  salles: number[];
  places: number;
  sequence: number;
}

export interface Annonce {
  rendezVousId: number;
  evenement: EvenementRendezVous;
  /** As it was before; null for one that is new. */
  avant: Etat | null;
}

/** What those who come are told of each, and those who receive them; null for nothing. */
const DIT: Record<
  EvenementRendezVous,
  { participant: ModeleParticipant | null; agenda: ModeleAgenda | null }
> = {
  demande: { participant: 'rdv_demande', agenda: 'agenda_demande' },
  confirmation: { participant: 'rdv_confirme', agenda: 'agenda_nouveau' },
  a_confirmer: { participant: 'rdv_a_confirmer', agenda: null },
  // Whoever got a mail that they had not asked for hears no more of it.
  non_confirme: { participant: null, agenda: null },
  verification: { participant: null, agenda: null },
  indisponibilite: { participant: 'rdv_indisponible', agenda: null },
  refus: { participant: 'rdv_refuse', agenda: 'agenda_annule' },
  report: { participant: 'rdv_reporte', agenda: 'agenda_reporte' },
  annulation: { participant: 'rdv_annule', agenda: 'agenda_annule' },
  desistement: { participant: 'rdv_annule', agenda: null },
  arrivee: { participant: null, agenda: null },
  honore: { participant: null, agenda: null },
  absence: { participant: null, agenda: null },
  reaffectation: { participant: 'rdv_change', agenda: 'agenda_nouveau' },
  expiration: { participant: 'rdv_expire', agenda: 'agenda_annule' },
};

/**
 * Writes what happened into the history, and messages to everybody whom it concerns into the outbox: to those who come, by
 * email or, without an address, by text message, and to those who receive them by the rules. Everybody is told once of each
 * event and sequence, however often this is run. The links of those who do not come any more stop working.
 */
export async function annoncer(
  tx: EntityManager,
  actor: Actor,
  { rendezVousId, evenement, avant }: Annonce,
): Promise<void> {
  const faits = await lockFaits(tx, rendezVousId);
  if (faits === null) return;
  const told = toldParticipants(actor, faits, evenement, avant);
  await writeTogether(tx, {
    recorded: recordSql(actor, {
      entite: 'rendez_vous',
      entiteId: rendezVousId,
      action: evenement,
      avant: avant === null ? null : { ...avant },
      apres: { ...etatDe(faits) },
    }),
    ...(told.length > 0 && { written: participantsSql(actor, told) }),
    ...(await agendaSql(tx, actor, faits, evenement, avant)),
  });
  // Whoever waits on the page of their booking reads there that it could not be had.
  if (evenement !== 'indisponibilite') await closeLinks(tx, faits);
}

/** As it was when its facts were read. */
export function etatDe({ statut, debut, fin, intervenant_ids, salle_ids, places, sequence }: Faits): Etat {
  return { statut, debut, fin, intervenants: intervenant_ids, salles: salle_ids, places, sequence };
}

/** As it is now; null when there is none any more. */
export async function readEtat(tx: EntityManager, rendezVousId: number): Promise<Etat | null> {
  const [etat] = await query<Etat>(
    tx,
    sql`SELECT statut, debut, fin, intervenants, salles, places, sequence FROM rendez_vous WHERE id = ${rendezVousId}`,
  );
  return etat ?? null;
}

/** What those who come are told of it. */
function toldParticipants(
  actor: Actor,
  faits: Faits,
  evenement: EvenementRendezVous,
  avant: Etat | null,
): MessageParticipant[] {
  const modele = DIT[evenement].participant;
  if (modele === null) return [];
  const isOver = OVER.has(modele);
  const told = faits.participants.filter(({ statut }, rank) => {
    if (evenement === 'a_confirmer') return rank === 0;
    if (evenement === 'desistement') return statut === 'annule';
    return isOver || statut !== 'annule';
  });
  const donnees = donneesOf(faits, actor.now, evenement === 'report' ? (avant?.debut ?? null) : null);
  const named = `rendez-vous:${faits.id}:${isOver ? 'fin' : `${evenement}:${faits.sequence}`}`;
  return told.flatMap((participant): MessageParticipant[] => {
    const canal = canalOf(participant);
    if (canal === null) return [];
    return [
      {
        modele,
        donnees: { ...donnees, fuseau_horaire: participant.fuseau_horaire },
        participantId: participant.id,
        canal,
        // Of whoever has left nothing more is said, also when all the rest is called off later.
        evenement: `${named}:p${participant.id}`,
      },
    ];
  });
}

/** After which nothing is said any more: one of these is said to each, whichever comes first. */
const OVER: ReadonlySet<ModeleParticipant> = new Set([
  'rdv_refuse',
  'rdv_indisponible',
  'rdv_expire',
  'rdv_annule',
]);

/** By which somebody is told of what happens: null when nothing reaches them. */
export function canalOf({ email, telephone }: Pick<Lecteur, 'email' | 'telephone'>): CanalSortant | null {
  if (email !== null) return 'email';
  return telephone === null ? null : 'sms';
}

/** The parts of a statement that tell those who receive them. */
async function agendaSql(
  tx: EntityManager,
  actor: Actor,
  faits: Faits,
  evenement: EvenementRendezVous,
  avant: Etat | null,
): Promise<Record<string, Sql>> {
  const { agenda: modele } = DIT[evenement];
  if (modele === null) return {};
  const former = await usersOf(tx, avant?.intervenants ?? []);
  const isMoved = evenement === 'report' || evenement === 'reaffectation';
  const donnees = donneesOf(faits, actor.now, evenement === 'report' ? (avant?.debut ?? null) : null);
  const clients = faits.participants
    .filter(({ statut }) => statut !== 'annule' || modele === 'agenda_annule')
    .map(({ nom }) => nom);
  const facts = { ...donnees, clients };
  const present = faits.intervenants.flatMap(({ user_id, fuseau }): Announcement[] => {
    const isNew = !former.some((one) => one.user_id === user_id);
    if (evenement === 'reaffectation' && !isNew) return [];
    const own = isMoved && isNew ? (facts.a_valider ? 'agenda_demande' : 'agenda_nouveau') : modele;
    const audience = { intervenant: [user_id], ...(own === 'agenda_demande' && { responsables: true }) };
    return [{ modele: own, donnees: { ...facts, fuseau_horaire: fuseau }, audience, siteId: faits.site_id }];
  });
  const freed = former
    .filter(({ user_id }) => isMoved && !faits.intervenants.some((one) => one.user_id === user_id))
    .map(
      ({ user_id, fuseau }): Announcement => ({
        modele: 'agenda_libere',
        // Where it goes now is not theirs to know.
        donnees: {
          ...facts,
          debut: avant!.debut.toISOString(),
          fin: avant!.fin.toISOString(),
          avant: null,
          fuseau_horaire: fuseau,
        },
        audience: { ancien: [user_id] },
      }),
    );
  const announcements = [...present, ...freed];
  if (announcements.length === 0) return {};
  return announceSql(actor, `rendez-vous:${faits.id}:${evenement}:${faits.sequence}`, announcements);
}

function usersOf(
  tx: EntityManager,
  intervenants: readonly number[],
): Promise<{ user_id: number; fuseau: string }[]> {
  if (intervenants.length === 0) return Promise.resolve([]);
  return query(
    tx,
    sql`SELECT v.user_id, coalesce(v.fuseau_horaire, s.fuseau_horaire,
          nullif(current_setting('regie.fuseau', true), ''), 'UTC') AS fuseau
        FROM intervenants v LEFT JOIN sites s ON s.id = v.site_id WHERE v.id = ANY(${intervenants}::integer[])
        ORDER BY v.id`,
  );
}

/** The links of what does not take place any more open nothing. */
export async function closeLinks(tx: EntityManager, { id, statut }: Faits): Promise<void> {
  if (statut !== 'refuse' && statut !== 'annule' && statut !== 'expire') return;
  await query(
    tx,
    sql`UPDATE participants SET jeton_hash = NULL, jeton_expire_le = NULL
        WHERE rendez_vous_id = ${id} AND jeton_hash IS NOT NULL`,
  );
}

/** Asks those who came what they thought of it, by email, once. */
export function demanderAvis(tx: EntityManager, actor: Actor, faits: Faits): Promise<void> {
  const donnees = donneesOf(faits, actor.now);
  const present = faits.participants.filter(({ statut, email }) => statut === 'present' && email !== null);
  return writeToParticipants(
    tx,
    actor,
    present.map(
      ({ id, fuseau_horaire }): MessageParticipant => ({
        modele: 'rdv_avis',
        donnees: { ...donnees, fuseau_horaire },
        participantId: id,
        canal: 'email',
        evenement: `rendez-vous:${faits.id}:avis:p${id}`,
      }),
    ),
  );
}

/** Tells whoever waits for a practice what is offered to them, by each channel: where it leaves, that of the patient is chosen. */
export function proposerAuPatient(tx: EntityManager, actor: Actor, faits: Faits): Promise<void> {
  const { id, debut, expire_le } = faits;
  const donnees = {
    rendez_vous_id: id,
    debut: debut.toISOString(),
    expire_le: (expire_le ?? debut).toISOString(),
    lieu: null,
  };
  return writeToPatients(
    tx,
    actor,
    CANAUX_RAPPEL.map((canal) => ({
      contenu: { modele: 'cabinet_offre', donnees },
      canal,
      evenement: `rendez-vous:${id}:offre:patient`,
    })),
  );
}

/** Reminds whoever comes to a practice, by each channel: where it leaves, that of the patient is chosen. Once of each. */
export function rappelerPatient(
  tx: EntityManager,
  actor: Actor,
  faits: Faits,
  dus: readonly Rappel[],
): Promise<void> {
  return writeToPatients(
    tx,
    actor,
    dus.map((rappel) => ({
      contenu: {
        modele: 'cabinet_rappel',
        donnees: { rendez_vous_id: faits.id, debut: faits.debut.toISOString(), lieu: null },
      },
      canal: rappel.canal,
      evenement: `rendez-vous:${faits.id}:rappel-${rappel.avant}:${faits.horaire_sequence}:patient`,
    })),
  );
}

/** Reminds everybody who comes, by a channel that reaches them, once of each reminder of each beginning. */
export function rappeler(
  tx: EntityManager,
  actor: Actor,
  faits: Faits,
  dus: readonly { participant: Lecteur; rappel: Rappel }[],
): Promise<void> {
  const donnees = donneesOf(faits, actor.now);
  return writeToParticipants(
    tx,
    actor,
    dus.flatMap(({ participant, rappel }): MessageParticipant[] => {
      const { canal } = rappel;
      if ((canal === 'email' ? participant.email : participant.telephone) === null) return [];
      const named = `rendez-vous:${faits.id}:rappel-${nomDuRappel(rappel).replace(' ', '-')}:${faits.horaire_sequence}`;
      return [
        {
          modele: 'rdv_rappel',
          donnees: { ...donnees, fuseau_horaire: participant.fuseau_horaire },
          participantId: participant.id,
          canal,
          evenement: `${named}:p${participant.id}`,
        },
      ];
    }),
  );
}
