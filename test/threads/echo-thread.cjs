'use strict';
const { parentPort, threadId } = require('node:worker_threads');

/** What the tests of threads have done in one. */
parentPort.on('message', (task) => {
  if (task === 'fail') throw new Error('as asked');
  if (task === 'hang') for (;;);
  if (task === 'grow') for (const heap = []; ; ) heap.push(new Array(10_000).fill(task));
  parentPort.postMessage({ task, threadId });
});
