import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { holdRows } from '../support/locks';

/** Two patients who are one person: merged by who runs the practice, and separated again within thirty days. */

const DAY = 24 * 3600 * 1000;

let api: TestApi;
let cabinet: TestCabinet;
let desk: Client;
let gerant: Client;
const realClock = () => new Date();
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  desk = cabinet.people.secretaire.client;
  gerant = cabinet.people.gerant.client;
});
afterEach(() => {
  api.app.clock = realClock;
});
afterAll(() => api.close());

const merge = (id: number, avec: number, by = gerant) => by.post(`/patients/${id}/fusion`, { avec });
const undo = (id: number, by = gerant) => by.post(`/fusions/${id}/annuler`, undefined);
const numbers = async (id: number) =>
  (await desk.get(`/patients/${id}`)).body.identifiants
    .map(({ valeur }: { valeur: string }) => valeur)
    .sort();
const cin = (...valeurs: string[]) => ({ identifiants: valeurs.map((valeur) => ({ type: 'cin', valeur })) });

describe('a duplicate', () => {
  it('is merged: everything is the other’s, they show whom they were, and are found by nobody but by way of the other', async () => {
    const kept = await makePatient(desk, { nom_naissance: 'Gardée', ...cin('A 1', 'COMMUN 1') });
    const given = { nom_naissance: 'Doublonne', telephone: '0661010101', ...cin('B 2', 'commun1') };
    const double = await makePatient(desk, given);
    const done = await merge(kept.id, double.id);
    expect([done.status, done.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        cabinet_id: cabinet.id,
        patient_id: kept.id,
        avec: double.id,
        deplacees: { identifiants_patient: 1 },
        date: expect.stringMatching(/Z$/),
        annulable_jusqu_a: expect.stringMatching(/Z$/),
        annulee_le: null,
      },
    ]);
    expect(await numbers(kept.id)).toEqual(['A 1', 'B 2', 'COMMUN 1']);
    const old = (await desk.get(`/patients/${double.id}`)).body;
    expect(old).toMatchObject({ nom_naissance: 'Doublonne', fusionne_dans_id: kept.id, version: 2 });
    // What both had stays with each of them.
    expect(old.identifiants).toEqual([{ type: 'cin', valeur: 'commun1' }]);
    const ids = async (query: string) =>
      (await desk.get(`/patients?limit=200&${query}`)).body.map((row: { id: number }) => row.id);
    expect(await ids('')).toEqual(expect.not.arrayContaining([double.id]));
    expect(await ids('fusionne=true')).toContain(double.id);
    for (const body of [{ q: 'doublonne' }, { identifiant: '0661010101' }, { identifiant: 'B2' }]) {
      const found = (await desk.post('/patients/recherche', body)).body;
      expect([body, found.map((row: { id: number }) => row.id)]).toEqual([body, [kept.id]]);
    }
    const doubles = (await desk.get(`/patients/${kept.id}/doublons`)).body;
    expect(doubles).toEqual([]);
    const log = await gerant.get(`/patients/${double.id}/acces?limit=200`);
    const told = log.body.map((row: { requete: string }) => row.requete);
    expect(told).toContain('POST /patients/:id/fusion');
  });

  it('is written of no more, and whoever reads what was theirs is led to the other', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    await merge(kept.id, double.id);
    const refused = await desk.patch(`/patients/${double.id}`, { nom_usage: 'Autre' });
    expect([refused.status, refused.body.code, refused.body.fusionne_dans_id]).toEqual([
      409,
      'PATIENT_FUSIONNE',
      kept.id,
    ]);
    const led = await desk.send('GET', `/patients/${double.id}/doublons?x=1`, { redirect: 'manual' });
    expect([led.status, led.headers.get('location')]).toEqual([422, null]);
    const there = await desk.send('GET', `/patients/${double.id}/doublons`, { redirect: 'manual' });
    expect([there.status, there.headers.get('location')]).toEqual([
      307,
      `/api/v1/patients/${kept.id}/doublons`,
    ]);
    expect((await desk.get(`/patients/${double.id}/doublons`)).status).toBe(200);
  });

  it('leads whoever reads to the other, and tells whoever writes, on every route below their path', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    await merge(kept.id, double.id);
    const seen = { led: 0, told: 0 };
    for (const { method, path, medical, examples } of ROUTES) {
      if (!path.startsWith('/patients/:id/') || medical?.ofMerged === true) continue;
      const at = path.replace(':id', String(double.id)).replace(/:\w+/g, '1');
      const body = method === 'get' ? null : JSON.stringify(examples?.body ?? {});
      const init: RequestInit = { redirect: 'manual', body, headers: { 'content-type': 'application/json' } };
      for (const { client } of [cabinet.people.medecin, cabinet.people.gerant]) {
        const { status, body: told, headers } = await client.send(method.toUpperCase(), at, init);
        // Not theirs to ask, or not asked properly.
        if ([403, 422].includes(status)) continue;
        if (method === 'get') {
          const location = `/api/v1${at.replace(String(double.id), String(kept.id))}`;
          expect([at, status, headers.get('location')]).toEqual([at, 307, location]);
          seen.led++;
        } else {
          const { code, fusionne_dans_id } = told;
          expect([at, status, code, fusionne_dans_id]).toEqual([at, 409, 'PATIENT_FUSIONNE', kept.id]);
          seen.told++;
        }
      }
    }
    expect(seen.led).toBeGreaterThan(8);
    expect(seen.told).toBeGreaterThan(6);
  });

  it('is separated again, exactly: what was theirs is theirs, and what was added since stays with the other', async () => {
    const kept = await makePatient(desk, { nom_usage: 'K', ...cin('S 1', 'MEME') });
    const double = await makePatient(desk, {
      nom_usage: 'D',
      telephone: '0661020202',
      ...cin('S 2', 'meme'),
    });
    const { id } = (await merge(kept.id, double.id)).body;
    const all = [
      ...(await desk.get(`/patients/${kept.id}`)).body.identifiants,
      { type: 'cin', valeur: 'S 3' },
    ];
    expect((await desk.patch(`/patients/${kept.id}`, { identifiants: all })).status).toBe(200);
    const undone = await undo(id);
    expect([undone.status, undone.body.annulee_le]).toEqual([200, expect.stringMatching(/Z$/)]);
    const back = (await desk.get(`/patients/${double.id}`)).body;
    const { version, date_modification, ...was } = double.body;
    expect(back).toEqual({ ...was, version: version + 2, date_modification: expect.any(String) });
    expect(await numbers(kept.id)).toEqual(['MEME', 'S 1', 'S 3']);
    expect((await desk.patch(`/patients/${double.id}`, { nom_usage: 'Encore' })).status).toBe(200);
    const told = (await desk.get(`/patients/${double.id}/fusions`)).body;
    expect(told).toEqual([expect.objectContaining({ id, avec: double.id, annulee_le: expect.any(String) })]);
    expect((await undo(id)).body.code).toBe('TRANSITION_INVALIDE');
    // And may be merged again.
    expect((await merge(kept.id, double.id)).status).toBe(201);
  });

  it('stays merged after thirty days', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    const { id, date, annulable_jusqu_a } = (await merge(kept.id, double.id)).body;
    expect(Date.parse(annulable_jusqu_a) - Date.parse(date)).toBe(30 * DAY);
    const at = (ms: number) => {
      api.app.clock = () => new Date(Date.parse(date) + ms);
    };
    const { owner } = api.database;
    // Nobody stays signed in for so long.
    await owner.query(`UPDATE sessions SET date_expiration = now() + interval '90 days'`);
    await owner.query('UPDATE medical.fusions SET date = date - $2::interval WHERE id = $1', [
      id,
      '30 days 1 ms',
    ]);
    const late = await undo(id);
    expect([late.status, late.body.code]).toEqual([409, 'FUSION_DEFINITIVE']);
    at(0);
    await owner.query('UPDATE medical.fusions SET date = $2 WHERE id = $1', [
      id,
      new Date(Date.parse(date) - 30 * DAY),
    ]);
    expect((await undo(id)).status).toBe(200);
  });

  it('is merged by who runs the practice alone, with somebody else of the same practice', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    for (const fonction of ['medecin', 'remplacant', 'secretaire'] as const) {
      const { status } = await merge(kept.id, double.id, cabinet.people[fonction].client);
      expect([fonction, status]).toEqual([fonction, 403]);
    }
    const other = await makeCabinet(api, (await api.newPerson('admin')).client);
    const theirs = await makePatient(other.people.medecin.client);
    const unknown = await merge(kept.id, 2_000_000_000);
    for (const refused of [await merge(kept.id, theirs.id), unknown, await merge(kept.id, kept.id)]) {
      expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'avec']);
    }
    expect((await merge(theirs.id, double.id)).status).toBe(404);
    const mine = (await merge(kept.id, double.id)).body.id;
    expect((await undo(mine, other.people.gerant.client)).status).toBe(404);
    expect((await undo(mine, desk)).status).toBe(403);
    // Somebody who runs both practices merges across them no more.
    const body = { user_id: cabinet.people.gerant.user.id, fonction: 'gerant', date_debut: '2020-01-01' };
    await other.people.gerant.client.post(`/cabinets/${other.id}/membres`, body);
    expect((await merge(kept.id, theirs.id)).body.erreurs[0].champ).toBe('avec');
  });

  it('is not merged while only one of the two shares their record', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk, { partage_cabinet: false })];
    expect((await merge(kept.id, double.id)).body.code).toBe('FUSION_IMPOSSIBLE');
    await desk.patch(`/patients/${kept.id}`, { partage_cabinet: false });
    expect((await merge(kept.id, double.id)).status).toBe(201);
  });

  it('takes with it the day of a death, and gives it back; two that differ are settled first', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    const deces = async (id: number) => (await desk.get(`/patients/${id}`)).body.date_deces;
    await desk.patch(`/patients/${double.id}`, { date_deces: '2026-03-04' });
    const { body } = await merge(kept.id, double.id);
    expect([await deces(kept.id), await deces(double.id)]).toEqual(['2026-03-04', '2026-03-04']);
    await undo(body.id);
    expect([await deces(kept.id), await deces(double.id)]).toEqual([null, '2026-03-04']);
    // What is said of who is kept while they are one is theirs.
    const again = await merge(kept.id, double.id);
    await desk.patch(`/patients/${kept.id}`, { date_deces: '2026-03-05' });
    await undo(again.body.id);
    expect([await deces(kept.id), await deces(double.id)]).toEqual(['2026-03-05', '2026-03-04']);
    expect((await merge(kept.id, double.id)).body.code).toBe('FUSION_IMPOSSIBLE');
    await desk.patch(`/patients/${double.id}`, { date_deces: '2026-03-05' });
    const third = await merge(kept.id, double.id);
    await undo(third.body.id);
    expect([await deces(kept.id), await deces(double.id)]).toEqual(['2026-03-05', '2026-03-05']);
    const young = await makePatient(desk, { date_naissance: '2026-04' });
    expect((await merge(young.id, double.id)).body.code).toBe('FUSION_IMPOSSIBLE');
    // Who is merged into somebody dead stays as they are.
    const alive = await makePatient(desk);
    const last = await merge(double.id, alive.id);
    await undo(last.body.id);
    expect([await deces(double.id), await deces(alive.id)]).toEqual(['2026-03-05', null]);
  });

  it('is merged once under an Idempotency-Key, whoever asks again is told the same', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    const key = { 'Idempotency-Key': 'fusion-une-fois' };
    const ask = () => gerant.post(`/patients/${kept.id}/fusion`, { avec: double.id }, key);
    const first = await ask();
    const again = await ask();
    expect([again.status, again.body]).toEqual([201, first.body]);
  });
});

