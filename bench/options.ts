import { parseArgs } from 'node:util';

/** Each brings along the floor that it is measured against. */
export const SCENARIOS = [
  ...(['read', 'list', 'create', 'assign', 'move', 'life', 'sign-in', 'rebuild'] as const),
  // Is measured against ways of planning instead, and without rows.
  'semaine',
  // On rows of its own.
  'proposition',
  'flux',
  'creneaux',
  'reservation',
  'cabinet',
  'dossier',
  // On files alone.
  'documents',
] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** What a quick run leaves to a long one, unless it is named: the reconciler takes a minute to notice. */
const LONG: ReadonlySet<Scenario> = new Set(['rebuild', 'proposition', 'flux']);

export interface Options {
  /** How long each cell of the table is measured, in seconds; the floor beside it as long again. */
  seconds: number;
  /** Creations of the burst. */
  burst: number;
  /** Interventions that are there for each column of moves, of which each is moved once. */
  moves: number;
  /** Workflows that are lost and rebuilt. */
  rebuilt: number;
  /** At a time, one column after the other. */
  connections: readonly number[];
  /** Of the file that goes up and down. */
  fileBytes: number;
  only: ReadonlySet<Scenario>;
  /** Whether the list is measured among 1,000,000 interventions, too. */
  scale: boolean;
}

const usage = `Usage: npm run bench -- [--quick] [--scale] [--only ${SCENARIOS.join(',')}]
  --quick  in under five minutes: shorter cells, none at 100 connections, a burst of 500 creations instead of 2,000, a file of
           50 MB instead of 500, and no proposition, flux or rebuild unless --only names them (of 2,000 workflows then, instead of
           10,000)
  --scale  the list among 1,000,000 interventions, too
  --only   these alone, each with its floor`;

/** @throws with the usage, when the arguments cannot be understood. */
export function parseOptions(args: string[]): Options {
  const { values } = readArguments(args);
  const { quick, scale } = values;
  const names = values.only?.split(',') ?? SCENARIOS.filter((name) => !(quick && LONG.has(name)));
  const unknown = names.filter((name) => !SCENARIOS.includes(name as Scenario));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}\n${usage}`);
  return {
    ...(quick
      ? { seconds: 2, burst: 500, moves: 80, rebuilt: 2_000, fileBytes: 50_000_000, connections: [1, 20] }
      : {
          seconds: 6,
          burst: 2_000,
          moves: 250,
          rebuilt: 10_000,
          fileBytes: 500_000_000,
          connections: [1, 20, 100],
        }),
    only: new Set(names as Scenario[]),
    scale,
  };
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        scale: { type: 'boolean', default: false },
        only: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}
