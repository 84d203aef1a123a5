import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { announce } from '../../src/services/messages/messages';
import type { RunningProcess } from '../../tools/lib/processes';
import { eventually } from '../support/eventually';
import { makeEquipement, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { endWorkerConnections, holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

let system: ProcessSystem;
let worker: RunningProcess;
beforeAll(async () => {
  system = await prepareSystem();
  worker = await system.startWorker();
}, 60_000);
afterAll(() => system.close());

/** Tells each of something; their emails are in the outbox, all at once, when this resolves to their Message-IDs. */
async function tell(...users: User[]): Promise<string[]> {
  const evenement = `essai:${randomUUID()}`;
  const equipement = await makeEquipement(system.db);
  await system.db.transaction((tx) =>
    announce(tx, systemActor(new Date(), evenement), {
      evenement,
      modele: 'demarree',
      audience: { users: users.map(({ id }) => id) },
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
    }),
  );
  const rows: { destinataire_id: number; message_id: string }[] = await system.db.query(
    'SELECT destinataire_id, message_id FROM messages WHERE evenement = $1',
    [evenement],
  );
  return users.map(({ id }) => rows.find(({ destinataire_id }) => destinataire_id === id)!.message_id);
}

/** Waits until these mails are marked as sent. @returns how often each was tried. */
async function untilMarked(...messageIds: string[]): Promise<number[]> {
  const read = (): Promise<{ message_id: string; statut: string; tentatives: number }[]> =>
    system.db.query('SELECT message_id, statut, tentatives FROM messages WHERE message_id = ANY($1)', [
      messageIds,
    ]);
  const rows = await eventually(read, (all) => all.every(({ statut }) => statut === 'envoye'), 60_000);
  return messageIds.map((id) => rows.find(({ message_id }) => message_id === id)!.tentatives);
}

/** Keeps the worker from marking a mail. */
const holdMessage = (messageId: string) =>
  holdRows(system.owner, 'SELECT id FROM messages WHERE message_id = $1 FOR UPDATE', [messageId]);

/** How often a mail came, and how often it was taken. */
function came(messageId: string): { received: number; accepted: number } {
  const times = (list: string[]) => list.filter((id) => id === messageId).length;
  return { received: times(system.postOffice.received), accepted: times(system.postOffice.accepted) };
}

it('does not send again what was taken while the connection to the database broke', async () => {
  const { db, postOffice } = system;
  const user = await makeUser(db);
  const mail = postOffice.hold(user.email);
  const [id] = (await tell(user)) as [string];
  await mail.arrived;
  const held = await holdMessage(id);
  mail.accept();
  await held.awaitedBy(1);
  await endWorkerConnections(system.owner);
  await held.awaitedBy(1);
  await held.release();

  expect(await untilMarked(id)).toEqual([1]);
  await expectInvariants(system);
}, 60_000);

it('sends again, under the same Message-ID, only what was not known to be taken when the worker was killed', async () => {
  const { db, postOffice } = system;
  const people = await Promise.all([makeUser(db), makeUser(db), makeUser(db)]);
  const [patient, unlucky] = people as [User, User, User];
  const unanswered = postOffice.hold(patient.email);
  const answered = postOffice.hold(unlucky.email);
  const ids = await tell(...people);
  const [unansweredId, unmarkedId, markedId] = ids as [string, string, string];

  // One has no 250 yet; one has it, but the worker cannot write it down; one is over and done with.
  await Promise.all([unanswered.arrived, answered.arrived]);
  const held = await holdMessage(unmarkedId);
  answered.accept();
  await held.awaitedBy(1);
  await untilMarked(markedId);
  await kill9(worker);
  await endWorkerConnections(system.owner);
  await held.release();
  expect(came(unansweredId)).toEqual({ received: 1, accepted: 0 });
  expect(came(unmarkedId)).toEqual({ received: 1, accepted: 1 });

  await system.startWorker();
  expect(await untilMarked(...ids)).toEqual([2, 2, 1]);
  expect(came(unansweredId)).toEqual({ received: 2, accepted: 1 });
  expect(came(unmarkedId)).toEqual({ received: 2, accepted: 2 });
  expect(came(markedId)).toEqual({ received: 1, accepted: 1 });
  await expectInvariants(system, [unmarkedId]);
}, 120_000);
