import { agendaRoutes } from './agenda/routes';
import { agendaIcsRoutes } from './agendas/routes';
import { agendaExterneRoutes } from './agendas-externes/routes';
import { auditRoutes } from './audit/routes';
import { passwordLinkRoutes } from './auth/password-links';
import { authRoutes } from './auth/routes';
import { secondFactorRoutes } from './auth/second-facteur';
import { sessionRoutes } from './auth/sessions';
import { brisDeGlaceRoutes } from './bris-de-glace/routes';
import { rendezVousCabinetRoutes } from './cabinets/rendez-vous';
import { cabinetRoutes } from './cabinets/routes';
import { cleApiRoutes } from './cles-api/routes';
import { codeRoutes } from './codes/routes';
import { codePanneRoutes } from './codes-panne/routes';
import { conservationRoutes } from './conservation/routes';
import { consultationRoutes } from './consultations/routes';
import { contratRoutes } from './contrats/routes';
import { creneauRoutes } from './creneaux/routes';
import { dashboardRoutes } from './dashboard/routes';
import { demandeDroitsRoutes } from './demandes-droits/routes';
import { documentRoutes } from './documents/routes';
import { dossierRoutes } from './dossiers/routes';
import { ecritRoutes } from './ecrits/routes';
import { emailRoutes } from './emails/routes';
import { equipementRoutes } from './equipements/routes';
import { examenRoutes } from './examens/routes';
import { exportRoutes } from './exports/routes';
import { fluxRoutes } from './flux/routes';
import { fusionRoutes } from './fusions/routes';
import { healthRoutes } from './health/routes';
import type { Route } from './http/route';
import { intervenantRoutes } from './intervenants/routes';
import { etapeRoutes } from './interventions/etapes';
import { interventionRoutes } from './interventions/routes';
import { tempsRoutes } from './interventions/temps';
import { ferieRoutes } from './jours-feries/routes';
import { listeAttenteRoutes } from './listes-attente/routes';
import { modeleRoutes } from './modeles-etapes/routes';
import { monRoutes } from './mon/routes';
import { niveauRoutes } from './niveaux-service/routes';
import { pushRoutes } from './notifications/push';
import { notificationRoutes } from './notifications/routes';
import { parametresRoutes } from './parametres/routes';
import { patientRoutes } from './patients/routes';
import { pieceRoutes } from './pieces/routes';
import { propositionRoutes } from './planning/propositions';
import { planningRoutes } from './planning/routes';
import { tourneeRoutes } from './planning/tournee';
import { prestationRoutes } from './prestations/routes';
import { preventifRoutes } from './preventif/routes';
import { publicRoutes } from './public/routes';
import { rapportRoutes } from './rapports/routes';
import { rapportRendezVousRoutes } from './rapports-rendez-vous/routes';
import { rendezVousHistoriqueRoutes } from './rendez-vous/historique';
import { rendezVousRoutes } from './rendez-vous/routes';
import { retenueRoutes } from './retenues/routes';
import { salleRoutes } from './salles/routes';
import { siteRoutes } from './sites/routes';
import { smsRoutes } from './sms/routes';
import { technicienRoutes } from './techniciens/routes';
import { userRoutes } from './users/routes';
import { webhookRoutes } from './webhooks/routes';

/** Every route of the API, in the order of the OpenAPI page. */
export const ROUTES: readonly Route[] = [
  ...authRoutes,
  ...passwordLinkRoutes,
  ...sessionRoutes,
  ...secondFactorRoutes,
  ...userRoutes,
  ...cleApiRoutes,
  ...technicienRoutes,
  ...siteRoutes,
  ...equipementRoutes,
  ...niveauRoutes,
  ...contratRoutes,
  ...interventionRoutes,
  ...etapeRoutes,
  ...tempsRoutes,
  ...modeleRoutes,
  ...codePanneRoutes,
  ...pieceRoutes,
  ...planningRoutes,
  ...propositionRoutes,
  ...tourneeRoutes,
  ...ferieRoutes,
  ...preventifRoutes,
  ...intervenantRoutes,
  ...salleRoutes,
  ...prestationRoutes,
  ...creneauRoutes,
  ...agendaRoutes,
  ...agendaIcsRoutes,
  ...agendaExterneRoutes,
  ...rapportRendezVousRoutes,
  ...rendezVousHistoriqueRoutes,
  ...retenueRoutes,
  ...rendezVousRoutes,
  ...listeAttenteRoutes,
  ...cabinetRoutes,
  ...rendezVousCabinetRoutes,
  ...patientRoutes,
  ...exportRoutes,
  ...dossierRoutes,
  ...codeRoutes,
  ...consultationRoutes,
  ...ecritRoutes,
  ...examenRoutes,
  ...fusionRoutes,
  ...brisDeGlaceRoutes,
  ...monRoutes,
  ...conservationRoutes,
  ...demandeDroitsRoutes,
  ...publicRoutes,
  ...documentRoutes,
  ...rapportRoutes,
  ...notificationRoutes,
  ...fluxRoutes,
  ...pushRoutes,
  ...smsRoutes,
  ...emailRoutes,
  ...webhookRoutes,
  ...dashboardRoutes,
  ...parametresRoutes,
  ...auditRoutes,
  ...healthRoutes,
];
