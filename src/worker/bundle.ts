import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker';

/** Where the build leaves the workflows' code, made ready for their sandbox. */
const BUNDLE = join(__dirname, '..', '..', 'workflow-bundle.js');

/** What a worker runs, of these. */
export type WorkflowSource = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'>;

/** What a worker loads: the bundle of the build; from sources it bundles them itself, which takes seconds. */
export function workflowSource(): WorkflowSource {
  return existsSync(BUNDLE) ? { workflowBundle: { codePath: BUNDLE } } : unbundled();
}

/** Workflows that a worker bundles itself. */
export function unbundled(): WorkflowSource {
  const { workflowsPath, ...bundlerOptions } = bundling();
  return { workflowsPath, bundlerOptions };
}

/**
 * How workflows are bundled: their modules are run once a worker instead of once a workflow, which took a quarter of what a new one
 * costs, and are frozen. So they keep nothing between two runs: all workflows would share it (`test/workflows/modules.test.ts`).
 * @param workflowsPath where they are exported from.
 */
export function bundling(workflowsPath = require.resolve('../workflows')) {
  return { workflowsPath, preloadModules: [workflowsPath] };
}

/** Makes the bundle. Run at build time, so that no worker carries the bundler in its memory. */
async function buildBundle(): Promise<void> {
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ ...bundling(), logger });
  // Workers that start meanwhile see the old bundle or the new one, never half of it.
  writeFileSync(`${BUNDLE}.new`, withoutSourceMap(code));
  renameSync(`${BUNDLE}.new`, BUNDLE);
}

/** The map is for stack traces, which a worker does not take (`stack-traces.ts`); the SDK wants one and keeps it in memory. */
function withoutSourceMap(code: string): string {
  const empty = { version: 3, sources: [], names: [], mappings: '' };
  const encoded = Buffer.from(JSON.stringify(empty)).toString('base64');
  return code.replace(
    /(\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)\S+/,
    `$1${encoded}`,
  );
}

if (require.main === module) void buildBundle();
