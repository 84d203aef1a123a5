import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/** How to run PostgreSQL's programs as a user it accepts. */
export interface PostgresAccount {
  /** Undefined when this process's own user will do. */
  ids: { uid: number; gid: number } | undefined;
  /** Command line with which a program has to be run. */
  commandLine(program: string, args: string[]): [command: string, args: string[]];
  /** User and group for `spawn`, when it can set them itself. */
  spawnAs: { uid: number; gid: number } | undefined;
}

/**
 * PostgreSQL refuses to run as root. For root this picks the system's `postgres` user, or `nobody` where there
 * is none; no user is created.
 *
 * A root user's clone often lies where no one else may look (`/root` is 0700). That user then keeps the one
 * capability needed to pass, through util-linux's `setpriv`, instead of any folder's permissions being changed.
 * @param dataDir folder that the server has to reach.
 * @param program one of the server's executables.
 */
export function postgresAccount(dataDir: string, program: string): PostgresAccount {
  if (process.getuid?.() !== 0)
    return { ids: undefined, spawnAs: undefined, commandLine: (command, args) => [command, args] };

  const ids = idsOf('postgres') ?? idsOf('nobody');
  if (!ids) throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody');
  const canReach = spawnSync('/bin/sh', ['-c', 'cd "$1" && exec "$2" --version', 'sh', dataDir, program], {
    ...ids,
    cwd: tmpdir(),
  });
  if (canReach.status === 0) return { ids, spawnAs: ids, commandLine: (command, args) => [command, args] };

  const setpriv = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups'];
  const capability = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  const prefix = [...setpriv, ...capability, '--'];
  if (spawnSync('setpriv', [...prefix, program, '--version']).status !== 0)
    throw new Error(
      `PostgreSQL cannot run as root, and another user cannot reach ${dataDir}: ` +
        'move the clone to a folder that others may enter, start as another user, or set DATABASE_URL',
    );
  return {
    ids,
    spawnAs: undefined,
    commandLine: (command, args) => ['setpriv', [...prefix, command, ...args]],
  };
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const id = (option: string) =>
      Number(execFileSync('id', [option, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
