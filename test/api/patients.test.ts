import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, patient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';

/** Patients of a practice: entered, read, changed, found. */

let api: TestApi;
let cabinet: TestCabinet;
let other: TestCabinet;
let desk: Client;
beforeAll(async () => {
  api = await startTestApi();
  const admin = (await api.newPerson('admin')).client;
  cabinet = await makeCabinet(api, admin);
  other = await makeCabinet(api, admin);
  desk = cabinet.people.secretaire.client;
});
afterAll(() => api.close());

const WHOLE = {
  nom_naissance: 'El Mâlti',
  nom_usage: 'Benâli',
  prenoms: 'Zoé Kenza',
  sexe: 'F',
  date_naissance: '1962-03',
  lieu_naissance: 'Fès',
  telephone: '06 61 23 45 67',
  email: 'Kenza@Exemple.ma',
  adresse: '3 rue des Orangers\nRabat',
  profession: 'Menuisière',
  identifiants: [
    { type: 'cin', valeur: 'BK 123-456' },
    { type: 'cnss', valeur: '987654321' },
  ],
};

describe('a patient', () => {
  it('is entered and read with all that is known, and of what is sealed nothing is clear in the database', async () => {
    const created = await desk.post('/patients', WHOLE);
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    const instant = expect.stringMatching(/Z$/);
    expect(created.body).toEqual({
      ...WHOLE,
      id: expect.any(Number),
      compte: false,
      date_deces: null,
      cabinet_id: cabinet.id,
      telephone: '+212661234567',
      email: 'kenza@exemple.ma',
      statut_identite: 'provisoire',
      justificatif: null,
      partage_cabinet: true,
      actif: true,
      fusionne_dans_id: null,
      date_creation: instant,
      date_modification: instant,
      version: 1,
    });
    const read = await desk.get(`/patients/${created.body.id}`);
    expect([read.status, read.body]).toEqual([200, created.body]);
    const { owner } = api.database;
    const rows = await owner.query(
      `SELECT (SELECT json_agg(p) FROM medical.patients p)::text || (SELECT json_agg(i) FROM medical.identifiants_patient i)::text
         || (SELECT json_agg(h) FROM medical.historique_patient h)::text AS everything`,
    );
    const clear = Buffer.from(rows[0].everything).toString();
    const decoded = clear.replace(/\\\\x([0-9a-f]+)/g, (_, hex) =>
      Buffer.from(hex, 'hex').toString('latin1'),
    );
    for (const word of [
      '661234567',
      'kenza@exemple',
      'Orangers',
      'Menuisi',
      'BK 123',
      'BK123',
      '987654321',
    ]) {
      expect([word, clear.includes(word), decoded.includes(word)]).toEqual([word, false, false]);
    }
    // What a desk searches by is, and is said to be.
    expect(clear).toContain('El Mâlti');
  });

  it('is changed field by field, under its version, and what was is kept sealed', async () => {
    const { id } = await makePatient(desk, WHOLE);
    const path = `/patients/${id}`;
    const changes = {
      telephone: null,
      profession: 'Ébéniste',
      identifiants: [{ type: 'cin', valeur: 'BK 123-456' }],
    };
    const changed = await desk.patch(path, changes, { 'If-Match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({ ...changes, email: 'kenza@exemple.ma', nom_usage: 'Benâli' });
    expect((await desk.get(path)).body).toEqual(changed.body);
    expect((await desk.patch(path, { nom_usage: 'Autre' }, { 'If-Match': '"1"' })).status).toBe(412);
    // The same again is no change.
    expect((await desk.patch(path, changes)).body.version).toBe(2);
    const history = await api.database.owner.query(
      'SELECT version, action, champs, user_id FROM medical.historique_patient WHERE patient_id = $1 ORDER BY id',
      [id],
    );
    expect(history).toEqual([
      expect.objectContaining({ version: 1, action: 'creation', user_id: cabinet.people.secretaire.user.id }),
      expect.objectContaining({
        version: 2,
        action: 'modification',
        champs: expect.arrayContaining(['telephone', 'profession', 'identifiants']),
      }),
    ]);
    expect(history[1].champs).toHaveLength(3);
  });

  it.each([
    ['a date that is none', { date_naissance: '1962-02-30' }, 'date_naissance'],
    ['a date to come', { date_naissance: '2199' }, 'date_naissance'],
    ['an instant', { date_naissance: '1962-03-14T00:00:00Z' }, 'date_naissance'],
    ['a number that nobody has', { telephone: '12' }, 'telephone'],
    ['a paper for an identity that nobody checked', { justificatif: 'passeport' }, 'justificatif'],
    ['an identity that was checked by nothing', { statut_identite: 'validee' }, 'justificatif'],
    ['an identity that was obtained without a number', { statut_identite: 'recuperee' }, 'identifiants'],
    [
      'a false social security number',
      { identifiants: [{ type: 'ins_nir', valeur: '262037512345699' }] },
      'identifiants.0.valeur',
    ],
    [
      'the same number twice',
      {
        identifiants: [
          { type: 'cin', valeur: 'a 1' },
          { type: 'cin', valeur: 'A-1' },
        ],
      },
      'identifiants',
    ],
    ['a practice that is none', { cabinet_id: 2_000_000_000 }, 'cabinet_id'],
    ['a field that nobody knows', { poids: 70 }, 'poids'],
  ])('is refused with %s', async (_, given, champ) => {
    const { status, body } = await desk.post('/patients', patient(given));
    expect([status, body.erreurs.map((fault: { champ: string }) => fault.champ)]).toEqual([422, [champ]]);
  });

  it('has an identity that becomes what it rests on, and is provisional again once a strict trait changes', async () => {
    const { id } = await makePatient(desk);
    const change = async (body: object) => {
      const { statut_identite, justificatif } = (await desk.patch(`/patients/${id}`, body)).body;
      return [statut_identite, justificatif];
    };
    expect(await change({ statut_identite: 'validee', justificatif: 'carte_identite' })).toEqual([
      'validee',
      'carte_identite',
    ]);
    // Married, and moved.
    expect(await change({ nom_usage: 'Alami', adresse: 'Fès' })).toEqual(['validee', 'carte_identite']);
    expect(
      await change({ identifiants: [{ type: 'ins_nia', valeur: '1' }], statut_identite: 'qualifiee' }),
    ).toEqual(['qualifiee', 'carte_identite']);
    expect(await change({ date_naissance: '1962-03-15' })).toEqual(['provisoire', null]);
    expect(await change({ prenoms: 'Samia', statut_identite: 'validee', justificatif: 'passeport' })).toEqual(
      ['validee', 'passeport'],
    );
  });

  it.each(['1962-03-14', '1962-03', '1962', '2000-02-29', '1899-12-31'])(
    'is born on %s wherever anybody is',
    async (date_naissance) => {
      const { id, body } = await makePatient(desk, { date_naissance });
      expect([body.date_naissance, (await desk.get(`/patients/${id}`)).body.date_naissance]).toEqual([
        date_naissance,
        date_naissance,
      ]);
    },
  );

  it('has an id that tells nobody how many there are', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 6; n++) ids.push((await makePatient(desk)).id);
    const gaps = ids.slice(1).map((id, index) => Math.abs(id - ids[index]!));
    expect(gaps.every((gap) => gap > 1)).toBe(true);
  });

  it('is entered once under an Idempotency-Key, and read anew for whoever asks again, which is on record', async () => {
    const key = { 'Idempotency-Key': 'une-fois' };
    const body = patient({ nom_naissance: 'Idempotente', telephone: '0661999999' });
    const first = await desk.post('/patients', body, key);
    const again = await desk.post('/patients', body, key);
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      201,
      first.body,
      'true',
    ]);
    expect((await desk.post('/patients', patient(), key)).body.code).toBe('CLE_REUTILISEE');
    const { owner } = api.database;
    const [{ kept }] = await owner.query(
      `SELECT json_agg(i)::text AS kept FROM idempotence i WHERE cle = 'une-fois'`,
    );
    expect(kept).toContain(String(first.body.id));
    expect(kept).not.toMatch(/Idempotente|661999999/);
    const [{ rows }] = await owner.query(
      'SELECT count(*)::integer AS rows FROM medical.acces_dossier WHERE patient_id = $1',
      [first.body.id],
    );
    expect(rows).toBe(2);
    expect(
      (await desk.get('/patients?limit=200')).body.filter(({ id }: { id: number }) => id === first.body.id),
    ).toHaveLength(1);
  });
});

