import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type LigneProposition, Proposition } from '../../db/planification/propositions';
import { type Executor, query, queryOne } from '../../db/sql';
import type { AuteurApplication, Emploi, Resultat } from '../../domain/planification/propositions';
import { type Actor, systemActor } from '../actor';
import { record } from '../historique';
import { requireVersion } from '../versions';
import {
  type LignesApplication,
  lockProposition,
  type PropositionDetail,
  readProposition,
  requireReady,
} from './propositions';

/**
 * What is written down of the application of a proposal. Its lines become orders of whoever asked for it
 * (`interventions/application.ts`); here stands which of them are done, and what became of each.
 */

/**
 * Has a proposal carried out. Its workflow does so after the commit; asked for once more, it goes on.
 * @param requete the request that asks for it.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE` unless it is ready
 */
export async function startApplication(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  requete: string,
  expected: number | null,
): Promise<PropositionDetail> {
  const proposition = await lockProposition(tx, access, id, 'update');
  requireVersion(proposition, expected);
  requireReady(proposition, actor.now);
  await markApplied(tx, access, actor, id, requete);
  return readProposition(tx, access, id);
}

/** From here on its lines are carried out in the name of the caller. */
export async function markApplied(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  requete: string,
): Promise<void> {
  const { userId, sessionId, cleApiId } = access.principal;
  const { correlationId, adresse } = actor;
  const auteur: AuteurApplication = { userId, sessionId, cleApiId, requete, correlationId, adresse };
  await tx.update(
    Proposition,
    { id },
    { application_debut: actor.now, application_auteur: auteur, battement: actor.now },
  );
  await record(tx, actor, { entite: 'proposition', entiteId: id, action: 'application' });
}

/** Whose orders carry a proposal out; null when nobody is to. */
export async function readApplication(executor: Executor, id: number): Promise<AuteurApplication | null> {
  const row = await queryOne<{ auteur: AuteurApplication }>(
    executor,
    sql`UPDATE propositions SET battement = now()
        WHERE id = ${id} AND application_debut IS NOT NULL AND application_fin IS NULL
        RETURNING application_auteur AS auteur`,
  );
  return row?.auteur ?? null;
}

/** A line that is still to be carried out. */
export type LigneRestanteRow = Pick<
  LigneProposition,
  | 'id'
  | 'intervention_id'
  | 'technicien_id'
  | 'date_planifiee'
  | 'duree_estimee'
  | 'segments'
  | 'equipiers'
  | 'vue'
  | 'ordre_id'
  | 'etape'
  | 'liberee'
>;

export function readRestantes(executor: Executor, id: number): Promise<LigneRestanteRow[]> {
  return query(
    executor,
    sql`SELECT id, intervention_id, technicien_id, date_planifiee, duree_estimee, segments, equipiers, vue, ordre_id, etape, liberee
        FROM propositions_lignes WHERE proposition_id = ${id} AND NOT retiree AND resultat IS NULL ORDER BY id`,
  );
}

/** What takes the time of these people by now, in a period. */
export async function readEmplois(
  executor: Executor,
  techniciens: readonly number[],
  debut: Date,
  fin: Date,
): Promise<Emploi[]> {
  const rows = await query<{
    technicien_id: number;
    intervention_id: number | null;
    debut: number;
    fin: number;
  }>(
    executor,
    sql`SELECT t.id AS technicien_id, p.intervention_id,
          (extract(epoch FROM o.debut) * 1000)::double precision AS debut,
          (extract(epoch FROM o.fin) * 1000)::double precision AS fin
        FROM techniciens t JOIN occupations o ON o.genre = 'personne' AND o.ressource_id = t.user_id AND o.exclusive
          AND tstzrange(o.debut, o.fin) && tstzrange(${debut}::timestamptz, ${fin}::timestamptz)
        LEFT JOIN plannings p ON p.id = o.planning_id
        WHERE t.id = ANY(${techniciens})`,
  );
  return rows.map((row) => ({
    interventionId: row.intervention_id,
    techniciens: [row.technicien_id],
    segments: [[row.debut, row.fin]],
  }));
}

/**
 * Says which order is under way for a line, before it is sent.
 * @param former the one that was, known to have come to nothing.
 * @returns whether this is the one: somebody else may be at the same.
 */
export async function noteOrdre(
  executor: Executor,
  ligneId: number,
  former: string | null,
  ordreId: string,
  etape: NonNullable<LigneProposition['etape']>,
): Promise<boolean> {
  const row = await queryOne(
    executor,
    sql`UPDATE propositions_lignes SET ordre_id = ${ordreId}, etape = ${etape}
        WHERE id = ${ligneId} AND ordre_id IS NOT DISTINCT FROM ${former}::uuid AND resultat IS NULL RETURNING id`,
  );
  return row !== null;
}

/** The order that was under way for a line has come to nothing. */
export async function forgetOrdre(executor: Executor, ligneId: number, ordreId: string): Promise<void> {
  await query(
    executor,
    sql`UPDATE propositions_lignes SET ordre_id = NULL, etape = NULL WHERE id = ${ligneId} AND ordre_id = ${ordreId}`,
  );
}

/** The line has left its former place. */
export async function noteLiberee(executor: Executor, ligneId: number): Promise<void> {
  await query(
    executor,
    sql`UPDATE propositions_lignes SET liberee = true, ordre_id = NULL, etape = NULL WHERE id = ${ligneId}`,
  );
}

/** What became of a line; what has been said of one already stays said. */
export async function noteResultat(
  executor: Executor,
  ligneId: number,
  resultat: Resultat,
  { code = null, changements = [] }: { code?: string | null; changements?: readonly string[] } = {},
): Promise<void> {
  await query(
    executor,
    sql`UPDATE propositions_lignes SET resultat = ${resultat}, code = ${code}, changements = ${[...changements]}::text[]
        WHERE id = ${ligneId} AND resultat IS NULL`,
  );
}

/** Every line is done. @returns how many of them came to what. */
export async function closeApplication(tx: EntityManager, id: number, now: Date): Promise<LignesApplication> {
  const closed = await queryOne(
    tx,
    sql`UPDATE propositions SET statut = 'appliquee', application_fin = ${now}, version = version + 1,
          date_modification = now()
        WHERE id = ${id} AND application_debut IS NOT NULL AND application_fin IS NULL RETURNING id`,
  );
  const counts = await query<{ resultat: Resultat; total: number }>(
    tx,
    sql`SELECT resultat, count(*)::integer AS total FROM propositions_lignes
        WHERE proposition_id = ${id} AND NOT retiree AND resultat IS NOT NULL GROUP BY resultat`,
  );
  const lignes = { appliquee: 0, inchangee: 0, modifiee_entretemps: 0, refusee: 0, restantes: 0 };
  for (const { resultat, total } of counts) lignes[resultat] = total;
  if (closed === null) return lignes;
  await record(tx, systemActor(now, `proposition-${id}`), {
    entite: 'proposition',
    entiteId: id,
    action: 'appliquee',
    apres: { statut: 'appliquee', ...lignes },
  });
  return lignes;
}
