import type { PolitiqueKept } from './niveaux';

/** For what a contract holds: single machines, those of a site, or all those of a client. The narrower comes first. */
export const CIBLES = ['equipement', 'site', 'client'] as const;
export type CibleContrat = (typeof CIBLES)[number];

export const MAX_EQUIPEMENTS_CONTRAT = 500;

/** Visits that a contract may include, and days before its end at which people are told of it. */
export const MAX_VISITES = 10_000;
export const MAX_PREAVIS = 365;
export const PREAVIS = 30;

/** What somebody should see to: it ends within the days of its notice; the visits that it includes are used up. */
export const ALERTES_CONTRAT = ['fin_proche', 'visites_epuisees'] as const;
export type AlerteContrat = (typeof ALERTES_CONTRAT)[number];

/** For what a contract with these fields holds. */
export function cibleOf(contrat: { site_id: number | null; equipements: readonly number[] }): CibleContrat {
  if (contrat.equipements.length > 0) return 'equipement';
  return contrat.site_id === null ? 'client' : 'site';
}

/** What is to be known of a contract to say whether it applies. Days are those of the calendar, both included. */
export interface ContratCandidat {
  id: number;
  cible: CibleContrat;
  client_id: number;
  site_id: number | null;
  /** Whether it names the machine in question. */
  nomme: boolean;
  date_debut: string;
  date_fin: string | null;
  /** Null for the delays of the house. */
  niveau: (PolitiqueKept & { id: number }) | null;
}

export interface Machine {
  site_id: number | null;
  client_id: number | null;
}

/**
 * The contract that applies to a machine on a day of its site, or null: the one that names the machine, else the one of
 * its site, else the one of its client. Of several, the one that began last, and of those the newest. A machine that
 * belongs to somebody is under no contract of anybody else.
 */
export function contratFor(
  candidats: readonly ContratCandidat[],
  machine: Machine,
  jour: string,
): ContratCandidat | null {
  const [first] = candidats
    .filter((contrat) => isValidOn(contrat, jour) && covers(contrat, machine))
    .sort(
      (a, b) =>
        CIBLES.indexOf(a.cible) - CIBLES.indexOf(b.cible) ||
        b.date_debut.localeCompare(a.date_debut) ||
        b.id - a.id,
    );
  return first ?? null;
}

/** Whether a contract holds on a day. */
export function isValidOn(
  { date_debut, date_fin }: Pick<ContratCandidat, 'date_debut' | 'date_fin'>,
  jour: string,
): boolean {
  return date_debut <= jour && (date_fin === null || jour <= date_fin);
}

function covers({ cible, client_id, site_id, nomme }: ContratCandidat, machine: Machine): boolean {
  if (machine.client_id !== null && machine.client_id !== client_id) return false;
  switch (cible) {
    case 'equipement':
      return nomme;
    case 'site':
      return site_id !== null && site_id === machine.site_id;
    case 'client':
      return machine.client_id === client_id;
  }
}