describe('somebody who has died', () => {
  const today = () => new Date().toISOString().slice(0, 10);

  it('has a day of it, set and corrected by who may change identities, in all that is read of them', async () => {
    const { id } = await makePatient(desk, { nom_naissance: 'Kanarienhahn', email: 'hahn@exemple.ma' });
    const path = `/patients/${id}`;
    const refused = await cabinet.people.gerant.client.patch(path, { date_deces: '2026-11-02' });
    expect(refused.status).toBe(403);
    expect((await other.people.secretaire.client.patch(path, { date_deces: '2026-11-02' })).status).toBe(404);
    const set = await cabinet.people.medecin.client.patch(
      path,
      { date_deces: '2026-11-02' },
      { 'If-Match': '"1"' },
    );
    expect([set.status, set.body.date_deces, set.body.version]).toEqual([200, '2026-11-02', 2]);
    // What is known of them otherwise stays, and so does their identity.
    expect(set.body).toMatchObject({ actif: true, email: 'hahn@exemple.ma', statut_identite: 'provisoire' });
    const found = await desk.post('/patients/recherche', { q: 'kanarienhahn' });
    expect(found.body).toEqual([expect.objectContaining({ id, date_deces: '2026-11-02' })]);
    const double = await makePatient(desk, { nom_naissance: 'Kanarienhahn' });
    const [seen] = (await desk.get(`/patients/${double.id}/doublons`)).body;
    expect(seen).toMatchObject({ id, date_deces: '2026-11-02' });
    const corrected = await desk.patch(path, { date_deces: null });
    expect([corrected.body.date_deces, corrected.body.version]).toEqual([null, 3]);
    const history = await api.database.owner.query(
      'SELECT champs, contenu::text AS contenu FROM medical.historique_patient WHERE patient_id = $1 AND version > 1 ORDER BY id',
      [id],
    );
    expect(history.map(({ champs }: { champs: string[] }) => champs)).toEqual([
      ['date_deces'],
      ['date_deces'],
    ]);
    for (const { contenu } of history) expect(contenu).not.toContain('2026-11-02');
  });

  it.each([
    ['before they were born', '1962-03-13'],
    ['tomorrow', '2199-01-01'],
    ['no date', '2026-02-30'],
    ['a month', '2026-02'],
    ['an instant', '2026-02-03T00:00:00Z'],
  ])('did not die %s', async (_, date_deces) => {
    const { id } = await makePatient(desk);
    const { status, body } = await desk.patch(`/patients/${id}`, { date_deces });
    expect([status, body.erreurs.map((fault: { champ: string }) => fault.champ)]).toEqual([
      422,
      ['date_deces'],
    ]);
    expect((await desk.post('/patients', patient({ date_deces: '2020-01-01' }))).status).toBe(422);
  });

  it('died today by the clocks of the practice, and was not born after it', async () => {
    const { id } = await makePatient(desk);
    const path = `/patients/${id}`;
    // Half an hour before midnight in Casablanca it is that day, though elsewhere it is the next one.
    const real = api.app.clock;
    api.app.clock = () => new Date(`${today()}T00:30:00.000Z`);
    try {
      const by = await makeCabinet(api, (await api.newPerson('admin')).client, {
        fuseau_horaire: 'America/Montreal',
      });
      const theirs = await makePatient(by.people.secretaire.client);
      const late = await by.people.secretaire.client.patch(`/patients/${theirs.id}`, { date_deces: today() });
      expect([late.status, late.body.erreurs[0].champ]).toEqual([422, 'date_deces']);
      expect((await desk.patch(path, { date_deces: today() })).status).toBe(200);
    } finally {
      api.app.clock = real;
    }
    const born = await desk.patch(path, { date_naissance: '2199' });
    expect(born.status).toBe(422);
    const after = await desk.patch(path, { date_naissance: '1990-01-01' });
    expect(after.status).toBe(200);
    await desk.patch(path, { date_deces: '1995-05-05' });
    const younger = await desk.patch(path, { date_naissance: '1996' });
    expect([younger.status, younger.body.erreurs[0].champ]).toEqual([422, 'date_deces']);
  });

  it('cannot have died before they were born, by the table itself', async () => {
    const { id } = await makePatient(desk);
    await expect(
      api.database.owner.query(`UPDATE medical.patients SET date_deces = '1900-01-01' WHERE id = $1`, [id]),
    ).rejects.toThrow(/patients_deces/);
  });
});