describe('merges of merges', () => {
  it('lead to the last, are undone in the other order, and never go round', async () => {
    const [a, b, c] = [
      await makePatient(desk, cin('CH A')),
      await makePatient(desk, cin('CH B')),
      await makePatient(desk, cin('CH C')),
    ];
    const first = (await merge(b.id, a.id)).body.id;
    const second = (await merge(c.id, b.id)).body.id;
    expect(await numbers(c.id)).toEqual(['CH A', 'CH B', 'CH C']);
    const led = await desk.send('GET', `/patients/${a.id}/doublons`, { redirect: 'manual' });
    expect(led.headers.get('location')).toBe(`/api/v1/patients/${c.id}/doublons`);
    for (const [kept, double] of [
      [a.id, c.id],
      [b.id, c.id],
      [c.id, a.id],
      [c.id, b.id],
    ] as const) {
      expect([kept, (await merge(kept, double)).body.code]).toEqual([kept, 'PATIENT_FUSIONNE']);
    }
    expect((await undo(first)).body.code).toBe('PATIENT_FUSIONNE');
    expect((await undo(second)).status).toBe(200);
    expect(await numbers(b.id)).toEqual(['CH A', 'CH B']);
    expect((await undo(first)).status).toBe(200);
    expect([await numbers(a.id), await numbers(b.id), await numbers(c.id)]).toEqual([
      ['CH A'],
      ['CH B'],
      ['CH C'],
    ]);
  });

  it('into one patient are undone the last first', async () => {
    const [kept, a, b] = [await makePatient(desk), await makePatient(desk), await makePatient(desk)];
    const [first, second] = [(await merge(kept.id, a.id)).body.id, (await merge(kept.id, b.id)).body.id];
    const early = await undo(first);
    expect([early.status, early.body.code, early.body.fusions]).toEqual([
      409,
      'TRANSITION_INVALIDE',
      [second],
    ]);
    expect((await undo(second)).status).toBe(200);
    expect((await undo(first)).status).toBe(200);
  });
});

