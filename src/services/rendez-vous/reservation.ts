import { randomBytes } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { query, queryOne } from '../../db/sql';
import { invalid, notFound } from '../../domain/errors';
import type { Refus } from '../../domain/rendez-vous/creneaux';
import {
  type Attente,
  DELAI_AGENDAS,
  DELAI_COURRIER,
  DELAI_REPONSE,
  DUREE_RETENUE,
  type Origine,
} from '../../domain/rendez-vous/rendez-vous';
import { faultsOfReponses } from '../../domain/rendez-vous/reponses';
import type { Langue } from '../../domain/writing';
import type { Actor } from '../actor';
import { annoncer, type EvenementRendezVous } from './annonces';
import { attribuer } from './attribution';
import { type PrestationRow, readSituation, type Situation } from './creneaux';
import { type RendezVousAnswer, readChanged } from './lecture';
import { refuse } from './references';
import { type AskedRendezVous, type Raison, refusal, type Souhait } from './refus';
import { endExpired, endHolds, lockRessources, openSeance, takePlaces } from './seances';
import { aRelire, verifier } from './synchronisation';

/**
 * Booking. Whoever books comes with an account or without: a use case asks their `Access` what they may, and
 * `auth/public-access.ts` makes the one of whoever has no account; a route without an account makes it inside the transaction
 * and says that what is booked is of `public` origin.
 *
 * Holds, bookings and slots read the same rows. What is needed is locked first and read afterwards (`seances.ts`), so that of
 * many who want one time as many get it as there are places, and everybody else is told what else is free.
 */

/** What is held, without anything of who books it. */
export interface DemandeDeRetenue {
  prestation: string;
  debut: Date;
  /** Minutes. */
  duree?: number | undefined;
  intervenant_id?: number | undefined;
}

export interface ParticipantFields {
  nom: string;
  email: string | null;
  telephone: string | null;
  langue: Langue;
  fuseau_horaire: string | null;
}

export interface Reservation extends DemandeDeRetenue {
  /** The uid of the caller's hold, which is used up. */
  retenue?: string | undefined;
  /** The first one books; of a workshop each takes a place. */
  participants: ParticipantFields[];
  /** By the names of the questions. */
  reponses: Record<string, unknown>;
}

/** Who books, as the rows keep it. */
export interface Reservant {
  /** `public` for whoever has no account; of an account it follows from its role. */
  origine?: 'public';
  /** Whose holds these are: {@link appelantOf}, or whatever a page without accounts knows its visitors by. */
  appelant: string;
}

export interface Retenue {
  uid: string;
  expire_le: Date;
  /** The hold to be followed, so that the calendars of who receives are known by the time the form is filled in; null for none. */
  a_suivre: number | null;
}

/** As what holds know a caller who has an account. */
export function appelantOf({ userId, cleApiId }: Actor): string {
  return cleApiId === null ? `user ${userId}` : `cle_api ${cleApiId}`;
}

/** What an account books as: a client for themselves, everybody else for whom they name. */
export function origineOf(access: Access): Origine {
  return access.principal.role === 'client' ? 'client' : 'membre';
}

/**
 * Holds a time for five minutes, for somebody who is still filling in a form. A caller has one hold: the one before ends.
 * @throws {RegieError} `INTROUVABLE` for a prestation that the caller may not see, `VALIDATION`, and with what else is free
 *   `CRENEAU_PRIS`, `PREAVIS`, `HORS_FENETRE`, `PLAFOND`, `HORS_DISPONIBILITE`
 */
export async function retenir(
  asked: AskedRendezVous,
  demande: DemandeDeRetenue,
  appelant: string,
): Promise<Retenue> {
  const expire_le = new Date(asked.actor.now.getTime() + DUREE_RETENUE);
  return holdFor(asked, demande, { appelant, expire_le, places: 1 });
}

/** Holds a time until an instant, for whoever the holder is. */
async function holdFor(
  asked: AskedRendezVous,
  demande: DemandeDeRetenue,
  holder: Holder & { places: number },
): Promise<Retenue> {
  const { access, actor } = asked;
  const souhait = { ...demande, appelant: holder.appelant, places: holder.places };
  const situation = await openSituation(asked, souhait, sql`h.appelant = ${holder.appelant}`);
  access.require('create', 'RendezVous', placeOf(situation, [], actor.userId));
  const held = await tenir(asked, situation, souhait, holder);
  if ('refus' in held) throw await refusal(asked, souhait, held.refus);
  const a_suivre = (await aRelire(asked.tx, held.intervenants)) ? held.id : null;
  return { uid: held.uid, expire_le: holder.expire_le, a_suivre };
}

