import { evaluer } from '../../src/domain/planification/semaine/mesure';
import type { Probleme, Proposition, VisitePlan } from '../../src/domain/planification/semaine/probleme';
import { creerRecherche, iterationsParDefaut } from '../../src/domain/planification/semaine/recherche';
import { proposerTournee } from '../../src/domain/planification/tournee/tournee';
import { step } from '../../tools/lib/progress';
import { GOALS } from '../goals';
import { creerJournee } from '../instances/journee';
import { creerSemaine, SEMAINE_500 } from '../instances/semaine';
import { bestInsertion, firstFit, placeable } from '../naive';
import type { Report } from '../report';

/** Days of 12 stops, each of another number. */
const DAYS = 40;

/**
 * The search for a week and for a day, in this process: what it takes of one core, and what it brings beside planning one
 * visit after the other. The weeks are always the same, so their travel is the same on any machine.
 */
export async function benchSemaine({ report }: { report: Report }): Promise<void> {
  const probleme = creerSemaine(SEMAINE_500);
  const ours = await step('Searching for a week', async () => measureWeek(report, probleme));
  const fixed = ours.visites.filter((visite) => isFixed(probleme, visite));
  const { bilan } = ours;
  for (const [goal, what, plan] of [
    [GOALS.weekFirstFit, 'first-fit by deadline', firstFit(probleme, fixed)],
    [GOALS.weekInsertion, 'sequential best insertion', bestInsertion(probleme, fixed)],
  ] as const) {
    const theirs = evaluer(probleme, plan).bilan;
    report.reach(goal, bilan.trajet_minutes / theirs.trajet_minutes);
    report.fact(`week: ${what}`, figures(theirs));
  }
  report.fact('week: ours', figures(bilan));
  await step('Searching for a week with too much to do', async () => measureOverfull(report));
  await step('Finding the best way through days', async () => measureDays(report));
}

function measureWeek(report: Report, probleme: Probleme): Proposition {
  const { user, system } = process.cpuUsage();
  const begin = performance.now();
  const proposition = search(probleme);
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage({ user, system });
  report.reach(GOALS.weekTime, (used.user + used.system) / 1e6);
  report.fact(
    'week: steps',
    `${proposition.iterations.toLocaleString('en')} in ${seconds.toFixed(1)} s, ${Math.round(proposition.iterations / seconds).toLocaleString('en')} a second`,
  );
  return proposition;
}

/** More work than people: what is left out has to be what finds no place. */
function measureOverfull(report: Report): void {
  const probleme = creerSemaine({ ...SEMAINE_500, techniciens: 16 });
  const { visites, non_affectees: left } = search(probleme, 20_000);
  const absent = probleme.travaux.filter(
    ({ intervention, equipe }) =>
      equipe.length === 0 && left.some((one) => one.intervention === intervention),
  );
  report.reach(GOALS.weekLeft, placeable(probleme, visites, absent).length);
  report.fact('week of 16 people: left out', String(left.length));
}

function measureDays(report: Report): void {
  const runs = Array.from({ length: DAYS }, (_, i) => {
    const probleme = creerJournee({ graine: 1 + i, arrets: 12, largeur: 240, fenetres: 20 });
    const before = process.cpuUsage();
    const begin = performance.now();
    proposerTournee(probleme);
    const passed = performance.now() - begin;
    const { user, system } = process.cpuUsage(before);
    return { passed, used: (user + system) / 1000 };
  });
  const [used, passed] = (['used', 'passed'] as const).map((what) =>
    runs.map((run) => run[what]).sort((a, b) => a - b),
  );
  report.reach(GOALS.dayWorst, used!.at(-1)!);
  for (const [what, times] of [
    ['time on one core', used!],
    ['on the clock', passed!],
  ] as const) {
    report.fact(
      `day of 12 stops, ${DAYS} of them, ${what}`,
      `median ${times[DAYS / 2]!.toFixed(0)} ms, slowest ${times.at(-1)!.toFixed(0)} ms`,
    );
  }
}

function search(probleme: Probleme, iterations = iterationsParDefaut(probleme)): Proposition {
  const recherche = creerRecherche(probleme, { iterations });
  while (!recherche.terminee) recherche.avancer(1_000);
  return recherche.proposition();
}

/** What none of them decides about: it is given to all as it stands. */
function isFixed({ travaux, techniciens }: Probleme, { intervention, segments }: VisitePlan): boolean {
  const travail = travaux.find((one) => one.intervention === intervention)!;
  const long = travail.duree > Math.max(...techniciens.map((one) => one.plus_long_travail));
  return travail.verrouille !== null || travail.equipe.length > 0 || long || segments!.length > 1;
}

function figures({
  affectees,
  trajet_minutes,
  km,
  retard_minutes,
  ecart_charge,
}: Proposition['bilan']): string {
  return `${affectees} placed, ${trajet_minutes} min and ${km.toFixed(0)} km of travel, ${retard_minutes} min late, load off by ${ecart_charge} min`;
}
