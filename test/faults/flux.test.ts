import { setTimeout as sleep } from 'node:timers/promises';
import { createTokenService } from '../../src/auth/tokens';
import type { User } from '../../src/db/identite/users';
import { Notification } from '../../src/db/messages/notifications';
import { randomFreePort } from '../../tools/lib/ports';
import type { RunningProcess } from '../../tools/lib/processes';
import { testConfig } from '../support/api';
import { eventually } from '../support/eventually';
import { makeIntervention, makePiece, makeSite, makeUser, signIn } from '../support/factories';
import { openSocket, type Told } from '../support/following';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/** Several API processes, of which one is killed and one is stopped while events come: everybody sees each of theirs once. */

const PROCESSES = 3;
const CLIENTS = 9;
const EVENTS = 600;

let system: ProcessSystem;
let ports: string[];
let apis: RunningProcess[];
beforeAll(async () => {
  system = await prepareSystem();
  ports = [];
  for (let n = 0; n < PROCESSES; n++) ports.push(String(await randomFreePort()));
  apis = await Promise.all(ports.map((PORT) => system.startApi({ PORT })));
});
afterAll(() => system.close());

/** A client that comes back, to another process, whenever it is cut off, and says where it was. */
function faithful(user: User, first: number) {
  const told: Told[] = [];
  const closes: number[] = [];
  let over = false;
  let current = openSocket('http://127.0.0.1:1');
  let ready = () => {};
  const followed = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const life = (async () => {
    for (let process = first; !over; process++) {
      const token = await signIn(system.db, createTokenService(testConfig('postgres://x').jwt), user);
      current = openSocket(`http://127.0.0.1:${ports[process % PROCESSES]}`);
      current.socket.on('message', (data) => {
        told.push(JSON.parse(String(data)));
        ready();
      });
      current.send({ type: 'auth', token });
      const last = told.at(-1);
      if (last !== undefined) current.send({ type: 'reprendre', depuis: last.id });
      closes.push((await current.ended).code);
      await sleep(20);
    }
  })();
  return {
    followed,
    told,
    closes,
    events: () => told.filter(({ type }) => type === 'changement' || type === 'notification'),
    end: async () => {
      over = true;
      current.close();
      await life;
    },
  };
}

it('each client sees each of its events once and in order, though a process is killed and one is stopped', async () => {
  const admin = await makeUser(system.db);
  const technicien = await makeUser(system.db, {
    role: 'technicien',
    sites: [(await makeSite(system.db)).id],
  });
  const customer = await makeUser(system.db, { role: 'client' });
  const people = [admin, technicien, customer];
  const piece = await makePiece(system.db);
  const own = await makeIntervention(system.db, { createur_id: customer.id });
  const others = await makeIntervention(system.db);
  const clients = Array.from({ length: CLIENTS }, (_, n) => ({
    user: people[n % people.length]!,
    ...faithful(people[n % people.length]!, n),
  }));
  await Promise.all(clients.map(({ followed }) => followed));
  const [{ from }] = await system.owner.query('SELECT coalesce(max(id), 0) AS from FROM evenements');

  const touch = (entite: string, id: number) =>
    system.db.query(
      `INSERT INTO historique (entite, entite_id, action, date) VALUES ($1, $2, 'modification', now())`,
      [entite, id],
    );
  const writer = async (which: number) => {
    for (let n = 0; n < EVENTS / 3; n++) {
      if (n % 20 === 0) {
        await system.db.manager.insert(Notification, {
          titre: 'a',
          message: 'b',
          type: 'info',
          destinataire_id: people[which]!.id,
          metadata: {},
        });
      } else if (n % 3 === 0) await touch('intervention', own.id);
      else if (n % 3 === 1) await touch('intervention', others.id);
      else await touch('piece', piece.id);
      await sleep(5);
      if (which === 0 && n === 60) await kill9(apis[0]!);
      if (which === 1 && n === 120) await apis[1]!.stop();
    }
  };
  await Promise.all([0, 1, 2].map(writer));

  const all: { id: number; ressource: string; id_ressource: number; destinataire_id: number | null }[] =
    await eventually(
      () => system.owner.query('SELECT * FROM evenements WHERE id > $1 ORDER BY id', [from]),
      (rows: unknown[]) => rows.length === EVENTS,
    );
  const isOf = (user: User) => (one: (typeof all)[number]) =>
    one.ressource === 'notification'
      ? one.destinataire_id === user.id
      : user === admin ||
        (user === technicien
          ? one.ressource === 'piece'
          : one.id_ressource === own.id && one.ressource === 'intervention');
  for (const { user, events } of clients) {
    const expected = all.filter(isOf(user)).map(({ id }) => id);
    await eventually(
      () => events().length,
      (count) => count >= expected.length,
    );
    expect(events().map(({ id }) => id)).toEqual(expected);
  }
  // Those of the process that was stopped were told so; those of the killed one found out.
  const codes = clients.flatMap(({ closes }) => closes);
  expect(codes).toContain(1001);
  expect(codes).toContain(1006);
  await Promise.all(clients.map(({ end }) => end()));
});
