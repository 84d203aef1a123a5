/**
 * `npm run test:one <file>`: runs one test file, or a few, on the servers that `npm run servers` keeps running in another
 * terminal. Nothing is compiled: tests that start processes run what `npm run build` made last.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const servers = join(root, '.regie', 'test-servers.env');
if (!existsSync(servers)) {
  console.error('No test servers are running: npm run servers, in another terminal.');
  process.exit(1);
}
const args = process.argv.slice(2);
/** For Node.js rather than for jest: `--inspect-wait=127.0.0.1:9249` lets a debugger in before anything is run. */
const flags = args.filter((arg) => arg.startsWith('--inspect'));
const others = args.filter((arg) => !flags.includes(arg));
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
// The shell reads the file, which also names the Node.js to run on.
const script = `. '${servers}' && exec node "$@"`;
const { status } = spawnSync('sh', ['-c', script, 'sh', ...flags, jest, ...others], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
