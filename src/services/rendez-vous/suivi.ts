import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Executor, query } from '../../db/sql';
import { writeTogether } from '../../db/write';
import { dayAfter, dayAt } from '../../domain/local-time';
import { rappelsDus, soirDe, soirDuJour } from '../../domain/rendez-vous/rappels';
import { FRAICHEUR, type StatutRendezVous } from '../../domain/rendez-vous/rendez-vous';
import type { DonneesSoir } from '../../domain/rendez-vous/textes';
import { type Actor, systemActor } from '../actor';
import { type Announcement, announceSql } from '../messages/messages';
import { annoncer, demanderAvis, proposerAuPatient, rappeler, rappelerPatient } from './annonces';
import { settleAgendas } from './confirmation';
import { type Faits, fuseauDe, lockFaits } from './faits';
import { lockAttendue, passerOffre, proposer } from './offres';
import { endHolds, freePlaces } from './seances';
import { verifier } from './synchronisation';

/**
 * What happens around an appointment by itself. Its row decides, each time anew, and says when something comes next
 * (`suivi_le`); the workflow only says that it is time (docs/decisions/051).
 */

/** What is waited for; `agendas` has to be read again when its time comes. */
export type Attendu = 'expiration' | 'agendas' | 'rappel' | 'soir' | 'avis';

/** How an appointment stands, without anything that is somebody's: it is told to the engine. Instants are milliseconds. */
export interface Situation {
  statut: StatutRendezVous;
  sequence: number;
  debut: number;
  prochain: { date: number; attente: Attendu } | null;
}

/** The same, and whether the evening of its practice is to be told before it is looked at again. */
export interface Suivie extends Situation {
  soirDeCabinet?: true;
}

const DAY = 86_400_000;
/** So long afterwards it is still asked what became of it, where nobody could at the time. */
const ASKED_FOR = 7 * DAY;

/**
 * Does what is due of an appointment, and says what comes next. Safe to run again, also by two at once: each of what it does
 * is done once.
 * @param relu whether the calendars of who receives have just been read again, as far as they could be.
 * @param soirDit whether the desk of its practice has just been told in its evening.
 * @returns null when there is no such appointment any more: a hold that is over leaves nothing.
 */
export async function suivreRendezVous(
  tx: EntityManager,
  rendezVousId: number,
  now: Date,
  relu = false,
  soirDit = false,
): Promise<Suivie | null> {
  const actor = systemActor(now, `rendez-vous-${rendezVousId}`);
  let faits = await lockFaits(tx, rendezVousId);
  if (faits === null) return null;
  const expires = expirationOf(faits);
  if (expires !== null && expires <= now.getTime()) {
    if (faits.statut === 'retenu') {
      // What was offered to somebody who waits goes to the next of them.
      if (await passerOffre(tx, actor, rendezVousId)) return null;
      await endHolds(tx, sql`h.id = ${rendezVousId} AND h.expire_le <= ${now}`);
      return null;
    }
    faits = await expire(tx, actor, faits);
  }
  // What somebody has been offered is not taken back by a calendar.
  if (
    faits.statut === 'retenu' &&
    !faits.offert &&
    relu &&
    (await verifier(tx, rendezVousId)).occupes.length > 0
  ) {
    await endHolds(tx, sql`h.id = ${rendezVousId}`);
    return null;
  }
  if (faits.attente === 'agendas' && (relu || isDue(faits, now))) {
    const attendue = await lockAttendue(tx, faits.prestation_id);
    await settleAgendas(tx, actor, faits);
    faits = (await lockFaits(tx, rendezVousId))!;
    if (faits.statut === 'refuse' && attendue !== null) await proposer(tx, actor, attendue, faits);
  }
  const soirs: Soirs = { dit: soirDit, aDire: false };
  const prochain = await nextOf(tx, actor, faits, relu, soirs);
  const { statut, sequence, debut } = faits;
  const situation = { statut, sequence, debut: debut.getTime(), prochain };
  // Until its desk has been told it stays due: whoever dies in between has it told by the next.
  if (soirs.aDire) return { ...situation, soirDeCabinet: true };
  await query(
    tx,
    sql`UPDATE rendez_vous SET suivi_le = ${prochain === null ? null : new Date(prochain.date)}::timestamptz,
               suivi_lu_le = ${now}::timestamptz
        WHERE id = ${rendezVousId}`,
  );
  return situation;
}

