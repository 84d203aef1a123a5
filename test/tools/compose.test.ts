import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/lib/paths';
import { dynamicConfig } from '../../tools/servers/temporal';
import { HISTORY_SHARDS, VERSION } from '../../tools/servers/temporal-postgres';

/** What is measured and proved here on Temporal without containers has to hold of the one in containers. */

const compose = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8');

test('Temporal in containers is configured as the one of npm run test:machines', () => {
  const values = compose.matchAll(/^ {6}([a-z][\w.]+):\n {8}- value: (\d+)$/gim);
  expect(Object.fromEntries([...values].map(([, key, value]) => [key, Number(value)]))).toEqual(
    dynamicConfig,
  );
  expect(compose).toContain(`NUM_HISTORY_SHARDS: ${HISTORY_SHARDS}\n`);
});

test('Temporal in containers is of the same minor version', () => {
  const [minor] = /^v\d+\.\d+\./.exec(VERSION)!;
  const versions = [...compose.matchAll(/image: temporalio\/(?:server|admin-tools):(\S+)/g)].map(
    ([, version]) => version,
  );
  expect(versions).toHaveLength(3);
  for (const version of versions)
    expect(`v${version}`).toMatch(new RegExp(`^${minor.replaceAll('.', '\\.')}`));
});
