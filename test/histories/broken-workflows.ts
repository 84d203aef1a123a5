import { sleep } from '@temporalio/workflow';
import * as real from '../../src/workflows';

/** What a careless change looks like: one more timer before everything else. The replay test must catch it. */
export async function intervention(interventionId: number): Promise<void> {
  await sleep('1 second');
  await real.intervention(interventionId);
}
