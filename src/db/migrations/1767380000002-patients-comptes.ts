import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Patients with an account read what is their own. The transaction says that it is one of a patient, and opens no practice: of
 * every table only the rows of those patients show themselves who are tied to the account, as the row of the patient says,
 * and of most tables none (docs/decisions/067).
 */
export class PatientsComptes1767380000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const AS_PATIENT = '(SELECT medical.est_patient())';
const THEMSELVES = '(SELECT medical.utilisateur())';
const THEIRS = 'patient_id = ANY ((SELECT medical.patients_ouverts())::integer[])';
/** Where they are a patient: the subject is a row with a practice. */
const whereTheyAre = (practice: string) =>
  `${AS_PATIENT} AND EXISTS (SELECT FROM medical.patients p WHERE p.cabinet_id = ${practice} AND p.lecteur_id = ${THEMSELVES})`;

const UP = [
  // Whose account it is, once somebody at the desk has seen who they are. One account may be several patients.
  `ALTER TABLE medical.patients ADD COLUMN user_id integer REFERENCES public.users,
     -- Who reads them for themselves: whose account it is, or that of whom they turned out to be (fusionne_dans_id).
     ADD COLUMN lecteur_id integer REFERENCES public.users`,
  'CREATE INDEX patients_compte ON medical.patients (lecteur_id) WHERE lecteur_id IS NOT NULL',
  `CREATE FUNCTION medical.patients_lecteur() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       NEW.lecteur_id := NEW.user_id;
       IF NEW.fusionne_dans_id IS NOT NULL THEN
         SELECT lecteur_id INTO NEW.lecteur_id FROM medical.patients WHERE id = NEW.fusionne_dans_id;
       END IF;
       RETURN NEW;
     END $$`,
  `CREATE TRIGGER patients_lecteur BEFORE INSERT OR UPDATE OF user_id, fusionne_dans_id, lecteur_id ON medical.patients
     FOR EACH ROW EXECUTE FUNCTION medical.patients_lecteur()`,
  // Of those who were merged into them, also by way of others.
  `CREATE FUNCTION medical.patients_lecteur_suit() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       UPDATE medical.patients SET lecteur_id = NEW.lecteur_id
         WHERE cabinet_id = NEW.cabinet_id AND fusionne_dans_id = NEW.id;
       RETURN NULL;
     END $$`,
  `CREATE TRIGGER patients_lecteur_suit AFTER UPDATE ON medical.patients FOR EACH ROW
     WHEN (OLD.lecteur_id IS DISTINCT FROM NEW.lecteur_id) EXECUTE FUNCTION medical.patients_lecteur_suit()`,
  `CREATE FUNCTION medical.est_patient() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
     RETURN coalesce(current_setting('regie.patient', true), '') = 'on'`,
  `CREATE POLICY patients_patient ON medical.patients FOR SELECT USING (${AS_PATIENT} AND lecteur_id = ${THEMSELVES})`,
  // As whoever asks: it sees the patients who they are, and no others.
  `CREATE FUNCTION medical.patients_ouverts() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE
     RETURN CASE WHEN medical.est_patient()
       THEN ARRAY(SELECT p.id FROM medical.patients p WHERE p.lecteur_id = medical.utilisateur()) ELSE '{}' END`,
  `CREATE POLICY cabinets_patient ON medical.cabinets FOR SELECT USING (${whereTheyAre('cabinets.id')})`,
  `CREATE POLICY cles_patient_patient ON medical.cles_patient FOR SELECT USING (${THEIRS})`,
  // They read who read of them, and their own reading is on record as such.
  `CREATE POLICY acces_dossier_patient ON medical.acces_dossier FOR SELECT USING (${THEIRS})`,
  `CREATE POLICY acces_dossier_du_patient ON medical.acces_dossier FOR INSERT
     WITH CHECK (${THEIRS} AND user_id = ${THEMSELVES} AND finalite = 'PATRQT' AND fonctions = '{}')`,
  // For the trigger that chains it, which moves the heads of the practice.
  `CREATE POLICY acces_chaines_patient ON medical.acces_chaines
     USING (${whereTheyAre('acces_chaines.cabinet_id')}) WITH CHECK (${whereTheyAre('acces_chaines.cabinet_id')})`,
];

const DOWN = [
  'DROP POLICY acces_chaines_patient ON medical.acces_chaines',
  'DROP POLICY acces_dossier_du_patient ON medical.acces_dossier',
  'DROP POLICY acces_dossier_patient ON medical.acces_dossier',
  'DROP POLICY cles_patient_patient ON medical.cles_patient',
  'DROP POLICY cabinets_patient ON medical.cabinets',
  'DROP FUNCTION medical.patients_ouverts()',
  'DROP POLICY patients_patient ON medical.patients',
  'DROP FUNCTION medical.est_patient()',
  'DROP TRIGGER patients_lecteur_suit ON medical.patients',
  'DROP TRIGGER patients_lecteur ON medical.patients',
  'DROP FUNCTION medical.patients_lecteur_suit(), medical.patients_lecteur()',
  'ALTER TABLE medical.patients DROP COLUMN user_id, DROP COLUMN lecteur_id',
];
