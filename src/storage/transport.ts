import http from 'node:http';
import https from 'node:https';
import type { ClientOptions } from 'minio';
import { StoreUnavailable } from './errors';

type Transport = NonNullable<ClientOptions['transport']>;

/** Milliseconds. */
export interface Timeouts {
  /** To open a connection. */
  connect: number;
  /** Without a byte in either direction while the store is the one to act. */
  idle: number;
}

/** What minio sends its requests through; it has no time-outs of its own. */
export interface BoundedTransport {
  transport: Transport;
  agent: http.Agent;
  /** Whether a request failed with this error, rather than the store refusing it or the caller's stream breaking. */
  isFailure(error: unknown): boolean;
}

/** Requests that end within bounded time: with a connection that opens, and a server that goes on answering. */
export function boundedTransport(protocol: string, { connect, idle }: Timeouts): BoundedTransport {
  const { request, Agent } = protocol === 'https:' ? https : http;
  const failures = new WeakSet<object>();
  const note = (error: Error) => failures.add(error);

  const boundedRequest = (
    options: https.RequestOptions,
    onResponse: (response: http.IncomingMessage) => void,
  ) => {
    let response: http.IncomingMessage | undefined;
    const outgoing = request({ ...options, timeout: idle }, (incoming) => {
      response = incoming.once('error', note);
      if (isServerFault(incoming.statusCode)) {
        // minio would leave the answer unread, and its connection with it.
        incoming.resume();
        outgoing.emit('error', new StoreUnavailable(`The object store answered ${incoming.statusCode}`));
      } else onResponse(incoming);
    });
    const giveUp = (reason: string) => outgoing.destroy(new StoreUnavailable(`The object store ${reason}`));

    const connecting = setTimeout(() => giveUp(`did not accept a connection within ${connect} ms`), connect);
    const connected = () => clearTimeout(connecting);
    outgoing.once('socket', (socket) =>
      socket.connecting ? socket.once('connect', connected) : connected(),
    );
    outgoing.on('timeout', () => {
      // A reader that takes its time is no fault of the store.
      if (response?.isPaused()) outgoing.socket?.setTimeout(idle);
      else giveUp(`was silent for ${idle} ms`);
    });
    return outgoing.on('error', note).once('close', connected);
  };

  return {
    transport: { request: boundedRequest as Transport['request'] },
    // Idle connections are dropped before the server would drop them, so that none is reused while it closes.
    agent: new Agent({ keepAlive: true, timeout: 4000 }),
    isFailure: (error) => typeof error === 'object' && error !== null && failures.has(error),
  };
}

/** The store's trouble, not the request's: 5xx but "not implemented", and being told to slow down. */
function isServerFault(status = 0): boolean {
  return (status >= 500 && status !== 501) || status === 429 || status === 408;
}
