import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { RECU } from '../support/ecrits';

let api: TestApi;
let cabinet: TestCabinet;
let doctor: Client;
let desk: Client;
let patient: number;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
  desk = cabinet.people.secretaire.client;
});
beforeEach(async () => {
  patient = (await makePatient(doctor)).id;
});
afterAll(() => api.close());

const outcome = ({ status, body }: Reply) => [status, body.code];
const champs = ({ body }: Reply) => body.erreurs?.map(({ champ }: { champ: string }) => champ);
const ask = async (given: object = {}) =>
  (await doctor.post('/examens', { patient_id: patient, libelle: 'Glycémie à jeun', ...given })).body;
const result = (id: number, given: object = {}, by = doctor) =>
  by.put(`/examens/${id}/resultat`, { texte: 'Glycémie : 1,42 g/L', ...given });
const decide = (id: number, numero: number | null, decision = 'normal') =>
  doctor.post(`/examens/${id}/vu`, { numero, decision });

describe('an examen', () => {
  it('is asked for, waits for its day, comes, and waits for a doctor until one decides', async () => {
    const asked = await ask();
    expect(asked).toMatchObject({ statut: 'demande', patient_id: patient, attendu_le: null, resultats: [] });
    const { id } = asked;
    const expected = await doctor.patch(
      `/examens/${id}`,
      { attendu_le: '2090-01-31' },
      { 'If-Match': '"1"' },
    );
    expect(expected.body).toMatchObject({ statut: 'attendu', attendu_le: '2090-01-31', version: 2 });
    expect((await doctor.patch(`/examens/${id}`, { attendu_le: null }, { 'If-Match': '"1"' })).status).toBe(
      412,
    );
    const [row] = await api.database.owner.query(
      'SELECT attendu_fin, suivi_le FROM medical.examens WHERE id = $1',
      [id],
    );
    // The end of that day in Casablanca, which is an hour ahead of UTC until its next change is known to be another.
    expect(row.suivi_le).toEqual(row.attendu_fin);
    const came = await result(id, { critique: true });
    expect(came.body).toMatchObject({
      statut: 'recu',
      critique: true,
      resultats: [{ numero: 1, texte: 'Glycémie : 1,42 g/L', partiel: false, vu_le: null, decision: null }],
    });
    expect((await doctor.get(`/examens?statut=recu,partiel&patient_id=${patient}`)).body).toEqual([
      expect.objectContaining({ id, statut: 'recu', critique: true }),
    ]);
    const seen = await doctor.post(`/examens/${id}/vu`, {
      ...{ numero: 1, decision: 'traitement_modifie', commentaire: 'Metformine' },
    });
    expect(seen.body).toMatchObject({
      statut: 'vu',
      vu_par: { id: cabinet.people.medecin.user.id },
      decision: { decision: 'traitement_modifie', commentaire: 'Metformine' },
      resultats: [
        { vu_par: { id: cabinet.people.medecin.user.id }, decision: { commentaire: 'Metformine' } },
      ],
    });
    expect((await doctor.get(`/examens/${id}`)).body).toEqual(seen.body);
    expect(outcome(await decide(id, 1))).toEqual([409, 'TRANSITION_INVALIDE']);
  });

  it('keeps each result as a version of its own; what is partial says so, and its rest stays expected', async () => {
    const { id } = await ask({ attendu_le: '2090-01-31' });
    await result(id, { texte: 'Premier', partiel: true });
    expect((await doctor.get(`/examens/${id}`)).body.statut).toBe('partiel');
    expect((await decide(id, 1, 'a_surveiller')).body.statut).toBe('attendu');
    await result(id, { texte: 'Second' });
    // Decided on what was seen, not on what came since.
    expect(outcome(await decide(id, 1))).toEqual([412, 'VERSION_PERIMEE']);
    expect((await decide(id, 2)).body.statut).toBe('vu');
    // One that comes after a decision waits again.
    const third = await result(id, { texte: 'Troisième' });
    expect(third.body.statut).toBe('recu');
    expect(
      third.body.resultats.map(
        ({ numero, texte, vu_le }: { numero: number; texte: string; vu_le: string }) => [
          numero,
          texte,
          vu_le !== null,
        ],
      ),
    ).toEqual([
      [1, 'Premier', true],
      [2, 'Second', true],
      [3, 'Troisième', false],
    ]);
  });

  it('that never comes is given up by a decision alone', async () => {
    const { id } = await ask({ attendu_le: '2020-01-31' });
    expect(outcome(await decide(id, null, 'normal'))).toEqual([409, 'TRANSITION_INVALIDE']);
    expect((await decide(id, null, 'sans_objet')).body.statut).toBe('vu');
  });

  it('is added to once under one key', async () => {
    const { id } = await ask();
    const key = { 'Idempotency-Key': randomUUID() };
    const body = { texte: 'Une fois' };
    const [one, two] = [
      await doctor.put(`/examens/${id}/resultat`, body, key),
      await doctor.put(`/examens/${id}/resultat`, body, key),
    ];
    expect([one.status, two.status, two.body.resultats.length]).toEqual([200, 200, 1]);
  });

  it('is for those who may open the record', async () => {
    const { id } = await ask();
    for (const reply of [
      await desk.get(`/examens/${id}`),
      await desk.get('/examens'),
      await result(id, {}, desk),
    ]) {
      expect(reply.status).toBe(403);
    }
    expect((await desk.post('/examens', { patient_id: patient, libelle: 'NFS' })).status).toBe(403);
    const closed = (await makePatient(doctor, { partage_cabinet: false })).id;
    const own = (await doctor.post('/examens', { patient_id: closed, libelle: 'NFS' })).body.id;
    const { client } = cabinet.people.remplacant;
    expect(outcome(await client.get(`/examens/${own}`))).toEqual([403, 'DOSSIER_NON_PARTAGE']);
    expect((await client.get(`/examens?patient_id=${closed}`)).body).toEqual([]);
  });

  it('says nothing in the database of what it is', async () => {
    const { id } = await ask({
      libelle: 'Sérologie discrète',
      indication: 'Discrétion',
      laboratoire: 'Labo discret',
    });
    await result(id, { texte: 'Résultat discret' });
    await doctor.post(`/examens/${id}/vu`, {
      numero: 1,
      decision: 'a_convoquer',
      commentaire: 'Discrètement',
    });
    const [{ text }] = await api.database.owner.query(
      `SELECT (SELECT json_agg(e)::text FROM medical.examens e) || (SELECT json_agg(r)::text FROM medical.resultats_examen r) AS text`,
    );
    expect(text).not.toMatch(/discr|a_convoquer/i);
  });

  it('shows what was changed of it as an error, and never as something else', async () => {
    const [one, two] = [await ask(), await ask()];
    for (const { id } of [one, two]) await result(id, { texte: `Résultat ${id}` });
    const { owner } = api.database;
    await owner.query('ALTER TABLE medical.resultats_examen DISABLE TRIGGER resultat_recu');
    await owner.query(
      `UPDATE medical.resultats_examen SET contenu = (SELECT contenu FROM medical.resultats_examen WHERE examen_id = $1)
       WHERE examen_id = $2`,
      [one.id, two.id],
    );
    await owner.query('ALTER TABLE medical.resultats_examen ENABLE TRIGGER resultat_recu');
    const { status, bytes } = await doctor.get(`/examens/${two.id}`);
    expect([status, bytes.toString()]).toEqual([500, expect.not.stringContaining('Résultat')]);
  });

  it('keeps what came, whatever statement says otherwise', async () => {
    const { id } = await ask();
    await result(id);
    await decide(id, 1);
    for (const change of [
      `contenu = '\\x00'`,
      'partiel = true',
      'critique = true',
      'vu_le = now()',
      `decision = '\\x00'`,
    ]) {
      const refused = await api.database.owner
        .query(`UPDATE medical.resultats_examen SET ${change} WHERE examen_id = ${id}`)
        .catch((error) => error.driverError.code);
      expect([change, refused]).toEqual([change, '42501']);
    }
    await expect(
      api.database.owner.query(`DELETE FROM medical.resultats_examen WHERE examen_id = ${id}`),
    ).rejects.toThrow('kept');
  });
});

