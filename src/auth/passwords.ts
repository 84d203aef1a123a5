import { randomInt } from 'node:crypto';
import type { Config } from '../config';
import { invalid } from '../domain/errors';
import { namesOwner, type PasswordOwner, passwordFaults } from '../domain/identite/passwords';
import { createHashing, type Hashing } from './hashing';
import { createStrengthCheck } from './password-strength';

export type { PasswordOwner } from '../domain/identite/passwords';
export { needsRehash } from './hashing';

/** Passwords that people show, and those that they are about to have; made once a process. */
export interface Passwords extends Hashing {
  /**
   * Judges a new password by the policy, its owner's name and the dictionaries, and hashes it.
   * @param of whose it is going to be, and the field of the request that faults are told of.
   * @throws {RegieError} `VALIDATION` with all that there is against it, `SERVICE_INDISPONIBLE`
   */
  hash(password: string, of: { champ: 'password' | 'new_password'; person: PasswordOwner }): Promise<string>;
}

export function createPasswords(
  config: Pick<Config, 'politiqueMotDePasse' | 'publicUrl' | 'mail'>,
): Passwords {
  const weakness = createStrengthCheck(config);
  const hashing = createHashing();
  return {
    ...hashing,
    hash: async (password, { champ, person }) => {
      const faults = passwordFaults(password, config.politiqueMotDePasse);
      if (namesOwner(password, person)) faults.push(NAMES_OWNER);
      // The dictionaries are asked about what nothing simpler speaks against.
      const weak = faults.length === 0 ? await weakness(password, person) : null;
      if (weak !== null) faults.push(weak);
      if (faults.length > 0) throw invalid(...faults.map((message) => ({ champ, message })));
      return hashing.hashUnjudged(password);
    },
  };
}

const NAMES_OWNER = {
  fr: 'Ne doit rien contenir du nom ni de l’adresse de la personne',
  en: "Must hold nothing of the person's name or address",
};

/** No vowel and nothing that looks like one, so that no word or name comes about; nothing that is easily misread. */
const CHARACTERS = 'bcdfghjkmnpqrtvwxzBCDFGHJKMNPQRTVWXZ2567892567';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A password that meets every policy, for whoever did not choose one: four groups of five, over 100 random bits. */
export function generatePassword(): string {
  const character = () => CHARACTERS[randomInt(CHARACTERS.length)];
  const group = () => Array.from({ length: GROUP_LENGTH }, character).join('');
  for (;;) {
    const password = Array.from({ length: GROUPS }, group).join('-');
    if (passwordFaults(password, 'owasp').length === 0) return password;
  }
}
