import '../support/runtime';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { pino } from 'pino';
import { type RunningWorker, startWorker } from '../../src/worker/worker';
import { INTERVENTION_WORKFLOW, interventionStart } from '../../src/workflows/protocol';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes';
import { startTestApi, type TestApi } from '../support/api';
import { eventually } from '../support/eventually';
import { makeEquipement, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { createNamespace } from '../support/namespace';
import { closeAll, type ProcessSystem, prepareSystem } from '../support/processes';
import { workflowsUnderTest } from '../support/workflow-bundle';

/** A cluster's servers each remember for seconds what a namespace was before somebody registered something in it. */

describe('a new engine', () => {
  let api: TestApi;
  let worker: RunningWorker | undefined;
  beforeAll(async () => {
    api = await startTestApi({ TEMPORAL_NAMESPACE: await createNamespace() });
  });
  afterAll(() =>
    closeAll(
      () => worker?.stop(),
      () => api.close(),
    ),
  );

  it('has taken what was registered in it before workflows run', async () => {
    const { client } = await api.newPerson('admin');
    const ids: number[] = [];
    for (let count = 0; count < 5; count++) {
      ids.push(await bringTo('ouverte', { client, equipementId: (await makeEquipement(api.db)).id }));
    }
    const { address, namespace } = api.config.temporal;
    const connection = await Connection.connect({ address });
    const temporal = new TemporalClient({ connection, namespace });
    const eventsOf = async (id: number) =>
      (await temporal.workflow.getHandle(`intervention-${id}`).fetchHistory()).events ?? [];
    try {
      // They wait for a worker, the first there is. The API's own starts are refused as long as it has set up nothing.
      for (const id of ids) {
        await temporal.workflow.start(
          INTERVENTION_WORKFLOW,
          interventionStart(id, api.config.temporal.taskQueue),
        );
      }
      worker = await startWorker(api.config, pino({ level: api.config.logLevel }), workflowsUnderTest());
      for (const id of ids) {
        const ends = await eventually(
          async () =>
            (await eventsOf(id)).filter(
              (event) =>
                event.workflowTaskCompletedEventAttributes ?? event.workflowTaskFailedEventAttributes,
            ),
          ({ length }) => length > 0,
        );
        expect(ends.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
      }
    } finally {
      await connection.close();
    }
  });
});

describe('workers that start at the same moment on a new engine', () => {
  let system: ProcessSystem;
  beforeAll(async () => {
    system = await prepareSystem();
  });
  afterAll(() => system.close());

  it('all go on, and the engine knows each attribute once', async () => {
    await Promise.all([1, 2, 3].map(() => system.startWorker()));
    const { connection, options } = system.temporal;
    const { namespaceInfo, config } = await connection.workflowService.describeNamespace({
      namespace: options.namespace,
    });
    expect(namespaceInfo?.name).toBe(options.namespace);
    expect(Object.values(config?.customSearchAttributeAliases ?? {}).sort()).toEqual(
      Object.keys(SEARCH_ATTRIBUTES).sort(),
    );
    await system.startApi();
    const client = await system.as(await makeUser(system.db));
    await bringTo('ouverte', { client, equipementId: (await makeEquipement(system.db)).id });
  });
});
