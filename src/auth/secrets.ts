import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { DataKey } from '../config';
import { decryptBound, encryptBound, OVERHEAD } from './bound-encryption';

/**
 * What has to be kept but not read by whoever reads the database: encrypted with the first key of `DOCUMENT_KEYS`,
 * readable with any of them, so that keys can be rotated. Each purpose has keys of its own, derived from those.
 */
export interface Secrets {
  /** Encrypts with AES-256-GCM. `context` binds the result to its place: a row's secret is of no use in another row. */
  seal(purpose: string, context: string, plain: Buffer): Buffer;
  /** @throws {Error} when it was not sealed for this purpose and context with one of our keys. */
  open(purpose: string, context: string, sealed: Buffer): Buffer;
  /** The name of the key that encrypts. */
  readonly current: string;
  /** Whether what is encrypted with the key of this name can be read. */
  holds(keyId: string): boolean;
  /** The name of the key that something was sealed with. */
  keyOf(sealed: Buffer): string;
  /** A code that only we can make of this text; 32 random-looking bytes as base64url. */
  sign(purpose: string, text: string): string;
  /** Whether it was made of this text, with any of the keys. */
  isSignature(purpose: string, text: string, signature: string): boolean;
}

/** The name stands in front of what was sealed. */
function keyOf(sealed: Buffer): string {
  return sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString();
}

/** @param keys at least one, the one that encrypts first. */
export function createSecrets(keys: readonly DataKey[]): Secrets {
  const [current] = keys;
  if (current === undefined) throw new Error('No key to encrypt with');
  const derived = new Map<string, Buffer>();
  const keyFor = (purpose: string, { id, key }: DataKey): Buffer => {
    const name = `${purpose}\0${id}`;
    const known = derived.get(name);
    if (known !== undefined) return known;
    const made = Buffer.from(hkdfSync('sha256', key, '', `regie ${purpose}`, 32));
    derived.set(name, made);
    return made;
  };
  const signature = (purpose: string, key: DataKey, text: string) =>
    createHmac('sha256', keyFor(`${purpose} signature`, key))
      .update(text)
      .digest();

  return {
    current: current.id,
    holds: (id) => keys.some((key) => key.id === id),
    keyOf,

    seal: (purpose, context, plain) => {
      const id = Buffer.from(current.id);
      const encrypted = encryptBound(keyFor(purpose, current), context, plain);
      return Buffer.concat([Buffer.of(id.length), id, encrypted]);
    },

    open: (purpose, context, sealed) => {
      const id = keyOf(sealed);
      const start = 1 + (sealed[0] ?? 0);
      const key = keys.find((candidate) => candidate.id === id);
      if (key === undefined || sealed.length < start + OVERHEAD) {
        throw new Error(`No key ${JSON.stringify(id)} to open a secret with`);
      }
      return decryptBound(keyFor(purpose, key), context, sealed.subarray(start));
    },

    sign: (purpose, text) => signature(purpose, current, text).toString('base64url'),

    isSignature: (purpose, text, given) => {
      const bytes = Buffer.from(given, 'base64url');
      return keys.some((key) => {
        const expected = signature(purpose, key, text);
        return bytes.length === expected.length && timingSafeEqual(bytes, expected);
      });
    },
  };
}
