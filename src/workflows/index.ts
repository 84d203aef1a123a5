/** The workflows of Régie, as the worker loads them. */
export { intervention } from './interventions';
export { lienMotDePasse } from './liens-mot-de-passe';
export { messagerie } from './messagerie';
export { nettoyage } from './nettoyage';
export { reconciliation } from './reconciliation';
