import {
  AGENDA_EXTERNE_COLUMNS,
  CONTRAT_COLUMNS,
  DOCUMENT_COLUMNS,
  EQUIPEMENT_COLUMNS,
  INTERVENANT_COLUMNS,
  INTERVENTION_COLUMNS,
  LISTE_ATTENTE_COLUMNS,
  NOTIFICATION_COLUMNS,
  PLAN_COLUMNS,
  PLANNING_COLUMNS,
  PRESTATION_COLUMNS,
  PROPOSITION_COLUMNS,
  RAPPORT_COLUMNS,
  RENDEZ_VOUS_COLUMNS,
  SALLE_COLUMNS,
  SITE_COLUMNS,
  TECHNICIEN_COLUMNS,
  USER_COLUMNS,
} from '../../src/auth/columns';
import type { MedicalSubject, Subject } from '../../src/auth/permissions';
import type { Columns } from '../../src/auth/sql';

/** Subjects that have rows which the application reaches: those that are medical are asked about elsewhere. */
export type RowSubject = Exclude<Subject, 'Dashboard' | MedicalSubject>;

interface Place {
  from: string;
  alias: string;
  columns: Columns;
}

const EQUIPEMENT = 'JOIN equipements e ON e.id = i.equipement_id';

/** Where the rows of each subject are, and in which columns the fields that rules speak of. */
export const PLACES: Record<RowSubject, Place> = {
  User: { from: 'users u', alias: 'u', columns: USER_COLUMNS },
  Technicien: {
    from: 'techniciens t JOIN users u ON u.id = t.user_id',
    alias: 't',
    columns: TECHNICIEN_COLUMNS,
  },
  Site: { from: 'sites s', alias: 's', columns: SITE_COLUMNS },
  Equipement: { from: 'equipements e', alias: 'e', columns: EQUIPEMENT_COLUMNS },
  NiveauService: { from: 'niveaux_service n', alias: 'n', columns: {} },
  Contrat: { from: 'contrats c', alias: 'c', columns: CONTRAT_COLUMNS },
  Piece: { from: 'pieces p', alias: 'p', columns: {} },
  Intervention: { from: `interventions i ${EQUIPEMENT}`, alias: 'i', columns: INTERVENTION_COLUMNS },
  CodePanne: { from: 'codes_panne c', alias: 'c', columns: {} },
  ModeleEtapes: { from: 'modeles_etapes m', alias: 'm', columns: {} },
  Planning: {
    from: `plannings p JOIN interventions i ON i.id = p.intervention_id ${EQUIPEMENT}`,
    alias: 'p',
    columns: PLANNING_COLUMNS,
  },
  PlanPreventif: { from: 'plans_preventifs p', alias: 'p', columns: PLAN_COLUMNS },
  Intervenant: { from: 'intervenants v', alias: 'v', columns: INTERVENANT_COLUMNS },
  AgendaExterne: {
    from: 'agendas_externes x JOIN intervenants v ON v.id = x.intervenant_id',
    alias: 'x',
    columns: AGENDA_EXTERNE_COLUMNS,
  },
  Salle: { from: 'salles r', alias: 'r', columns: SALLE_COLUMNS },
  Prestation: { from: 'prestations f', alias: 'f', columns: PRESTATION_COLUMNS },
  RendezVous: {
    from: 'rendez_vous b JOIN prestations f ON f.id = b.prestation_id',
    alias: 'b',
    columns: RENDEZ_VOUS_COLUMNS,
  },
  ListeAttente: {
    from: 'listes_attente a JOIN prestations f ON f.id = a.prestation_id',
    alias: 'a',
    columns: LISTE_ATTENTE_COLUMNS,
  },
  JourFerie: { from: 'jours_feries f', alias: 'f', columns: {} },
  Proposition: { from: 'propositions r', alias: 'r', columns: PROPOSITION_COLUMNS },
  Document: {
    from: `documents d LEFT JOIN interventions i ON i.id = d.intervention_id
           LEFT JOIN equipements e ON e.id = coalesce(d.equipement_id, i.equipement_id)
           LEFT JOIN rapports_demandes r ON r.id = d.rapport_id`,
    alias: 'd',
    columns: DOCUMENT_COLUMNS,
  },
  Notification: { from: 'notifications n', alias: 'n', columns: NOTIFICATION_COLUMNS },
  Webhook: { from: 'webhooks w', alias: 'w', columns: {} },
  Livraison: { from: 'livraisons l', alias: 'l', columns: {} },
  RegleNotification: { from: 'regles_notification r', alias: 'r', columns: {} },
  CleApi: { from: 'cles_api c', alias: 'c', columns: {} },
  Rapport: { from: 'rapports_demandes r', alias: 'r', columns: RAPPORT_COLUMNS },
  Parametres: { from: 'parametres m', alias: 'm', columns: {} },
  Audit: { from: 'historique h', alias: 'h', columns: {} },
};