/** Whose hold it is, and until when. */
export interface Holder {
  appelant: string;
  expire_le: Date;
  /** Who waits for it, if it was offered to them. */
  liste_attente_id?: number;
}

/** Holds a time, for whoever has locked what it takes; or says why it cannot be had. */
export async function tenir(
  asked: AskedRendezVous,
  situation: Situation,
  souhait: Souhait & { places: number },
  { appelant, expire_le, liste_attente_id }: Holder,
): Promise<(Taken & { id: number; uid: string }) | { refus: Refus }> {
  const { places } = souhait;
  const taken = await takeTime(asked, situation, souhait, places);
  if ('refus' in taken) return taken;
  const uid = newUid();
  const id = await insertRendezVous(asked.tx, situation, taken, {
    ...{ uid, appelant, expire_le, places },
    statut: 'retenu',
    attente: null,
    origine: 'public',
    demandeur_id: null,
    reponses: {},
    serie_id: null,
    liste_attente_id: liste_attente_id ?? null,
  });
  return { ...taken, id, uid };
}

/** Ends the caller's hold. @throws {RegieError} `INTROUVABLE` for one that is none, or not theirs. */
export async function liberer({ tx, access }: AskedRendezVous, uid: string, appelant: string): Promise<void> {
  const own = sql`h.uid = ${uid} AND h.appelant = ${appelant}`;
  const held = await queryOne(
    tx,
    sql`SELECT h.id FROM rendez_vous h WHERE h.statut = 'retenu' AND ${own} FOR UPDATE`,
  );
  await access.confirm(tx);
  if (held === null) throw notFound();
  await endHolds(tx, own);
}

/**
 * Books. What is held for the caller becomes the appointment and keeps its uid, whatever has been booked around it meanwhile.
 * @throws {RegieError} as {@link retenir}, `INTERDIT`, and `RETENUE_EXPIREE` when there is no such hold of theirs any more
 */
export async function reserver(
  asked: AskedRendezVous,
  reservation: Reservation,
  reservant: Reservant,
): Promise<RendezVousAnswer> {
  const { tx, access, actor } = asked;
  await lockFor(asked, reservation, otherHolds(reservation, reservant));
  const pris = await prendre(asked, reservation, reservant);
  if ('refus' in pris) throw await refusal(asked, pris.souhait, pris.refus);
  await annoncer(tx, actor, { rendezVousId: pris.id, evenement: evenementDe(pris.premier), avant: null });
  return readChanged(tx, access, pris.id);
}

/** The hold that is named stays until it is used; any other of the caller's ends. A condition on `h`. */
export function otherHolds({ retenue }: Reservation, { appelant }: Reservant): Sql {
  return sql`h.appelant = ${appelant} AND h.uid IS DISTINCT FROM ${retenue ?? null}::text`;
}

/** What came of wanting one appointment: there it is, or why not, and what else could be asked for. */
export type Pris =
  | { id: number; premier: Premier; debut: Date; fin: Date; intervenants: readonly number[] }
  | { refus: Raison; souhait: Souhait };

/**
 * Makes one appointment, for whoever has locked what it may take ({@link lockFor}); nobody is told yet.
 * @param serie which one it is of, and who receives there as long as they are free.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VALIDATION`: what no other time would mend
 */
