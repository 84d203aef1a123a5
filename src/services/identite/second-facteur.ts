import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { hashRecoveryCode, readTotpCode, stepOfCode } from '../../auth/second-facteur';
import type { Secrets } from '../../auth/secrets';
import { SecondFacteur } from '../../db/identite/seconds-facteurs';
import { queryOne } from '../../db/sql';

/** What shows, beside a password, that somebody is who they say: codes of an app, and recovery codes. */

/** What secrets are sealed for (`auth/secrets.ts`). */
export const SECRET_PURPOSE = 'second facteur';

/**
 * What a sign-in has to say about the second factor. `absent`: the person has none. `requis`: they have, and gave no
 * code. `juste`: the code was theirs, and is used up. `faux`: it was not, or had served before.
 */
export type FactorCheck = 'absent' | 'requis' | 'juste' | 'faux';

/**
 * Takes a code of the person's app, or one of their recovery codes. Each serves once, however many requests show it
 * at the same moment: the row of the factor is locked until the transaction ends.
 */
export async function checkSecondFactor(
  tx: EntityManager,
  secrets: Secrets,
  userId: number,
  code: string | undefined,
  now: Date,
): Promise<FactorCheck> {
  const factor = await queryOne<{ secret: Buffer; dernier_pas: number }>(
    tx,
    sql`SELECT secret, dernier_pas FROM seconds_facteurs
        WHERE user_id = ${userId} AND date_activation IS NOT NULL FOR NO KEY UPDATE`,
  );
  if (factor === null) return 'absent';
  if (code === undefined) return 'requis';
  const totp = readTotpCode(code);
  const taken =
    totp === null
      ? await useRecoveryCode(tx, userId, code, now)
      : await useTotpCode(tx, secrets, { userId, ...factor }, totp, now);
  return taken ? 'juste' : 'faux';
}

async function useRecoveryCode(tx: EntityManager, userId: number, code: string, now: Date): Promise<boolean> {
  const used = await queryOne(
    tx,
    sql`UPDATE codes_secours SET date_utilisation = ${now}
        WHERE user_id = ${userId} AND empreinte = ${hashRecoveryCode(code)} AND date_utilisation IS NULL
        RETURNING user_id`,
  );
  return used !== null;
}

async function useTotpCode(
  tx: EntityManager,
  secrets: Secrets,
  factor: { userId: number; secret: Buffer; dernier_pas: number },
  code: string,
  now: Date,
): Promise<boolean> {
  const secret = secrets.open(SECRET_PURPOSE, String(factor.userId), factor.secret);
  const step = stepOfCode(secret, code, now);
  if (step === null || step <= factor.dernier_pas) return false;
  // Sealed anew, so that the secrets in use pass to a new key by themselves.
  const sealed = secrets.seal(SECRET_PURPOSE, String(factor.userId), secret);
  await tx.update(SecondFacteur, { user_id: factor.userId }, { dernier_pas: step, secret: sealed });
  return true;
}
