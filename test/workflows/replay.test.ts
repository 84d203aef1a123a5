import '../support/runtime';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundling } from '../../src/worker/bundle';
import * as workflows from '../../src/workflows';
import { ENDLESS, type History, LIVES, WITHOUT_HISTORY } from '../histories/lives';
import { startSkippingSystem } from '../support/time-skipping';

/** Histories are kept in the encoding that the engine itself uses. */
const Codec = temporal.api.history.v1.History;
const read = (file: string): History => Codec.decode(readFileSync(join(HISTORIES, file)));

const HISTORIES = join(__dirname, '..', 'histories');

const bundle = (file: string) =>
  bundleWorkflowCode({ ...bundling(require.resolve(file)), logger: undefined });
const replay = (workflowBundle: WorkflowBundleWithSourceMap, history: History) =>
  Worker.runReplayHistory({ workflowBundle }, history, 'intervention-1');

const saved = readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.binpb'),
);
const typeOf = ({ events }: History): string =>
  events![0]!.workflowExecutionStartedEventAttributes!.workflowType!.name!;
const hasEnded = ({ events }: History): boolean =>
  events!.some((event) => event.workflowExecutionCompletedEventAttributes != null);

/** What lives on from one version to the next. */
const LASTING = Object.keys(workflows).filter((type) => WITHOUT_HISTORY[type] === undefined);

describe('histories', () => {
  let today: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    today = await bundle('../../src/workflows');
  });

  it('of today replay with the code that wrote them', async () => {
    const system = await startSkippingSystem({ plans: true });
    try {
      for (const [name, live] of Object.entries(LIVES)) {
        const history = await live(system);
        await replay(today, history);
        save(name, history);
      }
    } finally {
      await system.close();
    }
  });

  it('of released versions are there', () => {
    expect(saved.length).toBeGreaterThanOrEqual(Object.keys(LIVES).length);
  });

  it.each(saved)('%s replays with the code of today', async (file) => {
    await replay(today, read(file));
  });

  it('are there of every kind of workflow, or it is said why not', () => {
    const recorded = new Set(saved.map((file) => typeOf(read(file))));
    expect(LASTING.filter((type) => !recorded.has(type))).toEqual([]);
    const named = [...Object.keys(WITHOUT_HISTORY), ...ENDLESS];
    expect(named.filter((type) => !Object.keys(workflows).includes(type))).toEqual([]);
  });

  it('do not replay with code that breaks determinism, whatever kind they are of', async () => {
    const [early, late] = [
      await bundle('../histories/broken-workflows'),
      await bundle('../histories/broken-ends'),
    ];
    for (const type of LASTING) {
      const lives = saved.map(read).filter((history) => typeOf(history) === type);
      await expect(replay(early, lives.at(-1)!)).rejects.toThrow(DeterminismViolationError);
      if (ENDLESS.includes(type)) continue;
      // At the far end of a life too: everything before it is passed through.
      const whole = lives.find(hasEnded);
      expect([type, whole !== undefined]).toEqual([type, true]);
      await expect(replay(late, whole!)).rejects.toThrow(DeterminismViolationError);
    }
  });
});

/** With `UPDATE_HISTORIES=<version>` keeps what this version writes, for all those that follow. */
function save(name: string, history: History): void {
  const version = process.env.UPDATE_HISTORIES;
  if (version === undefined) return;
  const folder = join(HISTORIES, version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.binpb`), Codec.encode(history).finish());
}