export async function prendre(
  asked: AskedRendezVous,
  reservation: Reservation,
  reservant: Reservant,
  serie: { id: string; preferes: readonly number[] } | null = null,
): Promise<Pris> {
  const { tx, access, actor } = asked;
  const { appelant } = reservant;
  const { retenue, participants, reponses, ...demande } = reservation;
  const souhait = { ...demande, appelant, places: 1, email: participants[0]!.email };
  const situation = await situationAt(asked, souhait);
  const { prestation } = situation;
  const origine = reservant.origine ?? origineOf(access);
  souhait.places = requireParticipants(prestation, participants);
  refuse(faultsOfReponses(prestation.questions, reponses));
  const parCourrier = origine === 'public' && prestation.confirmation_email;
  if (parCourrier && participants[0]!.email === null) {
    const message = {
      fr: 'Une adresse est demandée : le rendez-vous s’y confirme',
      en: 'An address is needed to confirm it',
    };
    throw invalid({ champ: 'participants.0.email', message });
  }
  const demandeur_id = origine === 'client' ? actor.userId : null;

  const common = { origine, demandeur_id, places: souhait.places, reponses, serie_id: serie?.id ?? null };
  const first = { prestation, parCourrier, debut: demande.debut, now: actor.now };

  let id: number;
  let state: Premier;
  let time: { debut: Date; fin: Date; intervenants: readonly number[] };
  if (retenue === undefined) {
    const taken = await takeTime(asked, situation, souhait, souhait.places, serie?.preferes);
    if ('refus' in taken) return { refus: taken.refus, souhait };
    requireRight(asked, situation, taken.intervenants, origine);
    state = premierEtat(first, serie === null && (await isToBeChecked(tx, taken)));
    id = await insertRendezVous(tx, situation, taken, {
      ...{ ...common, ...state },
      uid: newUid(),
      appelant: null,
      liste_attente_id: null,
    });
    time = taken;
  } else {
    const held = await lockHold(tx, retenue, situation, souhait, actor.now);
    if (situation.comble) return { refus: 'PLAFOND', souhait };
    if (held === null) return { refus: 'RETENUE_EXPIREE', souhait };
    requireRight(asked, situation, held.intervenants, origine);
    const connu = await verifier(tx, held.id);
    if (connu.occupes.length > 0 && !held.rejoint) return { refus: 'CRENEAU_PRIS', souhait };
    state = premierEtat(first, serie === null && !held.rejoint && connu.perime);
    const more = souhait.places - held.places;
    if (more > 0 && !(await takePlaces(tx, held.seance_id, more))) return { refus: 'CRENEAU_PRIS', souhait };
    id = held.id;
    time = held;
    await confirmHold(asked, id, { ...common, ...state });
  }
  await insertParticipants(tx, { rendez_vous_id: id }, participants, situation.zone);
  const { debut, fin, intervenants } = time;
  return { id, premier: state, debut, fin, intervenants };
}

/**
 * Whether calendars are read again before what was taken stands: not for those who join others that have been told yes, whom
 * nothing that is entered elsewhere sends away.
 */
async function isToBeChecked(
  tx: EntityManager,
  { rejoint, seance_id, intervenants }: Taken,
): Promise<boolean> {
  if (!rejoint) return aRelire(tx, intervenants);
  const pending = await queryOne(
    tx,
    sql`SELECT id FROM rendez_vous WHERE seance_id = ${seance_id} AND attente = 'agendas' LIMIT 1`,
  );
  return pending !== null;
}

/** How what is booked begins. */
export type Premier = Pick<Booked, 'expire_le' | 'attente'> & { statut: 'a_valider' | 'confirme' };

/** @param perime whether the calendars of who receives have to be read again before it stands. */
export function premierEtat(
  {
    prestation,
    parCourrier,
    debut,
    now,
  }: { prestation: Pick<PrestationRow, 'confirmation'>; parCourrier: boolean; debut: Date; now: Date },
  perime: boolean,
): Premier {
  if (parCourrier) {
    const expire_le = new Date(Math.min(debut.getTime(), now.getTime() + DELAI_COURRIER));
    return { statut: 'a_valider', attente: 'email', expire_le };
  }
  if (prestation.confirmation === 'a_valider')
    return { statut: 'a_valider', attente: null, expire_le: replyBefore(now, debut) };
  if (!perime) return { statut: 'confirme', attente: null, expire_le: null };
  return { statut: 'a_valider', attente: 'agendas', expire_le: new Date(now.getTime() + DELAI_AGENDAS) };
}

export function evenementDe({ statut, attente }: Premier): EvenementRendezVous {
  if (attente === 'email') return 'a_confirmer';
  if (attente === 'agendas') return 'verification';
  return statut === 'a_valider' ? 'demande' : 'confirmation';
}

/** What a hold becomes: an appointment, or a request for one. */
export type Confirmed = Pick<
  Booked,
  'statut' | 'attente' | 'origine' | 'demandeur_id' | 'expire_le' | 'places' | 'reponses' | 'serie_id'
>;

/** Makes a hold that the caller has locked an appointment; who comes is written by the caller. */
export async function confirmHold(
  { tx, actor }: Pick<AskedRendezVous, 'tx' | 'actor'>,
  id: number,
  { statut, attente, origine, demandeur_id, expire_le, places, reponses, serie_id }: Confirmed,
): Promise<void> {
  await query(
    tx,
    sql`UPDATE rendez_vous SET statut = ${statut}, origine = ${origine}, demandeur_id = ${demandeur_id}::integer,
          appelant = NULL, expire_le = ${expire_le}::timestamptz, attente = ${attente}::text, places = ${places},
          reponses = ${JSON.stringify(reponses)}::jsonb, serie_id = ${serie_id}::uuid,
          date_creation = ${actor.now}, date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id}`,
  );
}

