import { Access } from '../../src/auth/access';
import type { PlanPreventif } from '../../src/db/preventif/plans';
import { dayAt } from '../../src/domain/local-time';
import { datesFrom } from '../../src/domain/preventif/dates';
import { JOURS_FERMES, RATTRAPAGES, SI_PRECEDENTE_OUVERTE } from '../../src/domain/preventif/plans';
import { DEFAULT_HOURS } from '../../src/domain/working-time';
import { systemActor } from '../../src/services/actor';
import { pausePlan, resumePlan, triggerPlan } from '../../src/services/preventif/plans';
import { makeAdmin, makeEquipement, makePlan, makeSite, makeTechnicien } from '../support/factories';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/**
 * Plans on the server that skips time: their workflow decides, and interventions live and are worked on. That server knows
 * no schedules, so the test lets time pass to what is due and starts the workflow as the schedule would; the schedules
 * themselves are told to the development server.
 */

let system: SkippingSystem;
let paris: number;
beforeAll(async () => {
  system = await startSkippingSystem({ plans: true });
  paris = (await makeSite(system.db, { fuseau_horaire: 'Europe/Paris', pays: 'FR' })).id;
});
afterAll(() => system.close());

const DAY = 86_400_000;
/** Of a site in Paris on which there are no holidays. */
const CALENDAR = { hours: DEFAULT_HOURS, zone: 'Europe/Paris', closings: [] };
const MODELE = {
  titre: 'Entretien',
  description: 'Entretien selon la gamme',
  urgence: false,
  competences_requises: [],
  duree_estimee: 60,
  technicien_id: null,
  pieces: [],
  modele_etapes_id: null,
  etapes: [],
};

const outcomes = async (
  planId: number,
): Promise<{ cle: string; date: Date; resultat: string; intervention_id: number }[]> =>
  system.db.query(
    'SELECT cle, date, resultat, intervention_id FROM echeances_preventives WHERE plan_id = $1 ORDER BY date, id',
    [planId],
  );

it('has a year pass with a plan each month at eight by the clocks of Paris, and decides on each date once', async () => {
  const now = await system.now();
  const { id: machine } = await makeEquipement(system.db, { site_id: paris });
  const { id } = await makePlan(system.db, {
    equipements: [machine],
    regle: 'FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD',
    date_debut: dayAt(now.getTime(), 'Europe/Paris'),
    suivi_depuis: now,
    modele: {
      titre: 'Vidange',
      description: 'Vidanger le circuit',
      priorite: 'basse',
      urgence: false,
      competences_requises: [],
      duree_estimee: 60,
      technicien_id: null,
      pieces: [],
      modele_etapes_id: null,
      etapes: [],
    },
  });
  await system.decide(id);
  const latest = new Date(now.getTime() + 366 * DAY);
  while (await system.untilDue([id], latest)) {
    // As an engine may that did not hear the answer: the same date again.
    await system.decide(id);
  }
  const decided = await outcomes(id);
  expect(decided.length).toBeGreaterThanOrEqual(12);
  expect(new Set(decided.map(({ cle }) => cle)).size).toBe(decided.length);
  for (const { date, resultat, intervention_id } of decided) {
    const [hour, month] = [
      date.toLocaleTimeString('fr', { timeZone: 'Europe/Paris', hour: '2-digit', minute: '2-digit' }),
      new Date(date.getTime() + DAY).toISOString().slice(5, 10),
    ];
    // The last day of a month, at eight.
    expect([hour, month.slice(3), resultat]).toEqual(['08:00', '01', 'creee']);
    expect(await system.details(intervention_id)).toContain('priorité basse');
  }
  const { spec, state } = await system.schedules!.schedule.getHandle(`preventif-${id}`).describe();
  expect([spec.calendars?.length, state.note]).toEqual([10, expect.stringContaining(`Plan préventif ${id}`)]);
});

