import type { Preavis } from './prestations';

/** What can become of an appointment. */

export const STATUTS_RENDEZ_VOUS = [
  /** Held for somebody who is still filling in the form. */
  'retenu',
  'a_valider',
  'confirme',
  'arrive',
  'honore',
  'absent',
  'refuse',
  'annule',
  'expire',
] as const;
export type StatutRendezVous = (typeof STATUTS_RENDEZ_VOUS)[number];

/**
 * What a request waits for before anybody of the house is asked: that the calendars of who receives are read again, or that
 * whoever booked says from their mail that it was them.
 */
export const ATTENTES = ['agendas', 'email'] as const;
export type Attente = (typeof ATTENTES)[number];

export const ACTES = [
  'confirmer',
  'refuser',
  'reporter',
  'annuler',
  'arriver',
  'honorer',
  'absent',
  'reaffecter',
] as const;
/** What people do to it. */
export type Acte = (typeof ACTES)[number];

/** In which states each is possible; those that name a state afterwards lead there. */
export const TRANSITIONS: Readonly<
  Record<Acte, { de: readonly StatutRendezVous[]; vers: StatutRendezVous | null }>
> = {
  confirmer: { de: ['a_valider'], vers: 'confirme' },
  refuser: { de: ['a_valider'], vers: 'refuse' },
  reporter: { de: ['a_valider', 'confirme'], vers: null },
  annuler: { de: ['a_valider', 'confirme'], vers: 'annule' },
  // What was said too early is undone the same day: who was called absent has come after all.
  arriver: { de: ['confirme', 'absent'], vers: 'arrive' },
  honorer: { de: ['confirme', 'arrive', 'absent'], vers: 'honore' },
  absent: { de: ['confirme', 'arrive'], vers: 'absent' },
  reaffecter: { de: ['a_valider', 'confirme'], vers: null },
};

/** Those in which it takes its time and its places. */
export const OCCUPANTS: readonly StatutRendezVous[] = [
  'retenu',
  'a_valider',
  'confirme',
  'arrive',
  'honore',
  'absent',
];

export const ORIGINES = ['membre', 'client', 'public'] as const;
/** Who booked: somebody of the house, a client with an account, anybody. */
export type Origine = (typeof ORIGINES)[number];

export const STATUTS_PARTICIPANT = ['attendu', 'present', 'absent', 'annule'] as const;
export type StatutParticipant = (typeof STATUTS_PARTICIPANT)[number];

/** How long a time is held for somebody who fills in the form. Milliseconds. */
export const DUREE_RETENUE = 5 * 60_000;

/** How long somebody of the house has to answer a request, unless it begins before. Milliseconds. */
export const DELAI_REPONSE = 72 * 3_600_000;

/** How old what is known of somebody's other calendars may be where they are booked. Milliseconds. */
export const FRAICHEUR = 60_000;

/** How long those are waited for before what was known of them is believed. Milliseconds. */
export const DELAI_AGENDAS = 2 * 60_000;

/** How long a time is kept for whoever has yet to say from their mail that it was them. Milliseconds. */
export const DELAI_COURRIER = 30 * 60_000;

/** What calendars have to hear of: each such change has a number of its own (RFC 5546, 2.1.4). */
export const ACTES_DE_CALENDRIER: readonly Acte[] = [
  'confirmer',
  'refuser',
  'reporter',
  'annuler',
  'reaffecter',
];

/** Whether somebody who has booked may still have another time than `debut`; `modifier` are minutes. */
export function mayStillBeMoved(debut: Date, { modifier }: Pick<Preavis, 'modifier'>, now: Date): boolean {
  const left = debut.getTime() - now.getTime();
  return left > 0 && left >= modifier * 60_000;
}
