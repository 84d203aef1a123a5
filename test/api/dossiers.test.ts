import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from '../support/api';
import { addMembre, makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { entreesDe } from '../support/dossiers';

/** What records are made of: entered, changed, said to be an error, read. */

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

const ENTRIES = entreesDe('Kanarienvogel');
const by = (segment: string) => (ENTRIES[segment]!.administratif ? desk : doctor);

describe.each(Object.keys(ENTRIES))('%s', (segment) => {
  const { body, change } = ENTRIES[segment]!;

  it('are entered, read, changed under a version, and each version is kept; nothing of them is clear', async () => {
    const { id } = await makePatient(desk);
    const path = `/patients/${id}/${segment}`;
    const created = await by(segment).post(path, body);
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    const { user } = cabinet.people[by(segment) === desk ? 'secretaire' : 'medecin'];
    const instant = expect.stringMatching(/Z$/);
    expect(created.body).toEqual({
      date_effet: instant,
      ...body,
      id: expect.any(Number),
      patient_id: id,
      statut: 'actif',
      motif_erreur: null,
      consultation_id: null,
      auteur: { id: user.id, nom: user.nom, prenom: user.prenom },
      date_creation: instant,
      date_modification: instant,
      version: 1,
    });
    const at = `${path}/${created.body.id}`;
    const changed = await by(segment).patch(at, change, { 'If-Match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toEqual({
      ...created.body,
      ...change,
      version: 2,
      date_modification: instant,
    });
    expect((await by(segment).patch(at, change, { 'If-Match': '"1"' })).status).toBe(412);
    // The same again is no change.
    expect((await by(segment).patch(at, change)).body.version).toBe(2);
    const listed = await by(segment).get(path);
    expect([listed.status, listed.headers.get('x-total-count'), listed.body]).toEqual([
      200,
      '1',
      [changed.body],
    ]);

    const { owner } = api.database;
    const kept = await owner.query(
      `SELECT v.version, v.statut, v.user_id, encode(v.contenu, 'escape') || encode(e.contenu, 'escape') AS contenu
       FROM medical.elements_dossier_versions v JOIN medical.elements_dossier e ON e.id = v.element_id
       WHERE v.element_id = $1 ORDER BY 1`,
      [created.body.id],
    );
    expect(kept.map(({ version, user_id }: Record<string, number>) => [version, user_id])).toEqual([
      [1, user.id],
      [2, user.id],
    ]);
    const [{ everything }] = await owner.query(
      `SELECT json_agg(e)::text || (SELECT json_agg(v) FROM medical.elements_dossier_versions v)::text AS everything
       FROM medical.elements_dossier e`,
    );
    const decoded = everything.replace(/\\\\x([0-9a-f]+)/g, (_: string, hex: string) =>
      Buffer.from(hex, 'hex').toString('latin1'),
    );
    expect(everything + decoded).not.toMatch(/Kanarien|E11\.9|A10BA02|tension/i);
  });

  it('are entered in error at worst: then they stay, say so and why, and change no more', async () => {
    const { id } = await makePatient(desk);
    const path = `/patients/${id}/${segment}`;
    const { body: made } = await by(segment).post(path, body);
    const at = `${path}/${made.id}`;
    expect((await by(segment).patch(at, { motif_erreur: 'Autre patient' })).status).toBe(422);
    const wrong = await by(segment).patch(at, { statut: 'erreur', motif_erreur: 'Autre patient' });
    expect([wrong.status, wrong.body]).toEqual([
      200,
      expect.objectContaining({ ...body, statut: 'erreur', motif_erreur: 'Autre patient' }),
    ]);
    for (const again of [change, { statut: 'actif' }]) {
      const refused = await by(segment).patch(at, again);
      expect([refused.status, refused.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
    }
    expect((await by(segment).get(path)).body).toEqual([wrong.body]);
    expect((await by(segment).get(`${path}?statut=actif`)).body).toEqual([]);
    expect((await by(segment).delete(at)).status).toBe(405);
  });

  it('are of the patient of the path, and of that kind', async () => {
    const [one, two] = [await makePatient(desk), await makePatient(desk)];
    const { body: made } = await by(segment).post(`/patients/${one.id}/${segment}`, body);
    const elsewhere = await by(segment).patch(`/patients/${two.id}/${segment}/${made.id}`, change);
    expect(elsewhere.status).toBe(404);
    const other = segment === 'diagnostics' ? 'antecedents' : 'diagnostics';
    expect((await doctor.patch(`/patients/${one.id}/${other}/${made.id}`, { code: null })).status).toBe(404);
    expect((await by(segment).get(`/patients/${two.id}/${segment}`)).body).toEqual([]);
  });

  it('are entered once under an Idempotency-Key, and read anew for whoever asks again', async () => {
    const { id } = await makePatient(desk);
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await by(segment).post(`/patients/${id}/${segment}`, body, key);
    const again = await by(segment).post(`/patients/${id}/${segment}`, body, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await by(segment).get(`/patients/${id}/${segment}`)).body).toHaveLength(1);
  });
});

describe('a record', () => {
  it('is the doctors’: a desk and who runs the practice see what is administrative, and write of it what theirs is', async () => {
    const { id } = await makePatient(desk);
    const { gerant } = cabinet.people;
    for (const [segment, entry] of Object.entries(ENTRIES)) {
      const path = `/patients/${id}/${segment}`;
      const administrative = entry.administratif;
      expect([segment, (await desk.get(path)).status]).toEqual([segment, administrative ? 200 : 403]);
      expect([segment, (await gerant.client.get(path)).status]).toEqual([
        segment,
        administrative ? 200 : 403,
      ]);
      expect([segment, (await gerant.client.post(path, entry.body)).status]).toEqual([segment, 403]);
      expect([segment, (await doctor.post(path, entry.body)).status]).toEqual([segment, 201]);
    }
  });

  it('that is not shared opens for those who treat the patient; others are told so', async () => {
    const { id } = await makePatient(doctor, { partage_cabinet: false });
    const colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    for (const [segment, entry] of Object.entries(ENTRIES)) {
      const path = `/patients/${id}/${segment}`;
      if (entry.administratif) continue;
      expect((await doctor.post(path, entry.body)).status).toBe(201);
      for (const refused of [
        await colleague.client.get(path),
        await colleague.client.post(path, entry.body),
      ]) {
        expect([segment, refused.status, refused.body.code]).toEqual([segment, 403, 'DOSSIER_NON_PARTAGE']);
      }
    }
  });
});

describe('allergies', () => {
  const allergies = async (id: number) =>
    (await doctor.get(`/patients/${id}/allergies?sort=id`)).body.map(
      ({ substance, aucune_connue, statut }: Record<string, unknown>) => [substance ?? aucune_connue, statut],
    );

  it('end the statement that there are none, which is refused while one holds', async () => {
    const { id } = await makePatient(desk);
    const path = `/patients/${id}/allergies`;
    const none = await doctor.post(path, { aucune_connue: true });
    expect(none.status).toBe(201);
    expect((await doctor.post(path, { aucune_connue: true, substance: 'Latex' })).status).toBe(422);
    const latex = await doctor.post(path, { substance: 'Latex' });
    expect(latex.status).toBe(201);
    const states = Object.fromEntries(await allergies(id));
    expect(states).toEqual({ true: 'resolu', Latex: 'actif' });
    const refused = await doctor.post(path, { aucune_connue: true });
    expect([refused.status, refused.body.code]).toEqual([409, 'ALLERGIE_CONNUE']);
    const revived = await doctor.patch(`${path}/${none.body.id}`, { statut: 'actif' });
    expect([revived.status, revived.body.code]).toEqual([409, 'ALLERGIE_CONNUE']);
    await doctor.patch(`${path}/${latex.body.id}`, { statut: 'erreur' });
    expect((await doctor.post(path, { aucune_connue: true })).status).toBe(201);
  });

  it('and that there are none are never both said, also at the same moment', async () => {
    const { id } = await makePatient(desk);
    const path = `/patients/${id}/allergies`;
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        doctor.post(path, n % 2 === 0 ? { aucune_connue: true } : { substance: `Pollen ${n}` }),
      ),
    );
    expect(replies.every(({ status }) => [201, 409].includes(status))).toBe(true);
    const holding = (await allergies(id)).filter(([, statut]: string[]) => statut === 'actif');
    const statements = holding.filter(([what]: unknown[]) => what === true);
    expect([statements.length > 1, statements.length > 0 && holding.length > statements.length]).toEqual([
      false,
      false,
    ]);
  });
});

