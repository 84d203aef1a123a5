import type { Config } from '../config';
import type { Texte } from '../domain/errors';
import { normalizedPassword, ownerNames, type PasswordOwner } from '../domain/identite/passwords';
import { TaskThread } from '../threads/task-thread';

/**
 * How hard a password is to guess for somebody with dictionaries: French and English words and names, passwords that were
 * found elsewhere, keyboards, dates, letters replaced by what looks like them (ASVS 6.2.4, 6.2.12).
 */

/** Fewer guesses than this are too few: `Bonjour2024!` takes 10^8, two words with digits 10^11 (docs/decisions/011). */
const MIN_GUESSES = 1e9;
/** What comes after so many characters is not looked at: the time that it takes grows faster than the text. */
const MAX_LENGTH = 64;

/** What everybody here would think of. */
const TRADE = ['regie', 'régie', 'intervention', 'maintenance', 'casablanca', 'maroc'];

interface StrengthTask {
  password: string;
  words: readonly string[];
}

interface Strength {
  guesses: number;
  /** The password as somebody who guesses would put it together; `word` where a part is in a dictionary. */
  parts: readonly { text: string; word: string | null }[];
}

/** @returns what there is against a password, or null. */
export type StrengthCheck = (password: string, person: PasswordOwner) => Promise<Texte | null>;

export function createStrengthCheck({ publicUrl, mail }: Pick<Config, 'publicUrl' | 'mail'>): StrengthCheck {
  const hosts = `${new URL(publicUrl).hostname} ${mail.from.split('@').at(-1)}`;
  const thread = new TaskThread<StrengthTask, Strength>({
    file: 'auth/threads/zxcvbn.cjs',
    data: { words: [...TRADE, ...(hosts.match(/\p{L}{4,}/gu) ?? [])] },
    maxWaiting: 20,
    timeLimit: 10_000,
    maxHeap: 64,
  });
  return async (password, person) => {
    const normalized = normalizedPassword(password);
    const task = { password: normalized.slice(0, MAX_LENGTH), words: ownerNames(person) };
    const { guesses, parts } = await thread.run(task);
    if (isOneWord(normalized, parts)) return ONE_WORD;
    return guesses < MIN_GUESSES ? TOO_EASY : null;
  };
}

/** Whether all its letters belong to one word of a dictionary, be it repeated. */
function isOneWord(password: string, parts: Strength['parts']): boolean {
  const words = parts.filter(({ text, word }) => word !== null && lettersIn(text) > 0);
  const letters = words.reduce((sum, { text }) => sum + lettersIn(text), 0);
  return letters === lettersIn(password) && new Set(words.map(({ word }) => word)).size === 1;
}

function lettersIn(text: string): number {
  return text.match(/\p{L}/gu)?.length ?? 0;
}

const ONE_WORD: Texte = {
  fr: 'Un seul mot courant ne suffit pas, même avec des chiffres et des symboles',
  en: 'One common word is not enough, even with digits and symbols',
};

const TOO_EASY: Texte = {
  fr: 'Trop facile à deviner : mots, noms, suites ou dates courants',
  en: 'Too easy to guess: common words, names, sequences or dates',
};
