/** Evaluates slots as a process of its own: the compiled evaluator is named, situations come in as JSON, starts go out as JSON. */
const { readFileSync } = require('node:fs');

const { creerEvaluateur } = require(process.argv[2]);
const asked = JSON.parse(readFileSync(0, 'utf8'));
const starts = asked.map(({ situation, from, to }) =>
  creerEvaluateur(situation)
    .creneaux(from, to)
    .map(({ debut }) => debut),
);
process.stdout.write(JSON.stringify({ offset: new Date(0).getTimezoneOffset(), starts }));
