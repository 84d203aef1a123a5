import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { onEngine } from '../../db/medical';
import { query, queryOne } from '../../db/sql';
import {
  ACTES_TARDIFS,
  type ActeCabinet,
  type ActeOffre,
  type AnnulePar,
  STATUT_DU_MOTEUR,
  type StatutRendezVousCabinet,
  TRANSITIONS_CABINET,
} from '../../domain/cabinet/rendez-vous';
import type { Asked } from '../crud';
import { changerPourCabinet } from '../rendez-vous/cabinet';
import type { Place } from './places';
import { drawId } from './tirage';

/**
 * The rows of appointments of practices, and what is written of them with their other half. Nothing here asks for rights:
 * whoever calls it has.
 */

/** Who writes: somebody whose rights were asked, or the system. */
export type Ecrivant = Pick<Asked, 'tx' | 'actor'>;

/** Where what is said of an appointment is sealed. */
export function placeOfRendezVous(
  cabinet_id: number,
  patient_id: number,
  ligne: number,
  champ: 'motif' | 'motif_annulation',
): Place {
  return { cabinet_id, patient_id, table: 'rendez_vous_patients', ligne, champ };
}

/** An appointment that is about to be moved. */
export interface Locked {
  id: number;
  cabinet_id: number;
  patient_id: number;
  praticien_id: number;
  rendez_vous_id: number;
  statut: StatutRendezVousCabinet;
  debut: Date;
  fin: Date;
  absent_le: Date | null;
  motif: Buffer | null;
  version: number;
  user_id: number;
  /** Whether whoever was to come has died. */
  decede: boolean;
  /** Of who waited, as whom they did. */
  attente_id: number | null;
  slug: string;
  preavis_annuler: number;
}

/** Keeps others from an appointment until the transaction ends. */
export async function lockRendezVous(tx: EntityManager, cabinetId: number, uid: string): Promise<void> {
  await query(
    tx,
    sql`SELECT id FROM medical.rendez_vous_patients WHERE cabinet_id = ${cabinetId} AND uid = ${uid} FOR UPDATE`,
  );
}

/** Those of a condition on `r` and their doctors `d`, in the order in which they are locked. */
export function lockedOf(tx: EntityManager, which: Sql): Promise<Locked[]> {
  return query<Locked>(
    tx,
    sql`SELECT r.id, r.cabinet_id, r.patient_id, r.praticien_id, r.rendez_vous_id, r.statut, r.debut, r.fin, r.absent_le,
          r.attente_id, r.motif, r.version, p.date_deces IS NOT NULL AS decede, d.user_id, t.slug, (f.preavis ->> 'annuler')::integer AS preavis_annuler
        FROM medical.rendez_vous_patients r
        JOIN medical.patients p ON p.cabinet_id = r.cabinet_id AND p.id = r.patient_id
        JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id
        JOIN medical.types_rendez_vous t ON t.cabinet_id = r.cabinet_id AND t.id = r.type_id
        JOIN moteur.prestations f ON f.id = t.prestation_id
        WHERE ${which} ORDER BY r.id`,
  );
}

/** An appointment that is written down for the first time. */
export interface Inserted {
  cabinetId: number;
  patientId: number;
  praticien_id: number;
  typeId: number;
  rendezVousId: number;
  uid: string;
  debut: Date;
  fin: Date;
  surnombre: boolean;
  statut: 'propose' | 'confirme';
  /** That which it takes the place of, and as whom somebody waited for it. */
  remplace: number | null;
  attente: number | null;
  /** Sealed for a row. */
  motif(ligne: number): Buffer | null;
}

/** Under an id that nobody has: drawn, so that it tells of no other practice's. */
export async function insertRendezVousPatient(tx: EntityManager, row: Inserted): Promise<number> {
  const id = drawId();
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.rendez_vous_patients (id, cabinet_id, patient_id, praticien_id, type_id, rendez_vous_id, uid,
          debut, fin, surnombre, statut, remplace_id, attente_id, motif)
        VALUES (${id}, ${row.cabinetId}, ${row.patientId}, ${row.praticien_id}, ${row.typeId},
                ${row.rendezVousId}, ${row.uid}, ${row.debut}, ${row.fin}, ${row.surnombre}, ${row.statut},
                ${row.remplace}::integer, ${row.attente}::integer, ${row.motif(id)}::bytea)
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insertRendezVousPatient(tx, row);
}

/** What was said of it, by whom. */
export async function recordActe(
  { tx, actor }: Pick<Asked, 'tx' | 'actor'>,
  { id, cabinet_id, version }: { id: number; cabinet_id: number; version: number },
  acte: ActeCabinet | ActeOffre | 'prendre' | 'proposer',
): Promise<void> {
  await query(
    tx,
    sql`INSERT INTO medical.actes_rendez_vous (cabinet_id, rendez_vous_patient_id, acte, version, user_id, correlation_id, date)
        VALUES (${cabinet_id}, ${id}, ${acte}, ${version}, ${actor.userId}, ${actor.correlationId}, ${actor.now})`,
  );
}

/**
 * Writes down in both halves what becomes of an appointment; the caller knows that it may.
 * @param motif why it is cancelled, sealed.
 */
export async function settle(
  asked: Ecrivant,
  row: Locked,
  acte: ActeCabinet | ActeOffre,
  { par = 'patient', motif = null }: { par?: AnnulePar | undefined; motif?: Buffer | null } = {},
): Promise<void> {
  const { tx, actor } = asked;
  const { vers } = TRANSITIONS_CABINET[acte];
  const cancels = vers === 'annule';
  const tardif =
    ACTES_TARDIFS.includes(acte) && row.debut.getTime() - actor.now.getTime() < row.preavis_annuler * 60_000;
  const at = (when: boolean) => (when ? actor.now : null);
  await query(
    tx,
    sql`UPDATE medical.rendez_vous_patients SET statut = ${vers},
          arrive_le = coalesce(${at(acte === 'arriver')}::timestamptz, arrive_le),
          appele_le = coalesce(${at(acte === 'appeler')}::timestamptz, appele_le),
          accepte_le = coalesce(${at(acte === 'accepter')}::timestamptz, accepte_le),
          termine_le = coalesce(${at(acte === 'terminer')}::timestamptz, termine_le),
          absent_le = CASE WHEN ${acte === 'arriver'} THEN NULL
            ELSE coalesce(${at(acte === 'absent')}::timestamptz, absent_le) END,
          annule_le = ${at(cancels)}::timestamptz, annule_par = ${cancels ? par : null}::text,
          tardif = ${cancels ? tardif : null}::boolean, parti = ${acte === 'partir'},
          motif_annulation = ${motif}::bytea, date_modification = ${actor.now}, version = version + 1
        WHERE id = ${row.id}`,
  );
  await recordActe(asked, { ...row, version: row.version + 1 }, acte);
  const annulation = { par: par === 'patient' ? 'client' : 'membre', tardif } as const;
  await onEngine(tx, () =>
    changerPourCabinet({ tx, actor }, row.rendez_vous_id, {
      statut: STATUT_DU_MOTEUR[vers],
      ...(cancels ? { annulation } : {}),
    }),
  );
}
