import { randomBytes, randomUUID } from 'node:crypto';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { createSecrets, type Secrets } from '../../src/auth/secrets';
import type { DataKey } from '../../src/config';
import type { Intervention } from '../../src/db/interventions/interventions';
import { rotatePage } from '../../src/services/documents/cles';
import { checkPage, type Relecture } from '../../src/services/documents/integrite';
import type { Client, Reply } from '../support/client';
import { makeIntervention } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Keys of confidential documents that are changed, and files that are read again, as workflows do it. */

const ring = (...ids: string[]): DataKey[] => ids.map((id) => ({ id, key: Buffer.alloc(32, id) }));
const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const pdfOf = (size: number) => Buffer.concat([PDF, randomBytes(size - PDF.length)]);

let system: TestSystem;
let temporal: Connection;
let admin: Client;
let intervention: Intervention;
let current: Secrets;
beforeAll(async () => {
  system = await startTestSystem({
    S3_BUCKET: `coffre-cles-${randomUUID()}`,
    DOCUMENT_KEYS: ring('neuve', 'ancienne')
      .map(({ id, key }) => `${id}:${key.toString('base64')}`)
      .join(','),
  });
  temporal = await Connection.connect({ address: system.config.temporal.address });
  admin = (await system.newPerson('admin', { langue: 'en' })).client;
  intervention = await makeIntervention(system.db);
  current = system.app.secrets;
});
afterAll(async () => {
  await temporal.close();
  await system.close();
});
afterEach(() => {
  system.app.secrets = current;
});

const engine = () =>
  new TemporalClient({ connection: temporal, namespace: system.config.temporal.namespace });

function upload(
  bytes: Buffer | string = PDF,
  nom = `${randomUUID()}.pdf`,
  confidentiel = true,
): Promise<Reply> {
  const form = new FormData();
  form.append('confidentiel', String(confidentiel));
  form.append('type_document', 'contrat');
  form.append('intervention_id', String(intervention.id));
  form.append('file', new Blob([bytes]), nom);
  return admin.send('POST', '/documents/upload', { body: form });
}

/** Filed by a process that has another ring. */
async function uploadWith(keys: DataKey[], nom?: string): Promise<number> {
  system.app.secrets = createSecrets(keys);
  const { body } = await upload(PDF, nom);
  system.app.secrets = current;
  return body.id;
}

async function rowOf(id: number) {
  const [row] = await system.db.query(
    'SELECT cle_stockage, cle_anneau, cle_donnees, version, anomalie, date_verification FROM documents WHERE id = $1',
    [id],
  );
  return row;
}

const etat = async () => (await admin.get('/documents/cles/rotation')).body;
const download = (id: number) => admin.get(`/documents/${id}/telecharger`);