describe('a list of patients', () => {
  it('names nobody, in its rows and in the addresses of its pages', async () => {
    await makePatient(desk, { nom_naissance: 'Nommée' });
    const listed = await desk.get('/patients?limit=1&sort=date_creation');
    expect(Object.keys(listed.body[0])).toEqual([
      'id',
      'cabinet_id',
      'statut_identite',
      'actif',
      'fusionne_dans_id',
      'date_creation',
      'date_modification',
      'version',
    ]);
    const cursor = /curseur=([\w-]+)/.exec(listed.headers.get('link')!)![1]!;
    expect(Buffer.from(cursor, 'base64url').toString()).toMatch(/^\[[\d",\s:.+-]+\]$/);
    for (const refused of ['sort=nom_naissance', 'q=benali', 'nom_naissance=Benali']) {
      expect([refused, (await desk.get(`/patients?${refused}`)).status]).toEqual([refused, 422]);
    }
  });

  it('is narrowed by what its rows show', async () => {
    const { id } = await makePatient(desk, { actif: false });
    const ids = async (query: string) =>
      (await desk.get(`/patients?limit=200&${query}`)).body.map((row: { id: number }) => row.id);
    expect(await ids('actif=false')).toContain(id);
    expect(await ids('actif=true')).not.toContain(id);
    expect(await ids('statut_identite=validee,qualifiee')).not.toContain(id);
    expect(await ids(`cabinet_id=${other.id}`)).toEqual([]);
  });
});

describe('a search', () => {
  const people = [
    { nom_naissance: 'Bénali-Tazi', prenoms: 'Hicham', date_naissance: '1971-05-02', sexe: 'M' },
    { nom_naissance: 'Oubenali', prenoms: 'Hichem', date_naissance: '1971', sexe: 'M' },
    { nom_naissance: 'أمينة', prenoms: 'فاطمة', date_naissance: '1990-12-31' },
    {
      nom_naissance: 'Lefebvre',
      nom_usage: 'Aït Ouakrim',
      prenoms: 'Anne-Sophie',
      date_naissance: '1984-07-19',
    },
  ];
  const found = async (body: object, by = desk): Promise<string[]> => {
    const { status, body: answer } = await by.post('/patients/recherche', body);
    expect(status).toBe(200);
    return answer.map((row: { nom_naissance: string }) => row.nom_naissance);
  };
  beforeAll(async () => {
    for (const given of people) await makePatient(desk, given);
    await makePatient(desk, { nom_naissance: 'Introuvable', telephone: '0522000001', email: 'x@y.ma' });
    await makePatient(other.people.medecin.client, { nom_naissance: 'Bénali-Tazi', prenoms: 'Autre' });
  });

  it.each([
    ['without accents', 'benali tazi', 'Bénali-Tazi'],
    ['in another order', 'hicham BENALI', 'Bénali-Tazi'],
    ['written as one word', 'benalitazi', 'Bénali-Tazi'],
    ['as far as it was typed', 'hich bena', 'Bénali-Tazi'],
    ['with a letter too many', 'bennali hicham', 'Bénali-Tazi'],
    ['with two letters swapped', 'benlai hicham', 'Bénali-Tazi'],
    ['by the name in use', 'ait ouakrim', 'Lefebvre'],
    ['by one of the first names', 'sophi lefevre', 'Lefebvre'],
    ['in Arabic, without its signs', 'فاطمه امينة', 'أمينة'],
  ])('finds somebody %s', async (_, q, nom) => {
    expect((await found({ q }))[0]).toBe(nom);
  });

  it('finds nobody who was not meant', async () => {
    expect(await found({ q: 'martin' })).toEqual([]);
    expect(await found({ q: 'benali zzzz' })).toEqual([]);
    expect(await found({ q: '%', identifiant: 'x' })).toEqual([]);
  });

  it('finds by birth date, also one that is not known as exactly, and by both', async () => {
    expect(await found({ date_naissance: '1971-05-02' })).toEqual(
      expect.arrayContaining(['Bénali-Tazi', 'Oubenali']),
    );
    expect(await found({ date_naissance: '1971-05-03' })).toEqual(['Oubenali']);
    expect(await found({ q: 'hicham', date_naissance: '1971-05' })).toEqual(['Bénali-Tazi', 'Oubenali']);
    expect(await found({ q: 'benali', date_naissance: '1984' })).toEqual([]);
  });

  it('finds by any number, as people write it', async () => {
    await makePatient(desk, {
      nom_naissance: 'Numérotée',
      identifiants: [{ type: 'passeport', valeur: 'ab 12.34' }],
    });
    expect(await found({ identifiant: 'AB1234' })).toEqual(['Numérotée']);
    expect(await found({ identifiant: '05 22 00 00 01' })).toEqual(['Introuvable']);
    expect(await found({ identifiant: ' X@Y.ma' })).toEqual(['Introuvable']);
    expect(await found({ identifiant: 'AB1235' })).toEqual([]);
    expect(await found({ identifiant: 'AB1234' }, other.people.medecin.client)).toEqual([]);
  });

  it('asks for something to find by', async () => {
    for (const body of [{}, { q: ' ' }, { q: '---' }, { date_naissance: '14/03/1962' }]) {
      expect([body, (await desk.post('/patients/recherche', body)).status]).toEqual([body, 422]);
    }
  });
});

describe('the same person twice', () => {
  const doublons = async (id: number): Promise<[string, string[]][]> => {
    const { status, body } = await desk.get(`/patients/${id}/doublons`);
    expect(status).toBe(200);
    return body.map((row: { nom_usage: string; raisons: string[] }) => [row.nom_usage, row.raisons]);
  };
  const somebody = (nom_usage: string, given: object = {}) =>
    makePatient(desk, {
      nom_naissance: 'Zerhouni',
      prenoms: 'Ghita',
      date_naissance: '1977-08-09',
      nom_usage,
      ...given,
    });

  it('is found by a number, a telephone, an address, or the names with a birth date that may be the same', async () => {
    const { id } = await somebody('Elle', {
      telephone: '0661777777',
      email: 'ghita@exemple.ma',
      identifiants: [{ type: 'cin', valeur: 'GZ 77' }],
    });
    await somebody('Toutes raisons', {
      telephone: '+212661777777',
      identifiants: [{ type: 'cin', valeur: 'gz77' }],
    });
    await somebody('Faute', { nom_naissance: 'Zerhoni', date_naissance: '1977-08' });
    await somebody('Autre jour', { date_naissance: '1977-08-10' });
    await somebody('Mariée', { nom_naissance: 'Autre', prenoms: 'Personne', email: 'GHITA@exemple.ma' });
    // The same number of another kind is another number.
    await somebody('Autre type', { prenoms: 'Autre', identifiants: [{ type: 'cnss', valeur: 'GZ77' }] });
    const found = await doublons(id);
    expect(found[0]).toEqual(['Toutes raisons', ['identifiant', 'telephone', 'noms_et_naissance']]);
    expect(Object.fromEntries(found.slice(1))).toEqual({ Faute: ['noms_et_naissance'], Mariée: ['email'] });
  });

  it('is never somebody of another practice', async () => {
    const given = { telephone: '0661888888', identifiants: [{ type: 'cin', valeur: 'DEUX' }] };
    const { id } = await makePatient(desk, { nom_naissance: 'Double', ...given });
    await makePatient(other.people.medecin.client, { nom_naissance: 'Double', ...given });
    expect(await doublons(id)).toEqual([]);
  });
});
