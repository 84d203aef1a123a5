/**
 * Statements by which a table of the schema `medical` shows the rows of the practices that a transaction has opened, and no
 * others, to everybody, its owner included. Migrations that have been run are made of it: it never changes.
 */
export function ofOpened(table: string): string[] {
  const condition = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';
  return [
    `ALTER TABLE medical.${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE medical.${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY ${table}_cabinet ON medical.${table} USING (${condition}) WITH CHECK (${condition})`,
  ];
}
