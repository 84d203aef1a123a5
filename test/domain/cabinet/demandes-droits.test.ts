import { delaisOf, situationOf } from '../../../src/domain/cabinet/demandes-droits';

/** Until when what patients ask by right is answered. */

const at = (text: string) => Date.parse(text);
const iso = (instant: number) => new Date(instant).toISOString();

it.each([
  ['a copy', 'acces', false, 'Europe/Paris', '2026-03-18T23:00:00.000Z'],
  ['a copy of what is older than five years', 'acces', true, 'Europe/Paris', '2026-05-10T22:00:00.000Z'],
  ['a correction', 'rectification', false, 'Europe/Paris', '2026-04-09T22:00:00.000Z'],
  ['a copy, where the day is another', 'acces', false, 'Pacific/Auckland', '2026-03-19T11:00:00.000Z'],
] as const)('is the end of the last day for %s', (_, nature, ancienne, zone, echeance) => {
  const recue = at('2026-03-10T18:30:00Z');
  const delais = delaisOf(nature, recue, ancienne, zone);
  expect(iso(delais.echeance)).toBe(echeance);
  expect(delais.pasAvant).toBe(nature === 'acces' ? recue + 48 * 3_600_000 : null);
});

it('goes through what it is, each to the instant when it is the next', () => {
  const delais = { pasAvant: at('2026-03-12T10:00:00Z'), echeance: at('2026-03-18T23:00:00Z') };
  const seen: string[] = [];
  for (let now: number | null = at('2026-03-10T10:00:00Z'); now !== null; ) {
    const { etat, jusqua } = situationOf(delais, now);
    seen.push(`${iso(now)} ${etat}`);
    now = jusqua;
  }
  expect(seen).toEqual([
    '2026-03-10T10:00:00.000Z reflexion',
    '2026-03-12T10:00:00.000Z a_repondre',
    '2026-03-16T23:00:00.000Z bientot',
    '2026-03-18T23:00:00.000Z en_retard',
  ]);
});
