import type {
  Plage,
  Probleme,
  Technicien,
  Travail,
  Visite,
} from '../../../../src/domain/planification/semaine/probleme';

/**
 * What is wrong with a plan, minute by minute: slow, obvious, and without a line of the search. What is locked is asked
 * only to have stayed.
 */
export function faultsOf(probleme: Probleme, visites: readonly Visite[]): string[] {
  const { techniciens, travaux, jours, calendriers, trajets } = probleme;
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => holds || faults.push(fault);
  const within = (plages: readonly Plage[], minute: number) =>
    plages.some(([de, a]) => de <= minute && minute < a);
  const dayOf = (minute: number) => jours.findIndex(({ debut, fin }) => debut <= minute && minute < fin);
  const blocked = ({ absences, occupations, pauses }: Technicien) => [...absences, ...occupations, ...pauses];
  const isOpen = (who: Technicien, { calendrier }: Travail, minute: number) =>
    within(who.heures[calendrier]!, minute) &&
    !within([...blocked(who), ...calendriers[calendrier]!.fermetures], minute);
  const isPresent = (who: Technicien, minute: number) =>
    within(who.heures.flat(), minute) && !within(blocked(who), minute);
  const stays = new Map(techniciens.map(({ id }) => [id, [] as (Visite & { de: number; a: number })[]]));

  check(new Set(visites.map(({ intervention }) => intervention)).size === visites.length, 'planned twice');
  for (const visite of visites) {
    const travail = travaux.find(({ intervention }) => intervention === visite.intervention)!;
    const crew = [visite.technicien, ...visite.equipiers].map(
      (id) => techniciens.find((who) => who.id === id)!,
    );
    for (const who of crew)
      for (const [de, a] of visite.segments) stays.get(who.id)!.push({ ...visite, de, a });
    const name = `${visite.intervention} of ${visite.technicien}`;
    check(
      visite.segments[0]![0] === visite.debut && visite.segments.at(-1)![1] === visite.fin,
      `${name}: ends`,
    );
    if (travail.verrouille !== null) {
      const { technicien, debut } = travail.verrouille;
      check(visite.technicien === technicien && visite.debut === debut, `${name}: locked, but moved`);
      continue;
    }
    check([...travail.equipe].sort().join() === [...visite.equipiers].sort().join(), `${name}: crew`);
    check(visite.segments.reduce((sum, [de, a]) => sum + a - de, 0) === travail.duree, `${name}: duration`);
    const long = crew.some((who) => travail.duree > who.plus_long_travail);
    check(long || visite.segments.length === 1, `${name}: in pieces`);
    for (let minute = visite.debut; minute < visite.fin; minute++) {
      const worked = within(visite.segments, minute);
      if (worked) for (const who of crew) check(isOpen(who, travail, minute), `${name}: ${who.id} not free`);
      if (!worked) check(!crew.every((who) => isOpen(who, travail, minute)), `${name}: idle in working time`);
    }
    for (const date of visite.segments.map(([de]) => jours[dayOf(de)]?.date ?? '')) {
      const valid = crew[0]!.habilitations.filter(
        ({ valide_du, valide_jusqu_au }) => (valide_du ?? '') <= date && date <= (valide_jusqu_au ?? '9'),
      );
      const skills = valid.map(({ competence }) => competence);
      check(
        travail.competences.every((wanted) => skills.includes(wanted)),
        `${name}: not qualified on ${date}`,
      );
    }
    const levels = ['junior', 'confirme', 'senior', 'expert'];
    const enough = levels.indexOf(crew[0]!.niveau) >= levels.indexOf(travail.niveau_minimum ?? 'junior');
    check(enough, `${name}: level`);
    check(travail.site === null || (crew[0]!.sites?.includes(travail.site) ?? true), `${name}: site`);
    check(visite.debut >= (travail.au_plus_tot ?? 0), `${name}: too early`);
    const whole = ([de, a]: Plage) => de <= visite.debut && visite.fin <= a;
    check(travail.fenetres?.some(whole) ?? true, `${name}: outside its windows`);
  }
  for (const [id, own] of stays) {
    const who = techniciens.find((one) => one.id === id)!;
    own.sort((a, b) => a.de - b.de);
    own.slice(1).forEach((next, i) => {
      const last = own[i]!;
      check(last.a <= next.de, `${id}: ${last.intervention} and ${next.intervention} at once`);
      if (dayOf(last.de) !== dayOf(next.de) || (last.verrouille && next.verrouille)) return;
      const [from, to] = [last, next].map(
        ({ intervention }) => travaux.find((one) => one.intervention === intervention)!,
      );
      let needed = from === to ? 0 : trajets.minutes[from!.lieu * trajets.lieux + to!.lieu]!;
      for (let minute = last.a; minute < next.de; minute++) if (isPresent(who, minute)) needed--;
      check(needed <= 0, `${id}: no time to get from ${last.intervention} to ${next.intervention}`);
    });
  }
  return faults;
}