describe('a measure', () => {
  it('without a unit is in the usual one; beyond what anybody shows, in another unit or to come it is refused', async () => {
    const { id } = await makePatient(desk, { date_naissance: '2026-11-29' });
    const path = `/patients/${id}/constantes`;
    const made = await doctor.post(path, { type: 'temperature', valeur: 37.2 });
    expect([made.status, made.body.unite, made.body.date_effet]).toEqual([
      201,
      'Cel',
      made.body.date_creation,
    ]);
    const refused = async (body: object) =>
      (await doctor.post(path, body)).body.erreurs.map(({ champ }: { champ: string }) => champ);
    expect(await refused({ type: 'temperature', valeur: 73 })).toEqual(['valeur']);
    expect(await refused({ type: 'temperature', valeur: 37, unite: 'kg' })).toEqual(['unite']);
    expect(await refused({ type: 'tension_arterielle', valeur: 120 })).toEqual(['diastolique']);
    const poids = { type: 'poids', valeur: 3.4 };
    expect(await refused({ ...poids, date_effet: '2090-01-01T00:00:00Z' })).toEqual(['date_effet']);
    expect(await refused({ ...poids, date_effet: '2026-11-28T23:59:59+14:00' })).toEqual(['date_effet']);
    const born = await doctor.post(path, { ...poids, date_effet: '2026-11-29T00:00:00+14:00' });
    expect([born.status, born.body.date_effet]).toEqual([201, '2026-11-28T10:00:00.000Z']);
    expect(await refused({ ...poids, date_effet: '2026-11-29' })).toEqual(['date_effet']);
  });
});

