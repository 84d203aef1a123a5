import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import { RegieError } from '../domain/errors';

type Activities = { [name: string]: (...args: never[]) => Promise<unknown> };

/**
 * Failures become part of the engine's storage, with message and stack. What a rule refuses is passed on as
 * its code and its ids, not to be tried again; anything else is logged here, and there only says that it failed.
 */
export function withoutSecrets<Group>(logger: Logger, activities: Group): Group {
  const wrapped = Object.entries(activities as Activities).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        throw toFailure(logger, name, error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Group;
}

function toFailure(logger: Logger, activity: string, error: unknown): unknown {
  if (error instanceof RegieError) {
    const { erreurs, extensions, retryAfter, detail } = error.details;
    return bare(
      ApplicationFailure.nonRetryable(error.code, error.code, { erreurs, extensions, retryAfter, detail }),
    );
  }
  // Cancellation belongs to Temporal and must reach it unchanged.
  if (error instanceof Error && error.name === 'CancelledFailure') return error;
  logger.warn({ err: error, activity }, 'activity failed, will be tried again');
  return bare(
    ApplicationFailure.retryable(`${activity} failed; the worker's log says why`, 'ERREUR_INTERNE'),
  );
}

function bare(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
