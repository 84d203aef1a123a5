import { CONTRASTE_MINIMAL, contraste, encreSur, lisibleSurBlanc } from '../../src/domain/couleurs';

describe('the contrast of two colours', () => {
  it.each([
    ['#ffffff', '#000000', 21],
    ['#777777', '#777777', 1],
    // Published figures of WCAG's own checker.
    ['#ffffff', '#777777', 4.48],
    ['#ffffff', '#767676', 4.54],
    ['#0000ff', '#ffffff', 8.59],
  ])('of %s and %s is %d', (one, other, expected) => {
    expect(contraste(one, other)).toBeCloseTo(expected, 2);
    expect(contraste(other, one)).toBeCloseTo(expected, 2);
  });
});

const steps = [0, 40, 85, 117, 118, 119, 128, 170, 200, 255];
const colours = steps.flatMap((red) =>
  steps.flatMap((green) =>
    steps.map((blue) => `#${[red, green, blue].map((one) => one.toString(16).padStart(2, '0')).join('')}`),
  ),
);

it('black or white can be read on every colour', () => {
  for (const fond of colours)
    expect([fond, contraste(encreSur(fond), fond) >= CONTRASTE_MINIMAL]).toEqual([fond, true]);
});

it('every colour is darkened as far as it can be read on white, and no colour that can', () => {
  for (const colour of colours) {
    const readable = lisibleSurBlanc(colour);
    expect([colour, contraste(readable, '#ffffff') >= CONTRASTE_MINIMAL]).toEqual([colour, true]);
    if (contraste(colour, '#ffffff') >= CONTRASTE_MINIMAL) expect(readable).toBe(colour);
  }
});
