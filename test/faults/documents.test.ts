import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { createSecrets } from '../../src/auth/secrets';
import { createTokenService } from '../../src/auth/tokens';
import { loadConfig } from '../../src/config';
import type { User } from '../../src/db/identite/users';
import { contentOf, sealContentKey } from '../../src/services/documents/contenu';
import { sweepOrphanObjects } from '../../src/services/documents/documents';
import { createObjectStore, type ObjectStore } from '../../src/storage/objects';
import { newContentKey } from '../../src/storage/segments';
import { randomFreePort } from '../../tools/lib/ports';
import { testEnvironment } from '../support/api';
import type { Client } from '../support/client';
import { type Door, openDoor } from '../support/door';
import { eventually } from '../support/eventually';
import { makeIntervention, makeUser, signIn } from '../support/factories';
import { endWorkerConnections, holdRows } from '../support/locks';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Processes that are killed, and a store that is cut off, while a file comes in, goes, or gets another key: no row without
 * its object, and after the sweep no object without its row.
 */

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
/** Of three parts of the store. */
const CONTENT = Buffer.concat([PDF, randomBytes(12_000_000)]);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const key = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;

let system: ProcessSystem;
let door: Door;
let store: ObjectStore;
let admin: User;
let client: Client;
let baseUrl: string;
let token: string;
let interventionId: number;
const overrides = {
  S3_BUCKET: `pannes-${randomUUID()}`,
  DOCUMENT_KEYS: `${key('neuve')},${key('ancienne')}`,
};
const started: Record<string, string> = { DOCUMENT_MAX_OCTETS: '524288000' };
const secrets = createSecrets(loadConfig(testEnvironment('postgres://x', overrides)).dataKeys);
beforeAll(async () => {
  system = await prepareSystem();
  const port = String(await randomFreePort());
  baseUrl = `http://127.0.0.1:${port}`;
  started.PORT = port;
  door = await openDoor(process.env.TEST_S3_ENDPOINT!);
  const config = loadConfig(testEnvironment('postgres://x', overrides));
  store = createObjectStore(config.s3);
  await store.ensureBucket();
  admin = await makeUser(system.db, { role: 'admin' });
  client = await system.as(admin, port);
  token = await signIn(system.db, createTokenService(config.jwt), admin);
  interventionId = (await makeIntervention(system.db)).id;
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => door.shut(),
  ),
);

const startApi = () => system.startApi({ ...overrides, ...started, S3_ENDPOINT: door.url });
const startWorker = () => system.startWorker({ ...overrides, S3_ENDPOINT: door.url });

function formOf(confidentiel: boolean): FormData {
  const form = new FormData();
  form.append('confidentiel', String(confidentiel));
  form.append('type_document', 'plan');
  form.append('intervention_id', String(interventionId));
  form.append('file', new Blob([CONTENT]), `${randomUUID()}.pdf`);
  return form;
}
const upload = (confidentiel: boolean) =>
  client.send('POST', '/documents/upload', { body: formOf(confidentiel) });

/** The same by hand, of which so many bytes are sent and no more. */
async function sendPart(bytes: number): Promise<Socket> {
  const request = new Request('http://x', { method: 'POST', body: formOf(true) });
  const body = Buffer.from(await request.arrayBuffer());
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    [
      'POST /api/v1/documents/upload HTTP/1.1',
      `Host: ${hostname}`,
      `Authorization: Bearer ${token}`,
      `Content-Type: ${request.headers.get('content-type')}`,
      `Content-Length: ${body.length}`,
      '\r\n',
    ].join('\r\n'),
  );
  socket.write(body.subarray(0, bytes));
  return socket;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key: name } of store.list('documents/')) found.push(name);
  return found.sort();
}

/** Every row has its object, whole; and once the sweep has passed, every object its row. */
async function expectNothingAmiss(): Promise<void> {
  const rows = await system.db.query('SELECT * FROM documents ORDER BY id');
  for (const row of rows) {
    const chunks: Buffer[] = [];
    for await (const chunk of await contentOf(store, secrets, row).read()) chunks.push(chunk);
    expect(sha256(Buffer.concat(chunks))).toBe(row.checksum);
  }
  await sweepOrphanObjects(system.db, store, new Date(Date.now() + 60_000));
  expect(await keys()).toEqual(rows.map(({ cle_stockage }: { cle_stockage: string }) => cle_stockage).sort());
}

