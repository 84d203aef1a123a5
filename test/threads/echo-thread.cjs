'use strict';
const { parentPort, threadId } = require('node:worker_threads');

const standing = new Int32Array(new SharedArrayBuffer(4));

/** What the tests of threads have done in one. */
parentPort.on('message', (task) => {
  if (task === 'fail') throw new Error('as asked');
  if (task === 'hang') for (;;);
  if (task === 'stand still') Atomics.wait(standing, 0, 0);
  if (task === 'give way') Atomics.wait(standing, 0, 0, 1_500);
  if (task === 'grow') for (const heap = []; ; ) heap.push(new Array(10_000).fill(task));
  parentPort.postMessage({ task, threadId });
});
