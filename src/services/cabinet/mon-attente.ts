import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { MON_COLUMNS } from '../../auth/columns';
import { openCabinet, openCabinets } from '../../db/medical';
import { queryOne, rfc3339Sql } from '../../db/sql';
import { refusDActe } from '../../domain/cabinet/rendez-vous';
import { notFound, RegieError } from '../../domain/errors';
import type { Souhaits, StatutAttente } from '../../domain/rendez-vous/attente';
import type { Actor } from '../actor';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import type { PatientMontre } from './acces';
import { type ActeAttente, repondre } from './attente';
import { type LieuDAttente, lockAttendus, lockOffre, proposerAuxPatients } from './attente-offres';
import { type AskedOfMine, type MonRendezVous, monRendezVous, type OfMine, patientsOf } from './mon';
import { lockedOf, lockRendezVous, settle } from './rendez-vous-lignes';

/**
 * What patients do about their own appointments from their account: they say that they do not come, and answer what is offered
 * to them. They were shown it as themselves; it is carried out in the practice that it is of, and of nothing else there.
 */

export type AskedByPatient = AskedOfMine & { actor: Actor };

/** Who waits, as they read it themselves; for what kind of appointment is not told, as of those that stand. */
export interface MonAttente extends Souhaits {
  id: number;
  patient_id: number;
  cabinet: { id: number; nom: string; telephone: string | null; fuseau_horaire: string };
  statut: StatutAttente;
  offre: {
    rendez_vous: string;
    debut: Date;
    fin: Date;
    praticien: { nom: string; prenom: string };
    expire_le: Date;
  } | null;
  date_creation: Date;
}

export const MES_ATTENTES_LIST: ListSpec = {
  columns: sql`a.id, a.patient_id, json_build_object('id', c.id, 'nom', c.nom, 'telephone', c.telephone,
      'fuseau_horaire', c.fuseau_horaire) AS cabinet,
    a.date_debut::text, a.date_fin::text, a.heure_debut, a.heure_fin, a.statut,
    (SELECT json_build_object('rendez_vous', r.uid, 'debut', ${rfc3339Sql(sql`r.debut`)}, 'fin', ${rfc3339Sql(sql`r.fin`)},
        'praticien', json_build_object('nom', u.nom, 'prenom', u.prenom), 'expire_le', ${rfc3339Sql(sql`a.offre_expire_le`)})
     FROM medical.rendez_vous_patients r
     JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id JOIN users u ON u.id = d.user_id
     WHERE r.cabinet_id = a.cabinet_id AND r.attente_id = a.id AND r.statut = 'propose') AS offre,
    a.date_creation`,
  from: sql`medical.attentes_patients a
    JOIN medical.patients p ON p.cabinet_id = a.cabinet_id AND p.id = a.patient_id
    JOIN medical.cabinets c ON c.id = a.cabinet_id`,
  alias: 'a',
  sortable: { date_creation: { expression: 'a.date_creation', cast: 'timestamptz' } },
  defaultSort: '-date_creation',
};

/** What the caller waits for, in all their practices. */
export async function mesAttentes(
  { tx, access }: AskedOfMine,
  { patient_id }: OfMine,
  page: PageRequest,
): Promise<{ page: Page<MonAttente>; patients: PatientMontre[] }> {
  const mine = sql`${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`;
  const patients = await patientsOf(tx, mine, patient_id);
  const conditions = [mine, ...(patient_id === undefined ? [] : [sql`a.patient_id = ${patient_id}`])];
  return { page: await list<MonAttente>(tx, MES_ATTENTES_LIST, conditions, page), patients };
}

/** One of them, and as whom the caller waits. @throws {RegieError} `INTROUVABLE` */
export async function monAttente(
  { tx, access }: AskedOfMine,
  id: number,
): Promise<Omit<FaitParLePatient<MonAttente>, 'suivre'>> {
  const row = await queryOne<MonAttente & { _cabinet: number; _version: number }>(
    tx,
    sql`SELECT ${MES_ATTENTES_LIST.columns}, p.cabinet_id AS _cabinet, p.version AS _version FROM ${MES_ATTENTES_LIST.from}
        WHERE a.id = ${id} AND ${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`,
  );
  if (row === null) throw notFound();
  const { _cabinet: cabinet_id, _version: version, ...fait } = row;
  return { fait, patient: { id: fait.patient_id, cabinet_id, version } };
}

interface Mien extends PatientMontre {
  fuseau_horaire: string;
}

