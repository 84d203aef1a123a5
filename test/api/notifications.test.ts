import { unsubscribeToken } from '../../src/auth/unsubscribing';
import { Notification } from '../../src/db/messages/notifications';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeSite } from '../support/factories';

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

  it('say how many are unread beside any page of them', async () => {
    const { user, client } = await api.newPerson('client');
    for (const lue of [false, true, false]) await makeNotification(user.id, { lue });
    for (const path of ['/notifications', '/notifications?lue=true', '/notifications?limit=1']) {
      expect((await client.get(path)).headers.get('x-unread-count')).toBe('2');
    }
    await client.put('/notifications/lues');
    expect((await client.get('/notifications')).headers.get('x-unread-count')).toBe('0');
  });

  it('are removed by their reader alone, and stay as the memory of having been told', async () => {
    const { user, client } = await api.newPerson('client');
    const { id } = await makeNotification(user.id, { evenement: `essai:${user.id}` });
    const other = (await api.newPerson('admin')).client;
    expect((await other.delete(`/notifications/${id}`)).status).toBe(404);
    expect((await client.delete(`/notifications/${id}`)).status).toBe(204);
    expect((await client.delete(`/notifications/${id}`)).status).toBe(404);
    expect((await client.put(`/notifications/${id}/lue`)).status).toBe(404);
    const list = await client.get('/notifications');
    expect([list.body, list.headers.get('x-unread-count')]).toEqual([[], '0']);
    expect(await history(id)).toEqual([{ action: 'suppression', auteur_id: user.id }]);
    expect(await api.db.manager.findOneByOrFail(Notification, { id })).toMatchObject({ supprimee: true });
  });
});

describe('a message to many', () => {
  const text = { titre: 'Réunion', message: 'À 8 h 30' };
  const inbox = async (person: { client: Client }) => (await person.client.get('/notifications')).body;
  const faults = ({ status, body }: { status: number; body: { erreurs?: { champ: string }[] } }) => [
    status,
    ...(body.erreurs ?? []).map(({ champ }) => champ),
  ];

  it('goes to those named, in the application and by the channels chosen', async () => {
    const { user, client } = await api.newPerson('admin');
    const [one, two] = [await api.newPerson('technicien'), await api.newPerson('client')];
    const sent = await client.post('/notifications', {
      ...text,
      destinataires: [one.user.id, two.user.id, user.id],
      canaux: ['application', 'email'],
      metadata: { salle: 'A2' },
    });
    expect([sent.status, sent.body]).toEqual([201, { destinataires: 3 }]);
    expect(await inbox(one)).toMatchObject([
      { ...text, metadata: { salle: 'A2' }, expediteur: { id: user.id, nom: user.nom } },
    ]);
    const mails: { destinataire_id: number; regle: string }[] = await api.db.query(
      `SELECT destinataire_id, regle FROM messages WHERE donnees->>'titre' = 'Réunion' ORDER BY id`,
    );
    // Whoever writes does not write to themselves.
    expect(mails.map(({ destinataire_id }) => destinataire_id).sort()).toEqual(
      [one.user.id, two.user.id].sort(),
    );
    expect(mails[0]!.regle).toBe('message.envoye');
  });

  it('goes to roles and to sites, as far as its author reaches', async () => {
    const [north, south] = [await makeSite(api.db), await makeSite(api.db)];
    const there = await api.newPerson('technicien', { sites: [north.id] });
    const client = await api.newPerson('client', { sites: [north.id] });
    const elsewhere = await api.newPerson('technicien', { sites: [south.id] });
    const gone = await api.newPerson('technicien', { sites: [north.id] });
    await api.db.query('UPDATE users SET is_active = false WHERE id = $1', [gone.user.id]);
    const { client: responsable } = await api.newPerson('responsable', { sites: [north.id] });

    const send = (whom: object) => responsable.post('/notifications', { ...text, ...whom });
    expect((await send({ roles: ['technicien'], site_id: north.id })).status).toBe(201);
    expect(
      [await inbox(there), await inbox(client), await inbox(elsewhere)].map(({ length }) => length),
    ).toEqual([1, 0, 0]);
    await send({ site_id: north.id });
    await send({ roles: ['technicien', 'client'] });
    expect(
      [await inbox(there), await inbox(client), await inbox(elsewhere)].map(({ length }) => length),
    ).toEqual([3, 2, 0]);
    const [{ count }] = await api.db.query(
      'SELECT count(*)::integer FROM notifications WHERE destinataire_id = $1',
      [gone.user.id],
    );
    expect(count).toBe(0);
    expect(faults(await send({ site_id: south.id }))).toEqual([422, 'site_id']);
    expect(faults(await send({ destinataires: [there.user.id, gone.user.id] }))).toEqual([
      422,
      'destinataires.1',
    ]);
  });

  it('says whom it is for in one way, and is sent by nobody else', async () => {
    const { user, client } = await api.newPerson('admin');
    const ways = [
      {},
      { destinataires: [] },
      { destinataires: [user.id], roles: ['client'] },
      { destinataire_id: user.id, site_id: 1 },
      { destinataires: [user.id, user.id] },
      { roles: ['patron'] },
      { destinataires: [user.id], canaux: ['fax'] },
    ];
    for (const way of ways) {
      const { status } = await client.post('/notifications', { ...text, ...way });
      expect([way, status]).toEqual([way, 422]);
    }
    const technicien = await api.newPerson('technicien');
    expect((await technicien.client.post('/notifications', { ...text, roles: ['admin'] })).status).toBe(403);
  });
});

