import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { ouvert, PATIENT_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import { type ErrorCode, type ErrorDetails, notFound, RegieError } from '../../domain/errors';
import { type Fonction, SOIGNANTS } from '../../domain/roles';
import type { Actor } from '../actor';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/**
 * Who was shown what of a patient. A row for each patient whose data an answer holds, in the transaction that read them; the
 * rows of a practice are chained, so that one that is changed or taken away shows (`acces-verification.ts`). They name
 * fields and versions, never values, and never what was searched for.
 */

export const ACTIONS_ACCES = [
  'lecture',
  'recherche',
  'liste',
  'export',
  'impression',
  'telechargement',
  'ecriture',
  'bris_de_glace',
  /** What somebody was not shown: a record that they may not open. */
  'refus',
] as const;
export type ActionAcces = (typeof ACTIONS_ACCES)[number];

/** A patient whose data are in an answer. */
export interface PatientMontre {
  id: number;
  cabinet_id: number;
  version: number;
}

export interface Acces {
  action: ActionAcces;
  categories: readonly string[];
  /** Method and pattern of the path. */
  requete: string;
  patients: readonly PatientMontre[];
}

/** A refusal that tells something of patients: it is on record like an answer, or nobody is told. */
export class RefusParlant extends RegieError {
  constructor(
    code: ErrorCode,
    details: ErrorDetails,
    readonly patients: readonly PatientMontre[],
  ) {
    super(code, details);
  }
}

/**
 * Puts on record whom an answer shows, once each. Where a record is open to the caller with a reason, by which break-glass:
 * whatever they read of that patient meanwhile, they read in an emergency.
 */
export async function recordAcces(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { action, categories, requete, patients }: Acces,
): Promise<void> {
  const shown = [...new Map(patients.map((patient) => [patient.id, patient])).values()];
  if (shown.length === 0) return;
  const { userId, sessionId, appartenances = [], enPatient = false } = access.principal;
  // What they read for follows from what they do there (HL7 v3 PurposeOfUse).
  const rows = shown.map(({ id, cabinet_id, version }) => {
    const there = appartenances.filter(({ cabinetId }) => cabinetId === cabinet_id);
    const fonctions = there.map(({ fonction }) => fonction);
    const pourQui = fonctions.some((one) => SOIGNANTS.includes(one)) ? 'TREAT' : 'HOPERAT';
    const finalite = enPatient ? 'PATRQT' : pourQui;
    return { cabinet_id, patient_id: id, version, fonctions, finalite };
  });
  await query(
    tx,
    sql`INSERT INTO medical.acces_dossier (cabinet_id, patient_id, user_id, session_id, fonctions, action, categories,
          requete, version_montree, nombre, finalite, bris_de_glace_id, correlation_id, adresse, date)
        SELECT r.cabinet_id, r.patient_id, ${userId}::integer, ${sessionId}::uuid,
               ARRAY(SELECT jsonb_array_elements_text(r.fonctions)), ${action}, ${[...categories]}::text[], ${requete},
               r.version, ${shown.length}::integer, CASE WHEN b.id IS NULL THEN r.finalite ELSE 'ETREAT' END, b.id,
               ${actor.correlationId}, ${actor.adresse}, ${actor.now}::timestamptz
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS r (cabinet_id integer, patient_id integer, version integer, fonctions jsonb, finalite text)
          LEFT JOIN LATERAL (
            SELECT o.id FROM medical.bris_de_glace o
            WHERE o.cabinet_id = r.cabinet_id AND o.patient_id = r.patient_id AND o.user_id = ${userId}
              AND ${raw(ouvert('o'))} ORDER BY o.date_debut LIMIT 1) b ON TRUE
        -- Of several practices always in one order: whoever starts a chain there waits for nobody who waits for them.
        ORDER BY r.cabinet_id, r.patient_id`,
  );
}

/** Puts on record that somebody was not shown the record of a patient. */
export function recordRefus(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { patient, requete }: { patient: PatientMontre; requete: string },
): Promise<void> {
  return recordAcces(tx, access, actor, {
    action: 'refus',
    categories: ['dossier'],
    requete,
    patients: [patient],
  });
}

/** What people read of it. */
export interface AccesRow {
  id: number;
  date: Date;
  auteur: { nom: string; prenom: string };
  fonctions: Fonction[];
  action: ActionAcces;
  categories: string[];
  requete: string;
  nombre: number;
  finalite: string;
  /** By which a record was open meanwhile that is not shared. */
  bris_de_glace_id: number | null;
}

export const ACCES_LIST: ListSpec = {
  columns: sql`a.id, a.date, json_build_object('nom', u.nom, 'prenom', u.prenom) AS auteur, a.fonctions, a.action,
    a.categories, a.requete, a.nombre, a.finalite, a.bris_de_glace_id`,
  from: sql`medical.acces_dossier a JOIN users u ON u.id = a.user_id`,
  alias: 'a',
  sortable: {
    id: { expression: 'a.id', cast: 'integer' },
    date: { expression: 'a.date', cast: 'timestamptz' },
  },
  defaultSort: '-id',
};

/**
 * Who read what of a patient, and the patient, whose row is one of what is shown.
 * @throws {RegieError} `INTROUVABLE` for a patient of whom the caller may not know it
 */
export async function listAcces(
  tx: EntityManager,
  access: Access,
  patientId: number,
  { action }: { action?: ActionAcces | undefined },
  page: PageRequest,
): Promise<{ page: Page<AccesRow>; patient: PatientMontre }> {
  const patient = await queryOne<PatientMontre>(
    tx,
    sql`SELECT p.id, p.cabinet_id, p.version FROM medical.patients p
        WHERE p.id = ${patientId} AND ${access.where('read', 'AccesDossier', PATIENT_COLUMNS)}`,
  );
  if (patient === null) throw notFound();
  const conditions: Sql[] = [
    sql`a.cabinet_id = ${patient.cabinet_id}`,
    sql`a.patient_id = ${patient.id}`,
    ...(action === undefined ? [] : [sql`a.action = ${action}`]),
  ];
  return { page: await list<AccesRow>(tx, ACCES_LIST, conditions, page), patient };
}
