import { isAddressRefused, type RefusDestinataire, refusOf } from '../domain/identite/adresses';

/**
 * Reads a delivery status notification (RFC 3464): what a mail server sends back when a mail that it had taken could not be
 * delivered after all.
 */

/** Header of every mail of ours, which a notification returns: it proves that it tells of a mail that we sent. */
export const MESSAGE_HEADER = 'X-Regie-Message';

export interface Retour {
  /** The value of {@link MESSAGE_HEADER} of the mail that came back. */
  jeton: string;
  /** Against the address itself, or for a reason that may pass or was ours. */
  definitif: boolean;
  raison: string;
}

/** More than any server writes; what it returns of the mail itself is one of them, whatever that consists of. */
const MAX_PARTS = 20;

/**
 * @param source of the notification, a character for each byte.
 * @returns null for whatever is not a notification about a mail of ours.
 */
export function readRetour(source: string): Retour | null {
  const report = entityOf(source);
  const boundary = parameterOf(report.headers.get('content-type') ?? '', 'boundary');
  if (!/^multipart\/report\b/i.test(report.headers.get('content-type') ?? '') || boundary === null)
    return null;
  const parts = partsOf(report.body, boundary).map(entityOf);
  const typed = (pattern: RegExp) =>
    parts.find(({ headers }) => pattern.test(headers.get('content-type') ?? ''));
  const status = typed(/^message\/(global-)?delivery-status\b/i);
  const returned = typed(/^(message\/(rfc822|global)|text\/rfc822-headers|message\/global-headers)\b/i);
  if (status === undefined || returned === undefined) return null;
  const jeton = entityOf(decoded(returned)).headers.get(MESSAGE_HEADER.toLowerCase());
  // A mail of ours has one recipient: the first group of fields is about the mail, the second about them.
  const failure = groupsOf(decoded(status)).find((fields) => /^failed$/i.test(fields.get('action') ?? ''));
  if (jeton === undefined || failure === undefined) return null;
  const refus = refusIn(failure);
  return { jeton: jeton.trim(), definitif: isAddressRefused(refus), raison: refus.texte };
}

/** The recipient's server's own words if they were passed on; the status is also that of a server in between. */
function refusIn(fields: ReadonlyMap<string, string>): RefusDestinataire {
  const diagnostic = Buffer.from(fields.get('diagnostic-code') ?? '', 'latin1').toString();
  const said = refusOf(diagnostic);
  const etat = /^\s*(\d\.\d{1,3}\.\d{1,3})/.exec(fields.get('status') ?? '')?.[1] ?? null;
  // `5.0.0` says no more than that it failed.
  const known = said.etat ?? (etat === '5.0.0' ? null : etat);
  return { code: said.code, etat: known, texte: said.texte || `Status ${etat ?? '5.0.0'}` };
}

interface Entity {
  headers: ReadonlyMap<string, string>;
  body: string;
}

function entityOf(source: string): Entity {
  const text = source.replace(/\r\n/g, '\n');
  const end = text.indexOf('\n\n');
  const [head, body] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 2)];
  return { headers: fieldsOf(head), body };
}

/** Groups of fields, an empty line between two. */
function groupsOf(text: string): ReadonlyMap<string, string>[] {
  return text
    .replace(/\r\n/g, '\n')
    .split(/\n[ \t]*\n/)
    .map(fieldsOf);
}

/** Names in lower case; of a name that comes twice the first counts. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

function parameterOf(header: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]{1,200})"|([^\\s;"]{1,200}))`, 'i').exec(header);
  return found === null ? null : (found[1] ?? found[2])!;
}

function partsOf(body: string, boundary: string): string[] {
  return `\n${body}`
    .split(`\n--${boundary}`, MAX_PARTS + 1)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => part.slice(part.indexOf('\n') + 1));
}

function decoded({ headers, body }: Entity): string {
  switch (headers.get('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1');
    case 'quoted-printable':
      return body
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    default:
      return body;
  }
}
