import { isValid, parse } from 'ipaddr.js';

/**
 * What counts as one address when callers are limited: of IPv6 the first 64 bits, since whoever has one address
 * there has all of them.
 */
export function networkOf(adresse: string): string {
  if (!isValid(adresse)) return adresse;
  const parsed = parse(adresse);
  return parsed.kind() === 'ipv6' ? parsed.toNormalizedString().split(':').slice(0, 4).join(':') : adresse;
}

/** Where an installation's own machines are: this one, and private networks (RFC 1918, RFC 4193, RFC 3927). */
const INSIDE: readonly string[] = ['loopback', 'private', 'uniqueLocal', 'linkLocal'];

/** Whether a request comes from inside the installation's network, as balancers and monitoring do. */
export function isInside(adresse: string | null): boolean {
  return adresse !== null && isValid(adresse) && INSIDE.includes(parse(adresse).range());
}
