import { creerSemaine, type TailleSemaine } from '../../../../bench/instances/semaine';
import { evaluer } from '../../../../src/domain/planification/semaine/mesure';
import type {
  Probleme,
  Proposition,
  Travail,
  Visite,
} from '../../../../src/domain/planification/semaine/probleme';
import { creerRecherche } from '../../../../src/domain/planification/semaine/recherche';
import { createRandom } from '../../../../tools/lib/random';
import { absence, compareCosts, leastCost, weight } from './brute-force';
import { faultsOf } from './checker';

/** Weeks of every kind: the last ones have more work than people. */
const WEEKS: TailleSemaine[] = Array.from({ length: 9 }, (_, i) => ({
  ...{ graine: 1 + i, techniciens: 3 + (i % 4), jours: 2 + (i % 3), lieux: 12, travaux: 20 + 7 * i },
  ...{ verrouilles: 4, equipes: 8, longs: 5, absences: 40, expirations: 30, planifies: 50 },
}));

function solve(probleme: Probleme, iterations = 400): Proposition {
  const recherche = creerRecherche(probleme, { iterations });
  while (!recherche.terminee) recherche.avancer(100);
  return recherche.proposition();
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = createRandom(seed);
  const keys = new Map(list.map((one) => [one, random.int(0, 1_000_000)]));
  return [...list].sort((a, b) => keys.get(a)! - keys.get(b)!);
}

describe.each(WEEKS)('a week of $travaux visits, $techniciens people and $jours days', (taille) => {
  const probleme = creerSemaine(taille);
  const proposition = solve(probleme);

  test('never overlaps, never leaves hours, never sends the unqualified, leaves locked visits and keeps crews together', () => {
    expect(faultsOf(probleme, proposition.visites)).toEqual([]);
  });

  test('places or explains each piece of work once', () => {
    const told = [...proposition.visites, ...proposition.non_affectees].map(
      ({ intervention }) => intervention,
    );
    expect(told.sort()).toEqual(probleme.travaux.map(({ intervention }) => intervention).sort());
    for (const { comptes, meilleurs, intervention } of proposition.non_affectees) {
      const { equipe } = probleme.travaux.find((travail) => travail.intervention === intervention)!;
      const counted = Object.values(comptes).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(probleme.techniciens.filter(({ id }) => !equipe.includes(id)).length);
      expect(meilleurs.length).toBe(Math.min(5, counted));
    }
  });

  test('leaves nothing out that could be added', () => {
    for (const { intervention } of proposition.non_affectees) {
      expect(placesFor(probleme, proposition.visites, intervention)).toEqual([]);
    }
  });

  test('is the same plan, byte for byte, whatever the order of its input', () => {
    const again = solve({
      ...probleme,
      techniciens: shuffled(probleme.techniciens, 1),
      travaux: shuffled(probleme.travaux, 2),
    });
    expect(JSON.stringify(again)).toBe(JSON.stringify(proposition));
    expect(JSON.stringify(solve(creerSemaine(taille)))).toBe(JSON.stringify(proposition));
  });

  test('is measured as any plan is', () => {
    expect(evaluer(probleme, shuffled(proposition.visites, 3))).toEqual({
      bilan: proposition.bilan,
      cout: proposition.cout,
    });
  });
});

/** Where one more visit could begin, as the checker sees it, with all others where they are. */
function placesFor(probleme: Probleme, visites: readonly Visite[], intervention: number): string[] {
  const { duree, equipe } = probleme.travaux.find((one) => one.intervention === intervention)!;
  const places: string[] = [];
  for (const { id: technicien } of probleme.techniciens) {
    const crew = [technicien, ...equipe];
    // Longer work is placed in pieces; those are another matter than free time here.
    if (equipe.includes(technicien) || crew.some((id) => longestOf(probleme, id) < duree)) continue;
    const theirs = visites.filter((one) =>
      [one.technicien, ...one.equipiers].some((id) => crew.includes(id)),
    );
    for (const jour of probleme.jours) {
      for (let debut = jour.debut; debut + duree <= jour.fin; debut += probleme.pas) {
        const fin = debut + duree;
        if (theirs.some(({ segments }) => segments.some(([de, a]) => de < fin && a > debut))) continue;
        const visite: Visite = {
          ...{ intervention, technicien, equipiers: [...equipe], debut, fin, segments: [[debut, fin]] },
          ...{ trajet_minutes: 0, km: 0, retard_minutes: 0, verrouille: false },
        };
        const alone = faultsOf(probleme, [visite]);
        // What is wrong with the person is wrong all day.
        if (alone.some((fault) => /qualified|level|site/.test(fault))) break;
        if (alone.length > 0) continue;
        if (faultsOf(probleme, [...theirs, visite]).length === 0) places.push(`${technicien} at ${debut}`);
      }
    }
  }
  return places;
}

