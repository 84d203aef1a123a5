import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from '../../src/db/identite/users';
import { FENETRE, LIMITES } from '../../src/domain/systeme/debits';
import { randomFreePort } from '../../tools/lib/ports';
import type { RunningProcess } from '../../tools/lib/processes';
import { type Client, createClient, type Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeTechnicien, makeUser, PASSWORD } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo, PANNE } from '../support/life';
import { type Attempt, send, startLoad, timesRecorded, type Workplace } from '../support/load';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Two machines as far as anything they hold can tell: each has a worker and a group of API processes at a port of its own;
 * they share PostgreSQL, S3 and the engine, which is the one of production, on PostgreSQL as well.
 */

let system: ProcessSystem;
/** Of the two groups. */
let here: string;
let there: string;
let groupHere: RunningProcess;
let workers: RunningProcess[];
const startGroup = (port: string) => system.startApi({ PORT: port, WEB_CONCURRENCY: '2', RATE_LIMITS: 'on' });

beforeAll(async () => {
  system = await prepareSystem();
  here = String(await randomFreePort());
  there = String(await randomFreePort());
  // All at once, on an engine that knows nothing of Régie yet: both workers set it up.
  [groupHere, , ...workers] = await Promise.all([
    startGroup(here),
    startGroup(there),
    system.startWorker(),
    system.startWorker(),
  ]);
});
afterAll(() => system.close());

const anonymousAt = (port: string) => createClient(`http://127.0.0.1:${port}`);

/** One person's requests at either group. */
async function atBoth(user: User): Promise<[here: Client, there: Client]> {
  return [await system.as(user, here), await system.as(user, there)];
}

