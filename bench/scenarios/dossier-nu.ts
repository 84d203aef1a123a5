import type { Client } from 'pg';
import type { Secrets } from '../../src/auth/secrets';
import { type ConsultationRow, openNote } from '../../src/services/cabinet/consultations-lignes';
import { placeOfElement } from '../../src/services/cabinet/elements-places';
import { type ClePatient, open } from '../../src/services/cabinet/sceau';

/** The floor of a record at a glance: its rows by their ids, opened, and nothing asked of anybody. */

export interface Nu {
  cabinetId: number;
  userId: number;
  patientId: number;
  cle: ClePatient;
  elements: number[];
  consultations: number[];
}

/** Reads and opens the rows, in one transaction that shows them: without one there are none. */
export async function lireNu(
  db: Client,
  secrets: Secrets,
  { cabinetId, patientId, elements, consultations }: Nu,
): Promise<unknown[]> {
  await db.query('BEGIN');
  await db.query(`SELECT set_config('regie.cabinets', $1, true)`, [`{${cabinetId}}`]);
  const key = await db.query({
    name: 'cle',
    text: 'SELECT cle, version FROM medical.cles_patient WHERE patient_id = $1',
    values: [patientId],
  });
  const entries = await db.query({
    name: 'elements',
    text: `SELECT e.id, e.cabinet_id, e.patient_id, e.nature, e.consultation_id, e.statut, e.date_effet, e.auteur_id,
             e.contenu, e.date_creation, e.date_modification, e.version, u.nom, u.prenom
           FROM medical.elements_dossier e JOIN users u ON u.id = e.auteur_id WHERE e.id = ANY($1)`,
    values: [elements],
  });
  const notes = await db.query({
    name: 'consultations',
    text: `SELECT s.*, u.nom, u.prenom FROM medical.consultations s JOIN users u ON u.id = s.auteur_id
           WHERE s.id = ANY($1)`,
    values: [consultations],
  });
  await db.query('COMMIT');
  const { cle: sealed, version } = key.rows[0];
  const cle = {
    cle: secrets.open('cle de patient', `${cabinetId} ${patientId}`, sealed),
    version,
    fusionnes: [],
  };
  return [
    ...entries.rows.map((row) =>
      open(
        cle,
        {
          ...{ cabinet_id: row.cabinet_id, patient_id: row.patient_id, table: 'elements_dossier' },
          ligne: row.id,
          ...placeOfElement(row),
        },
        row.contenu,
      ),
    ),
    ...notes.rows.map((row) => openNote(cle, row as ConsultationRow)),
  ];
}
