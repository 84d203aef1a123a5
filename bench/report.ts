import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Costed } from './cost';
import type { Machine } from './machine';

/** What a number should be, and whether it is. */
export interface Goal {
  text: string;
  met: boolean;
}

/** One line of the table of loads. */
export interface LoadLine {
  what: string;
  connections: number;
  measurement: Costed;
  goal: Goal | null;
}

/** One line of the table of single facts. */
export interface Fact {
  what: string;
  value: string;
  goal: Goal | null;
}

/** Collects what was measured, says each line as it comes, and the whole at the end. */
export class Report {
  private readonly loads: LoadLine[] = [];
  private readonly facts: Fact[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly say: (line: string) => void,
  ) {}

  load(what: string, connections: number, measurement: Costed, goal: Goal | null = null): void {
    const line = { what, connections, measurement, goal };
    this.loads.push(line);
    this.say(`  ${loadCells(line).join('  ')}`);
  }

  fact(what: string, value: string, goal: Goal | null = null): void {
    const fact = { what, value, goal };
    this.facts.push(fact);
    this.say(`  ${factCells(fact).join('  ')}`);
  }

  /** Everything as text. */
  toString(): string {
    const machine = Object.entries(this.machine).map(([name, value]) => `${name}: ${value}`);
    const loadHead = [
      '',
      'connections',
      'a second',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'CPU ms',
      'goal',
      '',
      'failures',
    ];
    const factHead = ['', '', 'goal', ''];
    return [
      machine.join('\n'),
      table([loadHead, ...this.loads.map(loadCells)], new Set([1, 2, 3, 4, 5, 6])),
      table([factHead, ...this.facts.map(factCells)], new Set([1])),
    ].join('\n\n');
  }

  /** @returns the files written: the same once as text, once as JSON. */
  save(folder: string): string[] {
    mkdirSync(folder, { recursive: true });
    const name = join(folder, new Date().toISOString().slice(0, 19).replaceAll(':', '-'));
    const { machine, loads, facts } = this;
    writeFileSync(`${name}.txt`, `${this}\n`);
    writeFileSync(`${name}.json`, `${JSON.stringify({ machine, loads, facts }, null, 2)}\n`);
    return [`${name}.txt`, `${name}.json`];
  }
}

function loadCells({ what, connections, measurement, goal }: LoadLine): string[] {
  const { perSecond, p50, p95, p99, cost, failures } = measurement;
  const failed = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
  return [
    what,
    String(connections),
    perSecond.toFixed(perSecond < 100 ? 1 : 0),
    ...[p50, p95, p99, cost].map((milliseconds) =>
      Number.isNaN(milliseconds) ? '–' : milliseconds.toFixed(1),
    ),
    ...goalCells(goal),
    failed.join(', '),
  ];
}

function factCells({ what, value, goal }: Fact): string[] {
  return [what, value, ...goalCells(goal)];
}

function goalCells(goal: Goal | null): [text: string, mark: string] {
  return goal === null ? ['', ''] : [goal.text, goal.met ? '✓' : '✗'];
}

function table(rows: string[][], rightAligned: ReadonlySet<number>): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        rightAligned.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
