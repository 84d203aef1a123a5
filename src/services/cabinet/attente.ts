import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { ATTENTE_PATIENT_COLUMNS } from '../../auth/columns';
import { queryOne, rfc3339Sql } from '../../db/sql';
import { type FieldFault, notFound, unknownReference } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import type { Souhaits, StatutAttente } from '../../domain/rendez-vous/attente';
import { refuseDuplicate } from '../duplicates';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { faultsOfSouhaits } from '../rendez-vous/attente';
import { refuse } from '../rendez-vous/references';
import type { PatientMontre } from './acces';
import {
  accepterOffre,
  type LieuDAttente,
  lockAttendus,
  lockOffre,
  proposerAuxPatients,
  renoncer,
} from './attente-offres';
import { CABINETS } from './cabinets';
import { type AskedOfPatients, requirePatientOf } from './patients';
import { type PatientTrouve, TROUVE, type TrouveRow, trouveOf } from './recherche';
import type { Ecrivant, Locked } from './rendez-vous-lignes';
import { drawId } from './tirage';

/** Who waits for a time of a practice, as its desk has it. What is offered to them stands in `attente-offres.ts`. */

export interface AttentePatient extends Souhaits {
  id: number;
  cabinet_id: number;
  patient: PatientTrouve;
  prestation: { slug: string; libelle: string };
  /** Null for whoever receives. */
  praticien: { id: number; nom: string } | null;
  duree: number | null;
  statut: StatutAttente;
  /** How many in the practice come before them, and one; null for who does not wait. */
  position: number | null;
  /** What is held for them, until when. */
  offre: { rendez_vous: string; debut: Date; fin: Date; praticien: string; expire_le: Date } | null;
  offres_manquees: number;
  /** The uid of what they took. */
  rendez_vous: string | null;
  date_creation: Date;
  date_modification: Date;
  version: number;
}

type Row = Omit<AttentePatient, 'patient'> & { patient: TrouveRow };

const NOM = sql`concat_ws(' ', d.titre, u.prenom, u.nom)`;

/** Time and doctor of the appointment of those who wait `a` that is in a state. */
function rendezVousDe(shown: Sql, which: Sql): Sql {
  return sql`(SELECT ${shown} FROM medical.rendez_vous_patients r
    JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id JOIN users u ON u.id = d.user_id
    WHERE r.cabinet_id = a.cabinet_id AND r.attente_id = a.id AND ${which})`;
}

export const ATTENTE_PATIENT_LIST: ListSpec = {
  columns: sql`a.id, a.cabinet_id, (SELECT row_to_json(found) FROM (SELECT ${TROUVE}) found) AS patient,
    json_build_object('slug', t.slug, 'libelle', t.libelle) AS prestation,
    CASE WHEN d.id IS NOT NULL THEN json_build_object('id', d.id, 'nom', ${NOM}) END AS praticien,
    a.duree, a.date_debut::text, a.date_fin::text, a.heure_debut, a.heure_fin, a.statut, a.offres_manquees,
    CASE WHEN a.statut = 'en_attente' THEN (SELECT count(*)::integer + 1 FROM medical.attentes_patients o
      WHERE o.cabinet_id = a.cabinet_id AND o.statut = 'en_attente'
        AND (o.date_creation, o.id) < (a.date_creation, a.id)) END AS position,
    ${rendezVousDe(
      sql`json_build_object('rendez_vous', r.uid, 'debut', ${rfc3339Sql(sql`r.debut`)}, 'fin', ${rfc3339Sql(sql`r.fin`)}, 'praticien', ${NOM},
        'expire_le', ${rfc3339Sql(sql`a.offre_expire_le`)})`,
      sql`r.statut = 'propose'`,
    )} AS offre,
    ${rendezVousDe(sql`r.uid`, sql`r.accepte_le IS NOT NULL`)} AS rendez_vous,
    a.date_creation, a.date_modification, a.version`,
  from: sql`medical.attentes_patients a
    JOIN medical.patients p ON p.cabinet_id = a.cabinet_id AND p.id = a.patient_id
    JOIN medical.types_rendez_vous t ON t.cabinet_id = a.cabinet_id AND t.id = a.type_id
    LEFT JOIN (medical.praticiens d JOIN users u ON u.id = d.user_id) ON d.cabinet_id = a.cabinet_id AND d.id = a.praticien_id`,
  alias: 'a',
  sortable: {
    date_creation: { expression: 'a.date_creation', cast: 'timestamptz' },
    date_debut: { expression: 'a.date_debut::text', cast: 'text' },
  },
  defaultSort: 'date_creation',
};

