import { alertesOf } from '../../../src/domain/cabinet/alertes-dossier';

/** What is seen first of a record. */

it('is severe allergies, then that nobody has asked of any, then one’s own drafts', () => {
  const allergies = [
    { id: 1, contenu: { severite: 'legere' as const } },
    { id: 2, contenu: { severite: 'severe' as const } },
    { id: 3, contenu: { severite: null } },
  ];
  const consultations = [
    { id: 7, statut: 'signee' as const },
    { id: 8, statut: 'brouillon' as const },
  ];
  expect(alertesOf({ etat: 'connues', allergies, consultations })).toEqual([
    { type: 'allergie_severe', id: 2 },
    { type: 'brouillon_non_signe', id: 8 },
  ]);
  expect(alertesOf({ etat: 'non_renseignees', allergies: [], consultations: [] })).toEqual([
    { type: 'allergies_non_renseignees', id: null },
  ]);
  expect(alertesOf({ etat: 'aucune_connue', allergies: [], consultations: [] })).toEqual([]);
});
