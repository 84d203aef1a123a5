import { sleep, workflowInfo } from '@temporalio/workflow';
import * as real from '../../src/workflows';

const workflows: Readonly<Record<string, (...given: never[]) => Promise<unknown>>> = real;

/**
 * What a careless change looks like: one more timer before everything else, of whatever kind of workflow. The replay test must
 * catch it.
 */
export default async function careless(...given: never[]): Promise<unknown> {
  await sleep('1 second');
  return workflows[workflowInfo().workflowType]!(...given);
}
