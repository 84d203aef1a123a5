import {
  type ActionConsultation,
  isVisible,
  type Note,
  RELANCES,
  relancesAt,
  requireStatut,
  STATUTS_CONSULTATION,
  type StatutConsultation,
  signatureFaults,
} from '../../../src/domain/cabinet/consultations';

/** What may become of a consultation. */

const answer = (action: ActionConsultation, statut: StatutConsultation): string => {
  try {
    requireStatut(action, statut);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a consultation', () => {
  it('is changed, signed or given up as a draft, added to, invalidated or published once signed, and never anything else', () => {
    const table = Object.fromEntries(
      (['modifier', 'abandonner', 'signer', 'ajouter', 'invalider', 'publier', 'retirer'] as const).map(
        (action) => [action, STATUTS_CONSULTATION.map((statut) => answer(action, statut))],
      ),
    );
    const [draft, signed] = [
      ['ok', 'SIGNEE', 'TRANSITION_INVALIDE', 'SIGNEE'],
      ['TRANSITION_INVALIDE', 'ok', 'TRANSITION_INVALIDE', 'TRANSITION_INVALIDE'],
    ];
    expect(table).toEqual({
      modifier: draft,
      abandonner: draft,
      signer: draft,
      ajouter: signed,
      invalider: signed,
      publier: signed,
      // Also of one that does not hold any more.
      retirer: ['TRANSITION_INVALIDE', 'ok', 'TRANSITION_INVALIDE', 'ok'],
    });
  });

  it('is signed when something was seen, thought or decided', () => {
    const note: Note = {
      motif: 'Fièvre',
      interrogatoire: null,
      examen: null,
      conclusion: null,
      conduite: null,
    };
    expect(signatureFaults(note).map(({ champ }) => champ)).toEqual(['conclusion']);
    for (const partie of ['interrogatoire', 'examen', 'conclusion', 'conduite']) {
      expect(signatureFaults({ ...note, [partie]: 'Oui' })).toEqual([]);
    }
  });

  it('is its author’s alone until it is signed', () => {
    const seen = STATUTS_CONSULTATION.map((statut) => [isVisible(statut, 1, 1), isVisible(statut, 1, 2)]);
    expect(seen).toEqual([
      [true, false],
      [true, true],
      [true, false],
      [true, true],
    ]);
  });

  it('that nobody has signed is told of after a day, three and seven, and no more', () => {
    const HOUR = 3_600_000;
    const at = (hours: number) => {
      const { dues, prochaine } = relancesAt(0, hours * HOUR);
      return [dues.map(({ rang, a }) => `${rang} ${a}`), prochaine === null ? null : prochaine / HOUR];
    };
    expect(at(0)).toEqual([[], 24]);
    expect(at(23.9)).toEqual([[], 24]);
    expect(at(24)).toEqual([['0 auteur'], 72]);
    expect(at(100)).toEqual([['0 auteur', '1 auteur'], 168]);
    expect(at(168)).toEqual([['0 auteur', '1 auteur', '2 gerant'], null]);
    expect(RELANCES).toHaveLength(3);
  });
});
