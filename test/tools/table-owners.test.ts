import { projectRoot } from '../../tools/lib/paths';
import { faultOf, ownershipFaults, writesOf } from '../../tools/lib/table-owners';

const ENTITIES = new Map([
  ['Piece', 'pieces'],
  ['User', 'users'],
]);
const faults = (file: string, source: string) =>
  writesOf(file, source, ENTITIES).flatMap((write) => faultOf(write) ?? []);

const IDENTITE = 'src/services/identite/users.ts';
const FOREIGN = [
  'await query(tx, sql`UPDATE pieces SET stock = 0`);',
  'await query(tx, sql`UPDATE ONLY pieces SET stock = 0`);',
  'await query(tx, sql`INSERT INTO pieces (stock)\n VALUES (0)`);',
  'await query(tx, sql`WITH x AS (\n DELETE FROM pieces p RETURNING id) SELECT 1`);',
  'await tx.insert(Piece, { stock: 0 });',
  'await tx.update(\n  Piece,\n  { id },\n  { stock: 0 });',
  'await tx.delete(Piece, { id });',
  'writeTogether(tx, { row: updateSql(tx, Piece, sql`id = 1`, { stock: 0 }) });',
  'updateSql<Piece>(\n  tx,\n  Piece,\n  sql`id = 1`, {});',
  'await tx.save(tx.create(Piece, fields));',
  "import { Piece } from '../../db/stock/pieces';\nawait manager.save(Object.assign(piece, changes));",
];

it.each(FOREIGN)('another area does not write a table: %s', (source) => {
  expect(faults(IDENTITE, source).join()).toContain('pieces is written by services/stock alone');
  expect(faults('src/api/pieces/routes.ts', source)).not.toEqual([]);
  expect(faults('src/services/list.ts', source)).not.toEqual([]);
  expect(faults('src/services/stock/pieces.ts', source)).toEqual([]);
});

it.each([
  'sql`SELECT * FROM pieces FOR UPDATE`',
  'sql`SELECT * FROM pieces p JOIN users u ON TRUE FOR NO KEY UPDATE OF p`',
  'sql`INSERT INTO users (nom) VALUES (1) ON CONFLICT (id) DO UPDATE SET nom = 2`',
  "createHash('sha1').update(text)",
  "import type { Piece } from '../../db/stock/pieces';",
])('reading, locking and what is no statement are nobody’s writing: %s', (source) => {
  expect(faults(IDENTITE, source)).toEqual([]);
});

it('a statement names the table that it writes', () => {
  expect(faults(IDENTITE, ['sql`DELETE FROM ', '{table}`'].join('$'))).toEqual([
    `${IDENTITE}:1: the statement does not name the table that it writes`,
  ]);
});

it('a table belongs to somebody before anything is written to it', () => {
  const entities = new Map([['Vaccin', 'vaccins']]);
  const writes = writesOf('src/services/cabinet/vaccins.ts', 'await tx.insert(Vaccin, {});', entities);
  expect(writes.map(faultOf).join()).toContain('nobody owns the table vaccins');
});

it('each table of the project is written by one area', () => {
  expect(ownershipFaults(projectRoot)).toEqual([]);
});