describe('a result that is nobody’s yet', () => {
  it('waits in the inbox of the practice, with whose it says that it is and nothing that it says', async () => {
    const made = await desk.post('/examens', RECU);
    expect([made.status, made.body]).toEqual([201, { id: expect.any(Number), version: 1 }]);
    const { id } = made.body;
    const listed = (await desk.get('/examens/non-rattaches')).body;
    expect(listed).toContainEqual({
      ...{ id, cabinet_id: cabinet.id, identite: RECU.identite, critique: true, version: 1 },
      ...{
        recu_le: expect.any(String),
        date_creation: expect.any(String),
        date_modification: expect.any(String),
      },
    });
    expect((await desk.get(`/examens/${id}`)).status).toBe(403);
    // Any doctor of the practice may look whose it could be.
    expect((await doctor.get(`/examens/${id}`)).body).toMatchObject({
      ...{ patient_id: null, statut: 'recu', libelle: RECU.libelle },
      resultats: [{ texte: 'HbA1c : 9,1 %' }],
    });
    const other = await makeCabinet(api, (await api.newPerson('admin')).client);
    for (const { client } of [other.people.medecin, other.people.secretaire]) {
      expect((await client.get('/examens/non-rattaches')).body).toEqual([]);
      const mine = await makePatient(client);
      const moved = await client.put(`/examens/${id}/rattachement`, { patient_id: mine.id, medecin_id: 1 });
      expect(moved.status).toBe(404);
    }
    expect((await other.people.medecin.client.get(`/examens/${id}`)).status).toBe(404);
    expect((await cabinet.people.gerant.client.get('/examens/non-rattaches')).status).toBe(403);
  });

  it('is attached at the desk, which reads nothing of it, and then sealed under the key of the patient', async () => {
    const { id } = (await desk.post('/examens', RECU)).body;
    const before = (await doctor.get(`/examens/${id}`)).body;
    const to = (body: object) => desk.put(`/examens/${id}/rattachement`, body);
    expect(champs(await to({ patient_id: patient }))).toEqual(['medecin_id']);
    expect(champs(await to({ patient_id: patient, medecin_id: cabinet.people.gerant.user.id }))).toEqual([
      'medecin_id',
    ]);
    const elsewhere = await makeCabinet(api, (await api.newPerson('admin')).client);
    const stranger = await makePatient(elsewhere.people.medecin.client);
    const medecin_id = cabinet.people.medecin.user.id;
    expect(champs(await to({ patient_id: stranger.id, medecin_id }))).toEqual(['patient_id']);
    const key = { 'Idempotency-Key': randomUUID() };
    const attach = () => desk.put(`/examens/${id}/rattachement`, { patient_id: patient, medecin_id }, key);
    const [done, again] = [await attach(), await attach()];
    expect([done.status, done.body, again.body]).toEqual([200, { id, version: 2 }, { id, version: 2 }]);
    expect(outcome(await to({ patient_id: patient, medecin_id }))).toEqual([409, 'TRANSITION_INVALIDE']);
    const after = (await doctor.get(`/examens/${id}`)).body;
    expect(after).toMatchObject({
      patient_id: patient,
      medecin: { id: medecin_id },
      identite: RECU.identite,
    });
    expect(after.resultats).toEqual(before.resultats);
    expect(
      (await desk.get('/examens/non-rattaches')).body.map((row: { id: number }) => row.id),
    ).not.toContain(id);
    // Without that key it is noise: the practice’s opens it no more.
    const { owner } = api.database;
    await owner.query(
      'CREATE TABLE medical.cle_gardee AS SELECT * FROM medical.cles_patient WHERE patient_id = $1',
      [patient],
    );
    await owner.query('DELETE FROM medical.cles_patient WHERE patient_id = $1', [patient]);
    expect((await doctor.get(`/examens/${id}`)).status).toBe(500);
    await owner.query('INSERT INTO medical.cles_patient SELECT * FROM medical.cle_gardee');
    await owner.query('DROP TABLE medical.cle_gardee');
    expect((await decide(id, 1)).body.statut).toBe('vu');
  });

  it('is a result that has come, of somebody whom it names', async () => {
    expect(champs(await desk.post('/examens', { libelle: 'NFS' }))).toEqual(['identite', 'resultat']);
    expect(champs(await desk.post('/examens', { ...RECU, attendu_le: '2090-01-01' }))).toEqual([
      'attendu_le',
    ]);
    expect(champs(await doctor.post('/examens', { ...RECU, patient_id: patient }))).toEqual(['patient_id']);
    expect(champs(await desk.post('/examens', { ...RECU, cabinet_id: 999_999 }))).toEqual(['cabinet_id']);
  });

  it('is seen and decided on by a doctor as well, when it is of nobody here', async () => {
    const { id } = (await desk.post('/examens', RECU)).body;
    expect((await decide(id, 1, 'sans_objet')).body).toMatchObject({ statut: 'vu', patient_id: null });
    expect(
      (await desk.get('/examens/non-rattaches')).body.map((row: { id: number }) => row.id),
    ).not.toContain(id);
  });
});