/**
 * Locks what a wish may take, ends the holds that are in its way, and reads what is free then.
 * @param ends which holds of the caller end, as a condition on `h`.
 */
export async function openSituation(asked: AskedRendezVous, souhait: Souhait, ends: Sql): Promise<Situation> {
  await lockFor(asked, souhait, ends);
  return situationAt(asked, souhait);
}

/**
 * Locks what a wish may take, at whatever time, and confirms the caller's rights.
 * @param ends which holds of the caller end, as a condition on `h`.
 */
export async function lockFor(
  { tx, access }: AskedRendezVous,
  { prestation, intervenant_id }: Pick<DemandeDeRetenue, 'prestation' | 'intervenant_id'>,
  ends: Sql,
): Promise<void> {
  await lockRessources(tx, prestation, intervenant_id ?? null);
  await access.confirm(tx);
  await endHolds(tx, ends);
}

/** What is free around a time, once what was held too long has ended. */
export async function situationAt(
  { tx, access, actor, timeZone }: AskedRendezVous,
  souhait: Souhait,
): Promise<Situation> {
  const { debut } = souhait;
  await endExpired(tx, debut, actor.now);
  const period = { debut, fin: new Date(debut.getTime() + DAY) };
  return readSituation(tx, access, souhait, period, actor.now, timeZone);
}

const DAY = 24 * 3_600_000;

/** Time that was taken of people and rooms. */
export interface Taken {
  seance_id: number;
  debut: Date;
  fin: Date;
  intervenants: readonly number[];
  salles: readonly number[];
  raison: object | null;
  /** Whether others had opened it: a workshop that has begun to fill. */
  rejoint: boolean;
}

/**
 * Takes a time, or says why it cannot be had.
 * @param preferes who keeps it when they are free, see {@link attribuer}.
 */
export async function takeTime(
  { tx }: AskedRendezVous,
  situation: Situation,
  { debut }: Souhait,
  places: number,
  preferes: readonly number[] = [],
): Promise<Taken | { refus: Refus }> {
  const { evaluateur, prestation, seances } = situation;
  const verdict = evaluateur.verdict(debut.getTime());
  if ('refus' in verdict) return verdict;
  const { creneau } = verdict;
  const time = { debut: new Date(creneau.debut), fin: new Date(creneau.fin) };
  const ouverte = seances.find((one) => one.debut === creneau.debut && one === creneau);
  if (ouverte !== undefined) {
    if (!(await takePlaces(tx, ouverte.id, places))) return { refus: 'CRENEAU_PRIS' };
    const { id: seance_id, intervenants, salles } = ouverte;
    return { ...time, seance_id, intervenants, salles, raison: null, rejoint: true };
  }
  const { intervenants, raison } = await attribuer(tx, situation, creneau, preferes);
  const seance_id = await openSeance(tx, {
    prestationId: prestation.id,
    ...time,
    tampon_avant: prestation.tampon_avant,
    tampon_apres: prestation.tampon_apres,
    intervenants,
    salles: creneau.salles,
    places: prestation.places,
    prises: prestation.places > 1 ? places : 1,
  });
  if (seance_id === null) return { refus: 'CRENEAU_PRIS' };
  return { ...time, seance_id, intervenants, salles: creneau.salles, raison, rejoint: false };
}

/** The accounts of people who receive. */
export function userIdsOf({ people }: Situation, intervenants: readonly number[]): number[] {
  return people.filter(({ id }) => intervenants.includes(id)).map(({ user_id }) => user_id);
}

/** Until when somebody may say yes or no. */
export function replyBefore(now: Date, debut: Date): Date {
  return new Date(Math.min(debut.getTime(), now.getTime() + DELAI_REPONSE));
}

function placeOf({ prestation }: Situation, user_ids: number[], userId: number | null) {
  return {
    user_ids,
    demandeur_id: userId,
    origine: 'public',
    prestation: { site_id: prestation.site_id, de_cabinet: prestation.de_cabinet },
    'prestation.site_id': prestation.site_id,
    'prestation.de_cabinet': prestation.de_cabinet,
  };
}

/** @throws {RegieError} `INTERDIT` */
function requireRight(
  { access, actor }: AskedRendezVous,
  situation: Situation,
  intervenants: readonly number[],
  origine: Origine,
): void {
  const place = placeOf(
    situation,
    userIdsOf(situation, intervenants),
    origine === 'client' ? actor.userId : null,
  );
  access.require('create', 'RendezVous', { ...place, origine });
}

