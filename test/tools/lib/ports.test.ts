import { createServer, type Server } from 'node:net';
import { isPortFree, nextFreePort, randomFreePort } from '../../../tools/lib/ports';

function listen(port: number, host?: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, host, () => resolve(server));
  });
}

test.each(['127.0.0.1', undefined])(
  'a port on which somebody listens (host %s) is passed over',
  async (host) => {
    const port = await randomFreePort();
    const server = await listen(port, host);
    expect(await isPortFree(port)).toBe(false);
    expect(await nextFreePort(port)).toBeGreaterThan(port);
    server.close();
  },
);

test('a free port that was promised to another server is passed over', async () => {
  const port = await randomFreePort();
  expect(await nextFreePort(port)).toBe(port);
  expect(await nextFreePort(port, new Set([port]))).toBeGreaterThan(port);
});
