import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { networkOf } from '../auth/addresses';
import { forbidden, RegieError } from '../domain/errors';
import type { AppContext } from './context';
import { personOf } from './http/caller';
import { clientAddresses } from './http/client-address';
import { BASE_PATH, withoutTrailingSlash } from './http/paths';
import { toRegieError } from './http/problems';
import { refuseOn } from './http/unreadable';
import { type Canal, FINS, type Fin, type Follower } from './suivi';

/**
 * What happens, over WebSockets (contract §3). The token comes in the first message: an address ends up in the logs of every
 * proxy, and browsers give a WebSocket no header to put one into.
 */

const SOCKET_PATH = `${BASE_PATH}/notifications/ws`;

/** A token and a little more, in bytes. */
const MAX_MESSAGE = 16 * 1_024;
/** Whoever has not said who they are by then is closed, in milliseconds. */
const AUTH_DELAY = 5_000;
/** For how long a closed connection may take to say so, in milliseconds; then it is cut. */
const CLOSE_DELAY = 2_000;
/** Events wait so long for a `reprendre` that is to come before them, in milliseconds. */
const RESUME_DELAY = 250;
/** Messages of one connection that wait to be carried out. */
const MAX_WAITING = 8;
/** In one process, of those who have not said who they are: of one network, and of all. */
const MAX_UNKNOWN = { network: 200, process: 1_000 };

const message = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(MAX_MESSAGE) }),
  z.strictObject({ type: z.literal('reprendre'), depuis: z.int().min(0) }),
]);

export interface Sockets {
  /** Takes no more connections, tells each that the server stops, and waits until they have closed. */
  close(): Promise<void>;
}

/** Whether a request wants to become a WebSocket; any other `Upgrade` is not followed, and answered as if there were none. */
export function wantsSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Has a server take WebSockets. It has to be made with {@link wantsSocket}. */
export function acceptSockets(server: Server, app: AppContext): Sockets {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE });
  const addressOf = clientAddresses(app.config.trustedProxies);
  const origins = new Set([...app.config.corsOrigins, new URL(app.config.publicUrl).origin]);
  /** Connections that have not said who they are, by network. */
  const unknown = new Map<string, number>();
  let closing = false;

  /** @throws {RegieError} what the request is refused for */
  const admit = (request: IncomingMessage, network: string): void => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    if (withoutTrailingSlash(pathname) !== SOCKET_PATH) throw new RegieError('INTROUVABLE');
    if (closing) throw new RegieError('SERVICE_INDISPONIBLE', { retryAfter: AUTH_DELAY / 1_000 });
    if (search !== '') throw new RegieError('REQUETE_MALFORMEE', { detail: NO_QUERY });
    // A page of anybody may open a WebSocket to anywhere; programs that are no browsers name no origin.
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin)) throw forbidden(FOREIGN_ORIGIN);
    app.debits?.count(network, 'anonyme', app.clock());
    const all = [...unknown.values()].reduce((sum, count) => sum + count, 0);
    if ((unknown.get(network) ?? 0) >= MAX_UNKNOWN.network || all >= MAX_UNKNOWN.process) {
      throw new RegieError('TROP_DE_REQUETES', { retryAfter: AUTH_DELAY / 1_000 });
    }
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {
      // A client that went away.
    });
    try {
      const network = networkOf(addressOf(request));
      admit(request, network);
      sockets.handleUpgrade(request, socket, head, (connection) => {
        unknown.set(network, (unknown.get(network) ?? 0) + 1);
        serve(app, connection, () => {
          const left = unknown.get(network)! - 1;
          if (left > 0) unknown.set(network, left);
          else unknown.delete(network);
        });
      });
    } catch (error) {
      const fault = toRegieError(error);
      if (fault.code === 'ERREUR_INTERNE') app.logger.error({ err: error }, 'WebSocket refused');
      refuseOn(socket, fault, SOCKET_PATH);
    }
  });

  return {
    close: async () => {
      closing = true;
      const { code, raison } = FINS.arret;
      const gone = [...sockets.clients].map((connection) => {
        shut(connection, code, raison);
        return new Promise((resolve) => connection.once('close', resolve));
      });
      await app.suivi.close();
      await Promise.all(gone);
    },
  };
}

