import { createPasswords } from './auth/passwords';
import { createSecrets } from './auth/secrets';
import { type Config, loadConfig } from './config';
import { createDataSource } from './db/data-source';
import { resealCles } from './services/cabinet/cles';
import { type FirstAdministrator, setUp } from './services/systeme/setup';
import { explainStartupFault, requireZoneData } from './startup';
import { createObjectStore } from './storage/objects';

/** The setup process: schema, the application's rights, keys of patients, first administrator, bucket. To be run before each start of a new version. */
async function main(): Promise<void> {
  requireZoneData();
  const config = loadConfig();
  const db = await createDataSource({
    url: config.databaseOwnerUrl,
    owner: true,
    poolSize: 2,
    applicationName: 'regie-setup',
  }).initialize();
  try {
    announce(await setUp(db, createPasswords(config), config, new Date()));
    await resealWhatIsMedical(config);
    await createObjectStore(config.s3).ensureBucket();
  } finally {
    await db.destroy();
  }
}

/** The ring may have got another first key since the last time. */
async function resealWhatIsMedical({ databaseMedicalUrl: url, dataKeys }: Config): Promise<void> {
  const medical = await createDataSource({
    url,
    medical: true,
    poolSize: 1,
    applicationName: 'regie-setup-medical',
  }).initialize();
  try {
    await resealCles(medical, createSecrets(dataKeys));
  } finally {
    await medical.destroy();
  }
}

function announce(administrator: FirstAdministrator | null): void {
  if (administrator === null) return;
  const { email, generatedPassword } = administrator;
  console.log(
    generatedPassword === undefined
      ? `Administrator ${email} created`
      : `Administrator ${email} created with the password ${generatedPassword} (shown this once)`,
  );
}

main().catch((error: unknown) => {
  console.error(explainStartupFault(error));
  process.exitCode = 1;
});
