import { isPortFree, nextFreePort } from '../lib/ports';
import { say } from '../lib/progress';

export interface Ports {
  api: number;
  webUi: number;
  mailPage: number;
  postgres: number;
  temporal: number;
  s3: number;
  smtp: number;
}

const preferred: Ports = {
  api: 8000,
  webUi: 8233,
  mailPage: 1080,
  postgres: 5433,
  temporal: 7233,
  s3: 9000,
  smtp: 1025,
};
const titles: Record<keyof Ports, string> = {
  api: 'API',
  webUi: 'Web UI',
  mailPage: 'mail page',
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  s3: 'S3',
  smtp: 'SMTP',
};

/**
 * The usual ports, or the next free ones, so that several clones can run side by side.
 * @throws when PORT names one that is taken: who asks for a port wants that one.
 */
export async function choosePorts(): Promise<Ports> {
  const chosen = { ...preferred };
  const taken = new Set<number>();
  for (const name of Object.keys(preferred) as (keyof Ports)[]) {
    const isAskedFor = name === 'api' && process.env.PORT;
    chosen[name] = isAskedFor ? await portAskedFor(isAskedFor) : await nextFreePort(preferred[name], taken);
    taken.add(chosen[name]);
    if (!isAskedFor && chosen[name] !== preferred[name])
      say(`${titles[name]}: port ${chosen[name]} instead of ${preferred[name]}`);
  }
  return chosen;
}

/**
 * Says early, before servers are built, what {@link choosePorts} would say.
 * @throws when PORT names a port that is taken.
 */
export async function requirePort(): Promise<void> {
  if (process.env.PORT) await portAskedFor(process.env.PORT);
}

async function portAskedFor(text: string): Promise<number> {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`PORT ${text} is not a port number`);
  if (!(await isPortFree(port))) throw new Error(`PORT ${port} is taken by another program`);
  return port;
}
