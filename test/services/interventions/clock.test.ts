import type { Modification, Ordre } from '../../../src/domain/interventions/ordres';
import { PRIORITES, type Priorite } from '../../../src/domain/priorites';
import { adopt } from '../../../src/services/interventions/cycle/adopt';
import { readIntervention } from '../../../src/services/interventions/interventions';
import { readStats } from '../../../src/services/pilotage/dashboard';
import { createRandom, type Random } from '../../../tools/lib/random';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makePiece } from '../../support/factories';
import { type InventedTime, inventTime, ZONE } from '../../support/invented-time';

/**
 * The clock of the resolution (docs/decisions/022) as services and database keep it, against somebody with a calendar who
 * counts minute by minute and shares no code with them.
 */

let database: TestDatabase;
let time: InventedTime;

beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());

const MINUTE = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
/** Minutes since 1970; the sites of these tests keep UTC. */
const at = (text: string) => Date.parse(`${text}Z`) / MINUTE;
const iso = (minute: number | null) => (minute === null ? null : new Date(minute * MINUTE).toISOString());

type Step =
  | { doing: 'wait' | 'receive' | 'resume' | 'finish' | 'reopen' | 'cancel' }
  | { doing: 'modify'; changes: Modification };

/** Contract §4: minutes, and whether nights and weekends count. */
const RESOLUTION: Record<Priorite, { minutes: number; always: boolean }> = {
  critique: { minutes: 240, always: true },
  haute: { minutes: 480, always: false },
  normale: { minutes: 2_400, always: false },
  basse: { minutes: 7_200, always: false },
};

function isOpen(minute: number): boolean {
  // 1970-01-01 was a Thursday.
  const weekday = (Math.floor(minute / DAY) + 3) % 7;
  const hour = Math.floor((minute % DAY) / HOUR);
  return weekday < 5 && ((hour >= 8 && hour < 12) || (hour >= 14 && hour < 18));
}

/** Somebody with a calendar. Times are minutes. */
class Person {
  statut: 'en_cours' | 'attente_pieces' | 'terminee' | 'annulee' = 'en_cours';
  urgence = false;
  deadline: number;
  breach: number | null = null;
  /** Who has been told of the present deadline: 1 technicien, 2 responsable, 3 admin. */
  private told: number[] = [];
  /** How often the parts of the present wait have been chased. */
  private chased = 0;
  private named: number | null = null;
  private waits: { from: number; to: number | null }[] = [];

  constructor(
    public priorite: Priorite,
    private since: number,
    private now = since,
  ) {
    this.deadline = this.count();
  }

  /** Lets the minutes pass one by one. */
  pass(until: number): void {
    while (this.now < until) {
      this.now += 1;
      if (this.isLate()) this.breach ??= this.deadline;
    }
  }

  isLate(): boolean {
    if (this.statut === 'terminee' || this.statut === 'annulee') return false;
    const wait = this.waits.find(({ to }) => to === null);
    return this.deadline < (this.isStopped() ? wait!.from : this.now);
  }

  /** A wait stops no clock that runs to a deadline which somebody named. */
  isStopped(): boolean {
    return this.statut === 'attente_pieces' && this.named === null;
  }

  /** Tells what is due: one level more each time that the delay has passed again, and parts once a day. */
  tell(): string[] {
    const due: string[] = [];
    if (!this.isStopped() && this.statut !== 'terminee' && this.statut !== 'annulee') {
      for (const niveau of [1, 2, 3]) {
        if (this.told.includes(niveau) || this.after(this.deadline, niveau - 1) > this.now) continue;
        this.told.push(niveau);
        due.push(`resolution:${niveau}`);
      }
    }
    if (this.statut === 'attente_pieces') {
      const days = Math.floor((this.now - this.waits.at(-1)!.from) / DAY);
      // Once for all the days that were missed.
      if (days > this.chased) due.push(`pieces:${this.chased + 1}`);
      this.chased = days;
    }
    return due.sort();
  }

