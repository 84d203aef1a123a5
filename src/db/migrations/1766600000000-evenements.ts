import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to whatever people can see, in one order, for everybody who follows it (docs/decisions/044). */
export class Evenements1766600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

/**
 * How an action of the history is called outside, by what it happened to; `*` stands for every action that is not named.
 * What is not here, such as somebody signing in, is no change of anything that people see.
 */
const NOMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  intervention: {
    creation: 'intervention.creee',
    assignation: 'intervention.assignee',
    replanification: 'intervention.replanifiee',
    transfert: 'intervention.transferee',
    retrait: 'intervention.retiree',
    sans_candidat: 'intervention.sans_candidat',
    a_transmettre: 'intervention.a_transmettre',
    depart_equipier: 'intervention.equipe_modifiee',
    debut: 'intervention.commencee',
    fin: 'intervention.terminee',
    annulation: 'intervention.annulee',
    reouverture: 'intervention.reouverte',
    attente_pieces: 'intervention.en_attente',
    pieces_recues: 'intervention.pieces_recues',
    pieces_reprises: 'intervention.pieces_reprises',
    reprise: 'intervention.reprise',
    rappel: 'intervention.rappelee',
    relance_pieces: 'intervention.relancee',
    escalade: 'intervention.escaladee',
    satisfaction: 'intervention.notee',
    rapport_abandonne: 'intervention.rapport_abandonne',
    // It reaches nobody's screen.
    refus: '',
    '*': 'intervention.modifiee',
  },
  commentaire: { creation: 'commentaire.cree' },
  etape: {
    creation: 'etape.creee',
    reponse: 'etape.repondue',
    suppression: 'etape.supprimee',
    '*': 'etape.modifiee',
  },
  temps: { creation: 'temps.cree', suppression: 'temps.supprime', '*': 'temps.modifie' },
  equipement: {
    creation: 'equipement.cree',
    etat: 'equipement.etat',
    releve: 'equipement.releve',
    suppression: 'equipement.supprime',
    refus: '',
    '*': 'equipement.modifie',
  },
  piece: {
    creation: 'piece.creee',
    mouvement_stock: 'piece.mouvement',
    suppression: 'piece.supprimee',
    refus: '',
    '*': 'piece.modifiee',
  },
  site: { creation: 'site.cree', suppression: 'site.supprime', refus: '', '*': 'site.modifie' },
  contrat: { creation: 'contrat.cree', suppression: 'contrat.supprime', refus: '', '*': 'contrat.modifie' },
  niveau_service: {
    creation: 'niveau_service.cree',
    suppression: 'niveau_service.supprime',
    refus: '',
    '*': 'niveau_service.modifie',
  },
  modele_etapes: {
    creation: 'modele_etapes.cree',
    suppression: 'modele_etapes.supprime',
    refus: '',
    '*': 'modele_etapes.modifie',
  },
  code_panne: {
    creation: 'code_panne.cree',
    suppression: 'code_panne.supprime',
    refus: '',
    '*': 'code_panne.modifie',
  },
  jour_ferie: {
    creation: 'jour_ferie.cree',
    suppression: 'jour_ferie.supprime',
    refus: '',
    '*': 'jour_ferie.modifie',
  },
  plan_preventif: {
    creation: 'plan_preventif.cree',
    declenchement: 'plan_preventif.declenche',
    suppression: 'plan_preventif.supprime',
    refus: '',
    '*': 'plan_preventif.modifie',
  },
  proposition: {
    creation: 'proposition.creee',
    calcul: 'proposition.calculee',
    appliquee: 'proposition.appliquee',
    annulation: 'proposition.annulee',
    refus: '',
    '*': 'proposition.modifiee',
  },
  document: {
    creation: 'document.cree',
    suppression: 'document.supprime',
    telechargement: '',
    refus: '',
    '*': 'document.modifie',
  },
  technicien: {
    creation: 'technicien.cree',
    suppression: 'technicien.supprime',
    ouverture_calendrier: '',
    revocation_calendrier: '',
    refus: '',
    '*': 'technicien.modifie',
  },
  user: { creation: 'user.cree', modification: 'user.modifie', suppression: 'user.supprime' },
  // That one was made is told by its own row: most are made by the system, which records none of them.
  notification: { lecture: 'notification.lue', suppression: 'notification.supprimee' },
};

/** Where the version of each resource stands. */
const TABLES: Readonly<Record<string, string>> = {
  intervention: 'interventions',
  equipement: 'equipements',
  piece: 'pieces',
  document: 'documents',
  notification: 'notifications',
  site: 'sites',
  contrat: 'contrats',
  technicien: 'techniciens',
  user: 'users',
  proposition: 'propositions',
  plan_preventif: 'plans_preventifs',
  niveau_service: 'niveaux_service',
  modele_etapes: 'modeles_etapes',
  code_panne: 'codes_panne',
  jour_ferie: 'jours_feries',
};

