import { isOf, isSystemTitle, messageText } from '../../../src/domain/messages';
import type { DonneesContrat } from '../../../src/domain/parc/textes';

const donnees: DonneesContrat = {
  contrat_id: 3,
  reference: 'C-2027-014',
  client: 'Salma Alaoui',
  site: 'Usine',
  date_fin: '2027-12-31',
  visites_incluses: 2,
  visites_faites: 2,
};

it('a contract that ends, and visits that are used up, are told in the language of the reader', () => {
  expect(messageText({ modele: 'contrat_fin', donnees }, 'fr')).toEqual({
    titre: 'Contrat bientôt terminé',
    message: 'Le contrat C-2027-014 de Salma Alaoui se termine le 31/12/2027',
    type: 'warning',
  });
  expect(messageText({ modele: 'contrat_visites', donnees }, 'en')).toEqual({
    titre: 'Visits used up',
    message: 'Contract C-2027-014 of Salma Alaoui includes 2 visit(s), and 2 have been made',
    type: 'warning',
  });
  const contenu = { modele: 'contrat_fin', donnees } as const;
  expect([isOf(contenu, 'contrat'), isOf(contenu, 'stock')]).toEqual([true, false]);
  // Nobody writes as if the system did.
  expect(['visites  ÉPUISÉES', 'Contract about to end!'].map(isSystemTitle)).toEqual([true, true]);
});
