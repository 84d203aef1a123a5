import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { LIVRAISONS, type Livraison } from '../../src/domain/messages/sms';
import type { RunningProcess } from '../../tools/lib/processes';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';
import { call, openSmsGateway, type SmsGateway, statutCall } from '../support/sms-gateway';

/** Text messages through the compiled processes, killed in the middle, and a gateway whose calls get lost, late and doubled. */

let system: ProcessSystem;
let gateway: SmsGateway;
let worker: RunningProcess;
let environment: Record<string, string>;
beforeAll(async () => {
  [system, gateway] = await Promise.all([prepareSystem(), openSmsGateway()]);
  environment = { SMS_URL: gateway.url, SMS_JETON: gateway.jeton, SMS_SECRET: gateway.secret };
  worker = await system.startWorker(environment);
});
afterAll(async () => {
  await system.close();
  await gateway.close();
});

let next = 30_000_000;
const newReader = () => makeUser(system.db, { telephone: `+2126${++next}` });

async function tell(user: User): Promise<string> {
  const id = randomUUID();
  const donnees = {
    intervention_id: 1,
    titre: 'Presse arrêtée',
    priorite: 'haute',
    urgence: false,
    equipement: { nom: 'Presse', localisation: null },
    fuseau_horaire: 'Africa/Casablanca',
  };
  await system.db.query(
    `INSERT INTO messages (evenement, destinataire_id, canal, sujet, modele, donnees, correlation_id, message_id)
     VALUES ($1, $2, 'sms', 'intervention:1', 'demarree', $3, 'essai', $4)`,
    [id, user.id, donnees, `<${id}@regie>`],
  );
  await system.db.query(`SELECT pg_notify('messages', 'sms')`);
  return `${id}@regie`;
}

interface Row {
  statut: string;
  tentatives: number;
  livraison: Livraison | null;
}

const read = async (cle: string): Promise<Row> =>
  (
    await system.db.query('SELECT statut, tentatives, livraison FROM messages WHERE message_id = $1', [
      `<${cle}>`,
    ])
  )[0];
const untilSent = (cle: string) =>
  eventually(
    () => read(cle),
    ({ statut }) => statut === 'envoye',
  );
const requested = (cle: string) => gateway.requests.filter((one) => one.cle === cle).length;
const sent = (cle: string) => gateway.sent.filter((one) => one.cle === cle).length;

it('a text that the gateway took before the worker was killed leaves once, asked for once more under its key', async () => {
  const [unmarked, unanswered] = [await newReader(), await newReader()];
  gateway.behave(unanswered.telephone!, 'silence');
  const unansweredCle = await tell(unanswered);
  await eventually(
    async () => requested(unansweredCle),
    (times) => times === 1,
  );

  // This one is answered, and the worker cannot write that down.
  const taken = gateway.hold(unmarked.telephone!);
  const unmarkedCle = await tell(unmarked);
  await taken.arrived;
  const held = await holdRows(system.owner, 'SELECT id FROM messages WHERE message_id = $1 FOR UPDATE', [
    `<${unmarkedCle}>`,
  ]);
  taken.answer();
  await held.awaitedBy(1);
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  await held.release();

  worker = await system.startWorker(environment);
  expect(await untilSent(unansweredCle)).toMatchObject({ tentatives: 2 });
  expect(await untilSent(unmarkedCle)).toMatchObject({ tentatives: 2 });
  for (const cle of [unansweredCle, unmarkedCle]) expect([requested(cle), sent(cle)]).toEqual([2, 1]);
});

it('what the gateway tells of a text whose answer was lost keeps it from being asked for again', async () => {
  const api = await system.startApi(environment);
  const { baseUrl } = system;
  const reader = await newReader();
  gateway.behave(reader.telephone!, 'silence', 'silence');
  const cle = await tell(reader);
  await eventually(
    async () => requested(cle),
    (times) => times === 1,
  );
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  expect(await call(baseUrl, statutCall({ cle, statut: 'livre' }))).toBe(204);

  worker = await system.startWorker(environment);
  // Its lease is over after half a minute.
  expect(await untilSent(cle)).toMatchObject({ livraison: 'livre', tentatives: 2 });
  expect(requested(cle)).toBe(1);

  // Calls that are lost, late, doubled and in any order come to the last word of what did arrive.
  for (const lost of LIVRAISONS) {
    const one = await tell(await newReader());
    await untilSent(one);
    const told = LIVRAISONS.filter((statut) => statut !== lost);
    const calls = told.flatMap((statut) => [
      statutCall({ cle: one, statut }),
      statutCall({ cle: one, statut }),
    ]);
    await Promise.all(calls.toReversed().map((each) => call(baseUrl, each)));
    expect((await read(one)).livraison).toBe(told.at(-1));
  }
  await api.stop();
});
