import { rulesFor } from '../../src/auth/permissions';
import { FENETRE_LIAISON } from '../../src/domain/cabinet/liaison';
import { codeLiaison } from '../../src/services/cabinet/comptes';
import { startTestApi, type TestApi } from '../support/api';
import {
  addMembre,
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  type Personne,
  type TestAgenda,
  type TestCabinet,
} from '../support/cabinets';
import { holdRows } from '../support/locks';

/** What is a patient's own, for themselves: tied to their account at the desk, read in all their practices, and nothing else. */

let api: TestApi;
let cabinet: TestAgenda;
let other: TestAgenda;
beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeAgenda(api, admin);
  other = await makeAgenda(api, admin);
});
afterAll(() => api.close());
afterEach(() => {
  api.app.rulesFor = rulesFor;
});

const VERIFIED = { statut_identite: 'validee', justificatif: 'carte_identite' };
const codeOf = async (compte: Personne): Promise<string> => (await compte.client.get('/mon/code')).body.code;
const tie = async (where: TestCabinet, id: number, compte: Personne) =>
  where.people.secretaire.client.put(`/patients/${id}/compte`, { code: await codeOf(compte) });

/** Somebody with an account who is a patient there. */
async function patientOf(where: TestCabinet, compte: Personne, given: object = {}): Promise<number> {
  const { id } = await makePatient(where.people.medecin.client, { ...VERIFIED, ...given });
  expect((await tie(where, id, compte)).status).toBe(200);
  return id;
}

