import { addMonths, echeanceOf, LIVREES, politiquesOf } from '../../../src/domain/cabinet/conservation';

/** When the record of a patient has been kept for as long as it is. */

const FR = politiquesOf('FR', []);
const born = (date: string, precision: 'jour' | 'mois' | 'annee' = 'jour') => ({ date, precision });

it.each([
  ['an adult, twenty years after the last act', '2004-05-06', born('1950-01-01'), '2024-05-06'],
  ['a child, until they are twenty-eight', '2004-05-06', born('2003-03-04'), '2031-03-04'],
  ['somebody seen last as a child, twenty years after', '2020-01-31', born('2003-03-04'), '2040-01-31'],
  [
    'a child born some day of a month, from its last day',
    '2004-05-06',
    born('2003-02-01', 'mois'),
    '2031-02-28',
  ],
  [
    'a child born some day of a year, from its last day',
    '2004-05-06',
    born('2003-01-01', 'annee'),
    '2031-12-31',
  ],
  ['a leap day, the day after the last of February', '2004-02-29', born('1950-01-01'), '2024-02-29'],
])('is due for %s', (_, dernierActe, naissance, expected) => {
  expect(echeanceOf(FR, { dernierActe, naissance, deces: null })).toBe(expected);
});

it('is never due where nobody has said how long', () => {
  const patient = { dernierActe: '1950-01-01', naissance: born('1900-01-01'), deces: null };
  expect(echeanceOf(politiquesOf('MA', []), patient)).toBeNull();
  const source = 'Le cabinet';
  expect(echeanceOf(politiquesOf('MA', [{ ancre: 'majorite', duree_mois: 12, source }]), patient)).toBeNull();
  const declared = politiquesOf('MA', [{ ancre: 'dernier_acte', duree_mois: 12, source }]);
  expect(echeanceOf(declared, patient)).toBe('1951-01-01');
});

it('is counted from a death too, where a practice says how long, for whom it concerns, and never shortens the rest', () => {
  const source = 'Le cabinet';
  const declared = politiquesOf('FR', [{ ancre: 'deces', duree_mois: 120, source }]);
  const of = (dernierActe: string, deces: string | null) =>
    echeanceOf(declared, { dernierActe, naissance: born('1950-01-01'), deces });
  expect(of('2004-05-06', null)).toBe('2024-05-06');
  expect(of('2004-05-06', '2004-06-01')).toBe('2024-05-06');
  expect(of('2004-05-06', '2020-06-01')).toBe('2030-06-01');
  // Nothing is shipped for it, and alone it says nothing.
  expect(
    echeanceOf(FR, { dernierActe: '2004-05-06', naissance: born('1950-01-01'), deces: '2020-06-01' }),
  ).toBe('2024-05-06');
  const alone = politiquesOf('MA', [{ ancre: 'deces', duree_mois: 120, source }]);
  const dead = { dernierActe: '2004-05-06', naissance: born('1950-01-01'), deces: '2004-06-01' };
  expect(echeanceOf(alone, dead)).toBeNull();
});

it('is what a practice declares, in the place of what is shipped, each of which says where it comes from', () => {
  const own = { ancre: 'dernier_acte', duree_mois: 360, source: 'Contrat' } as const;
  expect(politiquesOf('FR', [own])).toEqual([own, LIVREES.FR![1]]);
  for (const { source } of Object.values(LIVREES).flat()) expect(source).toMatch(/\w{4}/);
});

it('counts months as calendars do', () => {
  expect(addMonths('2023-01-31', 1)).toBe('2023-03-03');
  expect(addMonths('2023-11-30', 3)).toBe('2024-03-01');
  expect(addMonths('1899-12-31', 24)).toBe('1901-12-31');
});
