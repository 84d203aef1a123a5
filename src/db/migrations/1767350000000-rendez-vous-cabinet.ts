import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ofOpened } from '../cabinet/politiques';
import { APPLICATION_ROLE, MEDICAL_ROLE } from '../roles';

/**
 * Appointments of practices, on the one engine (docs/decisions/064): when somebody receives stands where every appointment
 * does, and who comes, and why, in the schema `medical` alone. The medical role reaches the engine's tables through views of
 * what is its practices' own.
 */
export class RendezVousCabinet1767350000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const OPENED = 'ANY ((SELECT medical.cabinets_ouverts())::integer[])';
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, public, medical, pg_temp';

/** What the practices that are open offer, and who receives there. They say so themselves: an owner may be above policies. */
const THEIR_PRESTATIONS = `(SELECT t.prestation_id FROM medical.types_rendez_vous t WHERE t.cabinet_id = ${OPENED})`;
const THEIR_PEOPLE = `(SELECT d.user_id FROM medical.praticiens d WHERE d.cabinet_id = ${OPENED})`;

/** A table of the engine as practices see it. What can be written through it stays what can be seen through it. */
function view(name: string, select: string, checked = false): string {
  return `CREATE VIEW moteur.${name} WITH (security_barrier${checked ? ', check_option = cascaded' : ''}) AS ${select}`;
}

const SEANCE_OCCUPE = (
  rights: string,
  exclusive: string,
) => `CREATE OR REPLACE FUNCTION public.seance_occupe()
  RETURNS trigger LANGUAGE plpgsql ${rights} AS $$
   BEGIN
     IF TG_OP = 'UPDATE' THEN DELETE FROM public.occupations WHERE seance_id = NEW.id; END IF;
     IF NEW.prises > 0 THEN
       INSERT INTO public.occupations (genre, ressource_id, debut, fin, exclusive, seance_id)
       SELECT r.genre, r.id, NEW.debut - make_interval(mins => NEW.tampon_avant),
         NEW.fin + make_interval(mins => NEW.tampon_apres), ${exclusive}, NEW.id
       FROM (SELECT 'personne' AS genre, v.user_id AS id FROM public.intervenants v WHERE v.id = ANY(NEW.intervenants)
             UNION ALL SELECT 'salle', unnest(NEW.salles)) r
       ORDER BY r.genre, r.id;
     END IF;
     RETURN NULL;
   END $$`;

