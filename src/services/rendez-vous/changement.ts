import sql, { type Sql } from 'sql-template-tag';
import { RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import type { Action } from '../../auth/permissions';
import type { RendezVous } from '../../db/rendez-vous/rendez-vous';
import { query } from '../../db/sql';
import { invalid, notFound, RegieError, type Texte, unknownReference } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import {
  ACTES_DE_CALENDRIER,
  type Acte,
  mayStillBeMoved,
  OCCUPANTS,
  type StatutParticipant,
  TRANSITIONS,
} from '../../domain/rendez-vous/rendez-vous';
import { annoncer, type Etat, type EvenementRendezVous } from './annonces';
import { annoncerSerie } from './annonces-series';
import { readSituation } from './creneaux';
import { type RendezVousAnswer, readChanged } from './lecture';
import { lockAttendue, proposer } from './offres';
import { type AskedRendezVous, refusal } from './refus';
import { appelantOf, openSituation, replyBefore, takeTime, userIdsOf } from './reservation';
import { dropEmpty, freePlaces, giveSeance, lockRessources } from './seances';

/**
 * What becomes of an appointment. Who booked it, with an account or by the link of a mail, may move and cancel it in time;
 * everything else is for those who receive and for the house, who are not held to any notice.
 *
 * An appointment is locked before what it takes; nobody who locks people or rooms waits for an appointment afterwards.
 */

export interface Corps {
  /** Of `reporter`: the new start. */
  debut?: Date | undefined;
  /** Of `reporter`, minutes; as long as it was unless said. */
  duree?: number | undefined;
  /** Of `reporter` and `reaffecter`: who shall receive. */
  intervenant_id?: number | undefined;
  /** Of `refuser` and `annuler`. */
  motif?: string | undefined;
}

/** Which right each asks for. */
export const ACTIONS_OF: Readonly<Record<Acte, Action>> = {
  confirmer: 'move',
  refuser: 'move',
  reporter: 'update',
  annuler: 'cancel',
  arriver: 'move',
  honorer: 'move',
  absent: 'move',
  reaffecter: 'assign',
};

const EVENEMENTS: Readonly<Record<Acte, EvenementRendezVous>> = {
  confirmer: 'confirmation',
  refuser: 'refus',
  reporter: 'report',
  annuler: 'annulation',
  arriver: 'arrivee',
  honorer: 'honore',
  absent: 'absence',
  reaffecter: 'reaffectation',
};

type Row = RendezVous & {
  site_id: number | null;
  de_cabinet: boolean;
  slug: string;
  preavis: { modifier: number; annuler: number };
  /** Of its seance: more than one for a workshop. */
  places_seance: number;
  confirmation: 'immediate' | 'a_valider';
  fuseau_horaire: string | null;
};

/** What frees a time for those who wait for one. */
const FREES: ReadonlySet<Acte> = new Set(['refuser', 'reporter', 'annuler']);

/**
 * Does something to an appointment.
 * @param sequence that the caller has seen, or null.
 * @param appelant whose hold ends when a time is taken, since it is shown to them as free; null for nobody's.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE` for another sequence, `TRANSITION_INVALIDE`, `VALIDATION`,
 *   `PREAVIS` when it is too late for who asks, and for `reporter` and `reaffecter` as `reserver` (`reservation.ts`)
 */
export async function changer(
  asked: AskedRendezVous,
  uid: string,
  acte: Acte,
  corps: Corps,
  sequence: number | null,
  appelant: string | null = asked.actor.userId === null ? null : appelantOf(asked.actor),
): Promise<RendezVousAnswer> {
  const { tx, access, actor } = asked;
  const row = await lock(asked, uid, ACTIONS_OF[acte], sequence);
  requireState(row, acte, actor.now, row.fuseau_horaire ?? asked.timeZone);
  const attendue = FREES.has(acte) ? await lockAttendue(tx, row.prestation_id) : null;
  if (acte === 'reporter') await reporter(asked, row, corps, appelant);
  else if (acte === 'reaffecter') return reaffecter(asked, row, corps);
  else await settle(asked, row, acte, corps);
  await annoncer(tx, actor, { rendezVousId: row.id, evenement: EVENEMENTS[acte], avant: etatOf(row) });
  if (attendue !== null) await proposer(tx, actor, attendue, row);
  return readChanged(tx, access, row.id);
}

/**
 * One of those who come does not any more: of a workshop their place is free again, and the others keep theirs. The last one
 * cancels the appointment, and so does the first where it takes but one place: it was made for them.
 * @throws {RegieError} as {@link changer} for `annuler`; `INTROUVABLE` for a participant that it does not have
 */
export async function annulerParticipant(
  asked: AskedRendezVous,
  uid: string,
  participantId: number,
  corps: Pick<Corps, 'motif'>,
  sequence: number | null,
): Promise<RendezVousAnswer> {
  const { tx, access, actor } = asked;
  const row = await lock(asked, uid, 'cancel', sequence);
  requireState(row, 'annuler', actor.now, row.fuseau_horaire ?? asked.timeZone);
  const participants = await query<{ id: number; rang: number; statut: StatutParticipant }>(
    tx,
    sql`SELECT id, rang, statut FROM participants WHERE rendez_vous_id = ${row.id} ORDER BY rang`,
  );
  const leaving = participants.find(({ id, statut }) => id === participantId && statut !== 'annule');
  if (leaving === undefined) throw notFound();
  const others = participants.filter(({ id, statut }) => id !== participantId && statut !== 'annule');
  const avant = etatOf(row);
  const attendue = await lockAttendue(tx, row.prestation_id);
  if (others.length === 0 || (row.places_seance === 1 && leaving.rang === 1)) {
    await settle(asked, row, 'annuler', corps);
    await annoncer(tx, actor, { rendezVousId: row.id, evenement: 'annulation', avant });
    if (attendue !== null) await proposer(tx, actor, attendue, row);
    return readChanged(tx, access, row.id);
  }
  requireNotBegun(asked, row);
  await query(
    tx,
    sql`UPDATE participants SET statut = 'annule', jeton_hash = NULL, jeton_expire_le = NULL WHERE id = ${participantId}`,
  );
  const freed = row.places_seance > 1 ? 1 : 0;
  if (freed > 0) await freePlaces(tx, row.seance_id, freed);
  await query(
    tx,
    sql`UPDATE rendez_vous SET places = places - ${freed}::integer, sequence = sequence + 1,
          date_modification = ${actor.now}, version = version + 1 WHERE id = ${row.id}`,
  );
  await annoncer(tx, actor, { rendezVousId: row.id, evenement: 'desistement', avant });
  if (attendue !== null) await proposer(tx, actor, attendue, row);
  return readChanged(tx, access, row.id);
}

export interface Annulation {
  rendezVous: RendezVousAnswer;
  /** All that were cancelled. */
  ids: number[];
}

/**
 * Cancels an appointment and those of its series that begin later, as far as the caller may: everybody is told once.
 * @throws {RegieError} as {@link changer} for `annuler`, of the one that is named
 */
export async function annulerSuivantes(
  asked: AskedRendezVous,
  uid: string,
  corps: Pick<Corps, 'motif'>,
  sequence: number | null,
): Promise<Annulation> {
  const { tx, access, actor } = asked;
  const first = await lock(asked, uid, 'cancel', sequence);
  requireState(first, 'annuler', actor.now, first.fuseau_horaire ?? asked.timeZone);
  const later = sql`b.serie_id = ${first.serie_id}::uuid AND b.debut > ${first.debut}
    AND b.statut = ANY(${TRANSITIONS.annuler.de})`;
  await query(tx, sql`SELECT b.id FROM rendez_vous b WHERE ${later} ORDER BY b.id FOR UPDATE`);
  const others = await readRows(asked, later);
  const rows = [first, ...others.filter((row) => access.may('cancel', 'RendezVous', subjectOf(row)))];
  const ids = rows.map(({ id }) => id);
  const left = await query<{ id: number; rendez_vous_id: number }>(
    tx,
    sql`SELECT id, rendez_vous_id FROM participants
        WHERE rendez_vous_id = ANY(${ids}::integer[]) AND statut = 'annule'`,
  );
  const attendue = await lockAttendue(tx, first.prestation_id);
  for (const row of rows) await settle(asked, row, 'annuler', corps);
  if (first.serie_id === null || rows.length === 1) {
    const avant = etatOf(first);
    await annoncer(tx, actor, { rendezVousId: first.id, evenement: 'annulation', avant });
  } else {
    await annoncerSerie(tx, actor, {
      serieId: first.serie_id,
      evenement: 'annulation',
      rendezVous: rows.map((row) => ({
        id: row.id,
        avant: etatOf(row),
        partis: left.filter((one) => one.rendez_vous_id === row.id).map(({ id }) => id),
      })),
      sautees: [],
    });
  }
  if (attendue !== null) {
    const fin = new Date(Math.max(...rows.map((row) => row.fin.getTime())));
    await proposer(tx, actor, attendue, { debut: first.debut, fin });
  }
  return { rendezVous: await readChanged(tx, access, first.id), ids };
}

/** The appointment, which nobody changes until the transaction ends, when the caller may do this to it. */
async function lock(
  asked: AskedRendezVous,
  uid: string,
  action: Action,
  sequence: number | null,
): Promise<Row> {
  const { tx, access } = asked;
  await query(tx, sql`SELECT id FROM rendez_vous WHERE uid = ${uid} FOR UPDATE`);
  await access.confirm(tx);
  const [row] = await readRows(asked, sql`b.uid = ${uid} AND b.statut <> 'retenu'`);
  if (row === undefined) throw notFound();
  access.require(action, 'RendezVous', subjectOf(row));
  if (sequence !== null && sequence !== row.sequence) {
    throw new RegieError('VERSION_PERIMEE', {
      detail: {
        fr: `La séquence actuelle est ${row.sequence}`,
        en: `The current sequence is ${row.sequence}`,
      },
    });
  }
  return row;
}

/** Those that the caller may see, in the order in which they begin. @param which a condition on `b`. */
function readRows({ tx, access }: AskedRendezVous, which: Sql): Promise<Row[]> {
  return query<Row>(
    tx,
    sql`SELECT b.*, f.site_id, f.de_cabinet, f.slug, f.preavis, w.places AS places_seance, f.confirmation, s.fuseau_horaire
        FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id JOIN seances w ON w.id = b.seance_id
        LEFT JOIN sites s ON s.id = f.site_id
        WHERE ${which} AND ${access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS)} ORDER BY b.debut, b.id`,
  );
}

function subjectOf({ id, demandeur_id, user_ids, origine, site_id, de_cabinet }: Row) {
  return { id, demandeur_id, user_ids, origine, prestation: { site_id, de_cabinet } };
}

/** Who acts: those who receive and the house are held to no notice. */
function actsForTheHouse({ access }: AskedRendezVous, row: Row): boolean {
  return access.may('move', 'RendezVous', subjectOf(row));
}

/** @throws {RegieError} `TRANSITION_INVALIDE` */
function requireState(row: Row, acte: Acte, now: Date, zone: string): void {
  const { de } = TRANSITIONS[acte];
  const refused = (detail?: Texte) =>
    new RegieError('TRANSITION_INVALIDE', { detail, extensions: { statut: row.statut } });
  if (!de.includes(row.statut)) throw refused();
  if (
    row.statut === 'absent' &&
    dayAt(row.date_modification.getTime(), zone) !== dayAt(now.getTime(), zone)
  ) {
    throw refused({
      fr: 'Une absence ne se reprend que le jour même',
      en: 'That somebody did not come is undone the same day only',
    });
  }
  // What is asked of calendars, or of whoever booked, is asked of this time and these people.
  if (row.attente !== null && (acte === 'reporter' || acte === 'reaffecter')) {
    throw refused({
      fr: 'Une vérification est en cours : attendez-en la fin',
      en: 'It is still being checked: wait until that is over',
    });
  }
  const begun = now >= row.debut;
  const isTheDay = dayAt(now.getTime(), zone) >= dayAt(row.debut.getTime(), zone);
  if (acte === 'arriver' ? !isTheDay : (acte === 'honorer' || acte === 'absent') && !begun) {
    throw refused({ fr: 'Il n’a pas encore commencé', en: 'It has not begun yet' });
  }
}

/** What was booked is not taken back by who booked it once it has begun. @throws {RegieError} `PREAVIS` */
function requireNotBegun(asked: AskedRendezVous, row: Row): void {
  if (asked.actor.now < row.debut || actsForTheHouse(asked, row)) return;
  throw tooLate();
}

function tooLate(): RegieError {
  return new RegieError('PREAVIS', {
    detail: {
      fr: 'Il est trop tard pour changer ce rendez-vous : appelez-nous',
      en: 'It is too late to change this appointment: please call us',
    },
    extensions: { alternatives: [] },
  });
}

/** Leads to the state that follows, and frees what is not needed any more. */
async function settle(
  asked: AskedRendezVous,
  row: Row,
  acte: Exclude<Acte, 'reporter' | 'reaffecter'>,
  { motif }: Corps,
): Promise<void> {
  const { tx, access, actor } = asked;
  const vers = TRANSITIONS[acte].vers!;
  if (acte === 'annuler') requireNotBegun(asked, row);
  const cancels = acte === 'annuler' || acte === 'refuser';
  const par = !actsForTheHouse(asked, row)
    ? 'client'
    : row.user_ids.includes(access.principal.userId)
      ? 'intervenant'
      : 'membre';
  const tardif =
    acte === 'annuler'
      ? row.debut.getTime() - actor.now.getTime() < row.preavis.annuler * 60_000
      : row.tardif;
  if (cancels) await freePlaces(tx, row.seance_id, row.places);
  await query(
    tx,
    sql`UPDATE rendez_vous SET statut = ${vers}, sequence = sequence + ${ACTES_DE_CALENDRIER.includes(acte) ? 1 : 0}::integer,
          expire_le = NULL, attente = NULL, motif_annulation = ${cancels ? (motif ?? null) : row.motif_annulation}::text,
          annule_par = ${cancels ? par : row.annule_par}::text, tardif = ${tardif}::boolean,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${row.id}`,
  );
  const statut = {
    annule: 'annule',
    refuse: 'annule',
    arrive: 'present',
    honore: 'present',
    absent: 'absent',
  };
  const becomes = statut[vers as keyof typeof statut] ?? null;
  if (becomes === null) return;
  // The links of what is cancelled open nothing any more.
  await query(
    tx,
    sql`UPDATE participants SET statut = ${becomes},
          jeton_hash = CASE WHEN ${cancels} THEN NULL ELSE jeton_hash END,
          jeton_expire_le = CASE WHEN ${cancels} THEN NULL ELSE jeton_expire_le END
        WHERE rendez_vous_id = ${row.id} AND statut <> 'annule'`,
  );
}

/** Another time: everything else stays, and whoever received before is free again unless they receive still. */
async function reporter(
  asked: AskedRendezVous,
  row: Row,
  corps: Corps,
  appelant: string | null,
): Promise<void> {
  const { tx, actor } = asked;
  const { debut, duree, intervenant_id } = corps;
  if (debut === undefined) throw unknownReference('debut');
  const byHouse = actsForTheHouse(asked, row);
  if (!byHouse && !mayStillBeMoved(row.debut, row.preavis, actor.now)) throw tooLate();
  const souhait = {
    prestation: row.slug,
    ...{ debut, duree, intervenant_id, report_de: row.uid, appelant: appelant ?? undefined },
  };
  const situation = await openSituation(asked, souhait, sql`h.appelant = ${appelant}::text`);
  // Its own time does not stand in its way: it is let go first, in the transaction that takes the other one.
  await freePlaces(tx, row.seance_id, row.places);
  const taken = await takeTime(asked, situation, souhait, row.places, row.intervenants);
  if ('refus' in taken) throw await refusal(asked, souhait, taken.refus);
  const statut = !byHouse && row.confirmation === 'a_valider' ? 'a_valider' : row.statut;
  const raison = taken.raison === null ? null : JSON.stringify(taken.raison);
  await query(
    tx,
    sql`UPDATE rendez_vous SET seance_id = ${taken.seance_id}, debut = ${taken.debut}, fin = ${taken.fin},
          intervenants = ${taken.intervenants}::integer[], salles = ${taken.salles}::integer[],
          user_ids = ${userIdsOf(situation, taken.intervenants)}::integer[],
          raison_affectation = CASE WHEN ${taken.intervenants}::integer[] = intervenants THEN raison_affectation
            ELSE ${raison}::jsonb END,
          statut = ${statut}, sequence = sequence + 1,
          expire_le = ${statut === 'a_valider' ? replyBefore(actor.now, taken.debut) : null}::timestamptz,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${row.id}`,
  );
  await dropEmpty(tx, [row.seance_id]);
}

/** Somebody else receives, at the same time: all who come to a workshop. */
async function reaffecter(
  asked: AskedRendezVous,
  row: Row,
  { intervenant_id }: Corps,
): Promise<RendezVousAnswer> {
  const { tx, access, actor, timeZone } = asked;
  if (intervenant_id === undefined) throw unknownReference('intervenant_id');
  await lockRessources(tx, row.slug, intervenant_id);
  const souhait = { prestation: row.slug, debut: row.debut, intervenant_id, report_de: row.uid };
  const period = { debut: row.debut, fin: row.fin };
  const situation = await readSituation(tx, access, souhait, period, actor.now, timeZone);
  const { intervenants: offered, mode } = situation.prestation;
  const obliges = new Set(offered.filter(({ obligatoire }) => obligatoire).map(({ id }) => id));
  const stay = row.intervenants.filter((id) => obliges.has(id));
  if (mode === 'collectif' || stay.includes(intervenant_id)) {
    const message = { fr: 'Tous reçoivent ensemble', en: 'All of them receive together' };
    throw invalid({ champ: 'intervenant_id', message });
  }
  const intervenants = [...stay, intervenant_id].sort((a, b) => a - b);
  const obstacle = situation.evaluateur.pourquoi(row.debut.getTime()).intervenants.get(intervenant_id);
  const isFree = obstacle === null || obstacle === 'hors_pas';
  if (!isFree || !(await giveSeance(tx, row.seance_id, intervenants)))
    throw await refusal(asked, souhait, 'CRENEAU_PRIS');
  const moved = await query<Row>(
    tx,
    sql`SELECT b.* FROM rendez_vous b
        WHERE b.seance_id = ${row.seance_id} AND b.statut = ANY(${OCCUPANTS}) ORDER BY b.id FOR UPDATE`,
  );
  await query(
    tx,
    sql`UPDATE rendez_vous SET intervenants = ${intervenants}::integer[],
          user_ids = ${userIdsOf(situation, intervenants)}::integer[], raison_affectation = NULL,
          sequence = sequence + 1, date_modification = ${actor.now}, version = version + 1
        WHERE id = ANY(${moved.map(({ id }) => id)}::integer[])`,
  );
  for (const one of moved) {
    if (one.statut === 'retenu') continue;
    await annoncer(tx, actor, { rendezVousId: one.id, evenement: 'reaffectation', avant: etatOf(one) });
  }
  return readChanged(tx, access, row.id);
}

function etatOf({ statut, debut, fin, intervenants, salles, places, sequence }: Etat): Etat {
  return { statut, debut, fin, intervenants, salles, places, sequence };
}
