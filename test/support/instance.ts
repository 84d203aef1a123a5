import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/api/app';
import type { AppContext } from '../../src/api/context';
import { CONNECTION_TIMEOUTS } from '../../src/api/http/connections';
import { createPlaces } from '../../src/api/places';
import { createDataSource } from '../../src/db/data-source';
import type { TestApi } from './api';

/** Another process of the same API, as far as anything it holds can tell: it shares nothing but the servers. */
export async function startInstance(
  api: TestApi,
  different: Partial<AppContext> = {},
): Promise<{ baseUrl: string; close(): Promise<void> }> {
  const db = await createDataSource({ url: api.database.url, applicationName: 'instance' }).initialize();
  const server = createServer(
    CONNECTION_TIMEOUTS,
    createApp({ ...api.app, db, reads: db, places: createPlaces(), ...different }).callback(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await db.destroy();
    },
  };
}
