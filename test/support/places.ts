import type { Subject } from '../../src/auth/permissions';
import type { Columns } from '../../src/auth/sql';

/** Subjects that have rows. */
export type RowSubject = Exclude<Subject, 'Dashboard'>;

interface Place {
  from: string;
  alias: string;
  columns: Columns;
}

const INTERVENTION = 'JOIN equipements e ON e.id = i.equipement_id';
const OF_EQUIPEMENT: Columns = { 'equipement.site_id': 'e.site_id', 'equipement.client_id': 'e.client_id' };

/** Where the rows of each subject are, and in which columns the fields that rules speak of. */
export const PLACES: Record<RowSubject, Place> = {
  User: { from: 'users u', alias: 'u', columns: { id: 'u.id', role: 'u.role', is_active: 'u.is_active' } },
  Technicien: {
    from: 'techniciens t JOIN users u ON u.id = t.user_id',
    alias: 't',
    columns: {
      user_id: 't.user_id',
      'user.tous_sites': 'u.tous_sites',
      'user.site_ids': 'ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id)',
    },
  },
  Equipement: {
    from: 'equipements e',
    alias: 'e',
    columns: { site_id: 'e.site_id', client_id: 'e.client_id' },
  },
  Piece: { from: 'pieces p', alias: 'p', columns: {} },
  Intervention: {
    from: `interventions i ${INTERVENTION}`,
    alias: 'i',
    columns: {
      ...OF_EQUIPEMENT,
      createur_id: 'i.createur_id',
      technicien_id: 'i.technicien_id',
      statut: 'i.statut',
      satisfaction_auteur_id: 'i.satisfaction_auteur_id',
    },
  },
  Planning: {
    from: `plannings p JOIN interventions i ON i.id = p.intervention_id ${INTERVENTION}`,
    alias: 'p',
    columns: { ...OF_EQUIPEMENT, technicien_id: 'p.technicien_id' },
  },
  Document: {
    from: `documents d LEFT JOIN interventions i ON i.id = d.intervention_id
           JOIN equipements e ON e.id = coalesce(d.equipement_id, i.equipement_id)`,
    alias: 'd',
    columns: {
      ...OF_EQUIPEMENT,
      intervention_id: 'd.intervention_id',
      visible_client: 'd.visible_client',
      'intervention.technicien_id': 'i.technicien_id',
      'intervention.createur_id': 'i.createur_id',
    },
  },
  Notification: {
    from: 'notifications n',
    alias: 'n',
    columns: { destinataire_id: 'n.destinataire_id' },
  },
  CleApi: { from: 'cles_api c', alias: 'c', columns: {} },
  Audit: { from: 'historique h', alias: 'h', columns: {} },
};
