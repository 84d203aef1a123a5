import { isIP } from 'node:net';
import { IPv6, parse } from 'ipaddr.js';
import type { Texte } from '../domain/errors';

/**
 * Which addresses a person may have us call: webhooks, push services, whatever else is given as a URL. What is judged
 * here is the text; what a name stands for is judged when it is called, and each time (`outgoing.ts`).
 */

/** Longest URL that is accepted, in characters. */
export const MAX_URL = 2_000;

/** IPv6 addresses that are given to anybody (RFC 4291); what lies outside stands for something else, or for nothing. */
const GLOBAL_IPV6 = IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address, in any of its written forms, belongs to a machine of the open Internet: not this one, not the
 * house's network, not the cloud's metadata, not an IPv4 address in the clothes of an IPv6 one.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = parse(address);
  if (!(parsed instanceof IPv6)) return parsed.range() === 'unicast';
  if (parsed.isIPv4MappedAddress()) return isPublicAddress(parsed.toIPv4Address().toString());
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_IPV6);
}

export interface UrlRules {
  /** Whether the house's own network may be named (`WEBHOOKS_RESEAUX_PRIVES`). */
  privateNetworks: boolean;
}

/**
 * What speaks against a URL that a person gives us to call, or null. Decimal, octal and hexadecimal addresses and those
 * of other scripts are read as the parser of URLs reads them, which is how they would be called.
 */
export function urlFault(value: string, { privateNetworks }: UrlRules): Texte | null {
  if (value.length > MAX_URL) return FAULTS.long;
  if (!URL.canParse(value)) return FAULTS.url;
  const url = new URL(value);
  if (url.protocol !== 'https:') return FAULTS.https;
  if (url.username !== '' || url.password !== '') return FAULTS.credentials;
  if (url.hash !== '') return FAULTS.fragment;
  return !privateNetworks && isPrivateHost(url.hostname) ? FAULTS.private : null;
}

/** Whether the host of a URL says by itself that it is not public; a name may still turn out to be so. */
export function isPrivateHost(hostname: string): boolean {
  const address = hostOf(hostname);
  if (isIP(address) !== 0) return !isPublicAddress(address);
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || PRIVATE_NAMES.test(name);
}

/** The host of a URL as it is called: without the brackets of an IPv6 address. */
export function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Names that never mean a machine of the Internet (RFC 6761, 6762, 8375, and what ICANN keeps for the inside). */
const PRIVATE_NAMES = /\.(localhost|local|internal|home\.arpa|test|invalid|onion)$/;

const FAULTS = {
  long: { fr: `Au plus ${MAX_URL} caractères`, en: `At most ${MAX_URL} characters` },
  url: { fr: 'Doit être une URL complète', en: 'Must be a complete URL' },
  https: { fr: 'Doit commencer par https://', en: 'Must start with https://' },
  credentials: {
    fr: 'Ne peut contenir ni nom d’utilisateur ni mot de passe',
    en: 'Cannot hold a user name or a password',
  },
  fragment: { fr: 'Ne peut contenir de fragment (#)', en: 'Cannot hold a fragment (#)' },
  private: {
    fr: 'Doit mener à une adresse publique',
    en: 'Must lead to a public address',
  },
} satisfies Record<string, Texte>;
