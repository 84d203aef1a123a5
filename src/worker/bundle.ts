import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker';

/** Where the build leaves the workflows' code, made ready for their sandbox. */
const BUNDLE = join(__dirname, '..', '..', 'workflow-bundle.js');

/** What a worker loads: the bundle of the build; from sources it bundles them itself, which takes seconds. */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  if (existsSync(BUNDLE)) return { workflowBundle: { codePath: BUNDLE } };
  return { workflowsPath: require.resolve('../workflows') };
}

/** Makes the bundle. Run at build time, so that no worker carries the bundler in its memory. */
async function buildBundle(): Promise<void> {
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('../workflows'), logger });
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
