import type { Texte } from './errors';

/**
 * `owasp`: what was asked for (seed 004 §5), ten characters of four classes. `nist`: fifteen characters of any kind, for
 * people without a second factor (NIST SP 800-63B-4 §3.1.1.2).
 */
export type PasswordPolicy = 'owasp' | 'nist';

const MIN_LENGTH: Readonly<Record<PasswordPolicy, number>> = { owasp: 10, nist: 15 };
/** Longer ones are refused, never cut. */
export const MAX_PASSWORD_LENGTH = 128;

/**
 * What of a password must be there under `owasp`. Letters of a script without case, such as Arabic or Chinese, count as
 * characters and as no class: whoever writes in one adds a Latin, Greek or Cyrillic letter of each case, or the
 * installation asks for `nist`, which takes any script.
 */
const CLASSES: readonly { pattern: RegExp; message: Texte }[] = [
  {
    pattern: /\p{Lu}/u,
    message: { fr: 'Au moins une majuscule', en: 'At least one upper case letter' },
  },
  {
    pattern: /\p{Ll}/u,
    message: { fr: 'Au moins une minuscule', en: 'At least one lower case letter' },
  },
  {
    pattern: /\p{Nd}/u,
    message: { fr: 'Au moins un chiffre', en: 'At least one digit' },
  },
  {
    pattern: /[^\p{L}\p{M}\p{N}\s]/u,
    message: { fr: 'Au moins un symbole', en: 'At least one symbol' },
  },
];

/**
 * The form in which a password is judged, hashed and compared: keyboards write `é` as one character or as two, and digits
 * or letters in full width; NFKC is one form of them all (NIST SP 800-63B-4 §3.1.1.2). Spaces count like any character.
 */
export function normalizedPassword(password: string): string {
  return password.normalize('NFKC');
}

/** What the policy has against a password; empty when it is acceptable. Characters are counted, not UTF-16 units. */
export function passwordFaults(password: string, policy: PasswordPolicy): Texte[] {
  const normalized = normalizedPassword(password);
  const { length } = [...normalized];
  const min = MIN_LENGTH[policy];
  const faults: Texte[] = [];
  if (length < min) faults.push({ fr: `Au moins ${min} caractères`, en: `At least ${min} characters` });
  if (length > MAX_PASSWORD_LENGTH) {
    faults.push({
      fr: `Au plus ${MAX_PASSWORD_LENGTH} caractères`,
      en: `At most ${MAX_PASSWORD_LENGTH} characters`,
    });
  }
  if (policy === 'nist') return faults;
  return [
    ...faults,
    ...CLASSES.filter(({ pattern }) => !pattern.test(normalized)).map(({ message }) => message),
  ];
}

/** Whose password it is going to be: it may hold nothing of them. */
export interface PasswordOwner {
  nom: string;
  prenom: string;
  email: string;
}

/** Shorter ones count where they stand alone: `Ali` is in many words. Even shorter ones are particles and initials. */
const NAME_LENGTH = { anywhere: 4, alone: 3 };

/** What is written for a letter by those who replace letters by what looks like them. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: '4@',
  b: '8',
  c: '(',
  e: '3€',
  g: '69',
  i: '1!|',
  l: '1!|7',
  o: '0',
  s: '5$',
  t: '7+',
  z: '2',
};

/**
 * What a person goes by, without accents and in small letters: each part of their name and of their address but its last
 * (`ma`, `com`), and name and local part as a whole.
 */
export function ownerNames({ nom, prenom, email }: PasswordOwner): string[] {
  const at = email.lastIndexOf('@');
  const local = email.slice(0, at);
  const domain = email.slice(at + 1).replace(/\.[^.]*$/, '');
  const wholes = [nom, prenom, local].map((text) => folded(text).replace(/[^\p{L}\p{N}]/gu, ''));
  const parts = [nom, prenom, local, domain].flatMap((text) => folded(text).match(/\p{L}+/gu) ?? []);
  return [...new Set([...wholes, ...parts])].filter((name) => [...name].length >= NAME_LENGTH.alone);
}

/** Whether a password holds one of its owner's names, whatever its case, accents and lookalikes. */
export function namesOwner(password: string, person: PasswordOwner): boolean {
  const text = folded(password);
  return ownerNames(person).some((name) => {
    const letters = [...name].map((letter) => `[${letter}${LOOKALIKES[letter] ?? ''}]`).join('');
    const isShort = [...name].length < NAME_LENGTH.anywhere;
    return new RegExp(isShort ? `(?<!\\p{L})${letters}(?!\\p{L})` : letters, 'u').test(text);
  });
}

function folded(text: string): string {
  return text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
}
