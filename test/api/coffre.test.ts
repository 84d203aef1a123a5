import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Intervention } from '../../src/db/interventions/interventions';
import { purgeDeleted } from '../../src/services/documents/changements';
import { sweepOrphanObjects } from '../../src/services/documents/documents';
import { FIRST_PLAIN_SIZE, PLAIN_SIZE, SEGMENT_SIZE, sealedSize } from '../../src/storage/segments';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeEquipement, makeIntervention, makeTechnicien, makeUser, signIn } from '../support/factories';
import { officeDocument } from '../support/zip';

/** Confidential documents, versions, deletion: what is kept, and what comes out of it. */

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** A PDF of exactly so many bytes. */
const pdfOf = (size: number) => Buffer.concat([PDF, randomBytes(size - PDF.length)]);

let api: TestApi;
let admin: Client;
let intervention: Intervention;
beforeAll(async () => {
  api = await startTestApi({ S3_BUCKET: `coffre-${randomUUID()}`, DOCUMENT_MAX_OCTETS: '20000000' });
  admin = (await api.newPerson('admin')).client;
  intervention = await makeIntervention(api.db);
});
afterAll(() => api.close());

type Fields = Record<string, string | number | boolean>;

/** The fields first, unless `after` says so. */
function upload(
  client: Client,
  fields: Fields,
  { bytes = PDF as Buffer | string, nom = 'contrat.pdf', after = false, key = '' } = {},
): Promise<Reply> {
  const form = new FormData();
  const file = new Blob([bytes]);
  if (after) form.append('file', file, nom);
  const defaults = 'remplace' in fields ? {} : { type_document: 'contrat', intervention_id: intervention.id };
  for (const [name, value] of Object.entries({ ...defaults, ...fields })) {
    if (value !== '') form.append(name, String(value));
  }
  if (!after) form.append('file', file, nom);
  return client.send('POST', '/documents/upload', {
    body: form,
    ...(key === '' ? {} : { headers: { 'Idempotency-Key': key } }),
  });
}

async function rowOf(id: number) {
  const [row] = await api.db.query('SELECT * FROM documents WHERE id = $1', [id]);
  return row as { cle_stockage: string; cle_donnees: Buffer | null; cle_anneau: string | null };
}

const stored = async (id: number) => buffer(await api.app.store.get((await rowOf(id)).cle_stockage));

async function objects(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of api.app.store.list('')) keys.push(key);
  return keys;
}

