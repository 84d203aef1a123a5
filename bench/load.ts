import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TimedSample } from './measurement';

/** A load of HTTP requests, as it travels to the process that makes it. */
export interface Load {
  /** Address of the host that answers. */
  url: string;
  token: string;
  connections: number;
  /** Each connection goes through these in their order, again and again. */
  requests: { method: 'GET' | 'POST'; path: string; body?: string }[];
  /** Stops after so many seconds. */
  seconds: number;
  /** Or after so many requests, if that is given. */
  amount?: number;
  /** Requests a second over all connections, at an even pace; as many as possible, unless given. */
  rate?: number;
}

/** Makes a load in a process of its own, so that measuring does not slow down what is measured with. */
export async function runLoad(load: Load): Promise<TimedSample> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, 'load-process.js'), JSON.stringify(load)],
    { maxBuffer: 64 * 2 ** 20 },
  );
  return JSON.parse(stdout) as TimedSample;
}
