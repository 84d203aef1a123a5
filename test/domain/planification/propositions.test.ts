import {
  changesSince,
  type Emploi,
  isSamePlan,
  joursFrom,
  type LigneRestante,
  mondayOf,
  nextOf,
  semaineOf,
  statutOf,
  type Vue,
} from '../../../src/domain/planification/propositions';
import { createRandom } from '../../../tools/lib/random';

describe('A week', () => {
  it.each([
    ['2026-W01', '2025-12-29'],
    ['2026-W51', '2026-12-14'],
    ['2026-W53', '2026-12-28'],
    ['2027-W01', '2027-01-04'],
    ['2024-W09', '2024-02-26'],
  ])('%s begins on Monday %s, as in ISO 8601', (semaine, monday) => {
    expect(mondayOf(semaine)).toBe(monday);
    expect(semaineOf(monday)).toBe(semaine);
  });

  it.each(['2027-W53', '2026-W00', '2026-W54', '2026-51', ''])('is not called %j', (semaine) => {
    expect(mondayOf(semaine)).toBeNull();
  });

  it('has a name for each day, and each name its seven days', () => {
    for (let day = Date.UTC(2020, 0, 1); day < Date.UTC(2034, 0, 1); day += 86_400_000) {
      const date = new Date(day).toISOString().slice(0, 10);
      const monday = mondayOf(semaineOf(date))!;
      const days = (day - Date.parse(monday)) / 86_400_000;
      expect(days >= 0 && days < 7).toBe(true);
    }
  });

  it('has days as long as their clocks make them', () => {
    const hours = joursFrom('2026-03-23', 7, 'Europe/Paris').map(
      ({ debut, fin }) => (fin - debut) / 3_600_000,
    );
    expect(hours).toEqual([24, 24, 24, 24, 24, 24, 23]);
  });
});

describe('A proposal', () => {
  const date_expiration = new Date('2026-12-20T00:00:00Z');
  it('is out of date once it was ready for too long, and only then', () => {
    const before = new Date('2026-12-19T23:59:59Z');
    expect(statutOf({ statut: 'prete', date_expiration }, before)).toBe('prete');
    expect(statutOf({ statut: 'prete', date_expiration }, date_expiration)).toBe('perimee');
    expect(statutOf({ statut: 'appliquee', date_expiration }, date_expiration)).toBe('appliquee');
    expect(statutOf({ statut: 'en_cours', date_expiration }, date_expiration)).toBe('en_cours');
  });
});

const PLAN = { technicien_id: 1, date_planifiee: '2026-12-14T08:00:00.000Z', duree_estimee: 60 };
const VUE: Vue = {
  statut: 'planifiee',
  priorite: 'normale',
  urgence: false,
  competences: ['soudure'],
  site_id: 3,
  equipiers: [7],
  actuel: PLAN,
};

describe('What has changed since a visit was proposed', () => {
  it('is nothing when everything that it follows from is as it was', () => {
    expect(changesSince(VUE, structuredClone(VUE), false)).toEqual([]);
  });

  it.each<[string, Partial<Vue>, string[]]>([
    ['its state', { statut: 'en_cours' }, ['statut']],
    ['its priority', { priorite: 'critique' }, ['priorite']],
    ['that it is urgent', { urgence: true }, ['urgence']],
    ['what it takes', { competences: ['soudure', 'hydraulique'] }, ['competences_requises']],
    ['its site', { site_id: null }, ['site_id']],
    [
      'its visit',
      { actuel: { ...PLAN, technicien_id: 2, duree_estimee: 30 } },
      ['technicien_id', 'duree_estimee'],
    ],
    [
      'that it has one',
      { statut: 'ouverte', equipiers: [], actuel: null },
      ['statut', 'equipiers', 'technicien_id', 'date_planifiee', 'duree_estimee'],
    ],
  ])('is %s', (_, change, names) => {
    expect(changesSince(VUE, { ...VUE, ...change }, false)).toEqual(names);
  });

  it('is not that the proposal itself has taken it off its place', () => {
    expect(changesSince(VUE, { ...VUE, statut: 'ouverte', equipiers: [], actuel: null }, true)).toEqual([]);
    expect(changesSince(VUE, VUE, true)).toContain('statut');
  });

  it('is told apart from being planned so already', () => {
    expect(isSamePlan(PLAN, { ...PLAN })).toBe(true);
    expect(isSamePlan(PLAN, { ...PLAN, duree_estimee: 61 })).toBe(false);
    expect(isSamePlan(null, PLAN)).toBe(false);
  });
});

