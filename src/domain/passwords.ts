import type { Texte } from './errors';

/** The policy of seed 004 §5: ten characters, an upper and a lower case letter, a digit, a symbol. */
const MIN_LENGTH = 10;
/** Longer ones are refused, never cut. */
export const MAX_PASSWORD_LENGTH = 128;

const RULES: readonly { holds: (password: string) => boolean; message: Texte }[] = [
  {
    holds: (password) => [...password].length >= MIN_LENGTH,
    message: { fr: `Au moins ${MIN_LENGTH} caractères`, en: `At least ${MIN_LENGTH} characters` },
  },
  {
    holds: (password) => [...password].length <= MAX_PASSWORD_LENGTH,
    message: {
      fr: `Au plus ${MAX_PASSWORD_LENGTH} caractères`,
      en: `At most ${MAX_PASSWORD_LENGTH} characters`,
    },
  },
  {
    holds: (password) => /\p{Lu}/u.test(password),
    message: { fr: 'Au moins une majuscule', en: 'At least one upper case letter' },
  },
  {
    holds: (password) => /\p{Ll}/u.test(password),
    message: { fr: 'Au moins une minuscule', en: 'At least one lower case letter' },
  },
  {
    holds: (password) => /\p{Nd}/u.test(password),
    message: { fr: 'Au moins un chiffre', en: 'At least one digit' },
  },
  {
    holds: (password) => /[^\p{L}\p{N}\s]/u.test(password),
    message: { fr: 'Au moins un symbole', en: 'At least one symbol' },
  },
];

/** What the policy has against a password; empty when it is acceptable. */
export function passwordFaults(password: string): Texte[] {
  return RULES.filter(({ holds }) => !holds(password)).map(({ message }) => message);
}
