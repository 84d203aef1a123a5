import {
  type Allergie,
  type AllergieEnVigueur,
  type Contenus,
  codeCim10,
  ELEMENTS,
  elementFaults,
  endedByAllergie,
  etatAllergies,
  NATURES,
  type Nature,
  requireChangeable,
  STATUTS_ELEMENT,
  statutsOf,
} from '../../../src/domain/cabinet/elements';
import { parseNaissance } from '../../../src/domain/cabinet/naissances';

/** What may stand in a record. */

const now = Date.parse('2026-11-29T12:00:00Z');
const contexte = { naissance: parseNaissance('1962-03-14')!, pays: 'MA', now };
const fields = <N extends Nature>(nature: N, contenu: Contenus[N]) =>
  elementFaults(nature, contenu, new Date(now), contexte).map(({ champ }) => champ);

const antecedent = {
  type: 'medical',
  texte: 'Asthme',
  code: null,
  date_debut: null,
  lien: null,
  source_tiers: false,
} as const;
const diagnostic = { texte: 'Diabète', code: null, certitude: 'confirme', date_debut: null } as const;
const traitement = {
  medicament: 'Metformine',
  code: null,
  posologie: null,
  motif: null,
  prescripteur: null,
  date_debut: null,
  date_fin: null,
};
const couverture = {
  organisme: 'CNSS',
  immatriculation: null,
  qualite: 'assure',
  taux: null,
  date_debut: null,
  date_fin: null,
} as const;
const allergie = (given: Partial<Allergie> = {}): Allergie => ({
  aucune_connue: false,
  substance: null,
  categorie: null,
  reaction: null,
  severite: null,
  certitude: null,
  date_debut: null,
  ...given,
});

describe('a kind of entry', () => {
  it('begins as one of its states, and each but a consent may turn out to be an error', () => {
    for (const nature of NATURES) {
      const statuts = statutsOf(nature);
      expect(statuts.every((one) => STATUTS_ELEMENT.includes(one))).toBe(true);
      expect([nature, statuts[0], statuts.includes('erreur')]).toEqual([
        nature,
        'actif',
        nature !== 'consentement',
      ]);
    }
    const segments = NATURES.map((nature) => ELEMENTS[nature].segment);
    expect(new Set(segments).size).toBe(NATURES.length);
  });

  it('changes no more once it is an error', () => {
    for (const statut of STATUTS_ELEMENT) {
      const refused = () => requireChangeable(statut);
      if (statut === 'erreur') expect(refused).toThrow('entered in error');
      else expect(refused).not.toThrow();
    }
  });
});

describe('a date of a record', () => {
  it.each([
    ['1962', []],
    ['1962-03', []],
    ['1962-03-14', []],
    ['2026-11-30', []],
    ['1961', ['date_debut']],
    ['1962-02', ['date_debut']],
    ['1962-03-13', ['date_debut']],
    ['2026-12-01', ['date_debut']],
    ['2026-02-30', ['date_debut']],
  ])('%s of a diagnosis: %j', (date_debut, expected) => {
    expect(fields('diagnostic', { ...diagnostic, date_debut })).toEqual(expected);
  });

  it('of a relative may be before the patient was born', () => {
    const given = { ...antecedent, type: 'familial', lien: 'Père', date_debut: '1950' } as const;
    expect(fields('antecedent', given)).toEqual([]);
    expect(fields('antecedent', { ...given, type: 'medical' })).toEqual(['date_debut', 'lien']);
  });

  it('ends no sooner than it begins, as far as both are known', () => {
    const dates = (date_debut: string | null, date_fin: string | null) =>
      fields('traitement', { ...traitement, date_debut, date_fin });
    expect(dates('2020-05', '2020')).toEqual([]);
    expect(dates('2020', '2020-05')).toEqual([]);
    expect(dates('2020-05', '2020-04-30')).toEqual(['date_fin']);
    expect(dates('2030', '2031')).toEqual([]);
    expect(dates('1950', null)).toEqual(['date_debut']);
    expect(dates(null, '2020-13')).toEqual(['date_fin']);
    expect(fields('couverture', { ...couverture, date_debut: '2020', date_fin: '2019' })).toEqual([
      'date_fin',
    ]);
  });
});

describe('a code', () => {
  it.each([
    ['E11.9', 'E11.9'],
    ['e119', 'E11.9'],
    ['I10', 'I10'],
    [' j45.0 ', 'J45.0'],
    ['Z29.+10', 'Z29.+10'],
    ['diabète', null],
    ['E1', null],
    ['E11.', null],
    ['11.9', null],
    ['', null],
  ])('%j is %j', (text, code) => {
    expect(codeCim10(text)).toBe(code);
    if (code !== null) expect(fields('diagnostic', { ...diagnostic, code })).toEqual([]);
  });

  it('that is none is refused, and none is needed', () => {
    expect(fields('diagnostic', { ...diagnostic, code: 'diabète' })).toEqual(['code']);
    expect(fields('diagnostic', diagnostic)).toEqual([]);
  });
});

describe('allergies', () => {
  const known = { statut: 'actif', contenu: allergie({ substance: 'Pénicilline' }) } as const;
  const none = { statut: 'actif', contenu: allergie({ aucune_connue: true }) } as const;
  const wrong: AllergieEnVigueur = { ...known, statut: 'erreur' };

  it('say to what, or that there is none and nothing else', () => {
    expect(fields('allergie', allergie())).toEqual(['substance']);
    expect(fields('allergie', allergie({ substance: 'Arachide' }))).toEqual([]);
    expect(fields('allergie', allergie({ aucune_connue: true }))).toEqual([]);
    expect(
      fields('allergie', allergie({ aucune_connue: true, substance: 'Arachide', severite: 'severe' })),
    ).toEqual(['substance', 'severite']);
  });

  it('are known, stated to be none, or nobody has asked', () => {
    expect(etatAllergies([])).toBe('non_renseignees');
    expect(etatAllergies([wrong])).toBe('non_renseignees');
    expect(etatAllergies([none, wrong])).toBe('aucune_connue');
    expect(etatAllergies([known])).toBe('connues');
  });

  it('contradict the statement that there are none: it is refused while one holds, and ended by one that comes later', () => {
    expect(() => endedByAllergie(none.contenu, [known])).toThrow('There are allergies on record');
    expect(endedByAllergie(none.contenu, [wrong])).toEqual([]);
    expect(endedByAllergie(known.contenu, [none, wrong])).toEqual([none]);
    expect(endedByAllergie(known.contenu, [known])).toEqual([]);
    // Asked again.
    expect(endedByAllergie(none.contenu, [none])).toEqual([none]);
  });
});

describe('somebody to call', () => {
  it('has a number that somebody can have, kept as it is dialled from anywhere', () => {
    const given = {
      ...({ qualite: 'parent', nom: 'Benali', prenoms: null } as const),
      ...{ email: null, adresse: null, precision: null },
      telephone: '06 61 23 45 67',
    };
    expect(fields('representant', given)).toEqual([]);
    expect(fields('representant', { ...given, telephone: '12' })).toEqual(['telephone']);
    expect(ELEMENTS.representant.normalise!(given, contexte).telephone).toBe('+212661234567');
  });
});
