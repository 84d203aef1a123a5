import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Bytes by which what is encrypted is longer than what was. */
export const OVERHEAD = NONCE_LENGTH + TAG_LENGTH;

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random nonce. `context` is authenticated beside it: what was encrypted
 * in one opens in no other.
 * @param key 32 bytes
 * @returns nonce, ciphertext and tag
 */
export function encryptBound(key: Buffer, context: string, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @param encrypted at least {@link OVERHEAD} bytes
 * @throws {Error} when it was not encrypted with this key in this context, or was changed
 */
export function decryptBound(key: Buffer, context: string, encrypted: Buffer): Buffer {
  const nonce = encrypted.subarray(0, NONCE_LENGTH);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(encrypted.subarray(-TAG_LENGTH));
  return Buffer.concat([decipher.update(encrypted.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()]);
}
