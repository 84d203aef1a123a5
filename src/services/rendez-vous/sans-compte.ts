import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { isPreuve, readDefi } from '../../auth/defis';
import { publicAccess } from '../../auth/public-access';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, invalid, RegieError } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { countPublic } from '../identite/tentatives';
import { annulerParticipant, changer } from './changement';
import { settleCourrier } from './confirmation';
import { isCode, jetonDe, ouvrirLien, revoquerLien } from './jetons';
import type { RendezVousAnswer } from './lecture';
import { actesPossibles, deplaceAussi, type Gestion, readGestion } from './public';
import { type DemandeDeRetenue, type Reservation, type Retenue, reserver, retenir } from './reservation';

/** Booking without an account: what keeps machines away, and the link by which whoever booked comes back. */

/** What a use case of somebody without an account is carried out with. */
export interface SansCompte {
  tx: EntityManager;
  secrets: Secrets;
  actor: Actor;
  timeZone: string;
}

/** What is asked of whoever books, before anything is locked. */
export interface Garde {
  /** Outside of any transaction: what is refused counts too. */
  executor: Executor;
  secrets: Secrets;
  actor: Actor;
  /** Zero bits; 0 for no work. */
  bits: number;
  /** Whether addresses are limited. */
  limites: boolean;
}

export interface Preuve {
  defi: string;
  reponse: string;
}

/** How long a form is open at least before a person has filled it in, where no work was done; in milliseconds. */
const LECTURE = 3_000;

/**
 * Whether somebody has shown that they took the trouble: the work of their browser. Counts what they do.
 * @throws {RegieError} `VALIDATION` without such work, `TROP_DE_REQUETES`
 */
export async function requirePreuve(
  garde: Garde,
  prestation: string,
  preuve: Preuve | undefined,
): Promise<void> {
  const { secrets, actor, bits } = garde;
  await compterActe(garde);
  if (bits === 0) return;
  const pour = { prestation, adresse: actor.adresse! };
  if (preuve !== undefined && isPreuve(secrets, preuve, pour, actor.now)) return;
  throw invalid({
    champ: 'preuve',
    message: {
      fr: 'Preuve de travail absente, fausse ou périmée : demandez un autre défi',
      en: 'No proof of work, or a wrong or old one: ask for another challenge',
    },
  });
}

/**
 * The same for a browser that runs no scripts: a form of ours that has been open for as long as it takes to fill in, and few
 * of them from one address.
 * @returns whether it is good enough. @throws {RegieError} `TROP_DE_REQUETES`
 */
export async function acceptSansPreuve(
  { executor, secrets, actor, limites }: Garde,
  prestation: string,
  defi: string,
): Promise<boolean> {
  const read = readDefi(secrets, defi, { prestation, adresse: actor.adresse! }, actor.now);
  if (read === null || read.age < LECTURE) return false;
  if (limites) await countPublic(executor, secrets, 'reservation_sans_preuve', actor.adresse!, actor.now);
  return true;
}

/** Counts what is booked, moved or cancelled without an account. @throws {RegieError} `TROP_DE_REQUETES` */
export async function compterActe({ executor, secrets, actor, limites }: Garde): Promise<void> {
  if (limites) await countPublic(executor, secrets, 'reservation', actor.adresse!, actor.now);
}

/** By what holds know a visitor: what their page was given, or for want of it their address. */
export function appelantPublic(secrets: Secrets, { adresse }: Actor, visiteur: string | undefined): string {
  return `public ${visiteur ?? secrets.sign('appelant', adresse!)}`;
}

/** Counts a time that is about to be held. @throws {RegieError} `TROP_DE_REQUETES` */
export async function compterRetenue({ executor, secrets, actor, limites }: Garde): Promise<void> {
  if (limites) await countPublic(executor, secrets, 'retenue', actor.adresse!, actor.now);
}

/** Holds a time for a visitor. @throws {RegieError} as `retenir`. */
export function retenirSansCompte(
  { tx, actor, timeZone }: SansCompte,
  demande: DemandeDeRetenue,
  appelant: string,
): Promise<Retenue> {
  return retenir({ tx, access: publicAccess(), actor, timeZone }, demande, appelant);
}

export interface ReserveSansCompte {
  rendezVous: RendezVousAnswer;
  /** For the link of whoever booked. */
  jeton: string;
}

/**
 * Books, and opens the link of whoever did.
 * @throws {RegieError} as `reserver`
 */
export async function reserverSansCompte(
  { tx, secrets, actor, timeZone }: SansCompte,
  reservation: Reservation,
  appelant: string,
): Promise<ReserveSansCompte> {
  const access = publicAccess();
  const rendezVous = await reserver({ tx, access, actor, timeZone }, reservation, {
    origine: 'public',
    appelant,
  });
  const { id } = rendezVous.participants[0]!;
  const jeton = jetonDe(secrets, { id, uid: rendezVous.uid });
  await ouvrirLien(tx, id, jeton, rendezVous.fin);
  return { rendezVous, jeton: jeton.jeton };
}

/** Within this time the same form sent twice is one booking; in milliseconds. */
const REPETITION = 10 * 60_000;

