import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTokenService } from '../../src/auth/tokens';
import type { User } from '../../src/db/identite/users';
import { randomFreePort } from '../../tools/lib/ports';
import { testConfig, testEnvironment } from '../support/api';
import { type Client, createClient } from '../support/client';
import { type CompiledProcess, runCompiled, startCompiled } from '../support/compiled';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makePiece, makeUser, signIn } from '../support/factories';

let database: TestDatabase;
let admin: User;
const started: CompiledProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await makeUser(database.db);
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => database.drop());

interface Api extends CompiledProcess {
  port: number;
  client: Client;
}

async function startApi(workers: number): Promise<Api> {
  const port = await randomFreePort();
  const env = { PORT: String(port), WEB_CONCURRENCY: String(workers), LOG_LEVEL: 'info' };
  const api = startCompiled('api/main', testEnvironment(database.url, env));
  started.push(api);
  const ready = () => api.stdout().split('API ready').length - 1;
  await eventually(ready, (count) => count === workers);
  const token = await signIn(database.db, createTokenService(testConfig(database.url).jwt), admin);
  return { ...api, port, client: createClient(`http://127.0.0.1:${port}`, token) };
}

function workersOf({ child }: CompiledProcess): number[] {
  try {
    const printed = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
    return printed.trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * A connection that comes in the very moment in which the last worker stops listening is left waiting by the primary of
 * Node.js, which has nobody to give it to: it is given up, and another one tried.
 */
const untilItRefuses = ({ port }: Api) =>
  eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/api/v1/pieces`, { signal: AbortSignal.timeout(1_000) }).then(
        () => false,
        (error: Error) => error.name !== 'TimeoutError',
      ),
    (refused) => refused,
  );

describe.each([1, 2])('the API process with %i worker(s)', (workers) => {
  it('stops accepting when told to stop, lets what it has begun end, and exits with 0', async () => {
    const api = await startApi(workers);
    const piece = await makePiece(database.db);
    const held = database.db.createQueryRunner();
    await held.startTransaction();
    await held.query('SELECT id FROM pieces WHERE id = $1 FOR UPDATE', [piece.id]);
    const slow = api.client.patch(`/pieces/${piece.id}`, { stock: 9 });
    const waiting = () =>
      database.owner.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    await eventually(waiting, (rows) => rows.length === 1);

    api.child.kill('SIGTERM');
    await untilItRefuses(api);
    await held.commitTransaction();
    await held.release();
    const reply = await slow;
    expect([reply.status, reply.body.stock]).toEqual([200, 9]);
    expect(await api.ended).toBe(0);
    expect(api.stderr()).toBe('');
  });

  it('is not kept from stopping by connections that are merely open', async () => {
    const api = await startApi(workers);
    const agent = new Agent({ keepAlive: true });
    const opened = request({ port: api.port, path: '/api/v1/pieces', agent }).end();
    const [response] = await once(opened, 'response');
    response.resume();
    await once(response, 'end');
    const silent = connect(api.port);
    await once(silent, 'connect');
    api.child.kill('SIGINT');
    expect(await api.ended).toBe(0);
    agent.destroy();
    silent.destroy();
  });
});

describe('the workers of the API', () => {
  it('are replaced when they die', async () => {
    const api = await startApi(2);
    const [victim, other] = workersOf(api) as [number, number];
    process.kill(victim, 'SIGKILL');
    const workers = await eventually(
      () => workersOf(api),
      (pids) => pids.length === 2 && !pids.includes(victim) && api.stdout().split('API ready').length === 4,
    );
    expect(workers).toContain(other);
    expect((await api.client.get('/pieces')).status).toBe(200);
  });

  it('are counted together, whichever of them is asked for the metrics', async () => {
    const api = await startApi(2);
    // A connection each, which go round the workers.
    const get = async (path: string) => {
      const asked = request({ port: api.port, path: `/api/v1${path}`, agent: false }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return text(response);
    };
    for (let n = 0; n < 6; n++) await get('/health');
    const counted = 'http_requests_total{method="GET",endpoint="/api/v1/health",status="200"} 6';
    for (let n = 0; n < 3; n++) expect((await get('/health/metrics')).split('\n')).toContain(counted);
  });

  it('do not outlive their primary', async () => {
    const api = await startApi(2);
    const workers = workersOf(api);
    expect(workers).toHaveLength(2);
    api.child.kill('SIGKILL');
    await eventually(
      () => workers.filter(isAlive),
      (alive) => alive.length === 0,
    );
    await untilItRefuses(api);
  });
});

describe.each([1, 2])('an API process that cannot start, with %i worker(s)', (workers) => {
  const start = (overrides: Record<string, string>) =>
    runCompiled(
      'api/main',
      testEnvironment(database.url, { WEB_CONCURRENCY: String(workers), ...overrides }),
    );

  it.each([
    ['its configuration', { JWT_SECRET: 'short' }, /^Configuration invalid:\n {2}JWT_SECRET: .*\n$/],
    [
      'its database',
      { DATABASE_URL: 'postgres://regie@127.0.0.1:1/regie' },
      /^The database cannot be reached: .*\n$/,
    ],
  ])('says so once and exits with 1: %s', async (_, overrides, message) => {
    const { code, stderr } = await start(overrides);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('says so once and exits with 1: its port is taken', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { code, stderr } = await start({ PORT: String((other.address() as AddressInfo).port) });
    other.close();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Régie cannot start: .*EADDRINUSE.*\n$/)]);
  });
});
