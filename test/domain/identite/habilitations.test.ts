import {
  type Habilitation,
  isSameCompetence,
  missingQualification,
} from '../../../src/domain/identite/habilitations';

const valid = (
  competence: string,
  valide_du: string | null,
  valide_jusqu_au: string | null,
): Habilitation => ({
  competence,
  valide_du,
  valide_jusqu_au,
});
const lacks = (
  habilitations: Habilitation[],
  wanted: string[],
  days: string[],
  competences = ['Hydraulique', 'Électricité'],
) => missingQualification({ competences, habilitations }, wanted, days);

describe('skills', () => {
  it('are the same whatever their accents and case', () => {
    expect(isSameCompetence('Électricité', 'ELECTRICITE')).toBe(true);
    expect(isSameCompetence('soudure', 'soudures')).toBe(false);
  });

  it('of the plain list are valid without end', () => {
    expect(lacks([], ['hydraulique', 'electricite'], ['1999-01-01', '2090-01-01'])).toBeNull();
    expect(lacks([], [], ['2026-12-01'])).toBeNull();
    expect(lacks([], ['hydraulique', 'soudure'], ['2026-12-01'])).toBe('competence');
  });

  it('with an habilitation are valid from its first day to its last, both included', () => {
    const on = (...days: string[]) => lacks([valid('HT', '2026-01-01', '2026-12-18')], ['ht'], days);
    expect(on('2026-01-01')).toBeNull();
    expect(on('2026-12-18')).toBeNull();
    expect(on('2025-12-31')).toBe('habilitation_expiree');
    expect(on('2026-12-19')).toBe('habilitation_expiree');
    expect(on('2026-12-18', '2026-12-19')).toBe('habilitation_expiree');
    expect(lacks([valid('HT', null, null)], ['ht'], ['1999-01-01'])).toBeNull();
  });

  it('follow the dates of their habilitation, also where the plain list names them too', () => {
    const expired = [valid('electricite', null, '2026-11-30')];
    expect(lacks(expired, ['Électricité'], ['2026-12-01'])).toBe('habilitation_expiree');
    expect(lacks(expired, ['hydraulique'], ['2026-12-01'])).toBeNull();
  });

  it('are renewed by a further habilitation, which leaves no day between', () => {
    const days = ['2026-12-18', '2026-12-19'];
    const first = valid('HT', '2024-01-01', '2026-12-18');
    expect(lacks([first, valid('HT', '2026-12-19', null)], ['HT'], days)).toBeNull();
    expect(lacks([first, valid('HT', '2026-12-20', null)], ['HT'], days)).toBe('habilitation_expiree');
  });

  it('that are missing altogether are told before those that have expired', () => {
    const expired = [valid('HT', null, '2026-11-30')];
    expect(lacks(expired, ['HT', 'soudure'], ['2026-12-01'])).toBe('competence');
  });
});
