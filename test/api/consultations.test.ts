import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from '../support/api';
import {
  addMembre,
  makeAgenda,
  makeCabinet,
  makePatient,
  makeRendezVousCabinet,
  type TestAgenda,
  type TestCabinet,
} from '../support/cabinets';
import type { Client } from '../support/client';
import { PASSWORD } from '../support/factories';

/** What doctors write, from the first word to the signature, and what may be said of it afterwards. */

let api: TestApi;
let cabinet: TestCabinet;
let doctor: Client;
let desk: Client;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
  desk = cabinet.people.secretaire.client;
});
afterAll(() => api.close());

const SOAP = {
  motif: 'Toux Kanarienvogel',
  interrogatoire: 'Depuis trois jours',
  examen: 'Auscultation libre',
  conclusion: 'Bronchite Kanarienvogel',
  conduite: 'Repos',
};
const proof = { mot_de_passe: PASSWORD };

async function begin(given: object = {}, by = doctor) {
  const { id: patient_id } = await makePatient(by === doctor ? desk : by);
  const made = await by.post('/consultations', { patient_id, ...SOAP, ...given });
  expect(made.status).toBe(201);
  return { patient_id, path: `/consultations/${made.body.id}`, id: made.body.id as number, body: made.body };
}

async function signed(given: object = {}) {
  const begun = await begin(given);
  const { status, body } = await doctor.post(`${begun.path}/signature`, proof);
  expect(status).toBe(201);
  return { ...begun, body };
}

const refusal = ({ status, body }: { status: number; body: { code: string } }) => [status, body.code];

