/** The statements of the bare server, each prepared once a connection: what the same answers take, and no more. */

/** Who asks: the session, the person, their sites, as our API asks for each request. */
export const PERSON = {
  name: 'person',
  text: `SELECT u.id, u.role, u.langue, t.id AS technicien_id,
           ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id) AS sites,
           (u.tous_sites OR u.role = 'admin') AS tous_sites,
           EXISTS (SELECT 1 FROM seconds_facteurs f WHERE f.user_id = u.id AND f.date_activation IS NOT NULL) AS second_facteur
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         LEFT JOIN techniciens t ON t.user_id = u.id
         WHERE s.id = $1 AND s.date_revocation IS NULL AND s.date_expiration > now() AND u.is_active`,
};

const COLUMNS = `i.id, i.titre, i.description, i.type_intervention, i.statut, i.priorite, i.urgence, i.arret, i.date_limite,
  i.date_debut, i.date_fin, i.equipement_id, i.technicien_id, i.equipiers, i.createur_id, i.competences_requises,
  i.attente_motif AS motif_attente, i.duree_prevue, i.technicien_prefere_id, i.rapport, i.motif_annulation, i.cout_pieces,
  i.suite_de, ARRAY(SELECT f.id FROM interventions f WHERE f.suite_de = i.id ORDER BY f.id) AS suites,
  i.panne_probleme_id, i.panne_cause_id, i.panne_remede_id, i.a_transmettre_depuis IS NOT NULL AS a_transmettre, i.niveau_escalade, i.satisfaction_note,
  i.satisfaction_commentaire, i.date_creation, i.date_modification, i.version,
  (i.statut NOT IN ('terminee', 'annulee') AND i.date_limite < now()
    AND (i.horloge_arretee_le IS NULL OR i.date_limite_imposee OR i.date_limite < i.horloge_arretee_le)) AS en_retard,
  e.nom AS equipement_nom, e.localisation AS equipement_localisation,
  tu.nom AS technicien_nom, tu.prenom AS technicien_prenom, t.specialite AS technicien_specialite,
  p.id AS planning_id, p.date_planifiee AS planning_date, p.duree_estimee AS planning_duree, p.segments AS planning_segments`;

const JOINS = `JOIN equipements e ON e.id = i.equipement_id
  LEFT JOIN techniciens t ON t.id = i.technicien_id
  LEFT JOIN users tu ON tu.id = t.user_id
  LEFT JOIN LATERAL (
    SELECT id, date_planifiee, duree_estimee, segments FROM plannings
    WHERE intervention_id = i.id AND statut <> 'annulee' ORDER BY id DESC LIMIT 1) p ON TRUE`;

export const ONE = {
  name: 'one',
  text: `SELECT ${COLUMNS} FROM interventions i ${JOINS} WHERE i.id = $1`,
};

/** The screen of `scenarios/reads.ts`. Written out, its filter needs no plan but one. */
const FINISHED = `i.statut = 'terminee' AND i.priorite IN ('haute', 'critique')`;
const ORDER = 'ORDER BY i.date_limite DESC, i.id DESC LIMIT 20';
const counted = (condition: string) =>
  `(SELECT count(*)::integer FROM (SELECT 1 FROM interventions i WHERE ${condition} LIMIT 10001) counted)`;

export const FINISHED_TOTAL = { name: 'finished-total', text: `SELECT ${counted(FINISHED)} AS total` };
export const FINISHED_PAGE = {
  name: 'finished-page',
  text: `SELECT ${COLUMNS} FROM interventions i ${JOINS} WHERE ${FINISHED} ${ORDER}`,
};

const OF_TECHNICIEN = `${FINISHED} AND i.technicien_id = $1`;
export const TECHNICIEN_PAGE = {
  name: 'technicien-page',
  text: `SELECT ${COLUMNS}, ${counted(OF_TECHNICIEN)} AS total
         FROM interventions i ${JOINS} WHERE ${OF_TECHNICIEN} ${ORDER}`,
};

/** Closed from the beginning: neither the reconciler nor anybody else takes an interest in it. */
export const INSERT = {
  name: 'insert',
  text: `WITH i AS (
           INSERT INTO interventions (titre, description, type_intervention, priorite, urgence, equipement_id, createur_id,
             competences_requises, statut, motif_annulation, date_fin, date_limite, arme_le, resolution_armee_le,
             resolution_depuis, date_creation, date_modification, numero_evenement, echeances, workflow_demarre)
           VALUES ($1, $2, $3, $4, false, $5, $6, '{}', 'annulee', 'Essai', $7, $8, $7, $7, $7, $7, $7, 1, $9, true)
           RETURNING *)
         SELECT ${COLUMNS} FROM i ${JOINS}`,
};
/** What an appointment takes at the least, and the constraint of occupations guards. */
export const SEANCE = {
  name: 'seance',
  text: `INSERT INTO seances (prestation_id, debut, fin, intervenants, places, prises)
         SELECT f.id, $2, $2::timestamptz + make_interval(mins => f.durees[1]), ARRAY[pi.intervenant_id], 1, 1
         FROM prestations f JOIN prestations_intervenants pi ON pi.prestation_id = f.id WHERE f.slug = $1
         RETURNING id`,
};
export const RENDEZ_VOUS = {
  name: 'rendez-vous',
  text: `INSERT INTO rendez_vous (uid, prestation_id, seance_id, debut, fin, intervenants, user_ids, statut, origine)
         SELECT $2, s.prestation_id, s.id, s.debut, s.fin, s.intervenants,
           ARRAY(SELECT v.user_id FROM intervenants v WHERE v.id = ANY(s.intervenants)), 'confirme', 'membre'
         FROM seances s WHERE s.id = $1
         RETURNING id, uid, prestation_id, debut, fin, intervenants, statut, sequence, origine, date_creation, version`,
};
export const PARTICIPANT = {
  name: 'participant',
  text: `INSERT INTO participants (rendez_vous_id, rang, nom, email, langue, fuseau_horaire)
         VALUES ($1, 1, $2, $3, 'fr', 'UTC')`,
};
export const RECORD_RENDEZ_VOUS = {
  name: 'record-rendez-vous',
  text: `INSERT INTO historique (entite, entite_id, action, auteur_id, date, apres, correlation_id, adresse)
         VALUES ('rendez_vous', $1, 'confirmation', $2, $3, $4, $5, $6)`,
};

export const RECORD = {
  name: 'record',
  text: `INSERT INTO historique (entite, entite_id, action, auteur_id, date, apres, correlation_id, adresse,
           numero_evenement, cause)
         VALUES ('intervention', $1, 'creation', $2, $3, $4, $5, $6, 1, 'creation')`,
};
