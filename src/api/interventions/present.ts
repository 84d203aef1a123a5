import type { Wire } from '../../db/sql';
import type { InterventionRow } from '../../services/interventions/interventions';

/** An intervention as clients read it (contract §3). */
export function presentIntervention(row: InterventionRow | Wire<InterventionRow>) {
  return {
    id: row.id,
    titre: row.titre,
    description: row.description,
    type_intervention: row.type_intervention,
    statut: row.statut,
    priorite: row.priorite,
    urgence: row.urgence,
    date_creation: row.date_creation,
    date_modification: row.date_modification,
    date_limite: row.date_limite,
    date_debut: row.date_debut,
    date_fin: row.date_fin,
    en_retard: row.en_retard,
    a_transmettre: row.a_transmettre,
    niveau_escalade: row.niveau_escalade,
    equipement_id: row.equipement_id,
    technicien_id: row.technicien_id,
    createur_id: row.createur_id,
    competences_requises: row.competences_requises,
    rapport: row.rapport,
    motif_annulation: row.motif_annulation,
    satisfaction:
      row.satisfaction_note === null
        ? null
        : { note: row.satisfaction_note, commentaire: row.satisfaction_commentaire },
    equipement: { nom: row.equipement_nom, localisation: row.equipement_localisation },
    technicien:
      row.technicien_id === null
        ? null
        : { nom: row.technicien_nom, prenom: row.technicien_prenom, specialite: row.technicien_specialite },
    planning:
      row.planning_id === null
        ? null
        : { id: row.planning_id, date_planifiee: row.planning_date, duree_estimee: row.planning_duree },
    version: row.version,
  };
}
