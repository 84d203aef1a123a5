import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What patients ask by right, with the clocks that run from then (docs/decisions/063). */
export class DemandesDroits1767340000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE medical.demandes_droits');
  }
}

const CONDITION = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';

const UP = [
  `CREATE TABLE medical.demandes_droits (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     nature text NOT NULL CHECK (nature IN
       ('acces', 'rectification', 'effacement', 'opposition', 'limitation', 'portabilite')),
     statut text NOT NULL DEFAULT 'ouverte' CHECK (statut IN ('ouverte', 'honoree', 'refusee', 'retiree')),
     -- Whether any of what is asked for is older than five years.
     ancienne boolean NOT NULL,
     recue_le timestamptz(3) NOT NULL,
     -- Nothing is given before; when it is late. Worked out from the days of the practice.
     pas_avant timestamptz(3),
     echeance timestamptz(3) NOT NULL,
     -- Sealed: what was asked, and what was answered.
     demande bytea NOT NULL,
     reponse bytea,
     user_id integer NOT NULL REFERENCES public.users,
     repondue_le timestamptz(3),
     repondue_par integer REFERENCES public.users,
     date_modification timestamptz(3) NOT NULL,
     -- When what follows by itself was looked at last, and when it is to be again.
     suivi_le timestamptz(3),
     prochain_le timestamptz(3),
     CONSTRAINT demandes_droits_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT demandes_droits_repondue CHECK ((statut = 'ouverte') = (repondue_le IS NULL)
       AND (repondue_le IS NULL) = (repondue_par IS NULL) AND (repondue_le IS NULL) = (reponse IS NULL)),
     FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id))`,
  'CREATE INDEX demandes_droits_patient ON medical.demandes_droits (cabinet_id, patient_id)',
  `CREATE INDEX demandes_droits_ouvertes ON medical.demandes_droits (cabinet_id, echeance) WHERE statut = 'ouverte'`,
  `CREATE INDEX demandes_droits_suivi ON medical.demandes_droits (id)
     WHERE suivi_le IS NULL OR suivi_le < date_modification OR prochain_le IS NOT NULL`,
  'ALTER TABLE medical.demandes_droits ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE medical.demandes_droits FORCE ROW LEVEL SECURITY',
  `CREATE POLICY demandes_droits_cabinet ON medical.demandes_droits USING (${CONDITION}) WITH CHECK (${CONDITION})`,
];
