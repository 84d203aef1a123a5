import { type ContratCandidat, contratFor } from '../../../src/domain/parc/contrats';
import { createRandom } from '../../../tools/lib/random';

/** Machine on site 1, of client 7. */
const MACHINE = { site_id: 1, client_id: 7 };
const JOUR = '2027-03-01';

const contrat = (given: Partial<ContratCandidat>): ContratCandidat => ({
  id: 1,
  cible: 'client',
  client_id: 7,
  site_id: null,
  nomme: false,
  date_debut: '2027-01-01',
  date_fin: '2027-12-31',
  niveau: null,
  ...given,
});
const ofClient = contrat({ id: 1 });
const ofSite = contrat({ id: 2, cible: 'site', site_id: 1 });
const ofMachine = contrat({ id: 3, cible: 'equipement', nomme: true });
const idOf = (candidats: ContratCandidat[], machine = MACHINE as Parameters<typeof contratFor>[1]) =>
  contratFor(candidats, machine, JOUR)?.id ?? null;

it('the contract that names the machine comes before that of its site, and this one before that of its client', () => {
  expect(idOf([ofClient, ofSite, ofMachine])).toBe(3);
  expect(idOf([ofClient, ofSite])).toBe(2);
  expect(idOf([ofClient])).toBe(1);
  expect(idOf([])).toBeNull();
});

it('a contract holds on its first day and on its last, and on none outside', () => {
  const on = (date_debut: string, date_fin: string | null) => idOf([contrat({ date_debut, date_fin })]);
  expect(on(JOUR, JOUR)).toBe(1);
  expect(on('2027-01-01', null)).toBe(1);
  expect(on('2027-03-02', null)).toBeNull();
  expect(on('2027-01-01', '2027-02-28')).toBeNull();
});

it('of several alike the one that began last applies, and of those the newest', () => {
  const later = contrat({ id: 4, date_debut: '2027-02-01' });
  expect(idOf([ofClient, later, contrat({ id: 5 })])).toBe(4);
  expect(idOf([ofClient, contrat({ id: 6 })])).toBe(6);
});

it('what belongs to somebody is under no contract of anybody else, not even the one of its site', () => {
  const others = { client_id: 8 };
  expect(idOf([contrat(others), { ...ofSite, ...others }, { ...ofMachine, ...others }])).toBeNull();
  // What belongs to the site alone is under that of the site.
  expect(idOf([{ ...ofSite, ...others }], { site_id: 1, client_id: null })).toBe(2);
  expect(idOf([ofClient], { site_id: 1, client_id: null })).toBeNull();
  expect(idOf([ofSite], { site_id: 2, client_id: 7 })).toBeNull();
});

it('in whatever order they are read, the same applies', () => {
  const random = createRandom(20270301);
  for (let round = 0; round < 300; round++) {
    const candidats = Array.from({ length: random.int(1, 6) }, (_, id) =>
      contrat({
        id: id + 1,
        cible: random.pick(['equipement', 'site', 'client']),
        nomme: random.int(0, 1) === 1,
        client_id: random.pick([7, 8]),
        site_id: random.pick([null, 1, 2]),
        date_debut: random.pick(['2027-01-01', '2027-02-01', '2027-03-02']),
        date_fin: random.pick([null, '2027-12-31', '2027-02-28']),
      }),
    );
    const found = idOf(candidats);
    expect(idOf(candidats.toReversed())).toBe(found);
    // Whatever does not apply changes nothing by not being there.
    expect(idOf(candidats.filter(({ id }) => id === found))).toBe(found);
  }
});
