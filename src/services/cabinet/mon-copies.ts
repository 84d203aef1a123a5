import sql from 'sql-template-tag';
import { MON_COLUMNS } from '../../auth/columns';
import { query, queryOne } from '../../db/sql';
import type { NatureDemande, StatutDemande } from '../../domain/cabinet/demandes-droits';
import { invalid, notFound, unknownReference } from '../../domain/errors';
import type { Actor } from '../actor';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import type { PatientMontre } from './acces';
import { ouvrirDemande } from './demandes-droits';
import { type AskedOfMine, type OfMine, patientsOf } from './mon';
import { refuseFusionne } from './patients';

/**
 * What patients ask by right, as they follow it themselves. From their account they ask for a copy; whatever else they asked
 * for stands here with it, by whoever took it. What was asked and answered in words is the practice's to hand over.
 */

export interface MaDemande {
  id: number;
  patient_id: number;
  cabinet: { id: number; nom: string };
  nature: NatureDemande;
  statut: StatutDemande;
  recue_le: Date;
  /** No copy is given before; null where nothing is to be waited for. */
  pas_avant: Date | null;
  /** Until when it is answered. */
  echeance: Date;
  repondue_le: Date | null;
}

const COLUMNS = sql`y.id, y.patient_id, json_build_object('id', c.id, 'nom', c.nom) AS cabinet, y.nature, y.statut, y.recue_le,
  y.pas_avant, y.echeance, y.repondue_le`;
const FROM = sql`medical.demandes_droits y JOIN medical.patients p ON p.cabinet_id = y.cabinet_id AND p.id = y.patient_id
  JOIN medical.cabinets c ON c.id = y.cabinet_id`;

export const MES_DEMANDES_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  alias: 'y',
  sortable: {
    recue_le: { expression: 'y.recue_le', cast: 'timestamptz' },
    echeance: { expression: 'y.echeance', cast: 'timestamptz' },
  },
  defaultSort: '-recue_le',
};

/** What the caller asked of all their practices, and how each stands. */
export async function mesDemandes(
  { tx, access }: AskedOfMine,
  { patient_id }: OfMine,
  page: PageRequest,
): Promise<{ page: Page<MaDemande>; patients: PatientMontre[] }> {
  const mine = sql`${access.where('read', 'MonDossier', MON_COLUMNS)} AND p.fusionne_dans_id IS NULL`;
  const patients = await patientsOf(tx, mine, patient_id);
  const conditions = [mine, ...(patient_id === undefined ? [] : [sql`y.patient_id = ${patient_id}`])];
  return { page: await list<MaDemande>(tx, MES_DEMANDES_LIST, conditions, page), patients };
}

/** @throws {RegieError} `INTROUVABLE` */
export async function maDemande(
  { tx, access }: AskedOfMine,
  id: number,
): Promise<{ demande: MaDemande; patient: PatientMontre }> {
  const row = await queryOne<MaDemande & { _cabinet: number; _version: number }>(
    tx,
    sql`SELECT ${COLUMNS}, p.cabinet_id AS _cabinet, p.version AS _version FROM ${FROM}
        WHERE y.id = ${id} AND ${access.where('read', 'MonDossier', MON_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  const { _cabinet: cabinet_id, _version: version, ...demande } = row;
  return { demande, patient: { id: demande.patient_id, cabinet_id, version } };
}

/** Words for whoever answers it, who reads them in the language in which practices write. */
const DEMANDE = 'Copie du dossier, demandée par le patient depuis son compte';

/**
 * Asks a practice for a copy of what it keeps of the caller. While one that is asked for is not answered yet, whoever took it,
 * it is the one: its clocks run.
 * @throws {RegieError} `INTROUVABLE` for somebody who is nobody's patient, `VALIDATION` where it does not follow of which
 *   practice, `PATIENT_FUSIONNE`
 */
export async function demanderCopie(
  asked: AskedOfMine & { actor: Actor },
  { patient_id }: OfMine,
): Promise<{ demande: MaDemande; patient: PatientMontre }> {
  const { tx, access, actor } = asked;
  // Whoever asks twice at once asks for one.
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('mon_copie'), ${access.principal.userId})`);
  await access.confirm(tx);
  const mine = access.where('create', 'MonDossier', MON_COLUMNS);
  const found = await patientsOf(tx, mine, patient_id);
  const [patient, ...others] = found.filter(
    (one) => patient_id !== undefined || one.fusionne_dans_id === null,
  );
  if (patient === undefined) throw patient_id === undefined ? notFound() : unknownReference('patient_id');
  if (others.length > 0) throw invalid({ champ: 'patient_id', message: OF_WHICH });
  refuseFusionne(patient);
  const open = await queryOne<{ id: number }>(
    tx,
    sql`SELECT id FROM medical.demandes_droits
        WHERE cabinet_id = ${patient.cabinet_id} AND patient_id = ${patient.id} AND nature = 'acces' AND statut = 'ouverte'
        ORDER BY echeance, id LIMIT 1`,
  );
  if (open !== null) return maDemande(asked, open.id);
  const saisie = { nature: 'acces', demande: DEMANDE, ancienne: false, recue: actor.now } as const;
  const id = await ouvrirDemande(asked, patient, saisie);
  // Its key to the patient holds them from now on, and no right of a patient did before: who merged them was first.
  for (const one of await patientsOf(tx, mine, patient.id)) refuseFusionne(one);
  return maDemande(asked, id);
}

const OF_WHICH = {
  fr: 'À préciser : plusieurs cabinets vous connaissent',
  en: 'To be said: several practices know you',
};
