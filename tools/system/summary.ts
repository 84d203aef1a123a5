import { relative } from 'node:path';
import type { RunFile } from './run-file';

/** The block of addresses with which `npm start` ends. */
export function summary(run: RunFile, freshPassword: string | undefined, seconds: number): string {
  const password = freshPassword
    ? `${freshPassword} (shown this once; kept in ${near(run.adminPasswordFile as string)})`
    : run.adminPasswordFile
      ? `first password in ${near(run.adminPasswordFile)}`
      : 'password as given by ADMIN_PASSWORD';
  const lines: [string, string | undefined][] = [
    ['API', `${run.apiUrl}/api/v1`],
    ['Documentation', `${run.apiUrl}/docs`],
    ['Temporal Web UI', run.webUiUrl],
    ['Mail', run.mailUrl],
    ['S3', run.s3Endpoint],
    ['Administrator', `${run.adminEmail}, ${password}`],
    ['Data', run.dataDir],
    ['Logs', run.logDir],
  ];
  const table = lines.flatMap(([title, value]) => (value ? [`  ${title.padEnd(16)} ${value}`] : []));
  return `\nRégie is ready after ${seconds.toFixed(1)} s.\n\n${table.join('\n')}\n\nCtrl-C stops it.\n`;
}

/** A path as short as it can be typed here. */
function near(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('..') ? path : way;
}
