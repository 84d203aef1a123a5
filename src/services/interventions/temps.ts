import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS } from '../../auth/columns';
import { Temps } from '../../db/interventions/temps';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, invalid, RegieError } from '../../domain/errors';
import { faultsOfTemps, type NatureTemps, sommesOf } from '../../domain/interventions/temps';
import { requireRoomFor } from '../../domain/limites';
import type { Actor } from '../actor';
import { difference, record } from '../historique';
import { requireVersion } from '../versions';
import { lockOpen, readIntervention } from './interventions';

/**
 * The time that people spend on an intervention. Everybody writes their own, and no two segments of theirs overlap,
 * whatever they are for (docs/decisions/039). Whoever reads the intervention reads them.
 */

export interface TempsRow {
  id: number;
  intervention_id: number;
  technicien_id: number;
  nom: string;
  prenom: string;
  nature: NatureTemps;
  debut: Date;
  fin: Date | null;
  version: number;
}

const COLUMNS = sql`s.id, s.intervention_id, s.technicien_id, u.nom, u.prenom, s.nature, s.debut, s.fin, s.version`;
const FROM = sql`temps s JOIN techniciens t ON t.id = s.technicien_id JOIN users u ON u.id = t.user_id`;

/**
 * @returns the segments in order, and whole minutes by nature; what still runs counts until now.
 * @throws {RegieError} `INTROUVABLE` when there is no such intervention that the caller may see.
 */
export async function listTemps(
  executor: Executor,
  access: Access,
  interventionId: number,
  now: Date,
): Promise<{ segments: TempsRow[]; minutes: Record<NatureTemps, number> }> {
  await readIntervention(executor, access, interventionId);
  const segments = await query<TempsRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.intervention_id = ${interventionId} ORDER BY s.debut, s.id`,
  );
  const spans = segments.map(({ nature, debut, fin }) => ({
    nature,
    debut: debut.getTime(),
    fin: fin?.getTime() ?? null,
  }));
  return { segments, minutes: sommesOf(spans, now.getTime()) };
}

export interface TempsFields {
  nature: NatureTemps;
  debut: Date;
  /** Null for one that runs from now on. */
  fin: Date | null;
}

/**
 * Writes time of the caller.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT` also for whoever is no technicien, `CLOTUREE`, `LIMITE_ATTEINTE`,
 *   `VALIDATION`, `CONFLIT_PLANNING` with what is in the way
 */
export async function addTemps(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  interventionId: number,
  fields: TempsFields,
): Promise<TempsRow> {
  const row = await lockOpen(tx, access, actor, interventionId, 'work');
  const { technicienId: technicien_id } = access.principal;
  if (technicien_id === null || !isSent(row, technicien_id)) throw forbidden();
  requireSound(fields, actor.now);
  const { present } = (await queryOne<{ present: number }>(
    tx,
    sql`SELECT count(*)::integer AS present FROM temps WHERE intervention_id = ${interventionId}`,
  ))!;
  requireRoomFor('temps', present);
  await requireFree(tx, access, technicien_id, fields, null);
  const inserted = await tx.insert(Temps, { intervention_id: interventionId, technicien_id, ...fields });
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, {
    entite: 'temps',
    entiteId: id,
    action: 'creation',
    apres: { intervention_id: interventionId, ...fields },
  });
  return readTemps(tx, id);
}

const isSent = (row: { technicien_id: number | null; equipiers: number[] }, technicienId: number) =>
  row.technicien_id === technicienId || row.equipiers.includes(technicienId);

/** A segment by its own id and that of its intervention. */
export interface TempsIds {
  interventionId: number;
  tempsId: number;
}

/**
 * Changes a segment of the caller, also of work that was given to somebody else since.
 * @param expected version of the segment named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `VERSION_PERIMEE`, `VALIDATION`, `CONFLIT_PLANNING`
 */
