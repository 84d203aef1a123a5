import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import type { Outgoing, OutgoingAnswer, OutgoingRequest } from './outgoing';

/**
 * Calendars that people keep elsewhere: by CalDAV (RFC 4791, with RFC 6578 where it is offered), or as a file under an address.
 * Everything goes through {@link Outgoing}, so that no answer leads us where we do not call: an address that a server names is
 * only ever one of its own, below the collection that we were given.
 */

/** What opens a calendar. */
export interface AccesAgenda {
  url: string;
  utilisateur: string | null;
  mot_de_passe: string | null;
}

export interface ObjetDistant {
  /** Path on its server. */
  href: string;
  etag: string | null;
  texte: string;
}

/** What has changed in a collection since a token; everything where there was none. */
export interface Changements {
  /** Null where the server does not offer it. */
  jeton: string | null;
  modifies: ObjetDistant[];
  supprimes: string[];
  /** Whether this is everything that there is. */
  complet: boolean;
}

/** The other side's answer is not what it should be. */
export class ReponseInattendue extends Error {
  override name = 'ReponseInattendue';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** More than is read. */
export class TropGrand extends Error {
  override name = 'TropGrand';
}

/** Of a calendar as a whole, or of one answer, in bytes. */
const MAX_CALENDAR = 20 * 1024 * 1024;
/** Objects that are asked for at once. */
const BATCH = 100;
const MAX_OBJECTS = 20_000;

const DAV = 'DAV:';
const CALDAV = 'urn:ietf:params:xml:ns:caldav';
const HEAD = '<?xml version="1.0" encoding="utf-8"?>';
const NAMESPACES = `xmlns:d="${DAV}" xmlns:c="${CALDAV}"`;

/**
 * The file of a calendar, unless it is the one that we have.
 * @returns null when it is still the same.
 * @throws {AddressRefused} {NoAnswer} {ReponseInattendue} {TropGrand} and whatever a connection fails with.
 */
export async function lireFichier(
  outgoing: Outgoing,
  acces: AccesAgenda,
  etag: string | null,
): Promise<{ texte: string; etag: string | null } | null> {
  const answer = await call(outgoing, acces, acces.url, {
    method: 'GET',
    headers: { accept: 'text/calendar', ...(etag === null ? {} : { 'if-none-match': etag }) },
  });
  if (answer.status === 304 && etag !== null) return null;
  requireStatus(answer, [200]);
  return { texte: answer.body.toString(), etag: answer.headers.etag ?? null };
}

/**
 * What has changed since a token; everything between two instants without one, or where the server has forgotten it.
 * @throws as {@link lireFichier}.
 */
export async function lireCollection(
  outgoing: Outgoing,
  acces: AccesAgenda,
  jeton: string | null,
  periode: { debut: Date; fin: Date },
): Promise<Changements> {
  if (jeton !== null) {
    const since = await changesSince(outgoing, acces, jeton);
    if (since !== null) return since;
  }
  // The token first: what changes meanwhile is then told once more, and nothing is missed.
  const next = await tokenOf(outgoing, acces);
  const modifies = await objectsIn(outgoing, acces, periode);
  return { jeton: next, modifies, supprimes: [], complet: true };
}

/** Of a collection as it is now (RFC 6578 §4); null where it has none. Also says whether it is a calendar at all. */
async function tokenOf(outgoing: Outgoing, acces: AccesAgenda): Promise<string | null> {
  const answer = await call(outgoing, acces, acces.url, {
    method: 'PROPFIND',
    headers: { depth: '0' },
    body: `${HEAD}<d:propfind ${NAMESPACES}><d:prop><d:resourcetype/><d:sync-token/></d:prop></d:propfind>`,
  });
  requireStatus(answer, [207]);
  const document = parseXml(answer);
  if (elements(document, CALDAV, 'calendar').length === 0) {
    throw new ReponseInattendue(answer.status, 'Not a collection of a calendar');
  }
  return textOf(elements(document, DAV, 'sync-token')[0]) || null;
}

async function objectsIn(
  outgoing: Outgoing,
  acces: AccesAgenda,
  { debut, fin }: { debut: Date; fin: Date },
): Promise<ObjetDistant[]> {
  const range = `<c:time-range start="${basic(debut)}" end="${basic(fin)}"/>`;
  const answer = await call(outgoing, acces, acces.url, {
    method: 'REPORT',
    headers: { depth: '1' },
    body:
      `${HEAD}<c:calendar-query ${NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>` +
      `<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">${range}</c:comp-filter>` +
      '</c:comp-filter></c:filter></c:calendar-query>',
  });
  requireStatus(answer, [207]);
  return objectsOf(parseXml(answer), acces.url);
}

/** @returns null when the server has forgotten the token, or does not offer it any more. */
async function changesSince(
  outgoing: Outgoing,
  acces: AccesAgenda,
  jeton: string,
): Promise<Changements | null> {
  const answer = await call(outgoing, acces, acces.url, {
    method: 'REPORT',
    headers: { depth: '1' },
    body:
      `${HEAD}<d:sync-collection ${NAMESPACES}><d:sync-token>${escapeXml(jeton)}</d:sync-token>` +
      '<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>',
  });
  // RFC 6578 §3.2: 403 or 409 for a token that is valid no more; others refuse the report itself.
  if ([400, 403, 404, 405, 409, 412, 415, 501].includes(answer.status)) return null;
  requireStatus(answer, [207]);
  const document = parseXml(answer);
  const next = textOf(elements(document, DAV, 'sync-token')[0]);
  const [changed, supprimes]: [string[], string[]] = [[], []];
  for (const response of elements(document, DAV, 'response')) {
    const href = ownHref(response, acces.url);
    if (href === null) {
      // RFC 6578 §3.6: of the collection itself, that there is more than it says.
      if (statusOf(response) === 507) return null;
      continue;
    }
    if (statusOf(response) === 404) supprimes.push(href);
    else changed.push(href);
  }
  if (next === '') throw new ReponseInattendue(answer.status, 'No sync-token');
  if (changed.length > MAX_OBJECTS) throw new TropGrand(`${changed.length} objects`);
  const modifies: ObjetDistant[] = [];
  for (let at = 0; at < changed.length; at += BATCH) {
    modifies.push(...(await multiget(outgoing, acces, changed.slice(at, at + BATCH))));
  }
  // One that went between the two questions is told of by the next one.
  return { jeton: next, modifies, supprimes, complet: false };
}

async function multiget(
  outgoing: Outgoing,
  acces: AccesAgenda,
  hrefs: readonly string[],
): Promise<ObjetDistant[]> {
  const answer = await call(outgoing, acces, acces.url, {
    method: 'REPORT',
    headers: { depth: '1' },
    body:
      `${HEAD}<c:calendar-multiget ${NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>` +
      `${hrefs.map((href) => `<d:href>${escapeXml(href)}</d:href>`).join('')}</c:calendar-multiget>`,
  });
  requireStatus(answer, [207]);
  return objectsOf(parseXml(answer), acces.url);
}

/** What writing came to; `conflit` when the object is another one than was expected (412). */
export type Ecriture = { etag: string | null } | 'conflit';

/**
 * Writes an object: a new one when no tag is given (`If-None-Match: *`), otherwise in the place of that one (`If-Match`).
 * @throws as {@link lireFichier}.
 */
export async function ecrireObjet(
  outgoing: Outgoing,
  acces: AccesAgenda,
  nom: string,
  texte: string,
  etag: string | null,
): Promise<Ecriture> {
  const answer = await call(outgoing, acces, addressOf(acces, nom), {
    method: 'PUT',
    headers: {
      'content-type': 'text/calendar; charset=utf-8',
      ...(etag === null ? { 'if-none-match': '*' } : { 'if-match': etag }),
    },
    body: texte,
  });
  if (answer.status === 412) return 'conflit';
  requireStatus(answer, [200, 201, 204]);
  return { etag: answer.headers.etag ?? null };
}

/**
 * The object as it is now.
 * @returns null when there is none.
 * @throws as {@link lireFichier}.
 */
export async function lireObjet(
  outgoing: Outgoing,
  acces: AccesAgenda,
  nom: string,
): Promise<{ etag: string | null; texte: string } | null> {
  const answer = await call(outgoing, acces, addressOf(acces, nom), { method: 'GET' });
  if (answer.status === 404 || answer.status === 410) return null;
  requireStatus(answer, [200]);
  return { etag: answer.headers.etag ?? null, texte: answer.body.toString() };
}

/** Removes an object; one that is gone is removed. @throws as {@link lireFichier}. */
export async function retirerObjet(
  outgoing: Outgoing,
  acces: AccesAgenda,
  nom: string,
  etag: string | null,
): Promise<'retire' | 'conflit'> {
  const answer = await call(outgoing, acces, addressOf(acces, nom), {
    method: 'DELETE',
    headers: etag === null ? {} : { 'if-match': etag },
  });
  if (answer.status === 412) return 'conflit';
  requireStatus(answer, [200, 202, 204, 404, 410]);
  return 'retire';
}

function addressOf({ url }: AccesAgenda, nom: string): string {
  return new URL(encodeURIComponent(nom), url.endsWith('/') ? url : `${url}/`).href;
}

async function call(
  outgoing: Outgoing,
  { utilisateur, mot_de_passe }: AccesAgenda,
  url: string,
  { headers, body, ...request }: OutgoingRequest,
): Promise<OutgoingAnswer> {
  const answer = await outgoing.send(url, {
    ...request,
    headers: {
      'user-agent': 'Regie-Agendas',
      ...(utilisateur === null ? {} : { authorization: basicAuth(utilisateur, mot_de_passe ?? '') }),
      ...(body === undefined ? {} : { 'content-type': 'application/xml; charset=utf-8' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    maxAnswer: MAX_CALENDAR + 1,
  });
  if (answer.body.length > MAX_CALENDAR) throw new TropGrand(`More than ${MAX_CALENDAR} bytes`);
  return answer;
}

function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function requireStatus({ status }: OutgoingAnswer, expected: readonly number[]): void {
  if (!expected.includes(status)) throw new ReponseInattendue(status, `The server answered ${status}`);
}

/** @throws {ReponseInattendue} when it is no XML, or some with a type of document, which nobody sends in good faith. */
function parseXml({ status, body }: OutgoingAnswer): Element {
  const text = body.toString();
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new ReponseInattendue(status, 'A type of document');
  try {
    const parser = new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    });
    const { documentElement } = parser.parseFromString(text, 'text/xml');
    if (documentElement !== null) return documentElement;
  } catch (cause) {
    throw new ReponseInattendue(status, `Not XML: ${(cause as Error).message.slice(0, 200)}`);
  }
  throw new ReponseInattendue(status, 'Not XML');
}

function elements(parent: Element, namespace: string, name: string): Element[] {
  return [...parent.getElementsByTagNameNS(namespace, name)];
}

function textOf(node: Node | undefined): string {
  return (node?.textContent ?? '').trim();
}

function objectsOf(document: Element, base: string): ObjetDistant[] {
  const found = elements(document, DAV, 'response').flatMap((response) => {
    const href = ownHref(response, base);
    const data = elements(response, CALDAV, 'calendar-data')[0];
    if (href === null || data === undefined || data.textContent === '') return [];
    const etag = textOf(elements(response, DAV, 'getetag')[0]) || null;
    return [{ href, etag, texte: data.textContent ?? '' }];
  });
  if (found.length > MAX_OBJECTS) throw new TropGrand(`${found.length} objects`);
  return found;
}

/** The path of an object of the collection; null for the collection itself, and for whatever lies elsewhere. */
function ownHref(response: Element, base: string): string | null {
  const given = textOf(elements(response, DAV, 'href')[0]);
  if (given === '' || !URL.canParse(given, base)) return null;
  const [address, collection] = [new URL(given, base), new URL(base)];
  // Some write the same address with and without escapes.
  const folder = unescaped(collection.pathname).replace(/\/?$/, '/');
  const path = unescaped(address.pathname);
  const isOwn = address.origin === collection.origin && path.startsWith(folder);
  return isOwn && path !== folder ? address.pathname : null;
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Of a response as a whole, not of one of its properties; null where it has none. */
function statusOf(response: Element): number | null {
  const own = [...response.childNodes].find(
    (node) => node.localName === 'status' && node.namespaceURI === DAV,
  );
  const [, status] = /^HTTP\/\S+ (\d{3})/.exec(textOf(own)) ?? [];
  return status === undefined ? null : Number(status);
}

/** `20261201T090000Z` */
function basic(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