describe('at the same moment', () => {
  it('two merges, one each way: one is done, nothing is lost', async () => {
    for (let n = 0; n < 5; n++) {
      const [a, b] = [await makePatient(desk, cin(`M${n}A`)), await makePatient(desk, cin(`M${n}B`))];
      const replies = await Promise.all([merge(a.id, b.id), merge(b.id, a.id), merge(a.id, b.id)]);
      expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      const won = replies.find(({ status }) => status === 201)!.body;
      expect(await numbers(won.patient_id)).toEqual([`M${n}A`, `M${n}B`]);
    }
  });

  it('a ring of merges: one of them is refused', async () => {
    const ring = [await makePatient(desk), await makePatient(desk), await makePatient(desk)];
    const replies = await Promise.all(ring.map(({ id }, n) => merge(id, ring[(n + 1) % 3]!.id)));
    expect(replies.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(2);
    const [{ heads }] = await api.database.owner.query(
      'SELECT count(*)::integer AS heads FROM medical.patients WHERE id = ANY ($1) AND fusionne_dans_id IS NULL',
      [ring.map(({ id }) => id)],
    );
    expect(heads).toBeGreaterThanOrEqual(1);
  });

  it('what is being written of the one who is merged is waited for, and moved; what comes later is told', async () => {
    const [kept, double] = [await makePatient(desk), await makePatient(desk)];
    const held = await holdRows(
      api.database.owner,
      'SELECT id FROM medical.patients WHERE id = $1 FOR KEY SHARE',
      [double.id],
    );
    const merging = merge(kept.id, double.id);
    try {
      await held.awaitedBy(1, null);
      await held.change(
        `INSERT INTO medical.identifiants_patient (id, cabinet_id, patient_id, type, valeur, empreinte)
         SELECT 7, cabinet_id, patient_id, 'autre', '', '\\x07' FROM medical.cles_patient WHERE patient_id = $1`,
        [double.id],
      );
      await held.commit();
    } catch (error) {
      await held.release();
      throw error;
    }
    // What was written cannot be opened: nothing is merged, and nothing half.
    expect((await merging).status).toBe(500);
    expect(
      (await api.database.owner.query('SELECT FROM medical.fusions WHERE absorbe_id = $1', [double.id]))
        .length,
    ).toBe(0);
    await api.database.owner.query('DELETE FROM medical.identifiants_patient WHERE id = 7');
    const later = holdRows(api.database.owner, 'SELECT id FROM medical.patients WHERE id = $1 FOR UPDATE', [
      double.id,
    ]);
    const lock = await later;
    const writing = desk.patch(`/patients/${double.id}`, { nom_usage: 'Tard' });
    await lock.awaitedBy(1, null);
    await lock.change('UPDATE medical.patients SET fusionne_dans_id = $2 WHERE id = $1', [
      double.id,
      kept.id,
    ]);
    await lock.commit();
    expect((await writing).body.code).toBe('PATIENT_FUSIONNE');
  });
});
