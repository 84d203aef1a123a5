import { EVENEMENTS, RESSOURCES_DE_CABINET } from '../evenements';

/** Which events a webhook asks for, and what it is told of each. */

/** Of which other systems hear nothing: what one person alone is told, and what happens in a practice. */
const GARDES: readonly string[] = ['notification', ...RESSOURCES_DE_CABINET];

/** Every event that other systems may be told. */
const OFFERTS: ReadonlySet<string> = new Set(
  Object.keys(EVENEMENTS).filter((nom) => !GARDES.some((domaine) => nom.startsWith(`${domaine}.`))),
);

/** What a webhook may ask for: each event by its name, all of a domain (`intervention.*`), or all (`*`). */
export const MOTIFS: readonly string[] = ['*', ...new Set([...OFFERTS].map(domaineOf)), ...OFFERTS];

/** The patterns that an event meets. */
export function motifsOf(evenement: string): string[] {
  return OFFERTS.has(evenement) ? ['*', domaineOf(evenement), evenement] : [];
}

function domaineOf(evenement: string): string {
  return `${evenement.slice(0, evenement.indexOf('.'))}.*`;
}

/** The event of a trial that somebody asked for. */
export const ESSAI = 'webhook.essai';

/** Everything that a delivery may be about. */
export const LIVRABLES: readonly string[] = [...OFFERTS, ESSAI];

/** What is told of an event: ids, and nothing of anybody. */
export interface Avis {
  identifiant: string;
  evenement: string;
  date: Date;
  ressource: string;
  id_ressource: number;
  version_ressource: number | null;
}

/** The body of a delivery, byte for byte the same each time. */
export function bodyOf(avis: Avis): string {
  const { identifiant, evenement, date, ressource, id_ressource, version_ressource } = avis;
  return JSON.stringify({
    id: identifiant,
    evenement,
    date: date.toISOString(),
    ressource,
    id_ressource,
    version: version_ressource,
  });
}

/** The header `Webhook-Id` of an event: the same for every webhook and every try. It holds no full stop. */
export function identifiantOf(evenementId: number): string {
  return `evt_${evenementId}`;
}
