/**
 * Which folder of src may import which: imports point one way (docs/architecture.md). src/config.ts is open to all but the
 * two floors that have to be the same everywhere: the pure rules and the workflows.
 */
const allowed = {
  domain: [],
  db: ['domain', 'config'],
  auth: ['db', 'domain', 'config'],
  services: ['auth', 'db', 'domain', 'config'],
  storage: ['domain', 'config'],
  mail: ['domain', 'config'],
  rapports: ['domain', 'config'],
  activities: ['services', 'storage', 'mail', 'rapports', 'auth', 'db', 'domain', 'config'],
  workflows: ['activities', 'domain'],
  worker: [
    'activities',
    'workflows',
    'services',
    'storage',
    'mail',
    'rapports',
    'auth',
    'db',
    'domain',
    'config',
  ],
  api: ['services', 'workflows', 'storage', 'auth', 'db', 'domain', 'config'],
};

const pathOf = (name) => (name === 'config' ? 'config\\.ts$' : `${name}/`);

const floorRules = Object.entries(allowed).map(([floor, others]) => ({
  name: `${floor}-imports`,
  comment: `src/${floor} may import ${others.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${floor}/` },
  to: { path: '^(src|tools|test|bench)/', pathNot: `^src/(${[floor, ...others].map(pathOf).join('|')})` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'workflows-take-types-of-activities',
      comment:
        'Workflows run in a sandbox: of the activities they may know the types only. Looked up in the compiled files, ' +
        'from which the imports of types are gone.',
      severity: 'error',
      from: { path: '^dist/src/workflows/' },
      to: { path: '^dist/src/', pathNot: '^dist/src/(workflows|domain)/' },
    },
    {
      name: 'every-folder-has-its-rule',
      comment: 'A new folder of src needs a line in the table above',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(allowed).join('|')})/` },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-development-packages',
      comment: 'What src imports has to be installed in production',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: { path: '^(src|tools|test|bench)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Its usual parser, the TypeScript compiler's API, is not part of TypeScript 7 any more.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'module-sync', 'import', 'default', 'types'],
    },
  },
};
