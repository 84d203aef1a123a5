import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { type Relance, relancesAt } from '../../domain/cabinet/consultations';
import { type Actor, systemActor } from '../actor';
import { announce } from '../messages/messages';
import { gerantsDe } from './gerants';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * Who is told of a draft that nobody has signed. Its row decides, each time anew: one that was signed or given up is told of to
 * nobody. People are told by its number, over what is not medical; each message has a name, so that none is told twice.
 */

export interface SuiviConsultations {
  medical: DataSource;
  /** Of everything else: there people are told. */
  db: DataSource;
}

interface Brouillon {
  auteur_id: number;
  date_creation: Date;
}

/**
 * Tells whoever is due, and says when somebody is again, in milliseconds. Safe to run again, also by two at once.
 * @returns null when nobody will be
 */
export async function suivreConsultation(
  { medical, db }: SuiviConsultations,
  cabinetId: number,
  id: number,
  now: Date,
): Promise<number | null> {
  const found = await inCabinet(medical, cabinetId, async (tx) => {
    const draft = await queryOne<Brouillon>(
      tx,
      sql`SELECT s.auteur_id, s.date_creation FROM medical.consultations s
          WHERE s.cabinet_id = ${cabinetId} AND s.id = ${id} AND s.statut = 'brouillon'`,
    );
    return draft === null ? null : { ...draft, gerants: await gerantsDe(tx, cabinetId, now) };
  });
  if (found === null) return null;
  const { dues, prochaine } = relancesAt(found.date_creation.getTime(), now.getTime());
  const actor = systemActor(now, `consultation-${id}`);
  // Of what was due while nobody was there to say so the last alone is said to each.
  const last = new Map(dues.map((relance) => [relance.a, relance]));
  for (const relance of last.values()) {
    const users = relance.a === 'auteur' ? [found.auteur_id] : found.gerants;
    await db.transaction((tx) => tell(tx, actor, id, relance, users));
  }
  await inCabinet(medical, cabinetId, async (tx) => {
    await query(
      tx,
      sql`UPDATE medical.consultations SET suivi_le = ${prochaine === null ? null : new Date(prochaine)}::timestamptz
          WHERE cabinet_id = ${cabinetId} AND id = ${id} AND statut = 'brouillon'`,
    );
  });
  return prochaine;
}

function tell(
  tx: EntityManager,
  actor: Actor,
  id: number,
  { apres, a, rang }: Relance & { rang: number },
  users: readonly number[],
): Promise<void> {
  return announce(tx, actor, `consultation:${id}:brouillon:${rang}`, {
    modele: 'consultation_a_signer',
    audience: { users },
    donnees: { consultation_id: id, heures: apres / 3_600_000, a },
  });
}

/** How long after its time something is taken for forgotten, in seconds. */
const OVERDUE = 20;

/**
 * Drafts of which somebody was to be told and was not: their workflow was never started, or lost with the engine's storage.
 * @returns the next of them by their ids, of all practices
 */
export function brouillonsOublies(
  medical: DataSource,
  after: number,
  limit: number,
): Promise<{ id: number; cabinet_id: number }[]> {
  return inEveryCabinet(medical, (tx) =>
    query<{ id: number; cabinet_id: number }>(
      tx,
      sql`SELECT s.id, s.cabinet_id FROM medical.consultations s
          WHERE s.suivi_le < now() - make_interval(secs => ${OVERDUE}) AND s.statut = 'brouillon' AND s.id > ${after}
          ORDER BY s.id LIMIT ${limit}`,
    ),
  );
}
