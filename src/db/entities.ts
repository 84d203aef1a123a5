import { Historique } from './audit/historique';
import { Cabinet, MembreCabinet, Praticien } from './cabinet/cabinets';
import { Document } from './documents/documents';
import { RotationCles } from './documents/rotations';
import { LectureWebhooks, Livraison, Webhook } from './echanges/webhooks';
import { CalendrierTechnicien } from './identite/calendriers';
import { CleApi } from './identite/cles-api';
import { CodeSecours, SecondFacteur } from './identite/seconds-facteurs';
import { RefreshToken, Session } from './identite/sessions';
import { Technicien } from './identite/techniciens';
import { User } from './identite/users';
import { CodePanne } from './interventions/codes-panne';
import { Etape, ModeleEtapes } from './interventions/etapes';
import { Commentaire, Intervention } from './interventions/interventions';
import { Rapport } from './interventions/rapports';
import { Temps } from './interventions/temps';
import { Evenement } from './messages/evenements';
import { Message } from './messages/messages';
import { Notification } from './messages/notifications';
import { PreferenceNotification, RegleNotification } from './messages/regles';
import { Parametres } from './parametres';
import { Contrat, ContratEquipement, VisiteContrat } from './parc/contrats';
import { Equipement } from './parc/equipements';
import { NiveauService } from './parc/niveaux';
import { Site } from './parc/sites';
import { RapportDemande } from './pilotage/rapports';
import { JourFerie } from './planification/feries';
import { Occupation } from './planification/occupations';
import { Planning } from './planification/planning';
import { LigneProposition, Proposition } from './planification/propositions';
import { EcheancePreventive, PlanEquipement, PlanPreventif } from './preventif/plans';
import { Agenda, AgendaExterne, EvenementExterne, OccupationExterne } from './rendez-vous/agendas';
import { Intervenant } from './rendez-vous/intervenants';
import { ListeAttente, OffreAttente } from './rendez-vous/listes-attente';
import { Prestation, PrestationIntervenant } from './rendez-vous/prestations';
import { Participant, RendezVous, Seance } from './rendez-vous/rendez-vous';
import { Salle } from './rendez-vous/salles';
import { BesoinPiece, MouvementStock, Piece } from './stock/pieces';

export const ENTITIES = [
  Agenda,
  AgendaExterne,
  BesoinPiece,
  Cabinet,
  CalendrierTechnicien,
  CleApi,
  CodePanne,
  CodeSecours,
  Commentaire,
  Contrat,
  ContratEquipement,
  Document,
  EcheancePreventive,
  Equipement,
  Etape,
  Evenement,
  EvenementExterne,
  Historique,
  Intervention,
  Intervenant,
  JourFerie,
  LectureWebhooks,
  LigneProposition,
  Livraison,
  MembreCabinet,
  Message,
  ModeleEtapes,
  MouvementStock,
  NiveauService,
  Notification,
  Occupation,
  OccupationExterne,
  Parametres,
  Piece,
  PlanEquipement,
  PlanPreventif,
  Planning,
  Praticien,
  Prestation,
  PrestationIntervenant,
  ListeAttente,
  OffreAttente,
  Participant,
  RendezVous,
  Seance,
  PreferenceNotification,
  Proposition,
  Rapport,
  RapportDemande,
  RefreshToken,
  RegleNotification,
  RotationCles,
  SecondFacteur,
  Salle,
  Session,
  Site,
  Technicien,
  Temps,
  User,
  VisiteContrat,
  Webhook,
];