function longestOf({ techniciens }: Probleme, id: number): number {
  return techniciens.find((one) => one.id === id)!.plus_long_travail;
}

describe('the checker', () => {
  const probleme = creerSemaine(WEEKS[3]!);
  const { visites } = solve(probleme);
  const free = visites.filter(({ verrouille, equipiers }) => !verrouille && equipiers.length === 0);
  const moved = (one: Visite, by: number): Visite => ({
    ...one,
    ...{ debut: one.debut + by, fin: one.fin + by },
    segments: one.segments.map(([de, a]) => [de + by, a + by] as const),
  });
  const change = (changed: (one: Visite) => Visite) =>
    free.map((one) =>
      faultsOf(
        probleme,
        visites.map((other) => (other === one ? changed(one) : other)),
      ),
    );
  const found = (faults: string[][], what: RegExp) =>
    faults.filter((all) => what.test(all.join('\n'))).length;

  test('notices what is moved, shortened, given to others or planned twice', () => {
    const night = change((one) => moved(one, 12 * 60));
    expect(found(night, /not free/)).toBe(free.length);
    expect(
      found(
        change((one) => moved(one, -30)),
        /at once|not free|no time|early|windows/,
      ),
    ).toBeGreaterThan(0.9 * free.length);
    expect(
      found(
        change((one) => moved(one, -5)),
        /at once|no time/,
      ),
    ).toBeGreaterThan(3);
    expect(
      found(
        change((one) => ({ ...one, technicien: 100 + ((one.technicien - 99) % 6) })),
        /./,
      ),
    ).toBeGreaterThan(0.8 * free.length);
    expect(
      found(
        change((one) => ({ ...one, technicien: 100 + ((one.technicien - 99) % 6) })),
        /qualified/,
      ),
    ).toBeGreaterThan(3);
    expect(
      found(
        change((one) => ({ ...one, segments: [[one.debut, one.fin - 5]], fin: one.fin - 5 })),
        /duration/,
      ),
    ).toBe(free.length);
    expect(faultsOf(probleme, [...visites, free[0]!])).toContain('planned twice');
    const locked = visites.filter(({ verrouille }) => verrouille);
    expect(
      faultsOf(
        probleme,
        locked.map((one) => moved(one, 5)),
      ).length,
    ).toBeGreaterThan(0);
  });
});

describe('a tiny week', () => {
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'of seed %i costs as little as any plan can',
    (graine) => {
      const semaine = creerSemaine({
        ...{ graine, techniciens: 2, jours: 1, lieux: 6, travaux: 4 + (graine % 3) },
        ...{ verrouilles: 0, equipes: 0, longs: 0, absences: 50, expirations: 20, planifies: 0 },
      });
      // In half of them there is more work than time, so that something has to be left out.
      const travaux = semaine.travaux.map((travail) => ({
        ...travail,
        duree: Math.min(240, travail.duree * (1 + 2 * (graine % 2))),
      }));
      const probleme = { ...semaine, travaux };
      const { visites, cout } = solve(probleme, 600);
      const placed = new Map(visites.map((visite) => [visite.intervention, visite]));
      const left = probleme.travaux.filter(({ intervention }) => !placed.has(intervention));
      const late = (travail: Travail) =>
        (placed.get(travail.intervention)?.retard_minutes ?? 0) * weight(travail);
      const cost = [...absence(left), probleme.travaux.reduce((sum, one) => sum + late(one), 0), cout.trajet];
      expect(compareCosts(cost, leastCost(probleme))).toBe(0);
    },
  );
});
