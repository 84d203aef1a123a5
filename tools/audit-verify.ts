import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiledRoot } from './lib/paths';
import { applicationEnvironment } from './system/application';
import { DataFolder } from './system/data-folder';
import { s3Credentials } from './system/embedded';
import { type RunFile, readRunFile } from './system/run-file';

/**
 * `npm run audit:verify`: checks the audit of the system that `npm start` runs, or of the one that the environment
 * names. Ends with 0 when all is well, 1 when something is not, 2 when it cannot be checked.
 */
async function main(): Promise<void> {
  const env = { ...(await runningSystem()), ...process.env };
  const entry = join(compiledRoot, 'src', 'audit-verify.js');
  process.exitCode = spawnSync(process.execPath, [entry], { env, stdio: 'inherit' }).status ?? 2;
}

/** @throws when nothing runs and the environment names no database either. */
async function runningSystem(): Promise<Record<string, string>> {
  const run = findRunFile();
  if (run === undefined) return {};
  const folder = new DataFolder(run.dataDir);
  const { env } = await applicationEnvironment(folder, 0);
  const { accessKey, secretKey } = await s3Credentials(folder);
  return {
    ...env,
    DATABASE_URL: run.databaseUrl,
    TEMPORAL_ADDRESS: run.temporalAddress,
    S3_ENDPOINT: run.s3Endpoint,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
    SMTP_URL: run.smtpUrl,
  };
}

function findRunFile(): RunFile | undefined {
  try {
    return readRunFile();
  } catch (error) {
    if (process.env.DATABASE_URL) return undefined;
    throw error;
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
