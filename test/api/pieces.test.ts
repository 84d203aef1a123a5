import { startTestApi, type TestApi } from '../support/api';
import { makePiece } from '../support/factories';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('pieces', () => {
  it('are created, read, changed and deleted by a responsable, with a version that grows', async () => {
    const { client } = await api.newPerson('responsable');
    const created = await client.post('/pieces/', {
      reference: 'JNT-042',
      designation: 'Joint torique',
      stock: 3,
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ reference: 'JNT-042', stock: 3, seuil_alerte: 0, version: 1 });
    expect(created.headers.get('etag')).toBe('"1"');

    const path = `/pieces/${created.body.id}`;
    const changed = await client.patch(path, { stock: 9 }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ stock: 9, version: 2 });
    const late = await client.patch(path, { stock: 1 }, { 'If-Match': '"1"' });
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_PERIMEE']);

    expect((await client.get(path)).body).toEqual(changed.body);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
    const history = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'piece' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(history.map((row: { action: string }) => row.action)).toEqual([
      'creation',
      'modification',
      'suppression',
    ]);
  });

  it('refuse every fault of a body at once and keep nothing', async () => {
    const { client } = await api.newPerson('admin');
    const refused = await client.post('/pieces/', { designation: '', stock: -1, coleur: 'bleu' });
    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect(refused.body.code).toBe('VALIDATION');
    expect(refused.body.erreurs.map((fault: { champ: string }) => fault.champ).sort()).toEqual([
      'coleur',
      'designation',
      'reference',
      'stock',
    ]);
  });

  it('are read by a technicien, changed by none, and unknown to a client', async () => {
    const piece = await makePiece(api.db);
    const technicien = (await api.newPerson('technicien')).client;
    expect((await technicien.get(`/pieces/${piece.id}`)).status).toBe(200);
    expect((await technicien.patch(`/pieces/${piece.id}`, { stock: 1 })).status).toBe(403);
    const client = (await api.newPerson('client')).client;
    expect((await client.get(`/pieces/${piece.id}`)).status).toBe(403);
    expect((await api.anonymous.get(`/pieces/${piece.id}`)).status).toBe(401);
  });

  it('act once for the same Idempotency-Key from 20 connections, and refuse it for another body', async () => {
    const { client } = await api.newPerson('admin');
    const body = { reference: 'IDEM-1', designation: 'Filtre' };
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => client.post('/pieces/', body, { 'Idempotency-Key': 'une-fois' })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1);
    const other = await client.post('/pieces/', { ...body, stock: 1 }, { 'Idempotency-Key': 'une-fois' });
    expect([other.status, other.body.code]).toEqual([422, 'CLE_REUTILISEE']);
  });

  it('page by keyset through ties without losing or repeating a row, forwards and back', async () => {
    const { client } = await api.newPerson('admin');
    for (let n = 0; n < 7; n++)
      await makePiece(api.db, { reference: `PAGE-${n}`, designation: 'Page é', stock: n % 2 });
    const seen: string[] = [];
    let path: string | undefined = '/pieces/?q=PAGE%20e&sort=-stock&limit=3';
    let last = path;
    while (path !== undefined) {
      last = path;
      const reply = await client.get(path);
      expect(reply.headers.get('x-total-count')).toBe('7');
      seen.push(...reply.body.map((piece: { reference: string }) => piece.reference));
      path = /<\/api\/v1([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    const back = /<\/api\/v1([^>]+)>; rel="prev"/.exec(
      (await client.get(last)).headers.get('link') ?? '',
    )?.[1];
    const before = await client.get(back!);
    expect(before.body.map((piece: { reference: string }) => piece.reference)).toEqual(seen.slice(3, 6));
  });
});
