import { ESSAIS_EXPORT, type EtatExport, REMISE, suiteExport } from '../../../src/domain/cabinet/exports';

/** What follows of a copy of a record, from its row alone. */

const NOW = Date.parse('2026-11-29T09:00:00Z');
const at = (ms: number) => new Date(NOW + ms);
const etat = (given: Partial<EtatExport>): EtatExport => ({
  statut: 'en_cours',
  date_creation: at(-1_000),
  date_expiration: null,
  date_remise: null,
  date_effacement: null,
  ...given,
});

it('one that is asked for is made, and given up after a day', () => {
  expect(suiteExport(etat({}), false, NOW)).toEqual({ acte: 'etablir' });
  expect(suiteExport(etat({ date_creation: at(-ESSAIS_EXPORT - 1) }), false, NOW)).toEqual({
    acte: 'abandonner',
  });
});

it('one that is there waits for whoever asked, and is gone after its time', () => {
  const there = etat({ statut: 'pret', date_expiration: at(5_000) });
  expect(suiteExport(there, false, NOW)).toEqual({ attendre: 5_000 });
  expect(suiteExport(there, false, NOW + 5_000)).toEqual({ acte: 'effacer' });
});

it('one that was handed over is gone when they have it, and not while they fetch it', () => {
  const handed = etat({ statut: 'remis', date_expiration: at(5_000), date_remise: at(-10) });
  expect(suiteExport(handed, true, NOW)).toEqual({ acte: 'effacer' });
  expect(suiteExport(handed, false, NOW)).toEqual({ attendre: REMISE - 10 });
  expect(suiteExport(handed, false, NOW + REMISE)).toEqual({ acte: 'effacer' });
});

it('what is left of one that failed or is over is removed, once', () => {
  for (const statut of ['echoue', 'expire'] as const) {
    expect(suiteExport(etat({ statut }), false, NOW)).toEqual({ acte: 'effacer' });
    expect(suiteExport(etat({ statut, date_effacement: at(0) }), false, NOW)).toEqual({ acte: 'rien' });
  }
});
