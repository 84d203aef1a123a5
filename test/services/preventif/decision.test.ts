import { Access } from '../../../src/auth/access';
import type { Principal } from '../../../src/auth/principal';
import type { Equipement } from '../../../src/db/parc/equipements';
import { systemActor } from '../../../src/services/actor';
import { decidePlan } from '../../../src/services/preventif/decision';
import { markFollowing, plansToDecide } from '../../../src/services/preventif/horaires';
import { pausePlan, type Reprise, resumePlan, triggerPlan } from '../../../src/services/preventif/plans';
import { updateFollowedEquipement } from '../../../src/services/preventif/releves';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeAdmin, makeEquipement, makeFerie, makePlan, makeSite } from '../../support/factories';
import { type PlansInTime, plansInTime } from '../../support/preventif';
import { statementsDuring } from '../../support/queries';

/** Plans over made-up months, decided as an engine would that is there all along, or that comes back. */

let database: TestDatabase;
let time: PlansInTime;
let paris: number;
let access: Access;
let adminId: number;
let principal: Principal;
const METER: Partial<Equipement> = { compteurs: [{ nom: 'heures', unite: 'h', valeur: 0 }] };
beforeAll(async () => {
  database = await createTestDatabase();
  time = await plansInTime(database, 'UTC');
  const made = await makeAdmin(database.db);
  const { admin } = made;
  principal = made.principal;
  access = new Access(principal);
  adminId = admin.id;
  // Mondays to Fridays; closed on a Wednesday and a Thursday.
  paris = (
    await makeSite(database.db, {
      fuseau_horaire: 'Europe/Paris',
      pays: 'FR',
      fermetures: [{ date_debut: '2027-05-05', date_fin: '2027-05-06' }],
    })
  ).id;
  await makeFerie(database.db, { pays: 'FR', date: '2027-05-07', libelle: 'Pont' });
});
afterAll(() => database.drop());

const machine = async (site_id: number | null = paris) => (await makeEquipement(database.db, { site_id })).id;
const on = async (given: Parameters<PlansInTime['plan']>[0], madeAt: string) =>
  time.plan({ equipements: [await machine()], ...given }, madeAt);
const actorAt = (now: string) => ({ ...systemActor(new Date(now), 'test'), userId: adminId });