  do(step: Step): void {
    const before = this.deadline;
    if (step.doing === 'wait') {
      this.chased = 0;
      this.statut = 'attente_pieces';
      this.waits.push({ from: this.now, to: null });
    } else if (step.doing === 'modify') {
      const { priorite, urgence, date_limite } = step.changes;
      this.priorite = priorite ?? this.priorite;
      this.urgence = urgence ?? this.urgence;
      if (date_limite !== undefined)
        this.named = date_limite === null ? null : Date.parse(date_limite) / MINUTE;
    } else if (step.doing === 'reopen') {
      this.statut = 'en_cours';
      this.since = this.now;
      this.waits = [];
      if (this.named !== null && this.named <= this.now) this.named = null;
    } else if (step.doing === 'finish') {
      this.statut = 'terminee';
    } else {
      if (this.statut === 'attente_pieces') {
        this.statut = 'en_cours';
        for (const wait of this.waits) wait.to ??= this.now;
      }
      if (step.doing === 'cancel') this.statut = 'annulee';
    }
    this.deadline = this.named ?? this.count();
    // Another deadline is told anew; one that a wait has moved is the same.
    if (step.doing === 'reopen' || (step.doing === 'modify' && this.deadline !== before)) this.told = [];
  }

  private count(): number {
    return this.after(this.since, 1, this.waits);
  }

  /** When the delay has passed so many times since, not counting the waits that are over. */
  private after(since: number, times: number, waits: { from: number; to: number | null }[] = []): number {
    const { minutes, always } = RESOLUTION[this.priorite];
    let left = (this.urgence ? minutes / 2 : minutes) * times;
    if (left === 0) return since;
    for (let minute = since; ; minute += 1) {
      const waiting = waits.some(({ from, to }) => to !== null && minute >= from && minute < to);
      if (!waiting && (always || isOpen(minute))) left -= 1;
      if (left === 0) return minute + 1;
    }
  }
}

/** Each waits for a part of its own: what comes for one that others wait for is theirs first. */
async function ordreOf(step: Step): Promise<Ordre> {
  switch (step.doing) {
    case 'wait':
      return {
        type: 'statut',
        statut: 'attente_pieces',
        pieces: [{ piece_id: (await makePiece(database.db)).id, quantite: 1 }],
      };
    case 'receive':
      return { type: 'reception', besoins: null };
    case 'resume':
    case 'reopen':
      return { type: 'statut', statut: 'en_cours' };
    case 'finish':
      return { type: 'statut', statut: 'terminee', rapport: 'Fait.' };
    case 'cancel':
      return { type: 'statut', statut: 'annulee', motif: 'Double.' };
    case 'modify':
      return { type: 'modification', changements: step.changes };
  }
}

/** What the services keep and answer at a minute. */
async function kept(id: number, now: number) {
  const { depasse_le, date_limite, statut } = await time.rowOf(id);
  const answered = await database.db.transaction(async (tx) => {
    const access = time.accessOnce();
    await access.confirm(tx);
    await time.pretend(tx, now * MINUTE);
    return readIntervention(tx, access, id);
  });
  return {
    statut,
    date_limite: date_limite.toISOString(),
    depasse_le: depasse_le?.toISOString() ?? null,
    en_retard: answered.en_retard,
  };
}

const expected = (person: Person) => ({
  statut: person.statut,
  date_limite: iso(person.deadline),
  depasse_le: iso(person.breach),
  en_retard: person.isLate(),
});

function someStep(random: Random, person: Person, now: number): Step {
  if (person.statut === 'terminee') return { doing: 'reopen' };
  const named = () => new Date((now + random.int(-10, 12 * DAY)) * MINUTE).toISOString();
  const modify = (): Step => ({
    doing: 'modify',
    changes: random.pick<() => Modification>([
      () => ({ priorite: random.pick(PRIORITES) }),
      () => ({ priorite: person.priorite }),
      () => ({ urgence: random.int(0, 1) === 1 }),
      () => ({ priorite: random.pick(PRIORITES), urgence: random.int(0, 1) === 1 }),
      () => ({ date_limite: named() }),
      () => ({ date_limite: null }),
    ])(),
  });
  const moves: Step[] =
    person.statut === 'attente_pieces'
      ? [{ doing: 'receive' }, { doing: 'resume' }]
      : [{ doing: 'wait' }, { doing: 'wait' }, { doing: 'finish' }];
  return random.int(0, 1) === 0 ? modify() : random.pick(moves);
}

