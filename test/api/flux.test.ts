import { Notification } from '../../src/db/messages/notifications';
import { startTestApi, type TestApi } from '../support/api';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeSite, signIn } from '../support/factories';
import { type Following, follow, openSocket, streamed } from '../support/following';

/** What happens, told as it does (contract §3). */

let api: TestApi;
const open: { close(): void }[] = [];
beforeAll(async () => {
  api = await startTestApi();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => api.close());

const tokenOf = (user: Parameters<typeof signIn>[2]) => signIn(api.db, api.app.tokens, user);
async function following(token: string, depuis?: number): Promise<Following> {
  const one = await follow(api.baseUrl, token, depuis);
  open.push(one);
  return one;
}
const touch = (entite: string, id: number) =>
  api.db.query(
    `INSERT INTO historique (entite, entite_id, action, date) VALUES ($1, $2, 'modification', now())`,
    [entite, id],
  );
const notify = (destinataire_id: number) =>
  api.db.manager.save(
    api.db.manager.create(Notification, {
      titre: 'a',
      message: 'b',
      type: 'info',
      destinataire_id,
      metadata: {},
    }),
  );

describe('over a WebSocket', () => {
  it('somebody is told of their notifications, with how many there are to read, and of what they may see', async () => {
    const { user, client } = await api.newPerson('technicien');
    const one = await following(await tokenOf(user));
    expect(one.told[0]).toMatchObject({ type: 'compteur', non_lues: 0 });
    const piece = await makePiece(api.db);
    await touch('piece', piece.id);
    const { id } = await notify(user.id);
    await one.until(({ type }) => type === 'notification');
    expect(one.events()).toEqual([
      {
        type: 'changement',
        id: expect.any(Number),
        evenement: 'piece.modifiee',
        ressource: 'piece',
        id_ressource: piece.id,
        version: 1,
        date: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      expect.objectContaining({ type: 'notification', evenement: 'notification.creee', id_ressource: id }),
    ]);
    await one.until((told) => told.type === 'compteur' && told.non_lues === 1);
    expect((await client.put('/notifications/lues')).status).toBe(200);
    const last = await one.until((told) => told.type === 'compteur' && told.non_lues === 0 && told.id > 1);
    expect(one.events().at(-1)).toMatchObject({ type: 'changement', evenement: 'notification.lue' });
    expect(last.id).toBeGreaterThanOrEqual(one.events().at(-1)!.id);
  });

  it('a notification that was taken away is not counted any more', async () => {
    const { user, client } = await api.newPerson('technicien');
    const one = await following(await tokenOf(user));
    const { id } = await notify(user.id);
    await one.until((told) => told.type === 'compteur' && told.non_lues === 1);
    expect((await client.delete(`/notifications/${id}`)).status).toBe(204);
    await one.until((told) => told.type === 'compteur' && told.non_lues === 0 && told.id > 1);
    expect((await client.get('/notifications')).headers.get('x-unread-count')).toBe('0');
  });

  it('nothing is lost and nothing comes twice after a lost connection', async () => {
    const { user } = await api.newPerson('admin');
    const token = await tokenOf(user);
    const first = await following(token);
    const site = await makeSite(api.db);
    for (let n = 0; n < 5; n++) await touch('site', site.id);
    await eventually(
      () => first.events().length,
      (count) => count >= 2,
    );
    first.close();
    const seen = first.events();
    for (let n = 0; n < 400; n++) await touch('site', site.id);
    const second = await following(token, seen.at(-1)!.id);
    await touch('site', site.id);
    await eventually(
      () => seen.length + second.events().length,
      (count) => count >= 406,
    );
    const ids = [...seen, ...second.events()].map(({ id }) => id);
    expect(ids).toHaveLength(406);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  });

  it('who comes back too late, or from a place that was never given, is told to read anew', async () => {
    const { user } = await api.newPerson('admin');
    const token = await tokenOf(user);
    const site = await makeSite(api.db);
    await touch('site', site.id);
    const one = await following(token, 999_999_999);
    expect(one.told.map(({ type }) => type)).toEqual(['relire', 'compteur']);
    await touch('site', site.id);
    await one.until(({ evenement }) => evenement === 'site.modifie');
    expect(one.events()).toHaveLength(1);
    expect(one.told[0]!.id).toBeLessThan(one.events()[0]!.id);
    // What came after was told: what was before it cannot be any more.
    one.send({ type: 'reprendre', depuis: 0 });
    await one.until(({ type, id }) => type === 'relire' && id >= one.events()[0]!.id);
    expect(one.events()).toHaveLength(1);
  });

  it.each([
    ['says nothing', null, 4401],
    ['gives a token that is none', { type: 'auth', token: 'faux' }, 4401],
    ['asks for more before saying who it is', { type: 'reprendre', depuis: 0 }, 4401],
    ['sends no JSON', 'bonjour', 4400],
    ['sends what is no message', { type: 'autre' }, 4400],
    ['sends too much', { type: 'auth', token: 'x'.repeat(20_000) }, 1009],
  ])('a client that %s is closed', async (_, message, code) => {
    const one = openSocket(api.baseUrl);
    open.push(one);
    if (message !== null) one.send(message);
    expect(await one.ended).toMatchObject({ code });
    expect(one.told).toEqual([]);
  });

  it('a session that ends, an account that is closed and another role close the connection at once', async () => {
    const ends: [string, (user: { id: number }) => Promise<unknown>, number][] = [
      [
        'session',
        ({ id }) => api.db.query('UPDATE sessions SET date_revocation = now() WHERE user_id = $1', [id]),
        4401,
      ],
      ['account', ({ id }) => api.db.query('UPDATE users SET is_active = false WHERE id = $1', [id]), 4401],
      ['role', ({ id }) => api.db.query(`UPDATE users SET role = 'responsable' WHERE id = $1`, [id]), 4403],
    ];
    for (const [what, change, code] of ends) {
      const { user } = await api.newPerson('admin');
      const one = await following(await tokenOf(user));
      await change(user);
      const piece = await makePiece(api.db);
      await touch('piece', piece.id);
      expect([what, (await one.ended).code]).toEqual([what, code]);
      expect(one.events().filter(({ id_ressource }) => id_ressource === piece.id)).toEqual([]);
    }
  });

  it('an idle connection ends with its session too, without anything happening', async () => {
    const { user, client } = await api.newPerson('technicien');
    const one = await following(await tokenOf(user));
    const sessions = (await client.get('/auth/sessions')).body as { id: string; courante: boolean }[];
    for (const { id, courante } of sessions) if (!courante) await client.delete(`/auth/sessions/${id}`);
    expect((await one.ended).code).toBe(4401);
  });

  it('a site taken away takes away what lies on it, from the next event on', async () => {
    const [nord, sud] = [await makeSite(api.db), await makeSite(api.db)];
    const { user } = await api.newPerson('responsable', { sites: [nord.id, sud.id] });
    const one = await following(await tokenOf(user));
    const machines = {
      nord: await makeEquipement(api.db, { site_id: nord.id }),
      sud: await makeEquipement(api.db, { site_id: sud.id }),
    };
    await touch('equipement', machines.nord.id);
    await one.until(
      ({ id_ressource, ressource }) => ressource === 'equipement' && id_ressource === machines.nord.id,
    );
    await api.db.query('DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2', [user.id, nord.id]);
    await touch('equipement', machines.nord.id);
    await touch('equipement', machines.sud.id);
    await one.until(
      ({ id_ressource, ressource }) => ressource === 'equipement' && id_ressource === machines.sud.id,
    );
    expect(one.events().map(({ id_ressource }) => id_ressource)).toEqual([machines.nord.id, machines.sud.id]);
  });

  it('a connection ends with its token, unless another one of the same person came before', async () => {
    const { user } = await api.newPerson('admin');
    const other = await api.newPerson('admin');
    const shortLived = async (seconds: number) => {
      const token = await tokenOf(user);
      const { sid, user_id, sub, role } = api.app.tokens.verify(token, new Date());
      const before = new Date(Date.now() - (15 * 60 - seconds) * 1_000);
      return api.app.tokens.sign(
        { userId: user_id, email: sub, role, isActive: true, sessionId: sid },
        before,
      );
    };
    const renewed = await following(await shortLived(3));
    const left = await following(await shortLived(3));
    const stranger = await following(await shortLived(60));
    renewed.send({ type: 'auth', token: await tokenOf(user) });
    stranger.send({ type: 'auth', token: await tokenOf(other.user) });
    expect((await stranger.ended).code).toBe(4401);
    expect((await left.ended).code).toBe(4401);
    const site = await makeSite(api.db);
    await touch('site', site.id);
    await renewed.until(({ evenement }) => evenement === 'site.modifie');
  });

  it('pages of other origins, addresses with anything in them and other paths open none', async () => {
    const refused = async (url: string, headers: Record<string, string>) => {
      const response = await new Promise<string>((resolve) => {
        const one = openSocket(`${api.baseUrl}`, headers);
        open.push(one);
        one.socket.on('unexpected-response', (_request, { statusCode }) => resolve(`${url} ${statusCode}`));
        one.socket.on('open', () => resolve(`${url} open`));
      });
      return response;
    };
    expect(await refused('foreign', { origin: 'https://ailleurs.example' })).toBe('foreign 403');
    expect(await refused('null', { origin: 'null' })).toBe('null 403');
    expect(await refused('ours', { origin: 'http://localhost:3000' })).toBe('ours open');
    const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
    for (const [path, status] of [
      ['/notifications/ws?token=x', 400],
      ['/notifications', 404],
      ['/nulle-part', 404],
    ] as const) {
      const answer = await rawUpgrade(path, upgrade);
      expect([path, answer.status, answer.type]).toEqual([path, status, 'application/problem+json']);
    }
    // Any other protocol that a client would rather speak is not followed, and keeps nothing from being answered.
    expect((await rawUpgrade('/health', { connection: 'upgrade', upgrade: 'h2c' })).status).toBe(200);
    expect(await api.anonymous.get('/notifications/ws')).toMatchObject({
      status: 400,
      body: { code: 'REQUETE_MALFORMEE' },
    });
  });

  it('nobody has more than twenty connections', async () => {
    const { user } = await api.newPerson('client');
    const token = await tokenOf(user);
    for (let n = 0; n < 20; n++) await following(token);
    await expect(following(token)).rejects.toThrow('closed: 4429');
    const stream = await streamed(api.baseUrl, token);
    open.push(stream);
    expect(stream.status).toBe(429);
  });

  it('who does not read is cut off, and keeps nobody else waiting', async () => {
    const { user } = await api.newPerson('admin');
    const token = await tokenOf(user);
    const stalled = await following(token);
    const reader = await following(token);
    stalled.socket.pause();
    const site = await makeSite(api.db);
    const many = 40_000;
    await api.database.owner.query(
      `INSERT INTO evenements (evenement, ressource, id_ressource, version, date)
       SELECT 'site.modifie', 'site', $1, 1, now() FROM generate_series(1, $2)`,
      [site.id, many - 1],
    );
    await touch('site', site.id);
    await eventually(
      () => reader.events().length,
      (count) => count >= many,
    );
    const before = process.memoryUsage().rss;
    await expectCutOff(stalled);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_024 * 1_024);
    // It goes on from where it was.
    const back = await following(token, stalled.events().at(-1)?.id ?? stalled.told[0]!.id);
    await eventually(
      () => stalled.events().length + back.events().length,
      (count) => count >= many,
    );
    const ids = [...stalled.events(), ...back.events()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(many);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });
});

/** What it had not read comes when it reads again; then it finds that it was cut off. */
async function expectCutOff(one: Following): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 14_000));
  one.socket.resume();
  expect([1006, 4408]).toContain((await one.ended).code);
}

