import { findCalendarPython } from './calendar';
import { findS3Server } from './s3';
import { findTemporalCli } from './temporal';
import { findTimeSkippingServer } from './time-skipping';

/**
 * Makes sure that the programs of the servers are in the cache. Takes minutes the first time, where they have to be
 * built. A build keeps all cores busy, so one goes after the other; the rest is fetched meanwhile.
 */
export async function prepareServers(wanted: {
  temporal: boolean;
  s3: boolean;
  timeSkipping: boolean;
  calendars?: boolean;
}): Promise<void> {
  const builds = async () => {
    if (wanted.temporal) await findTemporalCli();
    if (wanted.s3) await findS3Server();
  };
  await Promise.all([
    builds(),
    wanted.timeSkipping && findTimeSkippingServer(),
    wanted.calendars && findCalendarPython(),
  ]);
}
