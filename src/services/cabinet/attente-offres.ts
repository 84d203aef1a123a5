import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Cabinet } from '../../db/cabinet/cabinets';
import { onEngine } from '../../db/medical';
import { query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import { MAX_OFFRES_MANQUEES, type Souhaits, type StatutAttente } from '../../domain/rendez-vous/attente';
import { systemActor } from '../actor';
import { lockPourCabinet, OffresDeCabinet } from '../rendez-vous/cabinet';
import { type Autour, MAX_REGARDES } from '../rendez-vous/recherche-creneaux';
import { becomeSoignant } from './dossiers';
import {
  type Ecrivant,
  insertRendezVousPatient,
  type Locked,
  lockedOf,
  recordActe,
  settle,
} from './rendez-vous-lignes';
import { inCabinet, inEveryCabinet } from './transactions';

/**
 * What is offered to patients who wait (docs/decisions/070): an appointment of theirs that stands for half an hour, or until
 * they answer. Whoever frees a time of a practice offers it in the same transaction, to the first whom it suits; whatever
 * else makes a time free, and whatever nobody answered, is found by the round of each minute. Nothing here asks for rights.
 *
 * Locks are taken in this order: appointments, what they take, and then those who wait.
 */

export type LieuDAttente = Pick<Cabinet, 'id' | 'fuseau_horaire'>;

const WAITS: readonly StatutAttente[] = ['en_attente', 'proposee'];

/**
 * Locks what may be offered in a practice where somebody waits, before any of it is freed.
 * @param besides kinds of appointment that are about to be booked in the same transaction.
 * @returns whether somebody does
 */
export async function lockAttendus(
  tx: EntityManager,
  cabinetId: number,
  besides: readonly string[] = [],
): Promise<boolean> {
  const types = await query<{ slug: string }>(
    tx,
    sql`SELECT t.slug FROM medical.types_rendez_vous t WHERE t.cabinet_id = ${cabinetId} AND EXISTS (
          SELECT FROM medical.attentes_patients a
          WHERE a.cabinet_id = t.cabinet_id AND a.type_id = t.id AND a.statut = ANY(${WAITS}::text[]))`,
  );
  if (types.length === 0) return false;
  await onEngine(tx, () => lockPourCabinet(tx, [...types.map(({ slug }) => slug), ...besides]));
  return true;
}

interface EnAttente extends Souhaits {
  id: number;
  patient_id: number;
  type_id: number;
  slug: string;
  duree: number | null;
  intervenant_id: number | null;
  /** Starts that were offered to them before, as milliseconds. */
  deja: number[];
}

/**
 * Offers what is free to those who wait in a practice, in the order in which they came: one time to one of them.
 * @param autour near which something has become free; null for everything ahead. The caller has locked what it may take.
 * @returns by which the engine knows what was offered, for who follows it
 */
export async function proposerAuxPatients(
  ecrivant: Ecrivant,
  { id: cabinetId, fuseau_horaire: timeZone }: LieuDAttente,
  autour: Autour | null,
): Promise<number[]> {
  const { tx, actor } = ecrivant;
  const waiting = await query<EnAttente>(
    tx,
    sql`SELECT a.id, a.patient_id, a.type_id, t.slug, a.duree, v.id AS intervenant_id, a.date_debut::text, a.date_fin::text,
          a.heure_debut, a.heure_fin,
          ARRAY(SELECT (extract(epoch FROM r.debut) * 1000)::float8 FROM medical.rendez_vous_patients r
                WHERE r.cabinet_id = a.cabinet_id AND r.attente_id = a.id) AS deja
        FROM medical.attentes_patients a
        JOIN medical.types_rendez_vous t ON t.cabinet_id = a.cabinet_id AND t.id = a.type_id AND t.actif
        JOIN medical.patients p ON p.cabinet_id = a.cabinet_id AND p.id = a.patient_id AND p.fusionne_dans_id IS NULL AND p.actif
          AND p.date_deces IS NULL
        LEFT JOIN medical.praticiens d ON d.cabinet_id = a.cabinet_id AND d.id = a.praticien_id AND d.actif
        LEFT JOIN moteur.intervenants v ON v.user_id = d.user_id
        WHERE a.cabinet_id = ${cabinetId} AND a.statut = 'en_attente' AND (a.praticien_id IS NULL OR v.id IS NOT NULL)
        ORDER BY a.date_creation, a.id LIMIT ${MAX_REGARDES} FOR UPDATE OF a`,
  );
  if (waiting.length === 0) return [];
  // What is of the practice is named with its schema, wherever the engine runs.
  return onEngine(tx, async () => {
    const offres = new OffresDeCabinet({ tx, actor, timeZone }, autour);
    const offered: number[] = [];
    for (const { id, patient_id, type_id, intervenant_id: intervenantId, ...voulu } of waiting) {
      const propose = await offres.proposer({ ...voulu, intervenantId });
      if (propose === null) continue;
      const praticien = await queryOne<{ id: number }>(
        tx,
        sql`SELECT d.id FROM medical.praticiens d JOIN moteur.intervenants v ON v.user_id = d.user_id
            WHERE d.cabinet_id = ${cabinetId} AND v.id = ${propose.intervenantId}`,
      );
      const { id: rendezVousId, uid, debut, fin, surnombre, expire_le } = propose;
      const rendezVous = await insertRendezVousPatient(tx, {
        ...{ cabinetId, rendezVousId, uid, debut, fin, surnombre },
        ...{ patientId: patient_id, typeId: type_id, praticien_id: praticien!.id, attente: id },
        ...{ statut: 'propose', remplace: null },
        motif: () => null,
      });
      await recordActe(ecrivant, { id: rendezVous, cabinet_id: cabinetId, version: 1 }, 'proposer');
      await query(
        tx,
        sql`UPDATE medical.attentes_patients SET statut = 'proposee', offre_expire_le = ${expire_le},
              date_modification = ${actor.now}, version = version + 1 WHERE cabinet_id = ${cabinetId} AND id = ${id}`,
      );
      offered.push(rendezVousId);
    }
    return offered;
  });
}

/** What is offered to somebody who waits, which nobody changes until the transaction ends; null for nothing. */
export async function lockOffre(
  tx: EntityManager,
  cabinetId: number,
  attenteId: number,
): Promise<Locked | null> {
  const held = sql`r.cabinet_id = ${cabinetId} AND r.attente_id = ${attenteId} AND r.statut = 'propose'`;
  await query(tx, sql`SELECT r.id FROM medical.rendez_vous_patients r WHERE ${held} FOR UPDATE`);
  const [offre] = await lockedOf(tx, held);
  return offre ?? null;
}

interface LigneAttente {
  statut: StatutAttente;
  offre_expire_le: Date | null;
  offres_manquees: number;
}

/** Who waits, which nobody changes until the transaction ends; after what is offered to them, see the order of locks. */
async function lockLigne(tx: EntityManager, cabinetId: number, id: number): Promise<LigneAttente> {
  const ligne = await queryOne<LigneAttente>(
    tx,
    sql`SELECT statut, offre_expire_le, offres_manquees FROM medical.attentes_patients
        WHERE cabinet_id = ${cabinetId} AND id = ${id} FOR UPDATE`,
  );
  if (ligne === null) throw notFound();
  return ligne;
}

/**
 * Makes what is offered to somebody their appointment.
 * @param offre as {@link lockOffre} has it.
 * @throws {RegieError} `RETENUE_EXPIREE` when nothing is (any more)
 */
export async function accepterOffre(
  ecrivant: Ecrivant,
  cabinetId: number,
  id: number,
  offre: Locked | null,
): Promise<Locked> {
  const { tx, actor } = ecrivant;
  const { offre_expire_le } = await lockLigne(tx, cabinetId, id);
  if (offre === null || offre_expire_le === null || offre_expire_le <= actor.now)
    throw new RegieError('RETENUE_EXPIREE');
  await settle(ecrivant, offre, 'accepter');
  await ecrireAttente(ecrivant, cabinetId, id, { statut: 'acceptee', manquees: 0 });
  await becomeSoignant(tx, { id: offre.patient_id, cabinet_id: cabinetId }, offre.user_id, actor.now);
  return offre;
}

/**
 * Lets an offer pass, or leaves the list altogether: what was held is offered to the next.
 * @param offre as {@link lockOffre} has it.
 * @returns whose workflows have to look again
 * @throws {RegieError} `TRANSITION_INVALIDE` when nothing is offered, or they do not wait any more
 */
export async function renoncer(
  ecrivant: Ecrivant,
  cabinet: LieuDAttente,
  id: number,
  { offre, quitte }: { offre: Locked | null; quitte: boolean },
): Promise<number[]> {
  const { tx } = ecrivant;
  if (offre === null) {
    const { statut } = await lockLigne(tx, cabinet.id, id);
    if (!quitte || statut !== 'en_attente')
      throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut } });
    await ecrireAttente(ecrivant, cabinet.id, id, { statut: 'quittee', manquees: 0 });
    return [];
  }
  await lockAttendus(tx, cabinet.id);
  await lockLigne(tx, cabinet.id, id);
  await settle(ecrivant, offre, 'decliner');
  await ecrireAttente(ecrivant, cabinet.id, id, { statut: quitte ? 'quittee' : 'en_attente', manquees: 0 });
  return [offre.rendez_vous_id, ...(await proposerAuxPatients(ecrivant, cabinet, offre))];
}

