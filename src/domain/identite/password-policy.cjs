/**
 * The part of the password policy that takes no dictionary. In plain JavaScript, since `tools/run` judges the first
 * administrator's password by it before any package is installed (see `src/environment`).
 */

/** @type {Readonly<Record<import('./passwords').PasswordPolicy, number>>} */
const MIN_LENGTH = { owasp: 10, nist: 15 };
/** Longer ones are refused, never cut. */
const MAX_PASSWORD_LENGTH = 128;

/**
 * What of a password must be there under `owasp`. Letters of a script without case, such as Arabic or Chinese, count as
 * characters and as no class: whoever writes in one adds a Latin, Greek or Cyrillic letter of each case, or the
 * installation asks for `nist`, which takes any script.
 */
const CLASSES = [
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
function normalizedPassword(password) {
  return password.normalize('NFKC');
}

/** What the policy has against a password; empty when it is acceptable. Characters are counted, not UTF-16 units. */
function passwordFaults(password, policy) {
  const normalized = normalizedPassword(password);
  const { length } = [...normalized];
  const min = MIN_LENGTH[policy];
  const faults = [];
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

module.exports = { MAX_PASSWORD_LENGTH, normalizedPassword, passwordFaults };
