import {
  DELAI,
  DELAI_CRITIQUE,
  type EtatExamen,
  prochainDe,
  statutApresDecision,
} from '../../../src/domain/cabinet/examens';

const etat = (given: Partial<EtatExamen>): EtatExamen => ({
  statut: 'attendu',
  critique: false,
  attendu: 1_000,
  recu: null,
  retard_dit: false,
  niveau: 0,
  ...given,
});

describe('what comes next of an examen', () => {
  it('is nothing of one that nobody said a day for, and of one that is decided on', () => {
    expect(prochainDe(etat({ statut: 'demande', attendu: null }))).toBeNull();
    expect(prochainDe(etat({ statut: 'vu', recu: 5 }))).toBeNull();
  });

  it('is that it is late, once', () => {
    expect(prochainDe(etat({}))).toEqual({ date: 1_000, attente: 'retard' });
    expect(prochainDe(etat({ retard_dit: true }))).toBeNull();
  });

  it.each([
    [false, DELAI],
    [true, DELAI_CRITIQUE],
  ])(
    'is its author, who stands in, who runs the practice, each as long after the other (critical: %s)',
    (critique, delai) => {
      const recu = 5_000;
      const next = (niveau: number) => prochainDe(etat({ statut: 'recu', critique, recu, niveau }));
      expect(next(0)).toEqual({ date: recu + delai, attente: 'auteur' });
      expect(next(1)).toEqual({ date: recu + 2 * delai, attente: 'remplacant' });
      expect(next(2)).toEqual({ date: recu + 3 * delai, attente: 'gerant' });
      expect(next(3)).toBeNull();
    },
  );

  it('is of a partial one whichever comes first: that nobody has seen it, or that the rest is late', () => {
    const partial = etat({ statut: 'partiel', recu: 0 });
    expect(prochainDe(partial)).toEqual({ date: 1_000, attente: 'retard' });
    expect(prochainDe({ ...partial, attendu: DELAI * 2 })).toEqual({ date: DELAI, attente: 'auteur' });
  });
});

it('goes on waiting for the rest of what was partial, unless nobody wants it any more', () => {
  expect(statutApresDecision('partiel', 'normal', true)).toBe('attendu');
  expect(statutApresDecision('partiel', 'normal', false)).toBe('demande');
  expect(statutApresDecision('partiel', 'sans_objet', true)).toBe('vu');
  expect(statutApresDecision('recu', 'a_convoquer', true)).toBe('vu');
  expect(statutApresDecision('attendu', 'sans_objet', true)).toBe('vu');
});
