import { parseArgs } from 'node:util';

export const SCENARIOS = [
  'read',
  'list',
  'create',
  'assign',
  'transition',
  'life',
  'bare',
  'sign-in',
  'rebuild',
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface Options {
  /** How long each cell of the table is measured, in seconds. */
  seconds: number;
  /** Creations of the burst. */
  burst: number;
  only: ReadonlySet<Scenario>;
  /** Whether the list is measured among 1,000,000 interventions, too. */
  scale: boolean;
}

const usage = `Usage: npm run bench -- [--quick] [--scale] [--only ${SCENARIOS.join(',')}]`;

/** @throws with the usage, when the arguments cannot be understood. */
export function parseOptions(args: string[]): Options {
  const { values } = readArguments(args);
  const names = values.only?.split(',') ?? SCENARIOS;
  const unknown = names.filter((name) => !SCENARIOS.includes(name as Scenario));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}\n${usage}`);
  return {
    seconds: values.quick ? 2 : 6,
    burst: values.quick ? 500 : 2_000,
    only: new Set(names as Scenario[]),
    scale: values.scale,
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
