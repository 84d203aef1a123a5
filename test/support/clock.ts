import type { AppContext } from '../../src/api/context';

/**
 * Stops the clock of an API, where a test counts what fills again with time: beside everything else one request may take
 * seconds.
 * @returns what lets it go on.
 */
export function stopClock(app: AppContext, at = new Date()): () => void {
  app.clock = () => at;
  return () => {
    app.clock = () => new Date();
  };
}
