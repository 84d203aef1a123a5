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

/**
 * A free port at random for a throwaway server. It lies below the range from which systems number outgoing
 * connections (32768 and up), so none of these can take it before the server listens.
 */
export async function randomFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isPortFree(port)) return port;
  }
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
