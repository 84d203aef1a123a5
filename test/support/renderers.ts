import { join } from 'node:path';
import type { RapportRenderer } from '../../src/pdf/renderer';
import { createRenderer } from '../../src/threads/renderer';

/** Makes no report: its thread has not room for any. */
export function hopelessRenderer(): RapportRenderer {
  return createRenderer({
    file: join(__dirname, '..', 'threads', 'growing-thread.cjs'),
    maxWaiting: 10,
    timeLimit: 20_000,
    maxHeap: 16,
  });
}
