import { join } from 'node:path';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import { selfSigned } from '../support/certificates';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { endWorkerConnections, type HeldRows, holdRows } from '../support/locks';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';
import { answering, type Receiver, startReceiver } from '../support/receiver';

const certificate = selfSigned('127.0.0.1');
const settings = { WEBHOOKS_RESEAUX_PRIVES: 'on', WEBHOOKS_CA: certificate.cert };

let folder: ThrowawayFolder;
let engine: TemporalServer;
let system: ProcessSystem;
let receiver: Receiver;
let client: Client;
beforeAll(async () => {
  folder = await throwawayFolder();
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log') });
  system = await prepareSystem({ temporalAddress: engine.address });
  receiver = await startReceiver(certificate);
  await system.startApi(settings);
  client = await system.as(await makeUser(system.db));
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => receiver.stop(),
    () => engine.stop(),
    () => folder.remove(),
  ),
);
afterEach(() => system.db.query('DELETE FROM webhooks'));

const newWebhook = async (evenement = 'piece.creee') =>
  (await client.post('/webhooks', { url: receiver.url, evenements: [evenement] })).body as {
    id: number;
    secret: string;
  };
let serial = 0;
const newPiece = async (): Promise<number> =>
  (await client.post('/pieces/', { reference: `F-${Date.now()}-${++serial}`, designation: 'Joint torique' }))
    .body.id;
const rows = (id: number): Promise<{ statut: string; tentatives: number; identifiant: string }[]> =>
  system.db.query(
    'SELECT statut, tentatives, identifiant FROM livraisons WHERE webhook_id = $1 ORDER BY id',
    [id],
  );
const delivered = (id: number, count: number) =>
  eventually(
    () => rows(id),
    (all) => all.length === count && all.every(({ statut }) => statut === 'livree'),
  );

it('repeats under the same id what was answered while the worker was killed before it wrote that down', async () => {
  const worker = await system.startWorker(settings);
  const { id, secret } = await newWebhook();
  let held: HeldRows | undefined;
  const answered = new Promise<void>((resolve) => {
    receiver.answer(async (response, delivery) => {
      held = await holdRows(system.owner, 'SELECT id FROM livraisons WHERE webhook_id = $1 FOR UPDATE', [id]);
      receiver.answer(answering(204));
      answering(204)(response, delivery);
      resolve();
    });
  });
  const pieceId = await newPiece();
  await answered;
  await held!.awaitedBy(1);
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  await held!.release();
  expect(await rows(id)).toMatchObject([{ statut: 'a_livrer', tentatives: 1 }]);

  const next = await system.startWorker(settings);
  expect(await delivered(id, 1)).toMatchObject([{ tentatives: 2 }]);
  const came = receiver.received.filter(({ id_ressource }) => id_ressource === pieceId);
  expect(came).toHaveLength(2);
  expect(new Set(came.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(came[1]!.body).toBe(came[0]!.body);
  for (const delivery of came) receiver.verify(secret, delivery);
  await next.stop();
});

it('hands on what happened while no worker was there, each once', async () => {
  const { id } = await newWebhook();
  receiver.answer(answering(204));
  const ids = [await newPiece(), await newPiece(), await newPiece()];
  const first = await system.startWorker(settings);
  await delivered(id, 3);
  await system.killWorker(first);
  ids.push(await newPiece());
  const second = await system.startWorker(settings);
  await delivered(id, 4);
  const came = receiver.received.map(({ id_ressource }) => id_ressource).filter((one) => ids.includes(one));
  // Each is a resource of its own: they wait for no other.
  expect(came.toSorted((a, b) => a - b)).toEqual(ids);
  await second.stop();
});

it('goes on from its rows when the engine comes back without its storage', async () => {
  const worker = await system.startWorker(settings);
  const [waiting, later] = [await newWebhook(), await newWebhook('piece.modifiee')];
  receiver.answer(answering(503));
  const pieceId = await newPiece();
  await eventually(
    () => rows(waiting.id),
    ([row]) => row?.statut === 'a_livrer' && row.tentatives === 1,
  );

  await kill9(engine);
  receiver.answer(answering(204));
  // The rows know no engine: what happens meanwhile is written down, for a webhook that nothing was to be sent from.
  expect((await client.patch(`/pieces/${pieceId}`, { designation: 'Joint plat' })).status).toBe(200);
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log'), port: engine.port });

  // One is found by the reconciler, the other by whoever hands events on.
  await Promise.all([delivered(waiting.id, 1), delivered(later.id, 1)]);
  const came = receiver.received.filter(({ id_ressource }) => id_ressource === pieceId);
  expect(new Set(came.map(({ evenement }) => evenement))).toEqual(new Set(['piece.creee', 'piece.modifiee']));
  await worker.stop();
});
