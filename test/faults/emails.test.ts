import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { announce } from '../../src/services/messages/messages';
import type { RunningProcess } from '../../tools/lib/processes';
import { eventually } from '../support/eventually';
import { makeEquipement, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';

let system: ProcessSystem;
let worker: RunningProcess;
beforeAll(async () => {
  system = await prepareSystem();
  worker = await system.startWorker();
});
afterAll(() => system.close());

/** Tells each of something; their emails are in the outbox, all at once, when this resolves to their Message-IDs. */
async function tell(...users: User[]): Promise<string[]> {
  const evenement = `essai:${randomUUID()}`;
  const equipement = await makeEquipement(system.db);
  await system.db.transaction((tx) =>
    announce(tx, systemActor(new Date(), evenement), evenement, {
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
  const rows = await eventually(read, (all) => all.every(({ statut }) => statut === 'envoye'));
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
});

it('sends what one person is told in its order, and lets nobody else wait for it', async () => {
  const { db, postOffice } = system;
  const [slow, other] = (await Promise.all([makeUser(db), makeUser(db)])) as [User, User];
  const first = postOffice.hold(slow.email);
  const [firstId] = (await tell(slow)) as [string];
  await first.arrived;
  const [secondId, otherId] = (await tell(slow, other)) as [string, string];
  await untilMarked(otherId);
  expect(came(secondId).received).toBe(0);

  first.accept();
  expect(await untilMarked(firstId, secondId)).toEqual([1, 1]);
  const { accepted } = postOffice;
  expect(accepted.indexOf(firstId)).toBeLessThan(accepted.indexOf(secondId));
});

it('sends later messages while an earlier one is refused for now, and that one when it is taken', async () => {
  const { db, postOffice } = system;
  const user = await makeUser(db);
  const first = postOffice.hold(user.email);
  const [refusedId] = (await tell(user)) as [string];
  await first.arrived;
  const [laterId] = (await tell(user)) as [string];
  first.refuse();
  expect(await untilMarked(refusedId, laterId)).toEqual([2, 1]);
  const { accepted } = postOffice;
  expect(accepted.indexOf(laterId)).toBeLessThan(accepted.indexOf(refusedId));
});

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
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  await held.release();
  expect(came(unansweredId)).toEqual({ received: 1, accepted: 0 });
  expect(came(unmarkedId)).toEqual({ received: 1, accepted: 1 });

  await system.startWorker();
  expect(await untilMarked(...ids)).toEqual([2, 2, 1]);
  expect(came(unansweredId)).toEqual({ received: 2, accepted: 1 });
  expect(came(unmarkedId)).toEqual({ received: 2, accepted: 2 });
  expect(came(markedId)).toEqual({ received: 1, accepted: 1 });
  await expectInvariants(system);
});
