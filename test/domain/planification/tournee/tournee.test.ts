import { creerJournee } from '../../../../bench/instances/journee';
import { evaluer } from '../../../../src/domain/planification/semaine/mesure';
import type { Probleme, Travail } from '../../../../src/domain/planification/semaine/probleme';
import { creerRecherche } from '../../../../src/domain/planification/semaine/recherche';
import { proposerTournee, type Tournee } from '../../../../src/domain/planification/tournee/tournee';
import { leastCost, weight } from '../semaine/brute-force';
import { faultsOf } from '../semaine/checker';

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function costOf({ travaux }: Probleme, { arrets, minutes }: Tournee): number[] {
  const of = (id: number) => travaux.find(({ intervention }) => intervention === id)!;
  const late = arrets.reduce((sum, one) => sum + one.retard_minutes * weight(of(one.intervention)), 0);
  return [late, minutes];
}

function checked(probleme: Probleme, { arrets }: Tournee): string[] {
  const technicien = probleme.techniciens[0]!.id;
  return faultsOf(
    probleme,
    arrets.map((arret) => ({
      ...arret,
      ...{ technicien, equipiers: [], segments: [[arret.debut, arret.fin]] },
      verrouille: probleme.travaux.some(
        (one) => one.verrouille !== null && one.intervention === arret.intervention,
      ),
    })),
  );
}

describe('the day of a technicien', () => {
  test.each(seeds(40))('of seed %i is the best of all orders, windows and deadlines kept', (graine) => {
    const probleme = creerJournee({
      graine,
      arrets: 1 + (graine % 8),
      largeur: 60 * (graine % 5),
      fenetres: 60,
    });
    const [critique, haute, normale, basse, ...least] = leastCost(probleme);
    const { propose, methode } = proposerTournee(probleme);
    expect(methode).toBe('exacte');
    const possible = critique! + haute! + normale! + basse! === 0;
    expect(propose !== null).toBe(possible);
    if (propose === null) return;
    expect(costOf(probleme, propose)).toEqual(least);
    expect(checked(probleme, propose)).toEqual([]);
  });

  test('costs as little by the search as exactly, where both can be asked', () => {
    for (const graine of seeds(3)) {
      const probleme = creerJournee({ graine, arrets: 11, largeur: 300, fenetres: 30 });
      const { propose } = proposerTournee(probleme);
      const recherche = creerRecherche(probleme, { iterations: 2_000 });
      recherche.avancer(2_000);
      const { cout, non_affectees: left } = recherche.proposition();
      expect(propose === null).toBe(left.length > 0);
      if (propose !== null) expect([cout.retard, cout.trajet]).toEqual(costOf(probleme, propose));
    }
  });

  test('of more than 12 stops is searched for, keeps the rules and never costs more than today', () => {
    const probleme = creerJournee({ graine: 3, arrets: 14, largeur: 400, fenetres: 15 });
    const { propose, actuel, methode } = proposerTournee(probleme);
    expect(methode).toBe('recherche');
    expect(checked(probleme, propose!)).toEqual([]);
    expect(propose!.ordre).toHaveLength(14);
    expect(propose!.minutes).toBeLessThan(actuel.minutes);
  });

  test('is the same whatever the order of its input, and stands when it is proposed again', () => {
    const probleme = creerJournee({ graine: 5, arrets: 9, largeur: 300, fenetres: 30 });
    const { propose } = proposerTournee(probleme);
    const backwards = { ...probleme, travaux: [...probleme.travaux].reverse() };
    expect(proposerTournee(backwards).propose).toEqual(propose);
    const applied = probleme.travaux.map((travail): Travail => {
      const { debut } = propose!.arrets.find(({ intervention }) => intervention === travail.intervention)!;
      return { ...travail, actuel: { technicien: probleme.techniciens[0]!.id, debut } };
    });
    const again = proposerTournee({ ...probleme, travaux: applied });
    expect(again.propose).toEqual(propose);
    expect(again.actuel).toEqual(propose);
  });

  test('measures the present order as any plan is measured', () => {
    const probleme = creerJournee({ graine: 7, arrets: 8, largeur: 600, fenetres: 30 });
    const { actuel } = proposerTournee(probleme);
    const present = probleme.travaux.map(({ intervention, actuel: today }) => ({ intervention, ...today! }));
    const { bilan } = evaluer(probleme, present);
    expect([actuel.km, actuel.minutes]).toEqual([bilan.km, bilan.trajet_minutes]);
    const byTime = [...present].sort((a, b) => a.debut - b.debut);
    expect(actuel.ordre).toEqual(byTime.map(({ intervention }) => intervention));
  });

  test('leaves locked visits, those of a crew, and those that no rule allows where they are', () => {
    const probleme = creerJournee({ graine: 9, arrets: 7, largeur: 600, fenetres: 30 });
    const [first, second, third, ...others] = probleme.travaux.map((travail) => ({
      ...travail,
      fenetres: null,
    }));
    const midnight = probleme.jours[0]!.debut;
    const technicien = probleme.techniciens[0]!.id;
    const at = (minute: number) => ({ technicien, debut: midnight + minute });
    const travaux: Travail[] = [
      { ...first!, verrouille: at(9 * 60) },
      { ...second!, equipe: [4711], actuel: at(14 * 60) },
      { ...third!, competences: ['Une autre'], actuel: at(19 * 60) },
      ...others,
    ];
    const { propose } = proposerTournee({ ...probleme, travaux });
    const begins = new Map(
      propose!.arrets.map(({ intervention, debut }) => [intervention, debut - midnight]),
    );
    expect([first, second, third].map((one) => begins.get(one!.intervention))).toEqual([540, 840, 1_140]);
    expect(propose!.ordre).toHaveLength(7);
  });

  test('says so when there is no way to keep every rule', () => {
    const probleme = creerJournee({ graine: 11, arrets: 3, largeur: 600, fenetres: 30 });
    const { debut } = probleme.jours[0]!;
    const fenetres = [[debut + 480, debut + 520]] as const;
    const travaux = probleme.travaux.map((travail) => ({ ...travail, duree: 30, fenetres }));
    expect(proposerTournee({ ...probleme, travaux }).propose).toBeNull();
  });

  test('is of one person and one day', () => {
    const probleme = creerJournee({ graine: 1, arrets: 2, largeur: 600, fenetres: 30 });
    expect(() => proposerTournee({ ...probleme, techniciens: [] })).toThrow(RangeError);
    expect(proposerTournee({ ...probleme, travaux: [] }).propose).toMatchObject({
      arrets: [],
      km: 0,
      minutes: 0,
    });
  });
});