describe('an account', () => {
  it('is tied by the code that it shows, once the identity was checked; no practice learns which it is', async () => {
    const compte = await api.newPerson('client');
    const { id } = await makePatient(cabinet.people.medecin.client);
    const early = await tie(cabinet, id, compte);
    expect([early.status, early.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
    await cabinet.people.secretaire.client.patch(`/patients/${id}`, VERIFIED);
    const done = await tie(cabinet, id, compte);
    expect([done.status, done.body]).toEqual([200, { id, compte: true }]);
    const read = await cabinet.people.secretaire.client.get(`/patients/${id}`);
    expect(read.body).toMatchObject({ compte: true, version: 3 });
    expect(read.body).not.toHaveProperty('user_id');
    const [{ champs, contenu }] = await api.database.owner.query(
      'SELECT champs, contenu FROM medical.historique_patient WHERE patient_id = $1 AND version = 3',
      [id],
    );
    expect(champs).toEqual(['user_id']);
    expect(contenu.toString('latin1')).not.toContain('user_id');
    const parted = await cabinet.people.secretaire.client.delete(`/patients/${id}/compte`);
    expect([parted.status, parted.body]).toEqual([200, { id, compte: false }]);
    expect((await compte.client.get('/mon/dossier')).body).toEqual([]);
  });

  it('is tied by no other code: of nobody, of staff, of another time, a letter off', async () => {
    const compte = await api.newPerson('client');
    const { id } = await makePatient(cabinet.people.medecin.client, VERIFIED);
    const { secrets } = api.app;
    const at = (userId: number, minutes: number) =>
      codeLiaison(secrets, userId, new Date(Date.now() - minutes * 60_000)).code;
    const good = await codeOf(compte);
    const off = `${good.slice(0, -1)}${good.endsWith('7') ? '8' : '7'}`;
    const staff = at(cabinet.people.medecin.user.id, 0);
    const old = at(compte.user.id, (2 * FENETRE_LIAISON) / 60_000 + 0.1);
    for (const code of [off, staff, old, at(999_999, 0), `${compte.user.id}`, 'rien', '1-00000-00000']) {
      const { status, body } = await cabinet.people.secretaire.client.put(`/patients/${id}/compte`, { code });
      expect([code, status, body.erreurs?.[0].champ]).toEqual([code, 422, 'code']);
    }
    const spoken = good.toLowerCase().replaceAll('-', ' ');
    const done = await cabinet.people.secretaire.client.put(`/patients/${id}/compte`, { code: spoken });
    expect(done.status).toBe(200);
  });

  it('may be several patients in several practices, of which none shows another', async () => {
    const compte = await api.newPerson('client');
    const here = await patientOf(cabinet, compte, { profession: 'Tisserande' });
    const there = await patientOf(other, compte, { nom_naissance: 'Ailleurs' });
    const { status, body } = await compte.client.get('/mon/dossier');
    expect(status).toBe(200);
    expect(body.map((row: { patient_id: number }) => row.patient_id).sort()).toEqual([here, there].sort());
    expect(body.find((row: { profession: string }) => row.profession === 'Tisserande')).toMatchObject({
      cabinet: { id: cabinet.id, nom: expect.any(String) },
      nom_naissance: 'Benali',
      date_naissance: '1962-03-14',
      partage_cabinet: true,
    });
    const log = await cabinet.people.gerant.client.get(`/patients/${here}/acces?limit=200`);
    expect(JSON.stringify(log.body)).not.toContain('Ailleurs');
    expect(log.body.some(({ finalite }: { finalite: string }) => finalite === 'PATRQT')).toBe(true);
  });
});

describe('what a patient reads', () => {
  it('is what was written of them to be acted upon and what they said, not what was learnt from others or is only thought', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const doctor = cabinet.people.medecin.client;
    const add = async (segment: string, body: object) => {
      const made = await doctor.post(`/patients/${id}/${segment}`, body);
      expect([segment, made.status]).toEqual([segment, 201]);
      return made.body.id as number;
    };
    const allergie = await add('allergies', { substance: 'Pénicilline', severite: 'severe' });
    const autre = await add('allergies', { substance: 'Arachide' });
    await doctor.patch(`/patients/${id}/allergies/${autre}`, { statut: 'erreur' });
    const traitement = await add('traitements', { medicament: 'Metformine' });
    const antecedent = await add('antecedents', { type: 'medical', texte: 'Asthme' });
    await add('antecedents', { type: 'familial', texte: 'Dit par un voisin', source_tiers: true });
    await add('diagnostics', { texte: 'Hypothèse grave', certitude: 'suspecte' });
    const constante = await add('constantes', { type: 'poids', valeur: 61.5 });
    await add('consentements', { objet: 'partage_cabinet', decision: 'donne', recueil: 'ecrit' });
    const { status, body, bytes } = await compte.client.get('/mon/dossier');
    expect(status).toBe(200);
    const [dossier] = body;
    const ids = (rows: { id: number }[]) => rows.map((row) => row.id);
    expect(dossier.etat_allergies).toBe('connues');
    expect(ids(dossier.allergies)).toEqual([allergie]);
    expect(dossier.allergies[0]).toMatchObject({ substance: 'Pénicilline', severite: 'severe' });
    expect(ids(dossier.traitements)).toEqual([traitement]);
    expect(ids(dossier.antecedents)).toEqual([antecedent]);
    expect(ids(dossier.constantes)).toEqual([constante]);
    expect(dossier.consentements).toHaveLength(1);
    expect(bytes.toString()).not.toMatch(/voisin|Hypothèse|Arachide/);
  });

  it('is who opened their record: what they do, their name and when; emergencies are said to be, their reasons are not', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte, { partage_cabinet: false });
    const doctor = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    await doctor.client.post(`/patients/${id}/bris-de-glace`, { motif: 'Un motif qui reste scellé' });
    const { body, headers } = await compte.client.get('/mon/acces?sort=id');
    expect(Number(headers.get('x-total-count'))).toBe(body.length);
    expect(body.at(-1)).toEqual({
      id: expect.any(Number),
      patient_id: id,
      cabinet: { id: cabinet.id, nom: expect.any(String) },
      date: expect.stringMatching(/Z$/),
      auteur: { nom: doctor.user.nom, prenom: doctor.user.prenom },
      fonctions: ['medecin'],
      action: 'bris_de_glace',
      categories: ['bris_de_glace'],
      finalite: 'ETREAT',
      bris_de_glace: true,
    });
    expect(JSON.stringify(body)).not.toContain('scellé');
    const again = await compte.client.get('/mon/acces');
    expect(again.body[0]).toMatchObject({ fonctions: [], finalite: 'PATRQT', categories: ['acces'] });
  });

  it('is nothing of anybody else, by no id, filter or cursor', async () => {
    const [compte, neighbour] = [await api.newPerson('client'), await api.newPerson('client')];
    const id = await patientOf(cabinet, compte);
    const theirs = await patientOf(cabinet, neighbour);
    await neighbour.client.get('/mon/acces');
    const first = await neighbour.client.get('/mon/acces?limit=1');
    const cursor = /curseur=([\w-]+)/.exec(first.headers.get('link')!)![1];
    for (const query of ['', `?patient_id=${theirs}`, `?curseur=${cursor}`, '?sort=date&limit=200']) {
      const { status, body } = await compte.client.get(`/mon/acces${query}`);
      const of = body.map((row: { patient_id: number }) => row.patient_id);
      expect([query, status, of.filter((one: number) => one !== id)]).toEqual([query, 200, []]);
    }
    for (const path of [
      `/patients/${id}`,
      `/patients/${id}/acces`,
      '/patients',
      '/bris-de-glace',
      '/cabinets',
    ]) {
      expect([path, (await compte.client.get(path)).status]).toEqual([path, 403]);
    }
  });

  it('is also what was written of somebody who turned out to be them, and theirs no more once those are two again', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const doctor = cabinet.people.medecin.client;
    const { id: double } = await makePatient(doctor);
    const made = await doctor.post(`/patients/${double}/allergies`, { substance: 'Latex' });
    expect(made.status).toBe(201);
    const merged = await cabinet.people.gerant.client.post(`/patients/${id}/fusion`, { avec: double });
    expect(merged.status).toBe(201);
    const mine = async () => (await compte.client.get('/mon/dossier')).body;
    const [dossier, ...others] = await mine();
    expect([dossier.patient_id, dossier.allergies[0].substance, others]).toEqual([id, 'Latex', []]);
    const log = (await compte.client.get('/mon/acces?limit=200')).body;
    expect(new Set(log.map((row: { patient_id: number }) => row.patient_id))).toEqual(new Set([id, double]));
    const undone = await cabinet.people.gerant.client.post(`/fusions/${merged.body.id}/annuler`);
    expect(undone.status).toBeLessThan(300);
    expect((await mine())[0].allergies).toEqual([]);
    const after = (await compte.client.get('/mon/acces?limit=200')).body;
    expect(new Set(after.map((row: { patient_id: number }) => row.patient_id))).toEqual(new Set([id]));
  });

  it('is theirs alone also where the rule is forgotten', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    await makePatient(cabinet.people.medecin.client);
    api.app.rulesFor = (principal) => [
      ...rulesFor(principal).filter(({ subject }) => subject !== 'MonDossier'),
      { action: 'read', subject: 'MonDossier' },
    ];
    const dossiers = (await compte.client.get('/mon/dossier')).body;
    expect(dossiers.map((row: { patient_id: number }) => row.patient_id)).toEqual([id]);
    const acces = (await compte.client.get('/mon/acces?limit=200')).body;
    expect(new Set(acces.map((row: { patient_id: number }) => row.patient_id))).toEqual(new Set([id]));
  });

  it('is for accounts of clients: whoever works there has theirs by other pages, an administrator none', async () => {
    const admin = await api.newPerson('admin');
    for (const { client } of [admin, cabinet.people.medecin, cabinet.people.gerant]) {
      for (const path of ['/mon/dossier', '/mon/acces', '/mon/code', '/mon/rendez-vous', '/mon/copie']) {
        expect([path, (await client.get(path)).status]).toEqual([path, 403]);
      }
      expect((await client.post('/mon/copie', {})).status).toBe(403);
    }
    const nobody = await api.newPerson('client');
    expect((await nobody.client.get('/mon/dossier')).body).toEqual([]);
    expect((await nobody.client.get('/mon/acces')).body).toEqual([]);
    expect((await nobody.client.get('/mon/rendez-vous')).body).toEqual([]);
    expect((await nobody.client.get('/mon/copie')).body).toEqual([]);
    expect((await nobody.client.post('/mon/copie', {})).status).toBe(404);
  });
});

