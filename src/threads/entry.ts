import { extname, resolve } from 'node:path';

/**
 * Where a thread or a process of ours begins. It is started by Node alone, which runs JavaScript: where this file itself is
 * TypeScript, in a test, the entry is the compiled one, as for every process that a test starts.
 * @param file below `src`.
 */
export function entryOf(file: string): string {
  const isSource = extname(__filename) === '.ts' && extname(file) !== '.cjs';
  return isSource ? resolve(__dirname, '..', '..', 'dist', 'src', file) : resolve(__dirname, '..', file);
}
