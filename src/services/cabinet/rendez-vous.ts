import sql, { type Sql } from 'sql-template-tag';
import { DOSSIER_COLUMNS, RENDEZ_VOUS_CABINET_COLUMNS } from '../../auth/columns';
import type { Action } from '../../auth/permissions';
import type { Cabinet } from '../../db/cabinet/cabinets';
import { onEngine } from '../../db/medical';
import { query, queryOne } from '../../db/sql';
import {
  ACTES_QUI_LIBERENT,
  type ActeCabinet,
  type AnnulePar,
  DELAI_A_QUALIFIER,
  estAAnnuler,
  estAQualifier,
  journee,
  PATIENT_DECEDE,
  refusDActe,
  type StatutRendezVousCabinet,
} from '../../domain/cabinet/rendez-vous';
import { notFound, RegieError, unknownReference } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import { joursDeVue, joursDuMois, periodeDeJours, type Vue } from '../../domain/rendez-vous/agenda';
import { prendrePourCabinet } from '../rendez-vous/cabinet';
import { requireVersion } from '../versions';
import type { PatientMontre } from './acces';
import { lockAttendus, proposerAuxPatients } from './attente-offres';
import { CABINETS } from './cabinets';
import { becomeSoignant } from './dossiers';
import { type AskedOfPatients, createPatient, type PatientFields, requirePatientOf } from './patients';
import { type PatientTrouve, TROUVE, type TrouveRow, trouveOf } from './recherche';
import {
  insertRendezVousPatient,
  type Locked,
  lockedOf,
  lockRendezVous,
  placeOfRendezVous,
  recordActe,
  settle,
} from './rendez-vous-lignes';
import { open, openClesPatient, seal } from './sceau';
import { intervenantDe } from './types-rendez-vous';

/**
 * Appointments of a practice. Each is two halves that are written in one transaction: when somebody receives is the engine's
 * (`services/rendez-vous/cabinet.ts`), of whom it is, why they come and what became of it stands here alone
 * (docs/decisions/064). Why they come is shown to those who may open the record, and to nobody else.
 */

