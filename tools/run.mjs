/**
 * The way into every command of the project. It needs nothing but Node.js 18, or any later one:
 *
 *   node tools/run.mjs build|start|test|check|servers|demo|demo-planning|demo-entretien|demo-rdv|demo-cabinet|seed|codes-import|bench|fuzz|pictures|audit-verify [arguments]
 *
 * Written for Node.js of any age, which has to understand all of this file to say that it is too old.
 */
const oldest = 18;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(
    'Régie needs Node.js ' +
      oldest +
      ' or later to fetch the one that it runs on; this is ' +
      process.version,
  );
  process.exit(1);
} else {
  import('./run/main.mjs').catch((error) => {
    console.error(error);
    process.exit(1);
  });
}
