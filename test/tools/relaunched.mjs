/**
 * A command that goes on in another process as `tools/run.mjs` has it go on with another Node.js: here with the same one.
 *
 *   node relaunched.mjs <folder of node> exit <code> | die <signal> | wait | once <folder> <log>
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRelaunched, once, relaunch } from '../../tools/run/runtime.mjs';

const [bin, what, ...args] = process.argv.slice(2);
if (what === 'once') {
  await once(args[0], async (folder) => {
    appendFileSync(args[1], 'filled\n');
    await sleep(1_000);
    appendFileSync(`${folder}/content`, 'whole');
  });
} else if (!isRelaunched()) {
  await relaunch(bin);
} else if (what === 'exit') {
  process.exitCode = Number(args[0]);
} else if (what === 'die') {
  process.kill(process.pid, args[0]);
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      console.log(`asked by ${signal}`);
      process.exit(5);
    });
  }
  console.log(process.pid);
  setInterval(() => {}, 1_000);
}
