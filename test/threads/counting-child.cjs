'use strict';
const { join } = require('node:path');
const os = require('node:os');
const { serveTask } = require(join(__dirname, '..', '..', 'dist', 'src', 'threads', 'serve-task.js'));

/** What the tests of processes have done in one: it counts. */
serveTask((task) => {
  let count = 0;
  return {
    advance: () => {
      if (task.fail) throw new Error('as asked');
      if (task.grow) for (const heap = []; ; ) heap.push(new Array(10_000).fill(count));
      if (task.hang) for (;;);
      count += 1;
    },
    get done() {
      return count >= task.upTo;
    },
    get progress() {
      return { count, pid: process.pid };
    },
    result: () => ({
      count,
      pid: process.pid,
      niceness: os.getPriority(),
      variables: Object.keys(process.env).filter((name) => /URL|SECRET|KEY|PASSWORD/.test(name)),
      text: 'x'.repeat(task.size ?? 0),
    }),
  };
});
