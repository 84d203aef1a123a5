import type { Client } from 'pg';

/**
 * What a company with some years behind it has in its database. All interventions are finished, most long ago: to the
 * reconciler an open one is a workflow to be started. The open ones are those that the bench creates through the API.
 */

export const TECHNICIENS = 200;
export const EQUIPEMENTS = 2_000;
export const PIECES = 1_000;

/** People, sites, equipment and parts, with ids from 1001 on. */
export async function loadSurroundings(db: Client): Promise<void> {
  const first = FIRST_ID;
  await db.query(`INSERT INTO sites (id, nom, fuseau_horaire)
    SELECT ${first} + n, 'Site ' || n, 'Africa/Casablanca' FROM generate_series(0, 9) n`);
  await db.query(`INSERT INTO users (id, email, mot_de_passe, nom, prenom, role, tous_sites)
    SELECT ${first} + n, 'technicien-' || n || '@exemple.ma', 'none', 'Nom ' || n, 'Prénom', 'technicien', true
    FROM generate_series(0, ${TECHNICIENS - 1}) n`);
  await db.query(`INSERT INTO techniciens (id, user_id, specialite, competences, horaires)
    SELECT ${first} + n, ${first} + n, (ARRAY['Hydraulique', 'Mécanique', 'Électricité', 'Froid'])[1 + n % 4],
      ARRAY[(ARRAY['hydraulique', 'mecanique', 'electricite', 'froid'])[1 + n % 4]],
      -- Around the clock: measurements plan visits at any hour.
      (SELECT jsonb_object_agg(day, '[[0, 1440]]'::jsonb) FROM generate_series(1, 7) day)
    FROM generate_series(0, ${TECHNICIENS - 1}) n`);
  await db.query(`INSERT INTO equipements (id, nom, type, modele, numero_serie, localisation, site_id)
    SELECT ${first} + n, 'Presse ' || n, 'Presse', 'HPX-2000', 'PH-' || n, 'Atelier ' || chr(65 + n % 26), ${first} + n % 10
    FROM generate_series(0, ${EQUIPEMENTS - 1}) n`);
  await db.query(`INSERT INTO pieces (id, reference, designation)
    SELECT ${first} + n, 'REF-' || n, 'Joint DN' || n FROM generate_series(0, ${PIECES - 1}) n`);
}

/** First of the ids that {@link loadSurroundings} gives. */
export const FIRST_ID = 1001;

/** Adds finished interventions with their visits, spread over the last five years. */
export async function loadInterventions(db: Client, count: number): Promise<void> {
  const { rows } = await db.query<{ id: number }>(`SELECT id FROM users WHERE role = 'admin' LIMIT 1`);
  await db.query(
    `WITH drawn AS (
       SELECT n, random() AS fate, random() AS weight,
         now() - interval '40 days' - random() * interval '5 years' AS reported,
         ${FIRST_ID} + floor(random() * ${EQUIPEMENTS})::integer AS equipement,
         ${FIRST_ID} + floor(random() * ${TECHNICIENS})::integer AS technicien
       FROM generate_series(1, $1::integer) n
     ), loaded AS (
       INSERT INTO interventions (titre, description, type_intervention, statut, priorite, urgence, date_limite,
         date_debut, date_fin, equipement_id, technicien_id, createur_id, rapport, motif_annulation, arme_le,
         numero_evenement, workflow_demarre, date_creation, date_modification)
       SELECT
         (ARRAY['Réparation fuite hydraulique', 'Remplacement de roulement', 'Contrôle annuel', 'Vibration anormale',
                'Arrêt d''urgence bloqué', 'Surchauffe du moteur', 'Réglage du capteur'])[1 + n % 7] || ' ' || n,
         'Constaté par l''équipe du matin, à voir avant la reprise de la ligne ' || n % 40,
         (ARRAY['corrective', 'corrective', 'preventive', 'predictive'])[1 + n % 4],
         CASE WHEN fate < 0.92 THEN 'terminee' ELSE 'annulee' END,
         CASE WHEN weight < 0.1 THEN 'critique' WHEN weight < 0.3 THEN 'haute' WHEN weight < 0.8 THEN 'normale' ELSE 'basse' END,
         fate < 0.1, reported + interval '5 days', reported + interval '1 day', reported + weight * interval '10 days',
         equipement, technicien, $2, 'Joint remplacé, circuit purgé et contrôlé.', 'Doublon', reported, 6, true,
         reported, reported + weight * interval '10 days'
       FROM drawn
       RETURNING id, technicien_id, date_debut, statut
     )
     INSERT INTO plannings (intervention_id, technicien_id, date_planifiee, duree_estimee, statut)
     SELECT id, technicien_id, date_debut, 60, CASE statut WHEN 'terminee' THEN 'realisee' ELSE 'annulee' END FROM loaded`,
    [count, rows[0]!.id],
  );
  // What the autovacuum would have done long ago.
  await db.query('VACUUM ANALYZE');
}