describe('an API process that is killed during an upload', () => {
  it('leaves no row without its object, and after the sweep no object without its row', async () => {
    const count = async () => Number((await system.db.query('SELECT count(*) FROM documents'))[0].count);
    // At the beginning of the file, between two parts, just before the end.
    for (const bytes of [70_000, 7_000_000, CONTENT.length]) {
      const api = await startApi();
      const before = await count();
      const socket = await sendPart(bytes);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await kill9(api);
      socket.destroy();
      expect(await count()).toBe(before);
      await expectNothingAmiss();
    }

    // Stored, and not filed yet: somebody holds what it belongs to.
    for (const confidentiel of [false, true]) {
      const api = await startApi();
      const before = await keys();
      const held = await holdRows(system.owner, 'SELECT id FROM interventions WHERE id = $1 FOR UPDATE', [
        interventionId,
      ]);
      const lost = upload(confidentiel).then(
        () => 'answered',
        () => 'lost',
      );
      await held.awaitedBy(1, null);
      await kill9(api);
      expect(await lost).toBe('lost');
      await system.owner.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'regie-api%'`,
      );
      await held.release();
      expect((await keys()).length).toBe(before.length + 1);
      await expectNothingAmiss();
      expect(await keys()).toEqual(before);
    }

    const api = await startApi();
    for (const confidentiel of [false, true]) expect((await upload(confidentiel)).status).toBe(201);
    await kill9(api);
    await expectNothingAmiss();
  });
});

describe('a store that is cut off', () => {
  it('in the middle of an upload or a download ends it, and nothing is left or given that is not right', async () => {
    const api = await startApi();
    const before = await keys();
    const uploading = upload(true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await door.shut();
    const cut = await uploading;
    await door.open();
    // Whichever came first: the end of the upload, or of the way to the store.
    if (cut.status !== 201) {
      expect([cut.status, cut.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
      expect(await keys()).toEqual(before);
    }
    const { body } = await upload(true);
    const reply = await fetch(`${baseUrl}/api/v1/documents/${body.id}/telecharger`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of reply.body!) {
        if (chunks.push(chunk) === 1) await door.shut();
      }
      return 'whole';
    })().catch(() => 'broken off');
    const outcome = await reading;
    await door.open();
    const came = Buffer.concat(chunks);
    expect(came.equals(CONTENT.subarray(0, came.length))).toBe(true);
    expect(came.length < CONTENT.length).toBe(outcome === 'broken off');
    await kill9(api);
    await expectNothingAmiss();
  });
});

describe('a worker that is killed between the row of a deleted document and its object', () => {
  it('leaves at most an object, which the sweep takes', async () => {
    const api = await startApi();
    const { body } = await upload(false);
    expect((await client.delete(`/documents/${body.id}`)).status).toBe(204);
    await kill9(api);
    await system.db.query(`UPDATE documents SET date_suppression = now() - interval '1 year' WHERE id = $1`, [
      body.id,
    ]);
    const gone = async () =>
      (await system.db.query('SELECT FROM documents WHERE id = $1', [body.id])).length === 0;
    const [{ cle_stockage }] = await system.db.query('SELECT cle_stockage FROM documents WHERE id = $1', [
      body.id,
    ]);
    // Nothing is purged before the store is out of reach.
    const held = await holdRows(system.owner, 'SELECT id FROM documents WHERE id = $1 FOR UPDATE', [body.id]);
    const worker = await startWorker();
    await door.shut();
    await held.release();
    await system.temporal.schedule.getHandle('nettoyage-regie').trigger(ScheduleOverlapPolicy.ALLOW_ALL);
    await eventually(gone, (isGone) => isGone);
    await system.killWorker(worker);
    await door.open();
    expect(await keys()).toContain(cle_stockage);
    await expectNothingAmiss();
    expect(await keys()).not.toContain(cle_stockage);
  });
});

describe('a worker that loses its connections and is then killed, during a rotation of keys', () => {
  it('goes on, and is gone on with by another, and each key is counted once', async () => {
    const before = createSecrets(
      loadConfig(testEnvironment('postgres://x', { DOCUMENT_KEYS: key('ancienne') })).dataKeys,
    );
    const ids: number[] = [];
    for (let n = 0; n < 500; n++) {
      const cle_stockage = `ailleurs/${n}`;
      const [{ id }] = await system.db.query(
        `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id)
         VALUES ('r.pdf', 'plan', $1, 1, 'application/pdf', '', $2) RETURNING id`,
        [cle_stockage, interventionId],
      );
      const sealed = sealContentKey(before, { id, numero_version: 1 }, newContentKey(cle_stockage));
      await system.db.query(
        'UPDATE documents SET is_encrypted = true, cle_donnees = $2, cle_anneau = $3 WHERE id = $1',
        [id, sealed, before.keyOf(sealed)],
      );
      ids.push(id);
    }
    const api = await startApi();
    const first = await startWorker();
    // The second page does not come to an end.
    const held = await holdRows(system.owner, 'SELECT id FROM documents WHERE id = $1 FOR UPDATE', [
      ids[300],
    ]);
    const asked = await client.post('/documents/cles/rotation');
    expect([asked.status, asked.body.total]).toEqual([202, 500]);
    await held.awaitedBy(1);
    await endWorkerConnections(system.owner);
    // It comes again to where it was.
    await held.awaitedBy(1);
    await system.killWorker(first);
    await endWorkerConnections(system.owner);
    await held.release();
    const state = async () => (await client.get('/documents/cles/rotation')).body.rotation;
    expect((await state()).traites).toBe(200);

    await startWorker();
    const done = await eventually(state, ({ statut }) => statut === 'terminee');
    expect([done.total, done.traites]).toEqual([500, 500]);
    const left = await system.db.query(`SELECT id FROM documents WHERE cle_anneau <> 'neuve'`);
    expect(left).toEqual([]);
    await system.db.query(`DELETE FROM documents WHERE cle_stockage LIKE 'ailleurs/%'`);
    await kill9(api);
    await expectNothingAmiss();
  });
});
