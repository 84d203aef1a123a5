import { readFile } from 'node:fs/promises';
import { loadConfig } from '../src/config';
import { createDataSource } from '../src/db/data-source';
import { importCodes } from '../src/services/cabinet/codes';
import { lireCodes } from './codes/lecture';
import { findSystem } from './system/running';

/**
 * `npm run codes:import -- cim10.csv`: gives the system that `npm start` runs, or the one that DATABASE_URL names, the codes of
 * a file: CSV with a code and a label a line, or ClaML as the CIM-10 is published. Safe to run again.
 */
async function main(): Promise<void> {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || rest.length > 0)
    throw new Error('Usage: npm run codes:import -- <file, CSV or ClaML>');
  const { codes, ecartes } = lireCodes(await readFile(file, 'utf8'));
  if (codes.length === 0) throw new Error(`No code of the CIM-10 with a label in ${file}`);
  const { env } = await findSystem();
  const db = await createDataSource({
    url: loadConfig(env).databaseUrl,
    poolSize: 1,
    applicationName: 'regie-codes',
  }).initialize();
  try {
    const { ajoutes, changes } = await db.transaction((tx) => importCodes(tx, codes));
    const known = codes.length - ajoutes - changes;
    console.log(
      `${ajoutes} codes added, ${changes} with a new label, ${known} known, ${ecartes} entries left out`,
    );
  } finally {
    await db.destroy();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