describe('a confidential document', () => {
  it.each([
    ['before', false],
    ['after', true],
  ])(
    'said to be one %s the file lies sealed in the store, and comes back byte for byte',
    async (_, after) => {
      const before = (await objects()).length;
      const bytes = pdfOf(6_000_000);
      const { status, body } = await upload(admin, { confidentiel: true }, { bytes, nom: 'a.pdf', after });
      expect([status, body.is_encrypted, body.taille, body.checksum]).toEqual([
        201,
        true,
        bytes.length,
        sha256(bytes),
      ]);
      const object = await stored(body.id);
      expect(object.length).toBe(sealedSize(bytes.length));
      expect(object.includes(PDF)).toBe(false);
      expect((await rowOf(body.id)).cle_anneau).toBe('test');
      expect(JSON.stringify(body)).not.toContain('cle');
      expect((await objects()).length).toBe(before + 1);
      const reply = await admin.get(`/documents/${body.id}/telecharger`);
      expect([reply.status, sha256(reply.bytes), reply.headers.get('content-length')]).toEqual([
        200,
        sha256(bytes),
        String(bytes.length),
      ]);
      const [{ apres }] = await api.db.query(
        `SELECT apres FROM historique WHERE entite = 'document' AND action = 'creation' AND entite_id = $1`,
        [body.id],
      );
      expect(apres).toMatchObject({ is_encrypted: true, checksum: sha256(bytes) });
      expect(Object.keys(apres)).not.toEqual(expect.arrayContaining(['cle_stockage', 'contentKey']));
    },
  );

  it('is judged by its content like any other: texts by their bytes, archives by their list', async () => {
    const text = Buffer.from('Relevé;12\n', 'latin1');
    const note = await upload(admin, { confidentiel: true }, { bytes: text, nom: 'releve.csv' });
    expect([note.status, note.body.mime_type]).toEqual([201, 'text/csv']);
    expect((await admin.get(`/documents/${note.body.id}/telecharger`)).bytes.equals(text)).toBe(true);
    const book = officeDocument('xl/workbook.xml', 'spreadsheetml.sheet', {
      'xl/media/image1.png': randomBytes(900_000),
    });
    const archive = await upload(admin, { confidentiel: true }, { bytes: book, nom: 'plan.xlsx' });
    expect(archive.body.mime_type).toMatch('spreadsheetml.sheet');
    const before = await objects();
    const pretends = await upload(
      admin,
      { confidentiel: true },
      { bytes: Buffer.from('PK\x03\x04 rien'), nom: 'plan.xlsx' },
    );
    expect(pretends.status).toBe(415);
    expect(await objects()).toEqual(before);
  });

  it('gives every range as the clear file does, and reads only as much of the object', async () => {
    const size = FIRST_PLAIN_SIZE + 3 * PLAIN_SIZE + 777;
    const bytes = pdfOf(size);
    const sealed = (await upload(admin, { confidentiel: true }, { bytes, nom: 's.pdf' })).body;
    const clear = (await upload(admin, {}, { bytes, nom: 'c.pdf' })).body;
    const edges = [0, FIRST_PLAIN_SIZE, FIRST_PLAIN_SIZE + PLAIN_SIZE, size - 1];
    const ranges = edges
      .flatMap((edge) => [edge - 1, edge, edge + 1])
      .filter((edge) => edge >= 0)
      .flatMap((edge) => [`bytes=${edge}-`, `bytes=${edge}-${edge}`, `bytes=-${edge}`, `bytes=0-${edge}`]);
    for (let n = 0; n < 40; n++) {
      const start = randomInt(size);
      ranges.push(`bytes=${start}-${randomInt(start, size + 100)}`);
    }
    for (const Range of ranges) {
      const [one, other] = [
        await admin.get(`/documents/${sealed.id}/telecharger`, { Range }),
        await admin.get(`/documents/${clear.id}/telecharger`, { Range }),
      ];
      const told = ({ status, headers }: Reply) => [
        status,
        ...['content-range', 'content-length', 'etag', 'accept-ranges'].map((name) => headers.get(name)),
      ];
      expect({ Range, told: told(one) }).toEqual({ Range, told: told(other) });
      expect({ Range, equal: one.bytes.equals(other.bytes) || one.status === 416 }).toEqual({
        Range,
        equal: true,
      });
    }
    const read: number[] = [];
    const { get } = api.app.store;
    api.app.store.get = (key, range) => {
      read.push((range!.end ?? size) - range!.start + 1);
      return get(key, range);
    };
    try {
      const last = await admin.get(`/documents/${sealed.id}/telecharger`, { Range: 'bytes=-5' });
      expect(last.bytes.equals(bytes.subarray(-5))).toBe(true);
    } finally {
      api.app.store.get = get;
    }
    expect(read.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(SEGMENT_SIZE + 40);
  });

  it('goes on by range only while it is the version that the client knows', async () => {
    const { body } = await upload(admin, { confidentiel: true }, { bytes: pdfOf(1_000), nom: 'ir.pdf' });
    const path = `/documents/${body.id}/telecharger`;
    const range = { Range: 'bytes=10-' };
    expect((await admin.get(path, { ...range, 'If-Range': `"${body.checksum}"` })).status).toBe(206);
    expect((await admin.get(path, { ...range, 'If-Range': '"autre"' })).status).toBe(200);
    expect((await admin.get(path, { 'If-None-Match': `"${body.checksum}"` })).status).toBe(304);
  });

  it('whose object was changed, cut off or exchanged is an error, and not a byte of it', async () => {
    const [one, other] = [
      (await upload(admin, { confidentiel: true }, { bytes: pdfOf(30_000), nom: 'x1.pdf' })).body,
      (await upload(admin, { confidentiel: true }, { bytes: pdfOf(30_000), nom: 'x2.pdf' })).body,
    ];
    const { cle_stockage: key } = await rowOf(one.id);
    const [object, others] = [await stored(one.id), await stored(other.id)];
    const flipped = Buffer.from(object);
    flipped[20_000]! ^= 1;
    for (const bytes of [flipped, object.subarray(0, -1), object.subarray(0, 40), others]) {
      await api.app.store.put(key, bytes, { contentType: 'application/octet-stream' });
      const reply = await admin.get(`/documents/${one.id}/telecharger`);
      expect([reply.status, reply.body.code]).toEqual([500, 'ERREUR_INTERNE']);
    }
    await api.app.store.put(key, object, { contentType: 'application/octet-stream' });
    expect((await admin.get(`/documents/${one.id}/telecharger`)).status).toBe(200);
    // Two rows that exchange what they hold, key and object together.
    await api.db.query(
      `UPDATE documents d SET cle_stockage = CASE d.id WHEN $1 THEN 'a' ELSE 'b' END || d.cle_stockage,
         cle_donnees = o.cle_donnees FROM documents o WHERE (d.id, o.id) IN (($1, $2), ($2, $1))`,
      [one.id, other.id],
    );
    await api.db.query(
      `UPDATE documents SET cle_stockage = CASE id WHEN $1 THEN $4 ELSE $3 END WHERE id IN ($1, $2)`,
      [one.id, other.id, key, (await rowOf(other.id)).cle_stockage.slice(1)],
    );
    for (const { id } of [one, other]) {
      expect((await admin.get(`/documents/${id}/telecharger`)).status).toBe(500);
    }
  });

  it('changed far behind its beginning breaks off, and what came until then is the beginning of it', async () => {
    const bytes = pdfOf(5_000_000);
    const { body } = await upload(admin, { confidentiel: true }, { bytes, nom: 'loin.pdf' });
    const object = await stored(body.id);
    object[4_000_000]! ^= 1;
    await api.app.store.put((await rowOf(body.id)).cle_stockage, object, { contentType: 'x/y' });
    const reply = await fetch(`${api.baseUrl}/api/v1/documents/${body.id}/telecharger`, {
      headers: {
        Authorization: `Bearer ${await signIn(api.db, api.app.tokens, await makeUser(api.db, { role: 'admin' }))}`,
      },
    });
    const chunks: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of reply.body!) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow();
    const came = Buffer.concat(chunks);
    expect(came.length).toBeLessThanOrEqual(4_000_000);
    expect(came.equals(bytes.subarray(0, came.length))).toBe(true);
  });

  it('is never shown to a client, whatever is said of who sees it', async () => {
    const user = await makeUser(api.db, { role: 'client' });
    const equipement = await makeEquipement(api.db, { client_id: user.id });
    const own = await makeIntervention(api.db, { equipement_id: equipement.id, createur_id: user.id });
    const client = await api.as(user);
    const fields = { intervention_id: own.id, visible_client: true };
    const sealed = (await upload(admin, { ...fields, confidentiel: true }, { nom: 'interne.pdf' })).body;
    const shown = (await upload(admin, fields, { nom: 'public.pdf' })).body;
    expect((await client.get('/documents')).body.map(({ id }: { id: number }) => id)).toEqual([shown.id]);
    for (const path of ['', '/telecharger', '/versions'])
      expect((await client.get(`/documents/${sealed.id}${path}`)).status).toBe(404);
  });

  it('without its key of the ring is 503, and there again with it', async () => {
    const { body } = await upload(admin, { confidentiel: true }, { nom: 'perdu.pdf' });
    const { cle_donnees } = await rowOf(body.id);
    const renamed = Buffer.from(cle_donnees!);
    renamed.write('tesu', 1);
    const set = (bytes: Buffer) =>
      api.db.query('UPDATE documents SET cle_donnees = $2 WHERE id = $1', [body.id, bytes]);
    await set(renamed);
    const lost = await admin.get(`/documents/${body.id}/telecharger`);
    expect([lost.status, lost.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
    await set(cle_donnees!);
    expect((await admin.get(`/documents/${body.id}/telecharger`)).status).toBe(200);
  });

  it('acts once for the same Idempotency-Key, and is another request than the clear one', async () => {
    const before = (await objects()).length;
    const key = randomUUID();
    const once = await upload(admin, { confidentiel: true }, { nom: 'cle.pdf', key });
    const again = await upload(admin, { confidentiel: true }, { nom: 'cle.pdf', key, after: true });
    expect([once.status, again.status, again.body.id]).toEqual([201, 201, once.body.id]);
    expect((await upload(admin, {}, { nom: 'cle.pdf', key })).body.code).toBe('CLE_REUTILISEE');
    expect((await objects()).length).toBe(before + 1);
  });
});

describe('a version', () => {
  it('says what it replaces, under any name, and is filed where that is, as what that is', async () => {
    const first = (await upload(admin, { type_document: 'plan' }, { nom: 'plan-v1.pdf' })).body;
    const second = (await upload(admin, { remplace: first.id }, { nom: 'plan-définitif.pdf' })).body;
    const third = (await upload(admin, { remplace: first.id, type_document: 'plan_final' }, { nom: 'z.pdf' }))
      .body;
    expect([first, second, third].map(({ numero_version }) => numero_version)).toEqual([1, 2, 3]);
    expect([second.type_document, second.intervention_id, third.type_document]).toEqual([
      'plan',
      intervention.id,
      'plan_final',
    ]);
    // And by the name of the latest of them.
    const fourth = (await upload(admin, {}, { nom: 'z.pdf' })).body;
    expect(fourth.numero_version).toBe(4);
    for (const { id } of [first, third]) {
      const reply = await admin.get(`/documents/${id}/versions`);
      expect(reply.headers.get('x-total-count')).toBe('4');
      expect(reply.body).toEqual([fourth, third, second, first]);
    }
  });

  it('of many that replace one at the same moment each has a number of its own', async () => {
    const first = (await upload(admin, {}, { nom: 'course.pdf' })).body;
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        upload(admin, { remplace: first.id }, { nom: `course-${n % 3}.pdf` }),
      ),
    );
    expect(replies.map(({ body }) => body.numero_version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 2),
    );
  });

  it('of what is not there, out of sight, deleted, or filed elsewhere is refused by name', async () => {
    const technicien = await makeTechnicien(api.db);
    const client = await api.as(technicien.user);
    const hidden = (await upload(admin, {}, { nom: 'caché.pdf' })).body;
    const gone = (await upload(admin, {}, { nom: 'parti.pdf' })).body;
    await admin.delete(`/documents/${gone.id}`);
    const other = await makeIntervention(api.db);
    const before = await objects();
    const refusals = [
      await upload(admin, { remplace: 2_147_483_647 }),
      await upload(client, { remplace: hidden.id }),
      await upload(admin, { remplace: gone.id }),
      await upload(admin, { remplace: hidden.id, intervention_id: other.id }),
      await upload(admin, { remplace: hidden.id, equipement_id: other.equipement_id }),
    ];
    for (const { status, body } of refusals)
      expect([status, body.erreurs?.[0]?.champ]).toEqual([422, 'remplace']);
    expect({ ...refusals[1]!.body, correlation_id: '' }).toEqual({
      ...refusals[0]!.body,
      correlation_id: '',
    });
    expect(await objects()).toEqual(before);
  });

  it('of a confidential document is confidential too', async () => {
    const first = (await upload(admin, { confidentiel: true }, { nom: 'secret.pdf' })).body;
    const before = await objects();
    for (const refused of [
      await upload(admin, { remplace: first.id }),
      await upload(admin, {}, { nom: 'secret.pdf' }),
    ]) {
      expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'confidentiel']);
    }
    expect(await objects()).toEqual(before);
    const second = await upload(admin, { remplace: first.id, confidentiel: true });
    expect([second.status, second.body.numero_version]).toEqual([201, 2]);
  });

  it('is shown to whoever may see it alone', async () => {
    const user = await makeUser(api.db, { role: 'client' });
    const equipement = await makeEquipement(api.db, { client_id: user.id });
    const own = await makeIntervention(api.db, { equipement_id: equipement.id });
    const client = await api.as(user);
    const hidden = (await upload(admin, { intervention_id: own.id }, { nom: 'v.pdf' })).body;
    const shown = (await upload(admin, { intervention_id: own.id, visible_client: true }, { nom: 'v.pdf' }))
      .body;
    expect((await client.get(`/documents/${shown.id}/versions`)).body).toEqual([shown]);
    expect((await client.get(`/documents/${hidden.id}/versions`)).status).toBe(404);
  });
});

