import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** Codes of authenticator apps (RFC 6238) and recovery codes: how they are made and read. No state. */

/** What every authenticator app can do, whatever else a few of them offer. */
const PARAMETERS = { issuer: 'Régie', algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** A clock may be this many steps ahead of ours or behind (RFC 6238 §5.2). */
const WINDOW = 1;

/** Codes that stand in for a lost device. */
const RECOVERY_CODES = 10;
/** 80 random bits, so that a plain SHA-256 cannot be searched for; in bytes. */
const RECOVERY_CODE_SIZE = 10;

/** A new secret of 160 bits (RFC 4226 §4). */
export function newTotpSecret(): Buffer {
  return Buffer.from(new Secret({ size: 20 }).bytes);
}

/** The secret as an app takes it: typed, and as the content of a QR code. */
export function toEnrolment(secret: Buffer, account: string): { secret: string; uri: string } {
  const totp = totpOf(secret, account);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/**
 * The time step that a code belongs to, among those that are accepted now.
 * @returns null when it is of none of them.
 */
export function stepOfCode(secret: Buffer, code: string, now: Date): number | null {
  const totp = totpOf(secret);
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? null : totp.counter({ timestamp }) + delta;
}

/** Recovery codes as people copy them: `ABCD-EFGH-IJKL-MNOP`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const { base32 } = new Secret({ size: RECOVERY_CODE_SIZE });
    return base32.match(/.{4}/g)!.join('-');
  });
}

/** What is stored of a recovery code, however it is typed. */
export function hashRecoveryCode(code: string): Buffer {
  return createHash('sha256').update(withoutGaps(code).toUpperCase()).digest();
}

/** The six digits of an app, or null when what was typed can only be a recovery code. */
export function readTotpCode(typed: string): string | null {
  const code = withoutGaps(typed);
  return /^\d{6}$/.test(code) ? code : null;
}

function withoutGaps(typed: string): string {
  return typed.replace(/[\s-]/g, '');
}

function totpOf(secret: Buffer, label?: string): TOTP {
  return new TOTP({ ...PARAMETERS, label, secret: new Secret({ buffer: new Uint8Array(secret).buffer }) });
}
