import { setFlagsFromString } from 'node:v8';

/** How many calls V8 notes of an error unless told otherwise. */
const USUAL_DEPTH = 10;

/**
 * Has a worker made whose workflows note no stack traces. The SDK notes one of each promise that a workflow makes, for a
 * page that shows where a workflow waits, and translates it by the bundle's source map: of the processor time of a workflow's
 * thread that is a third (docs/decisions/025). What our workflows wait for they say themselves, in their details.
 *
 * The depth is the process's, and holds for every thread and sandbox made from then on; errors of all others keep theirs.
 * @param make resolves once the thread and the sandbox of the workflows are there.
 */
export async function withoutStackTraces<Made>(make: () => Promise<Made>): Promise<Made> {
  setFlagsFromString('--stack-trace-limit=0');
  try {
    return await make();
  } finally {
    setFlagsFromString(`--stack-trace-limit=${USUAL_DEPTH}`);
  }
}
