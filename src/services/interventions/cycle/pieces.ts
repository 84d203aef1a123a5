import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Executor, query } from '../../../db/sql';
import { invalid, unknownReference } from '../../../domain/errors';
import type { Signal, StoreRoom } from '../../../domain/stock/store-room';
import { type Actor, systemActor } from '../../actor';
import { hasRecipients } from '../../messages/messages';
import { closeStoreRoom, costOfParts, openStoreRoom, takeNote } from '../../stock/store-room';
import { requireRoomForParts } from '../limites';
import { clock } from './clock';
import { type Evenement, everybodyOf, writeEvenement } from './evenement';
import type { LockedIntervention } from './locked';
import { type MissingPart, readMissingParts } from './missing-parts';

/**
 * Parts of an intervention, whose row is locked: needed, received, used or brought back. Stock and other people's needs move
 * with them (`services/stock/store-room.ts`); whose workflows are to be woken for it after the commit is added to `toWake`.
 */

/** An intervention, with what decides about its turn. */
type Demandeur = Pick<LockedIntervention['intervention'], 'id' | 'priorite' | 'urgence' | 'statut'>;

/** Parts that somebody asks for. */
export interface Demande {
  piece_id: number;
  quantite: number;
}

/**
 * Notes what is needed: the one way in which parts are asked for. What nobody has been promised is set aside at once, the
 * rest is to come. The same part twice is one need.
 * @param champ of the body that names the parts, for what is refused.
 * @throws {RegieError} `VALIDATION` for a part that does not exist, `LIMITE_ATTEINTE`
 */
export async function needParts(
  tx: EntityManager,
  { id, priorite, urgence, statut }: Demandeur,
  demandes: readonly Demande[],
  champ: string,
): Promise<StoreRoom> {
  const room = await openStoreRoom(tx, {
    pieces: demandes.map(({ piece_id }) => piece_id),
    interventionId: id,
  });
  const unknown = demandes.findIndex(({ piece_id }) => !room.has(piece_id));
  if (unknown >= 0) throw unknownReference(`${champ}${unknown}.piece_id`);
  const needed = new Set(room.needsFor(id).map(({ piece_id }) => piece_id));
  const fresh = new Set(demandes.map(({ piece_id }) => piece_id).filter((piece) => !needed.has(piece)));
  await requireRoomForParts(tx, id, fresh.size);
  const demandeur = { intervention_id: id, priorite, urgence, attend: statut === 'attente_pieces' };
  for (const { piece_id, quantite } of demandes) room.need(demandeur, piece_id, quantite);
  return room;
}

/**
 * Begins to wait for parts. What came before was no arrival that ends this wait.
 * @returns what the technicien does not have by then.
 */
export async function awaitParts(
  tx: EntityManager,
  actor: Actor,
  { intervention }: LockedIntervention,
  demandes: readonly Demande[],
  toWake: number[],
): Promise<MissingPart[]> {
  const room = await needParts(tx, intervention, demandes, 'pieces.');
  await takeNote(tx, intervention.id, ['complete', 'reprise']);
  for (const besoin of room.needsFor(intervention.id)) besoin.signal = null;
  toWake.push(...(await closeStoreRoom(tx, actor, room)));
  return readMissingParts(tx, intervention.id);
}

/** Parts have come; where nothing is missing any more, a waiting intervention goes on by itself. */
export async function receiveParts(
  tx: EntityManager,
  actor: Actor,
  locked: LockedIntervention,
  besoins: readonly number[] | null,
  toWake: number[],
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention } = locked;
  const room = await openStoreRoom(tx, { interventionId: intervention.id });
  const awaited = room.needsFor(intervention.id).filter(({ statut }) => statut !== 'recue');
  const named = besoins === null ? awaited : awaited.filter(({ id }) => besoins.includes(id!));
  if (named.length === 0 || (besoins !== null && named.length < new Set(besoins).size)) {
    throw invalid({
      champ: 'besoins',
      message: {
        fr: "Désigne une pièce qui n'est pas attendue ici",
        en: 'Names a part that is not awaited here',
      },
    });
  }
  const before = new Map(named.map((besoin) => [besoin, besoin.quantite_recue]));
  const ended = room.receive(intervention.id, named);
  const received = named.flatMap((besoin) => {
    const { reference, designation } = room.shelf(besoin.piece_id);
    const quantite = besoin.quantite_recue - before.get(besoin)!;
    return quantite === 0 ? [] : [{ reference, designation, quantite }];
  });
  toWake.push(...(await closeStoreRoom(tx, actor, room)).filter((id) => id !== intervention.id));
  const details = detailsOf(received);
  if (!awaitsParts(intervention) || !ended) return { action: 'pieces_recues', changes: {}, details };
  return { ...resumption(locked, received, actor.now), details };
}

/** Whether it goes on as soon as nothing is missing: who waits for something else goes on waiting for it. */
function awaitsParts({ statut, attente_motif }: LockedIntervention['intervention']): boolean {
  return statut === 'attente_pieces' && attente_motif === null;
}

type Named = Pick<MissingPart, 'reference' | 'designation' | 'quantite'>;

function resumption(
  locked: LockedIntervention,
  pieces: readonly Named[],
  now: Date,
): Pick<Evenement, 'action' | 'changes' | 'annonces'> {
  return {
    action: 'reprise',
    changes: { statut: 'en_cours', niveau_escalade: 0, ...clock(locked, 'en_cours', now) },
    annonces: [
      {
        modele: 'pieces_recues',
        audience: everybodyOf(locked),
        donnees: { pieces: [...pieces] },
      },
    ],
  };
}