describe('a year in Paris', () => {
  it('keeps the time of the day through both changes of the clocks', async () => {
    const id = await on(
      { regle: 'FREQ=MONTHLY', date_debut: '2027-01-28', heure: '08:00' },
      '2027-01-01T00:00:00Z',
    );
    await time.live([id], '2027-12-31T23:00:00Z');
    expect((await time.dates(id)).map((date) => date.slice(5))).toEqual([
      '01-28T07:00',
      '02-28T07:00',
      '03-28T06:00',
      '04-28T06:00',
      '05-28T06:00',
      '06-28T06:00',
      '07-28T06:00',
      '08-28T06:00',
      '09-28T06:00',
      '10-28T06:00',
      '11-28T07:00',
      '12-28T07:00',
    ]);
  });

  it('moves an hour that does not exist forward, and fires once, the first time, in one that comes twice', async () => {
    const id = await on(
      { regle: 'FREQ=DAILY', date_debut: '2027-03-27', heure: '02:30' },
      '2027-03-27T00:00:00Z',
    );
    await time.live([id], '2027-03-30T00:00:00Z');
    expect(await time.dates(id)).toEqual(['2027-03-27T01:30', '2027-03-28T01:00', '2027-03-29T00:30']);
    const autumn = await on(
      { regle: 'FREQ=DAILY', date_debut: '2027-10-30', heure: '02:30' },
      '2027-10-29T23:00:00Z',
    );
    await time.live([autumn], '2027-11-01T12:00:00Z');
    expect(await time.dates(autumn)).toEqual(['2027-10-30T00:30', '2027-10-31T00:30', '2027-11-01T01:30']);
  });

  it('has the 31st of each month, the 29th of February, the first Wednesday and a season over New Year', async () => {
    const ends = await on(
      { regle: 'FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD', date_debut: '2027-01-01' },
      '2027-01-01T00:00:00Z',
    );
    const leap = await on(
      { regle: 'FREQ=YEARLY;SKIP=BACKWARD', date_debut: '2024-02-29' },
      '2027-01-01T00:00:00Z',
    );
    const wednesdays = await on(
      { regle: 'FREQ=MONTHLY;BYDAY=1WE', date_debut: '2027-01-01' },
      '2027-01-01T00:00:00Z',
    );
    const winter = await on(
      { regle: 'FREQ=MONTHLY;BYMONTHDAY=15', date_debut: '2026-01-01', saisons: ['11-01/03-31'] },
      '2027-01-01T00:00:00Z',
    );
    const days = async (id: number) => (await time.dates(id)).map((date) => date.slice(0, 10));
    await time.live([ends, wednesdays, winter], '2027-12-31T23:00:00Z');
    await time.live([leap], '2028-12-31T23:00:00Z');
    expect((await days(ends)).map((day) => day.slice(5)).join(' ')).toBe(
      '01-31 02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31',
    );
    expect(await days(leap)).toEqual(['2027-02-28', '2028-02-29']);
    expect((await days(wednesdays)).slice(0, 4)).toEqual([
      '2027-01-06',
      '2027-02-03',
      '2027-03-03',
      '2027-04-07',
    ]);
    expect(await days(winter)).toEqual([
      '2027-01-15',
      '2027-02-15',
      '2027-03-15',
      '2027-11-15',
      '2027-12-15',
    ]);
  });

  it.each([
    ['garder', ['05-05', '05-06', '05-07', '05-08', '05-09', '05-10'], []],
    // Wednesday to Sunday are closed: all become the Tuesday before.
    ['avancer', ['05-04', '05-10'], []],
    ['reporter', ['05-10'], []],
    ['sauter', ['05-10'], ['05-05', '05-06', '05-07', '05-08', '05-09']],
  ] as const)('deals with closed days: %s', async (jour_ferme, created, skipped) => {
    const id = await on(
      { regle: 'FREQ=DAILY', date_debut: '2027-05-05', jour_ferme, delai_generation: 3 },
      '2027-05-01T00:00:00Z',
    );
    await time.live([id], '2027-05-07T08:00:00Z');
    const days = (dates: string[]) => dates.map((date) => date.slice(5, 10));
    expect([days(await time.dates(id)), days(await time.dates(id, 'sautee'))]).toEqual([created, skipped]);
  });

  it('creates an intervention so many days before it is due, to be done by the end of the tolerance', async () => {
    const id = await on(
      { regle: 'FREQ=YEARLY', date_debut: '2027-06-15', delai_generation: 10, tolerance_jours: 2 },
      '2027-01-01T00:00:00Z',
    );
    await time.live([id], '2027-06-05T05:59:00Z');
    expect(await time.outcomes(id)).toEqual([]);
    await time.live([id], '2027-06-05T06:00:00Z');
    const [row] = await database.db.query(
      `SELECT i.date_limite, i.date_creation FROM interventions i JOIN echeances_preventives d ON d.intervention_id = i.id
       WHERE d.plan_id = $1`,
      [id],
    );
    expect(row).toEqual({
      date_limite: new Date('2027-06-17T22:00:00Z'),
      date_creation: new Date('2027-06-05T06:00:00Z'),
    });
  });
});

