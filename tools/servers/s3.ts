import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../lib/cache';
import { findOnPath, versionOf } from '../lib/commands';
import { type GoProgram, goInstall } from '../lib/go-install';
import { randomFreePort } from '../lib/ports';
import { answers, launch, type RunningProcess, untilReady } from '../lib/processes';
import { say } from '../lib/progress';

/** The last published state: the project is archived since, and offers no download any more. */
const minio: GoProgram = {
  program: 'minio',
  source: 'github.com/minio/minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  usualDuration: '2 minutes',
};

/** Stands in where MinIO cannot be built. */
const versitygw: GoProgram = {
  program: 'versitygw',
  source: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  usualDuration: '1 minute',
};

export type S3Kind = 'minio' | 'versitygw';

export interface S3Options {
  /** The objects go into a folder in it that is named after the kind of server, as their formats differ. */
  dataDir: string;
  logFile: string;
  port?: number;
  accessKey: string;
  secretKey: string;
  kind?: S3Kind;
}

export interface S3Server extends RunningProcess {
  kind: S3Kind;
  endpoint: string;
  port: number;
}

/** Starts an S3 server on 127.0.0.1, without buckets. */
export async function startS3(options: S3Options): Promise<S3Server> {
  const { logFile, accessKey, secretKey } = options;
  const { kind, program } = await findS3Server(options.kind);
  const port = options.port ?? (await randomFreePort());
  const address = `127.0.0.1:${port}`;
  const endpoint = `http://${address}`;
  const dataDir = join(options.dataDir, kind);

  if (kind === 'minio') {
    await mkdir(dataDir, { recursive: true });
    const server = await launch({
      name: 'MinIO',
      command: program,
      args: ['server', dataDir, '--address', address, '--quiet'],
      // No look-up of newer versions, no web console: the one it had is gone from its last versions.
      env: {
        MINIO_ROOT_USER: accessKey,
        MINIO_ROOT_PASSWORD: secretKey,
        MINIO_UPDATE: 'off',
        MINIO_BROWSER: 'off',
      },
      logFile,
    });
    await untilReady(server, logFile, () => answers(`${endpoint}/minio/health/ready`));
    return { ...server, kind, endpoint, port };
  }

  // Metadata goes into files beside the objects: not every file system has extended attributes.
  const [objects, metadata] = [join(dataDir, 'objects'), join(dataDir, 'metadata')];
  await mkdir(objects, { recursive: true });
  await mkdir(metadata, { recursive: true });
  const server = await launch({
    name: 'versitygw',
    command: program,
    args: ['--port', address, '--health', '/health', '--quiet', 'posix', '--sidecar', metadata, objects],
    env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    logFile,
  });
  await untilReady(server, logFile, () => answers(`${endpoint}/health`));
  return { ...server, kind, endpoint, port };
}

/**
 * The kind asked for here or by REGIE_S3_SERVER, on PATH or else built; MinIO when none is asked for, and
 * versitygw where that cannot be built.
 */
export async function findS3Server(
  wanted: S3Kind | undefined = kindFromEnvironment(),
): Promise<{ kind: S3Kind; program: string }> {
  if (wanted === 'versitygw')
    return { kind: 'versitygw', program: findOnPath('versitygw') ?? (await built(versitygw)) };
  try {
    return { kind: 'minio', program: installedMinio() ?? (await built(minio)) };
  } catch (error) {
    if (wanted) throw error;
    say(`MinIO cannot be built, taking versitygw instead: ${(error as Error).message.split('\n')[0]}`);
    return findS3Server('versitygw');
  }
}

async function built(program: GoProgram): Promise<string> {
  const folder = await cachedFolder(`${program.program}-${program.version}`, (temporary) =>
    goInstall(program, temporary),
  );
  return join(folder, program.program);
}

function installedMinio(): string | undefined {
  const path = findOnPath('minio');
  return path && versionOf(path, '--version')?.startsWith('minio version') ? path : undefined;
}

function kindFromEnvironment(): S3Kind | undefined {
  const kind = process.env.REGIE_S3_SERVER;
  if (kind === undefined || kind === '' || kind === 'minio' || kind === 'versitygw') return kind || undefined;
  throw new Error(`REGIE_S3_SERVER is ${kind}; it can be minio or versitygw`);
}
