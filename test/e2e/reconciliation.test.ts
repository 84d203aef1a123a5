import { Client, Connection } from '@temporalio/client';
import { makeEquipement } from '../support/factories';
import { anotherRound } from '../support/rounds';
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
  // Long enough ago for the engine to list its workflow, if it had it.
  await system.database.owner.query(
    `UPDATE interventions SET date_creation = date_creation - interval '1 minute' WHERE id = $1`,
    [body.id],
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

  const schedule = temporal.schedule.getHandle(`reconciliation-${system.config.temporal.taskQueue}`);
  const reconcile = () => anotherRound(schedule);
  await reconcile();
  await eventually(
    () => statusOf(lost),
    (status) => status === 'RUNNING',
  );
  expect(await statusOf(kept)).toBe('RUNNING');

  // By now there is one too many, unless the round of the next minute has come already.
  const running = `WorkflowType = 'intervention' AND ExecutionStatus = 'Running'`;
  await eventually(
    async () => [(await temporal.workflow.count(running)).count, await statusOf(stray)] as const,
    ([count, status]) => count === 3 || status === 'COMPLETED',
  );
  await reconcile();
  await eventually(
    () => statusOf(stray),
    (status) => status === 'COMPLETED',
  );
  expect([await statusOf(lost), await statusOf(kept)]).toEqual(['RUNNING', 'RUNNING']);
});