describe('work', () => {
  const trigger = (id: number, now: string) =>
    database.db.transaction((tx) => triggerPlan(tx, access, actorAt(now), id, 'UTC'));

  it('that was finished early, within the tolerance, counts for the date', async () => {
    const given = { regle: 'FREQ=MONTHLY', date_debut: '2027-02-15', tolerance_jours: 3 };
    const id = await on(given, '2027-02-01T00:00:00Z');
    await trigger(id, '2027-02-12T08:00:00Z');
    await time.finish(id, 'declenchement:1', '2027-02-13T08:00:00Z');
    await time.live([id], '2027-03-20T00:00:00Z');
    expect(await time.outcomes(id)).toEqual([
      ['declenchement:1', 'creee', null],
      ['2027-02-15', 'realisee', null],
      ['2027-03-15', 'creee', null],
    ]);
    const early = await on(given, '2027-02-01T00:00:00Z');
    await trigger(early, '2027-02-09T08:00:00Z');
    await time.finish(early, 'declenchement:1', '2027-02-11T08:00:00Z');
    await time.live([early], '2027-02-20T00:00:00Z');
    expect((await time.outcomes(early)).at(-1)).toEqual(['2027-02-15', 'creee', null]);
  });

  it('that counted for a date and was called off after it had been reopened counts for it no more', async () => {
    const id = await on(
      { regle: 'FREQ=MONTHLY', date_debut: '2027-02-15', tolerance_jours: 3, rattrapage: 'toutes' },
      '2027-02-01T00:00:00Z',
    );
    await trigger(id, '2027-02-12T08:00:00Z');
    await time.finish(id, 'declenchement:1', '2027-02-13T08:00:00Z');
    await time.live([id], '2027-02-15T08:00:00Z');
    await time.finish(id, 'declenchement:1', null);
    await time.cancel(id, 'declenchement:1');
    await markFollowing(database.db);
    expect(await plansToDecide(database.db, 100)).toContainEqual({ id });
    await time.decideAt(id, '2027-02-16T08:00:00Z');
    expect(await time.outcomes(id)).toEqual([
      ['declenchement:1', 'creee', null],
      ['2027-02-15', 'creee', null],
    ]);
  });

  it('decides on the next date where the plan follows it: done early, late, undone and done again', async () => {
    const id = await on(
      {
        base: 'derniere_realisation',
        regle: 'FREQ=DAILY;INTERVAL=30',
        date_debut: '2027-01-10',
        delai_generation: 5,
      },
      '2027-01-01T00:00:00Z',
    );
    const planned = async () => {
      // As if what was done to them, by the invented clock, had been done right now.
      await database.db.query(
        `UPDATE interventions SET date_modification = now()
         WHERE id IN (SELECT intervention_id FROM echeances_preventives WHERE plan_id = $1)`,
        [id],
      );
      await markFollowing(database.db);
      expect(await plansToDecide(database.db, 100)).toContainEqual({ id });
      await time.decideAt(id, '2027-01-12T00:00:00Z');
      const [{ next }] = await database.db.query(
        'SELECT prochaine_decision AS next FROM plans_preventifs WHERE id = $1',
        [id],
      );
      return next?.toISOString().slice(0, 10) ?? null;
    };
    await time.live([id], '2027-01-05T08:00:00Z');
    expect(await planned()).toBeNull();
    await time.finish(id, '2027-01-10', '2027-01-08T10:00:00Z');
    expect(await planned()).toBe('2027-02-02');
    await time.finish(id, '2027-01-10', null);
    expect(await planned()).toBeNull();
    await time.finish(id, '2027-01-10', '2027-01-20T10:00:00Z');
    expect(await planned()).toBe('2027-02-14');
    await time.live([id], '2027-02-14T08:00:00Z');
    expect((await time.outcomes(id)).map(([cle]) => cle)).toEqual(['2027-01-10', '2027-02-19']);
    // Called off: from the day on which it was due.
    await time.cancel(id, '2027-02-19');
    await time.decideAt(id, '2027-02-15T00:00:00Z');
    await time.live([id], '2027-03-20T08:00:00Z');
    expect((await time.outcomes(id)).map(([cle]) => cle)).toEqual(['2027-01-10', '2027-02-19', '2027-03-21']);
  });
});

it('nests: of a week, a month and a year that are due together the highest is done', async () => {
  const equipements = [await machine()];
  const common = { equipements, groupe: 'presse', tolerance_jours: 2, date_debut: '2027-01-04' };
  const made = '2027-01-01T00:00:00Z';
  const yearly = await time.plan({ ...common, rang: 3, regle: 'FREQ=YEARLY' }, made);
  const monthly = await time.plan({ ...common, rang: 2, regle: 'FREQ=MONTHLY;BYMONTHDAY=4' }, made);
  const weekly = await time.plan({ ...common, rang: 1, regle: 'FREQ=WEEKLY' }, made);
  await time.live([weekly, monthly, yearly], '2027-03-10T00:00:00Z');
  expect(await time.outcomes(yearly)).toEqual([['2027-01-04', 'creee', null]]);
  expect(await time.outcomes(monthly)).toEqual([
    ['2027-01-04', 'absorbee', null],
    ['2027-02-04', 'creee', null],
    ['2027-03-04', 'creee', null],
  ]);
  expect((await time.outcomes(weekly)).map(([cle, resultat]) => `${cle.slice(5)} ${resultat}`)).toEqual([
    '01-04 absorbee',
    '01-11 creee',
    '01-18 creee',
    '01-25 creee',
    '02-01 creee',
    '02-08 creee',
    '02-15 creee',
    '02-22 creee',
    '03-01 creee',
    '03-08 creee',
  ]);
  const absorbed = await database.db.query(
    'SELECT absorbee_par, absorbee_cle FROM echeances_preventives WHERE plan_id = $1 AND resultat = $2',
    [weekly, 'absorbee'],
  );
  expect(absorbed).toEqual([{ absorbee_par: yearly, absorbee_cle: '2027-01-04' }]);
});