describe('The lines of a proposal', () => {
  const visit = (
    interventionId: number | null,
    technicien: number,
    debut: number,
    fin = debut + 1,
  ): Emploi => ({
    interventionId,
    techniciens: [technicien],
    segments: [[debut, fin]],
  });
  const ligne = (
    interventionId: number,
    technicien: number,
    debut: number,
    priorite: LigneRestante['priorite'] = 'normale',
  ): LigneRestante => ({
    ...visit(interventionId, technicien, debut),
    id: interventionId,
    interventionId,
    priorite,
  });
  const ids = (lignes: readonly LigneRestante[]) => lignes.map(({ id }) => id);

  it('are all carried out at once where nothing stands in their way', () => {
    const { appliquer, liberer } = nextOf(
      [ligne(1, 1, 8), ligne(2, 1, 9)],
      [visit(1, 1, 10), visit(7, 2, 8)],
    );
    expect([ids(appliquer), liberer]).toEqual([[1, 2], null]);
  });

  it('wait for those that leave their place', () => {
    const { appliquer } = nextOf([ligne(1, 1, 9), ligne(2, 1, 10)], [visit(1, 1, 8), visit(2, 1, 9)]);
    expect(ids(appliquer)).toEqual([2]);
  });

  it('do not wait for what stays, which refuses them', () => {
    const { appliquer } = nextOf([ligne(1, 1, 9)], [visit(7, 1, 9)]);
    expect(ids(appliquer)).toEqual([1]);
    expect(ids(nextOf([ligne(1, 1, 9)], [visit(null, 1, 9)]).appliquer)).toEqual([1]);
  });

  it('that wait for one another in a circle go on when the least urgent of it leaves its place', () => {
    const lignes = [ligne(1, 1, 9, 'critique'), ligne(2, 1, 10, 'basse'), ligne(3, 1, 8, 'normale')];
    const { appliquer, liberer } = nextOf(lignes, [visit(1, 1, 8), visit(2, 1, 9), visit(3, 1, 10)]);
    expect([ids(appliquer), liberer?.id]).toEqual([[], 2]);
  });

  it('are found to stand in the way by any of their people and any of their stretches', () => {
    const long: LigneRestante = {
      ...ligne(1, 1, 8),
      techniciens: [1, 2],
      segments: [
        [8, 9],
        [20, 22],
      ],
    };
    expect(ids(nextOf([long, ligne(5, 3, 8)], [visit(5, 2, 21)]).appliquer)).toEqual([5]);
  });

  it('are all carried out in the end, and nobody is ever at two places, whatever was planned', () => {
    const random = createRandom(20261128);
    for (let round = 0; round < 300; round++) {
      const count = random.int(2, 9);
      const places = Array.from({ length: count + 2 }, (_, index) => ({
        technicien: index % 2,
        debut: Math.floor(index / 2) * 2,
      }));
      const shuffled = () =>
        places
          .map((place) => ({ place, key: random.int(0, 1e9) }))
          .sort((a, b) => a.key - b.key)
          .map(({ place }) => place);
      const [before, after] = [shuffled(), shuffled()];
      const at = (id: number, { technicien, debut }: (typeof places)[number]) =>
        visit(id, technicien, debut, debut + 2);
      const present = new Map(Array.from({ length: count }, (_, id) => [id, at(id, before[id]!)]));
      let left: LigneRestante[] = Array.from({ length: count }, (_, id) => ({
        ...at(id, after[id]!),
        id,
        interventionId: id,
        priorite: 'normale',
      }));
      for (let steps = 0; left.length > 0; steps++) {
        expect(steps).toBeLessThan(2 * count + 2);
        const { appliquer, liberer } = nextOf(left, [...present.values()]);
        if (liberer !== null) present.delete(liberer.interventionId);
        for (const done of appliquer) present.set(done.interventionId, done);
        left = left.filter((one) => !appliquer.includes(one));
        const taken = [...present.values()].map(
          ({ techniciens, segments }) => `${techniciens[0]} ${segments[0]![0]}`,
        );
        expect(new Set(taken).size).toBe(taken.length);
      }
    }
  });
});
