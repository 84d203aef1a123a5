import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playStory, type StoryOptions } from './demo/story';
import { dataFolderPath } from './system/data-folder';
import { readRunFile } from './system/run-file';

/**
 * `npm run demo`: plays the specification's requests against the system that `npm start` runs, or against the one at
 * REGIE_URL with ADMIN_EMAIL and ADMIN_PASSWORD. Ends with code 1 at the first answer that is not a success.
 */
async function main(): Promise<void> {
  await playStory({
    ...findSystem(),
    print: (text) => process.stdout.write(`${text}\n`),
    coloured: process.stdout.isTTY,
  });
}

type System = Pick<StoryOptions, 'url' | 'email' | 'password' | 'saveDir' | 'mailUrl'>;

/** @throws when nothing runs, or the administrator's password is not known. */
function findSystem(): System {
  const { REGIE_URL, ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
  if (REGIE_URL) {
    if (!ADMIN_EMAIL || !ADMIN_PASSWORD)
      throw new Error('REGIE_URL needs ADMIN_EMAIL and ADMIN_PASSWORD too');
    const url = REGIE_URL.replace(/\/+$/, '');
    return { url, email: ADMIN_EMAIL, password: ADMIN_PASSWORD, saveDir: join(dataFolderPath(), 'demo') };
  }
  const run = readRunFile();
  const password =
    ADMIN_PASSWORD || (run.adminPasswordFile && readFileSync(run.adminPasswordFile, 'utf8').trim());
  if (!password) throw new Error('The system was started with ADMIN_PASSWORD: give it to the demo, too');
  return {
    url: run.apiUrl,
    email: run.adminEmail,
    password,
    saveDir: join(run.dataDir, 'demo'),
    mailUrl: run.mailUrl,
  };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