/** An appointment as a practice reads it. */
export interface RendezVousCabinet {
  id: number;
  cabinet_id: number;
  uid: string;
  statut: StatutRendezVousCabinet;
  debut: Date;
  fin: Date;
  surnombre: boolean;
  praticien: { id: number; nom: string };
  prestation: { slug: string; libelle: string };
  patient: PatientTrouve;
  /** For those who may open the record; nobody else reads whether there is one. */
  motif?: string | null;
  motif_annulation?: string | null;
  arrive_le: Date | null;
  appele_le: Date | null;
  termine_le: Date | null;
  absent_le: Date | null;
  annule_le: Date | null;
  annule_par: AnnulePar | null;
  tardif: boolean | null;
  /** They were there, and left without being seen. */
  parti: boolean;
  /** It stands, and whoever was to come has died by then: somebody has yet to cancel it. */
  a_annuler: boolean;
  /** The one that it took the place of, and the one that took its. */
  remplace: string | null;
  remplace_par: string | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

type Row = Omit<RendezVousCabinet, 'patient' | 'motif' | 'motif_annulation' | 'a_annuler'> & {
  patient: TrouveRow;
  fuseau_horaire: string;
  ouvert: boolean;
  motif: Buffer | null;
  motif_annulation: Buffer | null;
};

/** Whom an answer shows. */
export function montresOf(rendezVous: readonly RendezVousCabinet[]): PatientMontre[] {
  return rendezVous.map(({ patient: { id, cabinet_id, version } }) => ({ id, cabinet_id, version }));
}

/** Those that the caller may read, in the order in which they begin: two statements, however many. @param which on `r` */
async function readRows(
  { tx, access, secrets }: Omit<AskedOfPatients, 'actor'>,
  which: Sql,
  order: Sql = sql`r.debut, r.id`,
  limit = MAX_RENDEZ_VOUS,
): Promise<RendezVousCabinet[]> {
  const rows = await query<Row>(
    tx,
    sql`SELECT r.id, r.cabinet_id, r.uid, r.statut, r.debut, r.fin, r.surnombre, r.arrive_le, r.appele_le, r.termine_le,
          r.absent_le, r.annule_le, r.annule_par, r.tardif, r.parti, r.date_creation, r.date_modification, r.version,
          json_build_object('id', d.id, 'nom', concat_ws(' ', d.titre, u.prenom, u.nom)) AS praticien,
          json_build_object('slug', t.slug, 'libelle', t.libelle) AS prestation,
          (SELECT row_to_json(found) FROM (SELECT ${TROUVE}) found) AS patient,
          c.fuseau_horaire, o.ouvert, CASE WHEN o.ouvert THEN r.motif END AS motif,
          CASE WHEN o.ouvert THEN r.motif_annulation END AS motif_annulation,
          (SELECT q.uid FROM medical.rendez_vous_patients q WHERE q.id = r.remplace_id) AS remplace,
          (SELECT q.uid FROM medical.rendez_vous_patients q WHERE q.remplace_id = r.id) AS remplace_par
        FROM medical.rendez_vous_patients r
        JOIN medical.cabinets c ON c.id = r.cabinet_id
        JOIN medical.patients p ON p.cabinet_id = r.cabinet_id AND p.id = r.patient_id
        JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id JOIN users u ON u.id = d.user_id
        JOIN medical.types_rendez_vous t ON t.cabinet_id = r.cabinet_id AND t.id = r.type_id
        CROSS JOIN LATERAL (SELECT ${access.where('read', 'Dossier', DOSSIER_COLUMNS)} AS ouvert) o
        WHERE ${which} AND ${access.where('read', 'RendezVousCabinet', RENDEZ_VOUS_CABINET_COLUMNS)}
        ORDER BY ${order} LIMIT ${limit}`,
  );
  const sealed = rows.filter(({ motif, motif_annulation }) => motif !== null || motif_annulation !== null);
  const cles = await openClesPatient(tx, secrets, [...new Set(sealed.map(({ patient }) => patient.id))]);
  return rows.map(({ ouvert, motif, motif_annulation, patient, fuseau_horaire, ...row }) => {
    const read = (champ: 'motif' | 'motif_annulation', value: Buffer | null) =>
      value === null
        ? null
        : (open(
            cles.get(patient.id)!,
            placeOfRendezVous(row.cabinet_id, patient.id, row.id, champ),
            value,
          ) as string);
    const told = {
      motif: read('motif', motif),
      motif_annulation: read('motif_annulation', motif_annulation),
    };
    const a_annuler = estAAnnuler(row, patient.date_deces, fuseau_horaire);
    return { ...row, a_annuler, patient: trouveOf(patient), ...(ouvert ? told : {}) };
  });
}

/** Of one answer: whoever is shown is on record. */
export const MAX_RENDEZ_VOUS = 1_000;

/** @throws {RegieError} `INTROUVABLE` */
export async function readRendezVousCabinet(
  asked: Omit<AskedOfPatients, 'actor'>,
  cabinetId: number,
  uid: string,
): Promise<RendezVousCabinet> {
  return only(await readRows(asked, sql`r.cabinet_id = ${cabinetId} AND r.uid = ${uid}`));
}

/** The same by its number. @throws {RegieError} `INTROUVABLE` */
export async function readRendezVousCabinetById(
  asked: Omit<AskedOfPatients, 'actor'>,
  id: number,
): Promise<RendezVousCabinet> {
  return only(await readRows(asked, sql`r.id = ${id}`));
}

function only([row]: RendezVousCabinet[]): RendezVousCabinet {
  if (row === undefined) throw notFound();
  return row;
}

export interface AgendaCabinet {
  vue: Vue;
  fuseau_horaire: string;
  jours: string[];
  /** Whether these are all: there are never more than {@link MAX_RENDEZ_VOUS}. */
  complet: boolean;
  rendez_vous: RendezVousCabinet[];
}

/**
 * A day, a week or a month of a practice, without what was cancelled. A month is its own days and none of those beside it: whoever is
 * shown is on record, and nobody is for filling up a week.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function readAgendaCabinet(
  asked: AskedOfPatients,
  cabinetId: number,
  { vue, date, praticien_id }: { vue: Vue; date?: string | undefined; praticien_id?: number[] | undefined },
): Promise<AgendaCabinet> {
  const { tx, access, actor } = asked;
  const { fuseau_horaire } = await CABINETS.read(tx, access, cabinetId);
  const day = date ?? dayAt(actor.now.getTime(), fuseau_horaire);
  const jours = vue === 'mois' ? joursDuMois(day) : joursDeVue(vue, day);
  const [debut, fin] = periodeDeJours(jours, fuseau_horaire);
  const praticiens = praticien_id ?? null;
  const found = await readRows(
    asked,
    sql`r.cabinet_id = ${cabinetId} AND r.statut <> 'annule' AND r.debut >= ${new Date(debut)} AND r.debut < ${new Date(fin)}
        AND (${praticiens}::integer[] IS NULL OR r.praticien_id = ANY(${praticiens}::integer[]))`,
    sql`r.debut, r.id`,
    MAX_RENDEZ_VOUS + 1,
  );
  const complet = found.length <= MAX_RENDEZ_VOUS;
  return { vue, fuseau_horaire, jours, complet, rendez_vous: found.slice(0, MAX_RENDEZ_VOUS) };
}

/** Who is there, and with whom, in the order in which they came. @throws {RegieError} `INTROUVABLE` */
export async function readSalleAttente(
  asked: AskedOfPatients,
  cabinetId: number,
): Promise<RendezVousCabinet[]> {
  const { tx, access, actor } = asked;
  const { fuseau_horaire } = await CABINETS.read(tx, access, cabinetId);
  const { debut, fin } = journee(actor.now, fuseau_horaire);
  return readRows(
    asked,
    sql`r.cabinet_id = ${cabinetId} AND r.statut IN ('arrive', 'en_consultation') AND r.arrive_le >= ${debut}
        AND r.arrive_le < ${fin}`,
    sql`r.arrive_le, r.id`,
  );
}

/** So many are asked about at a time. */
export const MAX_A_QUALIFIER = 200;

/**
 * Of which somebody has yet to say what becomes of them: whose hour is past, and those to come of who has died; the oldest first.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function readAQualifier(
  asked: AskedOfPatients,
  cabinetId: number,
): Promise<RendezVousCabinet[]> {
  const { tx, access, actor } = asked;
  await CABINETS.read(tx, access, cabinetId);
  const since = new Date(actor.now.getTime() - DELAI_A_QUALIFIER);
  const found = await readRows(
    asked,
    sql`r.cabinet_id = ${cabinetId} AND r.statut = 'confirme' AND (r.debut <= ${since} OR p.date_deces IS NOT NULL)`,
    sql`r.debut, r.id`,
    MAX_A_QUALIFIER,
  );
  return found.filter((row) => row.a_annuler || estAQualifier(row, actor.now));
}

export interface PriseFields {
  /** One of these. */
  patient_id?: number | undefined;
  nouveau_patient?: PatientFields | undefined;
  praticien_id: number;
  /** The slug of a kind of appointment. */
  prestation: string;
  debut: Date;
  /** Minutes. */
  duree?: number | undefined;
  surnombre: boolean;
  motif: string | null;
}

