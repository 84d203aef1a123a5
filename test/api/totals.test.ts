import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import { makePlanning, signIn } from '../support/factories';
import { startInstance } from '../support/instance';

/** Totals past 10,000 are remembered for a while, each for the list, the filter and the data source it belongs to. */

const ROWS = 10_001;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.database.owner.query(
    `INSERT INTO pieces (reference, designation) SELECT 'REF-' || n, 'Joint' FROM generate_series(1, $1) n`,
    [ROWS],
  );
});
afterAll(() => api.close());

const totalOf = async (client: Client, path: string) => {
  const { headers } = await client.get(`${path}?limit=1`);
  return [headers.get('x-total-count'), headers.get('x-total-count-exact') ?? 'true'];
};

it('is the total of its own list, whatever list of the same letter was counted before', async () => {
  await makePlanning(api.db);
  const { client } = await api.newPerson('admin');
  expect(await totalOf(client, '/pieces/')).toEqual(['10000', 'false']);
  expect(await totalOf(client, '/planning/')).toEqual(['1', 'true']);
});

it('is remembered by the process that counted, and by no other', async () => {
  const { client, user } = await api.newPerson('admin');
  const instance = await startInstance(api);
  try {
    const elsewhere = createClient(instance.baseUrl, await signIn(api.db, api.app.tokens, user));
    expect(await totalOf(client, '/pieces/')).toEqual(['10000', 'false']);
    await api.db.query(`DELETE FROM pieces WHERE reference <> 'REF-1'`);
    expect(await totalOf(elsewhere, '/pieces/')).toEqual(['1', 'true']);
    expect(await totalOf(client, '/pieces/')).toEqual(['10000', 'false']);
  } finally {
    await instance.close();
  }
});