/** Whether the evening of a practice has been told, and whether it has to be. */
interface Soirs {
  dit: boolean;
  aDire: boolean;
}

/** Whether what was known of the calendars of who receives has to do. */
function isDue({ expire_le, age_agendas }: Faits, now: Date): boolean {
  return age_agendas === null || expire_le === null || expire_le <= now;
}

/** How old what is known of them gets while a time is held before they are read again, so that it may be booked by. */
const FRAIS_PENDANT = (FRAICHEUR * 2) / 3;

/** When calendars are to be read again; null where that changes nothing. */
function relectureOf(
  { statut, attente, offert, age_agendas }: Faits,
  now: number,
  relu: boolean,
): number | null {
  if (age_agendas === null) return null;
  if (attente === 'agendas') return now;
  if (statut !== 'retenu' || offert) return null;
  return relu ? now + FRAIS_PENDANT : now + Math.max(0, FRAIS_PENDANT - age_agendas * 1_000);
}

/** When it ends unless somebody does something: a request at the latest when it would begin. Practices end theirs themselves. */
function expirationOf({ statut, attente, expire_le, debut, de_cabinet }: Faits): number | null {
  if (de_cabinet) return null;
  if (statut === 'retenu') return (expire_le ?? debut).getTime();
  if (statut !== 'a_valider' || attente === 'agendas') return null;
  return Math.min((expire_le ?? debut).getTime(), debut.getTime());
}

async function expire(tx: EntityManager, actor: Actor, faits: Faits): Promise<Faits> {
  const { id, statut, attente, debut, fin, sequence, places } = faits;
  const attendue = await lockAttendue(tx, faits.prestation_id);
  const [avant] = await query<{ intervenants: number[]; salles: number[] }>(
    tx,
    sql`UPDATE rendez_vous
        SET statut = 'expire', expire_le = NULL, attente = NULL, sequence = sequence + 1, version = version + 1, date_modification = ${actor.now}
        WHERE id = ${id} RETURNING intervenants, salles`,
  );
  await freePlaces(tx, faits.seance_id, places);
  await annoncer(tx, actor, {
    rendezVousId: id,
    evenement: attente === 'email' ? 'non_confirme' : 'expiration',
    avant: { statut, debut, fin, sequence, places, ...avant! },
  });
  if (attendue !== null) await proposer(tx, actor, attendue, { debut, fin });
  return { ...faits, statut: 'expire', attente: null, sequence: sequence + 1 };
}

/** Does what is due of one that stands. */
async function nextOf(
  tx: EntityManager,
  actor: Actor,
  faits: Faits,
  relu: boolean,
  soirs: Soirs,
): Promise<Situation['prochain']> {
  const now = actor.now.getTime();
  const expires = expirationOf(faits);
  const relecture = relectureOf(faits, now, relu);
  if (relecture !== null && (expires === null || relecture < expires))
    return { date: relecture, attente: 'agendas' };
  if (expires !== null) return { date: expires, attente: 'expiration' };
  if (faits.statut === 'honore' && faits.avis) return askAfterwards(tx, actor, faits);
  if (faits.de_cabinet && faits.statut === 'a_valider') await proposerAuPatient(tx, actor, faits);
  if (faits.statut !== 'confirme' && faits.statut !== 'arrive') return null;
  const rappel = faits.statut === 'confirme' ? await remind(tx, actor, faits) : null;
  if (rappel !== null) return { date: rappel, attente: 'rappel' };
  const soir = soirDe(faits.fin.getTime(), fuseauDe(faits));
  if (soir > now) return { date: soir, attente: 'soir' };
  if (now - soir >= ASKED_FOR) return null;
  if (faits.de_cabinet) soirs.aDire = !soirs.dit;
  else await listOpen(tx, actor, faits, soir);
  return null;
}

/** Asks those who came what they thought of it, once it is over; of what lies long behind nobody is asked any more. */
async function askAfterwards(tx: EntityManager, actor: Actor, faits: Faits): Promise<Situation['prochain']> {
  const [now, fin] = [actor.now.getTime(), faits.fin.getTime()];
  if (fin > now) return { date: fin, attente: 'avis' };
  if (now - fin < ASKED_FOR) await demanderAvis(tx, actor, faits);
  return null;
}