/**
 * At the end of the work: what was set aside or received has been used, what never came is not needed any more.
 * @returns what the parts have cost, those that were used before it was reopened included.
 */
export async function consumeParts(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  toWake: number[],
): Promise<string> {
  return endParts(tx, actor, interventionId, toWake, (room) => room.consume(interventionId));
}

/**
 * When the work is called off: what was set aside or received is there for the next in line.
 * @returns what was used before, and has cost.
 */
export async function releaseParts(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  toWake: number[],
): Promise<string> {
  return endParts(tx, actor, interventionId, toWake, (room) => room.release(interventionId));
}

async function endParts(
  tx: EntityManager,
  actor: Actor,
  interventionId: number,
  toWake: number[],
  end: (room: StoreRoom) => void,
): Promise<string> {
  const room = await openStoreRoom(tx, { interventionId });
  end(room);
  toWake.push(...(await closeStoreRoom(tx, actor, room)));
  return costOfParts(tx, interventionId);
}

/**
 * Interventions that have not taken note yet of what became of their parts, in the order of their ids: nothing is missing to
 * them any more since something came, or what was set aside for them was not there.
 *
 * That can be read off the rows, whoever brought it about: the API wakes the workflows at once, and the reconciler finds
 * whatever was missed.
 */
export function interventionsToTell(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT i.id FROM interventions i
        WHERE i.id > ${after} AND i.id IN (SELECT intervention_id FROM besoins_pieces WHERE signal IS NOT NULL)
          AND CASE WHEN EXISTS (
                SELECT FROM besoins_pieces b WHERE b.intervention_id = i.id AND b.signal = 'reprise')
              THEN i.statut NOT IN ('terminee', 'annulee')
              ELSE i.statut = 'attente_pieces' AND NOT EXISTS (
                SELECT FROM besoins_pieces b WHERE b.intervention_id = i.id AND b.statut = 'demandee') END
        ORDER BY i.id LIMIT ${limit}`,
  );
}

interface Signalled extends Named {
  signal: Signal;
  live: boolean;
}

/** Writes down what became of the parts of an intervention, if it has not been, in the given transaction. */
export async function settleParts(tx: EntityManager, locked: LockedIntervention, now: Date): Promise<void> {
  if (!locked.partsSignalled) return;
  const { intervention } = locked;
  // Under the locks of the parts, so that nothing comes or goes between what is read and what is written.
  const room = await openStoreRoom(tx, { interventionId: intervention.id });
  const signalled = await query<Signalled>(
    tx,
    sql`SELECT p.reference, p.designation, b.quantite - b.quantite_recue AS quantite, b.signal,
          b.statut IN ('demandee', 'reservee', 'recue') AS live
        FROM besoins_pieces b JOIN pieces p ON p.id = b.piece_id
        WHERE b.intervention_id = ${intervention.id} AND b.signal IS NOT NULL ORDER BY b.id`,
  );
  const those = (signal: Signal) => signalled.filter((besoin) => besoin.signal === signal);
  const [lost, came] = [those('reprise'), those('complete')];
  const waits = awaitsParts(intervention);
  const noted: Signal[] = [];
  if (lost.length > 0) {
    await write(tx, locked, now, await loss(tx, locked, lost));
    noted.push('reprise');
  }
  if (waits && came.length > 0 && room.waitOf(intervention.id).missing === 0) {
    const pieces = came.filter(({ live }) => live).map(named);
    await write(tx, locked, now, { ...resumption(locked, pieces, now), details: detailsOf(pieces) });
    noted.push('complete');
  }
  // Nobody waits any more for what came.
  if (!waits) noted.push('complete');
  if (noted.length > 0) await takeNote(tx, intervention.id, noted);
}

/** To whoever does the work and whoever orders; where there is neither, to the administrators. */
async function loss(
  tx: EntityManager,
  { technicien, siteId }: LockedIntervention,
  lost: readonly Signalled[],
): Promise<Omit<Evenement, 'cause'>> {
  const concerned = { technicien: [technicien?.user_id ?? null], responsables: true };
  const audience = (await hasRecipients(tx, 'pieces_reprises', concerned, siteId))
    ? concerned
    : { admins: true };
  const pieces = lost.map(named);
  return {
    action: 'pieces_reprises',
    changes: {},
    details: { pieces: pieces.map(({ reference, quantite }) => ({ reference, quantite })) },
    annonces: [{ modele: 'pieces_reprises', audience, donnees: { pieces } }],
  };
}

async function write(
  tx: EntityManager,
  locked: LockedIntervention,
  now: Date,
  evenement: Omit<Evenement, 'cause'>,
): Promise<void> {
  const { id, numero_evenement } = locked.intervention;
  const cause = `pieces-${numero_evenement + 1}`;
  await writeEvenement(tx, systemActor(now, `${cause}-${id}`), locked, { ...evenement, cause });
}

function named({ reference, designation, quantite }: Named): Named {
  return { reference, designation, quantite };
}

function detailsOf(pieces: readonly Named[]): Record<string, unknown> {
  return { pieces_recues: pieces.map(({ reference, quantite }) => ({ reference, quantite })) };
}
