import { randomBytes } from 'node:crypto';
import { parseOptions } from '@node-rs/argon2';
import { normalizedPassword } from '../domain/identite/passwords';
import { Gate } from '../threads/gate';
import { TaskThread } from '../threads/task-thread';

/**
 * Hashes of passwords: argon2id with the parameters of OWASP, made one at a time in a thread of low priority. Sign-ins
 * wait for one another there, and not the reads of those who are at work for the sign-ins (docs/decisions/011).
 */

const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** `Algorithm.Argon2id` and `Version.V0x13` of the library: constants of its types alone. */
const ARGON2ID = 2;
const VERSION_19 = 1;

type HashingTask =
  | { password: string; parameters: typeof PARAMETERS }
  | { stored: string; passwords: readonly string[] };

/** Passwords hashed and compared; made once a process, with a thread and a queue of its own. */
export interface Hashing {
  /**
   * Hashes a password that was accepted before, or was made here: nothing is asked of it.
   * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many are waiting already.
   */
  hashUnjudged(password: string): Promise<string>;
  /**
   * Whether this is the password; null, for nobody or somebody without a password, takes just as long.
   * @param admitted for whoever signs in: runs when it is their turn, before anything is hashed; what it throws is
   * thrown, and nothing is hashed. The place to look whether another attempt is allowed. Not for use in a transaction:
   * those whose turn it is may need a connection that those who wait would hold.
   * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many are waiting already.
   */
  verify(stored: string | null, password: string, admitted?: () => Promise<void>): Promise<boolean>;
}

/** Looks like a hash and is nobody's: sign-in costs the same whether or not the address is known. */
const decoy = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$${unpadded(16)}$${unpadded(32)}`;

function unpadded(bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '');
}

export function createHashing(): Hashing {
  const thread = new TaskThread<HashingTask, string | boolean>({
    file: 'auth/threads/argon2.cjs',
    maxWaiting: 100,
    timeLimit: 20_000,
    maxHeap: 16,
  });
  /** One is being hashed while the attempt of the next is being counted; at 40 a second the last of 100 waits 2.5 s. */
  const signIns = new Gate({ places: 2, maxWaiting: 100 });
  return {
    hashUnjudged: async (password) =>
      (await thread.run({ password: normalizedPassword(password), parameters: PARAMETERS })) as string,
    verify: (stored, password, admitted) => {
      const verify = async () => {
        const normalized = normalizedPassword(password);
        // What was hashed before passwords were normalized was hashed as it had been typed.
        const passwords = normalized === password ? [password] : [normalized, password];
        const matches = await thread.run({ stored: stored ?? decoy, passwords });
        return stored !== null && (matches as boolean);
      };
      if (admitted === undefined) return verify();
      return signIns.run(async () => {
        await admitted();
        return verify();
      });
    },
  };
}

/** Whether a hash is weaker than one made today: to be replaced by {@link Hashing.hashUnjudged} when its owner signs in. */
export function needsRehash(stored: string): boolean {
  const { algorithm, version, memoryCost, timeCost } = parseOptions(stored);
  return (
    algorithm !== ARGON2ID ||
    version !== VERSION_19 ||
    memoryCost < PARAMETERS.memoryCost ||
    timeCost < PARAMETERS.timeCost
  );
}
