'use strict';
const { parentPort } = require('node:worker_threads');
const { hashSync, verifySync } = require('@node-rs/argon2');
const { yieldToRequests } = require('../../threads/priority.cjs');

/**
 * Makes a hash, or tells whether one was made of any of the passwords. See `HashingTask` in `auth/hashing.ts`.
 * @type {(task: { password: string, parameters: object } | { stored: string, passwords: string[] }) => string | boolean}
 */
const perform = (task) =>
  'stored' in task
    ? task.passwords.some((password) => verifySync(task.stored, password))
    : hashSync(task.password, task.parameters);

yieldToRequests();
parentPort.on('message', (task) => parentPort.postMessage(perform(task)));