/** The caller as the patient whom a row is of, and where it is; the row is not locked yet. */
async function mien({ tx, access }: AskedOfMine, from: Sql): Promise<Mien> {
  const row = await queryOne<Mien>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version, c.fuseau_horaire FROM ${from}
        JOIN medical.patients p ON p.cabinet_id = s.cabinet_id AND p.id = s.patient_id
        JOIN medical.cabinets c ON c.id = p.cabinet_id
        WHERE ${access.where('update', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`,
  );
  if (row === null) throw notFound();
  return row;
}

/** Runs what a patient asked for in the practice that it is of, and goes on as that patient. */
async function inTheirPractice<Result>(
  tx: EntityManager,
  cabinetId: number,
  { userId }: { userId: number },
  run: () => Promise<Result>,
): Promise<Result> {
  await openCabinet(tx, cabinetId);
  const result = await run();
  await openCabinets(tx, { userId, cabinets: [], administre: false, patient: true });
  return result;
}

/** What was done, as the caller reads it, and whose workflows have to look again. */
export interface FaitParLePatient<Shown> {
  fait: Shown;
  patient: PatientMontre;
  suivre: number[];
}

/**
 * A patient says that they do not come, as long as the practice lets it be said this way: what is freed is offered to who waits.
 * @throws {RegieError} `INTROUVABLE`, `TRANSITION_INVALIDE` for one that does not stand, `PREAVIS` when it is too late for it
 */
export async function annulerMonRendezVous(
  asked: AskedByPatient,
  uid: string,
): Promise<FaitParLePatient<MonRendezVous>> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const row = sql`(SELECT cabinet_id, patient_id FROM medical.rendez_vous_patients
                   WHERE uid = ${uid} AND (attente_id IS NULL OR accepte_le IS NOT NULL)) s`;
  const { fuseau_horaire, ...patient } = await mien(asked, row);
  const cabinet: LieuDAttente = { id: patient.cabinet_id, fuseau_horaire };
  const suivre = await inTheirPractice(tx, cabinet.id, access.principal, async () => {
    await lockRendezVous(tx, cabinet.id, uid);
    const [held] = await lockedOf(
      tx,
      sql`r.cabinet_id = ${cabinet.id} AND r.uid = ${uid} AND r.patient_id = ${patient.id}`,
    );
    // Whoever merged them with somebody else was first.
    if (held === undefined) throw notFound();
    // Asked twice, or by the practice as well: it is as they want it.
    if (held.statut === 'annule') return [];
    const detail = refusDActe(held, 'annuler', actor.now, fuseau_horaire);
    if (detail !== null || held.debut <= actor.now) {
      throw new RegieError('TRANSITION_INVALIDE', {
        ...(detail === null ? {} : { detail }),
        extensions: { statut: held.statut },
      });
    }
    if (held.debut.getTime() - actor.now.getTime() < held.preavis_annuler * MINUTE)
      throw new RegieError('PREAVIS', { detail: CALL });
    const waits = await lockAttendus(tx, cabinet.id);
    await settle(asked, held, 'annuler', { par: 'patient' });
    const offered = waits ? await proposerAuxPatients(asked, cabinet, held) : [];
    return [held.rendez_vous_id, ...offered];
  });
  return { fait: await monRendezVous(asked, uid), patient, suivre };
}

/**
 * A patient answers what is offered to them, or does not wait any more.
 * @throws {RegieError} `INTROUVABLE`, `RETENUE_EXPIREE` for an offer that is over, `TRANSITION_INVALIDE`
 */
export async function repondreAMonOffre(
  asked: AskedByPatient,
  id: number,
  acte: ActeAttente,
): Promise<FaitParLePatient<MonAttente>> {
  const { tx, access } = asked;
  await access.confirm(tx);
  const row = sql`(SELECT cabinet_id, patient_id FROM medical.attentes_patients WHERE id = ${id}) s`;
  const { fuseau_horaire, ...patient } = await mien(asked, row);
  const cabinet: LieuDAttente = { id: patient.cabinet_id, fuseau_horaire };
  const suivre = await inTheirPractice(tx, cabinet.id, access.principal, async () =>
    repondre(asked, cabinet, id, acte, await lockOffre(tx, cabinet.id, id)),
  );
  return { ...(await monAttente(asked, id)), suivre };
}

const MINUTE = 60_000;

const CALL = {
  fr: 'Trop tard pour l’annuler d’ici : appelez le cabinet',
  en: 'Too late to cancel it from here: call the practice',
};
