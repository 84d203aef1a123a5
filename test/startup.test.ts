import { join } from 'node:path';
import { zoneDataFault } from '../src/environment/zone-data.cjs';
import { testEnvironment } from './support/api';
import { runCompiled } from './support/compiled';

const HOUR = 3_600_000;

describe('zone data', () => {
  it('of the Node.js that runs this is recent enough', () => {
    expect(zoneDataFault()).toBeNull();
  });

  it.each([
    ['that never heard of the change', (_: string, instant: number) => (isRamadan2027(instant) ? 0 : HOUR)],
    [
      'that has another change in Ramadan',
      (_: string, instant: number) => (isRamadan2027(instant) ? -HOUR : 0),
    ],
    ['without any changes of clocks at all', () => HOUR],
  ])('%s is told by what it does', (_, offset) => {
    expect(zoneDataFault(offset)).toMatch(
      /^The time zone data of this Node\.js is too old \(20\d\d\w, Node\.js /,
    );
  });

  const isRamadan2027 = (instant: number) =>
    instant > Date.parse('2027-02-07') && instant < Date.parse('2027-03-10');

  it.each(['api/main', 'worker/main', 'setup'])(
    'that is too old stops %s, which says what to do',
    async (entry) => {
      const NODE_OPTIONS = `--require ${JSON.stringify(join(__dirname, 'support', 'old-zones.cjs'))}`;
      const env = testEnvironment('postgres://127.0.0.1:1/none', { NODE_OPTIONS, WEB_CONCURRENCY: '2' });
      const { code, stderr } = await runCompiled(entry, env);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^The time zone data .* Africa\/Casablanca at UTC\+1 on 2026-10-01, where it is UTC\+0/,
      );
      expect(stderr).toMatch(/\nIt takes version 2026c or later: use a newer Node\.js 24\.\n$/);
    },
  );
});