const shownOf = <Stored extends { patient: TrouveRow }>({ patient, ...row }: Stored) => ({
  ...row,
  patient: trouveOf(patient),
});

/** Whom an answer shows. */
export function montresDAttente(attentes: readonly Pick<AttentePatient, 'patient'>[]): PatientMontre[] {
  return attentes.map(({ patient: { id, cabinet_id, version } }) => ({ id, cabinet_id, version }));
}

/** Who waits in a practice, the first first. @throws {RegieError} `INTROUVABLE` */
export async function listAttentes(
  { tx, access }: Omit<AskedOfPatients, 'actor'>,
  cabinetId: number,
  { statut }: { statut?: readonly StatutAttente[] | undefined },
  page: PageRequest,
): Promise<Page<AttentePatient>> {
  await CABINETS.read(tx, access, cabinetId);
  const conditions = [
    sql`a.cabinet_id = ${cabinetId}`,
    access.where('read', 'RendezVousCabinet', ATTENTE_PATIENT_COLUMNS),
    ...(statut === undefined ? [] : [sql`a.statut = ANY(${statut}::text[])`]),
  ];
  const found = await list<Row>(tx, ATTENTE_PATIENT_LIST, conditions, page);
  return { ...found, rows: found.rows.map(shownOf) };
}

