import { ecart, errorsBetween, motsDuNom, texteDeRecherche } from '../../../src/domain/cabinet/recherche';

describe('the words of a name', () => {
  it.each([
    ['El Mâlti-Bénâli', ['el', 'malti', 'benali']],
    ['  O’Brien  d’Ångström ', ['o', 'brien', 'd', 'angstrom']],
    ['Lœtitia Straße', ['loetitia', 'strasse']],
    ['أَمِينَة', ['امينه']],
    ['ليلى', ['ليلي']],
    ['--', []],
  ])('of %s are %j', (nom, mots) => {
    expect(motsDuNom(nom)).toEqual(mots);
  });

  it('are there together too, where a name has several', () => {
    expect(texteDeRecherche('Ben Ali', null, 'Zoé')).toBe('ben ali benali zoe');
  });
});

describe('the gap to somebody', () => {
  const known = texteDeRecherche('Bénali-Tazi', 'Aït Ouakrim', 'Hicham');
  it.each([
    ['benali', 0],
    ['hicham benali', 0],
    ['aitouakrim', 0],
    ['bena', 0.5],
    ['bennali', 1],
    ['benlai', 1],
    ['hichem', 1],
    ['hixhxm', null],
    ['ouakrimm', 1],
    ['ben', 0.5],
    ['bon', null],
    ['benali martin', null],
  ])('of “%s” is %s', (tapes, expected) => {
    expect(ecart(motsDuNom(tapes), known)).toBe(expected);
  });
});

describe('errors', () => {
  it('are counted as one makes them, and the same both ways', () => {
    const words = ['benali', 'bennali', 'benlai', 'bnali', 'alami', 'a', '', 'lefebvre', 'lefevre'];
    for (const a of words) {
      for (const b of words) {
        expect([a, b, errorsBetween(a, b)]).toEqual([a, b, errorsBetween(b, a)]);
        expect(errorsBetween(a, b) === 0).toBe(a === b);
      }
    }
    expect(errorsBetween('benali', 'benlai')).toBe(1);
    expect(errorsBetween('lefebvre', 'lefevre')).toBe(1);
    expect(errorsBetween('kitten', 'sitting')).toBe(3);
  });
});
