import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { queryOne } from '../../db/sql';
import type { ObjetConsentement } from '../../domain/cabinet/elements';
import type { ContenuAcces } from '../../domain/cabinet/textes-acces';
import type { PatientMontre } from './acces';
import { lireDerniers } from './elements';
import { openClesPatient } from './sceau';

/**
 * By which ways a patient agreed to be reached, and how they are told of what concerns them. Whatever is said to patients goes by
 * one of these: who has died is told nothing by any (docs/decisions/071).
 */

/** Ways beside an account. */
export const CANAUX_PATIENT = ['email', 'sms'] as const;
export type CanalPatient = (typeof CANAUX_PATIENT)[number];

type Somebody = Pick<PatientMontre, 'id' | 'cabinet_id'>;

/** Who is to be told, and by which ways they may be. */
export interface AvisPatient extends Somebody {
  /** Their account; null without one, and for who has died. */
  compte: number | null;
  canaux: readonly CanalPatient[];
}

/** What is told, by a name of its own: told twice, it is one. */
export interface DitAuPatient {
  evenement: string;
  contenu: Extract<ContenuAcces, { modele: 'dossier_ouvert' }>;
}

/** Tells a patient without an account. @returns by which way it went, `aucun` where there is none */
export type Prevenir = (avis: AvisPatient, dit: DitAuPatient) => Promise<CanalPatient | 'aucun'>;

/** How a patient may be told; the practice is open. */
export async function avisPour(
  asked: { tx: EntityManager; secrets: Secrets },
  { id, cabinet_id }: Somebody,
): Promise<AvisPatient> {
  const row = await queryOne<{ compte: number | null }>(
    asked.tx,
    sql`SELECT (SELECT u.id FROM users u WHERE u.id = p.user_id AND u.is_active) AS compte
        FROM medical.patients p WHERE p.id = ${id} AND p.cabinet_id = ${cabinet_id} AND p.date_deces IS NULL`,
  );
  const canaux = await canauxConsentis(asked, { id, cabinet_id });
  return { id, cabinet_id, compte: row?.compte ?? null, canaux };
}

/**
 * By which ways a patient wants to be reached: those of which they last said so. Who has said nothing is not written to, nor is
 * who has died, whatever they said.
 * The practice is open; whether there is an address is another question (`coordonneesDe`).
 */
export async function canauxConsentis(
  { tx, secrets }: { tx: EntityManager; secrets: Secrets },
  { id, cabinet_id }: Somebody,
): Promise<CanalPatient[]> {
  const alive = await queryOne(
    tx,
    sql`SELECT FROM medical.patients WHERE id = ${id} AND cabinet_id = ${cabinet_id} AND date_deces IS NULL`,
  );
  if (alive === null) return [];
  const cle = (await openClesPatient(tx, secrets, [id])).get(id)!;
  const patient = { id, cabinet_id, version: 0 };
  const said = await lireDerniers({ tx, cle, patient }, 'consentement', Object.values(OBJETS));
  return CANAUX_PATIENT.filter((canal) =>
    said.some(({ contenu }) => contenu.objet === OBJETS[canal] && contenu.decision === 'donne'),
  );
}

const OBJETS = {
  email: 'rappels_email',
  sms: 'rappels_sms',
} as const satisfies Record<CanalPatient, ObjetConsentement>;
