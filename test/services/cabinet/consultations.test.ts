import {
  type ConsultationFault,
  verifyConsultations,
} from '../../../src/services/cabinet/consultations-verification';
import { startTestApi, type TestApi } from '../../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../../support/cabinets';
import type { Client } from '../../support/client';
import { PASSWORD } from '../../support/factories';

/** What is signed, tampered with behind everybody's back: found and named, and never shown. */

let api: TestApi;
let cabinet: TestCabinet;
let doctor: Client;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
});
afterAll(() => api.close());

async function faults(): Promise<ConsultationFault[]> {
  const found: ConsultationFault[] = [];
  await verifyConsultations(api.app.medical, api.app.secrets, (fault) => found.push(fault));
  return found;
}

/** A signed consultation with a measure, a diagnosis and an addendum. */
async function signed(patient_id: number, word: string): Promise<number> {
  const body = { patient_id, motif: word, conclusion: `${word} aussi`, notes_personnelles: `${word} bas` };
  const { id } = (await doctor.post('/consultations', body)).body;
  const path = `/patients/${patient_id}`;
  await doctor.post(`${path}/constantes`, { type: 'poids', valeur: 70, consultation_id: id });
  await doctor.post(`${path}/diagnostics`, { texte: word, consultation_id: id });
  expect((await doctor.post(`/consultations/${id}/signature`, { mot_de_passe: PASSWORD })).status).toBe(201);
  await doctor.post(`/consultations/${id}/addenda`, { texte: `${word} encore` });
  return id;
}

const TABLES = [
  'consultations',
  'actes_consultation',
  'elements_dossier',
  'elements_dossier_versions',
] as const;

it('is found by the check and named, and is an error for whoever reads it: a byte of it, and any two things exchanged', async () => {
  const [one, two] = [await makePatient(doctor), await makePatient(doctor)];
  const mine = await signed(one.id, 'Kanarienvogel');
  const second = await signed(one.id, 'Kanarienhahn');
  const foreign = await signed(two.id, 'Kanarienhenne');
  const before = (await doctor.get(`/consultations/${mine}`)).body;
  expect(await faults()).toEqual([]);
  const { owner } = api.database;
  for (const table of TABLES) {
    await owner.query(`CREATE TABLE medical.avant_${table} AS SELECT * FROM medical.${table}`);
  }
  const triggers = (state: 'DISABLE' | 'ENABLE') =>
    TABLES.map((table) => `ALTER TABLE medical.${table} ${state} TRIGGER USER`).join('; ');
  const restore = TABLES.map(
    (table) =>
      `DELETE FROM medical.${table}; INSERT INTO medical.${table}
       ${table === 'actes_consultation' ? 'OVERRIDING SYSTEM VALUE' : ''} SELECT * FROM medical.avant_${table}`,
  );
  const of = (id: number, column: string) =>
    `(SELECT ${column} FROM medical.avant_consultations WHERE id = ${id})`;
  const act = (id: number, type: string) =>
    `(SELECT contenu FROM medical.avant_actes_consultation WHERE consultation_id = ${id} AND type = '${type}')`;
  const version = `(SELECT contenu FROM medical.consultation_versions WHERE consultation_id = ${mine} AND version = 1)`;
  const flip = (column: string) => `set_byte(${column}, 20, get_byte(${column}, 20) # 1)`;
  const acts = (change: string, type: string) =>
    `UPDATE medical.actes_consultation SET ${change} WHERE consultation_id = ${mine} AND type = '${type}'`;
  for (const statement of [
    `UPDATE medical.consultations SET contenu = ${flip('contenu')} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET notes = ${flip('notes')} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET contenu = ${of(second, 'contenu')} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET contenu = ${of(foreign, 'contenu')} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET contenu = notes WHERE id = ${mine}`,
    `UPDATE medical.consultations SET contenu = ${version} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET notes = NULL WHERE id = ${mine}`,
    `UPDATE medical.consultations SET date = date - interval '1 day' WHERE id = ${mine}`,
    `UPDATE medical.consultations SET auteur_id = ${cabinet.people.remplacant.user.id} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET patient_id = ${two.id} WHERE id = ${mine}`,
    `UPDATE medical.consultations SET statut = 'brouillon', date_signature = NULL WHERE id = ${mine}`,
    `UPDATE medical.consultations SET statut = 'invalidee', date_invalidation = now() WHERE id = ${mine}`,
    `UPDATE medical.consultations SET date_signature = now() WHERE id = ${mine}`,
    acts(`contenu = ${flip('contenu')}`, 'signature'),
    acts(`contenu = ${act(second, 'signature')}`, 'signature'),
    acts(`contenu = ${act(mine, 'signature')}`, 'addendum'),
    acts(`contenu = ${act(second, 'addendum')}`, 'addendum'),
    acts(`contenu = ${act(foreign, 'addendum')}`, 'addendum'),
    `DELETE FROM medical.actes_consultation WHERE consultation_id = ${mine} AND type = 'signature'`,
    `UPDATE medical.elements_dossier SET contenu = ${flip('contenu')} WHERE consultation_id = ${mine}`,
    `UPDATE medical.elements_dossier SET consultation_id = NULL WHERE consultation_id = ${mine} AND nature = 'diagnostic'`,
  ]) {
    await owner.query(`${triggers('DISABLE')}; ${statement}`);
    const found = await faults();
    expect([statement, found.length > 0]).toEqual([statement, true]);
    const named = found.some((fault) => fault.what === 'acts' || fault.id === mine);
    expect([statement, named]).toEqual([statement, true]);
    expect(JSON.stringify(found)).not.toContain('Kanarien');
    for (const read of [doctor.get(`/consultations/${mine}`)]) {
      const { status, bytes } = await read;
      expect([statement, status]).toEqual([statement, 500]);
      expect(bytes.toString()).not.toContain('Kanarien');
    }
    await owner.query(
      `SET session_replication_role = replica; ${restore.join('; ')}; RESET session_replication_role; ${triggers('ENABLE')}`,
    );
    expect((await doctor.get(`/consultations/${mine}`)).body).toEqual(before);
  }
  // What nobody is shown any more the check finds all the same.
  const unseen = `SELECT FROM medical.elements_dossier_versions WHERE element_id = ${before.constantes[0].id}`;
  expect(await owner.query(unseen)).toHaveLength(1);
  for (const statement of [
    `UPDATE medical.elements_dossier_versions SET contenu = ${flip('contenu')} WHERE element_id = ${before.constantes[0].id}`,
    acts(`empreinte_objet = sha256('')`, 'signature'),
    `UPDATE medical.consultations SET publiee_le = now() WHERE id = ${mine}`,
    `DELETE FROM medical.actes_consultation WHERE consultation_id = ${foreign} AND type = 'addendum'`,
  ]) {
    await owner.query(`${triggers('DISABLE')}; ${statement}`);
    expect([statement, (await faults()).length > 0]).toEqual([statement, true]);
    await owner.query(
      `SET session_replication_role = replica; ${restore.join('; ')}; RESET session_replication_role; ${triggers('ENABLE')}`,
    );
  }
  expect(await faults()).toEqual([]);
  for (const table of TABLES) await owner.query(`DROP TABLE medical.avant_${table}`);
});