describe('a draft', () => {
  it('is sealed, version by version, and changed on the version that was seen alone', async () => {
    const { path, id, body, patient_id } = await begin({ notes_personnelles: 'Anxieux Kanarienvogel' });
    const { user } = cabinet.people.medecin;
    const instant = expect.stringMatching(/Z$/);
    expect(body).toEqual({
      ...SOAP,
      ...{ id, cabinet_id: cabinet.id, patient_id, statut: 'brouillon', rendez_vous: null, version: 1 },
      auteur: { id: user.id, nom: user.nom, prenom: user.prenom },
      notes_personnelles: 'Anxieux Kanarienvogel',
      ...{ date: instant, date_creation: instant, date_modification: instant },
      ...{ constantes: [], diagnostics: [], addenda: [], signature: null, invalidation: null },
      publiee_le: null,
    });
    const refused = await doctor.patch(path, { examen: 'Râles' });
    expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'If-Match']);
    const changed = await doctor.patch(path, { examen: 'Râles', motif: null }, { 'If-Match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({ ...SOAP, examen: 'Râles', motif: null, version: 2 });
    expect((await doctor.patch(path, { examen: 'Autre' }, { 'If-Match': '"1"' })).status).toBe(412);
    // The same again is no change.
    const same = await doctor.patch(path, { examen: 'Râles' }, { 'If-Match': '"2"' });
    expect(same.body.version).toBe(2);
    expect((await doctor.get(path)).body).toEqual(changed.body);
    const { owner } = api.database;
    const [{ versions, everything }] = await owner.query(
      `SELECT (SELECT array_agg(version ORDER BY version) FROM medical.consultation_versions WHERE consultation_id = $1) AS versions,
         (SELECT json_agg(s)::text FROM medical.consultations s) || (SELECT json_agg(v)::text FROM medical.consultation_versions v)
           AS everything`,
      [id],
    );
    expect(versions).toEqual([1, 2]);
    const decoded = everything.replace(/\\\\x([0-9a-f]+)/g, (_: string, hex: string) =>
      Buffer.from(hex, 'hex').toString('latin1'),
    );
    expect(everything + decoded).not.toMatch(/Kanarien|Bronchite|Repos/);
  });

  it('is its author’s alone; the desk sees that there is one, and how it stands', async () => {
    const { path, patient_id, id } = await begin();
    const colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    for (const reply of [
      await colleague.client.get(path),
      await colleague.client.patch(path, { motif: 'Autre' }, { 'If-Match': '"1"' }),
      await colleague.client.post(`${path}/signature`, proof),
    ]) {
      expect(refusal(reply)).toEqual([404, 'INTROUVABLE']);
    }
    for (const client of [desk, colleague.client, doctor]) {
      const listed = await client.get(`/patients/${patient_id}/consultations`);
      expect(listed.body).toEqual([
        expect.objectContaining({ id, statut: 'brouillon', patient_id, date_signature: null }),
      ]);
      expect(listed.bytes.toString()).not.toContain('Kanarien');
    }
    expect((await desk.get(path)).status).toBe(403);
    const { gerant } = cabinet.people;
    expect((await gerant.client.get(`/patients/${patient_id}/consultations`)).status).toBe(403);
    expect((await desk.post('/consultations', { patient_id, motif: 'x' })).status).toBe(403);
  });

  it('is begun once under an Idempotency-Key, and of no patient of anybody else', async () => {
    const { id: patient_id } = await makePatient(desk);
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await doctor.post('/consultations', { patient_id, ...SOAP }, key);
    const again = await doctor.post('/consultations', { patient_id, ...SOAP }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const unknown = await doctor.post('/consultations', { patient_id: 2_147_480_000, ...SOAP });
    expect([unknown.status, unknown.body.erreurs[0].champ]).toEqual([422, 'patient_id']);
    const later = await doctor.post('/consultations', { patient_id, ...SOAP, date: '2090-01-01T00:00:00Z' });
    expect([later.status, later.body.erreurs[0].champ]).toEqual([422, 'date']);
  });

  it('is given up, and then nothing of it is done any more', async () => {
    const { path } = await begin();
    const given = await doctor.patch(path, { statut: 'abandonnee' }, { 'If-Match': '"1"' });
    expect([given.status, given.body.statut, given.body.motif]).toEqual([200, 'abandonnee', SOAP.motif]);
    for (const reply of [
      await doctor.patch(path, { motif: 'Autre' }, { 'If-Match': '"2"' }),
      await doctor.post(`${path}/signature`, proof),
      await doctor.post(`${path}/addenda`, { texte: 'Plus' }),
      await doctor.post(`${path}/invalidation`, { motif: 'Non' }),
    ]) {
      expect(refusal(reply)).toEqual([409, 'TRANSITION_INVALIDE']);
    }
  });

  it('makes its author treat the patient where the record is shared, and not where it was opened with a reason', async () => {
    const { owner } = api.database;
    const theirs = async (patientId: number) =>
      (
        await owner.query('SELECT user_id FROM medical.soignants_patient WHERE patient_id = $1', [patientId])
      ).map(({ user_id }: { user_id: number }) => user_id);
    const { patient_id } = await begin();
    expect(await theirs(patient_id)).toEqual([cabinet.people.medecin.user.id]);
    const { id } = await makePatient(desk, { partage_cabinet: false });
    const refused = await doctor.post('/consultations', { patient_id: id, ...SOAP });
    expect(refusal(refused)).toEqual([403, 'DOSSIER_NON_PARTAGE']);
    await owner.query(
      `INSERT INTO medical.bris_de_glace (id, cabinet_id, patient_id, user_id, motif, date_debut, date_fin)
       VALUES (11, $1, $2, $3, '\\x', now(), now() + interval '1 hour')`,
      [cabinet.id, id, cabinet.people.medecin.user.id],
    );
    expect((await doctor.post('/consultations', { patient_id: id, ...SOAP })).status).toBe(201);
    expect(await theirs(id)).toEqual([]);
  });
});

describe('the appointment that it was', () => {
  let agenda: TestAgenda;
  let other: TestAgenda;
  let medecin: Client;
  beforeAll(async () => {
    const admin = (await api.newPerson('admin')).client;
    agenda = await makeAgenda(api, admin);
    other = await makeAgenda(api, admin);
    medecin = agenda.people.medecin.client;
  });

  let hours = 0;
  /** Somebody who comes, and the uid of the appointment at which they do. */
  async function expected(where = agenda): Promise<{ patient_id: number; uid: string }> {
    const { client } = where.people.medecin;
    const { id: patient_id } = await makePatient(client);
    const debut = new Date(Math.ceil(Date.now() / 3_600_000 + 24 + ++hours) * 3_600_000);
    const { uid } = await makeRendezVousCabinet(client, where, debut, { patient_id });
    return { patient_id, uid };
  }
  const write = (patient_id: number, rendez_vous: string | null) =>
    medecin.post('/consultations', { patient_id, ...SOAP, rendez_vous });
  const change = (id: number, version: number, body: object) =>
    medecin.patch(`/consultations/${id}`, body, { 'If-Match': `"${version}"` });

  it('is one of the patient in the practice; of what is not, nobody is told whether it is somebody else’s', async () => {
    const own = await expected();
    const named = await write(own.patient_id, own.uid);
    expect([named.status, named.body.rendez_vous]).toEqual([201, own.uid]);
    const begun = (await write(own.patient_id, null)).body;
    const nowhere = await write(own.patient_id, randomUUID());
    expect(nowhere.body).toMatchObject({
      ...{ code: 'VALIDATION', status: 422 },
      erreurs: [{ champ: 'rendez_vous' }],
    });
    const told = ({ correlation_id: _, instance: __, ...said }: Record<string, unknown>) => said;
    for (const { uid } of [await expected(), await expected(other)]) {
      for (const refused of [
        await write(own.patient_id, uid),
        await change(begun.id, 1, { rendez_vous: uid }),
      ]) {
        expect([refused.status, told(refused.body)]).toEqual([422, told(nowhere.body)]);
      }
    }
    const changed = await change(begun.id, 1, { rendez_vous: own.uid });
    expect([changed.status, changed.body.rendez_vous]).toEqual([200, own.uid]);
    const [{ kept }] = await api.database.owner.query(
      'SELECT count(*)::integer AS kept FROM medical.consultations WHERE patient_id = $1',
      [own.patient_id],
    );
    expect(kept).toBe(2);
  });

  it('is of whom they turned out to be, and theirs no more once those are two again; what was written stays', async () => {
    const [one, two] = [await expected(), await expected()];
    const { client: gerant } = agenda.people.gerant;
    const merged = await gerant.post(`/patients/${two.patient_id}/fusion`, { avec: one.patient_id });
    expect(merged.status).toBe(201);
    expect(refusal(await write(one.patient_id, one.uid))).toEqual([409, 'PATIENT_FUSIONNE']);
    const begun = await write(two.patient_id, one.uid);
    expect([begun.status, begun.body.rendez_vous]).toEqual([201, one.uid]);
    expect((await gerant.post(`/fusions/${merged.body.id}/annuler`, undefined)).status).toBe(200);
    expect((await write(two.patient_id, one.uid)).status).toBe(422);
    expect((await write(one.patient_id, one.uid)).status).toBe(201);
    const { id } = begun.body;
    const kept = await change(id, 1, { examen: 'Râles', rendez_vous: one.uid });
    expect([kept.status, kept.body.rendez_vous]).toEqual([200, one.uid]);
    expect((await change(id, 2, { rendez_vous: null })).status).toBe(200);
    expect((await change(id, 3, { rendez_vous: one.uid })).status).toBe(422);
  });
});

describe('a signature', () => {
  it('is given by who wrote it, showing a password; wrong ones count, and nothing is signed by them', async () => {
    const { path } = await begin();
    for (const body of [{}, { mot_de_passe: PASSWORD, code: '123456' }]) {
      expect((await doctor.post(`${path}/signature`, body)).status).toBe(422);
    }
    const wrong = await doctor.post(`${path}/signature`, { mot_de_passe: 'Autre chose 1!' });
    expect([wrong.status, wrong.body.erreurs[0].champ]).toEqual([422, 'mot_de_passe']);
    expect((await doctor.get(path)).body).toMatchObject({ statut: 'brouillon', signature: null });
    const [{ refused }] = await api.database.owner.query(
      `SELECT count(*)::integer AS refused FROM historique
       WHERE action = 'reauthentification_refusee' AND entite_id = $1`,
      [cabinet.people.medecin.user.id],
    );
    expect(refused).toBe(1);
    const without = await doctor.post(`${path}/signature`, { code: '123456' });
    expect(refusal(without)).toEqual([409, 'TRANSITION_INVALIDE']);
    const done = await doctor.post(`${path}/signature`, proof);
    const { user } = cabinet.people.medecin;
    expect([done.status, done.body.statut, done.body.signature]).toEqual([
      201,
      'signee',
      {
        numero: 1,
        auteur: { id: user.id, nom: user.nom, prenom: user.prenom },
        date: expect.stringMatching(/Z$/),
        methode: 'mot_de_passe',
        empreinte: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('of one that says nothing is refused', async () => {
    const { path } = await begin({ interrogatoire: null, examen: null, conclusion: null, conduite: null });
    const refused = await doctor.post(`${path}/signature`, proof);
    expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'conclusion']);
  });

  it('is told again under its Idempotency-Key, also without the password, and is there once', async () => {
    const { path, id } = await begin();
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await doctor.post(`${path}/signature`, proof, key);
    const again = await doctor.post(`${path}/signature`, proof, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const [{ acts }] = await api.database.owner.query(
      'SELECT count(*)::integer AS acts FROM medical.actes_consultation WHERE consultation_id = $1',
      [id],
    );
    expect(acts).toBe(1);
  });

  it('of many at the same moment is given once', async () => {
    const { path, id } = await begin();
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => doctor.post(`${path}/signature`, proof)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const [{ acts }] = await api.database.owner.query(
      'SELECT count(*)::integer AS acts FROM medical.actes_consultation WHERE consultation_id = $1',
      [id],
    );
    expect(acts).toBe(1);
  });
});

describe('a consultation that is signed', () => {
  it('is read by whoever may open the record, without what its author wrote for themselves', async () => {
    const { path, body } = await signed({ notes_personnelles: 'Anxieux' });
    expect(body.notes_personnelles).toBe('Anxieux');
    const colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    const read = await colleague.client.get(path);
    expect([read.status, read.body]).toEqual([200, { ...body, notes_personnelles: null }]);
    for (const reply of [
      await colleague.client.post(`${path}/addenda`, { texte: 'Plus' }),
      await colleague.client.post(`${path}/invalidation`, { motif: 'Non' }),
    ]) {
      expect(refusal(reply)).toEqual([403, 'INTERDIT']);
    }
    expect((await desk.get(path)).status).toBe(403);
  });

  it('never changes, nor is signed again', async () => {
    const { path, body } = await signed();
    for (const reply of [
      await doctor.patch(path, { motif: 'Autre' }, { 'If-Match': `"${body.version}"` }),
      await doctor.patch(path, { notes_personnelles: 'Autre' }, { 'If-Match': `"${body.version}"` }),
      await doctor.patch(path, { statut: 'abandonnee' }, { 'If-Match': `"${body.version}"` }),
      await doctor.post(`${path}/signature`, proof),
    ]) {
      expect(refusal(reply)).toEqual([409, 'SIGNEE']);
    }
    expect((await doctor.get(path)).body).toEqual(body);
  });

  it('is added to, and every addendum is shown with it ever after', async () => {
    const { path, body } = await signed();
    for (const texte of ['Radiographie normale', 'Revu ce soir']) {
      expect((await doctor.post(`${path}/addenda`, { texte })).status).toBe(201);
    }
    const read = (await doctor.get(path)).body;
    expect(
      read.addenda.map(({ numero, texte }: { numero: number; texte: string }) => [numero, texte]),
    ).toEqual([
      [2, 'Radiographie normale'],
      [3, 'Revu ce soir'],
    ]);
    expect({ ...read, addenda: [] }).toEqual(body);
  });

  it('is invalidated once, shown all the same, and what was measured in it is an error too', async () => {
    const { path, patient_id, id } = await begin();
    const measures = `/patients/${patient_id}/constantes`;
    const { body: weight } = await doctor.post(measures, { type: 'poids', valeur: 71, consultation_id: id });
    await doctor.post(`${path}/signature`, proof);
    const gone = await doctor.post(`${path}/invalidation`, { motif: 'Autre patient' });
    expect(gone.body).toMatchObject({
      ...SOAP,
      statut: 'invalidee',
      invalidation: { motif: 'Autre patient', numero: 2 },
      constantes: [{ id: weight.id, statut: 'erreur', motif_erreur: 'Autre patient', valeur: 71 }],
    });
    for (const reply of [
      await doctor.post(`${path}/invalidation`, { motif: 'Encore' }),
      await doctor.post(`${path}/addenda`, { texte: 'Plus' }),
    ]) {
      expect(refusal(reply)).toEqual([409, 'TRANSITION_INVALIDE']);
    }
    const listed = await desk.get(`/patients/${patient_id}/consultations?statut=invalidee`);
    expect(listed.body).toHaveLength(1);
  });

  it('holds what was measured and found in it: nothing is added, changed or taken out, but that a disease ends', async () => {
    const { path, patient_id, id } = await begin();
    const at = (segment: string) => `/patients/${patient_id}/${segment}`;
    const entered = { type: 'poids', valeur: 71, consultation_id: id };
    const { body: weight } = await doctor.post(at('constantes'), entered);
    const { body: disease } = await doctor.post(at('diagnostics'), {
      texte: 'Bronchite',
      code: 'J20.9',
      consultation_id: id,
    });
    expect([weight.consultation_id, disease.consultation_id]).toEqual([id, id]);
    const elsewhere = await makePatient(desk);
    const foreign = await doctor.post(`/patients/${elsewhere.id}/constantes`, entered);
    expect([foreign.status, foreign.body.erreurs[0].champ]).toEqual([422, 'consultation_id']);
    expect((await doctor.patch(`${at('constantes')}/${weight.id}`, { valeur: 72 })).status).toBe(200);
    const done = await doctor.post(`${path}/signature`, proof);
    expect([done.body.constantes[0].valeur, done.body.diagnostics[0].code]).toEqual([72, 'J20.9']);
    for (const reply of [
      await doctor.post(at('constantes'), entered),
      await doctor.patch(`${at('constantes')}/${weight.id}`, { valeur: 73 }),
      await doctor.patch(`${at('constantes')}/${weight.id}`, { statut: 'erreur' }),
      await doctor.patch(`${at('diagnostics')}/${disease.id}`, { texte: 'Asthme' }),
      await doctor.patch(`${at('diagnostics')}/${disease.id}`, { texte: 'Asthme', statut: 'resolu' }),
    ]) {
      expect(refusal(reply)).toEqual([409, 'SIGNEE']);
    }
    const over = await doctor.patch(`${at('diagnostics')}/${disease.id}`, { statut: 'resolu' });
    expect([over.status, over.body.statut]).toEqual([200, 'resolu']);
    expect((await doctor.get(path)).body.diagnostics[0]).toMatchObject({
      texte: 'Bronchite',
      statut: 'resolu',
    });
  });
});

describe('the database', () => {
  const refused = async (statement: string, owner = true): Promise<string | null> => {
    const run = owner ? api.database.owner : api.app.medical;
    return run
      .transaction(async (tx) => {
        await tx.query(`SELECT set_config('regie.cabinets', '{${cabinet.id}}', true)`);
        await tx.query(statement);
      })
      .then(
        () => null,
        (error) => error.driverError.code ?? error.driverError.message,
      );
  };

  it('refuses itself to change what is signed, and what was measured in it, whoever asks', async () => {
    const { patient_id, id } = await begin();
    await doctor.post(`/patients/${patient_id}/constantes`, {
      type: 'poids',
      valeur: 71,
      consultation_id: id,
    });
    const draft = await begin();
    await doctor.post(`/consultations/${id}/signature`, proof);
    for (const statement of [
      `UPDATE medical.consultations SET contenu = '\\x00' WHERE id = ${id}`,
      `UPDATE medical.consultations SET notes = '\\x00' WHERE id = ${id}`,
      `UPDATE medical.consultations SET date = now() WHERE id = ${id}`,
      `UPDATE medical.consultations SET statut = 'brouillon', date_signature = NULL WHERE id = ${id}`,
      `UPDATE medical.consultations SET statut = 'invalidee', date_invalidation = now() WHERE id = ${id}`,
      `UPDATE medical.consultations SET statut = 'signee', date_signature = now() WHERE id = ${draft.id}`,
      `DELETE FROM medical.consultations WHERE id = ${id}`,
      `UPDATE medical.elements_dossier SET contenu = '\\x00' WHERE consultation_id = ${id}`,
      `UPDATE medical.elements_dossier SET consultation_id = NULL WHERE consultation_id = ${id}`,
      `DELETE FROM medical.elements_dossier WHERE consultation_id = ${id}`,
    ]) {
      expect([statement, await refused(statement)]).toEqual([statement, '42501']);
    }
    for (const table of ['actes_consultation', 'consultation_versions', 'elements_dossier_versions']) {
      for (const statement of [
        `DELETE FROM medical.${table}`,
        `UPDATE medical.${table} SET contenu = contenu`,
        `TRUNCATE medical.${table}`,
      ]) {
        expect([statement, await refused(statement)]).toEqual([statement, 'P0001']);
        expect([statement, await refused(statement, false)]).toEqual([statement, '42501']);
      }
    }
    expect(await refused('TRUNCATE medical.consultations CASCADE')).toBe('P0001');
  });
});
