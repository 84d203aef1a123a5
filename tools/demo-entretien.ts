import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createDataSource } from '../src/db/data-source';
import { setUpRoles } from '../src/db/roles';
import { shipFeries } from '../src/services/planification/feries';
import { playEntretien } from './demo/entretien';
import { startTogether } from './lib/processes';
import { throwawayFolder } from './lib/throwaway-folder';
import { startPostgres } from './servers/postgres';
import { prepareServers } from './servers/prepare';
import { startTemporal } from './servers/temporal';
import { findTimeSkippingServer } from './servers/time-skipping';

/**
 * `npm run demo:entretien`: plays a quarter of the life of a machine in seconds, on servers of its own that go when it ends,
 * and prints it.
 */
async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  await prepareServers({ temporal: true, s3: false, timeSkipping: true });
  const folder = await throwawayFolder();
  const at = (name: string) => join(folder.path, name);
  const [postgres, temporal] = await startTogether([
    startPostgres({ dataDir: at('postgres'), logFile: at('postgres.log'), password: 'demo', durable: false }),
    startTemporal({ logFile: at('temporal.log') }),
  ]);
  try {
    await migrate(postgres.url);
    await playEntretien({
      databaseUrl: postgres.url,
      timeSkippingServer: await findTimeSkippingServer(),
      temporalAddress: temporal.address,
      temporalNamespace: 'default',
      print: (line) => process.stdout.write(`${line}\n`),
    });
  } finally {
    await temporal.stop();
    await postgres.stop();
    await folder.remove();
  }
}

async function migrate(databaseUrl: string): Promise<void> {
  const db = await createDataSource({
    url: databaseUrl,
    owner: true,
    poolSize: 2,
    applicationName: 'demo-setup',
  }).initialize();
  try {
    await db.runMigrations();
    await setUpRoles(db, databaseUrl, databaseUrl);
    await db.transaction((tx) => shipFeries(tx, new Date()));
  } finally {
    await db.destroy();
  }
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
