import { unbundled, type WorkflowSource } from '../../src/worker/bundle';
import { BUNDLE, isCurrent } from '../../tools/run/workflow-bundle.cjs';

/**
 * The workflows' code for a worker of a test: the bundle of the build, as in production, as long as the sources are those
 * it was made of; else it is bundled from these, which takes seconds of a processor each time.
 */
export function workflowsUnderTest(): WorkflowSource {
  if (isCurrent()) return { workflowBundle: { codePath: BUNDLE } };
  return unbundled();
}
