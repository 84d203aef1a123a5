import { Context } from '@temporalio/activity';
import { RegieError } from '../domain/errors';
import { etablirRapport, type Issue } from '../services/pilotage/etablissement';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** The making of reports that people ask for, on the task queue of reports. */
export interface EtablissementActivities {
  /** Fails as long as another try makes sense; how many there were is written down beside the row. */
  etablirRapport(rapportId: number): Promise<Issue>;
}

export function etablissementActivities({
  logger,
  ...tools
}: Pick<ActivityContext, 'db' | 'store' | 'rapports' | 'timeZone' | 'logger'>): EtablissementActivities {
  return withoutSecrets(logger, {
    etablirRapport: async (rapportId) => {
      const { currentAttemptScheduledTimestampMs: now } = Context.current().info;
      try {
        return await etablirRapport(tools, rapportId, new Date(now));
      } catch (error) {
        // To the engine a refusal is for good; too many reports at once is for now.
        throw error instanceof RegieError ? new Error(error.code, { cause: error }) : error;
      }
    },
  });
}
