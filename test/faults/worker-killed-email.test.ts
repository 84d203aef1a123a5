import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/users';
import { announce } from '../../src/services/messages';
import { eventually } from '../support/eventually';
import { makeEquipement, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { endWorkerConnections, holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

let system: ProcessSystem;
beforeAll(async () => {
  system = await prepareSystem();
}, 60_000);
afterAll(() => system.close());

/** Tells somebody of something; the email stands in the outbox when this resolves. */
async function tell(user: User): Promise<string> {
  const evenement = `essai:${randomUUID()}`;
  const equipement = await makeEquipement(system.db);
  await system.db.transaction((tx) =>
    announce(
      tx,
      { userId: null, now: new Date(), correlationId: evenement },
      {
        evenement,
        modele: 'demarree',
        audience: { users: [user.id] },
        siteId: null,
        donnees: {
          intervention_id: 1,
          titre: 'Presse arrêtée',
          priorite: 'haute',
          urgence: false,
          equipement,
          technicien: null,
          date_planifiee: null,
          duree_estimee: null,
          date_limite: new Date().toISOString(),
          fuseau_horaire: 'Africa/Casablanca',
        },
      },
    ),
  );
  const [row] = await system.db.query('SELECT message_id FROM messages WHERE evenement = $1', [evenement]);
  return row.message_id;
}

const statuts = (): Promise<{ message_id: string; statut: string; tentatives: number }[]> =>
  system.db.query('SELECT message_id, statut, tentatives FROM messages ORDER BY id');

/** How often a mail came, and how often it was taken. */
function came(messageId: string): { received: number; accepted: number } {
  const times = (list: string[]) => list.filter((id) => id === messageId).length;
  return { received: times(system.postOffice.received), accepted: times(system.postOffice.accepted) };
}

it('sends again, under the same Message-ID, only what was not known to be taken when the worker was killed', async () => {
  const { db, postOffice } = system;
  const people = await Promise.all([makeUser(db), makeUser(db), makeUser(db)]);
  const [patient, unlucky, lucky] = people as [User, User, User];
  const first = await system.startWorker();
  const unanswered = postOffice.hold(patient.email);
  const answered = postOffice.hold(unlucky.email);
  const unansweredId = await tell(patient);
  const unmarkedId = await tell(unlucky);
  const markedId = await tell(lucky);

  // One has no 250 yet; one has it, but the worker cannot write it down; one is over and done with.
  await Promise.all([unanswered.arrived, answered.arrived]);
  const held = await holdRows(db, 'SELECT id FROM messages WHERE message_id = $1 FOR UPDATE', [unmarkedId]);
  answered.accept();
  await held.awaitedBy(1);
  const isMarked = (rows: Awaited<ReturnType<typeof statuts>>) =>
    rows.some(({ message_id, statut }) => message_id === markedId && statut === 'envoye');
  await eventually(statuts, isMarked);
  await kill9(first);
  await endWorkerConnections(db);
  await held.release();
  expect(came(unansweredId)).toEqual({ received: 1, accepted: 0 });
  expect(came(unmarkedId)).toEqual({ received: 1, accepted: 1 });

  await system.startWorker();
  const allSent = (rows: Awaited<ReturnType<typeof statuts>>) =>
    rows.every(({ statut }) => statut === 'envoye');
  const sent = await eventually(statuts, allSent, 60_000);
  expect(sent.map(({ message_id, tentatives }) => [message_id, tentatives])).toEqual([
    [unansweredId, 2],
    [unmarkedId, 2],
    [markedId, 1],
  ]);
  expect(came(unansweredId)).toEqual({ received: 2, accepted: 1 });
  expect(came(unmarkedId)).toEqual({ received: 2, accepted: 2 });
  expect(came(markedId)).toEqual({ received: 1, accepted: 1 });
  await expectInvariants(system, [unmarkedId]);
}, 120_000);