describe('what is said of a document', () => {
  it('changes field by field, against the version that the caller knows, on record', async () => {
    const { body } = await upload(admin, {}, { nom: 'ancien.pdf' });
    const changed = await admin.put(
      `/documents/${body.id}`,
      { nom: 'nouveau', visible_client: true },
      { 'If-Match': '"1"' },
    );
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({ nom: 'nouveau', type_document: 'contrat', visible_client: true });
    const stale = await admin.put(`/documents/${body.id}`, { nom: 'autre' }, { 'If-Match': '"1"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_PERIMEE']);
    expect((await admin.put(`/documents/${body.id}`, {})).body.version).toBe(2);
    const [{ avant, apres }] = await api.db.query(
      `SELECT avant, apres FROM historique WHERE entite = 'document' AND entite_id = $1 AND action = 'modification'`,
      [body.id],
    );
    expect({ avant, apres }).toEqual({
      avant: { nom: 'ancien.pdf', visible_client: false },
      apres: { nom: 'nouveau', visible_client: true },
    });
    expect((await admin.put(`/documents/${body.id}`, { nom: '\\' })).status).toBe(422);
    const exe = await admin.put(`/documents/${body.id}`, { nom: '../../plan.docx' });
    expect(exe.body.nom).toBe('plan.pdf');
  });

  it('is changed by whoever filed it, but for who sees it, and by no other technicien', async () => {
    const technicien = await makeTechnicien(api.db);
    const own = await makeIntervention(api.db, { technicien_id: technicien.id, statut: 'planifiee' });
    const client = await api.as(technicien.user);
    const filed = (await upload(client, { intervention_id: own.id }, { nom: 'photo.pdf' })).body;
    const others = (await upload(admin, { intervention_id: own.id }, { nom: 'autre.pdf' })).body;
    expect((await client.put(`/documents/${filed.id}`, { nom: 'vanne.pdf' })).status).toBe(200);
    expect((await client.put(`/documents/${filed.id}`, { visible_client: true })).status).toBe(403);
    expect((await client.put(`/documents/${others.id}`, { nom: 'x.pdf' })).status).toBe(403);
    expect((await client.delete(`/documents/${others.id}`)).status).toBe(403);
    expect((await client.delete(`/documents/${filed.id}`)).status).toBe(204);
  });
});