describe('a consent', () => {
  it('is added to and never changed; of sharing, the record follows what was said last', async () => {
    const { id } = await makePatient(doctor);
    const path = `/patients/${id}/consentements`;
    const say = (decision: string) =>
      desk.post(path, { objet: 'partage_cabinet', decision, recueil: 'oral', par: 'Omar Benali' });
    const colleague = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    const read = async () => (await colleague.client.get(`/patients/${id}/diagnostics`)).status;
    const first = await say('refuse');
    expect([first.status, await read()]).toEqual([201, 403]);
    expect([(await say('donne')).status, await read()]).toEqual([201, 200]);
    expect(
      (await desk.post(path, { objet: 'rappels_sms', decision: 'refuse', recueil: 'ecrit' })).status,
    ).toBe(201);
    expect(await read()).toBe(200);
    expect((await desk.patch(`${path}/${first.body.id}`, { decision: 'donne' })).status).toBe(404);
    expect((await desk.get(path)).body).toHaveLength(3);
  });
});

describe('identifiers', () => {
  it('are listed, added and corrected one by one, as a change of the identity', async () => {
    const { id } = await makePatient(desk, { identifiants: [{ type: 'cin', valeur: 'BK 1' }] });
    const path = `/patients/${id}/identifiants`;
    const added = await desk.post(path, { type: 'cnss', valeur: '987' }, { 'If-Match': '"1"' });
    expect([added.status, added.headers.get('etag')]).toEqual([201, '"2"']);
    expect(added.body).toEqual({ id: expect.any(Number), type: 'cnss', valeur: '987', version: 2 });
    const twice = await desk.post(path, { type: 'cin', valeur: 'bk-1' });
    expect([twice.status, twice.body.erreurs[0].champ]).toEqual([422, 'valeur']);
    const [cin] = (await desk.get(path)).body;
    expect(cin).toMatchObject({ type: 'cin', valeur: 'BK 1' });
    expect((await desk.patch(`${path}/${cin.id}`, { valeur: 'BK 2' }, { 'If-Match': '"1"' })).status).toBe(
      412,
    );
    const corrected = await desk.patch(`${path}/${cin.id}`, { valeur: 'BK 2' }, { 'If-Match': '"2"' });
    expect([corrected.status, corrected.body]).toEqual([
      200,
      { id: expect.any(Number), type: 'cin', valeur: 'BK 2', version: 3 },
    ]);
    expect((await desk.get(`/patients/${id}`)).body.identifiants).toEqual([
      { type: 'cin', valeur: 'BK 2' },
      { type: 'cnss', valeur: '987' },
    ]);
    expect((await desk.patch(`${path}/999999`, { valeur: 'X' })).status).toBe(404);
    const { gerant } = cabinet.people;
    expect([
      (await gerant.client.get(path)).status,
      (await gerant.client.post(path, { type: 'cin', valeur: 'X' })).status,
    ]).toEqual([200, 403]);
  });

  it('that several add at the same moment are all there', async () => {
    const { id } = await makePatient(desk);
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        desk.post(`/patients/${id}/identifiants`, { type: 'autre', valeur: `N ${n}` }),
      ),
    );
    expect((await desk.get(`/patients/${id}/identifiants`)).body).toHaveLength(6);
  });
});

