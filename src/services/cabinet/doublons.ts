import sql from 'sql-template-tag';
import { PATIENT_COLUMNS } from '../../auth/columns';
import { query } from '../../db/sql';
import { ecart, motsDuNom } from '../../domain/cabinet/recherche';
import type { Asked } from '../crud';
import type { PatientMontre } from './acces';
import { requirePatient } from './patients';
import { type PatientTrouve, TROUVE, type TrouveRow, trouveOf } from './recherche';

/** Patients of a practice who may be the same person: who says so is somebody who looks at both. */

export const RAISONS = ['identifiant', 'telephone', 'email', 'noms_et_naissance'] as const;
export type Raison = (typeof RAISONS)[number];

export type Doublon = PatientTrouve & { raisons: Raison[] };

/** Answered at most, those with the most reasons first. */
export const MAX_DOUBLONS = 20;
const MAX_CANDIDATS = 200;

/**
 * Others of the same practice who share a number with a patient, or their names, in any order and but for small errors, with a
 * birth date that may be the same; and the patient, who is one of what is shown.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function findDoublons(
  { tx, access }: Pick<Asked, 'tx' | 'access'>,
  id: number,
): Promise<{ doublons: Doublon[]; patient: PatientMontre }> {
  const patient = await requirePatient({ tx, access }, id);
  const found = await query<Row>(
    tx,
    sql`SELECT c.*, s.recherche AS sienne, s.nom_naissance AS son_nom, s.prenoms AS ses_prenoms FROM (
          SELECT ${TROUVE},
                 EXISTS (SELECT FROM medical.identifiants_patient i JOIN medical.identifiants_patient j
                           ON j.cabinet_id = i.cabinet_id AND j.type = i.type AND j.empreinte = i.empreinte
                         WHERE i.cabinet_id = p.cabinet_id AND i.patient_id = p.id AND j.patient_id = ${id}) AS identifiant,
                 coalesce(p.telephone_empreinte = o.telephone_empreinte, false) AS telephone,
                 coalesce(p.email_empreinte = o.email_empreinte, false) AS email,
                 -- As far as both are known.
                 left(p.date_naissance::text, least(p.longueur, o.longueur))
                   = left(o.date_naissance::text, least(p.longueur, o.longueur)) AS naissance_possible
          FROM (SELECT *, ${LONGUEUR} AS longueur FROM medical.patients) p
          JOIN (SELECT *, ${LONGUEUR} AS longueur FROM medical.patients) o ON o.id = ${id} AND o.cabinet_id = p.cabinet_id
          WHERE p.id <> ${id} AND p.fusionne_dans_id IS NULL AND ${access.where('read', 'Patient', PATIENT_COLUMNS)}
          OFFSET 0) c
        JOIN medical.patients s ON s.id = ${id}
        WHERE c.identifiant OR c.telephone OR c.email
          OR (c.naissance_possible AND word_similarity(c.recherche, s.recherche) >= 0.4)
        ORDER BY c.identifiant DESC, word_similarity(c.recherche, s.recherche) DESC, c.id LIMIT ${MAX_CANDIDATS}`,
  );
  const doublons = found
    .map((row) => ({ row, raisons: reasonsOf(row) }))
    .filter(({ raisons }) => raisons.length > 0)
    .sort((one, other) => other.raisons.length - one.raisons.length || one.row.id - other.row.id)
    .slice(0, MAX_DOUBLONS)
    .map(({ row, raisons }) => ({ ...trouveOf(row), raisons }));
  return { doublons, patient };
}

type Row = TrouveRow & {
  /** Of the patient: what they are searched by, birth name, first names. */
  sienne: string;
  son_nom: string;
  ses_prenoms: string;
  identifiant: boolean;
  telephone: boolean;
  email: boolean;
  naissance_possible: boolean;
};

/** Characters of a birth date that are known. */
const LONGUEUR = sql`CASE precision_naissance WHEN 'jour' THEN 10 WHEN 'mois' THEN 7 ELSE 4 END`;

function reasonsOf(row: Row): Raison[] {
  const { identifiant, telephone, email, naissance_possible } = row;
  const noms_et_naissance = naissance_possible && sameNames(row);
  return RAISONS.filter((raison) => ({ identifiant, telephone, email, noms_et_naissance })[raison]);
}

/** The birth name and first names of one of them are all meant by what the other is called: names in use come and go. */
function sameNames({ nom_naissance, prenoms, recherche, son_nom, ses_prenoms, sienne }: Row): boolean {
  const within = (nom: string, prenom: string, known: string) =>
    ecart([...motsDuNom(nom), ...motsDuNom(prenom)], known) !== null;
  return within(nom_naissance, prenoms, sienne) || within(son_nom, ses_prenoms, recherche);
}