const escalations = (id: number): Promise<{ cause: string; echeance: string; date: Date }[]> =>
  database.db.query(
    `SELECT cause, apres->>'echeance' AS echeance, date FROM historique
     WHERE entite = 'intervention' AND entite_id = $1 AND action IN ('escalade', 'relance_pieces')`,
    [id],
  );

it('by property: every wait, priority, deadline, end and reopening, told or not, is what a person computes', async () => {
  const random = createRandom(20261207);
  const ended: Person[] = [];
  let latest = 0;
  const seen = { breaches: 0, toldInWait: 0, kept: 0 };
  for (let round = 0; round < 60; round++) {
    let now = at('2026-11-30T00:00') + random.int(0, 14 * DAY);
    const priorite = random.pick(PRIORITES);
    const id = await time.begin({ priorite }, now * MINUTE);
    const person = new Person(priorite, now);
    const done: unknown[] = [[iso(now), priorite]];
    for (let n = 0; n < 16; n++) {
      now += random.pick([() => random.int(1, 59), () => random.int(1, 600), () => random.int(1, 3 * DAY)])();
      person.pass(now);
      if (random.int(0, 1) === 0) {
        const told = await time.tellDue(id, now * MINUTE);
        const short = told
          .map((cle) => cle.split(':'))
          .map(([etape, niveau, last]) => `${etape}:${etape === 'pieces' ? last : niveau}`)
          .filter((cle) => !cle.startsWith('affectation'));
        expect([done, iso(now), short.sort()]).toEqual([done, iso(now), person.tell()]);
        if (told.some((cle) => cle.startsWith('resolution')) && person.statut === 'attente_pieces')
          seen.toldInWait++;
      }
      // A worker that starts again, and looks at the row.
      if (random.int(0, 4) === 0)
        await database.db.transaction((tx) => adopt(tx, id, new Date(now * MINUTE), ZONE));
      const step = someStep(random, person, now);
      done.push([iso(now), step]);
      await time.order(id, await ordreOf(step), now * MINUTE);
      person.do(step);
      expect([done, await kept(id, now)]).toEqual([done, expected(person)]);
      // Nor is it otherwise a while later, when nothing has been done.
      const later = now + random.int(1, 40);
      const { en_retard } = await kept(id, later);
      const then = Object.assign(Object.create(Person.prototype), person) as Person;
      then.pass(later);
      expect([done, later, en_retard]).toEqual([done, later, then.isLate()]);
      if (person.breach !== null && person.breach !== person.deadline) seen.kept++;
    }
    if (person.statut === 'en_cours') {
      now += random.int(1, DAY);
      person.pass(now);
      await time.order(id, await ordreOf({ doing: 'finish' }), now * MINUTE);
      person.do({ doing: 'finish' });
      expect([done, await kept(id, now)]).toEqual([done, expected(person)]);
    }
    const told = await escalations(id);
    expect(new Set(told.map(({ cause }) => cause)).size).toBe(told.length);
    expect(told.filter(({ echeance, date }) => new Date(echeance) > date)).toEqual([]);
    if (person.breach !== null) seen.breaches++;
    if (person.statut === 'terminee') ended.push(person);
    latest = Math.max(latest, now);
  }
  // The dice have thrown what this is about.
  expect([seen.breaches > 10, seen.toldInWait > 2, seen.kept > 20, ended.length > 5]).toEqual([
    true,
    true,
    true,
    true,
  ]);

  const access = time.accessOnce();
  const stats = await readStats(database.db, access, new Date(latest * MINUTE), ZONE);
  const inTime = ended.filter(({ breach }) => breach === null).length;
  expect(stats.kpi.taux_respect_delais).toBeCloseTo((100 * inTime) / ended.length, 0);
});

