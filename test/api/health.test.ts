import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { version } from '../../package.json';
import { startTestApi, type TestApi } from '../support/api';
import { onServer } from '../support/database';
import { makeIntervention } from '../support/factories';

const NOBODY = '127.0.0.1:9';

describe('with everything there', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  it('health says that the process answers, to anybody', async () => {
    const { status, body } = await api.anonymous.get('/health');
    expect([status, body]).toEqual([
      200,
      {
        status: 'ok',
        version,
        uptime: expect.any(Number),
        fuseaux: { version: process.versions.tz, source: expect.stringMatching(/^Node\.js 2/) },
      },
    ]);
  });

  it('ready is ok', async () => {
    const { status, body } = await api.anonymous.get('/health/ready');
    expect([status, body]).toEqual([
      200,
      { status: 'ok', services: { database: 'ok', engine: 'ok', store: 'ok', mail: 'ok' } },
    ]);
  });

  it('db tells latency, migrations and connections', async () => {
    const { status, body } = await api.anonymous.get('/health/db');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      latency_ms: expect.any(Number),
      migrations: { applied: expect.arrayContaining(['Initial1764000000000']), pending: [] },
      pool: { max: 10, open: expect.any(Number), idle: expect.any(Number), waiting: 0 },
      pool_lectures: { max: 10, open: expect.any(Number), idle: expect.any(Number), waiting: 0 },
    });
  });

  it('metrics count requests by method, endpoint and status, and what is going on', async () => {
    await makeIntervention(api.db);
    await makeIntervention(api.db, { statut: 'annulee', motif_annulation: 'Doublon' });
    await api.anonymous.get('/pieces/42');
    const reply = await api.anonymous.get('/health/metrics');
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines: string[] = reply.body.split('\n');
    expect(lines).toContain('http_requests_total{method="GET",endpoint="/api/v1/pieces/:id",status="401"} 1');
    expect(lines).toContain(
      'http_request_duration_seconds_count{method="GET",endpoint="/api/v1/pieces/:id"} 1',
    );
    expect(lines).toContain('interventions_active_total 1');
    expect(lines).toContain('outbox_messages_pending 0');
    expect(lines.filter((line) => line.startsWith('# TYPE')).length).toBe(
      new Set(lines.filter((line) => line.startsWith('# TYPE'))).size,
    );
  });
});

describe('without engine, store and mail', () => {
  it('ready is degraded and names what is missing: reading and creating go on', async () => {
    const api = await startTestApi({
      TEMPORAL_ADDRESS: NOBODY,
      S3_ENDPOINT: `http://${NOBODY}`,
      SMTP_URL: `smtp://${NOBODY}`,
    });
    const { status, body } = await api.anonymous.get('/health/ready');
    expect([status, body]).toEqual([
      200,
      {
        status: 'degraded',
        services: { database: 'ok', engine: 'unavailable', store: 'unavailable', mail: 'unavailable' },
      },
    ]);
    await api.close();
  });

  it('ready counts those that accept connections and never answer as missing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const api = await startTestApi({
      TEMPORAL_ADDRESS: address,
      S3_ENDPOINT: `http://${address}`,
      SMTP_URL: `smtp://${address}`,
    });
    const reply = await api.anonymous.get('/health/ready');
    expect(reply.body.services).toEqual({
      database: 'ok',
      engine: 'unavailable',
      store: 'unavailable',
      mail: 'unavailable',
    });
    await api.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe('without the database', () => {
  it('health and metrics answer; ready and db are 503 with Retry-After and say what is missing', async () => {
    const api = await startTestApi();
    await cutDatabase(api);
    expect((await api.anonymous.get('/health')).status).toBe(200);
    const ready = await api.anonymous.get('/health/ready');
    expect([ready.status, ready.body.code, ready.body.services.database]).toEqual([
      503,
      'SERVICE_INDISPONIBLE',
      'unavailable',
    ]);
    const db = await api.anonymous.get('/health/db');
    expect([db.status, db.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
    for (const { headers } of [ready, db]) {
      expect(headers.get('content-type')).toMatch('application/problem+json');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const metrics = await api.anonymous.get('/health/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.body).toContain('http_requests_total');
    expect(metrics.body).not.toContain('interventions_active_total');
    await api.close();
  });

  it('ready is 503 as well while a migration is missing', async () => {
    const api = await startTestApi();
    await api.database.owner.query('DELETE FROM migrations');
    expect((await api.anonymous.get('/health/ready')).status).toBe(503);
    const { body } = await api.anonymous.get('/health/db');
    expect(body).toMatchObject({ status: 'migrations_pending', migrations: { applied: [] } });
    expect(body.migrations.pending).toContain('Initial1764000000000');
    await api.close();
  });
});

/** Lets nobody into the database any more. */
async function cutDatabase({ database }: TestApi): Promise<void> {
  const server = process.env.TEST_DATABASE_URL!;
  const name = new URL(database.url).pathname.slice(1);
  await onServer(server, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await onServer(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
}
