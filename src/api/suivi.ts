import { setImmediate as breathe } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { Access } from '../auth/access';
import type { RulesFor } from '../auth/permissions';
import type { Principal } from '../auth/principal';
import { loadPrincipals, type TokenHolder } from '../auth/sessions';
import { type Bell, listen } from '../db/listen';
import { RegieError } from '../domain/errors';
import { isDeCabinet } from '../domain/evenements';
import type { Role } from '../domain/roles';
import {
  bornesOf,
  canFollow,
  ECHO,
  EVENEMENTS_CHANNEL,
  type EvenementRow,
  evenementsAfter,
  LONGEST_WAIT,
} from '../services/messages/evenements';
import { unreadOf } from '../services/messages/notifications';
import { type Glimpse, glimpsesOf, mayBeTold, presenceOf } from '../services/systeme/suivi';

/**
 * Those who follow what happens over a connection of this process, WebSockets and server-sent events alike. One loop reads
 * the events for all of them, in four statements a batch however many they are: the events, who everybody is by now, the rows
 * that the events are about, and what is still to be read. It runs while somebody follows.
 *
 * Each follower has a place of their own in the order of the events. Whoever is behind, because they have come back or do not
 * keep up, is told from there, out of the table and not out of memory.
 */

/** Why a connection is closed; codes of WebSocket (RFC 6455 §7.4), said to others in an event. */
export const FINS = {
  termine: { code: 1000, raison: 'tout est dit' },
  arret: { code: 1001, raison: 'arret du serveur' },
  invalide: { code: 4400, raison: 'message non valide' },
  authentification: { code: 4401, raison: 'authentification requise' },
  droits: { code: 4403, raison: 'droits modifies' },
  retard: { code: 4408, raison: 'lecture trop lente' },
  nombre: { code: 4429, raison: 'trop de connexions ou de messages' },
} as const;
export type Fin = keyof typeof FINS;

/** What a follower is told. */
export type Message =
  | {
      type: 'notification' | 'changement';
      /** The place of the event. */
      id: number;
      evenement: string;
      ressource: string;
      id_ressource: number;
      version: number | null;
      date: Date;
    }
  /** What is to be read; everything up to `id` has been told. */
  | { type: 'compteur'; id: number; non_lues: number }
  /** What was missed cannot be told: everything has to be read anew, and what follows begins after `id`. */
  | { type: 'relire'; id: number };

/** The way to one follower. */
export interface Canal {
  send(type: Message['type'], id: number, json: string): void;
  /** Bytes that were sent and have not left. */
  backlog(): number;
  /** Called every {@link BEAT}: says that the connection lives, and up to which place all is told. */
  beat(position: number): void;
  end(fin: Fin): void;
}

export interface Follower {
  /** Takes another token of the same person. @returns false when it is somebody else's. */
  renew(holder: TokenHolder): boolean;
  /** Says that what was missed cannot be told any more, since what came after has been. */
  tooLate(): void;
  /** To be called when the connection has closed. */
  leave(): void;
}

export interface Suivi {
  /**
   * Has somebody told what happens from now on; after `depuis` when it is named.
   * @param once ends the connection when all there was is told
   * @throws {RegieError} `TROP_DE_REQUETES` when they, or all in this process together, have too many connections,
   * `SECOND_FACTEUR_A_ACTIVER`, and `SERVICE_INDISPONIBLE` while the process stops
   */
  follow(holder: TokenHolder, canal: Canal, depuis: number | null, once?: boolean): Promise<Follower>;
  /** Ends all connections and takes no more. */
  close(): Promise<void>;
}

/** Events of a batch: its messages to one follower stay below {@link MAX_BACKLOG}. */
const BATCH = 300;
/** Nobody is sent more while so many bytes of what they were sent wait. */
const MAX_BACKLOG = 64 * 1_024;
/** Whoever has not read for so long, with as much waiting, is cut off. Milliseconds. */
const MAX_STALL = 10_000;
/** Who everybody is, is asked with each batch, and after so long at the latest. Milliseconds. */
const REVIEW = 5_000;
/** Milliseconds. */
const BEAT = 30_000;
/** The processor is left to others after so many milliseconds of telling. */
const SLICE = 10;
/** After a failure, such as of the database. Milliseconds. */
const PAUSE = 1_000;
/** Whoever cannot follow now may try again after so many seconds. */
const COME_BACK = 10;
/** At a time, in one process. */
const LIMITS = { person: 20, process: 5_000 };

