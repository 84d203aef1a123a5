import { join } from 'node:path';
import { type RunningProcess, startTogether } from '../lib/processes';
import { throwawayFolder } from '../lib/throwaway-folder';
import { findCalendarPython } from './calendar';
import { startMail } from './mail';
import { startPostgres } from './postgres';
import { prepareServers } from './prepare';
import { startS3 } from './s3';
import { findTemporalCli, startTemporal } from './temporal';
import { findTemporalOnPostgres, startTemporalOnPostgres } from './temporal-postgres';
import { findTimeSkippingServer } from './time-skipping';

/** A set of servers for tests, on random ports, whose data goes when they stop. */
export interface ThrowawayServers {
  /** Names under which tests find them. */
  env: Record<string, string>;
  processes: RunningProcess[];
  stop(): Promise<void>;
}

const s3Keys = { accessKey: 'regie-test', secretKey: 'regie-test-secret' };

/** Which Temporal: the development server in memory, or as in production on the PostgreSQL that is there anyway. */
export type EngineKind = 'development' | 'postgres';

export async function startThrowawayServers(engine: EngineKind = 'development'): Promise<ThrowawayServers> {
  await prepareServers({ temporal: true, s3: true, timeSkipping: true, calendars: true });
  if (engine === 'postgres') await findTemporalOnPostgres();
  const folder = await throwawayFolder();
  const at = (name: string) => join(folder.path, name);
  const startingPostgres = startPostgres({
    dataDir: at('postgres'),
    logFile: at('postgres.log'),
    password: 'regie-test',
    durable: false,
  });
  const [postgres, temporal, s3, mail] = await startTogether([
    startingPostgres,
    engine === 'development'
      ? startTemporal({ logFile: at('temporal.log') })
      : startingPostgres.then(({ url }) =>
          startTemporalOnPostgres({ postgresUrl: url, folder: at('temporal'), logFile: at('temporal.log') }),
        ),
    startS3({ dataDir: at('s3'), logFile: at('s3.log'), ...s3Keys }),
    startMail({ mailDir: at('mail'), logFile: at('mail.log') }),
  ]);
  const processes = [postgres, temporal, s3, mail];
  return {
    env: {
      TEST_DATABASE_URL: postgres.url,
      TEST_ENGINE: engine,
      TEST_TEMPORAL_ADDRESS: temporal.address,
      TEST_TEMPORAL_CLI: await findTemporalCli(),
      TEST_TIME_SKIPPING_SERVER: await findTimeSkippingServer(),
      TEST_CALENDAR_PYTHON: await findCalendarPython(),
      TEST_S3_ENDPOINT: s3.endpoint,
      TEST_S3_ACCESS_KEY: s3Keys.accessKey,
      TEST_S3_SECRET_KEY: s3Keys.secretKey,
      TEST_SMTP_URL: mail.smtpUrl,
      TEST_MAIL_API: `${mail.webUrl}/api`,
    },
    processes,
    stop: async () => {
      await Promise.all([temporal, s3, mail].map((server) => server.stop()));
      await postgres.stop(); // which the engine may be writing to until it has ended
      await folder.remove();
    },
  };
}
