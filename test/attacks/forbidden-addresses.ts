import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createOutgoing, type Outgoing } from '../../src/net/outgoing';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { type NameServer, startNameServer } from '../support/name-server';

/** A house that calls what people name, but nothing private, and a listener on the loopback that nobody is to reach. */
export interface ForbiddenAddresses {
  api: TestApi;
  /** An administrator's. */
  client: Client;
  /** Whom the house asks for addresses. */
  names: NameServer;
  outgoing: Outgoing;
  /** The listener's. */
  port: number;
  /** How many have come to the listener. */
  came(): number;
  close(): Promise<void>;
}

export async function prepareForbiddenAddresses(): Promise<ForbiddenAddresses> {
  const api = await startTestApi();
  const { client } = await api.newPerson('admin');
  const names = await startNameServer();
  const outgoing = createOutgoing({ privateNetworks: false, resolve: names.resolve });
  api.app.outgoing = outgoing;
  let came = 0;
  const listener = createServer((socket) => {
    came += 1;
    socket.destroy();
  });
  listener.listen(0);
  await once(listener, 'listening');
  return {
    ...{ api, client, names, outgoing },
    port: (listener.address() as AddressInfo).port,
    came: () => came,
    close: async () => {
      outgoing.close();
      listener.close();
      await names.stop();
      await api.close();
    },
  };
}
