import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** Those on whose behalf requests are sent. */
export const CALLERS = ['client', 'technicien', 'admin'] as const;
export type Caller = (typeof CALLERS)[number];

export interface Options {
  /** Generated requests for each operation and phase, at most. */
  examples: number;
  /** The same seed makes the same requests. */
  seed: number;
  as: readonly Caller[];
}

const usage = `Usage: npm run fuzz -- [--examples 10] [--seed 1|random] [--as ${CALLERS.join(',')}]`;
const LARGEST_SEED = 2 ** 32;

/** @throws with the usage, when the arguments cannot be understood. */
export function parseOptions(args: string[]): Options {
  const { examples, seed, as } = readArguments(args);
  const callers = as.split(',') as Caller[];
  const unknown = callers.filter((name) => !CALLERS.includes(name));
  if (unknown.length > 0) throw new Error(`Nobody is called ${unknown.join(', ')}\n${usage}`);
  return {
    examples: wholeNumber('examples', examples),
    seed: seed === 'random' ? randomInt(1, LARGEST_SEED) : wholeNumber('seed', seed),
    as: callers,
  };
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        examples: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        as: { type: 'string', default: CALLERS.join(',') },
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`--${name} ${text} is not a number\n${usage}`);
  return number;
}