/** What was made or changed, and whose workflows have to look again. */
export interface Ecrit {
  rendezVous: RendezVousCabinet;
  suivre: number[];
}

/**
 * Books for a patient.
 * @throws {RegieError} `INTROUVABLE` for a practice that the caller may not see, `INTERDIT`, `VALIDATION`, and with what else
 *   is free `CRENEAU_PRIS`, `PREAVIS`, `HORS_FENETRE`, `HORS_DISPONIBILITE`
 */
export async function prendreRendezVous(
  asked: AskedOfPatients,
  cabinetId: number,
  fields: PriseFields,
): Promise<Ecrit> {
  const { tx, access } = asked;
  await access.confirm(tx);
  const cabinet = await CABINETS.read(tx, access, cabinetId);
  access.require('create', 'RendezVousCabinet', { cabinet_id: cabinetId });
  const patient =
    fields.nouveau_patient === undefined
      ? await requirePatientOf(asked, cabinetId, fields.patient_id!)
      : await createPatient(asked, cabinetId, fields.nouveau_patient);
  const pris = await book(asked, cabinet, patient, fields, null);
  return { rendezVous: await readRendezVousCabinetById(asked, pris.id), suivre: [pris.rendezVousId] };
}

/** Takes the time, and ties it to the patient. @param remplace the id of the one that it takes the place of. */
async function book(
  asked: AskedOfPatients,
  { id: cabinetId, fuseau_horaire }: Pick<Cabinet, 'id' | 'fuseau_horaire'>,
  patient: Pick<PatientMontre, 'id' | 'cabinet_id'>,
  { praticien_id, prestation, debut, duree, surnombre, motif }: PriseFields,
  remplace: number | null,
): Promise<{ id: number; rendezVousId: number }> {
  const { tx, access, actor, secrets } = asked;
  const intervenant = await intervenantDe(tx, cabinetId, praticien_id);
  if (intervenant === null) throw unknownReference('praticien_id');
  const type = await queryOne<{ id: number; assure: boolean }>(
    tx,
    sql`SELECT t.id, EXISTS (SELECT FROM moteur.prestations_intervenants pi
          WHERE pi.prestation_id = t.prestation_id AND pi.intervenant_id = ${intervenant.id}) AS assure
        FROM medical.types_rendez_vous t WHERE t.cabinet_id = ${cabinetId} AND t.slug = ${prestation} AND t.actif`,
  );
  if (type === null) throw unknownReference('prestation');
  if (!type.assure) throw unknownReference('praticien_id');
  const pris = await onEngine(tx, () =>
    prendrePourCabinet(
      { tx, actor, timeZone: fuseau_horaire },
      { slug: prestation, intervenantId: intervenant.id, debut, duree, surnombre },
    ),
  );
  // It may have waited for others who book the same.
  await access.confirm(tx);
  access.require('create', 'RendezVousCabinet', { cabinet_id: cabinetId });
  const cle = motif === null ? null : (await openClesPatient(tx, secrets, [patient.id])).get(patient.id)!;
  const id = await insertRendezVousPatient(tx, {
    ...{ cabinetId, patientId: patient.id, praticien_id, typeId: type.id, remplace },
    ...{ statut: 'confirme', attente: null },
    ...{ rendezVousId: pris.id, uid: pris.uid, debut: pris.debut, fin: pris.fin, surnombre: pris.surnombre },
    motif: (ligne) => cle && seal(cle, placeOfRendezVous(cabinetId, patient.id, ligne, 'motif'), motif),
  });
  await recordActe(asked, { id, cabinet_id: cabinetId, version: 1 }, 'prendre');
  await becomeSoignant(tx, patient, intervenant.user_id, actor.now);
  return { id, rendezVousId: pris.id };
}

