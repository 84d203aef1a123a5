import { setTimeout } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { personneOf } from '../domain/rendez-vous/ical';
import type { LectureAgenda, TacheLecture } from '../domain/rendez-vous/lecture-agenda';
import { FRAICHEUR } from '../domain/rendez-vous/rendez-vous';
import { TropGrand } from '../net/caldav';
import { ecrireRendezVous } from '../services/rendez-vous/ecritures';
import {
  type AgendaReserve,
  accesOf,
  intervenantsDe,
  rafraichir,
  reserverDe,
  reserverDus,
  sontLus,
  type Verification,
  verifier,
} from '../services/rendez-vous/synchronisation';
import { TaskThread } from '../threads/task-thread';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface AgendaActivities {
  /** Writes into calendars elsewhere what is booked, and reads when their owners are busy, for as long as any is due. */
  rafraichirAgendas(): Promise<void>;
  /**
   * Who of an appointment is busy elsewhere, by what is no older than a minute, as far as the calendars of those who receive
   * can be read.
   */
  verifierAgendas(rendezVousId: number): Promise<Verification>;
}

const HEARTBEAT_INTERVAL = 3_000;
/** One round, in milliseconds; the schedule begins the next. */
const ROUND = 45_000;
/** Calendars that are read at once. */
const CONCURRENCY = 6;
/** What is older is read again before an appointment is confirmed, in seconds: half of what may be booked by. */
const FRESH = FRAICHEUR / 2_000;
/** How long somebody else who is reading a calendar is waited for, and how often it is asked whether they are; milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 250;
/** One calendar is understood within this, or not at all; milliseconds. */
const READING = 20_000;

/** What agendas are read and written with. */
export type AgendaContext = Pick<ActivityContext, 'db' | 'secrets' | 'outgoing' | 'timeZone' | 'mailFrom'> & {
  lire(tache: TacheLecture): Promise<LectureAgenda>;
};

/** Reads calendars in a thread of its own: a rule of recurrence that never comes to a date ends with it. */
export function createLecteur(timeLimit = READING): TaskThread<TacheLecture, LectureAgenda> {
  return new TaskThread({
    file: 'threads/agendas.js',
    maxWaiting: 100,
    timeLimit,
    maxHeap: 512,
    overdue: () => new TropGrand('It takes too long to understand'),
  });
}

export function agendaActivities(context: ActivityContext): AgendaActivities {
  const lecteur = createLecteur();
  const own: AgendaContext = { ...context, lire: (tache) => lecteur.run(tache) };
  return withoutSecrets(context.logger, {
    rafraichirAgendas: async () => {
      const activity = Context.current();
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        await rafraichirDus(own, Date.now() + ROUND, activity.cancellationSignal);
      } finally {
        clearInterval(pulse);
      }
    },
    verifierAgendas: async (rendezVousId) => {
      const activity = Context.current();
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        return await verifierAvantConfirmation(own, rendezVousId);
      } finally {
        clearInterval(pulse);
      }
    },
  });
}

/** Each of those that are due, a few at a time. @param end of the round, in milliseconds since 1970 */
export async function rafraichirDus(
  context: AgendaContext,
  end: number,
  signal?: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const turn = async () => {
    while (Date.now() < end && signal?.aborted !== true) {
      const [agenda] = await reserverDus(context.db, 1);
      if (agenda === undefined) return;
      // One that we fail at keeps nobody else's from being read.
      await tenirAJour(context, agenda).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, turn));
  if (failures.length > 0) throw new AggregateError(failures, 'agendas could not be kept');
}

/** What is booked goes out before busy times come in, so that neither waits for the other's next round. */
async function tenirAJour(context: AgendaContext, agenda: AgendaReserve): Promise<void> {
  const acces = accesOf(context.secrets, agenda);
  try {
    if (acces !== null && agenda.genre === 'caldav') {
      const { db, outgoing, mailFrom } = context;
      await ecrireRendezVous({ db, outgoing, organisateur: personneOf(mailFrom) }, agenda.id, acces);
    }
  } finally {
    await rafraichir(context, agenda);
  }
}

/** Reads again what is not fresh, and says who is busy; what another is reading just now is waited for. */
export async function verifierAvantConfirmation(
  context: AgendaContext,
  rendezVousId: number,
): Promise<Verification> {
  const { db } = context;
  const people = await intervenantsDe(db, rendezVousId);
  const old = await reserverDe(db, people, FRESH);
  await Promise.all(old.map((agenda) => rafraichir(context, agenda)));
  const end = Date.now() + PATIENCE;
  while (Date.now() < end && (await sontLus(db, people))) await setTimeout(PAUSE);
  return verifier(db, rendezVousId);
}
