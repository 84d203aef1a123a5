import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import { type Executor, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** What happened to an appointment, from its first line on: who did it, from where, and what it changed. */

export const SOURCES_HISTORIQUE = ['systeme', 'public', 'client', 'membre', 'machine'] as const;
/** Where a change came from: the system itself, a link or the public page, an account, or a machine of the house. */
export type SourceHistorique = (typeof SOURCES_HISTORIQUE)[number];

export interface HistoriqueRendezVousRow {
  id: number;
  action: string;
  date: Date;
  source: SourceHistorique;
  /** For those who look after the appointment alone. */
  auteur: { id: number; nom: string; prenom: string } | null;
  avant: Record<string, unknown> | null;
  apres: Record<string, unknown> | null;
}

/** What of an appointment the history tells: nothing that anybody said of themselves, whatever else a line may hold. */
const FIELDS = ['statut', 'debut', 'fin', 'intervenants', 'salles', 'places', 'sequence'];

const SORTABLE = {
  id: { expression: 'h.id', cast: 'integer' },
  date: { expression: 'h.date', cast: 'timestamptz' },
} as const satisfies ListSpec['sortable'];
export const HISTORIQUE_RENDEZ_VOUS_SORTABLE: ListSpec['sortable'] = SORTABLE;

/** @throws {RegieError} `INTROUVABLE` when there is no such appointment that the caller may see. */
export async function listHistoriqueRendezVous(
  executor: Executor,
  access: Access,
  uid: string,
  page: PageRequest,
): Promise<Page<HistoriqueRendezVousRow>> {
  const row = await queryOne<{ id: number; tient: boolean }>(
    executor,
    sql`SELECT b.id, ${access.where('move', 'RendezVous', RENDEZ_VOUS_COLUMNS)} AS tient
        FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
        WHERE b.uid = ${uid} AND b.statut <> 'retenu' AND ${access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const spec: ListSpec = {
    columns: columns(row.tient),
    from: sql`historique h LEFT JOIN users u ON u.id = h.auteur_id`,
    alias: 'h',
    sortable: SORTABLE,
    defaultSort: 'id',
  };
  return list(executor, spec, [sql`h.entite = 'rendez_vous'`, sql`h.entite_id = ${row.id}`], page);
}

function columns(tient: boolean): Sql {
  const told = (
    state: Sql,
  ) => sql`(SELECT jsonb_object_agg(field.key, field.value) FROM jsonb_each(${state}) field
    WHERE field.key = ANY(${FIELDS}::text[]))`;
  return sql`h.id, h.action, h.date,
    CASE WHEN h.cle_api_id IS NOT NULL THEN 'machine' WHEN u.role = 'client' THEN 'client'
      WHEN h.auteur_id IS NOT NULL THEN 'membre' WHEN h.adresse IS NOT NULL THEN 'public' ELSE 'systeme' END AS source,
    CASE WHEN ${tient}::boolean AND u.id IS NOT NULL
      THEN json_build_object('id', u.id, 'nom', u.nom, 'prenom', u.prenom) END AS auteur,
    ${told(sql`h.avant`)} AS avant, ${told(sql`h.apres`)} AS apres`;
}
