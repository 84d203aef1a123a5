import type { DataSource } from 'typeorm';

/** Rows by the thousand, as a busy installation has them after some years; analysed, so that plans are as they will be. */
export async function fillTables(owner: DataSource, personId: number): Promise<void> {
  for (const statement of STATEMENTS) await owner.query(statement);
  await owner.query(
    `INSERT INTO notifications (titre, message, type, destinataire_id, lue)
     SELECT 'Intervention ' || n, 'Prévue demain', 'info', CASE WHEN n % 2 = 0 THEN $1::integer ELSE 1 END, n % 50 <> 0
     FROM generate_series(1, 20000) n`,
    [personId],
  );
  await owner.query('ANALYZE');
}

const STATEMENTS = [
  `INSERT INTO sites (nom) SELECT 'Site ' || n FROM generate_series(1, 40) n`,
  `INSERT INTO users (email, nom, prenom, role, is_active, date_creation, derniere_connexion)
   SELECT 'p' || n || '@exemple.ma', 'Nom ' || md5(n::text), 'Prénom ' || n,
          CASE WHEN n % 10 = 0 THEN 'technicien' WHEN n % 501 = 0 THEN 'responsable' ELSE 'client' END, n % 100 <> 0,
          now() - make_interval(hours => n), now() - make_interval(mins => n)
   FROM generate_series(1, 10000) n`,
  `INSERT INTO techniciens (user_id, specialite, competences, niveau_experience)
   SELECT id, 'Spécialité ' || id % 20, ARRAY['hydraulique', 'compétence ' || id % 60],
          CASE WHEN id % 50 = 0 THEN 'expert' ELSE 'confirme' END
   FROM users WHERE role = 'technicien'`,
  `INSERT INTO equipements (nom, type, numero_serie, localisation, site_id, client_id, statut, criticite, date_installation,
                            frequence_entretien)
   SELECT 'Presse ' || md5(n::text), 'Type ' || n % 30, 'S-' || n, 'Atelier ' || n % 40, 1 + n % 40,
          (SELECT id FROM users WHERE email = 'p' || (1 + 11 * (n % 900)) || '@exemple.ma' AND role = 'client'),
          CASE WHEN n % 200 = 0 THEN 'hors_service' ELSE 'operationnel' END,
          CASE WHEN n % 90 = 0 THEN 'critique' ELSE 'normale' END, now() - make_interval(days => n % 900), 30 + n % 300
   FROM generate_series(1, 8000) n`,
  `INSERT INTO pieces (reference, designation, stock, seuil_alerte)
   SELECT 'REF-' || n, 'Joint ' || md5(n::text), n % 90, 3 FROM generate_series(1, 8000) n`,
  `INSERT INTO interventions (titre, description, type_intervention, statut, priorite, urgence, date_limite, equipement_id,
                              technicien_id, createur_id, motif_annulation, rapport, date_fin, arme_le, workflow_demarre,
                              niveau_escalade, date_creation)
   SELECT 'Panne ' || md5(n::text), 'La presse de l’atelier ne démarre plus depuis le numéro ' || n,
          CASE WHEN n % 400 = 0 THEN 'predictive' WHEN n % 3 = 0 THEN 'preventive' ELSE 'corrective' END,
          CASE WHEN n % 100 = 0 THEN 'ouverte' WHEN n % 101 = 0 THEN 'planifiee' WHEN n % 500 = 1 THEN 'annulee' ELSE 'terminee' END,
          CASE WHEN n % 300 = 0 THEN 'critique' ELSE 'normale' END, n % 250 = 0,
          now() + make_interval(hours => n % 900 - 30), e.id, t.id, u.id, 'Doublon', 'Fait', now(), now(), true,
          CASE WHEN n % 700 = 0 THEN 3 ELSE 0 END, now() - make_interval(mins => 3 * n)
   FROM generate_series(1, 20000) n
   JOIN LATERAL (SELECT id FROM equipements WHERE numero_serie = 'S-' || (1 + n % 8000)) e ON TRUE
   JOIN LATERAL (SELECT id FROM users WHERE email = 'p' || (1 + n % 9000) || '@exemple.ma') u ON TRUE
   JOIN LATERAL (SELECT t.id FROM techniciens t JOIN users p ON p.id = t.user_id
                 WHERE p.email = 'p' || (10 + 10 * (n % 900)) || '@exemple.ma') t ON TRUE`,
  `INSERT INTO plannings (intervention_id, technicien_id, date_planifiee, duree_estimee, statut)
   SELECT id, technicien_id, date_creation, 15 + id % 300, CASE WHEN id % 60 = 0 THEN 'annulee' ELSE 'realisee' END
   FROM interventions`,
  `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id, date_creation)
   SELECT 'photo ' || md5(id::text) || '.jpg', 'type ' || id % 70, 'documents/' || id, id * 100, 'image/jpeg', '', id, date_creation
   FROM interventions`,
  `INSERT INTO cles_api (nom, role, createur_id, empreinte, debut, date_revocation)
   SELECT 'Capteur ' || n, 'technicien', 1, sha256(n::text::bytea), 'regie_' || n, CASE WHEN n % 3 = 0 THEN now() END
   FROM generate_series(1, 500) n`,
  `INSERT INTO historique (entite, entite_id, action, auteur_id, date, correlation_id, adresse)
   SELECT 'entite ' || n % 60, n % 900, 'action ' || n % 60, 1 + n % 400, now() - make_interval(mins => n), 'req-' || n,
          '10.0.0.' || n % 200
   FROM generate_series(1, 20000) n`,
];
