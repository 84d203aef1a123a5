import { clip, countLines, foldLines, foldToLine } from '../../src/domain/lines';
import { growsWithAmount } from '../support/growth';

/** Every line break of Unicode. */
const BREAKS = ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'];

describe('a text of several lines', () => {
  it('is kept with one kind of line break, and one empty line at most between two others', () => {
    expect(foldLines('  un\r\ndeux\n\n \t\n\ntrois \n\n')).toBe('un\ndeux\n\ntrois');
    expect(foldLines('tel\n\nquel')).toBe('tel\n\nquel');
  });

  it.each(BREAKS.map((lineBreak) => [JSON.stringify(lineBreak), lineBreak]))(
    'has lines by %s too',
    (_, lineBreak) => {
      expect(foldLines(`a${lineBreak.repeat(500)}b`)).toBe('a\n\nb');
      expect(countLines(`a${lineBreak}b`)).toBe(2);
      expect(foldToLine(`a${lineBreak.repeat(500)}b`)).toBe('a b');
    },
  );

  it('of nothing but line breaks is empty', () => {
    expect(BREAKS.map((lineBreak) => foldLines(` ${lineBreak}`.repeat(1_000)))).toEqual(BREAKS.map(() => ''));
  });

  it('takes time in proportion to its length', () => {
    expect(growsWithAmount((times) => foldLines('\n \t'.repeat(times * 50_000)))).toBe(true);
    expect(growsWithAmount((times) => foldLines(' '.repeat(times * 250_000)))).toBe(true);
    expect(growsWithAmount((times) => foldToLine('\n\r'.repeat(times * 100_000)))).toBe(true);
  });
});

describe('as much of a text as there is room for', () => {
  const room = { caracteres: 10, lignes: 3 };

  it('is all of a short one', () => {
    expect(clip('dix lettre', room)).toBe('dix lettre');
    expect(clip('1\n2\n3', room)).toBe('1\n2\n3');
  });

  it('ends in an ellipsis where characters or lines were left out', () => {
    expect(clip('onze lettre', room)).toBe('onze lettr…');
    expect(clip('1\n2\n3\n4', room)).toBe('1\n2\n3 …');
    expect(clip('\u2028'.repeat(9), room).split('\u2028')).toHaveLength(1);
  });

  it('counts letters, not their halves', () => {
    expect(clip('😀'.repeat(10), room)).toBe('😀'.repeat(10));
    expect(clip('😀'.repeat(11), room)).toBe(`${'😀'.repeat(10)}…`);
  });
});
