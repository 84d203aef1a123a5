import { createServer } from 'node:net';

/** Whether a server could listen on the port, on all interfaces as well as on the loopback one. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, undefined)) && (await canListen(port, '127.0.0.1'));
}

/** The first free port from `preferred` on. Ports in `taken` are left to the servers they were promised to. */
export async function nextFreePort(
  preferred: number,
  taken: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let port = preferred; port <= 65_535; port++)
    if (!taken.has(port) && (await isPortFree(port))) return port;
  throw new Error(`No free port from ${preferred} on`);
}

/** How many ports a process chooses among, and those that it has promised. */
const SHARE = 200;
const promised = new Set<number>();

/**
 * A free port at random for a throwaway server. It lies below the range from which systems number outgoing
 * connections (32768 and up), so none of these can take it before the server listens; and nearly every process has a share of
 * its own, so that no other one that starts servers at this moment is promised the same.
 */
export async function randomFreePort(): Promise<number> {
  const first = 20_000 + (process.pid % 60) * SHARE;
  if (promised.size > SHARE / 2) promised.clear();
  for (;;) {
    const port = first + Math.floor(Math.random() * SHARE);
    if (promised.has(port) || !(await isPortFree(port))) continue;
    promised.add(port);
    return port;
  }
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
