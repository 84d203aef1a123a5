import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Tokens as no library would make them. */

export interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** What a genuine token says. */
export function dissect(token: string): Token {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header!), claims: JSON.parse(claims!) };
}

/** A token of any header and claims. */
export function assemble({ header, claims }: Token, sign: (input: string) => Buffer): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}

/** RS256, or the same with another digest. */
export function rsa(privateKey: KeyObject | string, digest = 'sha256') {
  return (input: string): Buffer => createSign(digest).update(input).sign(privateKey);
}

/** An RSA pair in PEM. */
export function keyPair(modulusLength = 2048): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
