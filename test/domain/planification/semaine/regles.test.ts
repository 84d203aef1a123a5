import { creerSemaine } from '../../../../bench/instances/semaine';
import { comparer } from '../../../../src/domain/planification/semaine/cout';
import { evaluer } from '../../../../src/domain/planification/semaine/mesure';
import type {
  Plage,
  Probleme,
  Proposition,
  Technicien,
  Travail,
} from '../../../../src/domain/planification/semaine/probleme';
import { creerRecherche, iterationsParDefaut } from '../../../../src/domain/planification/semaine/recherche';
import { createRandom } from '../../../../tools/lib/random';
import { faultsOf } from './checker';

/** Monday 14 December 2026, midnight UTC. */
const MONDAY = Date.UTC(2026, 11, 14) / 60_000;
const DAY = 1_440;
/** A moment by its day, from 0, and its hour. */
const at = (day: number, hours: number): number => MONDAY + day * DAY + hours * 60;
const days = (count: number) =>
  Array.from({ length: count }, (_, day) => ({
    date: `2026-12-${14 + day}`,
    debut: at(day, 0),
    fin: at(day + 1, 0),
  }));

function technicien(id: number, given: Partial<Technicien> = {}): Technicien {
  const office = [0, 1, 2].flatMap((day): Plage[] => [
    [at(day, 8), at(day, 12)],
    [at(day, 14), at(day, 18)],
  ]);
  return {
    ...{ id, habilitations: [], niveau: 'confirme', base: 0, sites: null, heures: [office] },
    ...{ plus_long_travail: 240, absences: [], occupations: [], pauses: [], charge: 0, ...given },
  };
}

function travail(intervention: number, given: Partial<Travail> = {}): Travail {
  return {
    ...{
      intervention,
      priorite: 'normale',
      urgence: false,
      duree: 60,
      competences: [],
      niveau_minimum: null,
    },
    ...{ lieu: 0, site: 1, calendrier: 0, echeance: null, au_plus_tot: null, fenetres: null },
    ...{ actuel: null, equipe: [], verrouille: null, ...given },
  };
}

/** Places on a line, a quarter of an hour between each and the next. */
function probleme(given: Partial<Probleme>): Probleme {
  const lieux = 5;
  const minutes = Array.from(
    { length: lieux * lieux },
    (_, i) => 15 * Math.abs(Math.floor(i / lieux) - (i % lieux)),
  );
  return {
    ...{ jours: days(3), calendriers: [{ fermetures: [] }], techniciens: [technicien(1)], travaux: [] },
    ...{ trajets: { lieux, minutes, km: minutes.map((one) => one / 2) }, pas: 5, ...given },
  };
}

function solve(given: Probleme, iterations = 200): Proposition {
  const recherche = creerRecherche(given, { iterations });
  recherche.avancer(iterations);
  return recherche.proposition();
}

/** The first reason of the only technicien against the only work. */
function reason(who: Partial<Technicien>, what: Partial<Travail>, given: Partial<Probleme> = {}): unknown {
  const { non_affectees: left } = solve(
    probleme({ techniciens: [technicien(1, who)], travaux: [travail(10, what)], ...given }),
  );
  return left[0]?.meilleurs[0]?.code;
}

const held = (du: string | null, au: string | null) => ({
  habilitations: [{ competence: 'Électricité HT', valide_du: du, valide_jusqu_au: au }],
});
const needed = { competences: ['electricite ht'] };

