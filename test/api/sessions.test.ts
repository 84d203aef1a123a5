import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import { makeUser, PASSWORD } from '../support/factories';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const DAY = 24 * 3_600_000;

interface SignedIn {
  client: Client;
  refreshToken: string;
}

async function signIn(email: string, agent: string): Promise<SignedIn> {
  const { body } = await api.anonymous.post(
    '/auth/login',
    { email, password: PASSWORD },
    { 'User-Agent': agent },
  );
  return { client: createClient(api.baseUrl, body.access_token), refreshToken: body.refresh_token };
}

const agents = async ({ client }: SignedIn): Promise<string[]> =>
  (await client.get('/auth/sessions')).body.map(({ agent }: { agent: string }) => agent);

const historyOf = (userId: number) =>
  api.db.query(
    `SELECT action, apres, adresse, auteur_id FROM historique
     WHERE entite = 'user' AND entite_id = $1 AND action = 'fin_sessions' ORDER BY id`,
    [userId],
  );

describe('one’s sessions', () => {
  it('are listed as what one signed in with, where and when, the most recently used first', async () => {
    const { email } = await makeUser(api.db);
    const old = await signIn(email, 'Téléphone/1.0');
    const present = await signIn(email, 'Bureau/2.0');
    const reply = await present.client.get('/auth/sessions');
    expect(reply.status).toBe(200);
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const session = {
      id: expect.any(String),
      date_creation: instant,
      derniere_activite: instant,
      date_expiration: instant,
      adresse: '127.0.0.1',
    };
    expect(reply.body).toEqual([
      { ...session, agent: 'Bureau/2.0', courante: true },
      { ...session, agent: 'Téléphone/1.0', courante: false },
    ]);
    await api.anonymous.post('/auth/refresh', { refresh_token: old.refreshToken });
    expect(await agents(present)).toEqual(['Téléphone/1.0', 'Bureau/2.0']);
  });

  it('are nobody else’s, and only those that go on', async () => {
    const { id, email } = await makeUser(api.db);
    const present = await signIn(email, 'présente');
    await signIn((await makeUser(api.db)).email, 'étrangère');
    const left = await signIn(email, 'quittée');
    await left.client.post('/auth/logout');
    const set = (agent: string, assignment: string) =>
      api.db.query(`UPDATE sessions SET ${assignment} WHERE user_id = $1 AND agent = $2`, [id, agent]);
    await signIn(email, 'expirée');
    await set('expirée', `date_expiration = now() - interval '1 second'`);
    await signIn(email, 'délaissée');
    await set('délaissée', `derniere_activite = now() - interval '7 days 1 second'`);
    expect(await agents(present)).toEqual(['présente']);
  });

  it('end one by one, at once, with their tokens', async () => {
    const user = await makeUser(api.db);
    const lost = await signIn(user.email, 'perdu');
    const present = await signIn(user.email, 'présent');
    const [, { id }] = (await present.client.get('/auth/sessions')).body;
    expect((await present.client.delete(`/auth/sessions/${id}`)).status).toBe(204);
    expect((await lost.client.get('/auth/me')).status).toBe(401);
    const refreshed = await api.anonymous.post('/auth/refresh', { refresh_token: lost.refreshToken });
    expect(refreshed.status).toBe(401);
    expect(await agents(present)).toEqual(['présent']);
    expect((await present.client.delete(`/auth/sessions/${id}`)).status).toBe(404);
    expect(await historyOf(user.id)).toEqual([
      { action: 'fin_sessions', apres: { sessions: [id] }, adresse: '127.0.0.1', auteur_id: user.id },
    ]);
  });

  it('end all but the one that asks', async () => {
    const user = await makeUser(api.db);
    const others = [await signIn(user.email, 'un'), await signIn(user.email, 'deux')];
    const present = await signIn(user.email, 'présent');
    expect((await present.client.delete('/auth/sessions')).status).toBe(204);
    for (const { client } of others) expect((await client.get('/auth/me')).status).toBe(401);
    expect(await agents(present)).toEqual(['présent']);
    expect((await present.client.delete('/auth/sessions')).status).toBe(204);
    const recorded = await historyOf(user.id);
    expect(recorded).toHaveLength(1);
    expect(recorded[0].apres.sessions).toHaveLength(2);
  });

  it('may end the one that asks, too', async () => {
    const present = await signIn((await makeUser(api.db)).email, 'présent');
    const [{ id }] = (await present.client.get('/auth/sessions')).body;
    expect((await present.client.delete(`/auth/sessions/${id}`)).status).toBe(204);
    expect((await present.client.get('/auth/sessions')).status).toBe(401);
  });

  it('of others cannot be told from none', async () => {
    const other = await signIn((await makeUser(api.db)).email, 'étranger');
    const [{ id }] = (await other.client.get('/auth/sessions')).body;
    const { client } = await signIn((await makeUser(api.db)).email, 'présent');
    const withoutIds = ({ instance: _, correlation_id: __, ...body }: Record<string, unknown>) => body;
    const replies = [];
    for (const path of [id, randomUUID(), '12', "x' OR true --", '%00']) {
      replies.push(await client.delete(`/auth/sessions/${encodeURIComponent(path)}`));
    }
    for (const { status, body } of replies) {
      expect([status, withoutIds(body)]).toEqual([404, withoutIds(replies[0]!.body)]);
    }
    expect((await other.client.get('/auth/me')).status).toBe(200);
    expect((await api.anonymous.get('/auth/sessions')).status).toBe(401);
    expect((await api.anonymous.delete('/auth/sessions')).status).toBe(401);
  });

  it('last thirty days at most, however often they are used', async () => {
    const { client } = await signIn((await makeUser(api.db)).email, 'présent');
    const [session] = (await client.get('/auth/sessions')).body;
    expect(Date.parse(session.date_expiration) - Date.parse(session.date_creation)).toBe(30 * DAY);
  });
});
