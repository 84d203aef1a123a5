import { faultsOfPannes, idsOf } from '../../../src/domain/interventions/pannes';

const KNOWN = [
  { id: 1, nature: 'probleme', actif: true },
  { id: 2, nature: 'cause', actif: false },
  { id: 3, nature: 'remede', actif: true },
] as const;

it('a choice names active codes, each of its own tree, or none', () => {
  const faults = (pannes: object) => faultsOfPannes(pannes, KNOWN).map(({ champ }) => champ);
  expect(faults({})).toEqual([]);
  expect(faults({ probleme_id: 1, cause_id: null, remede_id: 3 })).toEqual([]);
  expect(faults({ probleme_id: 3, cause_id: 2, remede_id: 9 })).toEqual([
    'pannes.probleme_id',
    'pannes.cause_id',
    'pannes.remede_id',
  ]);
  expect(idsOf({ probleme_id: 1, cause_id: null, remede_id: 3 })).toEqual([1, 3]);
  expect(idsOf(undefined)).toEqual([]);
});
