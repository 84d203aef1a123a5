import { Initial1764000000000 } from './1764000000000-initial';
import { Identity1764100000000 } from './1764100000000-identity';
import { Audit1764200000000 } from './1764200000000-audit';
import { Rapports1764300000000 } from './1764300000000-rapports';
import { Reach1764400000000 } from './1764400000000-reach';
import { DemandesAuthor1764500000000 } from './1764500000000-demandes-author';
import { LocalTime1764600000000 } from './1764600000000-local-time';
import { Refusals1764700000000 } from './1764700000000-refusals';
import { Search1764800000000 } from './1764800000000-search';
import { HandOver1764900000000 } from './1764900000000-hand-over';
import { Maintenance1765000000000 } from './1765000000000-maintenance';
import { SealedOrders1765100000000 } from './1765100000000-sealed-orders';
import { WorkingTime1765200000000 } from './1765200000000-working-time';
import { MessagesInOrder1765250000000 } from './1765250000000-messages-in-order';
import { TextEncodings1765260000000 } from './1765260000000-text-encodings';
import { Occupations1765300000000 } from './1765300000000-occupations';
import { ServiceLevels1765400000000 } from './1765400000000-service-levels';
import { Habilitations1765500000000 } from './1765500000000-habilitations';
import { Propositions1765600000000 } from './1765600000000-propositions';
import { Calendriers1765700000000 } from './1765700000000-calendriers';
import { Stock1765800000000 } from './1765800000000-stock';
import { Preventif1765900000000 } from './1765900000000-preventif';
import { Equipements1766000000000 } from './1766000000000-equipements';
import { Work1766100000000 } from './1766100000000-work';
import { VisitesContrats1766200000000 } from './1766200000000-visites-contrats';
import { StepsThatMeasure1766200000001 } from './1766200000001-steps-that-measure';
import { WholeTemplates1766200000002 } from './1766200000002-whole-templates';
import { ReadingsGoWithTheMachine1766200000003 } from './1766200000003-readings-go-with-the-machine';
import { Coffre1766300000000 } from './1766300000000-coffre';
import { Rotations1766300000001 } from './1766300000001-rotations';
import { Moments1766350000000 } from './1766350000000-moments';
import { Parametres1766400000000 } from './1766400000000-parametres';
import { RapportsDemandes1766400100000 } from './1766400100000-rapports-demandes';
import { Channels1766500000000 } from './1766500000000-channels';
import { NotificationRules1766500010000 } from './1766500010000-notification-rules';
import { SmsAndPush1766550000000 } from './1766550000000-sms-and-push';
import { Evenements1766600000000 } from './1766600000000-evenements';
import { Webhooks1766700000000 } from './1766700000000-webhooks';
import { RefusedAddresses1766800000000 } from './1766800000000-refused-addresses';
import { Prestations1767000000000 } from './1767000000000-prestations';
import { RendezVous1767100000000 } from './1767100000000-rendez-vous';
import { Reservation1767110000000 } from './1767110000000-reservation';
import { SuiviRendezVous1767120000000 } from './1767120000000-suivi-rendez-vous';
import { Agendas1767130000000 } from './1767130000000-agendas';
import { Series1767200000000 } from './1767200000000-series';
import { ListesAttente1767200010000 } from './1767200010000-listes-attente';
import { Attentes1767210000000 } from './1767210000000-attentes';
import { CourrierEtAvis1767210010000 } from './1767210010000-courrier-et-avis';
import { Membre1767300000000 } from './1767300000000-membre';
import { Cabinets1767310000000 } from './1767310000000-cabinets';
import { Patients1767320000000 } from './1767320000000-patients';
import { Dossiers1767330000000 } from './1767330000000-dossiers';
import { Fusions1767340000000 } from './1767340000000-fusions';
import { Conservation1767340000010 } from './1767340000010-conservation';
import { DemandesDroits1767340000020 } from './1767340000020-demandes-droits';
import { RendezVousCabinet1767350000000 } from './1767350000000-rendez-vous-cabinet';
import { ElementsDossier1767360000000 } from './1767360000000-elements-dossier';
import { Consultations1767360000001 } from './1767360000001-consultations';
import { EcritsExamens1767370000000 } from './1767370000000-ecrits-examens';
import { BrisDeGlace1767380000001 } from './1767380000001-bris-de-glace';
import { PatientsComptes1767380000002 } from './1767380000002-patients-comptes';
import { DossiersDesPatients1767380000003 } from './1767380000003-dossiers-des-patients';
import { BilansAcces1767380000004 } from './1767380000004-bilans-acces';
import { ExportsDossier1767390000001 } from './1767390000001-exports-dossier';
import { CodesCim101767390000002 } from './1767390000002-codes-cim10';
import { PagesDesPatients1767400000000 } from './1767400000000-pages-des-patients';
import { AttentesPatients1767410000000 } from './1767410000000-attentes-patients';
import { Publications1767420000000 } from './1767420000000-publications';
import { ComptesPurges1767420000001 } from './1767420000001-comptes-purges';
import { Deces1767430000000 } from './1767430000000-deces';

/** In order. A migration that has been released is never changed. */
export const MIGRATIONS = [
  Initial1764000000000,
  Identity1764100000000,
  Audit1764200000000,
  Rapports1764300000000,
  Reach1764400000000,
  DemandesAuthor1764500000000,
  LocalTime1764600000000,
  Refusals1764700000000,
  Search1764800000000,
  HandOver1764900000000,
  Maintenance1765000000000,
  SealedOrders1765100000000,
  WorkingTime1765200000000,
  MessagesInOrder1765250000000,
  TextEncodings1765260000000,
  Occupations1765300000000,
  ServiceLevels1765400000000,
  Habilitations1765500000000,
  Propositions1765600000000,
  Calendriers1765700000000,
  Stock1765800000000,
  Preventif1765900000000,
  Equipements1766000000000,
  Work1766100000000,
  VisitesContrats1766200000000,
  StepsThatMeasure1766200000001,
  WholeTemplates1766200000002,
  ReadingsGoWithTheMachine1766200000003,
  Coffre1766300000000,
  Rotations1766300000001,
  Moments1766350000000,
  Parametres1766400000000,
  RapportsDemandes1766400100000,
  Channels1766500000000,
  NotificationRules1766500010000,
  SmsAndPush1766550000000,
  Evenements1766600000000,
  Webhooks1766700000000,
  RefusedAddresses1766800000000,
  Prestations1767000000000,
  RendezVous1767100000000,
  Reservation1767110000000,
  SuiviRendezVous1767120000000,
  Agendas1767130000000,
  Series1767200000000,
  ListesAttente1767200010000,
  Attentes1767210000000,
  CourrierEtAvis1767210010000,
  Membre1767300000000,
  Cabinets1767310000000,
  Patients1767320000000,
  Dossiers1767330000000,
  Fusions1767340000000,
  Conservation1767340000010,
  DemandesDroits1767340000020,
  RendezVousCabinet1767350000000,
  ElementsDossier1767360000000,
  Consultations1767360000001,
  EcritsExamens1767370000000,
  BrisDeGlace1767380000001,
  PatientsComptes1767380000002,
  DossiersDesPatients1767380000003,
  BilansAcces1767380000004,
  ExportsDossier1767390000001,
  CodesCim101767390000002,
  PagesDesPatients1767400000000,
  AttentesPatients1767410000000,
  Publications1767420000000,
  ComptesPurges1767420000001,
  Deces1767430000000,
];