/** @returns how many places they take. @throws {RegieError} `VALIDATION` for more than there are. */
function requireParticipants(
  { places }: Situation['prestation'],
  participants: readonly ParticipantFields[],
): number {
  if (places === 1) return 1;
  if (participants.length <= places) return participants.length;
  const message = { fr: `Au plus ${places}`, en: `At most ${places}` };
  throw invalid({ champ: 'participants', message });
}

interface HoldRow {
  id: number;
  seance_id: number;
  debut: Date;
  fin: Date;
  intervenants: number[];
  places: number;
  /** Whether others share its seance, and have been told yes. */
  rejoint: boolean;
}

/** The caller's hold of just this time, or null when there is none any more. */
function lockHold(
  tx: EntityManager,
  uid: string,
  { prestation }: Situation,
  { debut, duree, intervenant_id, appelant }: Souhait,
  now: Date,
): Promise<HoldRow | null> {
  const person = intervenant_id ?? null;
  const minutes = duree ?? null;
  return queryOne<HoldRow>(
    tx,
    sql`SELECT id, seance_id, debut, fin, intervenants, places,
          (SELECT s.prises > rendez_vous.places AND NOT EXISTS (
             SELECT FROM rendez_vous o WHERE o.seance_id = s.id AND o.attente = 'agendas')
           FROM seances s WHERE s.id = seance_id) AS rejoint
        FROM rendez_vous
        WHERE uid = ${uid} AND statut = 'retenu' AND appelant = ${appelant} AND expire_le > ${now}
          AND prestation_id = ${prestation.id} AND debut = ${debut}
          AND (${person}::integer IS NULL OR ${person}::integer = ANY(intervenants))
          AND (${minutes}::integer IS NULL OR fin = debut + make_interval(mins => ${minutes}::integer))
        FOR UPDATE`,
  );
}

/** 128 bits that nobody guesses. */
export const newUid = () => randomBytes(16).toString('base64url');

interface Booked {
  uid: string;
  statut: 'retenu' | 'a_valider' | 'confirme';
  origine: Origine;
  demandeur_id: number | null;
  appelant: string | null;
  expire_le: Date | null;
  attente: Attente | null;
  places: number;
  reponses: Record<string, unknown>;
  serie_id: string | null;
  liste_attente_id: number | null;
}

export async function insertRendezVous(
  tx: EntityManager,
  situation: Situation,
  taken: Taken,
  booked: Booked,
): Promise<number> {
  const raison = taken.raison === null ? null : JSON.stringify(taken.raison);
  const row = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO rendez_vous (uid, prestation_id, seance_id, debut, fin, intervenants, salles, user_ids, statut, places,
          reponses, origine, demandeur_id, appelant, expire_le, attente, raison_affectation, serie_id, liste_attente_id)
        VALUES (${booked.uid}, ${situation.prestation.id}, ${taken.seance_id}, ${taken.debut}, ${taken.fin},
          ${taken.intervenants}::integer[], ${taken.salles}::integer[],
          ${userIdsOf(situation, taken.intervenants)}::integer[], ${booked.statut}, ${booked.places},
          ${JSON.stringify(booked.reponses)}::jsonb, ${booked.origine}, ${booked.demandeur_id}::integer,
          ${booked.appelant}::text, ${booked.expire_le}::timestamptz, ${booked.attente}::text, ${raison}::jsonb,
          ${booked.serie_id}::uuid, ${booked.liste_attente_id}::integer)
        RETURNING id`,
  );
  return row!.id;
}

/** Writes down who comes to an appointment, or waits for one. */
export async function insertParticipants(
  tx: EntityManager,
  of: { rendez_vous_id: number } | { liste_attente_id: number },
  participants: readonly ParticipantFields[],
  zone: string,
): Promise<void> {
  const rendezVousId = 'rendez_vous_id' in of ? of.rendez_vous_id : null;
  const listeAttenteId = 'liste_attente_id' in of ? of.liste_attente_id : null;
  const rows = participants.map((one, index) => ({
    ...one,
    fuseau_horaire: one.fuseau_horaire ?? zone,
    rang: index + 1,
  }));
  await query(
    tx,
    sql`INSERT INTO participants (rendez_vous_id, liste_attente_id, rang, nom, email, telephone, langue, fuseau_horaire)
        SELECT ${rendezVousId}::integer, ${listeAttenteId}::integer, p.rang, p.nom, p.email, p.telephone, p.langue, p.fuseau_horaire
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS p (rang integer, nom text, email text, telephone text,
          langue text, fuseau_horaire text)`,
  );
}