describe('a rotation of the keys', () => {
  it('seals every key with the first one of the ring, touches no object, and names what is lost', async () => {
    const old = [await uploadWith(ring('ancienne')), await uploadWith(ring('ancienne'))];
    const lost = await uploadWith(ring('perdue'), 'perdu.pdf');
    const fresh = (await upload()).body.id;
    const before = await Promise.all(old.map(rowOf));
    const dates = async () => {
      const found: Record<string, Date> = {};
      for await (const { key, date } of system.app.store.list('documents/')) found[key] = date;
      return found;
    };
    const objects = await dates();
    expect(await etat()).toMatchObject({
      courante: 'neuve',
      cles: [
        { id: 'ancienne', presente: true, documents: 2 },
        { id: 'neuve', presente: true, documents: 1 },
        { id: 'perdue', presente: false, documents: 1 },
      ],
      rotation: null,
      perdus: [{ document_id: lost, nom: 'perdu.pdf', cle: 'perdue' }],
      perdus_total: 1,
    });

    const asked = await admin.post('/documents/cles/rotation');
    expect([asked.status, asked.body.statut, asked.body.cle, asked.body.total]).toEqual([
      202,
      'en_cours',
      'neuve',
      3,
    ]);
    const done = await eventually(etat, ({ rotation }) => rotation.statut === 'terminee');
    expect(done.rotation).toMatchObject({ id: asked.body.id, total: 3, traites: 2 });
    expect(done.cles).toEqual([
      { id: 'neuve', presente: true, documents: 3 },
      { id: 'perdue', presente: false, documents: 1 },
    ]);
    expect(done.perdus.map(({ document_id }: { document_id: number }) => document_id)).toEqual([lost]);
    for (const [index, id] of old.entries()) {
      const row = await rowOf(id);
      expect([row.cle_anneau, row.version]).toEqual(['neuve', before[index].version]);
      expect(row.cle_donnees.equals(before[index].cle_donnees)).toBe(false);
      expect((await download(id)).bytes.equals(PDF)).toBe(true);
    }
    expect(await dates()).toEqual(objects);
    // The former key may leave the ring.
    system.app.secrets = createSecrets(ring('neuve'));
    for (const id of [...old, fresh]) expect((await download(id)).status).toBe(200);
    expect((await download(lost)).status).toBe(503);
    system.app.secrets = createSecrets(ring('neuve', 'perdue'));
    expect((await download(lost)).bytes.equals(PDF)).toBe(true);
    const history = await system.db.query(
      `SELECT action, apres FROM historique WHERE entite = 'rotation_cles' AND entite_id = $1 ORDER BY id`,
      [asked.body.id],
    );
    expect(history.map(({ action }: { action: string }) => action)).toEqual(['creation', 'fin']);
    await system.db.query('DELETE FROM documents WHERE id = $1', [lost]);
  });

  it('goes on where it was left, page by page, and counts each key once', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 3; n++) ids.push(await uploadWith(ring('ancienne')));
    // More than a page, without so many uploads.
    await system.db.query(
      `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id, is_encrypted, cle_donnees, cle_anneau)
       SELECT 'x', 'x', 'rotation/' || n, 1, 'application/pdf', '', $1, true, '\\x00', 'absente' FROM generate_series(1, 200) n`,
      [intervention.id],
    );
    const late = await uploadWith(ring('ancienne'));
    const [{ id }] = await system.db.query(
      `INSERT INTO rotations_cles (cle, total) VALUES ('neuve', 204) RETURNING id`,
    );
    const turn = (apres: number) => rotatePage(system.db, current, id, apres, new Date());
    const first = (await turn(0))!;
    expect([first.fini, first.traites]).toEqual([false, 3]);
    // A process that died here begins anew: what was done is not done again.
    const again = (await turn(0))!;
    expect([again.fini, again.traites]).toEqual([false, 3]);
    const last = (await turn(again.apres))!;
    expect([last.fini, last.traites]).toEqual([true, 4]);
    expect(await turn(0)).toBeNull();
    for (const each of [...ids, late]) expect((await rowOf(each)).cle_anneau).toBe('neuve');
    await system.db.query(`DELETE FROM documents WHERE cle_anneau = 'absente'`);
  });

  it('is done once, however many ask, by administrators alone, and by no process of another ring', async () => {
    const { client: responsable } = await system.newPerson('responsable');
    for (const refused of [
      await responsable.post('/documents/cles/rotation'),
      await responsable.get('/documents/cles/rotation'),
    ])
      expect(refused.status).toBe(403);
    const old = await uploadWith(ring('ancienne'));
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => admin.post('/documents/cles/rotation')),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    await eventually(etat, ({ rotation }) => rotation.statut === 'terminee');
    expect((await rowOf(old)).cle_anneau).toBe('neuve');
    const [{ id }] = await system.db.query(
      `INSERT INTO rotations_cles (cle, total) VALUES ('future', 0) RETURNING id`,
    );
    await expect(rotatePage(system.db, current, id, 0, new Date())).rejects.toThrow(/future/);
    // Asked for with a ring that has changed once more, the former ends.
    await admin.post('/documents/cles/rotation');
    const [{ statut }] = await system.db.query('SELECT statut FROM rotations_cles WHERE id = $1', [id]);
    expect(statut).toBe('interrompue');
    await eventually(etat, ({ rotation }) => rotation.statut === 'terminee');
  });
});

/** What was done to an object, and what is found of it. */
const SPOILED: [string, boolean, (key: string, object: Buffer) => Promise<unknown>, string][] = [
  ['a clear one that is missing', false, (key) => system.app.store.remove(key), 'objet_absent'],
  ['a sealed one that is missing', true, (key) => system.app.store.remove(key), 'objet_absent'],
  ['a clear one that was cut off', false, (key, object) => put(key, object.subarray(0, -1)), 'taille'],
  ['a sealed one that was cut off', true, (key, object) => put(key, object.subarray(0, -1)), 'taille'],
  [
    'a sealed one with more behind it',
    true,
    (key, object) => put(key, Buffer.concat([object, PDF])),
    'taille',
  ],
  ['a clear one of which a bit was changed', false, (key, object) => put(key, flipped(object)), 'empreinte'],
  [
    'a sealed one of which a bit was changed',
    true,
    (key, object) => put(key, flipped(object)),
    'dechiffrement',
  ],
];
const put = (key: string, bytes: Buffer) =>
  system.app.store.put(key, bytes, { contentType: 'application/octet-stream' });
const flipped = (object: Buffer) => {
  const bytes = Buffer.from(object);
  bytes[bytes.length - 20]! ^= 1;
  return bytes;
};

