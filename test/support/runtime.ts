import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Workers tell every change of their state; a test run is about the tests. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});
