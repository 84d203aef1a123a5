/** What a number should be. */
export interface Goal {
  what: string;
  /** As it is written: `≥ 0.9`. */
  text: string;
  met(value: number): boolean;
  show(value: number): string;
}

type Show = (value: number) => string;
const ratio: Show = (value) => value.toFixed(2);

/** What is judged is the value as it is shown. */
function atLeast(what: string, bound: number, show: Show = ratio): Goal {
  return { what, text: `≥ ${show(bound)}`, met: (value) => Number.parseFloat(show(value)) >= bound, show };
}

export function atMost(what: string, bound: number, show: Show = ratio): Goal {
  return { what, text: `≤ ${show(bound)}`, met: (value) => Number.parseFloat(show(value)) <= bound, show };
}

const inUnit =
  (unit: string): Show =>
  (value) =>
    `${value.toFixed(0)} ${unit}`;
export const MEGABYTES = inUnit('MB');
const MILLISECONDS = inUnit('ms');
const SECONDS = inUnit('s');

/** Of the bench: ratios to the floor of the same run wherever there is one, for no machine is as fast as the next. */
export const GOALS = {
  read: atLeast('read one ÷ floor, 20 connections', 1),
  list: atLeast('list of 20 ÷ floor, 20 connections', 0.9),
  create: atLeast('create ÷ bare insert, 20 connections', 0.5),
  started: atMost('workflows of a burst of creations all started', 60, SECONDS),
  burst: atMost('reads during a burst of creations: p95 ÷ quiet p95 at the same rate', 3),
  start: atMost('a single creation to its workflow running: p95', 100, MILLISECONDS),
  moveCost: atMost('move: CPU ÷ bare move, 20 connections', 1.8),
  moveAlone: atMost('move alone: p50 ÷ bare move', 1.5),
  lifeAlone: atMost('life ÷ bare life, one at a time (median time)', 1.5),
  lives: atMost('life ÷ bare life, 20 at a time (lives a second)', 1.5),
  rebuild: atLeast('reads while workflows are rebuilt ÷ quiet', 0.7),
  signIns: atLeast('sign in, 20 connections: a second', 40, inUnit('/s')),
  readsBesideSignIns: atMost('reads while others sign in: p95', 50, MILLISECONDS),
  weekTime: atMost('week of 500 visits × 30 people × 5 days: time on one core', 30, SECONDS),
  weekFirstFit: atMost('week: travel ÷ first-fit by deadline', 0.85),
  weekInsertion: atMost('week: travel ÷ sequential best insertion', 0.95),
  weekLeft: atMost('week with too much to do: left out, though it could be placed', 0, inUnit('visits')),
  dayWorst: atMost('day of 12 stops, exactly: the slowest, time on one core', 200, MILLISECONDS),
  readsBesideSearch: atMost('reads, 100 a second, while a week is searched for: p95 ÷ quiet p95', 2),
  sockets: atMost('1,000 open sockets: what three processes together take more', 300, MEGABYTES),
  told: atMost('followers who were not told all of theirs, once and in order', 0, inUnit('people')),
  slots: atMost('slots of 50 people × 31 days ÷ the evaluator alone (median time)', 1.5),
  booking: atLeast('booking ÷ bare guarded insert, 20 connections', 0.5),
  dossier: atMost(
    'a record of 600 consultations at a glance ÷ bare reading and opening of its rows (median)',
    2,
  ),
  dossierAlone: atMost('the same over HTTP: p95', 100, MILLISECONDS),
  rowSecurity: atMost('reading a patient with row security ÷ without it (median time)', 1.2),
  slotsTime: atMost('slots of 50 people × 31 days: p95', 150, MILLISECONDS),
  flat: atMost('list: p95 among 1,000,000 ÷ among 1,000', 1.5),
  fileUp: atLeast('a large file up ÷ bare streaming', 0.6),
  fileDown: atLeast('a large file down ÷ bare streaming', 0.6),
  fileUpSealed: atLeast('a large confidential file up ÷ bare streaming', 0.4),
  fileDownSealed: atLeast('a large confidential file down ÷ bare streaming', 0.4),
  fileMemory: atMost('memory of an API process while large files pass, beyond what it had', 100, MEGABYTES),
  apiMemory: atMost('peak memory of an API process', 300, MEGABYTES),
  workerMemory: atMost('peak memory of the worker', 300, MEGABYTES),
} as const satisfies Record<string, Goal>;
