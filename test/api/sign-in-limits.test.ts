import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/api/app';
import type { User } from '../../src/db/identite/users';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import { makeUser, PASSWORD } from '../support/factories';

/** Every request of these tests passes a proxy that is trusted, so that it can come from any address. */

let api: TestApi;
let user: User;
let now: Date;
beforeAll(async () => {
  api = await startTestApi({ TRUSTED_PROXIES: 'loopback' });
  api.app.clock = () => now;
});
afterAll(() => api.close());
beforeEach(async () => {
  now = new Date();
  user = await makeUser(api.db);
});

/** Addresses that no other test has used. */
let hosts = 0;
const newAddress = () => `203.0.${Math.floor(++hosts / 250)}.${hosts % 250}`;

const logIn = (adresse: string, password: string, email = user.email, client: Client = api.anonymous) =>
  client.post('/auth/login', { email, password }, { 'X-Forwarded-For': adresse });

async function failTimes(times: number, address: () => string, email = user.email) {
  const statuses: number[] = [];
  for (let time = 0; time < times; time++) {
    statuses.push((await logIn(address(), 'Faux-mot-de-passe-1', email)).status);
  }
  return statuses;
}
const wait = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1_000);
};

describe('failed sign-ins', () => {
  it('are answered 429 with Retry-After after five, also when the password is right by then', async () => {
    const here = newAddress();
    expect(await failTimes(6, () => here)).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await logIn(here, PASSWORD);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'TROP_DE_REQUETES' });
    expect(Number(refused.headers.get('retry-after'))).toBe(1);
    wait(1);
    expect((await logIn(here, PASSWORD)).status).toBe(200);
  });

  it('make each next try wait longer, and tries that were refused do not add to it', async () => {
    const here = newAddress();
    await failTimes(30, () => here);
    const waits: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { headers } = await logIn(here, 'Faux-mot-de-passe-1');
      const seconds = Number(headers.get('retry-after'));
      waits.push(seconds);
      wait(seconds);
      expect((await logIn(here, 'Faux-mot-de-passe-1')).status).toBe(401);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16]);
  });

  it('are forgotten when the person signs in', async () => {
    const here = newAddress();
    await failTimes(4, () => here);
    expect((await logIn(here, PASSWORD)).status).toBe(200);
    expect(await failTimes(6, () => here)).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('are limited alike for addresses that nobody has', async () => {
    const here = newAddress();
    const nobody = `personne-${Date.now()}@exemple.ma`;
    expect(await failTimes(7, () => here, nobody)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const [known, unknown] = [await logIn(newAddress(), 'x'), await logIn(newAddress(), 'x', 'y@exemple.ma')];
    const { correlation_id: _, ...knownBody } = known.body;
    const { correlation_id: __, ...unknownBody } = unknown.body;
    expect(knownBody).toEqual(unknownBody);
  });

  it('of one address with many accounts are limited too, and not for somebody elsewhere', async () => {
    const here = newAddress();
    for (let account = 0; account < 100; account++) {
      await logIn(here, 'Faux-mot-de-passe-1', `compte-${account}@exemple.ma`);
    }
    expect((await logIn(here, PASSWORD)).status).toBe(429);
    expect((await logIn(newAddress(), PASSWORD)).status).toBe(200);
  });

  it('from many addresses slow guessing down, and never keep the owner out', async () => {
    const home = newAddress();
    expect((await logIn(home, PASSWORD)).status).toBe(200);
    const statuses = await failTimes(60, newAddress);
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    // Where they have signed in before nothing has changed; elsewhere they wait a moment.
    expect((await logIn(home, PASSWORD)).status).toBe(200);
    await failTimes(60, newAddress);
    const abroad = await logIn(newAddress(), PASSWORD);
    expect(abroad.status).toBe(429);
    wait(Number(abroad.headers.get('retry-after')));
    expect((await logIn(newAddress(), PASSWORD)).status).toBe(200);
  });

  it('at the same moment get no more tries than their turn brings', async () => {
    const here = newAddress();
    const replies = await Promise.all(Array.from({ length: 60 }, () => logIn(here, 'Faux-mot-de-passe-1')));
    const tried = replies.filter(({ status }) => status === 401).length;
    expect(tried).toBeGreaterThanOrEqual(5);
    // Those whose hash was being made when the fifth failed.
    expect(tried).toBeLessThanOrEqual(10);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(60 - tried);
  });

  it('are counted by all processes together', async () => {
    const here = newAddress();
    const other = createServer(createApp({ ...api.app }).callback());
    const client = createClient(await listen(other));
    await failTimes(5, () => here);
    expect((await logIn(here, PASSWORD, user.email, client)).status).toBe(429);
    await new Promise((resolve) => other.close(resolve));
  });

  it('count by network where a machine has many addresses', async () => {
    let host = 0;
    const sameNetwork = () => `2001:db8:1:1::${(++host).toString(16)}`;
    expect(await failTimes(6, sameNetwork)).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await logIn('2001:db8:1:2::1', PASSWORD)).status).toBe(200);
  });

  it('leave neither the address typed nor that of the network where they are counted', async () => {
    await failTimes(1, newAddress);
    const rows = await api.db.query('SELECT cle FROM echecs_connexion');
    expect(JSON.stringify(rows)).not.toMatch(/@|203\.0/);
  });
});

describe('the address of a client', () => {
  it('is that of the connection unless a trusted proxy tells it', async () => {
    const direct = await startTestApi();
    const person = await makeUser(direct.db);
    await logIn('198.51.100.7', PASSWORD, person.email, direct.anonymous);
    await logIn(newAddress(), PASSWORD);
    const addresses = (db: TestApi['db']) =>
      db.query('SELECT adresse FROM sessions WHERE adresse IS NOT NULL');
    expect(await addresses(direct.db)).toEqual([{ adresse: '127.0.0.1' }]);
    expect(await addresses(api.db)).toContainEqual({ adresse: `203.0.0.${hosts}` });
    await direct.close();
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
