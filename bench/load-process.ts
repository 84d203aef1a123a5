import autocannon from 'autocannon';
import type { Load } from './load';
import { measurementOf } from './measurement';

/** The process that makes a {@link Load}, given as its argument, and prints what it measured as JSON. */
async function main(load: Load): Promise<void> {
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const fail = (what: string) => {
    failures[what] = (failures[what] ?? 0) + 1;
  };
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const options = {
      url: load.url,
      connections: load.connections,
      ...(load.amount === undefined ? { duration: load.seconds } : { amount: load.amount }),
      ...(load.rate === undefined ? {} : { overallRate: load.rate }),
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
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(JSON.stringify(measurementOf(latencies, seconds, failures)));
}

main(JSON.parse(process.argv[2]!)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