/**
 * The link of what the same form has booked a moment ago: somebody who pressed the button twice booked once. They are known by
 * their hold, which became the appointment, and by what they typed.
 */
export async function lienDejaReserve(
  executor: Executor,
  secrets: Secrets,
  { now }: Actor,
  { retenue, debut, participants }: Reservation,
): Promise<string | null> {
  const [one] = participants;
  if (retenue === undefined || one === undefined) return null;
  const row = await queryOne<{ id: number }>(
    executor,
    sql`SELECT p.id FROM rendez_vous b JOIN participants p ON p.rendez_vous_id = b.id AND p.rang = 1
        WHERE b.uid = ${retenue} AND b.statut IN ('a_valider', 'confirme') AND b.origine = 'public' AND b.debut = ${debut}
          AND b.sequence = 0 AND b.date_creation > ${new Date(now.getTime() - REPETITION)}
          AND p.nom = ${one.nom} AND p.email = ${one.email} AND p.jeton_hash IS NOT NULL`,
  );
  return row === null ? null : jetonDe(secrets, { id: row.id, uid: retenue }).jeton;
}

/**
 * Gives back the part of the participant whose link it is: of a workshop their place alone. The link opens nothing afterwards.
 * @returns the id of the appointment
 * @throws {RegieError} `LIEN_INVALIDE`, and as `annulerParticipant`
 */
export async function annulerParLien(asked: SansCompte, jeton: string, acte: ActeParLien): Promise<number> {
  const gestion = await gestionOf(asked, jeton);
  const { participant_id, rendez_vous_id, uid } = gestion;
  const as = { ...asked, access: publicAccess(rendez_vous_id) };
  await annulerParticipant(as, uid, participant_id, { motif: acte.motif }, acte.sequence ?? null);
  await revoquerLien(asked.tx, participant_id);
  return rendez_vous_id;
}

/**
 * Moves the appointment of the participant whose link it is.
 * @param appelant whose hold ends, as in `changer`.
 * @returns its id
 * @throws {RegieError} `LIEN_INVALIDE`, `INTERDIT` where it is not theirs alone, and as `changer`
 */
export async function reporterParLien(
  asked: SansCompte,
  jeton: string,
  acte: ActeParLien & { debut: Date; duree?: number | undefined; intervenant_id?: number | undefined },
  appelant: string | null,
): Promise<number> {
  const gestion = await gestionOf(asked, jeton);
  const { rendez_vous_id, uid } = gestion;
  const { sequence = null, debut, duree, intervenant_id } = acte;
  if (!deplaceAussi(gestion)) throw forbidden();
  const as = { ...asked, access: publicAccess(rendez_vous_id) };
  await changer(as, uid, 'reporter', { debut, duree, intervenant_id }, sequence, appelant);
  return rendez_vous_id;
}

/**
 * Whoever booked says from their mail that it was them. Pressed again it is the same.
 * @returns the id of the appointment
 * @throws {RegieError} `LIEN_INVALIDE` for a link, or a code, that is not theirs; `TRANSITION_INVALIDE` once it has begun
 */
export async function confirmerParLien(asked: SansCompte, jeton: string, code: string): Promise<number> {
  const { tx, secrets, actor } = asked;
  const { rendez_vous_id, participant_id, participant, uid } = await gestionOf(asked, jeton);
  if (participant.rang !== 1 || !isCode(secrets, { id: participant_id, uid }, code))
    throw new RegieError('LIEN_INVALIDE');
  await settleCourrier(tx, actor, rendez_vous_id);
  return rendez_vous_id;
}

/** What somebody thought of an appointment to which they came. */
export interface Avis {
  /** From 1 to 5. */
  note: number;
  commentaire: string | null;
}

/**
 * Keeps what whoever came says of it, once.
 * @returns the id of the appointment
 * @throws {RegieError} `LIEN_INVALIDE`; `TRANSITION_INVALIDE` where they are not asked, or have said it
 */
export async function donnerAvis(asked: SansCompte, jeton: string, avis: Avis): Promise<number> {
  const { tx, actor } = asked;
  const gestion = await gestionOf(asked, jeton);
  const { rendez_vous_id: entiteId, participant_id, statut } = gestion;
  const kept = actesPossibles(gestion, actor.now).avis
    ? await queryOne(
        tx,
        sql`UPDATE participants SET note = ${avis.note}, commentaire = ${avis.commentaire}, avis_le = ${actor.now}
            WHERE id = ${participant_id} AND avis_le IS NULL RETURNING id`,
      )
    : null;
  if (kept === null) throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut } });
  await query(
    tx,
    sql`UPDATE rendez_vous SET version = version + 1, date_modification = ${actor.now} WHERE id = ${entiteId}`,
  );
  await record(tx, actor, {
    entite: 'rendez_vous',
    entiteId,
    action: 'avis',
    avant: null,
    apres: { statut },
  });
  return entiteId;
}

export interface ActeParLien {
  motif?: string | undefined;
  /** As the page showed it: what has changed since is looked at first. */
  sequence?: number | undefined;
}

function gestionOf({ tx, actor, timeZone }: SansCompte, jeton: string): Promise<Gestion> {
  return readGestion(tx, jeton, actor.now, timeZone);
}