/** Has the steps done, each at its minute, and answers what is kept of it afterwards. */
async function play(start: string, given: { priorite: Priorite }, steps: [string, Step][]) {
  const id = await time.begin(given, at(start) * MINUTE);
  for (const [when, step] of steps) await time.order(id, await ordreOf(step), at(when) * MINUTE);
  const row = await time.rowOf(id);
  return {
    id,
    date_limite: row.date_limite.toISOString().slice(0, 16),
    depasse_le: row.depasse_le?.toISOString().slice(0, 16) ?? null,
    resolution: [row.resolution_depuis, row.pauses, row.horloge_arretee_le, row.date_limite_imposee],
    clock: [row.statut, row.priorite, row.urgence, row.niveau_escalade],
  };
}
const modify = (changes: Modification): Step => ({ doing: 'modify', changes });
const resolution = (keys: string[]) => keys.filter((cle) => cle.startsWith('resolution'));
const same = ({ id, ...row }: Awaited<ReturnType<typeof play>>) => row;

/** Monday 2026-12-07, eight o'clock. */
const MONDAY = '2026-12-07T08:00';
const NORMALE = { priorite: 'normale' as const };

it('parts are awaited, it becomes critique, they come: what a critique has left, and not five days', async () => {
  const row = await play(MONDAY, NORMALE, [
    ['2026-12-07T09:00', { doing: 'wait' }],
    ['2026-12-08T10:00', modify({ priorite: 'critique' })],
    ['2026-12-09T09:00', { doing: 'receive' }],
  ]);
  expect([row.date_limite, row.depasse_le]).toEqual(['2026-12-09T12:00', null]);
});

it('a wait outside of opening time costs nothing', async () => {
  const none = await play(MONDAY, NORMALE, []);
  const nights = await play(MONDAY, NORMALE, [
    ['2026-12-07T18:00', { doing: 'wait' }],
    ['2026-12-08T08:00', { doing: 'resume' }],
    ['2026-12-08T12:00', { doing: 'wait' }],
    ['2026-12-08T14:00', { doing: 'receive' }],
    ['2026-12-11T18:00', { doing: 'wait' }],
    ['2026-12-14T08:00', { doing: 'resume' }],
  ]);
  expect(none.date_limite).toBe('2026-12-11T18:00');
  expect(nights.date_limite).toBe('2026-12-11T18:00');
});

it('equal events in another order give the same', async () => {
  const [during, twoOf] = ['2026-12-08T10:00', '2026-12-09T09:00'];
  const wait: [string, Step] = ['2026-12-07T09:00', { doing: 'wait' }];
  const urgent = modify({ urgence: true });
  for (const priorite of PRIORITES) {
    const changed = modify({ priorite });
    const orders: [string, Step][][] = [
      [wait, [during, changed], [during, urgent], [twoOf, { doing: 'resume' }]],
      [wait, [during, urgent], [during, changed], [twoOf, { doing: 'resume' }]],
      [wait, [during, modify({ priorite, urgence: true })], [twoOf, { doing: 'resume' }]],
    ];
    const [first, ...others] = await Promise.all(orders.map((steps) => play(MONDAY, NORMALE, steps)));
    for (const other of others) expect(same(other)).toEqual(same(first!));
    // Before, during or after the wait: the deadline is counted from the same start, with the same pause.
    for (const when of ['2026-12-07T08:30', twoOf]) {
      const steps: [string, Step][] = [wait, [twoOf, { doing: 'resume' }], [when, changed], [when, urgent]];
      const other = await play(
        MONDAY,
        NORMALE,
        steps.sort(([a], [b]) => a.localeCompare(b)),
      );
      expect(other.date_limite).toBe(first!.date_limite);
    }
  }
});

