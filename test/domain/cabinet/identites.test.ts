import {
  changedIdentite,
  type Identifiant,
  type Identite,
  identiteFaults,
  isNir,
  normalisedIdentifiant,
} from '../../../src/domain/cabinet/identites';

const identite = (given: Partial<Identite> = {}): Identite => ({
  nom_naissance: 'Benali',
  prenoms: 'Samira',
  sexe: 'F',
  date_naissance: '1962-03-14',
  lieu_naissance: null,
  statut_identite: 'qualifiee',
  justificatif: 'passeport',
  ...given,
});
const INS: Identifiant = { type: 'ins_nia', valeur: '1' };

describe('an identity', () => {
  it.each([
    ['nom_naissance', 'Alami'],
    ['prenoms', 'Samia'],
    ['sexe', 'M'],
    ['date_naissance', '1962-03'],
    ['lieu_naissance', 'Fès'],
  ])('is provisional again once %s is another', (trait, value) => {
    expect(changedIdentite(identite(), { [trait]: value })).toEqual(
      identite({ [trait]: value, statut_identite: 'provisoire', justificatif: null }),
    );
    // Said again it is the same.
    const same = { [trait]: identite()[trait as keyof Identite] };
    expect(changedIdentite(identite(), same)).toEqual(identite());
    // Somebody who has seen the paper says so with the change.
    const checked = { [trait]: value, statut_identite: 'validee', justificatif: 'carte_identite' } as const;
    expect(changedIdentite(identite(), checked)).toEqual(identite(checked));
  });

  it('keeps no paper where its state rests on none', () => {
    expect(changedIdentite(identite(), { statut_identite: 'recuperee' })).toMatchObject({
      justificatif: null,
    });
  });

  it.each([
    ['provisoire', null, [], []],
    ['provisoire', 'passeport', [], ['justificatif']],
    ['validee', 'passeport', [], []],
    ['validee', null, [INS], ['justificatif']],
    ['recuperee', null, [INS], []],
    ['recuperee', null, [], ['identifiants']],
    ['qualifiee', 'passeport', [INS], []],
    ['qualifiee', null, [], ['justificatif', 'identifiants']],
  ] as const)('%s with %s and %j may be: %j', (statut_identite, justificatif, identifiants, faults) => {
    const found = identiteFaults(identite({ statut_identite, justificatif }), identifiants);
    expect(found.map(({ champ }) => champ)).toEqual(faults);
  });
});

describe('a number', () => {
  it('is the same however it is written', () => {
    for (const valeur of ['bk 123-456', 'BK.123.456', ' bk123456 ', 'ＢＫ１２３４５６']) {
      expect(normalisedIdentifiant(valeur)).toBe('BK123456');
    }
  });

  it.each([
    ['255081416802538', true],
    ['255081416802539', false],
    // Of both parts of Corsica, as they are checked.
    ['2550214A0802538', false],
    ['180042A00100112', true],
    ['255022B16802528', true],
    ['25508141680253', false],
    ['955081416802538', false],
  ])('%s is a social security number: %s', (valeur, expected) => {
    expect(isNir(valeur)).toBe(expected);
  });
});
