import { createPlaces, PRECEDENCE } from '../../src/api/places';
import { Gate } from '../../src/threads/gate';
import { People } from '../../src/threads/people';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeIntervention } from '../support/factories';
import { holdRows } from '../support/locks';

/**
 * Who reads waits for nobody who writes, and who writes once does not wait behind all that another one has asked for
 * (docs/decisions/026).
 */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterEach(() => {
  api.app.places = createPlaces();
});
afterAll(() => api.close());

const count = async () =>
  (await api.db.query('SELECT count(*)::integer AS n FROM interventions'))[0].n as number;
const create = (client: Client, equipementId: number, headers = {}) =>
  client.post(
    '/interventions',
    {
      titre: 'Fuite au vérin',
      description: 'Constatée ce matin',
      type_intervention: 'corrective',
      equipement_id: equipementId,
      priorite: 'normale',
    },
    headers,
  );
const untilWaiting = (gate: Gate, waiting: number) =>
  eventually(
    async () => gate.waiting,
    (found) => found === waiting,
  );

/** Holds an equipment, so that who creates for it keeps their place until it is let go. */
async function heldEquipement() {
  const { id } = await makeEquipement(api.db);
  const rows = await holdRows(api.database.owner, 'SELECT id FROM equipements WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  return { id, rows };
}

describe('while every place of those who write is taken', () => {
  it('reads are answered', async () => {
    const { id, rows } = await heldEquipement();
    const intervention = await makeIntervention(api.db);
    const { writes } = api.app.places;
    const creations = Array.from({ length: 60 }, () => create(admin, id));
    await eventually(
      async () => writes.waiting + writes.running,
      (here) => here === 60,
    );
    expect(writes.full).toBe(true);
    for (const path of [`/interventions/${intervention.id}`, '/interventions', '/auth/me', '/health/db']) {
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
    }
    await rows.release();
    expect(new Set((await Promise.all(creations)).map(({ status }) => status))).toEqual(new Set([201]));
  });

  it('a single change of another person comes before the rest of what one has asked for', async () => {
    api.app.places = { ...createPlaces(), writes: new Gate({ places: 1, maxWaiting: 100 }) };
    const { writes } = api.app.places;
    const other = await api.newPerson('admin');
    const { id, rows } = await heldEquipement();
    const order: string[] = [];
    const noting = (name: string, reply: Promise<Reply>) =>
      reply.then(({ status }) => order.push(`${name} ${status}`));
    const all = [noting('greedy', create(admin, id))];
    await eventually(
      async () => writes.running,
      (running) => running === 1,
    );
    for (let n = 0; n < 20; n++) all.push(noting('greedy', create(admin, id)));
    await untilWaiting(writes, 20);
    all.push(noting('modest', create(other.client, id)));
    await untilWaiting(writes, 21);
    await rows.release();
    await Promise.all(all);
    expect(order).toHaveLength(22);
    expect(order.indexOf('modest 201')).toBeLessThanOrEqual(3);
  });

  it('one too many is answered 503 with Retry-After, and nothing of it is written', async () => {
    api.app.places = { ...createPlaces(), writes: new Gate({ places: 1, maxWaiting: 1 }) };
    const { writes } = api.app.places;
    const { id, rows } = await heldEquipement();
    const before = await count();
    const inside = create(admin, id);
    await eventually(
      async () => writes.running,
      (running) => running === 1,
    );
    const waiting = create(admin, id);
    await untilWaiting(writes, 1);
    const headers = { 'Idempotency-Key': 'une-de-trop', 'Accept-Language': 'en' };
    const refused = await create(admin, id, headers);
    expect([refused.status, refused.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await rows.release();
    expect([(await inside).status, (await waiting).status]).toEqual([201, 201]);
    expect(await count()).toBe(before + 2);
    // The key was not used up.
    expect((await create(admin, id, headers)).status).toBe(201);
  });

  it('what was answered under a key before is answered again', async () => {
    const headers = { 'Idempotency-Key': 'deja-faite' };
    const { id } = await makeEquipement(api.db);
    const first = await create(admin, id, headers);
    api.app.places = { ...createPlaces(), writes: new Gate({ places: 1, maxWaiting: 0 }) };
    const held = await heldEquipement();
    const inside = create(admin, held.id);
    await eventually(
      async () => api.app.places.writes.running,
      (running) => running === 1,
    );
    const again = await create(admin, id, headers);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await held.rows.release();
    expect((await inside).status).toBe(201);
  });
});

describe('when many changes come at once', () => {
  it('few at a time are asked who sends them, and all are carried out', async () => {
    const { id } = await makeEquipement(api.db);
    const { arrivals } = api.app.places;
    const owner = api.database.owner.createQueryRunner();
    await owner.startTransaction();
    await owner.query('LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE');
    const creations = Array.from({ length: 30 }, () => create(admin, id));
    await untilWaiting(arrivals, 28);
    expect(arrivals.running).toBe(2);
    await owner.rollbackTransaction();
    await owner.release();
    expect(new Set((await Promise.all(creations)).map(({ status }) => status))).toEqual(new Set([201]));
    expect(arrivals.running).toBe(0);
  });
});

describe('while somebody reads', () => {
  it('a change whose turn it is lets them go before it, for a moment', async () => {
    const order: string[] = [];
    class Watched extends People {
      override async calm(patience: number): Promise<void> {
        order.push(`waits ${this.wait} ${patience}`);
        await super.calm(60_000);
        order.push('goes');
      }
    }
    const readers = new Watched();
    api.app.places = { ...createPlaces(), readers };
    let answer = () => {};
    const reading = readers.during(() => new Promise<void>((resolve) => (answer = resolve)));
    const { id } = await makeEquipement(api.db);
    const creation = create(admin, id);
    await eventually(
      async () => order.length,
      (length) => length === 1,
    );
    expect(api.app.places.writes.running).toBe(1);
    order.push('read');
    answer();
    await reading;
    expect((await creation).status).toBe(201);
    expect(order).toEqual([`waits true ${PRECEDENCE}`, 'read', 'goes']);
  });
});

describe('while as many orders are being carried out as may be', () => {
  it('the next wait for their turn, holding nothing; what needs no engine does not', async () => {
    const orders = new Gate({ places: 1, maxWaiting: 1 });
    api.app.places = { ...createPlaces(), orders };
    let end = () => {};
    const busy = orders.run(() => new Promise<void>((resolve) => (end = resolve)));
    const { id } = await makeIntervention(api.db);
    const { engine } = api.app;
    let carriedOut = 0;
    api.app.engine = {
      ...engine,
      execute: (...given) => {
        carriedOut += 1;
        return engine.execute(...given);
      },
    };
    const cancel = (headers = {}) =>
      admin.put(`/interventions/${id}/statut`, { statut: 'annulee', motif: 'Fausse alerte' }, headers);
    const waiting = cancel();
    await untilWaiting(orders, 1);
    const refused = await cancel();
    expect([refused.status, refused.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(carriedOut).toBe(0);
    expect((await admin.patch(`/interventions/${id}`, { titre: 'Vérin à revoir' })).status).toBe(200);
    expect((await admin.get(`/interventions/${id}`)).body.titre).toBe('Vérin à revoir');
    // Without a worker it would be given up only after many seconds: one that may not be carried out answers at once.
    await api.db.query(
      `UPDATE interventions SET statut = 'annulee', motif_annulation = 'x', date_fin = now() WHERE id = $1`,
      [id],
    );
    end();
    await busy;
    expect((await waiting).body.code).toBe('TRANSITION_INVALIDE');
    expect(carriedOut).toBe(0);
    api.app.engine = engine;
  });
});
