import { applicationEnvironment, type Environment } from './application';
import { DataFolder } from './data-folder';
import { s3Credentials } from './embedded';
import { type RunFile, readRunFile } from './run-file';

/**
 * The configuration of the system that `npm start` runs; of the one that the environment names where DATABASE_URL is
 * set. What the environment says goes first.
 * @returns `run` is undefined for a system of the environment's.
 * @throws when nothing runs and the environment names no database either.
 */
export async function findSystem(): Promise<{ env: NodeJS.ProcessEnv; run: RunFile | undefined }> {
  const run = findRunFile();
  return { env: { ...(run && (await environmentOf(run))), ...process.env }, run };
}

async function environmentOf(run: RunFile): Promise<Environment> {
  const folder = new DataFolder(run.dataDir);
  const { env } = await applicationEnvironment(folder, 0);
  const { accessKey, secretKey } = await s3Credentials(folder);
  return {
    ...env,
    DATABASE_URL: run.databaseUrl,
    DATABASE_MEDICAL_URL: run.databaseMedicalUrl,
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