/** Another half hour of another day. */
let hours = 0;
const nextTime = () => new Date(Math.ceil(Date.now() / 3_600_000 + 24 + ++hours) * 3_600_000);
const book = (where: TestAgenda, patient_id: number, given: object = {}) =>
  makeRendezVousCabinet(where.people.secretaire.client, where, nextTime(), { patient_id, ...given });
/** Whose accesses were put on record by a request, as what. */
const onRecord = (requete: string, compte: Personne) =>
  api.database.owner.query(
    `SELECT cabinet_id, patient_id, finalite, categories FROM medical.acces_dossier
     WHERE requete = $1 AND user_id = $2 ORDER BY id`,
    [requete, compte.user.id],
  );

describe('appointments of a patient', () => {
  it('are theirs in all their practices, past and to come: where, when and with whom, and not for what kind of care', async () => {
    const compte = await api.newPerson('client');
    const here = await patientOf(cabinet, compte);
    const there = await patientOf(other, compte);
    const voisin = await patientOf(cabinet, await api.newPerson('client'));
    await book(cabinet, voisin, { motif: 'Celui d’un voisin' });
    const [first, second, gone] = [
      await book(cabinet, here, { motif: 'Toux depuis lundi' }),
      await book(other, there),
      await book(cabinet, here),
    ];
    await api.database.owner.query(
      `UPDATE medical.rendez_vous_patients SET debut = now() - interval '2 hours', fin = now() - interval '1 hour' WHERE uid = $1`,
      [gone.uid],
    );
    const { status, body, headers, bytes } = await compte.client.get('/mon/rendez-vous');
    expect([status, headers.get('x-total-count')]).toEqual([200, '3']);
    expect(body.map(({ uid }: { uid: string }) => uid)).toEqual([second.uid, first.uid, gone.uid]);
    expect(body[1]).toEqual({
      uid: first.uid,
      patient_id: here,
      cabinet: {
        ...{ id: cabinet.id, nom: expect.any(String), adresse: null, telephone: null },
        fuseau_horaire: 'UTC',
      },
      praticien: { nom: cabinet.people.medecin.user.nom, prenom: cabinet.people.medecin.user.prenom },
      debut: first.debut,
      fin: first.fin,
      statut: 'confirme',
      motif: 'Toux depuis lundi',
      annule_le: null,
      annule_par: null,
    });
    expect(bytes.toString()).not.toMatch(/grossesse|voisin/);
    expect(await onRecord('GET /mon/rendez-vous', compte)).toEqual(
      [
        { cabinet_id: cabinet.id, patient_id: here, finalite: 'PATRQT', categories: ['rendez_vous'] },
        { cabinet_id: other.id, patient_id: there, finalite: 'PATRQT', categories: ['rendez_vous'] },
      ].sort((a, b) => a.cabinet_id - b.cabinet_id),
    );
    const uids = async (query: string) =>
      (await compte.client.get(`/mon/rendez-vous?${query}`)).body.map(({ uid }: { uid: string }) => uid);
    expect(await uids('periode=a_venir&sort=debut')).toEqual([first.uid, second.uid]);
    expect(await uids('periode=passes')).toEqual([gone.uid]);
    expect(await uids(`patient_id=${there}`)).toEqual([second.uid]);
    expect(await uids(`patient_id=${voisin}`)).toEqual([]);
    const page = await compte.client.get('/mon/rendez-vous?limit=2');
    const next = /curseur=([\w-]+)/.exec(page.headers.get('link')!)![1];
    expect(await uids(`limit=2&curseur=${next}`)).toEqual([gone.uid]);
  });

  it('say by whom one was cancelled, and are told of nobody else, also where the rule is forgotten', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const { uid } = await book(cabinet, id);
    const path = `/cabinets/${cabinet.id}/rendez-vous/${uid}/annuler`;
    const put = await cabinet.people.secretaire.client.put(path, {
      par: 'cabinet',
      motif: 'Le docteur est malade',
    });
    expect(put.status).toBe(200);
    api.app.rulesFor = (principal) => [
      ...rulesFor(principal).filter(({ subject }) => subject !== 'MonDossier'),
      { action: ['read', 'create'], subject: 'MonDossier' },
    ];
    const { body } = await compte.client.get('/mon/rendez-vous?limit=200');
    expect(body).toEqual([expect.objectContaining({ uid, statut: 'annule', annule_par: 'cabinet' })]);
  });
});

