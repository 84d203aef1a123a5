import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../tools/lib/paths';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';

/** One forbidden import for each rule of where things may lie, from a file to another or to a package. */
const PLANTED: [rule: string, from: string, to: string][] = [
  ['domain-imports', 'src/domain/parc/equipements.ts', 'src/db/sql.ts'],
  ['area-parc', 'src/domain/parc/equipements.ts', 'src/domain/interventions/interventions.ts'],
  ['area-parc', 'src/db/parc/equipements.ts', 'src/domain/interventions/interventions.ts'],
  ['area-documents', 'src/services/documents/documents.ts', 'src/services/parc/equipements.ts'],
  ['area-identite', 'src/services/identite/users.ts', 'src/services/planification/planning.ts'],
  [
    'area-planification',
    'src/services/planification/planning.ts',
    'src/services/interventions/cycle/apply.ts',
  ],
  ['area-cabinet', 'src/services/cabinet/patients.ts', 'src/services/interventions/interventions.ts'],
  ['area-interventions', 'src/services/interventions/interventions.ts', 'src/services/pilotage/dashboard.ts'],
  ['area-pilotage', 'src/services/pilotage/dashboard.ts', 'src/services/systeme/setup.ts'],
  ['grammar-knows-no-area', 'src/services/list.ts', 'src/services/parc/equipements.ts'],
  ['grammar-knows-no-area', 'src/domain/roles.ts', 'src/domain/identite/textes.ts'],
  ['every-area-is-in-the-table', 'src/services/garage/boxes.ts', 'src/services/list.ts'],
  ['resources-of-the-api-know-not-each-other', 'src/api/auth/routes.ts', 'src/api/users/schemas.ts'],
  ['resources-of-the-api-know-not-each-other', 'src/api/http/router.ts', 'src/api/users/schemas.ts'],
  ['temporal-only-in-its-place', 'src/services/parc/equipements.ts', '@temporalio/client'],
  ['temporal-only-in-its-place', 'src/api/health/probes.ts', '@temporalio/client'],
  ['pg-only-in-its-place', 'src/activities/messages.ts', 'pg'],
  ['koa-only-in-its-place', 'src/services/list.ts', 'koa'],
  ['koa-only-in-its-place', 'src/engine/engine.ts', '@koa/router'],
];

/** Imports of the same kinds that are as they should be. */
const ALLOWED: [from: string, to: string][] = [
  ['src/services/interventions/documents.ts', 'src/services/documents/documents.ts'],
  ['src/services/interventions/documents.ts', 'src/services/list.ts'],
  ['src/services/systeme/setup.ts', 'src/services/pilotage/dashboard.ts'],
  ['src/domain/messages.ts', 'src/domain/identite/textes.ts'],
  ['src/db/migrations/index.ts', 'src/db/parc/equipements.ts'],
  ['src/api/http/body.ts', 'koa'],
  ['src/api/users/routes.ts', 'src/api/http/body.ts'],
  ['src/worker/worker.ts', '@temporalio/client'],
  ['src/db/sql.ts', 'pg'],
];

let folder: ThrowawayFolder;
let violations: { from: string; rule: string; to: string }[];

beforeAll(async () => {
  folder = await throwawayFolder();
  const contents = new Map<string, string>();
  const write = (from: string, to: string) => {
    const target = to.startsWith('src/') ? join(folder.path, to).replace(/\.ts$/, '') : to;
    contents.set(from, `${contents.get(from) ?? ''}import '${target}';\n`);
    const file = to.startsWith('src/') ? to : `node_modules/${to}/index.js`;
    if (!contents.has(file)) contents.set(file, '');
  };
  for (const [, from, to] of PLANTED) write(from, to);
  for (const [from, to] of ALLOWED) write(from, to);
  for (const [path, content] of contents) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), content);
  }
  const program = join(projectRoot, 'node_modules', '.bin', 'depcruise');
  const configuration = join(projectRoot, '.dependency-cruiser.cjs');
  const { stdout } = spawnSync(
    process.execPath,
    [program, '--config', configuration, '--output-type', 'json', 'src'],
    { cwd: folder.path, encoding: 'utf8', maxBuffer: 10_000_000 },
  );
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] };
  };
  violations = summary.violations.map(({ from, to, rule }) => ({ from, to, rule: rule.name }));
});
afterAll(() => folder.remove());

/** The rules that refuse it. */
const refusals = (from: string, to: string) => {
  const target = to.startsWith('src/') ? to : `node_modules/${to}/index.js`;
  return violations.filter((one) => one.from === from && one.to === target).map(({ rule }) => rule);
};

it.each(PLANTED)('%s refuses that %s imports %s', (rule, from, to) => {
  expect(refusals(from, to)).toContain(rule);
});

it.each(ALLOWED)('%s may import %s', (from, to) => {
  expect(refusals(from, to).filter((rule) => rule !== 'no-development-packages')).toEqual([]);
});
