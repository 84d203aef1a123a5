import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { announce } from '../../src/services/messages/messages';
import type { RunningProcess } from '../../tools/lib/processes';
import { eventually } from '../support/eventually';
import { makeIntervention, makeTechnicien } from '../support/factories';
import { endWorkerConnections } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/** What is held back, for others of its kind or for the end of quiet hours, while whoever sends it is killed. */

let system: ProcessSystem;
let worker: RunningProcess;
/** Of a house that waits two minutes for others of a kind. */
let db: DataSource;
beforeAll(async () => {
  system = await prepareSystem();
  const { url } = system.db.options as { url: string };
  db = await createDataSource({ url, regroupementMinutes: 2 }).initialize();
  worker = await system.startWorker();
});
afterAll(async () => {
  await db.destroy();
  await system.close();
});

/** Gives somebody so many interventions, and tells them of each. */
async function assignTo({ id, user }: { id: number; user: User }, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const intervention = await makeIntervention(db, { technicien_id: id, statut: 'planifiee' });
    const evenement = `intervention:${intervention.id}:${n + 1}`;
    await db.transaction((tx) =>
      announce(tx, systemActor(new Date(), evenement), evenement, {
        modele: 'assignee',
        audience: { technicien: [user.id] },
        donnees: {
          intervention_id: intervention.id,
          titre: `Panne ${n + 1}`,
          priorite: 'normale',
          urgence: false,
          equipement: { nom: 'Presse', localisation: null },
          fuseau_horaire: 'Africa/Casablanca',
        },
      }),
    );
  }
}

interface Row {
  statut: string;
  tentatives: number;
  regroupe_dans: number | null;
  message_id: string;
  attend: boolean;
}

const rowsOf = (user: User): Promise<Row[]> =>
  system.db.query(
    `SELECT statut, tentatives, regroupe_dans, message_id, prochain_essai > now() AS attend
     FROM messages WHERE destinataire_id = $1 ORDER BY id`,
    [user.id],
  );

/** As if so much time had passed for what waits for somebody. */
const pass = (user: User, time: string) =>
  system.db.query(
    `UPDATE messages SET prochain_essai = prochain_essai - $2::interval WHERE destinataire_id = $1`,
    [user.id, time],
  );

it('is one email after the worker was killed while it waited, and while the mail server had it', async () => {
  const technicien = await makeTechnicien(db);
  const { user } = technicien;
  await assignTo(technicien, 3);
  await system.killWorker(worker);
  expect((await rowsOf(user)).every(({ attend, tentatives }) => attend && tentatives === 0)).toBe(true);

  await pass(user, '2 minutes');
  const mail = system.postOffice.hold(user.email);
  worker = await system.startWorker();
  await mail.arrived;
  const [leader, ...others] = await rowsOf(user);
  expect(others.map(({ regroupe_dans, statut }) => [regroupe_dans !== null, statut])).toEqual(
    Array(2).fill([true, 'a_envoyer']),
  );
  // What comes now is told by itself: it was not in what the mail server may have taken.
  await assignTo(technicien, 1);
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);

  worker = await system.startWorker();
  await pass(user, '2 minutes');
  await eventually(
    () => rowsOf(user),
    (rows: Row[]) => rows.every(({ statut }) => statut === 'envoye'),
  );
  const { received, contents } = system.postOffice;
  const last = (await rowsOf(user)).at(-1)!;
  expect(received.filter((id) => id === leader!.message_id)).toHaveLength(2);
  expect(received.filter((id) => id === last.message_id)).toHaveLength(1);
  expect(new Set(received)).toEqual(new Set([leader!.message_id, last.message_id]));
  const [first, again] = contents.filter((_, at) => received[at] === leader!.message_id);
  const subject = (content: string) => /^Subject:.*(\r\n\s.*)*/im.exec(content)![0];
  expect(subject(again!)).toBe(subject(first!));
  expect(first).toMatch(/^List-Unsubscribe:\s+<http.*desabonnement/im);
  expect(first).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/im);
});

it('waits for the end of quiet hours though the worker was killed in them, and is not forgotten', async () => {
  const technicien = await makeTechnicien(db);
  const { user } = technicien;
  const hour = new Date().getUTCHours();
  const clock = (hours: number) => `${String((hour + hours + 24) % 24).padStart(2, '0')}:00`;
  await system.db.query(
    `INSERT INTO preferences_notification (user_id, heures_calmes, fuseau_horaire)
     VALUES ($1, jsonb_build_object('debut', $2::text, 'fin', $3::text), 'UTC')`,
    [user.id, clock(-1), clock(3)],
  );
  await assignTo(technicien, 2);
  await pass(user, '2 minutes');
  const isHeld = (rows: Row[]) => rows.every(({ attend, tentatives }) => attend && tentatives === 0);
  await eventually(() => rowsOf(user), isHeld);
  await system.killWorker(worker);
  worker = await system.startWorker();
  expect(isHeld(await rowsOf(user))).toBe(true);

  await system.db.query('DELETE FROM preferences_notification WHERE user_id = $1', [user.id]);
  await pass(user, '1 day');
  await eventually(
    () => rowsOf(user),
    (rows: Row[]) => rows.every(({ statut }) => statut === 'envoye'),
  );
  const ids = (await rowsOf(user)).map(({ message_id }) => message_id);
  expect(system.postOffice.received.filter((id) => ids.includes(id))).toHaveLength(1);
});