describe('the rules of who is told', () => {
  const of = (body: { evenement: string }[], evenement: string) =>
    body.find((one) => one.evenement === evenement);

  it('are read by those who oversee, and changed by administrators', async () => {
    const { client, user } = await api.newPerson('admin');
    const responsable = await api.newPerson('responsable');
    const rules = await responsable.client.get('/notifications/regles');
    expect(of(rules.body, 'intervention.assignee')).toEqual({
      evenement: 'intervention.assignee',
      destinataires: ['technicien', 'equipier'],
      possibles: ['technicien', 'equipier'],
      canaux: ['application', 'email', 'push'],
      urgence: 'normale',
      obligatoire: false,
      modifiee: false,
      version: 0,
    });
    const path = '/notifications/regles/intervention.demarree';
    const changes = { destinataires: ['client', 'responsable'], canaux: ['application'] };
    expect((await responsable.client.put(path, changes)).status).toBe(403);
    const changed = await client.put(path, changes);
    expect([changed.status, changed.body]).toEqual([
      200,
      expect.objectContaining({ ...changes, urgence: 'normale', modifiee: true, version: 1 }),
    ]);
    expect(of((await client.get('/notifications/regles')).body, 'intervention.demarree')).toEqual(
      changed.body,
    );
    expect((await client.put(path, {}, { 'If-Match': '"0"' })).status).toBe(412);
    expect((await client.put(path, {}, { 'If-Match': '"1"' })).body).toMatchObject({
      destinataires: ['client', 'createur'],
      modifiee: false,
      version: 2,
    });
    const lines = await api.db.query(
      `SELECT auteur_id, apres->>'evenement' AS evenement FROM historique WHERE entite = 'regle_notification' AND action = 'modification'`,
    );
    expect(lines).toEqual(Array(2).fill({ auteur_id: user.id, evenement: 'intervention.demarree' }));
  });

  it('name nobody whom the event does not know, and leave accounts alone', async () => {
    const { client } = await api.newPerson('admin');
    const put = async (evenement: string, body: object) => {
      const reply = await client.put(`/notifications/regles/${evenement}`, body);
      return [reply.status, ...(reply.body.erreurs ?? []).map(({ champ }: { champ: string }) => champ)];
    };
    expect(await put('piece.stock_bas', { destinataires: ['admin', 'client'] })).toEqual([
      422,
      'destinataires.1',
    ]);
    expect(await put('compte.invitation', { canaux: [] })).toEqual([422, 'evenement']);
    expect(await put('piece.perdue', {})).toEqual([404]);
    expect(await put('piece.stock_bas', { urgence: 'vitale', canaux: ['fax'] })).toEqual([
      422,
      'canaux.0',
      'urgence',
    ]);
  });
});

