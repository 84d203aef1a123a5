import { alertesOf } from '../../../src/domain/cabinet/allergenes';

const found = (drug: { dci?: string; specialite?: string }, substance: string) =>
  alertesOf([{ dci: null, specialite: null, ...drug }], [{ id: 7, substance }]).map(
    ({ raison, classe }) => classe ?? raison,
  );

describe('a line against the known allergies', () => {
  it.each([
    ['Amoxicilline', 'amoxicilline', 'substance'],
    ['amoxicilline / acide clavulanique', 'AMOXICILLINES', 'substance'],
    ['Amoxicilline', 'Pénicillines', 'pénicillines'],
    ['amoxicilline', 'allergie à la penicilline', 'pénicillines'],
    ['Ampicilline', 'Amoxicilline', 'pénicillines'],
    ['Céfixime', 'bêta-lactamines', 'céphalosporines'],
    ['cefixime 200 mg', 'Betalactamines', 'céphalosporines'],
    ['Ibuprofène', 'AINS', 'anti-inflammatoires non stéroïdiens'],
    ['Ibuprofène', 'Anti-inflammatoires non stéroïdiens', 'anti-inflammatoires non stéroïdiens'],
    ['Ibuprofène', 'aspirine', 'anti-inflammatoires non stéroïdiens'],
    ['Acide acétylsalicylique', 'Aspirine', 'substance'],
    ['Sulfaméthoxazole', 'Sulfamides', 'sulfamides'],
    ['Codéine', 'morphiniques', 'opioïdes'],
  ])('finds %s for %s', (dci, substance, raison) => {
    expect(found({ dci }, substance)).toEqual([raison]);
  });

  it('knows usual brands by what they hold, on either side', () => {
    expect(found({ specialite: 'AUGMENTIN 1 g' }, 'pénicilline')).toEqual(['pénicillines']);
    expect(found({ specialite: 'Kardégic' }, 'aspirine')).toEqual(['substance']);
    expect(found({ dci: 'amoxicilline' }, 'Clamoxyl')).toEqual(['substance']);
  });

  it.each([
    ['Paracétamol', 'Pénicilline'],
    ['Acide clavulanique', 'acide acétylsalicylique'],
    ['Paracétamol', 'arachide'],
    ['Azithromycine', 'amoxicilline'],
    ['Céfixime', 'amoxicilline'],
  ])('leaves %s to who does not bear %s', (dci, substance) => {
    expect(found({ dci }, substance)).toEqual([]);
  });

  it('names each line and allergy once', () => {
    const lignes = [
      { dci: 'Paracétamol', specialite: null },
      { dci: 'Amoxicilline', specialite: 'Clamoxyl' },
    ];
    expect(
      alertesOf(lignes, [
        { id: 1, substance: 'Amoxicilline' },
        { id: 2, substance: 'pénicillines' },
      ]),
    ).toEqual([
      { ligne: 1, allergie_id: 1, substance: 'Amoxicilline', raison: 'substance', classe: null },
      { ligne: 1, allergie_id: 2, substance: 'pénicillines', raison: 'classe', classe: 'pénicillines' },
    ]);
  });
});
