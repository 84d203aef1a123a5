import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each table is written by one area of `src/services`; the others read it, and ask that area when something is to be
 * written. What holds for a row (its history, its version, what follows from it) is then kept in one place.
 */

/** Whose each table is; `grammar` is the root of `src/services`, which every area speaks through. */
const OWNERS: Readonly<Record<string, string>> = {
  abonnements_push: 'messages',
  // Of each practice; the heads are moved by the database itself.
  acces_chaines: 'cabinet',
  acces_dossier: 'cabinet',
  actes_rendez_vous: 'cabinet',
  actes_chaines: 'cabinet',
  actes_consultation: 'cabinet',
  agendas: 'rendez-vous',
  agendas_externes: 'rendez-vous',
  arrets: 'parc',
  attentes_patients: 'cabinet',
  audit_chaines: 'audit',
  besoins_pieces: 'stock',
  bilans_acces: 'cabinet',
  bris_de_glace: 'cabinet',
  cabinets: 'cabinet',
  calendriers_techniciens: 'identite',
  cles_api: 'identite',
  cles_cabinet: 'cabinet',
  cles_patient: 'cabinet',
  cles_push: 'messages',
  codes_cim10: 'cabinet',
  codes_panne: 'interventions',
  codes_secours: 'identite',
  commentaires: 'interventions',
  consultation_versions: 'cabinet',
  consultations: 'cabinet',
  contrat_equipements: 'parc',
  contrats: 'parc',
  debits: 'systeme',
  demandes_droits: 'cabinet',
  documents: 'documents',
  echeances_preventives: 'preventif',
  echecs_connexion: 'identite',
  elements_dossier: 'cabinet',
  elements_dossier_versions: 'cabinet',
  ecrits: 'cabinet',
  equipements: 'parc',
  etapes: 'interventions',
  examens: 'cabinet',
  // Written by the database itself with each line of the history; what is old is removed.
  evenements: 'messages',
  evenements_externes: 'rendez-vous',
  fusions: 'cabinet',
  exports_dossier: 'cabinet',
  historique: 'grammar',
  historique_patient: 'cabinet',
  idempotence: 'grammar',
  identifiants_patient: 'cabinet',
  interventions: 'interventions',
  intervenants: 'rendez-vous',
  jours_feries: 'planification',
  jours_feries_livres: 'planification',
  liens_mot_de_passe: 'identite',
  listes_attente: 'rendez-vous',
  livraisons: 'echanges',
  membres_cabinet: 'cabinet',
  messages: 'messages',
  modeles_etapes: 'interventions',
  mouvements_stock: 'stock',
  niveaux_service: 'parc',
  notifications: 'messages',
  numeros: 'messages',
  // Written by the database itself as visits are (`planning_occupe`), and by whatever else will take people's time.
  occupations: 'planification',
  occupations_externes: 'rendez-vous',
  offres_attente: 'rendez-vous',
  ordres_retires: 'interventions',
  // Reports and mails show it, whatever they are about.
  parametres: 'grammar',
  patients: 'cabinet',
  pieces: 'stock',
  // Visits come and go with the lifecycle of what they are for.
  plannings: 'interventions',
  politiques_conservation: 'cabinet',
  praticiens: 'cabinet',
  prestations: 'rendez-vous',
  prestations_intervenants: 'rendez-vous',
  preferences_notification: 'messages',
  propositions: 'planification',
  propositions_lignes: 'planification',
  participants: 'rendez-vous',
  plans_preventifs: 'preventif',
  plans_preventifs_equipements: 'preventif',
  rappels_sms: 'messages',
  publications_consultation: 'cabinet',
  purges: 'cabinet',
  rapports: 'interventions',
  rapports_demandes: 'pilotage',
  recalculs: 'parc',
  refresh_tokens: 'identite',
  regles_notification: 'messages',
  releves: 'parc',
  refus: 'grammar',
  resultats_examen: 'cabinet',
  salles: 'rendez-vous',
  seances: 'rendez-vous',
  rendez_vous: 'rendez-vous',
  rendez_vous_patients: 'cabinet',
  retenues_conservation: 'cabinet',
  rotations_cles: 'documents',
  seconds_facteurs: 'identite',
  sessions: 'identite',
  sites: 'parc',
  soignants_patient: 'cabinet',
  techniciens: 'identite',
  temps: 'interventions',
  types_rendez_vous: 'cabinet',
  user_sites: 'identite',
  users: 'identite',
  visites_contrats: 'parc',
  webhooks: 'echanges',
  webhooks_lecture: 'echanges',
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
    tables: [
      'idempotence',
      'ordres_retires',
      'echecs_connexion',
      'liens_mot_de_passe',
      'propositions',
      'rappels_sms',
      'sessions',
    ],
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
  /\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+(?:medical\.)?"?([a-z_]+|\$\{)/g;
const ENTITY_CALL =
  /(?:\.(?:insert|update|upsert|delete|softDelete|restore|increment|decrement|create)\(|\bupdateSql(?:<\w+>)?\(\s*\w+,)\s*([A-Z]\w*)\b/g;
/** Makes statements of entities; who has them made is found by the entity. */
const MAKER = 'src/db/write.ts';
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
  if (table === null && file === MAKER) return null;
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
    for (const [, table, entity] of source.matchAll(
      /@Entity\('(\w+)'(?:, \{ schema: 'medical' \})?\)\s*export class (\w+)/g,
    )) {
      tableOf.set(entity!, table!);
    }
  }
  const created = new Set<string>();
  for (const [, source] of read('src/db/migrations/*.ts').toSorted()) {
    const up = source.replace(/^ {2}async down\([\s\S]*?^ {2}\}$/m, '');
    const tablesAfter = (words: string) =>
      [...up.matchAll(new RegExp(`${words} (?:medical\\.)?(\\w+)`, 'g'))].map(([, table]) => table!);
    const made = tablesAfter('CREATE (?:UNLOGGED )?TABLE(?: IF NOT EXISTS)?');
    for (const table of made) created.add(table);
    // What it made itself it drops when it is undone.
    for (const table of tablesAfter('DROP TABLE')) if (!made.includes(table)) created.delete(table);
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
