import type { Columns } from './sql';

/**
 * Where the fields that permissions speak of are found, subject by subject: every statement that asks for rights names
 * its tables by the same letters.
 */

export const USER_COLUMNS: Columns = { id: 'u.id', role: 'u.role', is_active: 'u.is_active' };

/** The sites of the user `u`, in order; of whoever oversees everything none are named. */
export const USER_SITE_IDS = `CASE WHEN u.tous_sites THEN '{}'::integer[]
  ELSE ARRAY(SELECT us.site_id FROM user_sites us WHERE us.user_id = u.id ORDER BY us.site_id) END`;

export const TECHNICIEN_COLUMNS: Columns = {
  user_id: 't.user_id',
  'user.site_ids': `(${USER_SITE_IDS})`,
  'user.tous_sites': 'u.tous_sites',
};

export const EQUIPEMENT_COLUMNS: Columns = { site_id: 'e.site_id', client_id: 'e.client_id' };

export const INTERVENTION_COLUMNS: Columns = {
  createur_id: 'i.createur_id',
  technicien_id: 'i.technicien_id',
  statut: 'i.statut',
  satisfaction_auteur_id: 'i.satisfaction_auteur_id',
  'equipement.client_id': 'e.client_id',
  'equipement.site_id': 'e.site_id',
};

export const PLANNING_COLUMNS: Columns = {
  technicien_id: 'p.technicien_id',
  'equipement.site_id': 'e.site_id',
};

/** `e` is the equipment of the document, or that of its intervention. */
export const DOCUMENT_COLUMNS: Columns = {
  intervention_id: 'd.intervention_id',
  visible_client: 'd.visible_client',
  'intervention.technicien_id': 'i.technicien_id',
  'intervention.createur_id': 'i.createur_id',
  'equipement.site_id': 'e.site_id',
  'equipement.client_id': 'e.client_id',
};

export const NOTIFICATION_COLUMNS: Columns = { destinataire_id: 'n.destinataire_id' };
