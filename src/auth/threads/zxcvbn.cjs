'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { ZxcvbnFactory } = require('@zxcvbn-ts/core');
const common = require('@zxcvbn-ts/language-common');
const english = require('@zxcvbn-ts/language-en');
const french = require('@zxcvbn-ts/language-fr');
const { yieldToRequests } = require('../../threads/priority.cjs');

/** Estimates how many guesses a password takes. See `StrengthTask` in `auth/password-strength.ts`. */

yieldToRequests();
const zxcvbn = new ZxcvbnFactory({
  dictionary: {
    ...common.dictionary,
    ...english.dictionary,
    ...french.dictionary,
    installation: workerData.words,
  },
  graphs: common.adjacencyGraphs,
  // The default of 100 takes 0.7 s for a text made of characters that stand for several letters; this, a tenth.
  l33tMaxSubstitutions: 15,
});

parentPort.on('message', ({ password, words }) => {
  const { guesses, sequence } = zxcvbn.check(password, words);
  parentPort.postMessage({
    guesses,
    parts: sequence.map(({ i, j, pattern, matchedWord }) => ({
      text: password.slice(i, j + 1),
      word: pattern === 'dictionary' ? matchedWord : null,
    })),
  });
});
