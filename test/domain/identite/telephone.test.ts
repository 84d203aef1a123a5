import { displayedTelephone, takesSms, toE164 } from '../../../src/domain/identite/telephone';

test.each([
  ['+212 6 12 34 56 78', null, '+212612345678'],
  ['06 12 34 56 78', 'MA', '+212612345678'],
  ['06 12 34 56 78', 'FR', '+33612345678'],
  ['0522 00 00 00', 'MA', '+212522000000'],
  ['00212612345678', 'MA', '+212612345678'],
  ['+212 (0)6 12 34 56 78', 'MA', '+212612345678'],
  ['+33 6 12 34 56 78', 'MA', '+33612345678'],
])('%s in %s is %s', (number, pays, e164) => {
  expect(toE164(number, pays)).toBe(e164);
});

test.each([
  ['06 12 34 56 78', null],
  ['06 12 34 56 78', 'XX'],
  ['12', 'MA'],
  ['0000000000', 'MA'],
  ['+212 6 12 34 56', 'MA'],
  ['+999 123456', 'MA'],
  ['15', 'FR'],
  ['0612345678 ext. 3', 'MA'],
])('%s in %s is the number of nobody', (number, pays) => {
  expect(toE164(number, pays)).toBeNull();
});

test('what is kept is shown as people read it, and what is no number as it was typed', () => {
  expect(displayedTelephone('+212612345678')).toBe('+212 6 12 34 56 78');
  expect(displayedTelephone('poste 12')).toBe('poste 12');
});

test('a mobile takes text messages, a fixed line none', () => {
  expect(takesSms('+212612345678')).toBe(true);
  expect(takesSms('+12125550100')).toBe(true);
  expect(takesSms('+212522000000')).toBe(false);
  expect(takesSms('nobody')).toBe(false);
});