describe('a copy that a patient asks for', () => {
  it('is a request of theirs whose clocks run: asked again it is the same, until it has its answer', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const asked = await compte.client.post('/mon/copie', {});
    expect([asked.status, asked.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        patient_id: id,
        cabinet: { id: cabinet.id, nom: expect.any(String) },
        nature: 'acces',
        statut: 'ouverte',
        recue_le: expect.any(String),
        pas_avant: expect.any(String),
        echeance: expect.any(String),
        repondue_le: null,
      },
    ]);
    const { recue_le, pas_avant, echeance } = asked.body;
    expect(Date.parse(pas_avant) - Date.parse(recue_le)).toBe(48 * 3_600_000);
    const days = (Date.parse(echeance) - Date.parse(recue_le)) / 86_400_000;
    expect([days > 8, days <= 9]).toEqual([true, true]);
    const again = await Promise.all(
      [1, 2, 3].map(() => compte.client.post('/mon/copie', { patient_id: id })),
    );
    for (const { status, body } of again) expect([status, body]).toEqual([201, asked.body]);

    const doctor = cabinet.people.medecin.client;
    const read = await doctor.get(`/demandes-droits/${asked.body.id}`);
    expect(read.body).toMatchObject({ patient_id: id, delai: 'reflexion', recue_le, pas_avant, echeance });
    expect(read.body.demande).toMatch(/^Copie du dossier/);
    const reply = { statut: 'refusee', reponse: 'Déjà remise en main propre' };
    expect((await doctor.post(`/demandes-droits/${asked.body.id}/reponse`, reply)).status).toBe(200);
    const other = await compte.client.post('/mon/copie', {});
    expect([other.status, other.body.id === asked.body.id]).toEqual([201, false]);
    const mine = await compte.client.get('/mon/copie?sort=recue_le');
    expect(mine.body).toEqual([
      { ...asked.body, statut: 'refusee', repondue_le: expect.any(String) },
      other.body,
    ]);
    expect(mine.bytes.toString()).not.toContain('main propre');
    expect((await onRecord('GET /mon/copie', compte)).length).toBe(1);
    expect((await onRecord('POST /mon/copie', compte)).length).toBe(5);
  });

  it('is one however many ask at once, and one for the key that asks again', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const key = { 'Idempotency-Key': '6f0f8f3e-5b1b-4a55-9f3e-5c8a1f0f2a11' };
    const all = await Promise.all([
      ...[1, 2, 3].map(() => compte.client.post('/mon/copie', { patient_id: id })),
      compte.client.post('/mon/copie', {}, key),
    ]);
    expect(all.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    const replayed = await compte.client.post('/mon/copie', {}, key);
    expect([replayed.status, replayed.headers.get('idempotency-replayed'), replayed.body.id]).toEqual([
      201,
      'true',
      all[0]!.body.id,
    ]);
  });

  it('says of which practice where several know them, and is of nobody else by no id', async () => {
    const compte = await api.newPerson('client');
    const here = await patientOf(cabinet, compte);
    const there = await patientOf(other, compte);
    const neighbour = await api.newPerson('client');
    const theirs = await patientOf(cabinet, neighbour);
    const { body: kept } = await neighbour.client.post('/mon/copie', {});
    const ask = (body: object) => compte.client.post('/mon/copie', body);
    const unclear = await ask({});
    expect([unclear.status, unclear.body.erreurs[0].champ]).toEqual([422, 'patient_id']);
    const none = await ask({ patient_id: 999_999_998 });
    const foreign = await ask({ patient_id: theirs });
    expect([foreign.status, foreign.body.erreurs]).toEqual([422, none.body.erreurs]);
    for (const patient_id of [here, there]) {
      const { status, body } = await ask({ patient_id });
      expect([status, body.patient_id]).toEqual([201, patient_id]);
    }
    api.app.rulesFor = (principal) => [
      ...rulesFor(principal).filter(({ subject }) => subject !== 'MonDossier'),
      { action: ['read', 'create'], subject: 'MonDossier' },
    ];
    expect((await ask({ patient_id: theirs })).body.erreurs).toEqual(none.body.erreurs);
    const { body } = await compte.client.get('/mon/copie?limit=200');
    expect(body.length).toBe(2);
    expect(JSON.stringify(body)).not.toContain(String(kept.id));
    api.app.rulesFor = (principal) => [
      ...rulesFor(principal).filter(({ subject }) => subject !== 'MonDossier'),
      { action: 'read', subject: 'MonDossier', where: [{ user_id: principal.userId }] },
    ];
    expect((await ask({ patient_id: here })).status).toBe(403);
  });

  it('is of whom they turned out to be: also where two are made one meanwhile', async () => {
    const compte = await api.newPerson('client');
    const id = await patientOf(cabinet, compte);
    const { id: double } = await makePatient(cabinet.people.medecin.client, VERIFIED);
    await tie(cabinet, double, compte);
    const held = await holdRows(
      api.database.owner,
      'SELECT FROM medical.patients WHERE id = ANY($1) FOR UPDATE',
      [[id, double]],
    );
    const asking = compte.client.post('/mon/copie', { patient_id: double });
    await held.awaitedBy(1, null);
    await held.change('UPDATE medical.patients SET fusionne_dans_id = $1 WHERE id = $2', [id, double]);
    await held.commit();
    const { status, body } = await asking;
    expect([status, body.code, body.fusionne_dans_id]).toEqual([409, 'PATIENT_FUSIONNE', id]);
    expect((await compte.client.post('/mon/copie', {})).body.patient_id).toBe(id);
  });
});