describe('a signature', () => {
  const signataire = JSON.stringify({ nom: 'Salma Idrissi', qualite: 'Cheffe d’atelier' });

  it('says who signed, before or after the file, and is answered with it', async () => {
    for (const after of [false, true]) {
      const { status, body } = await upload(
        admin,
        { type_document: 'signature', signataire },
        { nom: 'signature.pdf', after },
      );
      expect([status, body.signataire]).toEqual([201, { nom: 'Salma Idrissi', qualite: 'Cheffe d’atelier' }]);
      expect((await admin.get(`/documents/${body.id}`)).body.signataire).toEqual(body.signataire);
    }
  });

  it.each([
    ['without anybody', { type_document: 'signature' }],
    ['of no JSON', { type_document: 'signature', signataire: 'Salma' }],
    ['of nobody', { type_document: 'signature', signataire: '{}' }],
    ['of more than is asked', { type_document: 'signature', signataire: '{"nom":"A","qualite":"B","x":1}' }],
    ['that is none', { type_document: 'photo', signataire }],
  ])('%s is refused', async (_, fields) => {
    const { status, body } = await upload(admin, fields as unknown as Fields);
    expect(status).toBe(422);
    expect(body.erreurs[0].champ).toMatch(/^signataire/);
  });

  it('is not made of something else later, nor something else of it', async () => {
    const signed = (await upload(admin, { type_document: 'signature', signataire }, { nom: 'sig.pdf' })).body;
    const note = (await upload(admin, {}, { nom: 'note.pdf' })).body;
    const other = await admin.put(`/documents/${signed.id}`, { type_document: 'photo' });
    const made = await admin.put(`/documents/${note.id}`, { type_document: 'signature' });
    for (const { status, body } of [other, made])
      expect([status, body.erreurs[0].champ]).toEqual([422, 'signataire']);
    const version = await upload(admin, { remplace: signed.id });
    expect([version.status, version.body.erreurs[0].champ]).toEqual([422, 'signataire']);
  });
});

