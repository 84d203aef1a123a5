import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolderPath } from '../system/data-folder';
import { readRunFile } from '../system/run-file';

/** Where a demonstration is played, and as whom. */
export interface DemoSystem {
  /** Address of the API's host, without `/api/v1`. */
  url: string;
  /** Of an administrator. */
  email: string;
  password: string;
  /** Folder in which what is made is saved. */
  saveDir: string;
  /** Page on which the mails can be read. */
  mailUrl?: string;
  /** Address of the namespace in the Web UI of the engine, below which its workflows are. */
  webUi?: string;
}

/**
 * The system that `npm start` runs, or the one at REGIE_URL with ADMIN_EMAIL and ADMIN_PASSWORD.
 * @throws when nothing runs, or the administrator's password is not known.
 */
export function findDemoSystem(): DemoSystem {
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
    ...(run.webUiUrl && { webUi: `${run.webUiUrl}/namespaces/${encodeURIComponent(run.temporalNamespace)}` }),
  };
}
