import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { type Executor, query, queryOne } from '../../db/sql';
import { dayAt } from '../../domain/local-time';
import { type ContratCandidat, contratFor, isValidOn, type Machine } from '../../domain/parc/contrats';
import { candidatsSql } from './contrats';
import { SETTLED } from './recalculs';

/**
 * Under which contract a preventive visit was made: the one that held for the machine on the day on which the work ended. It
 * is written down at each end; work that is reopened is a visit no more for as long as its own row says that it goes on.
 */

/**
 * Counts a visit that ends, in the transaction that ends it.
 * @param zone of the site, whose day it is.
 */
export async function countVisite(
  tx: EntityManager,
  { interventionId, equipementId, fin }: { interventionId: number; equipementId: number; fin: Date },
  zone: string,
): Promise<void> {
  const machine = await queryOne<Machine & { contrats: ContratCandidat[] | null }>(
    tx,
    sql`SELECT e.site_id, e.client_id, ${candidatsSql('e', sql`${fin}::timestamptz`)} AS contrats
        FROM equipements e WHERE e.id = ${equipementId}`,
  );
  const { contrats, ...place } = machine!;
  const contrat = contratFor(contrats ?? [], place, dayAt(fin.getTime(), zone));
  await attribute(tx, [{ intervention: interventionId, contrat: contrat?.id ?? null }]);
}

/** A contract that is gone by now has none: its machines are counted anew. */
async function attribute(
  tx: Executor,
  visites: readonly { intervention: number; contrat: number | null }[],
): Promise<void> {
  const given = sql`jsonb_to_recordset(${JSON.stringify(visites)}::jsonb) AS g (intervention integer, contrat integer)`;
  await query(
    tx,
    sql`DELETE FROM visites_contrats v USING ${given} WHERE v.intervention_id = g.intervention AND g.contrat IS NULL`,
  );
  await query(
    tx,
    sql`INSERT INTO visites_contrats (intervention_id, contrat_id)
        SELECT g.intervention, c.id FROM ${given} JOIN contrats c ON c.id = g.contrat FOR KEY SHARE OF c
        ON CONFLICT (intervention_id) DO UPDATE SET contrat_id = excluded.contrat_id`,
  );
}

/** Visits that are looked at together. */
const BATCH = 1_000;

interface Recompte extends Pick<ContratCandidat, 'date_debut' | 'date_fin'> {
  id: number;
  recompte_demande: Date;
}

/**
 * Counts visits anew for the contracts that were made, changed, or are left after another one is gone: in a round of the
 * reconciler, once nobody counts with what was there before. A crash in between does it again, which changes nothing.
 * @param timeZone of sites that name none.
 */
export async function recountVisites(db: DataSource, timeZone: string): Promise<void> {
  const due = await query<Recompte>(
    db,
    sql`SELECT id, date_debut::text, date_fin::text, recompte_demande FROM contrats
        WHERE recompte_demande < now() - make_interval(secs => ${SETTLED / 1_000}) ORDER BY recompte_demande, id LIMIT 100`,
  );
  for (const contrat of due) {
    await recount(db, contrat, timeZone);
    await query(
      db,
      sql`UPDATE contrats SET recompte_demande = NULL
          WHERE id = ${contrat.id} AND recompte_demande = ${contrat.recompte_demande}`,
    );
  }
}

async function recount(db: DataSource, contrat: Recompte, timeZone: string): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await query<
      Machine & {
        id: number;
        date_fin: Date;
        zone: string | null;
        contrats: ContratCandidat[] | null;
        contrat_id: number | null;
      }
    >(
      db,
      sql`SELECT i.id, i.date_fin, e.site_id, e.client_id, s.fuseau_horaire AS zone, v.contrat_id,
            ${candidatsSql('e', sql`i.date_fin`)} AS contrats
          FROM contrats ce CROSS JOIN interventions i JOIN equipements e ON e.id = i.equipement_id
          LEFT JOIN sites s ON s.id = e.site_id LEFT JOIN visites_contrats v ON v.intervention_id = i.id
          WHERE ce.id = ${contrat.id} AND i.type_intervention = 'preventive' AND i.statut = 'terminee' AND i.id > ${after}
            AND (v.contrat_id = ce.id
              OR (i.date_fin > ce.date_debut - interval '2 days'
                AND coalesce(i.date_fin < ce.date_fin + interval '3 days', true)
                AND (e.client_id = ce.client_id OR e.site_id = ce.site_id
                  OR EXISTS (SELECT FROM contrat_equipements m WHERE m.contrat_id = ce.id AND m.equipement_id = e.id))))
          ORDER BY i.id LIMIT ${BATCH}`,
    );
    const different = rows.flatMap(({ id, date_fin, zone, contrats, contrat_id, ...place }) => {
      const jour = dayAt(date_fin.getTime(), zone ?? timeZone);
      const applies = contratFor(contrats ?? [], place, jour)?.id ?? null;
      // The machine is elsewhere by now: what was done under it stays.
      const moved = applies === null && contrat_id === contrat.id && isValidOn(contrat, jour);
      return moved || applies === contrat_id ? [] : [{ intervention: id, contrat: applies }];
    });
    if (different.length > 0) await db.transaction((tx) => attribute(tx, different));
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.id;
  }
}
