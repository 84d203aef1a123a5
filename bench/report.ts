import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Costed, type Costs, GROUPS, sumOf } from './cost';
import type { Goal } from './goals';
import type { Machine } from './machine';

/** One line of the table of loads, beside the least that the same answers take. */
export interface LoadLine {
  what: string;
  connections: number;
  measurement: Costed;
  floor: Costed | null;
}

/** One line of the table of single facts. */
export interface Fact {
  what: string;
  value: string;
}

/** Collects what was measured, says each line as it comes, and the whole at the end. */
export class Report {
  private readonly loads: LoadLine[] = [];
  private readonly facts: Fact[] = [];
  private readonly reached = new Map<Goal, number>();

  /** @param goals those of the program, in the order in which they are shown. */
  constructor(
    private readonly machine: Machine,
    private readonly goals: readonly Goal[],
    private readonly say: (line: string) => void,
  ) {}

  load(what: string, connections: number, measurement: Costed, floor: Costed | null = null): void {
    const line = { what, connections, measurement, floor };
    this.loads.push(line);
    for (const cells of loadCells(line)) this.say(`  ${cells.join('  ')}`);
  }

  fact(what: string, value: string): void {
    const fact = { what, value };
    this.facts.push(fact);
    this.say(`  ${what}  ${value}`);
  }

  /** What a goal of the program is measured at. */
  reach(goal: Goal, value: number): void {
    this.reached.set(goal, value);
    this.say(`  ${goalCells(goal, value).join('  ')}`);
  }

  /** Everything as text. */
  toString(): string {
    const machine = Object.entries(this.machine).map(([name, value]) => `${name}: ${value}`);
    const goals = this.goals.map((goal) => goalCells(goal, this.reached.get(goal)));
    return [
      machine.join('\n'),
      table([LOAD_HEAD, ...this.loads.flatMap(loadCells)], 'numbers'),
      table([FACT_HEAD, ...this.facts.map(({ what, value }) => [what, value])], 'texts'),
      table([GOAL_HEAD, ...goals], 'texts'),
    ].join('\n\n');
  }

  /** @returns the files written: the same once as text, once as JSON. */
  save(folder: string): string[] {
    mkdirSync(folder, { recursive: true });
    const name = join(folder, new Date().toISOString().slice(0, 19).replaceAll(':', '-'));
    const { machine, loads, facts } = this;
    const goals = this.goals.map((goal) => {
      const value = this.reached.get(goal) ?? null;
      return { what: goal.what, goal: goal.text, value, met: value === null ? null : goal.met(value) };
    });
    writeFileSync(`${name}.txt`, `${this}\n`);
    writeFileSync(`${name}.json`, `${JSON.stringify({ machine, loads, facts, goals }, null, 2)}\n`);
    return [`${name}.txt`, `${name}.json`];
  }
}

/** Each `÷` is the number before it against the floor's. */
const LOAD_HEAD = [
  ...['', 'connections', 'a second', '÷', 'p50 ms', '÷', 'p95 ms', 'p99 ms'],
  ...['CPU ms', '÷', ...GROUPS, 'failures'],
];

const FACT_HEAD = ['beside that', ''];
const GOAL_HEAD = ['goals', 'measured', 'goal', ''];

/** The line, and that of its floor. */
function loadCells({ what, connections, measurement, floor }: LoadLine): string[][] {
  const line = cells(what, connections, measurement, floor);
  return floor === null ? [line] : [line, cells('  its floor', connections, floor, null)];
}

function cells(what: string, connections: number, measurement: Costed, floor: Costed | null): string[] {
  const { perSecond, p50, p95, p99, cost, failures } = measurement;
  const against = (value: (of: Costed) => number) =>
    floor === null ? '' : number(value(measurement) / value(floor), 2);
  const failed = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
  return [
    what,
    String(connections),
    number(perSecond, perSecond < 100 ? 1 : 0),
    against((of) => of.perSecond),
    number(p50, 1),
    against((of) => of.p50),
    number(p95, 1),
    number(p99, 1),
    number(total(cost), 2),
    against((of) => total(of.cost)),
    ...GROUPS.map((group) => number(cost?.[group] ?? Number.NaN, 2)),
    failed.join(', '),
  ];
}

function total(cost: Costs | null): number {
  return cost === null ? Number.NaN : sumOf(cost);
}

function number(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function goalCells(goal: Goal, value: number | undefined): string[] {
  if (value === undefined || Number.isNaN(value))
    return [goal.what, 'not measured in this run', goal.text, ''];
  return [goal.what, goal.show(value), goal.text, goal.met(value) ? '✓' : '✗'];
}

/** @param cells of numbers, but for the first and the last column, are aligned to the right. */
function table(rows: string[][], cells: 'numbers' | 'texts'): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isRight = (column: number) => cells === 'numbers' && column > 0 && column < widths.length - 1;
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        isRight(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