it('is checked without its content where the key of a patient is gone, and its acts are there in their order', async () => {
  const { id } = await makePatient(doctor);
  const consultation = await signed(id, 'Kanarienvogel');
  const { owner } = api.database;
  await owner.query('DELETE FROM medical.cles_patient WHERE patient_id = $1', [id]);
  expect(await faults()).toEqual([]);
  expect((await doctor.get(`/consultations/${consultation}`)).status).toBe(500);
  const flip = () =>
    owner.query(
      `ALTER TABLE medical.consultations DISABLE TRIGGER USER;
       UPDATE medical.consultations SET contenu = set_byte(contenu, 20, get_byte(contenu, 20) # 1)
         WHERE id = ${consultation};
       ALTER TABLE medical.consultations ENABLE TRIGGER USER`,
    );
  await flip();
  expect(await faults()).toEqual([
    expect.objectContaining({ what: 'consultation', id: consultation, cabinet_id: cabinet.id }),
  ]);
  await flip();
});

it('goes with a patient who is merged into another, is signed and added to there, and comes back as it is: nothing is sealed anew', async () => {
  const { client: gerant } = cabinet.people.gerant;
  const [one, two] = [await makePatient(doctor), await makePatient(doctor)];
  const done = await signed(one.id, 'Kanarienvogel');
  const body = { patient_id: one.id, conclusion: 'Kanarienhahn', notes_personnelles: 'Kanarienhahn bas' };
  const draft = (await doctor.post('/consultations', body)).body.id;
  const fusion = (await gerant.post(`/patients/${two.id}/fusion`, { avec: one.id })).body.id;
  const own = (await doctor.post('/consultations', { patient_id: two.id, conclusion: 'Autre' })).body.id;
  expect((await doctor.get(`/consultations/${done}`)).body).toMatchObject({
    patient_id: two.id,
    statut: 'signee',
  });
  const etag = { 'If-Match': '"1"' };
  expect((await doctor.patch(`/consultations/${draft}`, { conclusion: 'Kanarienhenne' }, etag)).status).toBe(
    200,
  );
  const measure = { type: 'poids', valeur: 71, consultation_id: draft };
  expect((await doctor.post(`/patients/${two.id}/constantes`, measure)).status).toBe(201);
  const shown = await doctor.post(`/consultations/${draft}/signature`, { mot_de_passe: PASSWORD });
  expect(shown.status).toBe(201);
  expect((await doctor.post(`/consultations/${done}/addenda`, { texte: 'Réunis' })).status).toBe(201);
  expect(await faults()).toEqual([]);
  const sealed = () =>
    api.database.owner.query(
      `SELECT c.contenu, c.notes, a.contenu AS acte, e.contenu AS element FROM medical.consultations c
       JOIN medical.actes_consultation a ON a.consultation_id = c.id
       JOIN medical.elements_dossier e ON e.consultation_id = c.id WHERE c.id = ANY($1) ORDER BY a.id, e.id`,
      [[done, draft]],
    );
  const before = await sealed();
  const undone = await gerant.post(`/fusions/${fusion}/annuler`, undefined);
  expect(undone.status).toBe(200);
  expect(await sealed()).toEqual(before);
  expect(await faults()).toEqual([]);
  const read = await doctor.get(`/consultations/${draft}`);
  expect(read.body).toEqual({
    ...shown.body,
    patient_id: one.id,
    constantes: [{ ...shown.body.constantes[0], patient_id: one.id }],
  });
  expect((await doctor.get(`/consultations/${done}`)).body.addenda).toHaveLength(2);
  expect((await doctor.get(`/consultations/${own}`)).body.patient_id).toBe(two.id);
});
