import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { dayAt } from '../../domain/local-time';

/** Those who run a practice today, by its clocks, whoever has for the longest first. The practice is open. */
export async function gerantsDe(tx: EntityManager, cabinetId: number, now: Date): Promise<number[]> {
  const rows = await query<{ user_id: number; debut: string; fin: string | null; fuseau: string }>(
    tx,
    sql`SELECT m.user_id, m.date_debut::text AS debut, m.date_fin::text AS fin, c.fuseau_horaire AS fuseau
        FROM medical.membres_cabinet m JOIN medical.cabinets c ON c.id = m.cabinet_id
          JOIN users u ON u.id = m.user_id AND u.is_active
        WHERE m.cabinet_id = ${cabinetId} AND m.fonction = 'gerant' ORDER BY m.date_debut, m.id`,
  );
  const today = rows.filter(({ debut, fin, fuseau }) => {
    const day = dayAt(now.getTime(), fuseau);
    return debut <= day && (fin === null || day <= fin);
  });
  return [...new Set(today.map(({ user_id }) => user_id))];
}
