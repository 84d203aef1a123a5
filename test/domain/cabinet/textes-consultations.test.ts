import {
  type ContenuConsultation,
  consultationText,
  TITRES_CONSULTATION,
} from '../../../src/domain/cabinet/textes-consultations';
import { isOf, isSystemTitle } from '../../../src/domain/messages';
import { LANGUES } from '../../../src/domain/writing';

/** What is told of a draft: its number and how long it has been, in every language. */

const told = (a: 'auteur' | 'gerant', heures: number): ContenuConsultation => ({
  modele: 'consultation_a_signer',
  donnees: { consultation_id: 481516, heures, a },
});

it('is a number and a time, to who wrote it in hours and to who runs the practice in days', () => {
  expect(consultationText(told('auteur', 72), 'fr')).toEqual({
    titre: 'Consultation à signer',
    message: 'Votre consultation n° 481516 est un brouillon depuis 72 heures : signez-la',
    type: 'warning',
  });
  expect(consultationText(told('gerant', 168), 'en')).toEqual({
    titre: 'Consultation to sign',
    message: 'Consultation no. 481516 of a doctor of the practice has been a draft for 7 days',
    type: 'error',
  });
  for (const langue of LANGUES) {
    expect(consultationText(told('auteur', 24), langue).message).toMatch(/481516.*24/);
    expect(consultationText(told('gerant', 168), langue).message).toMatch(/481516.*7/);
  }
  expect(TITRES_CONSULTATION.map(isSystemTitle)).toEqual([true, true, true]);
  expect(isOf(told('auteur', 24), 'consultation')).toBe(true);
});