const UP = [
  `ALTER TABLE public.prestations
     -- Of a practice: booked there, and nowhere else; what it is called is said there too.
     ADD COLUMN de_cabinet boolean NOT NULL DEFAULT false`,
  `CREATE FUNCTION public.prestation_de_cabinet() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     -- Whoever puts a database back says what they find.
     IF TG_OP = 'UPDATE' THEN NEW.de_cabinet := OLD.de_cabinet;
     ELSIF current_user IN ('${MEDICAL_ROLE}', '${APPLICATION_ROLE}') THEN
       NEW.de_cabinet := current_user = '${MEDICAL_ROLE}';
     END IF;
     IF NEW.de_cabinet THEN
       NEW.nom := 'Rendez-vous';
       NEW.description := NULL;
       NEW.visibilite := 'interne';
       NEW.questions := '[]';
       NEW.liste_attente := false;
       NEW.avis := false;
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER prestations_de_cabinet BEFORE INSERT OR UPDATE ON public.prestations
     FOR EACH ROW EXECUTE FUNCTION public.prestation_de_cabinet()`,

  `ALTER TABLE public.seances
     -- Beside another one of the same person, since somebody said so: it keeps nobody from the time.
     ADD COLUMN surnombre boolean NOT NULL DEFAULT false`,
  SEANCE_OCCUPE('SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp', 'NOT NEW.surnombre'),
  'REVOKE EXECUTE ON FUNCTION public.seance_occupe() FROM PUBLIC',

  // Practices alone write what is booked with them; what follows an appointment by itself may say when it looks again.
  `CREATE FUNCTION public.rendez_vous_de_cabinet() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF EXISTS (SELECT FROM public.prestations f WHERE f.id = NEW.prestation_id AND f.de_cabinet) THEN
       RAISE EXCEPTION 'Appointments of practices are theirs alone' USING ERRCODE = '42501';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER rendez_vous_de_cabinet BEFORE INSERT OR UPDATE OF uid, prestation_id, seance_id, debut, fin, intervenants,
       user_ids, statut, places, reponses, demandeur_id, motif_annulation ON public.rendez_vous
     FOR EACH ROW WHEN (current_user = '${APPLICATION_ROLE}') EXECUTE FUNCTION public.rendez_vous_de_cabinet()`,
  // And they say nothing there of who comes, or why.
  `CREATE FUNCTION public.rendez_vous_sans_personne() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'Of whom an appointment is stands in the practice alone' USING ERRCODE = '42501'; END $$`,
  `CREATE TRIGGER rendez_vous_sans_personne BEFORE INSERT OR UPDATE ON public.rendez_vous
     FOR EACH ROW WHEN (current_user = '${MEDICAL_ROLE}' AND (NEW.reponses <> '{}' OR NEW.demandeur_id IS NOT NULL
       OR NEW.motif_annulation IS NOT NULL OR NEW.raison_affectation IS NOT NULL))
     EXECUTE FUNCTION public.rendez_vous_sans_personne()`,
  `CREATE FUNCTION public.participants_hors_cabinet() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF EXISTS (SELECT FROM public.rendez_vous b JOIN public.prestations f ON f.id = b.prestation_id
                WHERE b.id = NEW.rendez_vous_id AND f.de_cabinet) THEN
       RAISE EXCEPTION 'Of whom an appointment is stands in the practice alone' USING ERRCODE = '42501';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER participants_hors_cabinet BEFORE INSERT OR UPDATE OF rendez_vous_id ON public.participants
     FOR EACH ROW EXECUTE FUNCTION public.participants_hors_cabinet()`,

  // A reminder to a patient names the appointment: whom it reaches is known where it leaves.
  `ALTER TABLE public.messages
     ADD COLUMN rendez_vous_id integer REFERENCES public.rendez_vous,
     DROP CONSTRAINT messages_lecteur,
     ADD CONSTRAINT messages_lecteur CHECK (num_nonnulls(destinataire_id, participant_id, rendez_vous_id) = 1)`,
  'CREATE INDEX messages_rendez_vous ON public.messages (rendez_vous_id) WHERE rendez_vous_id IS NOT NULL',

  `CREATE TABLE medical.types_rendez_vous (
     -- Drawn, as all ids here.
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     prestation_id integer NOT NULL CONSTRAINT types_rendez_vous_prestation UNIQUE REFERENCES public.prestations,
     -- By which requests name it.
     slug text NOT NULL CONSTRAINT types_rendez_vous_slug UNIQUE,
     libelle text NOT NULL,
     -- How long before somebody is reminded, as the engine has it for each channel.
     rappels text[] NOT NULL DEFAULT '{}',
     actif boolean NOT NULL DEFAULT true,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now(),
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT types_rendez_vous_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT types_rendez_vous_libelle UNIQUE (cabinet_id, libelle))`,
  `CREATE TABLE medical.rendez_vous_patients (
     id integer PRIMARY KEY CHECK (id > 0),
     cabinet_id integer NOT NULL REFERENCES medical.cabinets,
     patient_id integer NOT NULL,
     praticien_id integer NOT NULL,
     type_id integer NOT NULL,
     -- The other half, which says when; neither is ever given another.
     rendez_vous_id integer NOT NULL CONSTRAINT rendez_vous_patients_rendez_vous UNIQUE REFERENCES public.rendez_vous,
     uid text NOT NULL CONSTRAINT rendez_vous_patients_uid UNIQUE,
     debut timestamptz(3) NOT NULL,
     fin timestamptz(3) NOT NULL CHECK (fin > debut),
     statut text NOT NULL DEFAULT 'confirme' CHECK (statut IN
       ('confirme', 'arrive', 'en_consultation', 'honore', 'absent', 'annule')),
     surnombre boolean NOT NULL DEFAULT false,
     -- Sealed under the patient's own key: why they come, and why they do not.
     motif bytea,
     motif_annulation bytea,
     arrive_le timestamptz(3),
     appele_le timestamptz(3),
     termine_le timestamptz(3),
     absent_le timestamptz(3),
     annule_le timestamptz(3),
     annule_par text CHECK (annule_par IN ('patient', 'cabinet')),
     tardif boolean,
     -- Whether they were there, and left.
     parti boolean NOT NULL DEFAULT false,
     -- That which this one takes the place of.
     remplace_id integer CONSTRAINT rendez_vous_patients_une_fois UNIQUE,
     date_creation timestamptz(3) NOT NULL DEFAULT now(),
     date_modification timestamptz(3) NOT NULL DEFAULT now(),
     version integer NOT NULL DEFAULT 1,
     CONSTRAINT rendez_vous_patients_ligne UNIQUE (cabinet_id, id),
     CONSTRAINT rendez_vous_patients_annule CHECK ((statut = 'annule') = (annule_le IS NOT NULL)),
     FOREIGN KEY (cabinet_id, patient_id) REFERENCES medical.patients (cabinet_id, id),
     FOREIGN KEY (cabinet_id, praticien_id) REFERENCES medical.praticiens (cabinet_id, id),
     FOREIGN KEY (cabinet_id, type_id) REFERENCES medical.types_rendez_vous (cabinet_id, id),
     FOREIGN KEY (cabinet_id, remplace_id) REFERENCES medical.rendez_vous_patients (cabinet_id, id))`,
  'CREATE INDEX rendez_vous_patients_debut ON medical.rendez_vous_patients (cabinet_id, debut)',
  'CREATE INDEX rendez_vous_patients_patient ON medical.rendez_vous_patients (cabinet_id, patient_id, debut)',
  `CREATE INDEX rendez_vous_patients_presents ON medical.rendez_vous_patients (cabinet_id, arrive_le)
     WHERE statut IN ('arrive', 'en_consultation')`,
  // What people said of it, and who did.
  `CREATE TABLE medical.actes_rendez_vous (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     cabinet_id integer NOT NULL,
     rendez_vous_patient_id integer NOT NULL,
     acte text NOT NULL CHECK (acte IN
       ('prendre', 'arriver', 'appeler', 'terminer', 'absent', 'annuler', 'reporter', 'partir')),
     version integer NOT NULL,
     user_id integer NOT NULL REFERENCES public.users,
     correlation_id text NOT NULL,
     date timestamptz(3) NOT NULL,
     CONSTRAINT actes_rendez_vous_version UNIQUE (cabinet_id, rendez_vous_patient_id, version),
     FOREIGN KEY (cabinet_id, rendez_vous_patient_id) REFERENCES medical.rendez_vous_patients (cabinet_id, id))`,
  `CREATE TRIGGER actes_rendez_vous_immuable BEFORE UPDATE OR DELETE OR TRUNCATE ON medical.actes_rendez_vous
     FOR EACH STATEMENT EXECUTE FUNCTION medical.immuable()`,
  ...['types_rendez_vous', 'rendez_vous_patients', 'actes_rendez_vous'].flatMap(ofOpened),

  // None is booked for a practice without being somebody's, by the end of the transaction that books it.
  `CREATE FUNCTION public.rendez_vous_de_quelquun() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF NOT EXISTS (SELECT FROM medical.rendez_vous_patients r WHERE r.rendez_vous_id = NEW.id) THEN
       RAISE EXCEPTION 'Appointment % of a practice is nobody''s', NEW.id USING ERRCODE = '23503';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER rendez_vous_de_quelquun AFTER INSERT ON public.rendez_vous DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW WHEN (current_user = '${MEDICAL_ROLE}') EXECUTE FUNCTION public.rendez_vous_de_quelquun()`,

  // What happens to one is told as it happens, by its id: of whom it is, and where, is asked by whoever is told.
  `CREATE FUNCTION medical.rendez_vous_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
     VALUES (CASE
       WHEN TG_OP = 'INSERT' THEN 'rendez_vous_cabinet.cree'
       WHEN NEW.statut = OLD.statut THEN 'rendez_vous_cabinet.modifie'
       ELSE CASE NEW.statut
         WHEN 'arrive' THEN 'rendez_vous_cabinet.arrive'
         WHEN 'en_consultation' THEN 'rendez_vous_cabinet.appele'
         WHEN 'honore' THEN 'rendez_vous_cabinet.termine'
         WHEN 'absent' THEN 'rendez_vous_cabinet.absent'
         WHEN 'annule' THEN CASE WHEN NEW.parti THEN 'rendez_vous_cabinet.parti' ELSE 'rendez_vous_cabinet.annule' END
         ELSE 'rendez_vous_cabinet.modifie' END END,
       'rendez_vous_cabinet', NEW.id, NEW.version, NEW.date_modification);
     PERFORM public.evenements_reveiller();
     RETURN NULL;
   END $$`,
  'REVOKE EXECUTE ON FUNCTION medical.rendez_vous_evenements() FROM PUBLIC',
  `CREATE TRIGGER rendez_vous_evenements AFTER INSERT OR UPDATE ON medical.rendez_vous_patients
     FOR EACH ROW EXECUTE FUNCTION medical.rendez_vous_evenements()`,

  // Of what the house's history holds, the medical role adds what is said of practices, and when they receive.
  `CREATE OR REPLACE FUNCTION public.historique_sans_medical() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF NEW.entite NOT IN ('cabinet', 'membre_cabinet', 'praticien', 'type_rendez_vous', 'rendez_vous') THEN
         RAISE EXCEPTION 'The history of the house holds nothing medical: %', NEW.entite USING ERRCODE = '42501';
       END IF;
       RETURN NEW;
     END $$`,

  'CREATE SCHEMA moteur',
  view('prestations', `SELECT f.* FROM public.prestations f WHERE f.id IN ${THEIR_PRESTATIONS}`),
  view(
    'prestations_intervenants',
    `SELECT p.* FROM public.prestations_intervenants p WHERE p.prestation_id IN ${THEIR_PRESTATIONS}`,
    true,
  ),
  view('intervenants', `SELECT v.* FROM public.intervenants v WHERE v.user_id IN ${THEIR_PEOPLE}`, true),
  view('seances', `SELECT s.* FROM public.seances s WHERE s.prestation_id IN ${THEIR_PRESTATIONS}`, true),
  view(
    'rendez_vous',
    `SELECT b.* FROM public.rendez_vous b WHERE b.prestation_id IN ${THEIR_PRESTATIONS}`,
    true,
  ),
  // When those who receive are taken, by whatever it is: what by, as far as it is the practice's own.
  view(
    'occupations',
    `SELECT o.id, o.genre, o.ressource_id, o.debut, o.fin, o.exclusive, NULL::integer AS planning_id, o.seance_id
     FROM public.occupations o WHERE o.genre = 'personne' AND o.ressource_id IN ${THEIR_PEOPLE}`,
  ),
  view(
    'agendas_externes',
    `SELECT x.id, x.intervenant_id, x.actif FROM public.agendas_externes x
     WHERE x.intervenant_id IN (SELECT v.id FROM public.intervenants v WHERE v.user_id IN ${THEIR_PEOPLE})`,
  ),
  view(
    'occupations_externes',
    `SELECT o.id, o.agenda_id, o.debut, o.fin FROM public.occupations_externes o
     WHERE o.agenda_id IN (SELECT x.id FROM public.agendas_externes x JOIN public.intervenants v ON v.id = x.intervenant_id
                           WHERE v.user_id IN ${THEIR_PEOPLE})`,
  ),
  view(
    'techniciens',
    `SELECT t.user_id, t.absences FROM public.techniciens t WHERE t.user_id IN ${THEIR_PEOPLE}`,
  ),
  view(
    'sites',
    `SELECT s.id, s.fuseau_horaire, s.pays, s.horaires, s.fermetures FROM public.sites s
     WHERE s.id IN (SELECT v.site_id FROM public.intervenants v WHERE v.user_id IN ${THEIR_PEOPLE})`,
  ),
  view('jours_feries', 'SELECT f.id, f.pays, f.date, f.demi_journee FROM public.jours_feries f'),
  // What the engine asks of everybody, and practices have none of.
  view('salles', 'SELECT r.* FROM public.salles r WHERE false'),
  view('participants', 'SELECT p.* FROM public.participants p WHERE false'),
  view('plannings', 'SELECT p.id, p.intervention_id, p.statut FROM public.plannings p WHERE false'),
];