describe('preferences', () => {
  it('show all there is to choose, and are taken back as they were given', async () => {
    const { client } = await api.newPerson('technicien');
    const before = await client.get('/notifications/preferences');
    expect(before.body).toMatchObject({
      heures_calmes: null,
      resume_quotidien: null,
      fuseau_horaire: null,
      version: 0,
    });
    expect(before.body.evenements['intervention.assignee']).toEqual({
      application: true,
      email: true,
      push: true,
    });
    const { version: _, ...same } = before.body;
    expect((await client.put('/notifications/preferences', same)).body).toEqual(before.body);

    const wanted = {
      evenements: { 'intervention.assignee': { email: false } },
      heures_calmes: { debut: '22:00', fin: '07:00' },
      resume_quotidien: 8,
      fuseau_horaire: 'Europe/Paris',
    };
    const saved = await client.put('/notifications/preferences', wanted, { 'If-Match': '"0"' });
    expect([saved.status, saved.headers.get('etag')]).toEqual([200, '"1"']);
    expect((await client.get('/notifications/preferences')).body).toEqual(saved.body);
    expect(saved.body).toMatchObject({ ...wanted, evenements: expect.anything(), version: 1 });
    expect(saved.body.evenements['intervention.assignee']).toEqual({
      application: true,
      email: false,
      push: true,
    });
    expect((await client.put('/notifications/preferences', wanted, { 'If-Match': '"0"' })).status).toBe(412);
  });

  it('are refused where they say nothing, or would keep somebody from hearing of their account', async () => {
    const { client } = await api.newPerson('client');
    const put = async (body: object) => {
      const reply = await client.put('/notifications/preferences', body);
      return [reply.status, ...(reply.body.erreurs ?? []).map(({ champ }: { champ: string }) => champ)];
    };
    expect(await put({ evenements: { 'compte.invitation': { email: false } } })).toEqual([
      422,
      'evenements.compte.invitation.email',
    ]);
    expect(await put({ evenements: { 'compte.invitation': { email: true } } })).toEqual([200]);
    expect(await put({ heures_calmes: { debut: '7:00', fin: '24:00' } })).toEqual([
      422,
      'heures_calmes.debut',
      'heures_calmes.fin',
    ]);
    expect(await put({ heures_calmes: { debut: '07:00', fin: '07:00' } })).toEqual([422, 'heures_calmes']);
    expect((await put({ resume_quotidien: 24 }))[0]).toBe(422);
    expect(await put({ fuseau_horaire: 'Mars/Olympus' })).toEqual([422, 'fuseau_horaire']);
    expect((await put({ evenements: { 'intervention.perdue': {} } }))[0]).toBe(422);
  });
});

describe('the link by which emails are switched off', () => {
  const linkOf = (userId: number, evenement: string) =>
    `/notifications/desabonnement/${unsubscribeToken(api.app.secrets, { userId, evenement })}`;
  const choices = async ({ client }: { client: Client }) =>
    (await client.get('/notifications/preferences')).body.evenements;

  it('shows a page that changes nothing, and acts when it is sent, without an account, as often as it is', async () => {
    const person = await api.newPerson('client');
    const link = linkOf(person.user.id, 'intervention.terminee');
    const page = await api.anonymous.get(link);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await choices(person))['intervention.terminee'].email).toBe(true);

    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status } = await api.anonymous.send('POST', link, {
        body: 'List-Unsubscribe=One-Click',
        headers: { 'Content-Type': type },
      });
      expect(status).toBe(200);
    }
    expect((await choices(person))['intervention.terminee']).toEqual({
      application: true,
      email: false,
      push: true,
    });
    expect((await choices(person))['intervention.annulee'].email).toBe(true);
    const lines = await api.db.query(
      `SELECT auteur_id FROM historique WHERE entite = 'user' AND entite_id = $1 AND action = 'preferences_notification'`,
      [person.user.id],
    );
    expect(lines).toEqual([{ auteur_id: null }]);
  });

  it('of a digest switches off all but what is about the account', async () => {
    const person = await api.newPerson('client');
    await api.anonymous.send('POST', linkOf(person.user.id, '*'), {});
    const kept = Object.entries(await choices(person))
      .filter(([, canaux]) => (canaux as { email?: boolean }).email)
      .map(([evenement]) => evenement.split('.')[0]);
    // That one's record was opened in an emergency is about oneself, too.
    expect([...new Set(kept)].sort()).toEqual(['compte', 'dossier']);
  });

  it('is nothing where we did not make it', async () => {
    const { user } = await api.newPerson('client');
    const link = linkOf(user.id, 'intervention.terminee');
    const forged = Buffer.from(`${user.id}:*`).toString('base64url');
    for (const path of [
      `${link}x`,
      link.replace(/[^/]*\./, `${forged}.`),
      '/notifications/desabonnement/x',
    ]) {
      expect((await api.anonymous.get(path)).status).toBe(404);
      expect((await api.anonymous.send('POST', path, {})).status).toBe(404);
    }
  });
});