const NO_QUERY = {
  fr: 'Rien dans l’adresse : le jeton vient dans le premier message',
  en: 'Nothing in the address: the token comes in the first message',
};
const FOREIGN_ORIGIN = {
  fr: 'Les pages de cette origine ne peuvent pas appeler l’API',
  en: 'Pages of this origin may not call the API',
};

function shut(connection: WebSocket, code: number, reason: string): void {
  connection.close(code, reason);
  setTimeout(() => connection.terminate(), CLOSE_DELAY).unref();
}

/** One connection. @param known is called once, when it has said who it is or is gone. */
function serve(app: AppContext, connection: WebSocket, known: () => void): void {
  let follower: Follower | null = null;
  /** Whoever has said who they are, and has not been told anything yet. */
  let arrival: ((depuis: number | null) => Promise<void>) | null = null;
  let answers = true;
  let isUnknown = true;
  let waiting = 0;
  let queue = Promise.resolve();

  const end = (fin: Fin) => {
    const { code, raison } = FINS[fin];
    shut(connection, code, raison);
  };
  const becomeKnown = () => {
    if (isUnknown) known();
    isUnknown = false;
    clearTimeout(patience);
  };
  const patience = setTimeout(() => end('authentification'), AUTH_DELAY);
  const canal: Canal = {
    send: (_type, _id, json) => connection.send(json),
    backlog: () => connection.bufferedAmount,
    beat: () => {
      if (!answers) return connection.terminate();
      answers = false;
      connection.ping();
    },
    end,
  };

  const authenticate = async (token: string): Promise<void> => {
    const holder = await personOf(app, token);
    if (holder === null) throw new RegieError('NON_AUTHENTIFIE');
    app.debits?.count(`user ${holder.principal.userId}`, 'lecture', app.clock());
    if (follower !== null) {
      if (!follower.renew(holder)) end('authentification');
      return;
    }
    becomeKnown();
    const timer = setTimeout(() => {
      queue = queue.then(() => arrival?.(null)).catch(fail);
    }, RESUME_DELAY);
    arrival = async (depuis) => {
      clearTimeout(timer);
      arrival = null;
      if (connection.readyState !== connection.OPEN) return;
      follower = await app.suivi.follow(holder, canal, depuis);
      if (connection.readyState !== connection.OPEN) follower.leave();
    };
  };

  const carryOut = async (data: RawData): Promise<void> => {
    if (connection.readyState !== connection.OPEN) return;
    const given = message.safeParse(parsed(data));
    if (!given.success) end('invalide');
    else if (given.data.type === 'auth') await authenticate(given.data.token);
    else if (arrival !== null) await arrival(given.data.depuis);
    else if (follower !== null) follower.tooLate();
    else end('authentification');
  };

  /** What cannot be done closes the connection: its client begins anew. */
  const fail = (error: unknown): void => {
    const { code } = toRegieError(error);
    if (code === 'NON_AUTHENTIFIE') end('authentification');
    else if (code === 'TROP_DE_REQUETES') end('nombre');
    else if (code === 'SECOND_FACTEUR_A_ACTIVER') end('droits');
    else {
      app.logger.warn({ err: error }, 'WebSocket closed');
      shut(connection, 1011, 'erreur interne');
    }
  };

  connection.on('message', (data, isBinary) => {
    if (isBinary) return end('invalide');
    if (waiting >= MAX_WAITING) return end('nombre');
    waiting += 1;
    queue = queue
      .then(() => carryOut(data))
      .catch(fail)
      .finally(() => {
        waiting -= 1;
      });
  });
  connection.on('pong', () => {
    answers = true;
  });
  connection.on('error', () => {
    // What breaks the protocol closes the connection, with the code that says so.
  });
  connection.on('close', () => {
    becomeKnown();
    follower?.leave();
  });
}

/** Null for what is no JSON, which no message is. */
function parsed(data: RawData): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
