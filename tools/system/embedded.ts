import type { RunningProcess } from '../lib/processes';
import { startMail } from '../servers/mail';
import { startPostgres } from '../servers/postgres';
import { startS3 } from '../servers/s3';
import { startTemporal } from '../servers/temporal';
import type { DataFolder } from './data-folder';
import type { Ports } from './ports';

/** A server of the embedded default and what the application has to know about it. */
export interface EmbeddedServer {
  name: 'postgres' | 'temporal' | 's3' | 'mail';
  /** Variable whose presence in the environment says that a server of the user's own takes its place. */
  replacedBy: 'DATABASE_URL' | 'TEMPORAL_ADDRESS' | 'S3_ENDPOINT' | 'SMTP_URL';
  start(): Promise<RunningProcess>;
  /** Environment of the application. */
  env: Record<string, string>;
}

/** The embedded servers that the environment does not replace, the most needed ones first. */
export async function embeddedServers(folder: DataFolder, ports: Ports): Promise<EmbeddedServer[]> {
  const { value: ownerPassword } = await folder.secret('postgres-password');
  const { value: applicationPassword } = await folder.secret('postgres-app-password');
  const { value: medicalPassword } = await folder.secret('postgres-medical-password');
  const databaseUrl = (user: string, password: string) =>
    `postgres://${user}:${password}@127.0.0.1:${ports.postgres}/regie`;
  const { accessKey, secretKey } = await s3Credentials(folder);

  const servers: EmbeddedServer[] = [
    {
      name: 'postgres',
      replacedBy: 'DATABASE_URL',
      start: () =>
        startPostgres({
          dataDir: folder.postgres,
          logFile: folder.log('postgres'),
          port: ports.postgres,
          password: ownerPassword,
          durable: true,
        }),
      // The setup makes the second and the third.
      env: {
        DATABASE_OWNER_URL: databaseUrl('regie', ownerPassword),
        DATABASE_URL: databaseUrl('regie_app', applicationPassword),
        DATABASE_MEDICAL_URL: databaseUrl('regie_medecine', medicalPassword),
      },
    },
    {
      name: 'temporal',
      replacedBy: 'TEMPORAL_ADDRESS',
      start: () =>
        startTemporal({
          databaseFile: folder.temporalDatabase,
          logFile: folder.log('temporal'),
          port: ports.temporal,
          uiPort: ports.webUi,
          namespace: process.env.TEMPORAL_NAMESPACE,
        }),
      env: {
        TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
        TEMPORAL_UI_URL: process.env.TEMPORAL_UI_URL || `http://localhost:${ports.webUi}`,
      },
    },
    {
      name: 's3',
      replacedBy: 'S3_ENDPOINT',
      start: () =>
        startS3({ dataDir: folder.s3, logFile: folder.log('s3'), port: ports.s3, accessKey, secretKey }),
      env: {
        S3_ENDPOINT: `http://127.0.0.1:${ports.s3}`,
        S3_ACCESS_KEY: accessKey,
        S3_SECRET_KEY: secretKey,
      },
    },
    {
      name: 'mail',
      replacedBy: 'SMTP_URL',
      start: () =>
        startMail({
          mailDir: folder.mail,
          logFile: folder.log('mail'),
          smtpPort: ports.smtp,
          webPort: ports.mailPage,
        }),
      // Its mails go nowhere: whoever runs it works on Régie, or looks at it.
      env: { SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`, DEV_PAGES: process.env.DEV_PAGES || 'on' },
    },
  ];
  return servers.filter(({ replacedBy }) => !process.env[replacedBy]);
}

/** Of the embedded S3 server, or of one of the user's own. */
export async function s3Credentials(folder: DataFolder): Promise<{ accessKey: string; secretKey: string }> {
  return {
    accessKey: process.env.S3_ACCESS_KEY || 'regie',
    secretKey: process.env.S3_SECRET_KEY || (await folder.secret('s3-secret-key')).value,
  };
}
