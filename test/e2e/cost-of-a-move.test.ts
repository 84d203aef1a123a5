import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Client } from '../support/client';
import { makeEquipement, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** What a move costs whatever the machine: statements, and events of the engine's history (docs/decisions/025). */

let system: TestSystem;
let connection: Connection;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
  connection = await Connection.connect({ address: system.config.temporal.address });
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

/** A planned intervention of a customer, whose messages have left. */
async function planned(): Promise<number> {
  const { user: customer } = await system.newPerson('client');
  const equipement = await makeEquipement(system.db, { client_id: customer.id });
  const { body } = await admin.post('/interventions/', {
    titre: 'Essai',
    description: 'Une intervention pour un essai',
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  expect((await admin.put(`/interventions/${body.id}/assign`, await visit())).status).toBe(200);
  await eventually(
    () => system.db.query(`SELECT id FROM messages WHERE statut = 'a_envoyer'`),
    (waiting: unknown[]) => waiting.length === 0,
  );
  return body.id;
}

const visit = async () => ({
  technicien_id: (await makeTechnicien(system.db)).id,
  date_planifiee: new Date(Date.now() + 3_600_000).toISOString(),
  duree_estimee: 60,
});

/** What a request brings about: its own statements and those of the workflow that carries it out. */
async function statementsOf(id: number, request: () => Promise<{ status: number }>): Promise<string[]> {
  const statements = await statementsDuring(
    async () => expect((await request()).status).toBe(200),
    `intervention-${id}`,
  );
  return statements.map((text) => text.trim().split(/\s+/, 2).join(' '));
}

async function eventsAfter(id: number, count: number): Promise<string[]> {
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace: system.config.temporal.namespace,
    execution: { workflowId: `intervention-${id}` },
  });
  const { EventType } = temporal.api.enums.v1;
  return history!
    .events!.slice(count)
    .map(({ eventType }) => EventType[eventType!]!.replace('EVENT_TYPE_', ''));
}

const MOVE = [
  // Who asks; the row, for what it allows and when it is asked.
  'SELECT u.id',
  'SELECT i.id,',
  'START TRANSACTION',
  // The lock, what the rules need to know, who asks by now.
  'SELECT i.*,',
  // The row, its visit, its history, notifications and mails.
  'WITH row',
  'COMMIT',
  // The answer.
  'SELECT i.id,',
];

it('a move is seven statements, of which one transaction', async () => {
  const id = await planned();
  const start = () => admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
  expect(await statementsOf(id, start)).toEqual(MOVE);
});

it('so is an assignment, be it of a crew, and a change of the deadline', async () => {
  const id = await planned();
  const other = await visit();
  expect(await statementsOf(id, () => admin.put(`/interventions/${id}/assign`, other))).toEqual(MOVE);
  const crew = { ...(await visit()), equipiers: [(await makeTechnicien(system.db)).id, other.technicien_id] };
  expect(await statementsOf(id, () => admin.put(`/interventions/${id}/assign`, crew))).toEqual(MOVE);
  expect(await statementsOf(id, () => admin.patch(`/interventions/${id}`, { priorite: 'haute' }))).toEqual(
    MOVE,
  );
});

it('with a key it is four more: whether it has been answered, its claim, whose it is, the answer that is kept', async () => {
  const id = await planned();
  const start = () =>
    admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' }, { 'Idempotency-Key': `debut-${id}` });
  const keyed = await statementsOf(id, start);
  expect(keyed.filter((text) => !MOVE.includes(text))).toEqual([
    'SELECT empreinte,',
    'INSERT INTO',
    'SELECT empreinte,',
    'UPDATE idempotence',
  ]);
  expect(keyed).toHaveLength(MOVE.length + 4);
});

it('a move is seven events, and six where nothing that operators search for changes', async () => {
  const id = await planned();
  const before = (await eventsAfter(id, 0)).length;
  await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
  expect(await eventsAfter(id, before)).toEqual([
    'WORKFLOW_TASK_SCHEDULED',
    'WORKFLOW_TASK_STARTED',
    'WORKFLOW_TASK_COMPLETED',
    'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
    'MARKER_RECORDED',
    'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
  ]);
  const then = (await eventsAfter(id, 0)).length;
  await admin.put(`/interventions/${id}/assign`, { duree_estimee: 90 });
  const replanned = await eventsAfter(id, then);
  expect(replanned).toHaveLength(6);
  expect(replanned).not.toContain('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
});