describe('why work is left out', () => {
  const whole: Plage = [at(0, 0), at(3, 0)];
  test.each<[string, unknown, Partial<Technicien>, Partial<Travail>, Partial<Probleme>?]>([
    ['nothing', undefined, {}, {}],
    ['a skill that was never held', 'competence', {}, needed],
    ['a skill that ran out', 'habilitation_expiree', held(null, '2026-12-13'), needed],
    ['a skill that begins later', 'habilitation_expiree', held('2026-12-17', null), needed],
    ['nothing, with a skill whose last day it is', undefined, held(null, '2026-12-14'), needed],
    ['a level', 'niveau', {}, { niveau_minimum: 'senior' }],
    ['a site', 'site', { sites: [2] }, { site: 1 }],
    ['no hours', 'hors_horaires', { heures: [[]] }, {}],
    ['hours that are too short', 'hors_horaires', { heures: [[[at(0, 8), at(0, 8.5)]]] }, {}],
    ['holidays', 'ferie', {}, {}, { calendriers: [{ fermetures: [whole] }] }],
    ['an absence', 'absent', { absences: [whole] }, {}],
    [
      'a skill that is valid on days of absence alone',
      'habilitation_expiree',
      { ...held(null, '2026-12-14'), absences: [[at(0, 0), at(1, 0)]] },
      needed,
    ],
    ['windows', 'fenetre', {}, { fenetres: [[at(0, 12), at(0, 14)]] }],
    ['a beginning after the period', 'fenetre', {}, { au_plus_tot: at(3, 0) }],
    ['appointments', 'creneau_pris', { occupations: [whole] }, {}],
    ['a crew that nobody knows', 'equipe', {}, { equipe: [99] }],
  ])('is %s: %s', (_, code, who, what, given = {}) => {
    expect(reason(who, what, given)).toBe(code);
  });

  test('is that others of the crew are never free at the same time', () => {
    const techniciens = [
      technicien(1, { absences: [[at(0, 0), at(1, 12)]] }),
      technicien(2, { absences: [[at(1, 12), at(3, 0)]] }),
    ];
    const { non_affectees: left } = solve(probleme({ techniciens, travaux: [travail(10, { equipe: [2] })] }));
    expect(left).toEqual([
      { intervention: 10, comptes: { equipe: 1 }, meilleurs: [{ technicien: 1, code: 'equipe' }] },
    ]);
  });

  test('is counted for everybody, and told of the five who came closest', () => {
    const techniciens = [
      ...[1, 2, 3].map((id) => technicien(id)),
      ...[4, 5, 6].map((id) => technicien(id, { ...held(null, null), niveau: 'junior', base: id - 2 })),
      technicien(7, { ...held(null, null), absences: [whole] }),
    ];
    const travaux = [travail(10, { ...needed, niveau_minimum: 'confirme' })];
    expect(solve(probleme({ techniciens, travaux })).non_affectees).toEqual([
      {
        intervention: 10,
        comptes: { competence: 3, niveau: 3, absent: 1 },
        meilleurs: [
          { technicien: 7, code: 'absent' },
          { technicien: 4, code: 'niveau' },
          { technicien: 5, code: 'niveau' },
          { technicien: 6, code: 'niveau' },
          { technicien: 1, code: 'competence' },
        ],
      },
    ]);
  });

  test('is that the time is taken by what is more important', () => {
    const full = [1, 2, 3].map((n) => travail(n, { priorite: 'basse', duree: 240 }));
    const jours = days(1);
    const travaux = [...full, travail(4, { priorite: 'critique', duree: 240 })];
    const { visites, non_affectees: left } = solve(probleme({ jours, travaux }));
    expect(visites.map(({ intervention }) => intervention)).toContain(4);
    expect(visites).toHaveLength(2);
    expect(left.map(({ comptes }) => comptes)).toEqual([{ creneau_pris: 1 }, { creneau_pris: 1 }]);
  });
});

describe('the order of what matters', () => {
  test('one critique outweighs all that is below it', () => {
    const travaux = [
      ...Array.from({ length: 8 }, (_, n) => travail(n + 1, { priorite: 'haute', urgence: true, duree: 30 })),
      travail(9, { priorite: 'critique', duree: 240, fenetres: [[at(0, 8), at(0, 12)]] }),
    ];
    const techniciens = [technicien(1, { heures: [[[at(0, 8), at(0, 12)]]] })];
    const { visites } = solve(probleme({ techniciens, travaux, jours: days(1) }));
    expect(visites.map(({ intervention }) => intervention)).toEqual([9]);
  });

  test('lateness before travel: who is due early comes first, however far the way', () => {
    const travaux = [
      travail(1, { lieu: 1 }),
      travail(2, { lieu: 4, echeance: at(0, 9) }),
      travail(3, { lieu: 1 }),
    ];
    const { visites, bilan } = solve(probleme({ travaux, jours: days(1) }));
    expect(visites[0]).toMatchObject({ intervention: 2, debut: at(0, 8), trajet_minutes: 60 });
    expect(bilan.retard_minutes).toBe(0);
  });

  test('travel before balance, balance before distance', () => {
    const near = [technicien(1), technicien(2, { charge: 600 })];
    const travaux = [1, 2].map((n) => travail(n, { lieu: 4, actuel: { technicien: 2, debut: at(0, 8) } }));
    const { visites, bilan } = solve(probleme({ techniciens: near, travaux }));
    expect(visites.map((visite) => visite.technicien)).toEqual([1, 1]);
    expect(bilan.trajet_minutes).toBe(120);
  });

  test('what is planned stays with whom and when it is, where nothing speaks for another place', () => {
    const actuel = { technicien: 2, debut: at(1, 15) };
    const techniciens = [technicien(1), technicien(2)];
    const { visites, cout } = solve(probleme({ techniciens, travaux: [travail(1, { actuel })] }));
    expect(visites).toMatchObject([{ technicien: 2, debut: at(1, 15) }]);
    expect(cout.ecart).toBe(0);
  });
});

