/** The workflows of Régie, as the worker loads them. */
export { agendas } from './agendas';
export { brisDeGlace } from './bris-de-glace';
export { demandeDroits, purge } from './conservation';
export { consultation } from './consultations';
export { relectureDocuments, rotationCles } from './documents';
export { examen } from './examens';
export { exportDossier } from './exports';
export { intervention } from './interventions';
export { lienMotDePasse } from './liens-mot-de-passe';
export { messagerie } from './messagerie';
export { nettoyage } from './nettoyage';
export { echeancePreventif } from './preventif';
export { applicationProposition, proposition } from './propositions';
export { rapport } from './rapports';
export { reconciliation } from './reconciliation';
export { rendezVous } from './rendez-vous';
export { distributionWebhooks, webhook } from './webhooks';
