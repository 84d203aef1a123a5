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
