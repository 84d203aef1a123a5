import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Certificates that sign themselves, for servers of the tests that speak TLS. */

export interface Certificate {
  /** In PEM. */
  key: string;
  /** In PEM; also the authority to trust. */
  cert: string;
}

/** A certificate for the names and IPv4 addresses given, valid for a day. */
export function selfSigned(...names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
  const name = sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(names[0]!)))));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(time(Date.now() - 3_600_000), time(Date.now() + 86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basicConstraints(), subjectAltName(names))),
  );
  return { key: pem(privateKey), cert: toPem(sequence(body, ecdsaWithSha256, signature(body, privateKey))) };
}

function basicConstraints(): Buffer {
  const authority = sequence(der(0x01, Buffer.from([0xff])));
  return sequence(oid('2.5.29.19'), der(0x01, Buffer.from([0xff])), der(0x04, authority));
}

function subjectAltName(names: readonly string[]): Buffer {
  const parts = names.map((name) =>
    /^[\d.]+$/.test(name)
      ? der(0x87, Buffer.from(name.split('.').map(Number)))
      : der(0x82, Buffer.from(name)),
  );
  return sequence(oid('2.5.29.17'), der(0x04, sequence(...parts)));
}

function signature(body: Buffer, key: KeyObject): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, key)]));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function integer(value: Buffer): Buffer {
  return der(0x02, value);
}

function time(instant: number): Buffer {
  const text = new Date(instant).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const bytes = rest.flatMap((value) => {
    const sevens: number[] = [];
    for (let left = value; left > 0 || sevens.length === 0; left >>>= 7) {
      sevens.unshift((left & 0x7f) | (sevens.length > 0 ? 0x80 : 0));
    }
    return sevens;
  });
  return der(0x06, Buffer.from([40 * first + second, ...bytes]));
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function toPem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