export async function updateTemps(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  ids: TempsIds,
  changes: Partial<TempsFields>,
  expected: number | null,
): Promise<TempsRow> {
  const before = await lockOwn(tx, access, actor, ids, expected);
  const { avant, apres } = difference<TempsFields>(before, changes);
  if (Object.keys(apres).length === 0) return before;
  const { nature, debut, fin } = { ...before, ...changes };
  requireSound({ nature, debut, fin }, actor.now);
  await requireFree(tx, access, before.technicien_id, { debut, fin }, ids.tempsId);
  await tx.update(Temps, { id: ids.tempsId }, { nature, debut, fin });
  await record(tx, actor, {
    entite: 'temps',
    entiteId: ids.tempsId,
    action: 'modification',
    avant,
    apres: { intervention_id: ids.interventionId, ...apres },
  });
  return readTemps(tx, ids.tempsId);
}

/** @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `CLOTUREE`, `VERSION_PERIMEE` */
export async function removeTemps(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  ids: TempsIds,
  expected: number | null,
): Promise<void> {
  const { nature, debut, fin } = await lockOwn(tx, access, actor, ids, expected);
  await tx.delete(Temps, { id: ids.tempsId });
  await record(tx, actor, {
    entite: 'temps',
    entiteId: ids.tempsId,
    action: 'suppression',
    avant: { intervention_id: ids.interventionId, nature, debut, fin },
  });
}

async function lockOwn(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { interventionId, tempsId }: TempsIds,
  expected: number | null,
): Promise<TempsRow> {
  let own: TempsRow | null = null;
  const isOwn = async () => {
    own = await queryOne<TempsRow>(
      tx,
      sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = ${tempsId} AND s.intervention_id = ${interventionId}
            AND s.technicien_id = ${access.principal.technicienId}::integer`,
    );
    return own !== null;
  };
  const row = await lockOpen(tx, access, actor, interventionId, 'work', { isOwn });
  const found = own as TempsRow | null;
  if (found === null) {
    const { technicienId } = access.principal;
    if (technicienId === null || !isSent(row, technicienId)) throw forbidden();
    throw new RegieError('INTROUVABLE', {
      detail: { fr: 'Aucun temps à vous sous cet identifiant', en: 'No time of yours under this id' },
    });
  }
  requireVersion(found, expected);
  return found;
}

function requireSound({ debut, fin }: TempsFields, now: Date): void {
  const faults = faultsOfTemps({ debut: debut.getTime(), fin: fin?.getTime() ?? null }, now.getTime());
  if (faults.length > 0) throw invalid(...faults);
}

/** At most so many are named. */
const MAX_CONFLICTS = 20;

/**
 * Whether a person's time is not taken, which stays so until the transaction ends: their segments are written one
 * transaction after the other. The constraint of the table has the last word.
 */
async function requireFree(
  tx: EntityManager,
  access: Access,
  technicienId: number,
  { debut, fin }: Pick<TempsFields, 'debut' | 'fin'>,
  except: number | null,
): Promise<void> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('temps'), ${technicienId}::integer)`);
  const conflits = await query(
    tx,
    sql`SELECT s.id, s.nature, s.debut, s.fin,
          CASE WHEN ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)} THEN s.intervention_id END
            AS intervention_id
        FROM temps s JOIN interventions i ON i.id = s.intervention_id JOIN equipements e ON e.id = i.equipement_id
        WHERE s.technicien_id = ${technicienId} AND s.id IS DISTINCT FROM ${except}::integer
          AND tstzrange(s.debut, s.fin) && tstzrange(${debut}::timestamptz, ${fin}::timestamptz)
        ORDER BY s.debut LIMIT ${MAX_CONFLICTS}`,
  );
  if (conflits.length === 0) return;
  throw new RegieError('CONFLIT_PLANNING', {
    detail: {
      fr: 'Ce temps est déjà compté, ou un autre segment court encore',
      en: 'This time is counted already, or another segment still runs',
    },
    extensions: { conflits },
  });
}

async function readTemps(tx: EntityManager, id: number): Promise<TempsRow> {
  return (await queryOne<TempsRow>(tx, sql`SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = ${id}`))!;
}