interface State extends Follower {
  canal: Canal;
  sessionId: string;
  userId: number;
  role: Role;
  expires: number;
  access: Access;
  /** What {@link access} was made of, to see whether it has changed. */
  rights: string;
  /** Everything up to here has been told, or was not theirs. */
  position: number;
  unread: number;
  /** What the last message said of {@link position}. */
  said: number;
  /** Since when they do not read; null while they do. */
  stalledAt: number | null;
  /** The place that is the last for them; null for whoever stays. */
  last: number | null;
}

export interface SuiviOptions {
  db: DataSource;
  /** With the rights to what is medical: asked of events of practices alone. */
  medical: DataSource;
  databaseUrl: string;
  /** As they are when they are asked for. */
  rulesFor: () => RulesFor;
  /** Roles whose people need a second factor. */
  secondFacteurRoles: readonly Role[];
  logger: Logger;
  now: () => number;
  /** Told how many follow, whenever that changes. */
  counted: (followers: number) => void;
}

export function createSuivi(options: SuiviOptions): Suivi {
  const { db, medical, logger, now, rulesFor, secondFacteurRoles } = options;
  const followers = new Set<State>();
  /** Up to where this process has read; null while nobody follows. */
  let head: number | null = null;
  let running: Promise<void> | null = null;
  let closing = false;
  const stop = new AbortController();
  let wake = () => {};

  const remove = (follower: State) => {
    followers.delete(follower);
    options.counted(followers.size);
  };
  const end = (follower: State, fin: Fin) => {
    remove(follower);
    follower.canal.end(fin);
  };
  const mayFollow = ({ role, secondFacteur }: Principal) =>
    secondFacteur || !secondFacteurRoles.includes(role);

  const say = (follower: State, message: Message) => {
    follower.canal.send(message.type, message.id, JSON.stringify(message));
    follower.said = Math.max(follower.said, message.id);
  };

  /** Asks who everybody is: whoever is nobody any more, or somebody else, is shown out. */
  async function review(present: readonly State[]): Promise<void> {
    const people = await loadPrincipals(db, [...new Set(present.map(({ sessionId }) => sessionId))]);
    for (const follower of present) {
      const principal = people.get(follower.sessionId);
      if (principal === undefined) end(follower, 'authentification');
      else if (principal.role !== follower.role || !mayFollow(principal)) end(follower, 'droits');
      else {
        const rights = rightsOf(principal);
        if (rights === follower.rights) continue;
        follower.rights = rights;
        follower.access = new Access(principal, rulesFor());
      }
    }
  }

  /** Ends what has had its time. */
  function expire(): void {
    const at = now();
    for (const follower of followers) {
      if (follower.expires <= at) end(follower, 'authentification');
      else if (follower.canal.backlog() <= MAX_BACKLOG) follower.stalledAt = null;
      else {
        follower.stalledAt ??= at;
        if (at - follower.stalledAt > MAX_STALL) end(follower, 'retard');
      }
    }
  }

  /** Tells everybody what of a batch is theirs, and is after their own place; they are then at `until`, at least. */
  async function tell(
    those: readonly State[],
    evenements: readonly EvenementRow[],
    until: number,
  ): Promise<void> {
    if (evenements.length === 0) {
      for (const follower of those) follower.position = Math.max(follower.position, until);
      return;
    }
    const presence = await presenceOf(
      medical,
      evenements,
      those.map(({ userId }) => userId),
    );
    const glimpses = await glimpsesOf(db, evenements, presence);
    const news = evenements.map((evenement, n) => newsOf(evenement, glimpses[n]!));
    const concerned = new Set(evenements.flatMap(({ destinataire_id }) => destinataire_id ?? []));
    const readers = those.filter(({ userId }) => concerned.has(userId));
    const unread =
      readers.length === 0
        ? new Map<number, number>()
        : await unreadOf(
            db,
            readers.map(({ userId }) => userId),
          );
    /** What of it each may be told, asked once for all connections of a person. */
    const allowed = new Map<string, readonly News[]>();
    const allowedTo = ({ rights, access, userId }: State) => {
      let some = allowed.get(rights);
      if (some === undefined) {
        const there = presence.appartenances.get(userId) ?? [];
        const atWork = new Access({ ...access.principal, appartenances: there }, rulesFor());
        some = news.filter(({ glimpse, deCabinet }) => mayBeTold(deCabinet ? atWork : access, glimpse));
        allowed.set(rights, some);
      }
      return some;
    };
    let begun = performance.now();
    for (const follower of those) {
      if (performance.now() - begun > SLICE) {
        await breathe();
        begun = performance.now();
      }
      if (followers.has(follower)) tellOne(follower, allowedTo(follower), until, unread);
    }
  }

  function tellOne(
    follower: State,
    news: readonly News[],
    until: number,
    unread: ReadonlyMap<number, number>,
  ): void {
    let counts = false;
    for (const { id, type, json, isOfNotification } of news) {
      if (id <= follower.position) continue;
      follower.canal.send(type, id, json);
      follower.said = id;
      counts ||= isOfNotification;
    }
    follower.position = Math.max(follower.position, until);
    if (!counts) return;
    follower.unread = unread.get(follower.userId) ?? 0;
    say(follower, { type: 'compteur', id: follower.position, non_lues: follower.unread });
  }

  /** @returns whether there is more to be told at once. */
  async function turn(woken: boolean): Promise<boolean> {
    expire();
    const from = head!;
    const fresh = await evenementsAfter(db, from, BATCH);
    const able = [...followers].filter(({ stalledAt }) => stalledAt === null);
    const late = able.filter(({ position }) => position < from);
    const behind =
      late.length === 0
        ? []
        : await evenementsAfter(db, Math.min(...late.map(({ position }) => position)), BATCH);
    if (woken || fresh.length > 0 || behind.length > 0 || now() - reviewed > REVIEW) {
      reviewed = now();
      await review([...followers]);
    }
    const present = able.filter((follower) => followers.has(follower));
    const isLate = new Set(late);
    if (late.length > 0) {
      const all = behind.length < BATCH;
      const last = behind.at(-1)?.id ?? from;
      const reached = present.filter((one) => isLate.has(one) && (all || one.position < last));
      await tell(reached, behind, all ? Math.max(last, from) : last);
    }
    const until = fresh.at(-1)?.id ?? from;
    await tell(
      present.filter((one) => !isLate.has(one)),
      fresh,
      until,
    );
    head = until;
    for (const one of present) if (one.last !== null && one.position >= one.last) end(one, 'termine');
    return (
      fresh.length === BATCH || [...followers].some((one) => one.position < until && one.stalledAt === null)
    );
  }
  let reviewed = 0;

  function beat(): void {
    for (const follower of followers) {
      follower.canal.beat(follower.position);
      if (follower.position > follower.said && follower.stalledAt === null) {
        say(follower, { type: 'compteur', id: follower.position, non_lues: follower.unread });
      }
    }
  }

  /** Runs until nobody follows any more. */
  async function run(): Promise<void> {
    let bell: Bell | null = null;
    let beaten = now();
    let woken = true;
    while (followers.size > 0) {
      try {
        bell ??= await listen(options.databaseUrl, EVENEMENTS_CHANNEL, stop.signal);
        wake = bell.ring;
        const more = await turn(woken);
        if (now() - beaten >= BEAT) {
          beaten = now();
          beat();
        }
        if (!more) woken = await rung(bell, woken ? ECHO : LONGEST_WAIT);
      } catch (err) {
        if (closing) break;
        logger.warn({ err }, 'events not told for a moment: they are told later');
        await bell?.close();
        bell = null;
        woken = true;
        expire();
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
    wake = () => {};
    await bell?.close();
  }

  function start(): void {
    running ??= run().finally(() => {
      running = null;
      head = null;
      // Somebody may have come while the last one was seen off.
      if (followers.size > 0 && !closing) void resume();
    });
  }

  async function resume(): Promise<void> {
    head = Math.min(...[...followers].map(({ position }) => position));
    start();
  }

  return {
    follow: async ({ principal, expires }, canal, depuis, once = false) => {
      const tooMany = () =>
        followers.size >= LIMITS.process ||
        [...followers].filter(({ userId }) => userId === principal.userId).length >= LIMITS.person;
      if (closing) throw new RegieError('SERVICE_INDISPONIBLE', { retryAfter: COME_BACK });
      if (tooMany()) throw new RegieError('TROP_DE_REQUETES', { retryAfter: COME_BACK });
      if (!mayFollow(principal)) throw new RegieError('SECOND_FACTEUR_A_ACTIVER');
      const bornes = await bornesOf(db);
      const unread = (await unreadOf(db, [principal.userId])).get(principal.userId) ?? 0;
      const position = depuis !== null && canFollow(bornes, depuis) ? depuis : bornes.dernier;
      if (closing) throw new RegieError('SERVICE_INDISPONIBLE', { retryAfter: COME_BACK });
      if (tooMany()) throw new RegieError('TROP_DE_REQUETES', { retryAfter: COME_BACK });
      const follower: State = {
        canal,
        sessionId: principal.sessionId!,
        userId: principal.userId,
        role: principal.role,
        expires: expires.getTime(),
        access: new Access(principal, rulesFor()),
        rights: rightsOf(principal),
        position,
        unread,
        said: position,
        stalledAt: null,
        last: once ? bornes.dernier : null,
        renew: (holder) => {
          if (holder.principal.userId !== principal.userId) return false;
          follower.expires = holder.expires.getTime();
          follower.sessionId = holder.principal.sessionId!;
          say(follower, { type: 'compteur', id: follower.position, non_lues: follower.unread });
          return true;
        },
        tooLate: () => say(follower, { type: 'relire', id: follower.position }),
        leave: () => remove(follower),
      };
      if (depuis !== null && depuis !== position) say(follower, { type: 'relire', id: position });
      say(follower, { type: 'compteur', id: position, non_lues: unread });
      followers.add(follower);
      options.counted(followers.size);
      head ??= bornes.dernier;
      start();
      // Whoever is not behind is told with the others; who they are has just been asked.
      if (position < head || once) wake();
      return follower;
    },
    close: async () => {
      closing = true;
      for (const follower of followers) end(follower, 'arret');
      stop.abort();
      wake();
      await running;
    },
  };
}

/** @returns whether it rang, rather than that the time had passed. */
async function rung(bell: Bell, timeout: number): Promise<boolean> {
  const begun = performance.now();
  await bell.next(timeout);
  return performance.now() - begun < timeout - 1;
}

/** What rights follow from: equal for all sessions of a person, as long as nothing of them changes. */
function rightsOf(principal: Principal): string {
  return JSON.stringify({ ...principal, sessionId: null });
}

/** An event, ready to be told: written once for all who are told of it. */
interface News {
  id: number;
  type: Message['type'];
  json: string;
  isOfNotification: boolean;
  /** Of a practice, for those who belong to it. */
  deCabinet: boolean;
  glimpse: Glimpse;
}

function newsOf(evenement: EvenementRow, glimpse: Glimpse): News {
  const { id, evenement: nom, ressource, id_ressource, version, date } = evenement;
  const type = nom === 'notification.creee' ? 'notification' : 'changement';
  const message: Message = { type, id, evenement: nom, ressource, id_ressource, version, date };
  return {
    ...{ id, type, glimpse, json: JSON.stringify(message) },
    isOfNotification: ressource === 'notification',
    deCabinet: isDeCabinet(ressource),
  };
}
