'use strict';
const { join } = require('node:path');
const { runInChild } = require(join(__dirname, '..', '..', 'dist', 'src', 'threads', 'child.js'));

/** Somebody who has a task done that has no end, and says by whom. */
runInChild({
  file: join(__dirname, 'counting-child.cjs'),
  task: { upTo: Number.POSITIVE_INFINITY },
  timeLimit: 60_000,
  maxHeap: 64,
  onProgress: ({ pid }) => process.stdout.write(`${pid}\n`),
});
