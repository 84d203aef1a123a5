import type { MigrationInterface, QueryRunner } from 'typeorm';

/** That those who run a practice were told what of a week's accesses is worth a look. */
export class BilansAcces1767380000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE medical.bilans_acces');
  }
}

const OF_OPENED = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';

const UP = [
  `CREATE TABLE medical.bilans_acces (
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     -- Its first day, by the clocks of the practice.
     semaine date NOT NULL,
     date timestamptz(3) NOT NULL,
     PRIMARY KEY (cabinet_id, semaine))`,
  'ALTER TABLE medical.bilans_acces ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE medical.bilans_acces FORCE ROW LEVEL SECURITY',
  `CREATE POLICY bilans_acces_cabinet ON medical.bilans_acces USING (${OF_OPENED}) WITH CHECK (${OF_OPENED})`,
];