it('follows the work that people do: early, reopened, and called off', async () => {
  const now = await system.now();
  const { id: machine } = await makeEquipement(system.db, { site_id: paris });
  const technicien = await makeTechnicien(system.db);
  const start = new Date(now.getTime() + 20 * DAY);
  const { id } = await makePlan(system.db, {
    equipements: [machine],
    base: 'derniere_realisation',
    regle: 'FREQ=DAILY;INTERVAL=30',
    date_debut: dayAt(start.getTime(), 'Europe/Paris'),
    delai_generation: 10,
    tolerance_jours: 5,
    suivi_depuis: now,
  });
  await system.decide(id);
  const latest = new Date(now.getTime() + 300 * DAY);
  await system.untilDue([id], latest);
  const [first] = await outcomes(id);
  expect(first!.resultat).toBe('creee');

  await system.plan(first!.intervention_id, technicien.id);
  await system.pass(2 * 3_600_000);
  await system.order(first!.intervention_id, { type: 'statut', statut: 'en_cours' });
  await system.order(first!.intervention_id, { type: 'statut', statut: 'terminee', rapport: 'Fait' });
  const finished = await system.now();
  await system.decide(id);
  const [plan] = await system.db.query(
    'SELECT prochaine_decision AS due FROM plans_preventifs WHERE id = $1',
    [id],
  );
  // Thirty days after the work, created ten days before.
  expect(Math.round((plan.due.getTime() - finished.getTime()) / DAY)).toBe(20);

  await system.order(first!.intervention_id, { type: 'statut', statut: 'en_cours' });
  await system.decide(id);
  const [open] = await system.db.query(
    'SELECT prochaine_decision AS due, horaire FROM plans_preventifs WHERE id = $1',
    [id],
  );
  expect(open).toEqual({ due: null, horaire: '' });
  await expect(system.schedules!.schedule.getHandle(`preventif-${id}`).describe()).rejects.toThrow(
    'not found',
  );

  await system.order(first!.intervention_id, { type: 'statut', statut: 'annulee', motif: 'Machine arrêtée' });
  await system.decide(id);
  // From the day on which it was due.
  await system.untilDue([id], latest);
  const [, second] = await outcomes(id);
  expect(Math.round((second!.date.getTime() - first!.date.getTime()) / DAY)).toBe(30);
});

