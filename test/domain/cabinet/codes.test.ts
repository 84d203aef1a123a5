import { cleDuCode, entreeCim10, rechercheDeCode, rechercheDuCode } from '../../../src/domain/cabinet/codes';

it('keeps a code in its form, and a label as it is read', () => {
  expect(entreeCim10(' e119 ', ' Diabète   de type 2 ')).toEqual({
    code: 'E11.9',
    libelle: 'Diabète de type 2',
  });
  expect(entreeCim10('I10', 'Hypertension')).toEqual({ code: 'I10', libelle: 'Hypertension' });
  for (const [code, label] of [
    ['A00-A09', 'Un bloc'],
    ['IX', 'Un chapitre'],
    ['E11.9', '  '],
    ['E11.9', 'x'.repeat(401)],
    ['', 'Sans code'],
  ] as const) {
    expect([code, entreeCim10(code, label)]).toEqual([code, null]);
  }
});

it('is found by its words, and by what was typed of its code', () => {
  expect(rechercheDuCode('Diabète de type 2, avec l’œil')).toBe(' diabete de type 2 avec l oeil');
  expect(cleDuCode('e11.9')).toBe('E119');
  expect(rechercheDeCode('e11.')).toEqual({ prefixe: 'E11', mots: ['e11'] });
  expect(rechercheDeCode('J')).toEqual({ prefixe: 'J', mots: ['j'] });
  expect(rechercheDeCode('Diabète type')).toEqual({ prefixe: null, mots: ['diabete', 'type'] });
  expect(rechercheDeCode('%_')).toEqual({ prefixe: null, mots: [] });
});