/** Which right each asks for: who comes and goes is the desk's, who is seen is said by whom they see. */
export const ACTION_OF: Readonly<Record<ActeCabinet, Action>> = {
  arriver: 'update',
  absent: 'update',
  reporter: 'update',
  annuler: 'cancel',
  partir: 'cancel',
  appeler: 'move',
  terminer: 'move',
};

export interface CorpsCabinet {
  /** Of `annuler` and `reporter`: whose wish it is. */
  par?: AnnulePar | undefined;
  /** Of `annuler`. */
  motif?: string | undefined;
  /** Of `reporter`: when, and where it is another one, how long, with whom and what. */
  debut?: Date | undefined;
  duree?: number | undefined;
  praticien_id?: number | undefined;
  prestation?: string | undefined;
  surnombre?: boolean | undefined;
}

/**
 * Says what becomes of an appointment.
 * @param expected version named by the caller, or null.
 * @returns it; of `reporter` the one that takes its place.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `TRANSITION_INVALIDE`, and of `reporter` as
 *   {@link prendreRendezVous}
 */
export async function changerRendezVous(
  asked: AskedOfPatients,
  cabinetId: number,
  uid: string,
  acte: ActeCabinet,
  corps: CorpsCabinet,
  expected: number | null,
): Promise<Ecrit> {
  const { tx, access, actor } = asked;
  await lockRendezVous(tx, cabinetId, uid);
  await access.confirm(tx);
  const cabinet = await CABINETS.read(tx, access, cabinetId);
  const [row] = await lockedOf(
    tx,
    sql`r.cabinet_id = ${cabinetId} AND r.uid = ${uid}
        AND ${access.where('read', 'RendezVousCabinet', RENDEZ_VOUS_CABINET_COLUMNS)}`,
  );
  if (row === undefined) throw notFound();
  access.require(ACTION_OF[acte], 'RendezVousCabinet', {
    cabinet_id: cabinetId,
    praticien: { user_id: row.user_id },
  });
  requireVersion(row, expected);
  const detail =
    acte === 'reporter' && row.decede
      ? PATIENT_DECEDE
      : refusDActe(row, acte, actor.now, cabinet.fuseau_horaire);
  if (detail !== null) {
    throw new RegieError('TRANSITION_INVALIDE', { detail, extensions: { statut: row.statut } });
  }
  const isMoved = acte === 'reporter';
  const waits =
    ACTES_QUI_LIBERENT.includes(acte) &&
    (await lockAttendus(tx, cabinetId, isMoved ? [corps.prestation ?? row.slug] : []));
  await settle(asked, row, acte, { par: corps.par, motif: await scelle(asked, row, corps.motif) });
  const next = isMoved ? await bookInstead(asked, cabinet, row, corps) : null;
  const proposes = waits ? await proposerAuxPatients(asked, cabinet, row) : [];
  const suivre = [row.rendez_vous_id, ...(next === null ? [] : [next.rendezVousId]), ...proposes];
  return { rendezVous: await readRendezVousCabinetById(asked, next?.id ?? row.id), suivre };
}

