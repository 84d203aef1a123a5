import { lookup as systemLookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import { refuseInTransaction } from '../db/transaction';
import { hostOf, isPrivateHost, isPublicAddress } from './addresses';

/**
 * Calls to addresses that people gave us. A name is resolved for the connection itself, and the connection is made to
 * what was judged: nothing is resolved a second time, so that a name server which changes its answer wins nothing.
 * Redirects are an answer like any other and are never followed.
 */

/** Resolves a name; every address that it stands for. */
export type Resolve = (hostname: string) => Promise<string[]>;

export interface OutgoingOptions {
  /** Whether the house's own network may be called. */
  privateNetworks: boolean;
  /** Whether plain HTTP is called too: for addresses that the operator gave, such as a gateway's. */
  plainHttp?: boolean;
  /** Milliseconds for one call as a whole: resolving, connecting, sending, and all of the answer. */
  timeout?: number;
  /** How names are resolved: as the system does. */
  resolve?: Resolve;
  /** Certificates of authorities, in PEM, to trust instead of the usual ones. */
  ca?: string | null;
}

export interface OutgoingRequest {
  method?: 'POST' | 'GET' | 'DELETE' | 'PUT' | 'PROPFIND' | 'REPORT';
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** How much of the answer is read, in bytes; {@link MAX_ANSWER} unless said. */
  maxAnswer?: number;
}

export interface OutgoingAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** As much of it as was to be read; what follows is not. */
  body: Buffer;
}

export interface Outgoing {
  /**
   * Calls a URL and answers with whatever it says, a refusal or a redirect included.
   * @throws {AddressRefused} when it leads where we do not call; nothing was sent.
   * @throws {Error} when there was no whole answer in time: the other side may or may not have taken the request.
   */
  send(url: string, request: OutgoingRequest): Promise<OutgoingAnswer>;
  /**
   * Whether the name of a URL leads where we may call today, for whoever gives it. Only `send` decides when it counts.
   * @throws {AddressRefused} when it does not, or stands for no address at all.
   */
  confirm(url: string): Promise<void>;
  /** Closes connections that are kept open between calls. */
  close(): void;
}

/** The URL leads to an address that is not called. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

/** There was no whole answer in time. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Of an answer, in bytes, unless said: what says why something was refused is shorter. */
export const MAX_ANSWER = 16 * 1024;

const TIMEOUT = 10_000;
/** Connections to one host at once; those kept open in all. */
const MAX_SOCKETS = 10;
const MAX_FREE_SOCKETS = 20;
/** An idle connection is closed after so long, in milliseconds. */
const IDLE = 15_000;

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { privateNetworks, plainHttp = false, timeout = TIMEOUT, ca = null } = options;
  const resolve = options.resolve ?? systemResolve;

  async function addressesOf(hostname: string): Promise<string[]> {
    const addresses = await resolve(hostname);
    if (addresses.length === 0) throw new AddressRefused(`${hostname} stands for no address`);
    // One that is private among others is no accident either.
    if (!privateNetworks && !addresses.every(isPublicAddress)) {
      throw new AddressRefused(`${hostname} does not lead to a public address`);
    }
    return addresses;
  }

  const lookup: LookupFunction = (hostname, { all, family }, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const wanted = addresses
          .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
          .filter((one) => !family || one.family === Number(String(family).replace('IPv', '')));
        const [first] = wanted;
        if (first === undefined)
          callback(new AddressRefused(`${hostname} stands for no such address`), '', 0);
        else if (all) callback(null, wanted);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };

  const pool = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    maxFreeSockets: MAX_FREE_SOCKETS,
    timeout: IDLE,
    lookup,
  };
  const https = new HttpsAgent({
    ...pool,
    // Read once: for each connection it would take longer than all the rest of it.
    ...(ca === null ? {} : { secureContext: createSecureContext({ ca }) }),
  });
  const http = new HttpAgent(pool);

  /** An address written in the URL itself is connected to without being looked up. */
  function checked(value: string): URL {
    const url = new URL(value);
    if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) {
      throw new AddressRefused(`${url.protocol}// is not called`);
    }
    if (!privateNetworks && isPrivateHost(url.hostname)) {
      throw new AddressRefused(`${url.hostname} is not a public address`);
    }
    return url;
  }

  return {
    async send(value, { method = 'POST', headers = {}, body, maxAnswer = MAX_ANSWER }) {
      refuseInTransaction('a call to another server');
      const url = checked(value);
      const secure = url.protocol === 'https:';
      const payload = body === undefined ? undefined : Buffer.from(body);
      const signal = AbortSignal.timeout(timeout);
      return new Promise<OutgoingAnswer>((answer, fail) => {
        const request = (secure ? httpsRequest : httpRequest)(url, {
          method,
          agent: secure ? https : http,
          signal,
          headers: {
            ...headers,
            ...(payload === undefined ? {} : { 'content-length': String(payload.length) }),
          },
        });
        const failed = (error: Error) =>
          fail(signal.aborted ? new NoAnswer(`No answer within ${timeout} ms`) : error);
        request.on('error', failed);
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          const done = () =>
            answer({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).subarray(0, maxAnswer),
            });
          response.on('error', failed);
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            size += chunk.length;
            if (size <= maxAnswer) return;
            done();
            request.destroy();
          });
          response.on('end', done);
        });
        request.end(payload);
      });
    },
    async confirm(value) {
      refuseInTransaction('a name server');
      const { hostname } = checked(value);
      if (isIP(hostOf(hostname)) !== 0) return;
      await addressesOf(hostname).catch((error: unknown) => {
        if (error instanceof AddressRefused) throw error;
        throw new AddressRefused(`${hostname} is not known`, { cause: error });
      });
    },
    close() {
      https.destroy();
      http.destroy();
    },
  };
}

/** As every other program on the machine resolves names: its hosts file, then its name servers. */
async function systemResolve(hostname: string): Promise<string[]> {
  return (await systemLookup(hostname, { all: true })).map(({ address }) => address);
}
