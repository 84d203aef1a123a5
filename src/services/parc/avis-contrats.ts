import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import type { DonneesContrat, ModeleContrat } from '../../domain/parc/textes';
import { fullName } from '../../domain/writing';
import { type Actor, systemActor } from '../actor';
import { announce } from '../messages/messages';
import { aujourdhuiSql, EST_EPUISE, VISITES_FAITES } from './contrats';

/**
 * Tells those responsible that a contract is about to end, or that the visits that it includes are used up: once for each
 * end and each number of visits, and again only after somebody has changed them, or work was undone and done again.
 */

/** From the first day of the notice on, also where nothing ran on that day. What had ended when it was written is no news. */
const FIN_A_DIRE = sql`(c.date_fin - c.preavis_jours <= j.jour AND c.fin_dite IS DISTINCT FROM c.date_fin)`;
const VISITES_A_DIRE = sql`(${EST_EPUISE} AND c.epuisement_dit IS DISTINCT FROM c.visites_incluses
  AND c.date_debut <= j.jour AND coalesce(c.date_fin >= j.jour, true))`;
const VISITES_RENDUES = sql`(c.epuisement_dit IS NOT NULL AND NOT coalesce(${EST_EPUISE}, false))`;

/**
 * To be called in each round of the reconciler.
 * @param timeZone of sites that name none.
 */
export async function tellOfContrats(db: DataSource, now: Date, timeZone: string): Promise<void> {
  const jour = await aujourdhuiSql(db, { now, timeZone });
  const due = await query<{ id: number }>(
    db,
    sql`SELECT c.id FROM contrats c LEFT JOIN sites s ON s.id = c.site_id CROSS JOIN LATERAL (SELECT ${jour} AS jour) j
        WHERE ${FIN_A_DIRE} OR ${VISITES_A_DIRE} OR ${VISITES_RENDUES} ORDER BY c.id LIMIT 500`,
  );
  for (const { id } of due) {
    const actor = systemActor(now, `contrat-${id}`);
    await db.transaction(async (tx) => {
      await query(tx, sql`SELECT id FROM contrats WHERE id = ${id} FOR NO KEY UPDATE`);
      await tell(tx, actor, id, await aujourdhuiSql(tx, { now, timeZone }));
    });
  }
}

interface Due extends Omit<DonneesContrat, 'contrat_id' | 'client'> {
  site_id: number | null;
  nom: string;
  prenom: string;
  fin: boolean;
  visites: boolean;
  rendues: boolean;
}

/** What is due of a contract that is locked, as it stands now. */
async function tell(
  tx: EntityManager,
  actor: Actor,
  id: number,
  jour: Awaited<ReturnType<typeof aujourdhuiSql>>,
): Promise<void> {
  const row = await queryOne<Due>(
    tx,
    sql`SELECT c.reference, c.site_id, s.nom AS site, u.nom, u.prenom, c.date_fin::text, c.visites_incluses,
          ${VISITES_FAITES} AS visites_faites, coalesce(${FIN_A_DIRE}, false) AS fin,
          coalesce(${VISITES_A_DIRE}, false) AS visites, ${VISITES_RENDUES} AS rendues
        FROM contrats c JOIN users u ON u.id = c.client_id LEFT JOIN sites s ON s.id = c.site_id
        CROSS JOIN LATERAL (SELECT ${jour} AS jour) j
        WHERE c.id = ${id}`,
  );
  if (row === null) return;
  const { site_id, nom, prenom, fin, visites, rendues, ...facts } = row;
  const say = (modele: ModeleContrat, evenement: string) =>
    announce(tx, actor, `contrat:${id}:${evenement}`, {
      modele,
      audience: { responsables: true, admins: true },
      siteId: site_id,
      donnees: { contrat_id: id, ...facts, client: fullName({ nom, prenom }) },
    });
  if (fin) await say('contrat_fin', `fin:${facts.date_fin}`);
  if (visites) await say('contrat_visites', `visites:${actor.now.getTime()}`);
  // Nobody's change of the contract: its version stays.
  await query(
    tx,
    sql`UPDATE contrats SET fin_dite = CASE WHEN ${fin}::boolean THEN date_fin ELSE fin_dite END,
          epuisement_dit = CASE WHEN ${visites}::boolean THEN visites_incluses WHEN ${rendues}::boolean THEN NULL
                                ELSE epuisement_dit END
        WHERE id = ${id}`,
  );
}