describe('reading a document again', () => {
  it.each([false, true])(
    'finds what was filed to be what it was (confidential: %s)',
    async (confidentiel) => {
      const bytes = pdfOf(200_000);
      const { body } = await upload(bytes, undefined, confidentiel);
      const reply = await admin.get(`/documents/${body.id}/integrite`);
      expect([reply.status, reply.body]).toEqual([
        200,
        {
          document_id: body.id,
          conforme: true,
          anomalie: null,
          taille: 200_000,
          checksum: body.checksum,
          date_verification: expect.stringMatching(/Z$/),
        },
      ]);
    },
  );

  it.each(SPOILED)('tells of %s', async (_, confidentiel, spoil, anomalie) => {
    const { body } = await upload(pdfOf(70_000), undefined, confidentiel);
    const { cle_stockage } = await rowOf(body.id);
    const chunks: Buffer[] = [];
    for await (const chunk of await system.app.store.get(cle_stockage)) chunks.push(chunk);
    await spoil(cle_stockage, Buffer.concat(chunks));
    const reply = await admin.get(`/documents/${body.id}/integrite`);
    expect([reply.status, reply.body.conforme, reply.body.anomalie]).toEqual([200, false, anomalie]);
    await system.db.query('DELETE FROM documents WHERE id = $1', [body.id]);
  });

  it('tells of a key that is lost, and of one that is another document’s', async () => {
    const lost = await uploadWith(ring('perdue'));
    const [one, other] = [(await upload()).body.id, (await upload()).body.id];
    await system.db.query(
      `UPDATE documents d SET cle_donnees = o.cle_donnees FROM documents o WHERE d.id = $1 AND o.id = $2`,
      [one, other],
    );
    expect((await admin.get(`/documents/${lost}/integrite`)).body.anomalie).toBe('cle_perdue');
    expect((await admin.get(`/documents/${one}/integrite`)).body.anomalie).toBe('dechiffrement');
    await system.db.query('DELETE FROM documents WHERE id = ANY($1)', [[lost, one]]);
  });

  it('is for whoever may change it', async () => {
    const { body } = await upload();
    const { client } = await system.newPerson('client');
    expect((await client.get(`/documents/${body.id}/integrite`)).status).toBe(403);
    const { client: technicien } = await system.newPerson('technicien');
    expect((await technicien.get(`/documents/${body.id}/integrite`)).status).toBe(404);
  });
});

describe('reading all documents again', () => {
  const begin = (apres = 0): Relecture => ({ debut: new Date().toISOString(), apres, verifies: 0 });

  it('goes on behind the last of which it had told, however it ended', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 3; n++) ids.push((await upload()).body.id);
    const { store } = system.app;
    let told = begin(ids[0]! - 1);
    const dying = checkPage(system.db, store, current, told, (relecture) => {
      told = relecture;
      if (relecture.apres === ids[1]) throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    expect([told.apres, told.verifies]).toEqual([ids[1], 2]);
    const read: string[] = [];
    const watching = {
      ...store,
      get: (key: string, range?: { start: number; end?: number }) => {
        read.push(key);
        return store.get(key, range);
      },
    };
    const done = await checkPage(system.db, watching, current, told, () => {});
    expect([done.fini, done.relecture.verifies]).toEqual([true, 3]);
    expect(new Set(read)).toEqual(new Set([(await rowOf(ids[2]!)).cle_stockage]));
  });

  it('is a schedule of its own, and tells administrators once of what does not fit', async () => {
    const spoiled = (await upload(PDF, 'altéré.pdf')).body.id;
    const { cle_stockage, version } = await rowOf(spoiled);
    await put(cle_stockage, Buffer.alloc(10));
    const handle = engine().schedule.getHandle(`relectureDocuments-${system.config.temporal.taskQueue}`);
    const { spec } = await handle.describe();
    expect(spec.intervals).toMatchObject([{ every: 30 * 86_400_000 }]);
    await handle.trigger();
    const notices = async () =>
      (await admin.get('/notifications')).body.filter(
        ({ metadata }: { metadata: { modele?: string } }) => metadata.modele === 'documents_alteres',
      );
    const [notice] = await eventually(notices, (found) => found.length > 0);
    expect(notice.titre).toBe('Altered documents');
    const row = await rowOf(spoiled);
    expect([row.anomalie, row.version]).toEqual(['taille', version]);
    const [{ unread }] = await system.db.query(
      'SELECT count(*)::integer AS unread FROM documents WHERE date_verification IS NULL',
    );
    expect(unread).toBe(0);
    expect(await notices()).toHaveLength(1);
    const [{ donnees }] = await system.db.query(
      `SELECT donnees FROM messages WHERE modele = 'documents_alteres' LIMIT 1`,
    );
    expect(donnees.documents).toContainEqual({
      document_id: spoiled,
      nom: 'altéré.pdf',
      anomalie: 'taille',
    });
  });
});
