import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Copies of records that leave the practice (docs/decisions/068): the log of accesses names them. */
export class ExportsDossier1767390000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What the log holds of them stays, and the database goes on taking it.
    await runner.query('DROP TABLE medical.exports_dossier');
  }
}

const CONDITION = 'cabinet_id = ANY ((SELECT medical.cabinets_ouverts())::integer[])';

const UP = [
  `ALTER TABLE medical.acces_dossier
     DROP CONSTRAINT acces_dossier_action_check,
     ADD CONSTRAINT acces_dossier_action_check CHECK (action IN ('lecture', 'recherche', 'liste', 'export', 'impression',
       'telechargement', 'ecriture', 'bris_de_glace', 'refus'))`,
  `CREATE TABLE medical.exports_dossier (
     -- Drawn, as all ids here.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL,
     patient_id integer NOT NULL,
     demandeur_id integer NOT NULL REFERENCES public.users,
     statut text NOT NULL DEFAULT 'en_cours' CHECK (statut IN ('en_cours', 'pret', 'remis', 'expire', 'echoue')),
     erreur text CHECK (erreur IN ('comptes', 'droits', 'essais')),
     -- Where it lies, and sealed under the patient's key how it is opened and what it holds; gone with it.
     cle_stockage text,
     contenu bytea,
     date_pret timestamptz(3),
     date_expiration timestamptz(3),
     date_remise timestamptz(3),
     -- Since when nothing of it is kept any more.
     date_effacement timestamptz(3),
     date_creation timestamptz(3) NOT NULL,
     date_modification timestamptz(3) NOT NULL,
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT exports_dossier_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT exports_dossier_erreur CHECK ((statut = 'echoue') = (erreur IS NOT NULL)),
     CONSTRAINT exports_dossier_pret CHECK (statut <> 'pret' OR (contenu IS NOT NULL AND cle_stockage IS NOT NULL
       AND date_expiration IS NOT NULL AND date_effacement IS NULL)),
     CONSTRAINT exports_dossier_remis CHECK ((statut = 'remis') = (date_remise IS NOT NULL)),
     CONSTRAINT exports_dossier_efface CHECK (date_effacement IS NULL OR (contenu IS NULL AND cle_stockage IS NULL)),
     FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id))`,
  'CREATE INDEX exports_dossier_patient ON medical.exports_dossier (cabinet_id, patient_id)',
  // Those of which something is still to be done.
  `CREATE INDEX exports_dossier_suivi ON medical.exports_dossier (cabinet_id, id) WHERE date_effacement IS NULL`,
  'ALTER TABLE medical.exports_dossier ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE medical.exports_dossier FORCE ROW LEVEL SECURITY',
  `CREATE POLICY exports_dossier_cabinet ON medical.exports_dossier USING (${CONDITION}) WITH CHECK (${CONDITION})`,
];
