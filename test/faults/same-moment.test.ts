import type { Client, Reply } from '../support/client';
import { makeEquipement, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo, PANNE } from '../support/life';
import { type ProcessSystem, prepareSystem } from '../support/processes';

let system: ProcessSystem;
let client: Client;
let equipementId: number;
beforeAll(async () => {
  system = await prepareSystem();
  await Promise.all([system.startWorker(), system.startApi()]);
  client = await system.as(await makeUser(system.db));
  equipementId = (await makeEquipement(system.db)).id;
});
afterEach(() => expectInvariants(system));
afterAll(() => system.close());

const CONNECTIONS = 20;

/** The same request from many connections at once. */
function fromEverywhere(ask: () => Promise<Reply>): Promise<Reply[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, ask));
}

function expectSameAnswer(replies: Reply[], status: number): void {
  expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => status));
  const [{ body, headers }] = replies as [Reply];
  for (const reply of replies) {
    expect(reply.body).toEqual(body);
    expect(reply.headers.get('etag')).toBe(headers.get('etag'));
  }
}

async function history(id: number): Promise<string[]> {
  const { body } = await client.get(`/interventions/${id}/historique`);
  return body.map(({ action }: { action: string }) => action);
}

describe(`the same Idempotency-Key from ${CONNECTIONS} connections at once`, () => {
  it('creates one intervention', async () => {
    const body = { ...PANNE, titre: 'Créée une fois', equipement_id: equipementId };
    const key = { 'Idempotency-Key': 'creation' };
    const replies = await fromEverywhere(() => client.post('/interventions/', body, key));
    expectSameAnswer(replies, 201);
    const rows = await system.db.query('SELECT id FROM interventions WHERE titre = $1', [body.titre]);
    expect(rows).toEqual([{ id: replies[0]!.body.id }]);
  });

  it.each([
    ['of a technicien and an hour that are named', true],
    ['left to the system', false],
  ])('makes one assignment %s', async (_, named) => {
    const technicien = await makeTechnicien(system.db);
    const id = await bringTo('ouverte', { client, equipementId });
    const body = named
      ? { technicien_id: technicien.id, date_planifiee: new Date(Date.now() + 86_400_000).toISOString() }
      : {};
    const key = { 'Idempotency-Key': `affectation-${id}` };
    const replies = await fromEverywhere(() => client.put(`/interventions/${id}/assign`, body, key));
    expectSameAnswer(replies, 200);
    expect(await history(id)).toEqual(['creation', 'assignation']);
  });

  it('moves an intervention once', async () => {
    const id = await bringTo('ouverte', { client, equipementId });
    const body = { statut: 'annulee', motif: 'Fausse alerte' };
    const key = { 'Idempotency-Key': `annulation-${id}` };
    const replies = await fromEverywhere(() => client.put(`/interventions/${id}/statut`, body, key));
    expectSameAnswer(replies, 200);
    expect(await history(id)).toEqual(['creation', 'annulation']);
  });

  it('refuses an illegal move from all of them, and leaves the key free', async () => {
    const id = await bringTo('planifiee', {
      client,
      equipementId,
      technicienId: (await makeTechnicien(system.db)).id,
      date: new Date(Date.now() + 86_400_000),
    });
    const key = { 'Idempotency-Key': `fin-${id}` };
    const finish = () =>
      client.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: 'Joint remplacé.' }, key);
    for (const { status, body } of await fromEverywhere(finish)) {
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'TRANSITION_INVALIDE' });
    }
    await client.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
    expect(await finish()).toMatchObject({ status: 200, body: { statut: 'terminee' } });
  });
});

describe('two bookings at the same moment', () => {
  const NINE = Date.UTC(new Date().getUTCFullYear() + 1, 5, 15, 9);
  const MINUTE = 60_000;

  /** An hour for each technicien given, at so many minutes after nine. */
  async function book(...wanted: [technicienId: number, minutes: number][]): Promise<Reply[]> {
    const ids = await Promise.all(wanted.map(() => bringTo('ouverte', { client, equipementId })));
    return Promise.all(
      wanted.map(([technicien_id, minutes], index) =>
        client.put(`/interventions/${ids[index]}/assign`, {
          technicien_id,
          date_planifiee: new Date(NINE + minutes * MINUTE).toISOString(),
          duree_estimee: 60,
        }),
      ),
    );
  }
  const statuses = (replies: Reply[]) => replies.map(({ status }) => status).sort();

  it('of one technicien that overlap by one minute: one is made, the other is told which stands in its way', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await makeTechnicien(system.db);
      const replies = await book([id, 0], [id, 59]);
      expect(statuses(replies)).toEqual([200, 409]);
      const [made, refused] = replies.sort((a, b) => a.status - b.status) as [Reply, Reply];
      const { planning } = made.body;
      expect(refused.body).toMatchObject({
        code: 'CONFLIT_PLANNING',
        conflits: [
          {
            planning_id: planning.id,
            intervention_id: made.body.id,
            date_planifiee: planning.date_planifiee,
            duree_estimee: 60,
          },
        ],
      });
      expect(await history(made.body.id)).toEqual(['creation', 'assignation']);
    }
  });

  it('of one technicien that touch, and of two at one time: both are made', async () => {
    const [one, other] = [await makeTechnicien(system.db), await makeTechnicien(system.db)];
    expect(statuses(await book([one.id, 0], [one.id, 60]))).toEqual([200, 200]);
    expect(statuses(await book([one.id, 180], [other.id, 180]))).toEqual([200, 200]);
  });
});