it('two changes of one moment between which it would have been late are no breach, in either order', async () => {
  const late = '2026-12-10T10:00';
  const [calm, urgent] = [modify({ priorite: 'basse' }), modify({ urgence: true })];
  const rows = await Promise.all(
    [
      [calm, urgent],
      [urgent, calm],
    ].map((steps) =>
      play(
        MONDAY,
        NORMALE,
        steps.map((step) => [late, step]),
      ),
    ),
  );
  expect(rows.map(same)).toEqual([same(rows[0]!), same(rows[0]!)]);
  expect(rows[0]).toMatchObject({ date_limite: '2026-12-16T12:00', depasse_le: null });
});

it('a breach is kept whatever the deadline becomes, the priority, or the outcome', async () => {
  const late = '2026-12-14T10:00';
  for (const steps of [
    [[late, modify({ date_limite: '2026-12-20T10:00:00.000Z' })]],
    [[late, modify({ priorite: 'basse' })]],
    [
      [late, modify({ date_limite: '2026-12-20T10:00:00.000Z' })],
      [late, modify({ date_limite: null })],
      [late, { doing: 'finish' }],
      ['2026-12-15T08:00', { doing: 'reopen' }],
      ['2026-12-15T09:00', { doing: 'finish' }],
    ],
  ] as [string, Step][][]) {
    expect((await play(MONDAY, NORMALE, steps)).depasse_le).toBe('2026-12-11T18:00');
  }
  const inTime = await play(MONDAY, NORMALE, [['2026-12-11T18:00', { doing: 'finish' }]]);
  expect(inTime.depasse_le).toBeNull();
});

it('a deadline that a person named stands through a wait, and is told during it, once', async () => {
  const named = '2026-12-08T16:00:00.000Z';
  const { id } = await play(MONDAY, NORMALE, [
    ['2026-12-07T09:00', modify({ date_limite: named })],
    ['2026-12-07T10:00', { doing: 'wait' }],
  ]);
  const minute = (when: string) => at(when) * MINUTE;
  expect(resolution(await time.tellDue(id, minute('2026-12-08T15:59')))).toEqual([]);
  expect(resolution(await time.tellDue(id, minute('2026-12-08T16:00')))).toHaveLength(1);
  expect(resolution(await time.tellDue(id, minute('2026-12-08T17:00')))).toEqual([]);
  expect(await kept(id, at('2026-12-08T17:00'))).toMatchObject({ date_limite: named, en_retard: true });
  // The same again re-arms nothing, and neither does what is no change.
  for (const changes of [{ priorite: 'normale' as const }, { urgence: false }])
    await time.order(id, await ordreOf(modify(changes)), minute('2026-12-08T17:30'));
  expect(resolution(await time.tellDue(id, minute('2026-12-08T18:00')))).toEqual([]);
  await time.order(id, await ordreOf({ doing: 'receive' }), minute('2026-12-09T09:00'));
  expect(await kept(id, at('2026-12-09T09:00'))).toMatchObject({ date_limite: named, depasse_le: named });
  expect(resolution(await time.tellDue(id, minute('2026-12-09T10:00')))).toEqual([]);
});

it('the same priority again leaves a deadline that was broken under other rules, and tells nobody again', async () => {
  const { id } = await play(MONDAY, NORMALE, []);
  expect(resolution(await time.tellDue(id, at('2026-12-14T10:00') * MINUTE))).toHaveLength(1);
  // As other zone data would have had it.
  await database.db.query(
    `UPDATE interventions SET date_limite = date_limite - interval '1 hour' WHERE id = $1`,
    [id],
  );
  const before = await time.rowOf(id);
  for (const changes of [{ priorite: 'normale' as const }, { urgence: false }, { date_limite: null }])
    await time.order(id, await ordreOf(modify(changes)), at('2026-12-14T11:00') * MINUTE);
  const { date_limite, resolution_armee_le } = await time.rowOf(id);
  expect({ date_limite, resolution_armee_le }).toEqual({
    date_limite: before.date_limite,
    resolution_armee_le: before.resolution_armee_le,
  });
  expect(await time.tellDue(id, at('2026-12-14T11:00') * MINUTE)).toEqual([]);
});