describe('work that is not left to the search', () => {
  test('longer than a stretch fills stretches one after the other, never the night', () => {
    const { visites } = solve(probleme({ travaux: [travail(1, { duree: 600, au_plus_tot: at(0, 10) })] }));
    expect(visites[0]!.segments).toEqual([
      [at(0, 10), at(0, 12)],
      [at(0, 14), at(0, 18)],
      [at(1, 8), at(1, 12)],
    ]);
  });

  test('waits rather than be interrupted by an appointment', () => {
    const techniciens = [technicien(1, { occupations: [[at(0, 16), at(0, 17)]] })];
    const { visites } = solve(probleme({ techniciens, travaux: [travail(1, { duree: 480 })] }));
    expect(visites[0]!.debut).toBe(at(0, 17));
  });

  test('is longer for some than for others: whoever has the hours does it in one', () => {
    const techniciens = [
      technicien(1),
      technicien(2, { heures: [[[at(2, 7), at(2, 15)]]], plus_long_travail: 480 }),
    ];
    const { visites } = solve(probleme({ techniciens, travaux: [travail(1, { duree: 300 })] }));
    expect(visites).toMatchObject([{ technicien: 2, segments: [[at(2, 7), at(2, 12)]] }]);
    const away = techniciens.map((who) =>
      who.id === 2 ? { ...who, absences: [[at(2, 0), at(3, 0)] as const] } : who,
    );
    const other = solve(probleme({ techniciens: away, travaux: [travail(1, { duree: 300 })] }));
    expect(other.visites[0]).toMatchObject({ technicien: 1 });
    expect(other.visites[0]!.segments).toHaveLength(2);
  });

  test('takes the time of each of a crew, and the way of each is counted', () => {
    const techniciens = [technicien(1), technicien(2, { absences: [[at(0, 8), at(0, 10)]], base: 2 })];
    const travaux = [travail(1, { lieu: 4, equipe: [2] }), travail(2, { lieu: 4, duree: 240 })];
    const given = probleme({ techniciens, travaux, jours: days(1) });
    const { visites, bilan } = solve(given);
    expect(visites.find(({ intervention }) => intervention === 1)).toMatchObject({
      ...{ technicien: 1, equipiers: [2] },
    });
    expect(visites.find(({ intervention }) => intervention === 1)!.debut).toBeGreaterThanOrEqual(at(0, 10));
    expect(bilan.trajet_minutes).toBe(2 * 60 + 2 * 30);
    expect(faultsOf(given, visites)).toEqual([]);
  });

  test('stays where it is locked, also outside hours, and nothing comes too near', () => {
    const verrouille = { technicien: 1, debut: at(0, 11.5) };
    const travaux = [travail(1, { lieu: 4, verrouille, competences: ['Aucun'] }), travail(2, { duree: 240 })];
    const { visites } = solve(probleme({ travaux, jours: days(1) }));
    expect(visites[0]).toMatchObject({ intervention: 1, debut: at(0, 11.5), verrouille: true });
    // The way back takes an hour of working time, so the afternoon is too short.
    expect(visites).toHaveLength(1);
  });
});

