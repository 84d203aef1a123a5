import { type FieldFault, RegieError } from '../errors';

/**
 * A consultation: a draft that is its author's alone until they sign it, or give it up. Signed it never changes: what was
 * forgotten is added, and what is wrong is said to be, and still shown. Nothing signs by itself, and nothing is taken back. Its
 * patient reads it while its author has it published, which is no part of what is signed.
 */

export const STATUTS_CONSULTATION = ['brouillon', 'signee', 'abandonnee', 'invalidee'] as const;
export type StatutConsultation = (typeof STATUTS_CONSULTATION)[number];

/** What is written of it, in the order in which it is read. */
export const PARTIES = ['motif', 'interrogatoire', 'examen', 'conclusion', 'conduite'] as const;
export type Note = Record<(typeof PARTIES)[number], string | null>;

export const TYPES_ACTE = ['signature', 'addendum', 'invalidation'] as const;
/** What is done to one that does not change: it is only added to, in a chain. */
export type TypeActe = (typeof TYPES_ACTE)[number];

export type ActionConsultation =
  | 'modifier'
  | 'abandonner'
  | 'signer'
  | 'ajouter'
  | 'invalider'
  | 'publier'
  | 'retirer';

const FROM: Readonly<Record<ActionConsultation, readonly StatutConsultation[]>> = {
  modifier: ['brouillon'],
  abandonner: ['brouillon'],
  signer: ['brouillon'],
  ajouter: ['signee'],
  invalider: ['signee'],
  publier: ['signee'],
  // It may not hold because it says what is somebody else's.
  retirer: ['signee', 'invalidee'],
};

/** @throws {RegieError} `SIGNEE` for what only a draft allows, otherwise `TRANSITION_INVALIDE` */
export function requireStatut(action: ActionConsultation, statut: StatutConsultation): void {
  const wanted = FROM[action];
  if (wanted.includes(statut)) return;
  const ofDrafts = wanted.includes('brouillon');
  if (ofDrafts && isSignee(statut)) throw new RegieError('SIGNEE');
  throw new RegieError('TRANSITION_INVALIDE', { detail: ofDrafts ? GIVEN_UP : NOT_SIGNED });
}

/** Whether it was signed, whether it holds or not. */
function isSignee(statut: StatutConsultation): boolean {
  return statut === 'signee' || statut === 'invalidee';
}

/** What a note lacks to be signed: something that was seen, thought or decided. */
export function signatureFaults(note: Note): FieldFault[] {
  const said = PARTIES.some((partie) => partie !== 'motif' && note[partie] !== null);
  return said ? [] : [{ champ: 'conclusion', message: NOTHING_SAID }];
}

/** Whether somebody sees what is written: of a draft, and of one that was given up, its author alone. */
export function isVisible(statut: StatutConsultation, auteurId: number, userId: number): boolean {
  return auteurId === userId || isSignee(statut);
}

const HOUR = 3_600_000;

/** Who is told of a draft that nobody has signed, and how long after it was begun, in milliseconds. */
export const RELANCES = [
  { apres: 24 * HOUR, a: 'auteur' },
  { apres: 72 * HOUR, a: 'auteur' },
  { apres: 7 * 24 * HOUR, a: 'gerant' },
] as const;
export type Relance = (typeof RELANCES)[number];

/**
 * What is due of a draft, each with its place, and when something is again; null when nothing will be.
 * @param debut when it was begun. @param now both in milliseconds.
 */
export function relancesAt(
  debut: number,
  now: number,
): { dues: (Relance & { rang: number })[]; prochaine: number | null } {
  const all = RELANCES.map((relance, rang) => ({ ...relance, rang }));
  const dues = all.filter(({ apres }) => debut + apres <= now);
  const next = all.find(({ apres }) => debut + apres > now);
  return { dues, prochaine: next === undefined ? null : debut + next.apres };
}

const NOT_SIGNED = {
  fr: 'Seule une consultation signée se complète, s’invalide ou se publie',
  en: 'Only a consultation that is signed is added to, invalidated or published',
};
const GIVEN_UP = { fr: 'Cette consultation a été abandonnée', en: 'This consultation was given up' };
const NOTHING_SAID = {
  fr: 'Rien n’est dit : interrogatoire, examen, conclusion ou conduite',
  en: 'Nothing is said: interrogatoire, examen, conclusion or conduite',
};
