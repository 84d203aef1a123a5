import type { Logger } from 'pino';
import type { Config } from '../../config';
import type { Probleme } from '../../domain/planification/semaine/probleme';
import type { ResultatTournee } from '../../domain/planification/tournee/tournee';
import { createTrajets } from '../../services/planification/trajets';
import { TaskThread } from '../../threads/task-thread';

/** What planning a day is done with in a process of the API: travel, and a thread that finds the way. */
export function createPlanner({ trajets }: Pick<Config, 'trajets'>, logger: Logger) {
  return {
    trajets: createTrajets(trajets, (err) =>
      logger.warn({ err }, 'no road service: travel is counted along great circles'),
    ),
    // A second at most, and a few megabytes.
    tournees: new TaskThread<Probleme, ResultatTournee>({
      file: 'threads/tournee.js',
      maxWaiting: 20,
      timeLimit: 20_000,
      maxHeap: 128,
    }),
  };
}
