import sql from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';

/**
 * What is known of telephone numbers, whoever has them: that text messages are not wanted there, or that there is no such
 * number. Both belong to the number: whoever is given another one begins anew.
 */

export interface EtatNumero {
  /** Somebody answered STOP, and not START since. */
  arret: boolean;
  /** A gateway said that nobody has it. */
  invalide: boolean;
}

/** A number that was nobody's may be given to somebody: after so many days it is tried again. */
const INVALID_DAYS = 90;

/** The same of the number of the person `u`, as parts of a list of columns. */
export const NUMERO_COLUMNS = sql`
  EXISTS (SELECT FROM numeros k WHERE k.numero = u.telephone AND k.arret) AS sms_arretes,
  EXISTS (SELECT FROM numeros k WHERE k.numero = u.telephone
    AND k.date_invalide > now() - make_interval(days => ${INVALID_DAYS}::integer)) AS telephone_invalide`;

/** @param numero E.164 */
export async function readNumero(executor: Executor, numero: string): Promise<EtatNumero> {
  const row = await queryOne<EtatNumero>(
    executor,
    sql`SELECT arret, coalesce(date_invalide > now() - make_interval(days => ${INVALID_DAYS}::integer), false) AS invalide
        FROM numeros WHERE numero = ${numero}`,
  );
  return row ?? { arret: false, invalide: false };
}

/**
 * Hears what somebody wants. Of words that come out of order the last that was said counts; of two of one moment, STOP.
 * Who answers has the number: it is a valid one.
 * @param numero E.164
 */
export async function recordWord(
  executor: Executor,
  numero: string,
  arret: boolean,
  date: Date,
): Promise<void> {
  await query(
    executor,
    sql`INSERT INTO numeros AS k (numero, arret, date_mot) VALUES (${numero}, ${arret}, ${date}::timestamptz)
        ON CONFLICT (numero) DO UPDATE SET arret = excluded.arret, date_mot = excluded.date_mot, date_invalide = NULL
        WHERE k.date_mot IS NULL OR k.date_mot < excluded.date_mot
          OR k.date_mot = excluded.date_mot AND excluded.arret`,
  );
}

/** @param numero E.164 */
export async function recordInvalid(executor: Executor, numero: string, now: Date): Promise<void> {
  await query(
    executor,
    sql`INSERT INTO numeros (numero, date_invalide) VALUES (${numero}, ${now}::timestamptz)
        ON CONFLICT (numero) DO UPDATE SET date_invalide = excluded.date_invalide`,
  );
}
