import '../support/runtime';
import { playEntretien } from '../../tools/demo/entretien';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { createNamespace } from '../support/namespace';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('plays a quarter of the life of a machine: nested plans, a meter, a pause, and work that is done', async () => {
  const lines: string[] = [];
  const interventions = await playEntretien({
    databaseUrl: database.url,
    timeSkippingServer: process.env.TEST_TIME_SKIPPING_SERVER!,
    temporalAddress: process.env.TEST_TEMPORAL_ADDRESS!,
    temporalNamespace: await createNamespace(),
    print: (line) => lines.push(line),
  });
  const story = lines.join('\n');
  for (const word of [
    'absorbée par « ',
    'compteur:0:250',
    'sautée (pause)',
    'reprend',
    'faite',
    'Un trimestre',
  ]) {
    expect(story).toContain(word);
  }
  expect(interventions).toBeGreaterThan(10);
  // Each date is decided on the day on which it is due, or, of the pause, when that ends.
  for (const line of lines) {
    const [, told, due] = /^(\S+) .*échéance (\d{4}-\d\d-\d\d) : intervention/.exec(line) ?? [];
    if (due !== undefined) expect(Date.parse(told!) - Date.parse(due)).toBeLessThanOrEqual(4 * 86_400_000);
  }
});
