import type { Wire } from '../../db/sql';
import type { Engagement } from '../../domain/interventions/engagements';
import { formatMontant } from '../../domain/stock/pieces';
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
    arret: row.arret,
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
    equipiers: row.equipiers,
    createur_id: row.createur_id,
    competences_requises: row.competences_requises,
    motif_attente: row.motif_attente,
    duree_prevue: row.duree_prevue,
    technicien_prefere_id: row.technicien_prefere_id,
    rapport: row.rapport,
    motif_annulation: row.motif_annulation,
    cout_pieces: row.cout_pieces && formatMontant(row.cout_pieces),
    satisfaction:
      row.satisfaction_note === null
        ? null
        : { note: row.satisfaction_note, commentaire: row.satisfaction_commentaire },
    suite_de: row.suite_de,
    suites: row.suites,
    pannes: {
      probleme_id: row.panne_probleme_id,
      cause_id: row.panne_cause_id,
      remede_id: row.panne_remede_id,
    },
    equipement: { nom: row.equipement_nom, localisation: row.equipement_localisation },
    technicien:
      row.technicien_id === null
        ? null
        : { nom: row.technicien_nom, prenom: row.technicien_prenom, specialite: row.technicien_specialite },
    planning:
      row.planning_id === null
        ? null
        : {
            id: row.planning_id,
            date_planifiee: row.planning_date,
            duree_estimee: row.planning_duree,
            segments: row.planning_segments,
          },
    version: row.version,
  };
}

const MINUTE = 60_000;
const instant = (at: number) => new Date(at).toISOString();
/** To a hundredth: a moment that somebody chose has seconds. */
const minutes = (duration: number) => Math.round(duration / (MINUTE / 100)) / 100;

/** A target as clients read it (contract-planification §3). */
export function presentEngagement({ etape, depuis, echeance, delai, imposee, ...rest }: Engagement) {
  return {
    etape,
    debut: instant(depuis),
    echeance: instant(echeance),
    delai_minutes: minutes(delai),
    imposee,
    etat: rest.etat,
    // Whole minutes; zero has no sign.
    restant_minutes: Math.trunc(rest.restant / MINUTE) || 0,
    depasse_le: rest.depasse === null ? null : instant(rest.depasse),
    fin: rest.fin === null ? null : instant(rest.fin),
    niveau_service: rest.niveau,
    chronologie: rest.chronologie.map(({ de, a, nature, duree, motif }) => ({
      de: instant(de),
      a: instant(a),
      nature,
      minutes: minutes(duree),
      ...(motif === undefined ? {} : { motif }),
    })),
  };
}
