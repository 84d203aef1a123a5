import { timingSafeEqual } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { PATIENT_COLUMNS } from '../../auth/columns';
import type { Secrets } from '../../auth/secrets';
import { query, queryOne } from '../../db/sql';
import { ecrireCode, FENETRE_LIAISON, fenetreOf, lireCode } from '../../domain/cabinet/liaison';
import { invalid, notFound, RegieError, type Texte } from '../../domain/errors';
import type { PatientMontre } from './acces';
import { type AskedOfPatients, recordLiaison } from './patients';

/**
 * Which account is a patient's own. The desk ties them together once it has seen who they are, with a code that the account
 * shows; a practice learns that there is an account, and nothing of what else it is tied to.
 */

const PURPOSE = 'liaison de compte';

/** What an account shows for its holder to give at a desk, and until when it is taken at least. */
export function codeLiaison(
  secrets: Secrets,
  userId: number,
  now: Date,
): { code: string; date_expiration: Date } {
  const fenetre = fenetreOf(now.getTime());
  return {
    code: codeOf(secrets, userId, fenetre),
    date_expiration: new Date((fenetre + 2) * FENETRE_LIAISON),
  };
}

function codeOf(secrets: Secrets, userId: number, fenetre: number): string {
  const digest = Buffer.from(secrets.sign(PURPOSE, `${userId} ${fenetre}`), 'base64url');
  return ecrireCode(userId, digest);
}

/** Whose account a code is of, while it is taken. */
function compteOf(secrets: Secrets, given: string, now: Date): number | null {
  const read = lireCode(given);
  if (read === null) return null;
  const fenetre = fenetreOf(now.getTime());
  const same = [fenetre, fenetre - 1].some((one) => {
    const [wanted, shown] = [codeOf(secrets, read.userId, one), read.code].map((text) => Buffer.from(text));
    return wanted!.length === shown!.length && timingSafeEqual(wanted!, shown!);
  });
  return same ? read.userId : null;
}

interface Row extends PatientMontre {
  statut_identite: string;
  user_id: number | null;
}

/**
 * Ties a patient to the account that shows a code.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` while nobody has checked who they are,
 *   `VALIDATION` for a code that no account of a client shows
 */
export async function lierCompte(asked: AskedOfPatients, id: number, code: string): Promise<PatientMontre> {
  const { tx, access, actor, secrets } = asked;
  const row = await lock(asked, id);
  if (!CHECKED.includes(row.statut_identite))
    throw new RegieError('TRANSITION_INVALIDE', { detail: UNKNOWN });
  const userId = compteOf(secrets, code, actor.now);
  const account = userId === null ? null : await clientOf(tx, userId);
  // Whoever is at the desk ties nobody to themselves.
  if (account === null || account === access.principal.userId)
    throw invalid({ champ: 'code', message: NO_CODE });
  if (row.user_id === account) return row;
  return write(asked, row, account);
}

/** Parts them again; a patient without an account stays one. @throws {RegieError} `INTROUVABLE`, `INTERDIT` */
export async function delierCompte(asked: AskedOfPatients, id: number): Promise<PatientMontre> {
  const row = await lock(asked, id);
  return row.user_id === null ? row : write(asked, row, null);
}

async function lock({ tx, access }: AskedOfPatients, id: number): Promise<Row> {
  await query(tx, sql`SELECT id FROM medical.patients WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const row = await queryOne<Row>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version, p.statut_identite, p.user_id FROM medical.patients p
        WHERE p.id = ${id} AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  access.require('update', 'Patient', row);
  return row;
}

async function clientOf(tx: EntityManager, userId: number): Promise<number | null> {
  const user = await queryOne<{ id: number }>(
    tx,
    sql`SELECT id FROM users WHERE id = ${userId} AND is_active AND role = 'client'`,
  );
  return user?.id ?? null;
}

async function write(asked: AskedOfPatients, row: Row, userId: number | null): Promise<PatientMontre> {
  const { tx, actor } = asked;
  const { id, cabinet_id } = row;
  await query(
    tx,
    sql`UPDATE medical.patients SET user_id = ${userId}, date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} AND cabinet_id = ${cabinet_id}`,
  );
  const version = row.version + 1;
  await recordLiaison(asked, { id, cabinet_id }, version, { avant: row.user_id, apres: userId });
  return { id, cabinet_id, version };
}

const CHECKED: readonly string[] = ['validee', 'qualifiee'];

const UNKNOWN: Texte = {
  fr: 'Vérifiez d’abord l’identité sur une pièce',
  en: 'Check the identity on a paper first',
};
const NO_CODE: Texte = {
  fr: 'Aucun compte de patient ne montre ce code',
  en: 'No account of a patient shows this code',
};