describe('after three days without anything that decides', () => {
  const DUE = ['2027-01-04', '2027-01-05', '2027-01-06', '2027-01-07'];
  it.each([
    ['toutes', 'creer', ['creee', 'creee', 'creee', 'creee']],
    [
      'toutes',
      'sauter',
      ['creee', 'sautee precedente_ouverte', 'sautee precedente_ouverte', 'sautee precedente_ouverte'],
    ],
    ['toutes', 'fusionner', ['creee', 'fusionnee', 'fusionnee', 'fusionnee']],
    ['derniere', 'creer', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'creee']],
    ['derniere', 'sauter', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'sautee precedente_ouverte']],
    ['derniere', 'fusionner', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'fusionnee']],
    ['aucune', 'creer', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'sautee rattrapage']],
    ['aucune', 'sauter', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'sautee rattrapage']],
    ['aucune', 'fusionner', ['creee', 'sautee rattrapage', 'sautee rattrapage', 'sautee rattrapage']],
  ] as const)(
    '%s is made up for, and an open one before it: %s',
    async (rattrapage, si_precedente_ouverte, expected) => {
      const id = await on(
        { regle: 'FREQ=DAILY', date_debut: '2027-01-04', rattrapage, si_precedente_ouverte },
        '2027-01-04T00:00:00Z',
      );
      await time.live([id], '2027-01-04T12:00:00Z');
      await time.decideAt(id, '2027-01-07T20:00:00Z');
      const seen = await time.outcomes(id);
      expect(seen.map(([cle]) => cle)).toEqual(DUE);
      expect(seen.map(([, resultat, motif]) => (motif === null ? resultat : `${resultat} ${motif}`))).toEqual(
        expected,
      );
      const late = await database.db.query(
        'SELECT cle FROM echeances_preventives WHERE plan_id = $1 AND rattrapage ORDER BY cle',
        [id],
      );
      expect(late.map(({ cle }: { cle: string }) => cle)).toEqual(DUE.slice(1));
      // And goes on.
      await time.live([id], '2027-01-08T12:00:00Z');
      expect((await time.outcomes(id)).length).toBe(5);
    },
  );

  it('what was to be created meanwhile and is not due yet is simply created', async () => {
    const id = await on(
      { regle: 'FREQ=MONTHLY', date_debut: '2027-01-20', delai_generation: 10, rattrapage: 'aucune' },
      '2027-01-01T00:00:00Z',
    );
    await time.decideAt(id, '2027-01-13T20:00:00Z');
    expect(await time.outcomes(id)).toEqual([['2027-01-20', 'creee', null]]);
  });
});

describe('a pause of thirty days', () => {
  const paused = async (rattrapage: 'toutes' | 'derniere' | 'aucune', depuis: Reprise) => {
    const id = await on(
      { regle: 'FREQ=WEEKLY', date_debut: '2027-01-04', rattrapage },
      '2027-01-01T00:00:00Z',
    );
    await time.live([id], '2027-01-05T00:00:00Z');
    await database.db.transaction((tx) => pausePlan(tx, access, actorAt('2027-01-06T00:00:00Z'), id, 'UTC'));
    await time.decideAt(id, '2027-01-20T00:00:00Z');
    await database.db.transaction((tx) =>
      resumePlan(tx, access, actorAt('2027-02-05T10:00:00Z'), id, depuis, 'UTC'),
    );
    await time.live([id], '2027-02-20T00:00:00Z');
    return (await time.outcomes(id)).map(([cle, resultat, motif]) =>
      `${cle.slice(5)} ${resultat} ${motif ?? ''}`.trim(),
    );
  };

  it('is as if it had not been: what was due is made up for as the plan says', async () => {
    expect(await paused('derniere', 'origine')).toEqual([
      '01-04 creee',
      '01-11 sautee rattrapage',
      '01-18 sautee rattrapage',
      '01-25 sautee rattrapage',
      '02-01 creee',
      '02-08 creee',
      '02-15 creee',
    ]);
    expect((await paused('toutes', 'origine')).filter((line) => line.includes('creee')).length).toBe(7);
  });

  it('or begins anew on the day: what was due is left out, and said to be', async () => {
    expect(await paused('toutes', 'aujourdhui')).toEqual([
      '01-04 creee',
      '01-11 sautee pause',
      '01-18 sautee pause',
      '01-25 sautee pause',
      '02-01 sautee pause',
      '02-12 creee',
      '02-19 creee',
    ]);
  });
});

