'use strict';
const os = require('node:os');

/**
 * What threads compute for seconds may wait for what the event loops answer in milliseconds. On Linux a priority is a
 * thread's own; elsewhere it would be the whole process's.
 */
const NICENESS = 10;

exports.NICENESS = NICENESS;

exports.yieldToRequests = () => {
  if (process.platform === 'linux') os.setPriority(Math.max(NICENESS, os.getPriority()));
};