/** Gives the reminders that are due, to everybody by their own clocks. @returns when the next one is. */
async function remind(tx: EntityManager, actor: Actor, faits: Faits): Promise<number | null> {
  const given = {
    debut: faits.debut.getTime(),
    rappels: faits.rappels,
    horaireDepuis: faits.horaire_depuis.getTime(),
    rappelsDepuis: new Map(
      Object.entries(faits.rappels_depuis).map(([nom, since]) => [nom, Date.parse(since)]),
    ),
  };
  if (faits.de_cabinet) {
    const { dus, prochain } = rappelsDus(given, fuseauDe(faits), actor.now.getTime());
    await rappelerPatient(tx, actor, faits, dus);
    return prochain;
  }
  const expected = faits.participants.filter(({ statut }) => statut === 'attendu');
  const each = expected.map((participant) => ({
    participant,
    ...rappelsDus(given, participant.fuseau_horaire, actor.now.getTime()),
  }));
  const dus = each.flatMap(({ participant, dus: own }) => own.map((rappel) => ({ participant, rappel })));
  if (dus.length > 0) await rappeler(tx, actor, faits, dus);
  const ahead = each.flatMap(({ prochain }) => prochain ?? []);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

interface Open {
  rendez_vous_id: number;
  prestation: string;
  client: string | null;
  debut: Date;
  user_ids: number[];
}

/**
 * In the evening: tells those who received, and the responsables, of all that nobody has settled, in one list each. Whichever
 * appointment of the evening comes first has the list made.
 */
async function listOpen(tx: EntityManager, actor: Actor, faits: Faits, soir: number): Promise<void> {
  const jour = dayAt(soir, faits.fuseau);
  const from = new Date(soirDuJour(dayAfter(jour, -1), faits.fuseau));
  const open = await query<Open>(
    tx,
    sql`SELECT r.id AS rendez_vous_id, f.nom AS prestation, r.debut, r.user_ids,
               (SELECT p.nom FROM participants p WHERE p.rendez_vous_id = r.id ORDER BY p.rang LIMIT 1) AS client
        FROM rendez_vous r JOIN prestations f ON f.id = r.prestation_id
        WHERE r.statut IN ('confirme', 'arrive') AND NOT f.de_cabinet AND f.site_id IS NOT DISTINCT FROM ${faits.site_id}::integer
          AND r.fin > ${from} AND r.fin <= ${new Date(soir)}
        ORDER BY r.debut, r.id`,
  );
  const listOf = (rows: readonly Open[]): DonneesSoir => ({
    jour,
    fuseau_horaire: faits.fuseau,
    rendez_vous: rows.map(({ rendez_vous_id, prestation, client, debut }) => ({
      rendez_vous_id,
      prestation,
      client: client ?? '',
      debut: debut.toISOString(),
    })),
  });
  const people = [...new Set(open.flatMap(({ user_ids }) => user_ids))];
  const announcements: Announcement[] = [
    ...people.map(
      (id): Announcement => ({
        modele: 'agenda_a_clore',
        donnees: listOf(open.filter(({ user_ids }) => user_ids.includes(id))),
        audience: { intervenant: [id] },
      }),
    ),
    {
      modele: 'agenda_a_clore',
      donnees: listOf(open),
      audience: faits.site_id === null ? { everyResponsable: true } : { responsables: true },
      siteId: faits.site_id,
    },
  ];
  if (open.length === 0) return;
  await writeTogether(
    tx,
    announceSql(actor, `rendez-vous-soir:${faits.site_id ?? 'maison'}:${jour}`, announcements),
  );
}

/** How long a change is left to whoever made it, in seconds: they wake the workflow themselves. */
const GRACE = 20;

/**
 * Appointments whose workflow should have looked at them by now, in the order of their ids: its start was lost, or the engine
 * lost it, or what they are about has other reminders by now.
 */
export function forgottenRendezVous(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT r.id FROM rendez_vous r JOIN prestations f ON f.id = r.prestation_id
        WHERE r.suivi_le IS NOT NULL AND r.id > ${after}
          AND (r.suivi_le < now() - make_interval(secs => ${GRACE}) OR f.rappels_modifies_le > r.suivi_lu_le)
        ORDER BY r.id LIMIT ${limit}`,
  );
}