describe('time', () => {
  test('a night is one shift, and a skill that ends at midnight ends it', () => {
    const night: Plage[] = [0, 1].map((day) => [at(day, 22), at(day, 30)]);
    const who = { heures: [night], plus_long_travail: 480 };
    const travaux = [1, 2, 3].map((n) => travail(n, { ...needed, duree: 150 }));
    const of = (skill: Partial<Technicien>) =>
      solve(probleme({ techniciens: [technicien(1, { ...who, ...skill })], travaux })).visites.map(
        ({ debut }) => debut,
      );
    expect(of(held(null, null))).toEqual([at(0, 22), at(0, 24.5), at(0, 27)]);
    expect(of(held(null, '2026-12-14'))).toEqual([]);
    expect(of(held('2026-12-15', '2026-12-15'))).toEqual([at(1, 0), at(1, 2.5)]);
  });

  test('whoever works round the clock has days nevertheless', () => {
    const who = { heures: [[[at(0, 0), at(3, 0)] as const]], plus_long_travail: 3 * DAY };
    const travaux = [1, 2].map((n) => travail(n, { duree: 720, ...needed }));
    const techniciens = [technicien(1, { ...who, ...held('2026-12-15', null) })];
    const { visites } = solve(probleme({ techniciens, travaux }));
    expect(visites).toHaveLength(2);
    expect(visites[0]!.debut).toBeGreaterThanOrEqual(at(1, 0));
  });

  test('the first way and the last may lie outside hours; the ways between do not, and wait out lunch', () => {
    const travaux = [
      travail(1, { lieu: 2, duree: 230, fenetres: [[at(0, 8), at(0, 12)]] }),
      travail(2, { lieu: 4, duree: 220 }),
    ];
    const { visites } = solve(probleme({ travaux, jours: days(1) }));
    // Ten minutes of the way before lunch, twenty after it.
    expect(visites.map(({ debut }) => debut)).toEqual([at(0, 8), at(0, 14) + 20]);
    expect(visites[1]!.fin).toBe(at(0, 18));
  });
});

describe('a search', () => {
  const week = creerSemaine({
    ...{ graine: 77, techniciens: 5, travaux: 50, jours: 3, lieux: 20 },
    ...{ verrouilles: 2, equipes: 4, longs: 2, absences: 20, expirations: 10, planifies: 60 },
  });

  test('tells how far it is, only gets better, and can be ended at any time', () => {
    const recherche = creerRecherche(week, { iterations: 500 });
    let { cout } = recherche.progression;
    for (let steps = 70; !recherche.terminee; steps += 70) {
      const progression = recherche.avancer(70);
      expect(progression).toMatchObject({ iteration: Math.min(500, steps), total: 500 });
      expect(comparer(progression.cout, cout)).toBeLessThanOrEqual(0);
      const { visites, cout: proposed } = recherche.proposition();
      expect(faultsOf(week, visites)).toEqual([]);
      expect([proposed.non_affectees, proposed.retard, proposed.trajet]).toEqual([
        ...[progression.cout.non_affectees, progression.cout.retard, progression.cout.trajet],
      ]);
      ({ cout } = progression);
    }
    expect(recherche.avancer(70).iteration).toBe(500);
  });

  test('asked in pieces answers as it does at once', () => {
    const pieces = creerRecherche(week, { iterations: 300 });
    while (!pieces.terminee) {
      pieces.avancer(7);
      pieces.proposition();
    }
    expect(JSON.stringify(pieces.proposition())).toBe(JSON.stringify(solve(week, 300)));
  });

  test('is never worse than the plan of today, where that keeps the rules', () => {
    const { visites, cout } = solve(week, 1_000);
    const travaux = week.travaux.map((one): Travail => {
      const visite = visites.find(({ intervention }) => intervention === one.intervention);
      return {
        ...one,
        actuel: visite === undefined ? null : { technicien: visite.technicien, debut: visite.debut },
      };
    });
    const again = solve({ ...week, travaux }, 1);
    expect(comparer({ ...again.cout, ecart: 0 }, { ...cout, ecart: 0 })).toBeLessThanOrEqual(0);
    expect(evaluer({ ...week, travaux }, visites).cout.ecart).toBe(0);
  });

  test('keeps the rules where the way round is shorter than the straight one', () => {
    const random = createRandom(5);
    const { lieux } = week.trajets;
    for (let n = 0; n < 5; n++) {
      const minutes = Array.from({ length: lieux * lieux }, (_, i) =>
        i % (lieux + 1) === 0 ? 0 : random.int(1, 120),
      );
      const rough = { ...week, trajets: { lieux, minutes, km: minutes } };
      expect(faultsOf(rough, solve(rough, 300).visites)).toEqual([]);
    }
  });

  test('of nothing, and for nobody, ends at once', () => {
    expect(solve({ ...week, travaux: [] })).toMatchObject({ visites: [], non_affectees: [], iterations: 0 });
    const nobody = solve(probleme({ techniciens: [], travaux: [travail(1)] }));
    expect(nobody).toMatchObject({
      visites: [],
      non_affectees: [{ intervention: 1, comptes: {}, meilleurs: [] }],
    });
    expect(nobody.bilan).toMatchObject({ affectees: 0, non_affectees: 1, ecart_charge: 0 });
    expect(iterationsParDefaut(probleme({}))).toBe(2_000);
  });
});
