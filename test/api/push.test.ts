import { randomUUID } from 'node:crypto';
import { createOutgoing } from '../../src/net/outgoing';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { createClient } from '../support/client';
import { signIn } from '../support/factories';
import { startInstance } from '../support/instance';
import { type NameServer, startNameServer } from '../support/name-server';
import { newBrowserKeys } from '../support/push-service';

/** Browsers that subscribe, and addresses that are none of a push service. Names are led by a name server of our own. */

let api: TestApi;
let names: NameServer;
let instance: Awaited<ReturnType<typeof startInstance>>;
beforeAll(async () => {
  [api, names] = await Promise.all([startTestApi(), startNameServer()]);
  names.set('push.example.com', ['93.184.216.34']);
  names.set('inside.example.com', ['10.0.0.5']);
  names.set('both.example.com', ['93.184.216.34', '127.0.0.1']);
  const outgoing = createOutgoing({ privateNetworks: false, resolve: names.resolve });
  instance = await startInstance(api, { outgoing });
});
afterAll(async () => {
  await instance.close();
  await names.stop();
  await api.close();
});

const subscription = (endpoint = `https://push.example.com/${randomUUID()}`) => ({
  endpoint,
  expirationTime: null,
  keys: newBrowserKeys().subscription,
});

async function person(): Promise<{ id: number; client: Client }> {
  const { user } = await api.newPerson('technicien');
  return { id: user.id, client: createClient(instance.baseUrl, await signIn(api.db, api.app.tokens, user)) };
}

const unsubscribe = (client: Client, endpoint: string) =>
  client.send('DELETE', '/notifications/push/abonnements', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ endpoint }),
  });

const ownersOf = async (endpoint: string) =>
  (await api.db.query('SELECT user_id FROM abonnements_push WHERE endpoint = $1', [endpoint])).map(
    ({ user_id }: { user_id: number }) => user_id,
  );

describe('the key', () => {
  it('is one point of P-256, the same for everybody and for ever, also when all ask first at once', async () => {
    const { client } = await person();
    const replies = await Promise.all(Array.from({ length: 8 }, () => client.get('/notifications/push/cle')));
    const keys = new Set(replies.map(({ body }) => body.cle));
    expect(keys.size).toBe(1);
    const point = Buffer.from([...keys][0], 'base64url');
    expect([point.length, point[0]]).toEqual([65, 4]);
    const [{ privee }] = await api.db.query('SELECT privee FROM cles_push');
    expect(privee.length).toBeGreaterThan(60);
  });
});

describe('a browser', () => {
  it('is subscribed once, and ended by its person alone', async () => {
    const { id, client } = await person();
    const one = subscription();
    for (let times = 0; times < 2; times++) {
      expect((await client.post('/notifications/push/abonnements', one)).status).toBe(204);
    }
    expect(await ownersOf(one.endpoint)).toEqual([id]);
    const other = await person();
    expect((await unsubscribe(other.client, one.endpoint)).status).toBe(204);
    expect(await ownersOf(one.endpoint)).toEqual([id]);
    expect((await unsubscribe(client, one.endpoint)).status).toBe(204);
    expect(await ownersOf(one.endpoint)).toEqual([]);
    expect((await unsubscribe(client, one.endpoint)).status).toBe(204);
  });

  it('is that of whoever is signed in there now', async () => {
    const [former, current] = [await person(), await person()];
    const one = subscription();
    await former.client.post('/notifications/push/abonnements', one);
    await current.client.post('/notifications/push/abonnements', one);
    expect(await ownersOf(one.endpoint)).toEqual([current.id]);
  });

  it('makes room for another after the tenth', async () => {
    const { id, client } = await person();
    for (let times = 0; times < 12; times++) {
      await client.post('/notifications/push/abonnements', subscription());
    }
    const [{ n }] = await api.db.query(
      'SELECT count(*)::integer AS n FROM abonnements_push WHERE user_id = $1',
      [id],
    );
    expect(n).toBe(10);
  });

  it('has keys that are ones', async () => {
    const { client } = await person();
    const { keys, ...rest } = subscription();
    for (const wrong of [
      { ...keys, p256dh: 'AAAA' },
      { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') },
      { ...keys, auth: 'AAAA' },
    ]) {
      const refused = await client.post('/notifications/push/abonnements', { ...rest, keys: wrong });
      expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'keys']);
    }
  });
});

test.each([
  'http://push.example.com/a',
  'https://127.0.0.1/a',
  'https://2130706433/a',
  'https://0x7f000001/a',
  'https://0177.1/a',
  'https://[::1]/a',
  'https://[::ffff:10.0.0.1]/a',
  'https://169.254.169.254/latest/meta-data/',
  'https://localhost/a',
  'https://postgres/a',
  'https://user:password@push.example.com/a',
  'https://inside.example.com/a',
  'https://both.example.com/a',
  'https://nowhere.example.com/a',
  'ftp://push.example.com/a',
  'push',
])('%s is no push service', async (endpoint) => {
  const { client } = await person();
  const refused = await client.post('/notifications/push/abonnements', subscription(endpoint));
  expect([refused.status, refused.body.code, refused.body.erreurs?.[0]?.champ]).toEqual([
    422,
    'VALIDATION',
    'endpoint',
  ]);
  expect(await ownersOf(endpoint)).toEqual([]);
});
