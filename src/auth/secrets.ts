import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { DataKey } from '../config';

/**
 * What has to be kept but not read by whoever reads the database: encrypted with the first key of `DOCUMENT_KEYS`,
 * readable with any of them, so that keys can be rotated. Each purpose has keys of its own, derived from those.
 */
export interface Secrets {
  /** Encrypts with AES-256-GCM. `context` binds the result to its place: a row's secret is of no use in another row. */
  seal(purpose: string, context: string, plain: Buffer): Buffer;
  /** @throws {Error} when it was not sealed for this purpose and context with one of our keys. */
  open(purpose: string, context: string, sealed: Buffer): Buffer;
  /** A code that only we can make of this text; 32 random-looking bytes as base64url. */
  sign(purpose: string, text: string): string;
  /** Whether it was made of this text, with any of the keys. */
  isSignature(purpose: string, text: string, signature: string): boolean;
}

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

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
    seal: (purpose, context, plain) => {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', keyFor(purpose, current), nonce);
      cipher.setAAD(Buffer.from(context));
      const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
      const id = Buffer.from(current.id);
      return Buffer.concat([Buffer.of(id.length), id, nonce, encrypted, cipher.getAuthTag()]);
    },

    open: (purpose, context, sealed) => {
      const start = 1 + (sealed[0] ?? 0);
      const id = sealed.subarray(1, start).toString();
      const key = keys.find((candidate) => candidate.id === id);
      if (key === undefined || sealed.length < start + NONCE_LENGTH + TAG_LENGTH) {
        throw new Error(`No key ${JSON.stringify(id)} to open a secret with`);
      }
      const nonce = sealed.subarray(start, start + NONCE_LENGTH);
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose, key), nonce, {
        authTagLength: TAG_LENGTH,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
      const encrypted = sealed.subarray(start + NONCE_LENGTH, -TAG_LENGTH);
      return Buffer.concat([decipher.update(encrypted), decipher.final()]);
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