/** Runs as its owner: the application reads what happened, and cannot make any of it up. */
const AS_OWNER = 'SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp';

/** Of what belongs to an intervention, and is read as a part of it. */
const OF_INTERVENTION = (table: string) => `coalesce(
  (SELECT intervention_id FROM public.${table} WHERE id = ligne.entite_id),
  (ligne.apres ->> 'intervention_id')::integer, (ligne.avant ->> 'intervention_id')::integer)`;

const UP = [
  `CREATE TABLE evenements (
     -- In the order of writing, which is not that of committing.
     inscription bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     -- Its place in the order that everybody reads, given once it is committed.
     id bigint,
     evenement text NOT NULL,
     ressource text NOT NULL,
     id_ressource integer NOT NULL,
     -- Null of what is gone.
     version integer,
     -- Whose it is, where it is one person's alone.
     destinataire_id integer,
     date timestamptz(3) NOT NULL)`,
  'CREATE UNIQUE INDEX evenements_ordre ON evenements (id) WHERE id IS NOT NULL',
  'CREATE INDEX evenements_a_ranger ON evenements (inscription) WHERE id IS NULL',
  'CREATE SEQUENCE evenements_rang',

  /*
   * Wakes those who listen, at most ten times a second: a transaction that notifies commits alone in its database, and
   * whoever was woken looks again a little later (`src/services/messages/evenements.ts`). The last time stands in a sequence,
   * which everybody sees at once, in milliseconds.
   */
  'CREATE SEQUENCE evenements_reveil',
  `CREATE FUNCTION evenements_reveiller() RETURNS void LANGUAGE plpgsql ${AS_OWNER} AS $$
   DECLARE
     maintenant bigint := extract(epoch FROM clock_timestamp()) * 1000;
   BEGIN
     -- A time that lies ahead is that of a clock that was put back.
     IF (SELECT last_value FROM public.evenements_reveil) BETWEEN maintenant - 100 AND maintenant THEN RETURN; END IF;
     PERFORM setval('public.evenements_reveil', maintenant);
     PERFORM pg_notify('evenements', '');
   END $$`,
  'REVOKE EXECUTE ON FUNCTION evenements_reveiller() FROM PUBLIC',

  `CREATE FUNCTION evenement_nom(entite text, action text) RETURNS text IMMUTABLE PARALLEL SAFE
     LANGUAGE sql RETURN nullif(coalesce(
       '${JSON.stringify(NOMS)}'::jsonb -> entite ->> action,
       '${JSON.stringify(NOMS)}'::jsonb -> entite ->> '*'), '')`,

  /*
   * Every change is in the history, in the statement that makes it; what it says in detail stays there. Somebody whose
   * sessions or role have changed wakes those who listen too, though it is nothing to be told.
   */
  `CREATE FUNCTION historique_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   DECLARE
     ligne record;
     nom text;
     quoi text;
     lequel integer;
     sa_version integer;
     a_qui integer;
     eveille boolean := false;
   BEGIN
     FOR ligne IN SELECT * FROM lignes ORDER BY id LOOP
       nom := public.evenement_nom(ligne.entite, ligne.action);
       IF nom IS NULL OR ligne.entite_id IS NULL THEN
         eveille := eveille OR ligne.entite = 'user' AND ligne.action NOT LIKE 'connexion%' AND ligne.action <> 'refus';
         CONTINUE;
       END IF;
       quoi := CASE WHEN ligne.entite IN ('etape', 'temps', 'commentaire') THEN 'intervention' ELSE ligne.entite END;
       lequel := CASE ligne.entite
         WHEN 'etape' THEN ${OF_INTERVENTION('etapes')}
         WHEN 'temps' THEN ${OF_INTERVENTION('temps')}
         WHEN 'commentaire' THEN ${OF_INTERVENTION('commentaires')}
         ELSE ligne.entite_id END;
       CONTINUE WHEN lequel IS NULL;
       sa_version := NULL;
       a_qui := NULL;
       ${Object.entries(TABLES)
         .map(
           ([resource, table], index) =>
             `${index === 0 ? 'IF' : 'ELSIF'} quoi = '${resource}' THEN
               SELECT version INTO sa_version FROM public.${table} WHERE id = lequel;`,
         )
         .join('\n')}
       END IF;
       IF quoi = 'notification' THEN
         a_qui := coalesce((SELECT destinataire_id FROM public.notifications WHERE id = lequel),
                           (ligne.avant ->> 'destinataire_id')::integer);
       END IF;
       INSERT INTO public.evenements (evenement, ressource, id_ressource, version, destinataire_id, date)
       VALUES (nom, quoi, lequel, sa_version, a_qui, ligne.date);
       eveille := true;
     END LOOP;
     IF eveille THEN PERFORM public.evenements_reveiller(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER historique_evenements AFTER INSERT ON historique REFERENCING NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION historique_evenements()`,

  `CREATE FUNCTION notifications_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     INSERT INTO public.evenements (evenement, ressource, id_ressource, version, destinataire_id, date)
     SELECT 'notification.creee', 'notification', id, version, destinataire_id, date_creation FROM lignes ORDER BY id;
     IF FOUND THEN PERFORM public.evenements_reveiller(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER notifications_evenements AFTER INSERT ON notifications REFERENCING NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION notifications_evenements()`,

  // Visits have no history of their own: it is that of what they are for.
  `CREATE FUNCTION plannings_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF TG_OP = 'INSERT' THEN
       INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
       SELECT 'planning.cree', 'planning', id, version, date_modification FROM lignes ORDER BY id;
     ELSE
       INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
       SELECT 'planning.modifie', 'planning', n.id, n.version, n.date_modification
       FROM lignes n JOIN avant o ON o.id = n.id WHERE n.version <> o.version ORDER BY n.id;
     END IF;
     IF FOUND THEN PERFORM public.evenements_reveiller(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER plannings_evenements AFTER INSERT ON plannings REFERENCING NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION plannings_evenements()`,
  `CREATE TRIGGER plannings_evenements_autrement AFTER UPDATE ON plannings
     REFERENCING OLD TABLE AS avant NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION plannings_evenements()`,

  // When people are told that a part runs short is decided where they are.
  `CREATE FUNCTION pieces_evenements() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     INSERT INTO public.evenements (evenement, ressource, id_ressource, version, date)
     SELECT 'piece.stock_bas', 'piece', n.id, n.version, n.date_modification
     FROM lignes n JOIN avant o ON o.id = n.id WHERE n.alerte_dite AND NOT o.alerte_dite ORDER BY n.id;
     IF FOUND THEN PERFORM public.evenements_reveiller(); END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER pieces_evenements AFTER UPDATE ON pieces
     REFERENCING OLD TABLE AS avant NEW TABLE AS lignes
     FOR EACH STATEMENT EXECUTE FUNCTION pieces_evenements()`,

  /*
   * Gives what is committed its place: whoever reads does it first, one at a time. The lock is held until what was given is
   * committed, so places are seen in the order in which they are given, and none appears below one that was seen.
   */
  `CREATE FUNCTION evenements_ranger() RETURNS void LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     IF NOT EXISTS (SELECT FROM public.evenements WHERE id IS NULL) THEN RETURN; END IF;
     PERFORM pg_advisory_xact_lock(hashtext('evenements'), 44);
     UPDATE public.evenements e SET id = r.rang
     FROM (SELECT s.inscription, nextval('public.evenements_rang') AS rang
           FROM (SELECT inscription FROM public.evenements WHERE id IS NULL ORDER BY inscription LIMIT 10000) s) r
     WHERE e.inscription = r.inscription;
   END $$`,
  `CREATE FUNCTION evenements_suivants(depuis bigint, combien integer) RETURNS SETOF evenements
     LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     PERFORM public.evenements_ranger();
     RETURN QUERY SELECT * FROM public.evenements e WHERE e.id > depuis ORDER BY e.id LIMIT combien;
   END $$`,
  // What can still be read, and the last place that was given, which under the lock is nobody's who is still at it.
  `CREATE FUNCTION evenements_bornes(OUT premier bigint, OUT dernier bigint) LANGUAGE plpgsql ${AS_OWNER} AS $$
   BEGIN
     PERFORM public.evenements_ranger();
     PERFORM pg_advisory_xact_lock(hashtext('evenements'), 44);
     SELECT min(e.id) INTO premier FROM public.evenements e WHERE e.id IS NOT NULL;
     SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO dernier FROM public.evenements_rang;
   END $$`,
  ...['historique', 'notifications', 'plannings', 'pieces'].map(
    (table) => `REVOKE EXECUTE ON FUNCTION ${table}_evenements() FROM PUBLIC`,
  ),
];

const DOWN = [
  'DROP FUNCTION evenements_bornes()',
  'DROP FUNCTION evenements_suivants(bigint, integer)',
  'DROP FUNCTION evenements_ranger()',
  'DROP TRIGGER historique_evenements ON historique',
  'DROP TRIGGER notifications_evenements ON notifications',
  'DROP TRIGGER plannings_evenements ON plannings',
  'DROP TRIGGER plannings_evenements_autrement ON plannings',
  'DROP TRIGGER pieces_evenements ON pieces',
  ...['historique', 'notifications', 'plannings', 'pieces'].map(
    (table) => `DROP FUNCTION ${table}_evenements()`,
  ),
  'DROP FUNCTION evenement_nom(text, text)',
  'DROP FUNCTION evenements_reveiller()',
  'DROP SEQUENCE evenements_reveil',
  'DROP SEQUENCE evenements_rang',
  'DROP TABLE evenements',
];
