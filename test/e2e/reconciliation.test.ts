import { Client, Connection } from '@temporalio/client';
import { makeEquipement } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** What runs in the engine against what should, one by one: a count alone would let one fault hide another. */

let system: TestSystem;
let connection: Connection;
let temporal: Client;
beforeAll(async () => {
  system = await startTestSystem();
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new Client({ connection, namespace });
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

const statusOf = async (id: number) =>
  (await temporal.workflow.getHandle(`intervention-${id}`).describe()).status.name;

async function newIntervention(): Promise<number> {
  const { client } = await system.newPerson('admin');
  const { body } = await client.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    equipement_id: (await makeEquipement(system.db)).id,
  });
  await eventually(
    () => system.db.query('SELECT workflow_demarre FROM interventions WHERE id = $1', [body.id]),
    ([row]) => row.workflow_demarre,
  );
  return body.id;
}

it('starts what is lost though a stray workflow makes the count right, and ends the stray', async () => {
  const [lost, stray, kept] = [await newIntervention(), await newIntervention(), await newIntervention()];
  // Behind the back of its workflow, and long enough ago for it to have noticed.
  await system.database.owner.query(
    `UPDATE interventions SET statut = 'annulee', motif_annulation = 'Doublon', date_fin = now() - interval '1 hour',
       date_modification = now() - interval '1 hour' WHERE id = $1`,
    [stray],
  );
  await temporal.workflow.getHandle(`intervention-${lost}`).terminate('lost');
  await eventually(
    () => temporal.workflow.count(`WorkflowType = 'intervention' AND ExecutionStatus = 'Running'`),
    ({ count }) => count === 2,
  );

  const reconcile = temporal.schedule.getHandle(`reconciliation-${system.config.temporal.taskQueue}`);
  await reconcile.trigger();
  await eventually(
    () => statusOf(lost),
    (status) => status === 'RUNNING',
  );
  expect(await statusOf(kept)).toBe('RUNNING');

  // By now there is one too many.
  await eventually(
    () => temporal.workflow.count(`WorkflowType = 'intervention' AND ExecutionStatus = 'Running'`),
    ({ count }) => count === 3,
  );
  await reconcile.trigger();
  await eventually(
    () => statusOf(stray),
    (status) => status === 'COMPLETED',
  );
  expect([await statusOf(lost), await statusOf(kept)]).toEqual(['RUNNING', 'RUNNING']);
}, 60_000);