it('has a year pass with plans of every kind, three days off, two pauses and a lost engine, and each date one outcome', async () => {
  const { db } = system;
  const now = await system.now();
  const first = dayAt(now.getTime(), 'Europe/Paris');
  const inDays = (days: number) => dayAt(now.getTime() + days * DAY, 'Europe/Paris');
  const rules: Partial<PlanPreventif>[] = [
    // Both changes of the clocks; the 31st; the 29th of February; the first Wednesday; a season over New Year.
    { regle: 'FREQ=DAILY', heure: '02:30', saisons: ['03-25/03-31', '10-25/11-01'] },
    { regle: 'FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD' },
    { regle: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;SKIP=BACKWARD' },
    { regle: 'FREQ=MONTHLY;BYDAY=1WE' },
    { regle: 'FREQ=MONTHLY;BYMONTHDAY=15', saisons: ['11-01/02-28'] },
    // Sundays, on which nobody works.
    ...JOURS_FERMES.map((jour_ferme) => ({ regle: 'FREQ=MONTHLY;BYDAY=2SU', jour_ferme })),
    // Due on each of the three days on which nothing decides.
    ...RATTRAPAGES.flatMap((rattrapage) =>
      SI_PRECEDENTE_OUVERTE.map((si_precedente_ouverte) => ({
        regle: 'FREQ=DAILY;INTERVAL=1',
        saisons: [`${inDays(58).slice(5)}/${inDays(63).slice(5)}`],
        rattrapage,
        si_precedente_ouverte,
      })),
    ),
    // Two that are paused.
    { regle: 'FREQ=MONTHLY;BYMONTHDAY=10,20', rattrapage: 'toutes' },
    { regle: 'FREQ=MONTHLY;BYMONTHDAY=10,20', rattrapage: 'toutes' },
  ];
  const make = async (given: Partial<PlanPreventif>, equipement?: number) => {
    const machine = equipement ?? (await makeEquipement(db, { site_id: paris })).id;
    const whole = { equipements: [machine], date_debut: first, suivi_depuis: now, ...given };
    return (await makePlan(db, { ...whole, modele: { ...MODELE, priorite: 'basse' } })).id;
  };
  const ids: number[] = [];
  for (const rule of rules) ids.push(await make(rule));
  // Nested: weekly for two months, monthly and yearly.
  const { id: nested } = await makeEquipement(db, { site_id: paris });
  const group = { groupe: 'ligne', tolerance_jours: 2 };
  const weekly = { regle: 'FREQ=WEEKLY', saisons: [`${inDays(1).slice(5)}/${inDays(60).slice(5)}`] };
  ids.push(await make({ ...group, rang: 1, ...weekly }, nested));
  ids.push(await make({ ...group, rang: 2, regle: 'FREQ=MONTHLY' }, nested));
  ids.push(await make({ ...group, rang: 3, regle: 'FREQ=YEARLY' }, nested));
  // Done three days before it is due, within the tolerance.
  const early = await make({ regle: 'FREQ=MONTHLY', date_debut: inDays(40), tolerance_jours: 5 });
  ids.push(early);
  for (const id of ids) await system.decide(id);

  const [paused, restarted] = ids.slice(rules.length - 2) as [number, number];
  const { principal } = await makeAdmin(db);
  const access = new Access(principal);
  const actor = async () => ({ ...systemActor(await system.now(), 'test'), userId: principal.userId });
  const liveUntil = async (days: number) => {
    while (await system.untilDue(ids, new Date(now.getTime() + days * DAY)));
  };

  await liveUntil(37);
  const triggered = await actor();
  await db.transaction((tx) => triggerPlan(tx, access, triggered, early, 'Europe/Paris'));
  const { id: technicienId } = await makeTechnicien(db);
  await db.query(
    `UPDATE interventions SET statut = 'terminee', date_fin = $2, rapport = 'Fait', technicien_id = $3
     WHERE id = (SELECT intervention_id FROM echeances_preventives WHERE plan_id = $1)`,
    [early, triggered.now, technicienId],
  );
  await system.decide(early);
  await liveUntil(59);
  // Three days on which nothing decides; whoever comes back finds what is due.
  await system.pass(3 * DAY);
  for (const id of ids) await system.decide(id);
  await liveUntil(100);
  for (const id of [paused, restarted]) {
    const at = await actor();
    await db.transaction((tx) => pausePlan(tx, access, at, id, 'Europe/Paris'));
    await system.decide(id);
  }
  await liveUntil(130);
  for (const [id, depuis] of [
    [paused, 'origine'],
    [restarted, 'aujourdhui'],
  ] as const) {
    const at = await actor();
    await db.transaction((tx) => resumePlan(tx, access, at, id, depuis, 'Europe/Paris'));
  }
  await liveUntil(180);
  await system.wipe(ids);
  // By its own rate, after the loss: what is due is read off the rows, and so is what has been decided.
  for (const id of ids) await system.decide(id);
  await liveUntil(366);

  const end = await system.now();
  // Each of what may become of a date has become of some, for each of the reasons that there are here.
  const kinds: { resultat: string; motif: string | null }[] = await db.query(
    `SELECT DISTINCT resultat, motif FROM echeances_preventives WHERE plan_id = ANY($1) ORDER BY resultat, motif`,
    [ids],
  );
  expect(kinds.map(({ resultat, motif }) => (motif === null ? resultat : `${resultat} ${motif}`))).toEqual([
    'absorbee',
    'creee',
    'fusionnee',
    'realisee',
    'sautee jour_ferme',
    'sautee pause',
    'sautee precedente_ouverte',
    'sautee rattrapage',
  ]);
  expect((await outcomes(early)).map(({ resultat }) => resultat).slice(0, 3)).toEqual([
    'creee',
    'realisee',
    'creee',
  ]);
  for (const [index, id] of ids.entries()) {
    const decided = await outcomes(id);
    const keys = decided.map(({ cle }) => cle);
    expect([index, new Set(keys).size]).toEqual([index, keys.length]);
    // Of each date that the rule has had since, whatever has moved it or left it out.
    const [plan] = await db.query(
      'SELECT *, date_debut::text AS date_debut FROM plans_preventifs WHERE id = $1',
      [id],
    );
    const named: string[] = [];
    for (const { occurrence, date } of datesFrom(plan, CALENDAR, first)) {
      if (date > end.getTime()) break;
      if (date > now.getTime()) named.push(occurrence);
    }
    const since = id === restarted ? plan.date_debut : first;
    const told = keys.filter((key) => key >= since && named.includes(key));
    expect([index, told.sort()]).toEqual([index, named.filter((day) => day >= since).sort()]);
    const [{ n }] = await db.query(
      `SELECT count(*)::integer AS n FROM echeances_preventives
       WHERE plan_id = $1 AND resultat = 'creee' AND intervention_id IS NULL`,
      [id],
    );
    expect([index, n]).toEqual([index, 0]);
  }
  const [{ twice }] = await db.query(
    `SELECT count(*)::integer AS twice FROM (SELECT FROM echeances_preventives WHERE resultat = 'creee'
       GROUP BY intervention_id HAVING count(*) > 1) t`,
  );
  expect(twice).toBe(0);
});
