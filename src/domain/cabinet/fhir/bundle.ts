import { createHash } from 'node:crypto';
import { instant } from './r4';

/**
 * A resource, the name that others in the bundle know it by, and what kind of row it was made of: null for a part of a row,
 * such as a line of an ordonnance, of which the tables do not know how many there are.
 */
export interface Entree {
  source: string | null;
  fullUrl: string;
  resource: fhir4.FhirResource;
}

/** The name of a row, made of which it is: exported again it is the same one, and tells its number to nobody. */
export function urnOf(cabinetId: number, table: string, id: number): string {
  const hex = createHash('sha256').update(`regie ${cabinetId} ${table} ${id}`).digest('hex');
  // Version 8 of RFC 9562: of our own making.
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}

/** Everything of one record, in the order that it was given. */
export function bundleOf(
  entrees: readonly Entree[],
  { urn, date }: { urn: string; date: Date },
): fhir4.Bundle {
  return {
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: urn },
    type: 'collection',
    timestamp: instant(date),
    entry: entrees.map(({ fullUrl, resource }) => ({ fullUrl, resource })),
  };
}

export type Comptes = Readonly<Record<string, number>>;

/** How many there are of each name. */
function counted(names: readonly string[]): Comptes {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Of how many rows of each kind resources were made. */
export function comptesOf(entrees: readonly Entree[]): Comptes {
  return counted(entrees.flatMap(({ source }) => source ?? []));
}

/** How many resources of each type there are. */
export function ressourcesOf(entrees: readonly Entree[]): Comptes {
  return counted(entrees.map(({ resource }) => resource.resourceType));
}

/** Kinds of which there are more or fewer than there should be; none where there is exactly what there is. */
export function comptesDifferents(found: Comptes, expected: Comptes): string[] {
  const kinds = new Set([...Object.keys(found), ...Object.keys(expected)]);
  return [...kinds].filter((kind) => (found[kind] ?? 0) !== (expected[kind] ?? 0)).sort();
}

/** References to what is not in the bundle: what is handed on must not point at what stayed. */
export function referencesPerdues({ entry = [] }: fhir4.Bundle): string[] {
  const known = new Set(entry.map(({ fullUrl }) => fullUrl));
  const lost = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    // Of a list the names are its numbers.
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'reference' && typeof inner === 'string' && !known.has(inner)) lost.add(inner);
      else look(inner);
    }
  };
  for (const { resource } of entry) look(resource);
  return [...lost];
}
