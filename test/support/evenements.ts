import type { DataSource } from 'typeorm';
import type { Ressource } from '../../src/domain/evenements';

/** Where the rows of what events are about stand. Those of machines follow from work as well, which is what is told. */
const TABLES = {
  intervention: 'interventions',
  planning: 'plannings',
  piece: 'pieces',
  document: 'documents',
  site: 'sites',
  contrat: 'contrats',
  technicien: 'techniciens',
  user: 'users',
  proposition: 'propositions',
  plan_preventif: 'plans_preventifs',
  niveau_service: 'niveaux_service',
  modele_etapes: 'modeles_etapes',
  code_panne: 'codes_panne',
  jour_ferie: 'jours_feries',
} as const satisfies Partial<Record<Ressource, string>>;

/**
 * Rows of which the last that was told is not the version that they have: whoever goes by versions would keep an old one.
 * Of rows that are gone, and of those of which nothing was told, there is nothing to say.
 */
export async function toldOtherwise(
  db: DataSource,
  ressources: readonly (keyof typeof TABLES)[],
): Promise<string[]> {
  const found: string[] = [];
  for (const ressource of ressources) {
    const rows = await db.query(
      `SELECT r.id, r.version, t.dite FROM ${TABLES[ressource]} r
       JOIN (SELECT id_ressource, max(version) AS dite FROM evenements WHERE ressource = $1 GROUP BY 1) t ON t.id_ressource = r.id
       WHERE t.dite <> r.version`,
      [ressource],
    );
    for (const { id, version, dite } of rows)
      found.push(`${ressource} ${id}: ${version}, and ${dite} was told`);
  }
  return found;
}

export const VERSIONED = Object.keys(TABLES) as (keyof typeof TABLES)[];
