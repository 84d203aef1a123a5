const { readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

const root = join(__dirname, '..', '..');
/** Seconds of the files that take long, which `UPDATE_DURATIONS=1 npm test` keeps (`jest-reporter.ts`). */
const DURATIONS = join(root, 'test', 'durations.json');

/**
 * Test files that take long begin first, also on a checkout that has never run them, so that none of them is left alone
 * with one core at the end. Files that are not known come after those, by their size.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const durations = JSON.parse(readFileSync(DURATIONS, 'utf8'));
    const known = new Map(tests.map(({ path }) => [path, durations[relative(root, path)] ?? 0]));
    const sizes = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return [...tests].sort(
      (a, b) => known.get(b.path) - known.get(a.path) || sizes.get(b.path) - sizes.get(a.path),
    );
  }
};
