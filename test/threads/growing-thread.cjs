'use strict';
const { parentPort } = require('node:worker_threads');

/** Needs more memory than it has for whatever it is asked. */
parentPort.on('message', () => {
  for (const heap = []; ; ) heap.push(new Array(10_000).fill('x'));
});
