import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createOutgoing, MAX_ANSWER, type Outgoing, type OutgoingOptions } from '../../src/net/outgoing';
import { selfSigned } from '../support/certificates';
import { type NameServer, startNameServer } from '../support/name-server';

/** A real server on this machine, and names that a name server of our own leads to it, or not. */

const PUBLIC = '93.184.216.34';
const HERE = '127.0.0.1';
const certificate = selfSigned('hooks.example.com', HERE);

let names: NameServer;
const closing: (() => void)[] = [];

beforeAll(async () => {
  names = await startNameServer();
});
afterAll(async () => names.stop());
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface Target {
  port: number;
  connections: number;
  requests: string[];
}

async function serve(handler: Handler, { address = HERE, port = 0, tls = true } = {}): Promise<Target> {
  const target: Target = { port: 0, connections: 0, requests: [] };
  const answer: Handler = (request, response) => {
    target.requests.push(`${request.method} ${request.url}`);
    handler(request, response);
  };
  const server: Server = tls ? createTlsServer(certificate, answer) : createServer(answer);
  server.on('connection', (socket) => {
    target.connections++;
    closing.push(() => socket.destroy());
  });
  server.listen(port, address);
  await once(server, 'listening');
  closing.push(() => server.close());
  target.port = (server.address() as AddressInfo).port;
  return target;
}

function outgoing(options: Partial<OutgoingOptions> = {}): Outgoing {
  const made = createOutgoing({
    privateNetworks: false,
    resolve: names.resolve,
    ca: certificate.cert,
    timeout: 3_000,
    ...options,
  });
  closing.push(() => made.close());
  return made;
}

const ok: Handler = (_, response) => response.writeHead(201, { location: '/a' }).end('taken');

test('what a server answers comes back, its body and its headers', async () => {
  names.set('hooks.example.com', [HERE]);
  const target = await serve((request, response) => {
    request.pipe(response.writeHead(200, { 'x-got': String(request.headers['x-mine']) }));
  });
  const answer = await outgoing({ privateNetworks: true }).send(
    `https://hooks.example.com:${target.port}/a?b`,
    {
      headers: { 'x-mine': 'value' },
      body: 'é',
    },
  );
  expect(answer).toMatchObject({ status: 200, headers: { 'x-got': 'value' } });
  expect(answer.body.toString()).toBe('é');
  expect(target.requests).toEqual(['POST /a?b']);
});

test('a name that leads into the house is not called', async () => {
  names.set('hooks.example.com', [HERE]);
  const target = await serve(ok);
  const url = `https://hooks.example.com:${target.port}/`;
  await expect(outgoing().send(url, {})).rejects.toThrow('does not lead to a public address');
  await expect(outgoing().confirm(url)).rejects.toThrow('does not lead to a public address');
  expect(target.connections).toBe(0);
});

test('a name that led outside when it was given and leads inside when it is called is not called', async () => {
  names.set('hooks.example.com', [PUBLIC], [HERE]);
  const target = await serve(ok);
  const url = `https://hooks.example.com:${target.port}/`;
  const calls = outgoing();
  await calls.confirm(url);
  await expect(calls.send(url, {})).rejects.toThrow('does not lead to a public address');
  expect(target.connections).toBe(0);
});

test('one private address among public ones is enough to refuse', async () => {
  names.set('hooks.example.com', [PUBLIC, HERE]);
  const target = await serve(ok);
  await expect(outgoing().send(`https://hooks.example.com:${target.port}/`, {})).rejects.toThrow(
    'does not lead to a public address',
  );
  expect(target.connections).toBe(0);
});

test('the connection goes to the address that was judged: a name is resolved once for it', async () => {
  const first = await serve(ok);
  const second = await serve(ok, { address: '127.0.0.2', port: first.port });
  names.set('hooks.example.com', [HERE], ['127.0.0.2']);
  const before = names.asked('hooks.example.com');
  await outgoing({ privateNetworks: true }).send(`https://hooks.example.com:${first.port}/`, {});
  expect(names.asked('hooks.example.com') - before).toBe(1);
  expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
});

test.each([
  'https://127.0.0.1',
  'https://2130706433',
  'https://0x7f000001',
  'https://0177.0.0.1',
  'https://127.1',
  'https://[::ffff:127.0.0.1]',
  'https://[::ffff:7f00:1]',
  'https://localhost',
])('an address written as %s is not called', async (base) => {
  const target = await serve(ok);
  await expect(outgoing().send(`${base}:${target.port}/`, {})).rejects.toThrow('is not a public address');
  await expect(outgoing().confirm(`${base}:${target.port}/`)).rejects.toThrow('is not a public address');
  expect(target.connections).toBe(0);
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is an answer, and is not followed', async (status) => {
  const inside = await serve(ok);
  const target = await serve((_, response) => {
    response.writeHead(status, { location: `https://127.0.0.1:${inside.port}/secret` }).end();
  });
  names.set('hooks.example.com', [HERE]);
  const answer = await outgoing({ privateNetworks: true }).send(
    `https://hooks.example.com:${target.port}/`,
    {},
  );
  expect(answer.status).toBe(status);
  expect(inside.connections).toBe(0);
});

test('plain HTTP is called only where the operator named the address', async () => {
  const target = await serve(ok, { tls: false });
  const url = `http://127.0.0.1:${target.port}/`;
  await expect(outgoing({ privateNetworks: true }).send(url, {})).rejects.toThrow('http:// is not called');
  const answer = await outgoing({ privateNetworks: true, plainHttp: true }).send(url, {});
  expect(answer.status).toBe(201);
});

test('a server that shows a certificate of another name is not believed', async () => {
  names.set('other.example.com', [HERE]);
  const target = await serve(ok);
  await expect(
    outgoing({ privateNetworks: true }).send(`https://other.example.com:${target.port}/`, {}),
  ).rejects.toThrow(/altnames/i);
  expect(target.requests).toEqual([]);
});

test('an answer that does not come, or drips, is given up in time', async () => {
  names.set('hooks.example.com', [HERE]);
  const silent = await serve(() => undefined);
  const dripping = await serve((_, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('a'), 50);
    closing.push(() => clearInterval(drip));
  });
  const calls = outgoing({ privateNetworks: true, timeout: 400 });
  for (const { port } of [silent, dripping]) {
    await expect(calls.send(`https://hooks.example.com:${port}/`, {})).rejects.toThrow(
      'No answer within 400 ms',
    );
  }
});

test('of a long answer no more is read than says why', async () => {
  names.set('hooks.example.com', [HERE]);
  const target = await serve((_, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.writeHead(500).on('drain', pour);
    pour();
  });
  const answer = await outgoing({ privateNetworks: true }).send(
    `https://hooks.example.com:${target.port}/`,
    {},
  );
  expect(answer).toMatchObject({ status: 500 });
  expect(answer.body).toHaveLength(MAX_ANSWER);
});

test('an answer cut off is no answer', async () => {
  names.set('hooks.example.com', [HERE]);
  const target = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => request.socket.destroy(), 50);
  });
  await expect(
    outgoing({ privateNetworks: true }).send(`https://hooks.example.com:${target.port}/`, {}),
  ).rejects.toThrow();
});

test('a name that nobody knows is refused when it is given', async () => {
  await expect(outgoing().confirm('https://nowhere.example.com/')).rejects.toThrow(
    'nowhere.example.com is not known',
  );
});
