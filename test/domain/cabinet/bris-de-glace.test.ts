import {
  DELAI_REVUE,
  DEMANDES_MAX,
  dueOf,
  type FaitsBris,
  nextOf,
  reviewersOf,
} from '../../../src/domain/cabinet/bris-de-glace';
import { ecrireCode, lireCode } from '../../../src/domain/cabinet/liaison';

const NOW = Date.UTC(2026, 10, 29, 10);
const HOUR = 3_600_000;
const at = (milliseconds: number) => new Date(NOW + milliseconds);
const FRESH: FaitsBris = {
  date_fin: at(HOUR),
  averti_le: null,
  demandes: 0,
  demandee_le: null,
  revue_le: null,
};
const ASKED: FaitsBris = { ...FRESH, averti_le: at(0), demandes: 1, demandee_le: at(0) };

describe('what follows from a break-glass', () => {
  it('is at once that the patient is told and the review asked for', () => {
    expect(dueOf(FRESH, NOW)).toEqual({ avertir: true, demander: true });
    expect(nextOf(FRESH, NOW)).toEqual({ date: NOW, attente: 'revue' });
  });

  it('is that it closes, then that the review is asked for again, and nothing once there is one', () => {
    expect(dueOf(ASKED, NOW + 1)).toEqual({ avertir: false, demander: false });
    expect(nextOf(ASKED, NOW + 1)).toEqual({ date: NOW + HOUR, attente: 'fin' });
    expect(nextOf(ASKED, NOW + HOUR)).toEqual({ date: NOW + DELAI_REVUE, attente: 'revue' });
    expect(dueOf(ASKED, NOW + DELAI_REVUE).demander).toBe(true);
    const reviewed = { ...ASKED, revue_le: at(1) };
    expect(nextOf(reviewed, NOW + 2)).toEqual({ date: NOW + HOUR, attente: 'fin' });
    expect(nextOf(reviewed, NOW + HOUR)).toBeNull();
    expect(dueOf(reviewed, NOW + DELAI_REVUE).demander).toBe(false);
  });

  it('ends when it was asked for often enough', () => {
    const tired = { ...ASKED, demandes: DEMANDES_MAX };
    expect(dueOf(tired, NOW + DELAI_REVUE).demander).toBe(false);
    expect(nextOf(tired, NOW + HOUR)).toBeNull();
  });

  it('is asked of one, then of all, never of whoever opened the record', () => {
    expect(reviewersOf([3, 1, 2], { auteur: 9, demandes: 0 })).toEqual([3]);
    expect(reviewersOf([3, 1, 2], { auteur: 3, demandes: 0 })).toEqual([1]);
    expect(reviewersOf([3, 1, 2], { auteur: 1, demandes: 1 })).toEqual([3, 2]);
    expect(reviewersOf([3], { auteur: 3, demandes: 4 })).toEqual([]);
  });
});

describe('a code that an account shows', () => {
  const code = ecrireCode(1042, Buffer.from([7, 20, 2, 3, 255, 0, 31, 24, 28, 11]));

  it('is read as people write it', () => {
    expect(code).toMatch(/^1042-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(lireCode(code)).toEqual({ userId: 1042, code });
    expect(lireCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toEqual({ userId: 1042, code });
    expect(lireCode(code.replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual({ userId: 1042, code });
  });

  it('is none that names no account', () => {
    for (const given of ['', '1042', 'ABCDE-FGHJK', '1042-ABCDE', `${code}9`])
      expect(lireCode(given)).toBeNull();
  });
});
