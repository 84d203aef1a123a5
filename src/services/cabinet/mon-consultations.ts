import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { MON_COLUMNS } from '../../auth/columns';
import { query } from '../../db/sql';
import { type Note, PARTIES, type StatutConsultation } from '../../domain/cabinet/consultations';
import type { Contenus, StatutElement } from '../../domain/cabinet/elements';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import type { PatientMontre } from './acces';
import { type Acte, type Consultation, renderConsultations } from './consultations';
import { COLUMNS, type ConsultationRow, FROM } from './consultations-lignes';
import type { Element } from './elements';
import { type AskedOfMine, type Lieu, type OfMine, patientsOf } from './mon';
import { openClesPatient } from './sceau';

/**
 * Consultations as their patient reads them: those that were signed and published by whoever signed them, as they were signed,
 * with what was added since. What a doctor writes for themselves is not in them, nor what was learnt from others, which is an
 * antecedent and never part of a consultation.
 */

/** Something that was measured or found, as its patient reads it: one in error is said to be. */
type Trouve<N extends 'constante' | 'diagnostic'> = Contenus[N] & {
  id: number;
  date_effet: Date;
  statut: StatutElement;
};

/** Something that was said of it later, and by whom. */
type ActeLu = Pick<Acte, 'date'> & { auteur: { nom: string; prenom: string } };

export interface MaConsultation extends Note {
  id: number;
  patient_id: number;
  cabinet: Lieu;
  auteur: { nom: string; prenom: string };
  date: Date;
  statut: StatutConsultation;
  constantes: Trouve<'constante'>[];
  diagnostics: Trouve<'diagnostic'>[];
  signee_le: Date;
  publiee_le: Date;
  /** In the order in which they were added. */
  addenda: (ActeLu & { texte: string })[];
  /** That it does not hold. */
  invalidation: (ActeLu & { motif: string }) | null;
}

/** A page of them. */
type Lues = Omit<Page<unknown>, 'rows'> & { rows: MaConsultation[] };

export const MES_CONSULTATIONS_LIST: ListSpec = {
  columns: sql`s.id, s.cabinet_id, s.patient_id, json_build_object('id', c.id, 'nom', c.nom, 'adresse', c.adresse,
    'telephone', c.telephone) AS cabinet`,
  from: sql`medical.consultations s JOIN medical.patients p ON p.cabinet_id = s.cabinet_id AND p.id = s.patient_id
    JOIN medical.cabinets c ON c.id = s.cabinet_id`,
  alias: 's',
  sortable: {
    date: { expression: 's.date', cast: 'timestamptz' },
    publiee_le: { expression: 's.publiee_le', cast: 'timestamptz' },
  },
  defaultSort: '-date',
};

/**
 * What the caller may read of their consultations, in all their practices; three statements for each of these that is in a page.
 * @throws {Error} when one is not what was signed
 */
export async function mesConsultations(
  asked: AskedOfMine,
  { patient_id }: OfMine,
  page: PageRequest,
): Promise<{ page: Lues; patients: PatientMontre[] }> {
  const { tx, access, secrets } = asked;
  const mine = sql`${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`;
  const patients = await patientsOf(tx, mine, patient_id);
  const conditions = [
    mine,
    sql`s.publiee_le IS NOT NULL`,
    ...(patient_id === undefined ? [] : [sql`s.patient_id = ${patient_id}`]),
  ];
  const found = await list<Pick<MaConsultation, 'id' | 'patient_id' | 'cabinet'>>(
    tx,
    MES_CONSULTATIONS_LIST,
    conditions,
    page,
  );
  const shown = new Set(found.rows.map((row) => row.patient_id));
  const keys = await openClesPatient(tx, secrets, [...shown]);
  const read = new Map<number, Consultation>();
  for (const patient of patients.filter(({ id }) => shown.has(id))) {
    const ids = found.rows.filter((row) => row.patient_id === patient.id).map(({ id }) => id);
    const dossier = { patient, cle: keys.get(patient.id)! };
    for (const one of await renderConsultations(asked, dossier, await rowsOf(tx, patient, ids))) {
      read.set(one.id, one);
    }
  }
  const rows = found.rows.map(({ id, cabinet }) => lue(read.get(id)!, cabinet));
  return { page: { ...found, rows }, patients };
}

function rowsOf(
  tx: EntityManager,
  { id, cabinet_id }: PatientMontre,
  ids: readonly number[],
): Promise<ConsultationRow[]> {
  return query<ConsultationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM}
        WHERE s.cabinet_id = ${cabinet_id} AND s.patient_id = ${id} AND s.id = ANY(${[...ids]}::integer[])`,
  );
}

/** What of a consultation is its patient's to read, field by field: one that is added to it is not shown by that. */
function lue(consultation: Consultation, cabinet: Lieu): MaConsultation {
  const { id, patient_id, auteur, date, statut, constantes, diagnostics, invalidation } = consultation;
  return {
    ...{ id, patient_id, cabinet, auteur: nommee(auteur), date, statut },
    ...(Object.fromEntries(PARTIES.map((partie) => [partie, consultation[partie]])) as Note),
    constantes: constantes.map(trouve),
    diagnostics: diagnostics.map(trouve),
    signee_le: consultation.signature!.date,
    publiee_le: consultation.publiee_le!,
    addenda: consultation.addenda.map(({ texte, ...acte }) => ({ ...acteLu(acte), texte })),
    invalidation: invalidation === null ? null : { ...acteLu(invalidation), motif: invalidation.motif },
  };
}

function nommee({ nom, prenom }: { nom: string; prenom: string }): { nom: string; prenom: string } {
  return { nom, prenom };
}

function acteLu({ auteur, date }: Acte): ActeLu {
  return { auteur: nommee(auteur), date };
}

function trouve<N extends 'constante' | 'diagnostic'>({
  id,
  date_effet,
  statut,
  contenu,
}: Element<N>): Trouve<N> {
  return { ...contenu, id, date_effet, statut };
}