describe('a date', () => {
  it('is decided once by twenty workers at the same moment, and again and again', async () => {
    const { id } = await makePlan(database.db, {
      equipements: [await machine(), await machine()],
      regle: 'FREQ=DAILY',
      date_debut: '2027-01-04',
      rattrapage: 'toutes',
      suivi_depuis: new Date('2027-01-04T00:00:00Z'),
    });
    const now = new Date('2027-01-06T12:00:00Z');
    const decide = () => database.db.transaction((tx) => decidePlan(tx, id, now, 'UTC'));
    const decided = await Promise.all(Array.from({ length: 20 }, decide));
    expect(decided.flatMap(({ created }) => created).length).toBe(6);
    await decide();
    const [{ interventions, echeances }] = await database.db.query(
      `SELECT count(DISTINCT intervention_id)::integer AS interventions, count(*)::integer AS echeances
       FROM echeances_preventives WHERE plan_id = $1`,
      [id],
    );
    expect([interventions, echeances]).toEqual([6, 6]);
  });

  it('is decided beside readings of the same machines, and nobody waits in a circle', async () => {
    const machines = [await makeEquipement(database.db, METER), await makeEquipement(database.db, METER)];
    const { id } = await makePlan(database.db, {
      equipements: machines.map((one) => one.id),
      declencheur: 'combine',
      compteur: { nom: 'heures', pas: 10 },
      regle: 'FREQ=DAILY',
      date_debut: '2027-01-04',
      suivi_depuis: new Date('2027-01-04T00:00:00Z'),
    });
    await database.db.query(
      'UPDATE plans_preventifs_equipements SET compteur_depart = 0 WHERE plan_id = $1',
      [id],
    );
    await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const now = new Date(Date.UTC(2027, 0, 5, n));
        if (n % 2 === 0) return database.db.transaction((tx) => decidePlan(tx, id, now, 'UTC'));
        const compteurs = [{ nom: 'heures', unite: 'h', valeur: n * 5 }];
        const { id: machineId } = machines[n % 4 === 1 ? 0 : 1]!;
        return database.db.transaction((tx) =>
          updateFollowedEquipement(
            tx,
            new Access(principal),
            actorAt(now.toISOString()),
            machineId,
            { compteurs },
            null,
            'UTC',
          ),
        );
      }),
    );
    const twice = await database.db.query(
      `SELECT intervention_id FROM echeances_preventives WHERE plan_id = $1 AND resultat = 'creee'
       GROUP BY intervention_id HAVING count(*) > 1`,
      [id],
    );
    expect(twice).toEqual([]);
  });

  it('is one of a hundred at a time, however many a plan has at once', async () => {
    const { id } = await makePlan(database.db, {
      equipements: [await machine(), await machine(), await machine()],
      regle: 'FREQ=DAILY',
      date_debut: '2027-01-04',
      delai_generation: 60,
      suivi_depuis: new Date('2027-01-01T00:00:00Z'),
    });
    const decided: [number, boolean][] = [];
    for (let more = true; more; ) {
      const step = await database.db.transaction((tx) =>
        decidePlan(tx, id, new Date('2027-01-04T12:00:00Z'), 'UTC'),
      );
      decided.push([step.created.length, step.more]);
      more = step.more;
    }
    expect(decided).toEqual([
      [100, true],
      [83, false],
    ]);
  });

  it('that was decided stays so when a holiday moves it afterwards', async () => {
    const site = (await makeSite(database.db, { fuseau_horaire: 'Europe/Paris', pays: 'LU' })).id;
    const id = await time.plan(
      {
        equipements: [await machine(site)],
        regle: 'FREQ=MONTHLY',
        date_debut: '2027-06-14',
        jour_ferme: 'reporter',
        delai_generation: 7,
      },
      '2027-06-01T00:00:00Z',
    );
    await time.live([id], '2027-06-08T00:00:00Z');
    await makeFerie(database.db, { pays: 'LU', date: '2027-06-14', libelle: 'Fête' });
    await time.decideAt(id, '2027-06-15T12:00:00Z');
    expect(await time.outcomes(id)).toEqual([['2027-06-14', 'creee', null]]);
  });

  it('costs the same statements whatever its plan has behind it', async () => {
    const daily = async (days: number) => {
      const id = await on({ regle: 'FREQ=DAILY', date_debut: '2027-01-04' }, '2027-01-04T00:00:00Z');
      await time.live([id], new Date(Date.UTC(2027, 0, 4 + days)).toISOString());
      const next = new Date(Date.UTC(2027, 0, 4 + days, 8));
      return (await statementsDuring(() => database.db.transaction((tx) => decidePlan(tx, id, next, 'UTC'))))
        .length;
    };
    const [few, many] = [await daily(2), await daily(40)];
    expect(many).toBe(few);
    expect(few).toBeLessThan(20);
  });
});
