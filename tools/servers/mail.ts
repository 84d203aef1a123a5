import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compiledRoot, projectRoot } from '../lib/paths';
import { randomFreePort } from '../lib/ports';
import { answers, launch, type RunningProcess, untilReady } from '../lib/processes';

/** Kept messages; older ones are dropped, so that a load test does not fill memory and disk. */
const maxMails = 1_000;

export interface MailOptions {
  logFile: string;
  smtpPort?: number;
  webPort?: number;
  /** Keeps the messages across restarts. */
  mailDir: string;
}

export interface MailServer extends RunningProcess {
  smtpUrl: string;
  smtpPort: number;
  /** The page to read the messages on; the REST API is below it, at `/api/`. */
  webUrl: string;
  webPort: number;
}

/** Starts a mail catcher on 127.0.0.1: what is sent to it goes nowhere and can be read on its own page alone. */
export async function startMail(options: MailOptions): Promise<MailServer> {
  const { logFile, mailDir } = options;
  const smtpPort = options.smtpPort ?? (await randomFreePort());
  const webPort = options.webPort ?? (await randomFreePort());
  await mkdir(mailDir, { recursive: true });
  const server = await launch({
    name: 'MailDev',
    command: process.execPath,
    args: [
      ...['--require', join(compiledRoot, 'tools', 'servers', 'mail-guard.js')],
      join(projectRoot, 'node_modules', 'maildev', 'dist', 'bin', 'maildev.js'),
      ...['--ip', '127.0.0.1', '--smtp', String(smtpPort)],
      ...['--web-ip', '127.0.0.1', '--web', String(webPort)],
      ...['--max-emails', String(maxMails)],
      ...['--mail-directory', mailDir],
    ],
    cwd: dirname(logFile),
    logFile,
  });
  const webUrl = `http://127.0.0.1:${webPort}`;
  await untilReady(server, logFile, () => answers(`${webUrl}/api/healthz`));
  return { ...server, smtpUrl: `smtp://127.0.0.1:${smtpPort}`, smtpPort, webUrl, webPort };
}
