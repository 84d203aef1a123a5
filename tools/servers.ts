import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findOnPath } from './lib/commands';
import { projectRoot } from './lib/paths';
import { say } from './lib/progress';
import { onStopRequest } from './lib/stop-requests';
import { startThrowawayServers, type ThrowawayServers } from './servers/throwaway';

/**
 * `npm run servers`: keeps the servers of the tests running, so that `npm run test:one <file>` can be repeated without
 * starting them each time. With `--machines` the engine is the one of `npm run test:machines`.
 */

const envFile = join(projectRoot, '.regie', 'test-servers.env');
let servers: ThrowawayServers | undefined;

async function main(): Promise<void> {
  servers = await startThrowawayServers(process.argv.includes('--machines') ? 'postgres' : 'development');
  const exports = Object.entries(servers.env).map(([name, value]) => `export ${name}='${value}'`);
  // The Node.js of this command may be one that was fetched, and `npx` is to run on it as well.
  const node = findOnPath('node');
  if (node) exports.push(`export PATH='${dirname(node)}':"$PATH"`);
  await mkdir(join(projectRoot, '.regie'), { recursive: true });
  await writeFile(envFile, `${exports.join('\n')}\n`);
  say(`${exports.join('\n')}\n\nIn other terminals: npm run test:one <file>\nCtrl-C stops the servers.`);

  const died = await Promise.race(
    servers.processes.map(async (server) => `${server.name} ended (${await server.exited})`),
  );
  if (!stopping) {
    console.error(died);
    await stop(1);
  }
}

let stopping = false;
async function stop(exitCode: number): Promise<void> {
  stopping = true;
  await rm(envFile, { force: true });
  await servers?.stop();
  process.exit(exitCode);
}

onStopRequest(
  () => void stop(0),
  () => process.exit(130),
);
main().catch((error: Error) => {
  console.error(error.message);
  void stop(1);
});
