import { ROUTES } from '../../src/api/routes';
import { startTestSystem, type TestSystem } from '../support/system';
import { type SlowWorkWatch, watchSlowWork } from '../support/transactions';
import { type DeepRequests, prepareDeepRequests, send } from './deep-requests';
import { nameOf } from './routes';

/**
 * A transaction holds a connection of the pool and locks: whoever has slow work done inside one keeps everybody else from
 * the database for as long as it takes.
 */

let system: TestSystem;
let requests: DeepRequests;
let watch: SlowWorkWatch;
beforeAll(async () => {
  system = await startTestSystem();
  requests = await prepareDeepRequests(system);
  watch = watchSlowWork(system.app);
}, 120_000);
afterAll(async () => {
  watch.stop();
  await system.close();
});

describe('slow work', () => {
  it('is done by no route inside a transaction', async () => {
    const found: Record<string, string[]> = {};
    const refused: string[] = [];
    for (const route of ROUTES) {
      const { status, body } = await send(await requests.of(route));
      // Whoever is refused has shown nothing.
      if (status >= 300) refused.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
      const seen = [...new Set(watch.seen())];
      if (seen.length > 0) found[nameOf(route)] = seen;
    }
    expect(found).toEqual({});
    expect(refused).toEqual([]);
  }, 300_000);
});