describe('what an entry says', () => {
  it('opens nowhere but in its row, as it was sealed: another row, patient, kind, version, state or instant is an error', async () => {
    const [one, two] = [await makePatient(doctor), await makePatient(doctor)];
    const path = `/patients/${one.id}/diagnostics`;
    const { body: first } = await doctor.post(path, { texte: 'Premier' });
    const { body: second } = await doctor.post(path, { texte: 'Deuxième' });
    const { body: foreign } = await doctor.post(`/patients/${two.id}/diagnostics`, { texte: 'Autrui' });
    await doctor.patch(`${path}/${first.id}`, { texte: 'Premier, revu' });
    const before = (await doctor.get(path)).body;
    const { owner } = api.database;
    await owner.query('CREATE TABLE medical.avant AS SELECT * FROM medical.elements_dossier');
    const contentOf = (id: number) => `(SELECT contenu FROM medical.avant WHERE id = ${id})`;
    for (const change of [
      `contenu = ${contentOf(second.id)}`,
      `contenu = ${contentOf(foreign.id)}`,
      `contenu = (SELECT contenu FROM medical.elements_dossier_versions WHERE element_id = ${first.id} AND version = 1)`,
      `contenu = (SELECT contenu FROM medical.elements_dossier_versions WHERE element_id = ${first.id} AND version = 2)`,
      'contenu = set_byte(contenu, 20, get_byte(contenu, 20) # 1)',
      `statut = 'erreur'`,
      'version = 3',
      `date_effet = date_effet - interval '1 day'`,
      `auteur_id = ${cabinet.people.remplacant.user.id}`,
    ]) {
      await owner.query(`UPDATE medical.elements_dossier SET ${change} WHERE id = ${first.id}`);
      const { status, bytes } = await doctor.get(path);
      expect([change, status]).toEqual([change, 500]);
      expect(bytes.toString()).not.toMatch(/Premier|Deux|Autrui/);
      await owner.query(
        `UPDATE medical.elements_dossier e SET contenu = a.contenu, statut = a.statut, version = a.version,
           date_effet = a.date_effet, auteur_id = a.auteur_id FROM medical.avant a WHERE a.id = e.id`,
      );
      expect((await doctor.get(path)).body).toEqual(before);
    }
    await owner.query(`UPDATE medical.elements_dossier SET nature = 'antecedent' WHERE id = ${first.id}`);
    expect((await doctor.get(`/patients/${one.id}/antecedents`)).status).toBe(500);
    await owner.query('DROP TABLE medical.avant');
  });
});
