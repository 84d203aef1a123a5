import { WebSocket } from 'ws';
import type { Message } from '../../src/api/suivi';
import { eventually } from './eventually';

/** Somebody who follows what happens, over a WebSocket or as server-sent events, and everything they were told. */

/** As it comes over the wire. */
export type Told = Message & {
  evenement?: string;
  ressource?: string;
  id_ressource?: number;
  version?: number;
};

export interface Following {
  /** In the order in which it came. */
  told: Told[];
  /** What happened, without counts. */
  events(): Told[];
  send(message: unknown): void;
  /** How it ended; the event `fin` of a stream. */
  ended: Promise<{ code: number; reason: string }>;
  /** Waits until they were told something like it. */
  until(holds: (one: Told) => boolean): Promise<Told>;
  close(): void;
  socket: WebSocket;
}

/** Opens a WebSocket and says nothing. */
export function openSocket(baseUrl: string, headers: Record<string, string> = {}): Following {
  const socket = new WebSocket(`${baseUrl.replace('http', 'ws')}/api/v1/notifications/ws`, { headers });
  const told: Told[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on('error', (error) => resolve({ code: 0, reason: error.message }));
  });
  const early: string[] = [];
  socket.on('open', () => {
    for (const text of early) socket.send(text);
  });
  return {
    told,
    events: () => told.filter(({ type }) => type === 'changement' || type === 'notification'),
    send: (message) => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      if (socket.readyState === WebSocket.CONNECTING) early.push(text);
      else socket.send(text);
    },
    ended,
    until: (holds) => toldTo(told, holds),
    close: () => socket.terminate(),
    socket,
  };
}

/** Opens one, says who it is and, when it comes back, where it was; waits until it is followed by what happens. */
export async function follow(baseUrl: string, token: string, depuis?: number): Promise<Following> {
  const following = openSocket(baseUrl);
  following.send({ type: 'auth', token });
  if (depuis !== undefined) following.send({ type: 'reprendre', depuis });
  await Promise.race([
    following.until(({ type }) => type === 'compteur'),
    following.ended.then(({ code, reason }) => Promise.reject(new Error(`closed: ${code} ${reason}`))),
  ]);
  return following;
}

/** The same as server-sent events. */
export async function streamed(
  baseUrl: string,
  token: string,
  lastEventId?: number,
  accept = 'text/event-stream',
): Promise<{
  status: number;
  headers: Headers;
  told: Told[];
  events(): Told[];
  /** The last place that was given, as a browser keeps it. */
  lastId(): number | null;
  /** Everything that was received. */
  text(): string;
  until(holds: (one: Told) => boolean): Promise<Told>;
  ended: Promise<void>;
  close(): void;
}> {
  const control = new AbortController();
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept };
  if (lastEventId !== undefined) headers['last-event-id'] = String(lastEventId);
  const response = await fetch(`${baseUrl}/api/v1/flux`, { headers, signal: control.signal });
  const told: Told[] = [];
  let text = '';
  let read = 0;
  let lastId: number | null = null;
  const take = () => {
    for (;;) {
      const end = text.indexOf('\n\n', read);
      if (end < 0) return;
      const lines = text.slice(read, end).split('\n');
      read = end + 2;
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field('id') !== undefined) lastId = Number(field('id'));
      const data = field('data');
      if (data !== undefined && field('event') !== 'fin') told.push(JSON.parse(data));
    }
  };
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      take();
    }
  })().catch(() => {});
  return {
    status: response.status,
    headers: response.headers,
    told,
    events: () => told.filter(({ type }) => type === 'changement' || type === 'notification'),
    lastId: () => lastId,
    text: () => text,
    until: (holds) => toldTo(told, holds),
    ended,
    close: () => control.abort(),
  };
}

async function toldTo(told: readonly Told[], holds: (one: Told) => boolean): Promise<Told> {
  const found = await eventually(
    () => told.find(holds) ?? null,
    (one) => one !== null,
  );
  return found!;
}
