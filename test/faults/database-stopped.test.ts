import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { type PostgresServer, startPostgres } from '../../tools/servers/postgres';
import { makeEquipement, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { type Attempt, send, startLoad, timesRecorded, type Workplace } from '../support/load';
import { closeAll, type ProcessSystem, prepareSystem } from '../support/processes';

let folder: ThrowawayFolder;
let postgres: PostgresServer;
let system: ProcessSystem;
const startDatabase = (port?: number) =>
  startPostgres({
    dataDir: join(folder.path, 'postgres'),
    logFile: join(folder.path, 'postgres.log'),
    port,
    password: 'regie-test',
    durable: false,
  });
beforeAll(async () => {
  folder = await throwawayFolder();
  postgres = await startDatabase();
  system = await prepareSystem({ postgresUrl: postgres.url });
  await Promise.all([system.startWorker(), system.startApi()]);
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => postgres.stop(),
    () => folder.remove(),
  ),
);

/** More than the API has connections. */
const PEOPLE = 12;
const ABSENCE = 10_000;

async function workplaces(): Promise<Workplace[]> {
  const { db } = system;
  const client = await system.as(await makeUser(db));
  return Promise.all(
    Array.from({ length: PEOPLE }, async () => ({
      client,
      equipementId: (await makeEquipement(db)).id,
      technicienId: (await makeTechnicien(db)).id,
    })),
  );
}

const FAULTS = [
  {
    name: 'is stopped',
    absent: async () => {
      await postgres.stop();
      await sleep(ABSENCE);
      postgres = await startDatabase(postgres.port);
    },
  },
  {
    name: 'hangs',
    absent: async () => {
      // The one that lets people in first, then everybody who is in.
      const backends: { pid: number }[] = await system.owner.query(
        `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'`,
      );
      const pids = [postgres.pid, ...backends.map(({ pid }) => pid)];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(ABSENCE);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    },
  },
  {
    name: 'breaks its connections again and again',
    absent: async () => {
      const end = Date.now() + ABSENCE;
      while (Date.now() < end) {
        await system.owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name LIKE 'regie-%' AND random() < 0.7`,
        );
        await sleep(300);
      }
    },
  },
];

it.each(FAULTS)(
  'keeps every promise made to people at work while PostgreSQL $name for ten seconds',
  async ({ absent }) => {
    const load = startLoad(await workplaces());
    const { attempts } = load;
    await sleep(2_000);
    const before = attempts.length;
    await absent();
    const until = attempts.length;
    await sleep(2_000);
    await load.stop();
    const isDone = ({ outcome }: Attempt) => outcome === 'done';
    expect([attempts.slice(0, before).some(isDone), attempts.slice(until).some(isDone)]).toEqual([
      true,
      true,
    ]);

    for (const { reply } of attempts.filter(({ outcome }) => outcome !== 'done')) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'SERVICE_INDISPONIBLE' } });
      expect(reply!.headers.get('content-type')).toContain('application/problem+json');
      expect(Number(reply!.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const writes = attempts.filter(({ method }) => method !== 'GET');
    for (const attempt of writes) {
      const times = await timesRecorded(system.db, attempt);
      if (attempt.outcome === 'done') expect(times).toBe(1);
      else expect(times).toBeLessThanOrEqual(1);
    }

    // Whoever was refused asks again, as Retry-After says, under the same key.
    for (const attempt of writes.filter(({ outcome }) => outcome !== 'done')) {
      const again = await send(attempt);
      expect([200, 201]).toContain(again.reply?.status);
      expect(await timesRecorded(system.db, again)).toBe(1);
    }
    await system.reconcile();
    await expectInvariants(system);
  },
);
