import { Notification } from '../../src/db/messages/notifications';
import { startTestApi, type TestApi } from '../support/api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

function makeNotification(destinataire_id: number, given: Partial<Notification> = {}): Promise<Notification> {
  return api.db.manager.save(
    api.db.manager.create(Notification, {
      titre: 'Nouvelle intervention assignée',
      message: "L'intervention 'Réparation fuite hydraulique' vous a été assignée",
      type: 'info',
      metadata: { intervention_id: 15, priorite: 'haute' },
      ...given,
      destinataire_id,
    }),
  );
}

const history = (id: number) =>
  api.db.query(
    `SELECT action, auteur_id FROM historique WHERE entite = 'notification' AND entite_id = $1 ORDER BY id`,
    [id],
  );

describe('notifications', () => {
  it('are listed to their recipient alone, the newest first, as seed 004 says', async () => {
    const { user, client } = await api.newPerson('technicien');
    const first = await makeNotification(user.id);
    const second = await makeNotification(user.id, { lue: true, date_lecture: new Date() });
    await makeNotification((await api.newPerson('technicien')).user.id);

    const all = await client.get('/notifications/');
    expect(all.headers.get('x-total-count')).toBe('2');
    expect(all.body.map(({ id }: { id: number }) => id)).toEqual([second.id, first.id]);
    const unread = await client.get('/notifications/?lue=false&limit=10');
    expect(unread.body).toEqual([
      {
        id: first.id,
        titre: 'Nouvelle intervention assignée',
        message: "L'intervention 'Réparation fuite hydraulique' vous a été assignée",
        type: 'info',
        destinataire_id: user.id,
        lue: false,
        date_lecture: null,
        date_creation: first.date_creation.toISOString(),
        date_modification: expect.any(String),
        version: 1,
        metadata: { intervention_id: 15, priorite: 'haute' },
        expediteur: null,
      },
    ]);
    expect((await client.get('/notifications?lue=true')).body).toHaveLength(1);
    expect((await client.get('/notifications?lue=peut-être')).status).toBe(422);
    expect((await api.anonymous.get('/notifications')).status).toBe(401);
  });

  it('of others are not there for anybody, an admin included', async () => {
    const theirs = await makeNotification((await api.newPerson('client')).user.id);
    for (const role of ['admin', 'responsable', 'technicien', 'client'] as const) {
      const { client } = await api.newPerson(role);
      expect((await client.get('/notifications')).body).toEqual([]);
      expect((await client.put(`/notifications/${theirs.id}/lue`)).status).toBe(404);
      expect((await client.put('/notifications/lues')).body).toEqual({ lues: 0 });
    }
    expect(await api.db.manager.findOneByOrFail(Notification, { id: theirs.id })).toMatchObject({
      lue: false,
    });
  });

  it('are read once: a second reading keeps the date of the first', async () => {
    const { user, client } = await api.newPerson('client');
    const { id } = await makeNotification(user.id);
    const read = await client.put(`/notifications/${id}/lue`);
    expect([read.status, read.headers.get('etag')]).toEqual([200, '"2"']);
    expect(read.body).toMatchObject({ id, lue: true, version: 2, date_lecture: expect.stringMatching(/Z$/) });
    expect((await client.put(`/notifications/${id}/lue`)).body).toEqual(read.body);
    expect(await history(id)).toEqual([{ action: 'lecture', auteur_id: user.id }]);
    expect((await client.put('/notifications/2147483647/lue')).status).toBe(404);
    expect((await client.put('/notifications/x/lue')).status).toBe(404);
  });

  it('are read all at once, each with its line of history', async () => {
    const { user, client } = await api.newPerson('technicien');
    const rows = [await makeNotification(user.id), await makeNotification(user.id)];
    await makeNotification(user.id, { lue: true });
    const replies = await Promise.all([client.put('/notifications/lues'), client.put('/notifications/lues')]);
    expect(replies.map(({ body }) => body.lues).sort()).toEqual([0, 2]);
    for (const { id } of rows) expect(await history(id)).toHaveLength(1);
    expect((await client.get('/notifications?lue=false')).body).toEqual([]);
  });

  it('are sent by an admin and a responsable, and by nobody else', async () => {
    const { user: recipient, client: reader } = await api.newPerson('technicien');
    const body = {
      destinataire_id: recipient.id,
      titre: 'Réunion',
      message: 'À 8 h 30',
      metadata: { salle: 'A2', etage: 2 },
    };
    for (const role of ['admin', 'responsable'] as const) {
      const { user, client } = await api.newPerson(role);
      const sent = await client.post('/notifications/', body);
      expect(sent.status).toBe(201);
      expect(sent.body).toMatchObject({ ...body, type: 'info', lue: false, date_lecture: null, version: 1 });
      expect(await history(sent.body.id)).toEqual([{ action: 'creation', auteur_id: user.id }]);
    }
    for (const role of ['technicien', 'client'] as const) {
      expect((await (await api.newPerson(role)).client.post('/notifications/', body)).status).toBe(403);
    }
    expect((await reader.get('/notifications')).headers.get('x-total-count')).toBe('2');
  });

  it('are sent to somebody who is there, with a text that fits, or not at all', async () => {
    const { user, client } = await api.newPerson('admin');
    const gone = (await api.newPerson('technicien', { is_active: false })).user;
    const send = async (given: object) => {
      const reply = await client.post('/notifications/', {
        destinataire_id: user.id,
        titre: 'T',
        message: 'M',
        ...given,
      });
      return [reply.status, ...(reply.body.erreurs ?? []).map(({ champ }: { champ: string }) => champ)];
    };
    expect(await send({ destinataire_id: 2_147_483_647 })).toEqual([422, 'destinataire_id']);
    expect(await send({ destinataire_id: gone.id })).toEqual([422, 'destinataire_id']);
    expect(await send({ titre: ' ', type: 'urgent', auteur_id: 1 })).toEqual([
      422,
      'titre',
      'type',
      'auteur_id',
    ]);
    expect(await send({ metadata: { profond: { a: 1 } } })).toEqual([422, 'metadata.profond']);
    expect(await send({ metadata: { nul: 'a\u0000b' } })).toEqual([422, 'metadata.nul']);
    expect(await send({ metadata: { moitie: '\ud83d' } })).toEqual([422, 'metadata.moitie']);
    expect(await send({ metadata: { '\ud83d': 1 } })).toEqual([422, expect.stringMatching(/^metadata/)]);
    expect((await client.get('/notifications')).body).toEqual([]);
  });

  it('leave preferences and ws, which nobody asked for yet, unknown', async () => {
    const { client } = await api.newPerson('admin');
    expect((await client.get('/notifications/preferences')).status).toBe(404);
    expect((await client.get('/notifications/ws')).status).toBe(404);
  });
});