async function ecrireAttente(
  { tx, actor }: Ecrivant,
  cabinetId: number,
  id: number,
  { statut, manquees }: { statut: StatutAttente; manquees: number },
): Promise<void> {
  await query(
    tx,
    sql`UPDATE medical.attentes_patients SET statut = ${statut}, offre_expire_le = NULL, offres_manquees = ${manquees},
          date_modification = ${actor.now}, version = version + 1 WHERE cabinet_id = ${cabinetId} AND id = ${id}`,
  );
}

/** Practices where somebody waits, in the order of their ids, after one of them. */
export function attentesARevoir(medical: DataSource, after: number, limit: number): Promise<LieuDAttente[]> {
  return inEveryCabinet(medical, (tx) =>
    query<LieuDAttente>(
      tx,
      sql`SELECT c.id, c.fuseau_horaire FROM medical.cabinets c WHERE c.id > ${after} AND EXISTS (
            SELECT FROM medical.attentes_patients a WHERE a.cabinet_id = c.id AND a.statut = ANY(${WAITS}::text[]))
          ORDER BY c.id LIMIT ${limit}`,
    ),
  );
}

/**
 * Passes on what nobody answered in time, lets those go whose days are over, and offers whatever has become free.
 * @returns whose workflows have to look again
 */
export function revoirAttentes(medical: DataSource, cabinet: LieuDAttente, now: Date): Promise<number[]> {
  return inCabinet(medical, cabinet.id, async (tx) => {
    const ecrivant: Ecrivant = { tx, actor: systemActor(now, `attente-cabinet-${cabinet.id}`) };
    const over = sql`r.cabinet_id = ${cabinet.id} AND r.statut = 'propose' AND EXISTS (
      SELECT FROM medical.attentes_patients a
      WHERE a.cabinet_id = r.cabinet_id AND a.id = r.attente_id AND a.offre_expire_le <= ${now})`;
    await query(
      tx,
      sql`SELECT r.id FROM medical.rendez_vous_patients r WHERE ${over} ORDER BY r.id FOR UPDATE OF r`,
    );
    const passed = await lockedOf(tx, over);
    await lockAttendus(tx, cabinet.id);
    for (const offre of passed) await laisserPasser(ecrivant, offre);
    await query(
      tx,
      sql`UPDATE medical.attentes_patients SET statut = 'expiree', date_modification = ${now}, version = version + 1
          WHERE cabinet_id = ${cabinet.id} AND statut = 'en_attente'
            AND date_fin < ${dayAt(now.getTime(), cabinet.fuseau_horaire)}`,
    );
    const offered = await proposerAuxPatients(ecrivant, cabinet, null);
    return [...passed.map(({ rendez_vous_id }) => rendez_vous_id), ...offered];
  });
}

/** Nobody answered: who has let so many pass in a row does not wait any more, since each kept a time from others. */
async function laisserPasser(ecrivant: Ecrivant, offre: Locked): Promise<void> {
  const { cabinet_id } = offre;
  const id = offre.attente_id!;
  await settle(ecrivant, offre, 'expirer', { par: 'cabinet' });
  const manquees = (await lockLigne(ecrivant.tx, cabinet_id, id)).offres_manquees + 1;
  const statut = manquees >= MAX_OFFRES_MANQUEES ? 'expiree' : 'en_attente';
  await ecrireAttente(ecrivant, cabinet_id, id, { statut, manquees });
}