describe('a document that was deleted', () => {
  it('is in no list and no answer, and is there again once an administrator has brought it back', async () => {
    const { client: responsable } = await api.newPerson('responsable');
    const first = (await upload(admin, {}, { nom: 'retour.pdf' })).body;
    const second = (await upload(admin, {}, { nom: 'retour.pdf' })).body;
    expect((await responsable.delete(`/documents/${second.id}`)).status).toBe(204);
    for (const path of ['', '/telecharger', '/versions'])
      expect((await admin.get(`/documents/${second.id}${path}`)).status).toBe(404);
    for (const path of [
      '/documents?limit=200',
      `/interventions/${intervention.id}/documents?limit=200`,
      `/documents/${first.id}/versions`,
    ]) {
      const ids = (await admin.get(path)).body.map(({ id }: { id: number }) => id);
      expect(ids).toContain(first.id);
      expect(ids).not.toContain(second.id);
    }
    expect((await admin.put(`/documents/${second.id}`, { nom: 'x' })).status).toBe(404);
    expect((await admin.delete(`/documents/${second.id}`)).status).toBe(404);
    // Its number is not given again.
    const third = (await upload(admin, {}, { nom: 'retour.pdf' })).body;
    expect(third.numero_version).toBe(3);

    expect((await responsable.post(`/documents/${second.id}/restauration`)).status).toBe(403);
    const back = await admin.post(`/documents/${second.id}/restauration`);
    expect(back.status).toBe(200);
    expect({ ...back.body, version: 1, date_modification: '' }).toEqual({ ...second, date_modification: '' });
    expect((await admin.get(`/documents/${second.id}/telecharger`)).bytes.equals(PDF)).toBe(true);
    const again = await admin.post(`/documents/${second.id}/restauration`);
    expect([again.status, again.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
    const actions = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'document' AND entite_id = $1 AND action <> 'telechargement' ORDER BY id`,
      [second.id],
    );
    expect(actions.map(({ action }: { action: string }) => action)).toEqual([
      'creation',
      'suppression',
      'restauration',
    ]);
  });

  it('goes for good once its time is over: the row, then the object', async () => {
    const gone = (await upload(admin, {}, { nom: 'fini.pdf' })).body;
    const kept = (await upload(admin, {}, { nom: 'garde.pdf' })).body;
    const [goneKey, keptKey] = [
      (await rowOf(gone.id)).cle_stockage,
      (await rowOf(kept.id)).cle_stockage,
    ] as const;
    for (const { id } of [gone, kept]) await admin.delete(`/documents/${id}`);
    await api.db.query(`UPDATE documents SET date_suppression = now() - interval '91 days' WHERE id = $1`, [
      gone.id,
    ]);
    const purge = (store = api.app.store as Pick<typeof api.app.store, 'remove'>) =>
      purgeDeleted(api.db, store, new Date(Date.now() - 90 * 86_400_000), new Date());
    // As a process does that dies between the row and its object.
    const dies = {
      remove: async () => {
        throw new Error('killed');
      },
    };
    await expect(purge(dies)).rejects.toThrow('killed');
    expect(await rowOf(gone.id)).toBeUndefined();
    expect(await objects()).toContain(goneKey);
    expect(await purge()).toBe(0);
    await sweepOrphanObjects(api.db, api.app.store, new Date(Date.now() + 60_000));
    const left = await objects();
    expect([left.includes(goneKey), left.includes(keptKey)]).toEqual([false, true]);
    expect((await admin.post(`/documents/${gone.id}/restauration`)).status).toBe(404);
    expect((await admin.post(`/documents/${kept.id}/restauration`)).status).toBe(200);
    const [{ action, auteur_id }] = await api.db.query(
      `SELECT action, auteur_id FROM historique WHERE entite = 'document' AND entite_id = $1 ORDER BY id DESC LIMIT 1`,
      [gone.id],
    );
    expect([action, auteur_id]).toEqual(['purge', null]);
  });

  it('is none that a step of the work shows, and none that the system filed', async () => {
    const { body } = await upload(admin, {}, { nom: 'étape.pdf' });
    await api.db.query(
      `INSERT INTO etapes (intervention_id, ordre, libelle, type, valeur, auteur_id, date_reponse)
       VALUES ($1, 900, 'Photo', 'photo', to_jsonb($2::integer), $3, now())`,
      [intervention.id, body.id, body.uploadeur_id],
    );
    const shown = await admin.delete(`/documents/${body.id}`);
    expect([shown.status, shown.body.code]).toEqual([409, 'DEPENDANCES']);
    const [{ id }] = await api.db.query(
      `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id, cle_unique)
       VALUES ('r.pdf', 'rapport_intervention', 'rapports/x', 1, 'application/pdf', '', $1, 'rapport:x') RETURNING id`,
      [intervention.id],
    );
    expect((await admin.delete(`/documents/${id}`)).status).toBe(403);
    await api.db.query('DELETE FROM documents WHERE id = $1', [id]);
  });
});

describe('the limit of files', () => {
  it('is that of the configuration, sealed or not, to the byte', async () => {
    for (const confidentiel of [false, true]) {
      const fits = await upload(admin, { confidentiel }, { bytes: pdfOf(20_000_000), nom: 'plein.pdf' });
      expect([fits.status, fits.body.taille]).toEqual([201, 20_000_000]);
      const before = await objects();
      const over = await upload(admin, { confidentiel }, { bytes: pdfOf(20_000_001), nom: 'trop.pdf' });
      expect([over.status, over.body.code]).toEqual([413, 'TROP_GROS']);
      expect(over.body.detail).toContain('19 Mo');
      expect(await objects()).toEqual(before);
    }
  });
});

describe('what is over', () => {
  it('still takes documents', async () => {
    const done = await makeIntervention(api.db, {
      statut: 'terminee',
      date_fin: new Date(),
      technicien_id: (await makeTechnicien(api.db)).id,
      rapport: 'Fait.',
    });
    expect((await upload(admin, { intervention_id: done.id })).status).toBe(201);
    expect((await upload(admin, { intervention_id: done.id, confidentiel: true })).status).toBe(201);
  });
});
