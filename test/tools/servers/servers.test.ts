import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { Client as PgClient } from 'pg';
import { type ThrowawayFolder, throwawayFolder } from '../../../tools/lib/throwaway-folder';
import { startPostgres } from '../../../tools/servers/postgres';
import { startTimeSkipping } from '../../../tools/servers/start-time-skipping';
import { startTemporal } from '../../../tools/servers/temporal';
import { findTimeSkippingServer } from '../../../tools/servers/time-skipping';

let folder: ThrowawayFolder;
beforeAll(async () => {
  folder = await throwawayFolder();
});
afterAll(() => folder.remove());

const at = (name: string) => join(folder.path, name);

describe('PostgreSQL', () => {
  const start = () =>
    startPostgres({
      dataDir: at('postgres'),
      logFile: at('postgres.log'),
      password: 'secret',
      durable: true,
    });

  async function query(url: string, text: string): Promise<unknown[]> {
    const client = new PgClient({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query({ text, rowMode: 'array' });
      return rows.flat();
    } finally {
      await client.end();
    }
  }

  test('finds its data again after it was killed, although another process has its number by now', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE pannes AS SELECT 42 AS numero');
    first.kill();
    await first.exited;
    const pidFile = join(at('postgres'), 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'));

    const second = await start();
    expect(await query(second.url, 'SELECT numero FROM pannes')).toEqual([42]);
    await second.stop();
  });

  test('sorts names as French readers expect', async () => {
    const server = await start();
    const sorted = await query(
      server.url,
      `SELECT nom FROM unnest('{zoé,Eva,été,Élan}'::text[]) nom ORDER BY nom`,
    );
    expect(sorted).toEqual(['Élan', 'été', 'Eva', 'zoé']);
    await server.stop();
  });
});

describe("Temporal's development server", () => {
  const start = () => startTemporal({ databaseFile: at('temporal.db'), logFile: at('temporal.log') });

  async function connect(address: string): Promise<Client> {
    return new Client({ connection: await Connection.connect({ address }) });
  }

  test('finds its workflows again after it was killed', async () => {
    const first = await start();
    const client = await connect(first.address);
    await client.workflow.start('attente', { taskQueue: 'nobody', workflowId: 'w-1' });
    await client.connection.close();
    first.kill();
    await first.exited;

    const second = await start();
    const again = await connect(second.address);
    expect((await again.workflow.getHandle('w-1').describe()).status.name).toBe('RUNNING');
    await expect(again.workflow.getHandle('w-2').describe()).rejects.toThrow(WorkflowNotFoundError);
    await again.connection.close();
    await second.stop();
  });

  test('takes a search attribute as soon as it is registered', async () => {
    const server = await start();
    const client = await connect(server.address);
    await client.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: { Couleur: 2 /* keyword */ },
    });
    await client.workflow.start('attente', {
      taskQueue: 'nobody',
      workflowId: 'w-3',
      searchAttributes: { Couleur: ['rouge'] },
    });
    await client.connection.close();
    await server.stop();
  });
});

test('the time-skipping server lets ten days pass at once', async () => {
  const environment = await startTimeSkipping(await findTimeSkippingServer());
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('10 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(10 * 24 * 3_600_000);
  } finally {
    await environment.teardown();
  }
});
