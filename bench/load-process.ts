import autocannon from 'autocannon';
import { ApiClient } from './api-client';
import type { Load } from './load';
import type { TimedSample } from './measurement';
import { pace } from './pace';

/** The process that makes a {@link Load}, given as its argument, and prints what came of it as JSON. */
async function main(load: Load): Promise<void> {
  const measured = load.rate === undefined ? await asFastAsPossible(load) : await atRate(load, load.rate);
  process.stdout.write(JSON.stringify(measured));
}

async function asFastAsPossible(load: Load): Promise<TimedSample> {
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const fail = (what: string) => {
    failures[what] = (failures[what] ?? 0) + 1;
  };
  const begun = Date.now();
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const options = {
      url: load.url,
      connections: load.connections,
      ...(load.amount === undefined ? { duration: load.seconds } : { amount: load.amount }),
      headers: { authorization: `Bearer ${load.token}`, 'content-type': 'application/json' },
      requests: load.requests.map((request) => ({ ...request, path: `/api/v1${request.path}` })),
    };
    const running = autocannon(options, (error) => (error ? reject(error) : resolve()));
    running.on('response', (_client, status, _bytes, milliseconds) => {
      if (status >= 200 && status < 300) latencies.push(milliseconds);
      else fail(String(status));
    });
    running.on('reqError', (error: Error) => fail(error.message));
  });
  return { latencies, begun, seconds: (performance.now() - start) / 1000, failures };
}

/** autocannon keeps to a rate by sending each second's requests in one burst at its beginning, which is another load. */
async function atRate(load: Load, rate: number): Promise<TimedSample> {
  const clients = Array.from({ length: load.connections }, () => new ApiClient(load.url, load.token));
  const measured = await pace(load.connections, rate, load.seconds, (connection, index) => {
    const { method, path, body } = load.requests[index % load.requests.length]!;
    return clients[connection]!.send(method, path, body === undefined ? undefined : JSON.parse(body));
  });
  for (const client of clients) client.close();
  return measured;
}

main(JSON.parse(process.argv[2]!)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
