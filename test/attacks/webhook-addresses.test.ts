import { once } from 'node:events';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { type SendingContext, sendDue } from '../../src/activities/webhooks';
import { createOutgoing, type Outgoing } from '../../src/net/outgoing';
import { People } from '../../src/threads/people';
import type { TestApi } from '../support/api';
import { selfSigned } from '../support/certificates';
import type { Client } from '../support/client';
import { makeLivraison } from '../support/factories';
import type { NameServer } from '../support/name-server';
import { answering, type Receiver, startReceiver } from '../support/receiver';
import { type ForbiddenAddresses, prepareForbiddenAddresses } from './forbidden-addresses';

/**
 * Webhooks as a way into the house: whoever gives the address has the house itself call it. A listener on the loopback counts
 * who comes, in whatever form it was named.
 */

let house: ForbiddenAddresses;
let api: TestApi;
let client: Client;
let names: NameServer;
let outgoing: Outgoing;
let port: number;

beforeAll(async () => {
  house = await prepareForbiddenAddresses();
  ({ api, client, names, outgoing, port } = house);
});
afterEach(() => api.db.query('DELETE FROM webhooks'));
afterAll(() => house.close());

const register = (url: string) => client.post('/webhooks', { url, evenements: ['*'] });

const context = (calls: Outgoing): SendingContext => ({
  db: api.db,
  secrets: api.app.secrets,
  outgoing: calls,
  people: new People(),
  timeZone: 'UTC',
  logger: pino({ level: 'silent' }),
});

/** Has a webhook call its URL once. @returns what came of it. */
async function call(
  webhookId: number,
  calls = outgoing,
): Promise<{ erreur: string | null; statut: number | null }> {
  const { id } = await makeLivraison(api.db, { webhook_id: webhookId, statut: 'a_livrer', date_fin: null });
  await sendDue(context(calls), webhookId, Date.now() + 10, new AbortController().signal);
  const [row] = await api.db.query('SELECT erreur, reponse_statut AS statut FROM livraisons WHERE id = $1', [
    id,
  ]);
  return row;
}

const HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7F.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '192.0.0.170',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'postgres',
  'temporal.internal',
  'metadata.google.internal',
  'imprimante.local',
];

it.each(HOSTS)(
  'is not let in as https://%s, neither when it is given nor when it is called',
  async (host) => {
    const given = await register(`https://${host}:${port}/regie`);
    expect(given.status).toBe(422);
    expect(given.body.erreurs).toEqual([expect.objectContaining({ champ: 'url' })]);
    // As if it had been kept when no rule refused it.
    const { id } = (await register('https://93.184.216.34/')).body;
    const kept = URL.canParse(`https://${host}:${port}/regie`) ? `https://${host}:${port}/regie` : null;
    if (kept === null) return;
    await api.db.query('UPDATE webhooks SET url = $2 WHERE id = $1', [id, kept]);
    expect(await call(id)).toEqual({ erreur: 'adresse_refusee', statut: null });
    expect(house.came()).toBe(0);
  },
);

it.each([
  ['plain HTTP', () => `http://hooks.example.com:${port}/`],
  ['credentials', () => `https://regie:secret@hooks.example.com:${port}/`],
  ['a host that looks like credentials', () => `https://hooks.example.com@127.0.0.1:${port}/`],
  ['a backslash before the host', () => `https:\\\\127.0.0.1:${port}\\@hooks.example.com/`],
  ['no slashes at all', () => `https:127.0.0.1:${port}/`],
  ['another scheme', () => `gopher://hooks.example.com:${port}/`],
  ['a file', () => 'file:///etc/passwd'],
  ['a fragment', () => `https://hooks.example.com:${port}/#@93.184.216.34/`],
])('is not let in by a URL with %s', async (_, url) => {
  names.set('hooks.example.com', ['93.184.216.34']);
  const given = await register(url());
  expect([given.status, given.body.erreurs?.[0]?.champ]).toEqual([422, 'url']);
  expect(house.came()).toBe(0);
});

it('is not let in by a name that leads inside, alone or among others, nor by one that leads nowhere', async () => {
  names.set('inside.example.com', ['127.0.0.1']);
  names.set('both.example.com', ['93.184.216.34', '127.0.0.1']);
  for (const name of ['inside.example.com', 'both.example.com', 'nowhere.example.com']) {
    expect((await register(`https://${name}:${port}/`)).status).toBe(422);
  }
  expect(house.came()).toBe(0);
});

it('is not let in by a name that led outside when it was given, and inside when it is called', async () => {
  names.set('turns.example.com', ['93.184.216.34'], ['127.0.0.1']);
  const { status, body } = await register(`https://turns.example.com:${port}/`);
  expect(status).toBe(201);
  expect(await call(body.id)).toEqual({ erreur: 'adresse_refusee', statut: null });
  expect(house.came()).toBe(0);
});

it('asks for a name once a call, and connects to what it was told then, whatever it is told later', async () => {
  const receiver = await startReceiver(selfSigned('rebinds.example.com'));
  const { port: same } = new URL(receiver.url);
  let elsewhere = 0;
  const other = createServer((socket) => {
    elsewhere += 1;
    socket.destroy();
  }).listen(Number(same), '127.0.0.2');
  await once(other, 'listening');
  const calls = createOutgoing({ privateNetworks: true, resolve: names.resolve, ca: receiver.ca });
  names.set('rebinds.example.com', ['127.0.0.1'], ['127.0.0.2']);
  const { id } = (await register('https://93.184.216.34/')).body;
  await api.db.query('UPDATE webhooks SET url = $2 WHERE id = $1', [
    id,
    `https://rebinds.example.com:${same}/`,
  ]);
  expect(await call(id, calls)).toEqual({ erreur: null, statut: 204 });
  expect([names.asked('rebinds.example.com'), receiver.received.length, elsewhere]).toEqual([1, 1, 0]);
  calls.close();
  other.close();
  await receiver.stop();
});

describe('a redirect', () => {
  let receiver: Receiver;
  let calls: Outgoing;
  beforeAll(async () => {
    receiver = await startReceiver(selfSigned('hooks.example.com'));
    // The receiver itself stands on the loopback, as every server of a test does.
    calls = createOutgoing({ privateNetworks: true, resolve: async () => ['127.0.0.1'], ca: receiver.ca });
  });
  afterAll(async () => {
    calls.close();
    await receiver.stop();
  });

  it.each([301, 302, 303, 307, 308])(
    'of status %d is a failure that says so, and is not followed',
    async (status) => {
      const { id } = (await register('https://93.184.216.34/')).body;
      const url = `https://hooks.example.com:${new URL(receiver.url).port}/`;
      await api.db.query('UPDATE webhooks SET url = $2 WHERE id = $1', [id, url]);
      receiver.answer(
        answering(status, '', {
          Location: `https://127.0.0.1:${port}/`,
          Refresh: `0; url=https://127.0.0.1:${port}/`,
        }),
      );
      expect(await call(id, calls)).toEqual({ erreur: 'redirection', statut: status });
      expect(house.came()).toBe(0);
    },
  );
});

it('has its listener heard of by nobody but us', async () => {
  // What counts nobody would count nobody whoever came.
  expect(house.came()).toBe(0);
  await fetch(`http://127.0.0.1:${port}/`).catch(() => {});
  expect(house.came()).toBe(1);
});