/** @param cabinetId where it has to be, if anywhere. @throws {RegieError} `INTROUVABLE` */
export async function readAttente(
  { tx, access }: Pick<AskedOfPatients, 'tx' | 'access'>,
  id: number,
  cabinetId: number | null = null,
): Promise<AttentePatient> {
  const row = await queryOne<Row>(
    tx,
    sql`SELECT ${ATTENTE_PATIENT_LIST.columns} FROM ${ATTENTE_PATIENT_LIST.from}
        WHERE a.id = ${id} AND a.cabinet_id = coalesce(${cabinetId}::integer, a.cabinet_id) AND ${access.where('read', 'RendezVousCabinet', ATTENTE_PATIENT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return shownOf(row);
}

export interface InscriptionPatient extends Souhaits {
  patient_id: number;
  /** The slug of a kind of appointment. */
  prestation: string;
  praticien_id: number | null;
  duree: number | null;
}

/** What was written, and whose workflows have to look again. */
export interface AttenteEcrite {
  attente: AttentePatient;
  suivre: number[];
}

/**
 * Puts a patient on the list of a practice; a time that is free and suits them is offered at once, when it is their turn.
 * @throws {RegieError} `INTROUVABLE` for a practice that the caller may not see, `INTERDIT`, `VALIDATION`, `PATIENT_FUSIONNE`,
 *   and `DEJA_EXISTANT` for who waits for it already
 */
export async function inscrirePatient(
  asked: AskedOfPatients,
  cabinetId: number,
  inscription: InscriptionPatient,
): Promise<AttenteEcrite> {
  const { tx, access, actor } = asked;
  await access.confirm(tx);
  const cabinet = await CABINETS.read(tx, access, cabinetId);
  access.require('create', 'RendezVousCabinet', { cabinet_id: cabinetId });
  const patient = await requirePatientOf(asked, cabinetId, inscription.patient_id);
  const typeId = await typeDe(tx, cabinetId, inscription);
  refuse(faultsOfSouhaits(inscription, dayAt(actor.now.getTime(), cabinet.fuseau_horaire)));
  const detail = { fr: 'Attend déjà ce rendez-vous', en: 'Waits for this appointment already' };
  const id = await refuseDuplicate('attentes_patients_une_fois', detail, () =>
    insertAttente(tx, { ...inscription, cabinetId, typeId, patient_id: patient.id }, actor.now),
  );
  await lockAttendus(tx, cabinetId);
  // It may have waited for others who take what it may be offered.
  await access.confirm(tx);
  const suivre = await proposerAuxPatients(asked, cabinet, null);
  return { attente: await readAttente(asked, id), suivre };
}

async function typeDe(
  tx: EntityManager,
  cabinetId: number,
  { prestation, praticien_id, duree }: InscriptionPatient,
): Promise<number> {
  const type = await queryOne<{ id: number; durees: number[]; assure: boolean }>(
    tx,
    sql`SELECT t.id, f.durees, EXISTS (SELECT FROM moteur.prestations_intervenants pi
            JOIN moteur.intervenants v ON v.id = pi.intervenant_id JOIN medical.praticiens d ON d.user_id = v.user_id
          WHERE pi.prestation_id = t.prestation_id AND d.cabinet_id = t.cabinet_id AND d.actif
            AND d.id = coalesce(${praticien_id}::integer, d.id)) AS assure
        FROM medical.types_rendez_vous t JOIN moteur.prestations f ON f.id = t.prestation_id
        WHERE t.cabinet_id = ${cabinetId} AND t.slug = ${prestation} AND t.actif`,
  );
  if (type === null) throw unknownReference('prestation');
  if (praticien_id !== null && !type.assure) throw unknownReference('praticien_id');
  const faults: FieldFault[] =
    duree === null || type.durees.includes(duree)
      ? []
      : [
          {
            champ: 'duree',
            message: { fr: 'N’est pas une durée de ce type', en: 'Is not a length of this kind' },
          },
        ];
  refuse(faults);
  return type.id;
}

interface Inserted extends InscriptionPatient {
  cabinetId: number;
  typeId: number;
}

/** Under an id that nobody has: drawn, so that it tells of no other practice's. */
async function insertAttente(tx: EntityManager, row: Inserted, now: Date): Promise<number> {
  const id = drawId();
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO medical.attentes_patients (id, cabinet_id, patient_id, type_id, praticien_id, date_debut, date_fin,
          heure_debut, heure_fin, duree, date_creation, date_modification)
        VALUES (${id}, ${row.cabinetId}, ${row.patient_id}, ${row.typeId}, ${row.praticien_id}::integer, ${row.date_debut},
          ${row.date_fin}, ${row.heure_debut}::text, ${row.heure_fin}::text, ${row.duree}::integer, ${now}, ${now})
        ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
  return inserted?.id ?? insertAttente(tx, row, now);
}

/** What somebody who waits, or the desk for them, says to an offer; `quitter` also where there is none. */
export const ACTES_ATTENTE = ['accepter', 'decliner', 'quitter'] as const;
export type ActeAttente = (typeof ACTES_ATTENTE)[number];

/**
 * The desk says what a patient answered who waits.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `RETENUE_EXPIREE` for an offer that is over, `TRANSITION_INVALIDE`
 */
export async function repondrePourPatient(
  asked: AskedOfPatients,
  cabinetId: number,
  id: number,
  acte: ActeAttente,
): Promise<AttenteEcrite> {
  const { tx, access } = asked;
  const offre = await lockOffre(tx, cabinetId, id);
  await access.confirm(tx);
  const cabinet = await CABINETS.read(tx, access, cabinetId);
  const { cabinet_id } = await readAttente(asked, id, cabinetId);
  access.require('update', 'RendezVousCabinet', { cabinet_id });
  const suivre = await repondre(asked, cabinet, id, acte, offre);
  return { attente: await readAttente(asked, id), suivre };
}

/** Carries out an answer; the caller has asked for rights. @returns whose workflows have to look again */
export async function repondre(
  ecrivant: Ecrivant,
  cabinet: LieuDAttente,
  id: number,
  acte: ActeAttente,
  offre: Locked | null,
): Promise<number[]> {
  if (acte === 'accepter') return [(await accepterOffre(ecrivant, cabinet.id, id, offre)).rendez_vous_id];
  return renoncer(ecrivant, cabinet, id, { offre, quitte: acte === 'quitter' });
}
