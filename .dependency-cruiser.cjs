/**
 * What each folder or file of src may import: imports point one way (docs/architecture.md), from floor to floor and,
 * inside a floor, from area to area. The configuration is open to
 * all but the two floors that have to be the same everywhere: the pure rules and the workflows.
 */
const allowed = {
  domain: [],
  // Plain JavaScript, of which `tools/run` makes use before packages are installed.
  environment: ['domain'],
  config: ['domain', 'environment'],
  logger: [],
  db: ['domain', 'config'],
  threads: ['db/transaction', 'domain'],
  auth: ['threads', 'db', 'domain', 'config'],
  storage: ['db/transaction', 'domain', 'config'],
  mail: ['threads', 'db/transaction', 'domain', 'config'],
  pdf: ['threads', 'domain', 'config'],
  images: ['threads'],
  svg: ['domain'],
  ical: ['domain'],
  net: ['db/transaction', 'domain'],
  etiquettes: ['pdf/fonts', 'svg/mots'],
  services: [
    'auth',
    'net',
    'storage',
    'pdf',
    'svg',
    'ical',
    'etiquettes',
    'images',
    'db',
    'domain',
    'config',
  ],
  workflows: ['activities', 'domain'],
  engine: ['workflows', 'db/transaction', 'domain', 'config'],
  activities: [
    'workflows/protocol',
    'engine/ordres',
    'threads',
    'auth',
    'services',
    'storage',
    'mail',
    'net',
    'pdf',
    'db',
    'domain',
    'config',
    'logger',
  ],
  startup: ['db', 'config', 'environment'],
  setup: ['services', 'auth', 'storage', 'db', 'config', 'startup'],
  'audit-verify': ['services', 'auth', 'storage', 'db', 'config', 'startup'],
  worker: [
    'activities',
    'workflows',
    'threads/people',
    'services',
    'auth',
    'storage',
    'mail',
    'net',
    'pdf',
    'db',
    'domain',
    'config',
    'logger',
    'startup',
  ],
  api: [
    'engine',
    'workflows',
    'threads/gate',
    'threads/people',
    'threads/task-thread',
    'images',
    'services',
    'storage',
    'mail',
    'net',
    'auth',
    'db',
    'domain',
    'config',
    'environment',
    'logger',
    'startup',
  ],
};

/**
 * Inside the floors that hold areas, which area may use which, on its own floor and on those below: what other areas
 * know of it, it does not know of them. A new area needs a line here.
 */
const base = ['audit', 'messages', 'documents', 'stock', 'parc'];
const core = [...base, 'identite', 'planification'];
const trade = [...core, 'interventions', 'preventif', 'rendez-vous', 'cabinet'];
const areas = {
  audit: [],
  messages: [],
  documents: ['messages'],
  stock: ['messages'],
  parc: ['messages'],
  identite: base,
  planification: [...base, 'identite'],
  interventions: core,
  preventif: [...core, 'interventions'],
  'rendez-vous': core,
  cabinet: [...core, 'rendez-vous'],
  pilotage: trade,
  echanges: trade,
  assistant: trade,
  systeme: [...trade, 'pilotage', 'echanges', 'assistant'],
};
const AREA_FLOORS = '(domain|db|services)';

/**
 * Files in the root of such a floor are its grammar, which everybody speaks and which knows no area; these alone put
 * together what the areas bring.
 */
const ASSEMBLY = '^src/(domain/(groupes|messages|regles)\\.ts$|db/entities\\.ts$|db/migrations/)';

const inAreas = (names) => `^src/${AREA_FLOORS}/(${names.join('|')})/`;

const areaRules = Object.entries(areas).map(([name, others]) => ({
  name: `area-${name}`,
  comment: `Of the areas, ${name} may use ${others.join(', ') || 'none'}`,
  severity: 'error',
  from: { path: inAreas([name]) },
  to: { path: inAreas(Object.keys(areas)), pathNot: inAreas([name, ...others]) },
}));

/** Packages that only some floors speak to. */
const packageRules = [
  ['temporal', '@temporalio/', ['workflows', 'activities', 'worker', 'engine']],
  ['pg', '(@types/)?pg/', ['db']],
  ['koa', '(@types/)?(@koa/|koa/|koa-|koa__)', ['api']],
].map(([name, packages, floors]) => ({
  name: `${name}-only-in-its-place`,
  comment: `Only ${floors.join(', ')} may import it`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${floors.join('|')})/` },
  to: { path: `(^|/)node_modules/${packages}` },
}));

/** Matches a folder or file of src by its name. */
const oneOf = (names) => `^src/(${names.join('|')})(/|\\.ts$)`;

const floorRules = Object.entries(allowed).map(([name, others]) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import ${others.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: oneOf([name]) },
  to: { path: '^(src|tools|test|bench)/', pathNot: oneOf([name, ...others]) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    ...areaRules,
    ...packageRules,
    {
      name: 'grammar-knows-no-area',
      comment: 'A file in the root of a floor belongs to everybody; what speaks of an area lies in it',
      severity: 'error',
      from: { path: `^src/${AREA_FLOORS}/`, pathNot: [inAreas(Object.keys(areas)), ASSEMBLY] },
      to: { path: inAreas(Object.keys(areas)) },
    },
    {
      name: 'every-area-is-in-the-table',
      comment: 'A new folder in domain, db or services needs a line in the table of areas',
      severity: 'error',
      from: {
        path: `^src/${AREA_FLOORS}/[^/]+/`,
        pathNot: [inAreas(Object.keys(areas)), ASSEMBLY],
      },
      to: {},
    },
    {
      name: 'resources-of-the-api-know-not-each-other',
      comment: 'What two of them share lies in api/http, or is a use case',
      severity: 'error',
      from: { path: '^src/api/([^/]+)/' },
      to: { path: '^src/api/[^/]+/', pathNot: '^src/api/(http|$1)/' },
    },
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
      name: 'workflows-know-no-local-time',
      comment:
        'Zone data changes with Node.js: what a workflow computed from it could not be replayed (docs/decisions/002)',
      severity: 'error',
      from: { path: '^dist/src/workflows/' },
      to: { path: '^dist/src/domain/(local-time|working-time)\\.js$', reachable: true },
    },
    {
      name: 'everything-has-its-rule',
      comment: 'A new folder or file in src needs a line in the table above',
      severity: 'error',
      from: { path: '^src/', pathNot: oneOf(Object.keys(allowed)) },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|tools|test|bench)/' },
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