/** Why it is cancelled, sealed; null where nobody says. */
async function scelle(
  { tx, secrets }: AskedOfPatients,
  { cabinet_id, patient_id, id }: Locked,
  motif: string | undefined,
): Promise<Buffer | null> {
  if (motif === undefined) return null;
  const cle = (await openClesPatient(tx, secrets, [patient_id])).get(patient_id)!;
  return seal(cle, placeOfRendezVous(cabinet_id, patient_id, id, 'motif_annulation'), motif);
}

/** Another one in its place. */
async function bookInstead(
  asked: AskedOfPatients,
  cabinet: Cabinet,
  row: Locked,
  corps: CorpsCabinet,
): Promise<{ id: number; rendezVousId: number }> {
  return book(
    asked,
    cabinet,
    { id: row.patient_id, cabinet_id: row.cabinet_id },
    {
      praticien_id: corps.praticien_id ?? row.praticien_id,
      prestation: corps.prestation ?? row.slug,
      debut: corps.debut!,
      duree: corps.duree ?? (corps.prestation === undefined ? minutesOf(row) : undefined),
      surnombre: corps.surnombre ?? false,
      motif: await motifOf(asked, row),
    },
    row.id,
  );
}

const minutesOf = ({ debut, fin }: Locked) => (fin.getTime() - debut.getTime()) / 60_000;

/** Why they come, from one appointment to the next: whoever moves it need not be one who may read it. */
async function motifOf(
  { tx, secrets }: AskedOfPatients,
  { cabinet_id, patient_id, id, motif }: Locked,
): Promise<string | null> {
  if (motif === null) return null;
  const cle = (await openClesPatient(tx, secrets, [patient_id])).get(patient_id)!;
  return open(cle, placeOfRendezVous(cabinet_id, patient_id, id, 'motif'), motif) as string;
}
