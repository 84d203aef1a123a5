import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each table is written by one area of `src/services`; the others read it, and ask that area when something is to be
 * written. What holds for a row (its history, its version, what follows from it) is then kept in one place.
 */

/** Whose each table is; `grammar` is the root of `src/services`, which every area speaks through. */
const OWNERS: Readonly<Record<string, string>> = {
  audit_chaines: 'audit',
  besoins_pieces: 'interventions',
  cles_api: 'identite',
  codes_secours: 'identite',
  commentaires: 'interventions',
  debits: 'systeme',
  demandes: 'interventions',
  documents: 'documents',
  echecs_connexion: 'identite',
  equipements: 'parc',
  historique: 'grammar',
  idempotence: 'grammar',
  interventions: 'interventions',
  liens_mot_de_passe: 'identite',
  messages: 'messages',
  notifications: 'messages',
  pieces: 'stock',
  // Visits come and go with the lifecycle of what they are for.
  plannings: 'interventions',
  rapports: 'interventions',
  refresh_tokens: 'identite',
  refus: 'grammar',
  seconds_facteurs: 'identite',
  sessions: 'identite',
  sites: 'parc',
  techniciens: 'identite',
  user_sites: 'identite',
  users: 'identite',
};

interface Exception {
  file: string;
  tables: readonly string[];
  why: string;
}

/** Files that write what is another area's. */
const EXCEPTIONS: readonly Exception[] = [
  {
    file: 'src/services/messages/notifications.ts',
    tables: ['historique'],
    why: 'many notifications are marked, each with its line of history, in one statement',
  },
  {
    file: 'src/services/systeme/nettoyage.ts',
    tables: ['idempotence', 'demandes', 'echecs_connexion', 'liens_mot_de_passe', 'sessions'],
    why: 'what has served its time is removed in one place, without history',
  },
  {
    file: 'src/services/systeme/setup.ts',
    tables: ['users'],
    why: 'the first administrator is made before there is anybody who could open an account',
  },
];

export interface Write {
  file: string;
  line: number;
  /** Null where the statement does not name it. */
  table: string | null;
}

const STATEMENT =
  /\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+"?([a-z_]+|\$\{)/g;
const ENTITY_CALL =
  /\.(?:insert|update|upsert|delete|softDelete|restore|increment|decrement|create)\(\s*([A-Z]\w*)\b/g;
/** Writes whatever it is given: an entity that the file knows. */
const SAVE = /\.(?:save|remove|softRemove|recover)\(/g;
const ENTITY_IMPORT = /import \{([^}]*)\} from '[^']*\/db\/[^']*'/g;

/** What a source file writes. @param tableOf the table of each entity. */
export function writesOf(file: string, source: string, tableOf: ReadonlyMap<string, string>): Write[] {
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  const writes: Write[] = [];
  const add = (index: number, table: string | null) => writes.push({ file, line: lineAt(index), table });
  for (const { 1: name, index } of source.matchAll(STATEMENT)) {
    if (name === '${') add(index, null);
    else if (Object.hasOwn(OWNERS, name!) || tableOf.has(name!)) add(index, name!);
  }
  for (const { 1: entity, index } of source.matchAll(ENTITY_CALL)) {
    const table = tableOf.get(entity!);
    if (table !== undefined) add(index, table);
  }
  const known = [...source.matchAll(ENTITY_IMPORT)]
    .flatMap(({ 1: names }) => names!.split(','))
    .flatMap((name) => tableOf.get(name.trim()) ?? []);
  for (const { index } of source.matchAll(SAVE)) for (const table of known) add(index, table);
  return writes;
}

/** The area a file of `src/services` belongs to; null for files elsewhere, which write nothing. */
function areaOf(file: string): string | null {
  const [, area] = /^src\/services\/(?:([^/]+)\/)?/.exec(file) ?? [];
  if (!file.startsWith('src/services/')) return null;
  return area ?? 'grammar';
}

/** What is wrong with a write, or null. */
export function faultOf({ file, line, table }: Write): string | null {
  const place = `${file}:${line}`;
  if (table === null) return `${place}: the statement does not name the table that it writes`;
  const owner = OWNERS[table];
  if (owner === undefined) return `${place}: nobody owns the table ${table} (tools/lib/table-owners.ts)`;
  if (areaOf(file) === owner) return null;
  if (EXCEPTIONS.some((one) => one.file === file && one.tables.includes(table))) return null;
  return `${place}: ${table} is written by ${owner === 'grammar' ? 'the root of src/services' : `services/${owner}`} alone`;
}

/** Tables of which another than their owner writes, owners of none, exceptions that are none; empty when all is well. */
export function ownershipFaults(root: string): string[] {
  const read = (pattern: string) =>
    globSync(pattern, { cwd: root }).map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
  const tableOf = new Map<string, string>();
  for (const [, source] of read('src/db/**/*.ts')) {
    for (const [, table, entity] of source.matchAll(/@Entity\('(\w+)'\)\s*export class (\w+)/g)) {
      tableOf.set(entity!, table!);
    }
  }
  const created = new Set<string>();
  for (const [, source] of read('src/db/migrations/*.ts')) {
    for (const [, table] of source.matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)/g))
      created.add(table!);
  }
  const writes = read('src/**/*.ts')
    .filter(([file]) => !file.startsWith('src/db/migrations/'))
    .flatMap(([file, source]) => writesOf(file, source, tableOf));
  const unused = EXCEPTIONS.flatMap(({ file, tables }) =>
    tables
      .filter((table) => !writes.some((write) => write.file === file && write.table === table))
      .map((table) => `${file} does not write ${table}: the exception can go`),
  );
  return [
    ...writes.flatMap((write) => faultOf(write) ?? []),
    ...[...created]
      .filter((table) => !Object.hasOwn(OWNERS, table))
      .map((table) => `nobody owns the table ${table}`),
    ...Object.keys(OWNERS)
      .filter((table) => !created.has(table))
      .map((table) => `there is no table ${table}`),
    ...unused,
  ];
}