const DOWN = [
  'DROP SCHEMA moteur CASCADE',
  `CREATE OR REPLACE FUNCTION public.historique_sans_medical() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF NEW.entite NOT IN ('cabinet', 'membre_cabinet', 'praticien') THEN
         RAISE EXCEPTION 'The history of the house holds nothing medical: %', NEW.entite USING ERRCODE = '42501';
       END IF;
       RETURN NEW;
     END $$`,
  'DROP TRIGGER rendez_vous_de_quelquun ON public.rendez_vous',
  'DROP FUNCTION public.rendez_vous_de_quelquun()',
  'DROP TABLE medical.actes_rendez_vous, medical.rendez_vous_patients, medical.types_rendez_vous',
  'DROP FUNCTION medical.rendez_vous_evenements()',
  `DELETE FROM public.evenements WHERE ressource = 'rendez_vous_cabinet'`,
  'DELETE FROM public.messages WHERE rendez_vous_id IS NOT NULL',
  `ALTER TABLE public.messages DROP CONSTRAINT messages_lecteur, DROP COLUMN rendez_vous_id,
     ADD CONSTRAINT messages_lecteur CHECK (num_nonnulls(destinataire_id, participant_id) = 1)`,
  'DROP TRIGGER participants_hors_cabinet ON public.participants',
  'DROP FUNCTION public.participants_hors_cabinet()',
  'DROP TRIGGER rendez_vous_sans_personne ON public.rendez_vous',
  'DROP FUNCTION public.rendez_vous_sans_personne()',
  'DROP TRIGGER rendez_vous_de_cabinet ON public.rendez_vous',
  'DROP FUNCTION public.rendez_vous_de_cabinet()',
  // What was booked beside another has no place of its own.
  `DELETE FROM public.rendez_vous WHERE prestation_id IN (SELECT id FROM public.prestations WHERE de_cabinet)`,
  `DELETE FROM public.seances WHERE prestation_id IN (SELECT id FROM public.prestations WHERE de_cabinet)`,
  `DELETE FROM public.prestations WHERE de_cabinet`,
  SEANCE_OCCUPE('SECURITY INVOKER', 'true'),
  'GRANT EXECUTE ON FUNCTION public.seance_occupe() TO PUBLIC',
  'ALTER TABLE public.seances DROP COLUMN surnombre',
  'DROP TRIGGER prestations_de_cabinet ON public.prestations',
  'DROP FUNCTION public.prestation_de_cabinet()',
  'ALTER TABLE public.prestations DROP COLUMN de_cabinet',
];
