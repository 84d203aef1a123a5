import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Decoupage } from '../domain/messages/sms';
import { createOutgoing, type OutgoingAnswer } from './outgoing';

/** Hands text messages to a gateway. One that fails is not tried again here: the caller keeps it and decides. */

export interface OutgoingSms {
  /** Stable for the event and its reader: a gateway that gets it twice sends one message. */
  cle: string;
  /** E.164. */
  a: string;
  texte: string;
  decoupage: Decoupage;
  correlationId: string;
}

export interface SmsTransport {
  /**
   * Resolves once the gateway has taken the message.
   * @throws {SmsRefused} when trying again would be refused again; any other error may pass with time.
   */
  send(sms: OutgoingSms): Promise<void>;
  close(): void;
}

/** The gateway will never send it. */
export class SmsRefused extends Error {
  override name = 'SmsRefused';

  constructor(
    message: string,
    /** Because nobody has this number. */
    readonly numeroInvalide: boolean,
  ) {
    super(message);
  }
}

export interface SmsSettings {
  /** Of the gateway; null where there is none. */
  url: string | null;
  /** `Authorization: Bearer`; null for a gateway that asks for none. */
  jeton: string | null;
  expediteur: string;
  /** Folder of a file outbox, for where there is no gateway. */
  dossier: string | null;
  /** Where the gateway tells what became of a message. */
  statuts: string;
}

/** What a gateway says of a number that nobody has. */
const INVALID_NUMBER = 'numero_invalide';
/** What is ours to mend, or theirs, and passes: credentials, a key that is in use, too much at once. */
const PASSING = [401, 402, 403, 404, 405, 407, 408, 409, 421, 425, 429];

/** The gateway, else the file outbox; null where text messages are not sent at all. */
export function createSmsTransport(settings: SmsSettings): SmsTransport | null {
  if (settings.url !== null) return gateway(settings, settings.url);
  return settings.dossier === null ? null : fileOutbox(settings, settings.dossier);
}

/** JSON by POST. The gateway was named by the operator: it may stand in the house, and speak plain HTTP there. */
function gateway(settings: SmsSettings, url: string): SmsTransport {
  const outgoing = createOutgoing({ privateNetworks: true, plainHttp: true });
  const authorization: Record<string, string> =
    settings.jeton === null ? {} : { authorization: `Bearer ${settings.jeton}` };
  return {
    async send(sms) {
      const answer = await outgoing.send(url, {
        headers: {
          ...authorization,
          'content-type': 'application/json',
          'idempotency-key': sms.cle,
          'x-correlation-id': sms.correlationId.replace(/[^\x21-\x7e]+/g, '-'),
        },
        body: JSON.stringify({ ...contentOf(sms, settings), statuts: settings.statuts }),
      });
      refuseUnlessTaken(answer);
    },
    close: () => outgoing.close(),
  };
}

/** @throws {SmsRefused} when the answer is final, {Error} when it may be another one later. */
function refuseUnlessTaken({ status, body }: OutgoingAnswer): void {
  if (status >= 200 && status < 300) return;
  const code = codeOf(body);
  const said = `The gateway answered ${status}${code === null ? '' : ` (${code})`}`;
  const isFinal = status >= 400 && status < 500 && !PASSING.includes(status);
  if (isFinal) throw new SmsRefused(said, code === INVALID_NUMBER);
  throw new Error(said);
}

function codeOf(body: Buffer): string | null {
  try {
    const { code } = JSON.parse(body.toString()) as { code?: unknown };
    return typeof code === 'string' ? code.slice(0, 50) : null;
  } catch {
    return null;
  }
}

/** A file a message, under its key: what is sent again is the same file. */
function fileOutbox(settings: SmsSettings, folder: string): SmsTransport {
  return {
    async send(sms) {
      await mkdir(folder, { recursive: true });
      const name = `${createHash('sha256').update(sms.cle).digest('hex').slice(0, 32)}.json`;
      const path = join(folder, name);
      await writeFile(`${path}.part`, `${JSON.stringify(contentOf(sms, settings), null, 2)}\n`);
      await rename(`${path}.part`, path);
    },
    close: () => {},
  };
}

function contentOf({ cle, a, texte, decoupage }: OutgoingSms, { expediteur }: SmsSettings) {
  return { cle, de: expediteur, a, texte, encodage: decoupage.encodage, segments: decoupage.segments.length };
}
