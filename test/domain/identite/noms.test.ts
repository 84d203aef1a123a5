import { isOneLine, isPlainName } from '../../../src/domain/identite/noms';
import { growsWithAmount } from '../../support/growth';

/** Which names are taken and which are not is told name by name in `test/attacks/pretences.test.ts`. */

describe('a name', () => {
  it('is looked at in a time that grows with its length and no faster, whatever it is made of', () => {
    for (const piece of ['A.', 'a', '.', 'A', 'é', 'e\u0301', 'ﷺ', '\u200d', 'www', ':', 'A.Ab', ' ']) {
      const texts = { 1: piece.repeat(20_000 / piece.length), 4: piece.repeat(80_000 / piece.length) };
      expect([piece, growsWithAmount((times) => isPlainName(texts[times]))]).toEqual([piece, true]);
    }
  });

  it('is the same name in whichever form its accents are written', () => {
    for (const form of ['NFC', 'NFD'] as const) {
      expect(isPlainName('Zoé Lê Thị'.normalize(form))).toBe(true);
      expect(isPlainName('été.fr'.normalize(form))).toBe(false);
    }
  });
});

describe('a line', () => {
  it('may hold an address, as a title does, but nothing that is not to be seen', () => {
    expect(isOneLine('Voir https://exemple.ma')).toBe(true);
    for (const text of ['a\nb', 'a\u2029b', 'a\u202eb', 'a\u200fb', 'a\u0007b', 'a\u{e0041}b']) {
      expect([text, isOneLine(text)]).toEqual([text, false]);
    }
  });
});