describe('people at two groups of API processes', () => {
  it('are signed in and signed out at both', async () => {
    const { email } = await makeUser(system.db);
    const signedIn = await anonymousAt(here).post('/auth/login', { email, password: PASSWORD });
    const at = (port: string, token: string) => createClient(`http://127.0.0.1:${port}`, token);
    const { access_token, refresh_token } = signedIn.body;
    expect((await at(there, access_token).get('/auth/me')).body).toMatchObject({ email });

    const refreshed = await anonymousAt(there).post('/auth/refresh', { refresh_token });
    const renewed = refreshed.body.access_token;
    expect((await at(here, renewed).get('/auth/me')).status).toBe(200);
    expect((await at(there, renewed).post('/auth/logout')).status).toBe(204);
    expect((await at(here, renewed).get('/auth/me')).status).toBe(401);
    const stale = await anonymousAt(here).post('/auth/refresh', {
      refresh_token: refreshed.body.refresh_token,
    });
    expect(stale.status).toBe(401);
  });

  it('have their failed sign-ins counted together', async () => {
    const { email } = await makeUser(system.db);
    const statuses: number[] = [];
    for (const port of [here, there, here, there, here, there]) {
      const { status } = await anonymousAt(port).post('/auth/login', { email, password: 'Faux-passe-1!' });
      statuses.push(status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('have their requests counted together, but for what comes before they have told one another', async () => {
    const clients = await atBoth(await makeUser(system.db));
    // All of it in one window: the next one, unless this one has long enough to go.
    const left = FENETRE - (Date.now() % FENETRE);
    if (left < 30_000) await sleep(left);
    const AT_ONCE = 20;
    const change = (_: unknown, index: number) => clients[index % 2]!.patch('/auth/me', { inconnu: 1 });
    const allowed = async () => {
      const replies = await Promise.all(Array.from({ length: AT_ONCE }, change));
      return replies.filter(({ status }) => status === 422).length;
    };
    let total = 0;
    while (total < LIMITES.ecriture - 2 * AT_ONCE) total += await allowed();
    for (let more = AT_ONCE; more > 0; total += more) {
      await sleep(1_200);
      more = await allowed();
    }
    expect(total).toBeGreaterThanOrEqual(LIMITES.ecriture);
    expect(total).toBeLessThanOrEqual(LIMITES.ecriture + 2 * AT_ONCE);
  });
});

describe('one intervention at two groups', () => {
  let clients: [Client, Client];
  let equipementId: number;
  beforeAll(async () => {
    clients = await atBoth(await makeUser(system.db));
    equipementId = (await makeEquipement(system.db)).id;
  });
  afterEach(() => expectInvariants(system));

  const fromBoth = (ask: (client: Client, index: number) => Promise<Reply>) =>
    Promise.all(Array.from({ length: 10 }, (_, index) => ask(clients[index % 2]!, index)));

  it('is created once under one key, with the same answer', async () => {
    const body = { ...PANNE, titre: 'Créée une fois', equipement_id: equipementId };
    const replies = await fromBoth((client) =>
      client.post('/interventions/', body, { 'Idempotency-Key': 'une' }),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1);
  });

  it('is moved once, whoever asks', async () => {
    const id = await bringTo('ouverte', { client: clients[0], equipementId });
    const cancel = { statut: 'annulee', motif: 'Réparée' };
    const replies = await fromBoth((client, index) =>
      client.put(`/interventions/${id}/statut`, cancel, { 'Idempotency-Key': `annulation-${index}` }),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  });
});

it('keeps every promise while workers come and go and one group of API processes is killed', async () => {
  const { db } = system;
  const [chefHere, chefThere] = await atBoth(await makeUser(db));
  const workplaceOf = async (client: Client): Promise<Workplace> => ({
    client,
    equipementId: (await makeEquipement(db)).id,
    technicienId: (await makeTechnicien(db)).id,
  });
  const places = [chefHere, chefHere, chefHere, chefThere, chefThere, chefThere];
  const load = startLoad(await Promise.all(places.map(workplaceOf)));
  const { attempts } = load;

  /** Until people at these groups have had moves carried out that they asked for from now on. */
  const workGoesOn = async (clients: Client[]) => {
    const from = attempts.length;
    const moved = (client: Client) =>
      attempts
        .slice(from)
        .filter((one) => one.client === client && one.method === 'PUT' && one.outcome === 'done').length;
    await eventually(
      () => clients.map(moved),
      (counts) => counts.every((count) => count >= 6),
    );
  };

  await workGoesOn([chefHere, chefThere]);
  const [first, second] = workers as [RunningProcess, RunningProcess];
  await system.startWorker();
  await workGoesOn([chefHere, chefThere]);
  await first.stop();
  expect(await first.exited).toBe('code 0');
  await workGoesOn([chefHere, chefThere]);
  const untilKill = attempts.length;
  await system.killWorker(second);
  await workGoesOn([chefHere, chefThere]);
  await kill9(groupHere);
  await workGoesOn([chefThere]);
  await load.stop();

  const isWrite = ({ method }: Attempt) => method !== 'GET';
  const of = (outcome: Attempt['outcome']) =>
    attempts.filter((one) => isWrite(one) && one.outcome === outcome);
  for (const attempt of of('done')) expect(await timesRecorded(db, attempt)).toBe(1);
  // Adding a worker and stopping one is nothing that anybody notices; killing one may cost a 503.
  expect(attempts.slice(0, untilKill).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
  for (const { reply } of of('refused')) expect(reply?.body).toMatchObject({ code: 'SERVICE_INDISPONIBLE' });
  expect(of('unknown').length).toBeGreaterThan(0);
  expect(of('unknown').every(({ client }) => client === chefHere)).toBe(true);

  // Who got no answer asks the other group, under the same key; who got one is told the same there.
  const elsewhere = (attempt: Attempt) => send({ ...attempt, client: chefThere });
  for (const attempt of [...of('unknown'), ...of('refused')]) {
    const again = await elsewhere(attempt);
    expect([200, 201]).toContain(again.reply?.status);
    expect(await timesRecorded(db, again)).toBe(1);
  }
  for (const attempt of of('done')
    .filter(({ client }) => client === chefHere)
    .slice(-6)) {
    const again = await elsewhere(attempt);
    expect(again.reply?.body).toEqual(attempt.reply?.body);
    expect(await timesRecorded(db, again)).toBe(1);
  }

  groupHere = await startGroup(here);
  expect((await chefHere.get('/interventions/')).status).toBe(200);
  await system.reconcile();
  await expectInvariants(system);
});
