import { toldOtherwise, VERSIONED } from '../support/evenements';
import { SMS_SECRET } from '../support/sms-gateway';
import { startTestSystem, type TestSystem } from '../support/system';
import { type SlowWorkWatch, watchSlowWork } from '../support/transactions';
import { type DeepRequests, prepareDeepRequests, send } from './deep-requests';
import { GENERAL_ROUTES, nameOf } from './routes';

/**
 * A transaction holds a connection of the pool and locks: whoever has slow work done inside one keeps everybody else from
 * the database for as long as it takes.
 */

let system: TestSystem;
let requests: DeepRequests;
let watch: SlowWorkWatch;
beforeAll(async () => {
  system = await startTestSystem({ SMS_SECRET });
  requests = await prepareDeepRequests(system);
  watch = watchSlowWork(system.app);
});
afterAll(async () => {
  watch.stop();
  await system.close();
});

describe('slow work', () => {
  it('is done by no route inside a transaction', async () => {
    const found: Record<string, string[]> = {};
    const refused: string[] = [];
    for (const route of GENERAL_ROUTES) {
      // It is no request: what it does has tests of its own (`test/api/flux.test.ts`).
      if (route.answer.status === 101) continue;
      const { status, body } = await send(await requests.of(route));
      // Whoever is refused has shown nothing.
      if (status >= 300) refused.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
      const seen = [...new Set(watch.seen())];
      if (seen.length > 0) found[nameOf(route)] = seen;
    }
    expect(found).toEqual({});
    expect(refused).toEqual([]);
    // All that was done to rows was told with the version that they have.
    expect(await toldOtherwise(system.db, VERSIONED)).toEqual([]);
  });
});
