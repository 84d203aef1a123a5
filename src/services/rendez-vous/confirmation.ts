import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { publicAccess } from '../../auth/public-access';
import { query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { type Attente, DELAI_AGENDAS } from '../../domain/rendez-vous/rendez-vous';
import type { Actor } from '../actor';
import { annoncer, type Etat, type EvenementRendezVous, etatDe } from './annonces';
import { type Faits, lockFaits } from './faits';
import { openSituation, replyBefore, takeTime, userIdsOf } from './reservation';
import { dropEmpty, freePlaces } from './seances';
import { aRelire, verifier } from './synchronisation';

/**
 * Between a booking and its confirmation. A request never calls out: what is known too long ago of the calendars that people
 * keep elsewhere is read again afterwards, by the workflow of the appointment, which is told to nobody before
 * (docs/decisions/056).
 */

/**
 * Settles what waited for calendars, by what is known of them now: it stands, or is somebody else's whose turn it is too, or
 * cannot be had.
 * @param faits of an appointment that is locked, and waits for them.
 */
export async function settleAgendas(tx: EntityManager, actor: Actor, faits: Faits): Promise<void> {
  const { occupes } = await verifier(tx, faits.id);
  const avant = etatDe(faits);
  if (occupes.length === 0) return confirm(tx, actor, faits.id, avant);
  const others = await giveToAnother(tx, actor, faits);
  if (others === null) return callOff(tx, actor, faits, avant);
  const isOver = faits.expire_le !== null && faits.expire_le <= actor.now;
  if (isOver || !(await aRelire(tx, others))) await confirm(tx, actor, faits.id, avant);
}

/**
 * Whoever booked has said from their mail that it was them: it goes on as what is booked with an account begins.
 * @throws {RegieError} `TRANSITION_INVALIDE` for one that has begun meanwhile
 */
export async function settleCourrier(tx: EntityManager, actor: Actor, rendezVousId: number): Promise<void> {
  const faits = await lockFaits(tx, rendezVousId);
  // Pressed twice, or the house has said yes meanwhile.
  if (faits === null || faits.attente !== 'email') return;
  if (faits.debut <= actor.now)
    throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut: faits.statut } });
  const avant = etatDe(faits);
  const next = async (attente: Attente | null, expire_le: Date, evenement: EvenementRendezVous) => {
    await query(
      tx,
      sql`UPDATE rendez_vous SET attente = ${attente}::text, expire_le = ${expire_le}, version = version + 1,
            date_modification = ${actor.now} WHERE id = ${rendezVousId}`,
    );
    await annoncer(tx, actor, { rendezVousId, evenement, avant });
  };
  if (faits.confirmation === 'a_valider') return next(null, replyBefore(actor.now, faits.debut), 'demande');
  if (await isShared(tx, faits)) return confirm(tx, actor, rendezVousId, avant);
  const { perime, occupes } = await verifier(tx, rendezVousId);
  if (!perime && occupes.length === 0) return confirm(tx, actor, rendezVousId, avant);
  const wait = perime ? DELAI_AGENDAS : 0;
  return next('agendas', new Date(actor.now.getTime() + wait), 'verification');
}

/** Whether others of the same workshop have been told yes. */
async function isShared(tx: EntityManager, { id, seance_id }: Faits): Promise<boolean> {
  const other = await queryOne(
    tx,
    sql`SELECT id FROM rendez_vous
        WHERE seance_id = ${seance_id} AND id <> ${id} AND statut IN ('confirme', 'arrive') LIMIT 1`,
  );
  return other !== null;
}

async function confirm(tx: EntityManager, actor: Actor, rendezVousId: number, avant: Etat): Promise<void> {
  // Nobody's calendar has heard of it yet: it begins with sequence 0.
  await query(
    tx,
    sql`UPDATE rendez_vous SET statut = 'confirme', attente = NULL, expire_le = NULL, version = version + 1,
          date_modification = ${actor.now} WHERE id = ${rendezVousId}`,
  );
  await annoncer(tx, actor, { rendezVousId, evenement: 'confirmation', avant });
}

async function callOff(tx: EntityManager, actor: Actor, faits: Faits, avant: Etat): Promise<void> {
  await freePlaces(tx, faits.seance_id, faits.places);
  await query(
    tx,
    sql`UPDATE rendez_vous SET statut = 'refuse', annule_par = 'systeme', attente = NULL, expire_le = NULL,
          sequence = sequence + 1, version = version + 1, date_modification = ${actor.now} WHERE id = ${faits.id}`,
  );
  await annoncer(tx, actor, { rendezVousId: faits.id, evenement: 'indisponibilite', avant });
}

/**
 * Where people take turns, somebody else who is free at the same time has it.
 * @returns who has it now; null when nobody else can.
 */
async function giveToAnother(tx: EntityManager, actor: Actor, faits: Faits): Promise<number[] | null> {
  if (faits.mode !== 'tour_de_role') return null;
  const minutes = (faits.fin.getTime() - faits.debut.getTime()) / 60_000;
  const souhait = { prestation: faits.slug, debut: faits.debut, duree: minutes, report_de: faits.uid };
  // It was in time when it was booked.
  const then = { ...actor, now: faits.date_creation };
  const asked = { tx, access: publicAccess(faits.id), actor: then, timeZone: faits.maison };
  const situation = await openSituation(asked, souhait, sql`FALSE`);
  await query(tx, sql`SAVEPOINT autre`);
  await freePlaces(tx, faits.seance_id, faits.places);
  const taken = await takeTime(asked, situation, souhait, faits.places);
  if ('refus' in taken) {
    await query(tx, sql`ROLLBACK TO SAVEPOINT autre`);
    return null;
  }
  await query(
    tx,
    sql`UPDATE rendez_vous SET seance_id = ${taken.seance_id}, intervenants = ${taken.intervenants}::integer[],
          salles = ${taken.salles}::integer[], user_ids = ${userIdsOf(situation, taken.intervenants)}::integer[],
          raison_affectation = ${taken.raison === null ? null : JSON.stringify(taken.raison)}::jsonb,
          version = version + 1, date_modification = ${actor.now}
        WHERE id = ${faits.id}`,
  );
  await dropEmpty(tx, [faits.seance_id]);
  return [...taken.intervenants];
}