async function rawUpgrade(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; type: string | undefined }> {
  const { request } = await import('node:http');
  const { hostname, port } = new URL(api.baseUrl);
  return new Promise((resolve, reject) => {
    const asked = request({
      hostname,
      port,
      path: `/api/v1${path}`,
      headers: { ...headers, 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
    });
    asked.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode!, type: response.headers['content-type'] });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('as server-sent events', () => {
  it('somebody is told the same, and goes on from the last event that they have', async () => {
    const { user } = await api.newPerson('technicien');
    const token = await tokenOf(user);
    const first = await streamed(api.baseUrl, token);
    open.push(first);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('x-accel-buffering')).toBe('no');
    await first.until(({ type }) => type === 'compteur');
    const piece = await makePiece(api.db);
    await touch('piece', piece.id);
    await first.until(({ evenement }) => evenement === 'piece.modifiee');
    first.close();
    await touch('piece', piece.id);
    await notify(user.id);
    const second = await streamed(api.baseUrl, token, first.lastId()!);
    open.push(second);
    await second.until(
      (told) => told.type === 'compteur' && told.non_lues === 1 && told.id > first.lastId()!,
    );
    await second.until(({ type }) => type === 'notification');
    expect(second.events().map(({ evenement }) => evenement)).toEqual([
      'piece.modifiee',
      'notification.creee',
    ]);
    const late = await streamed(api.baseUrl, token, 999_999_999);
    open.push(late);
    await late.until(({ type }) => type === 'relire');
  });

  it('can be asked for what was missed alone', async () => {
    const { user } = await api.newPerson('technicien');
    const token = await tokenOf(user);
    const start = await streamed(api.baseUrl, token, undefined, '*/*');
    await start.ended;
    const piece = await makePiece(api.db);
    for (let n = 0; n < 700; n++) await touch('piece', piece.id);
    const missed = await streamed(api.baseUrl, token, start.lastId()!, '*/*');
    await missed.ended;
    expect(missed.events()).toHaveLength(700);
    expect(missed.text()).toMatch(/event: fin\ndata: \{"code":1000,.*\}\n\n$/);
  });

  it('ends with the session, and says why', async () => {
    const { user } = await api.newPerson('technicien');
    const one = await streamed(api.baseUrl, await tokenOf(user));
    await one.until(({ type }) => type === 'compteur');
    await api.db.query('UPDATE sessions SET date_revocation = now() WHERE user_id = $1', [user.id]);
    await one.ended;
    expect(one.text()).toMatch(/event: fin\ndata: \{"code":4401,.*\}\n\n$/);
  });

  it('wants a token, a place that is one, and a person', async () => {
    expect((await api.anonymous.get('/flux')).status).toBe(401);
    const { client } = await api.newPerson('client');
    const refused = await client.get('/flux', { 'last-event-id': 'dernier' });
    expect(refused).toMatchObject({ status: 422, body: { erreurs: [{ champ: 'Last-Event-ID' }] } });
    expect((await client.send('HEAD', '/flux')).status).toBe(200);
  });
});
