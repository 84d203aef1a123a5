import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import { publicAccess } from '../../auth/public-access';
import type { RendezVous } from '../../db/rendez-vous/rendez-vous';
import { type Executor, queryOne, rfc3339Sql } from '../../db/sql';
import { notFound } from '../../domain/errors';
import type { StatutParticipant, StatutRendezVous } from '../../domain/rendez-vous/rendez-vous';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** Appointments, as those may see them who have to do with them; what is only held is nobody's appointment yet. */

export interface ParticipantAnswer {
  id: number;
  nom: string;
  email: string | null;
  telephone: string | null;
  langue: string;
  fuseau_horaire: string;
  statut: StatutParticipant;
  /** What they thought of it, for those who look after the appointment; null while they have not said. */
  avis: { note: number; commentaire: string | null; date: string } | null;
}

export type RendezVousAnswer = Omit<RendezVous, 'user_ids' | 'appelant' | 'seance_id'> & {
  prestation: { slug: string; nom: string };
  participants: ParticipantAnswer[];
};

export interface RendezVousFilters {
  prestation_id?: number[] | undefined;
  intervenant_id?: number[] | undefined;
  salle_id?: number[] | undefined;
  demandeur_id?: number[] | undefined;
  statut?: StatutRendezVous[] | undefined;
  serie_id?: string | undefined;
  /** Those that end after it. */
  debut?: Date | undefined;
  /** Those that begin before it. */
  fin?: Date | undefined;
}

/** `b` with what was booked, `f`, as permissions name them. */
export const RENDEZ_VOUS_FROM = sql`rendez_vous b JOIN prestations f ON f.id = b.prestation_id`;

const columnsWith = (
  avis: Sql,
) => sql`b.id, b.uid, b.prestation_id, json_build_object('slug', f.slug, 'nom', f.nom) AS prestation,
  b.debut, b.fin, b.intervenants, b.salles, b.statut, b.sequence, b.places, b.reponses, b.origine, b.demandeur_id,
  b.attente, b.expire_le, b.motif_annulation, b.annule_par, b.tardif, b.serie_id,
  coalesce((SELECT json_agg(json_build_object('id', p.id, 'nom', p.nom, 'email', p.email, 'telephone', p.telephone,
      'langue', p.langue, 'fuseau_horaire', p.fuseau_horaire, 'statut', p.statut, 'avis', ${avis}) ORDER BY p.rang)
    FROM participants p WHERE p.rendez_vous_id = b.id), '[]') AS participants,
  b.date_creation, b.date_modification, b.version`;

/** Why it was whose turn tells of the work of colleagues: for those who choose, and for the people themselves. */
function columnsFor(access: Access): Sql {
  const theirs = access.where('move', 'RendezVous', RENDEZ_VOUS_COLUMNS);
  const avis = sql`CASE WHEN p.avis_le IS NOT NULL AND ${theirs}
    THEN json_build_object('note', p.note, 'commentaire', p.commentaire, 'date', ${rfc3339Sql(sql`p.avis_le`)}) END`;
  return sql`${columnsWith(avis)}, CASE WHEN ${theirs} THEN b.raison_affectation END AS raison_affectation`;
}

const SORTABLE = {
  id: { expression: 'b.id', cast: 'integer' },
  debut: { expression: 'b.debut', cast: 'timestamptz' },
  date_creation: { expression: 'b.date_creation', cast: 'timestamptz' },
} as const satisfies ListSpec['sortable'];

export const RENDEZ_VOUS_SORTABLE: ListSpec['sortable'] = SORTABLE;

export function listRendezVous(
  executor: Executor,
  access: Access,
  filters: RendezVousFilters,
  page: PageRequest,
): Promise<Page<RendezVousAnswer>> {
  const spec: ListSpec = {
    columns: columnsFor(access),
    from: RENDEZ_VOUS_FROM,
    alias: 'b',
    sortable: SORTABLE,
    defaultSort: 'debut',
  };
  const { prestation_id, intervenant_id, salle_id, demandeur_id, statut, serie_id, debut, fin } = filters;
  const conditions = [
    sql`b.statut <> 'retenu'`,
    access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS),
    ...(prestation_id === undefined ? [] : [oneOf('b.prestation_id', prestation_id)]),
    ...(intervenant_id === undefined ? [] : [sql`b.intervenants && ${intervenant_id}::integer[]`]),
    ...(salle_id === undefined ? [] : [sql`b.salles && ${salle_id}::integer[]`]),
    ...(demandeur_id === undefined ? [] : [oneOf('b.demandeur_id', demandeur_id)]),
    ...(statut === undefined ? [] : [oneOf('b.statut', statut)]),
    ...(serie_id === undefined ? [] : [sql`b.serie_id = ${serie_id}::uuid`]),
    ...(debut === undefined ? [] : [sql`b.fin > ${debut}`]),
    ...(fin === undefined ? [] : [sql`b.debut < ${fin}`]),
  ];
  return list<RendezVousAnswer>(executor, spec, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export function readRendezVous(executor: Executor, access: Access, uid: string): Promise<RendezVousAnswer> {
  return readWhere(executor, access, sql`b.uid = ${uid}`);
}

/** The same by its number, for what the house refers to. */
export function readRendezVousById(
  executor: Executor,
  access: Access,
  id: number,
): Promise<RendezVousAnswer> {
  return readWhere(executor, access, sql`b.id = ${id}`);
}

/**
 * What a caller has just made or changed, for them alone: also where it is out of their sight by that, such as an agenda that
 * they have given to somebody else.
 */
export async function readChanged(tx: EntityManager, access: Access, id: number): Promise<RendezVousAnswer> {
  const which = sql`b.id = ${id}`;
  return (await findWhere(tx, access, which)) ?? readWhere(tx, publicAccess(id), which);
}

async function readWhere(executor: Executor, access: Access, which: Sql): Promise<RendezVousAnswer> {
  const row = await findWhere(executor, access, which);
  if (row === null) throw notFound();
  return row;
}

function findWhere(executor: Executor, access: Access, which: Sql): Promise<RendezVousAnswer | null> {
  return queryOne<RendezVousAnswer>(
    executor,
    sql`SELECT ${columnsFor(access)} FROM ${RENDEZ_VOUS_FROM}
        WHERE ${which} AND b.statut <> 'retenu' AND ${access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS)}`,
  );
}
