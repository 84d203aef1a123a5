import type { TestDatabase } from './database';
import { makeUser } from './factories';

/** Practices and examens as rows, for tests of what happens by itself: what they hold is nobody’s to open. */

let drawn = 0;
/** Ids are drawn elsewhere; here they are counted from where none is. */
export const nextMedicalId = () => 500_000_000 + process.pid * 1_000 + ++drawn;

export interface RowsOfPractice {
  id: number;
  patient: number;
  people: Record<'medecin' | 'remplacant' | 'gerant', number>;
}

/** A practice in Casablanca with a doctor, who stands in for them, who runs it, and a patient. */
export async function rowsOfPractice({ owner, db }: TestDatabase): Promise<RowsOfPractice> {
  const [{ id }] = await owner.query(
    `INSERT INTO medical.cabinets (nom, fuseau_horaire, pays) VALUES ($1, 'Africa/Casablanca', 'MA') RETURNING id`,
    [`Cabinet ${nextMedicalId()}`],
  );
  const people = {} as RowsOfPractice['people'];
  for (const fonction of ['medecin', 'remplacant', 'gerant'] as const) {
    const user = await makeUser(db, { role: 'membre' });
    people[fonction] = user.id;
    await owner.query(
      `INSERT INTO medical.membres_cabinet (cabinet_id, user_id, fonction, date_debut) VALUES ($1, $2, $3, '2020-01-01')`,
      [id, user.id, fonction],
    );
  }
  const patient = nextMedicalId();
  await owner.query(
    `INSERT INTO medical.patients (id, cabinet_id, nom_naissance, prenoms, sexe, date_naissance, precision_naissance,
       statut_identite, recherche) VALUES ($1, $2, 'Benali', 'Samira', 'F', '1962-03-14', 'jour', 'provisoire', 'benali samira')`,
    [patient, id],
  );
  return { id, patient, people };
}

export interface GivenExamen {
  statut: 'demande' | 'attendu' | 'partiel' | 'recu';
  critique?: boolean;
  attendu?: Date;
  recu?: Date;
  patient_id?: number | null;
  auteur_id?: number | null;
}

/** An examen that somebody asked for. */
export async function rowOfExamen(
  { owner }: TestDatabase,
  practice: RowsOfPractice,
  {
    statut,
    critique = false,
    attendu,
    recu,
    patient_id = practice.patient,
    auteur_id = practice.people.medecin,
  }: GivenExamen,
): Promise<number> {
  const id = nextMedicalId();
  await owner.query(
    `INSERT INTO medical.examens (id, cabinet_id, patient_id, auteur_id, statut, contenu, identite, attendu_le, attendu_fin,
       numero, critique, recu_le, suivi_le, date_creation, date_modification)
     VALUES ($1, $2, $3, $4, $5, '\\x00', '\\x00', $6::timestamptz::date, $6, $7, $8, $9, coalesce($9, $6), now(), now())`,
    [
      id,
      practice.id,
      patient_id,
      auteur_id,
      statut,
      attendu ?? null,
      recu === undefined ? 0 : 1,
      critique,
      recu ?? null,
    ],
  );
  return id;
}
