import { startTestApi, type TestApi } from '../support/api';
import { createClient, type Reply } from '../support/client';
import { stopClock } from '../support/clock';
import { PASSWORD } from '../support/factories';

/** An account that is led to another mailbox by somebody in an open session: a link for a new password would follow. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

let counter = 0;
const address = () => `ailleurs-${++counter}@exemple.ma`;
const champOf = ({ status, body }: Reply) => [status, body.erreurs?.[0]?.champ];
const emailOf = async (id: number) =>
  (await api.db.query('SELECT email FROM users WHERE id = $1', [id]))[0].email;

describe('one’s own address', () => {
  it('is not changed without the current password, by PATCH or PUT', async () => {
    const { user, client } = await api.newPerson('admin');
    const { nom, prenom, role } = user;
    const email = address();
    const whole = { email, nom, prenom, role, is_active: true };
    for (const proof of [{}, { current_password: 'Faux-Mot-47!' }]) {
      expect(champOf(await client.patch(`/users/${user.id}`, { email, ...proof }))).toEqual([
        422,
        'current_password',
      ]);
      expect(champOf(await client.put(`/users/${user.id}`, { ...whole, ...proof }))).toEqual([
        422,
        'current_password',
      ]);
    }
    expect(await emailOf(user.id)).toBe(user.email);
    expect((await client.get('/auth/me')).status).toBe(200);
    const changed = await client.patch(`/users/${user.id}`, { email, current_password: PASSWORD });
    expect([changed.status, changed.body.email]).toEqual([200, email]);
    const kept = await api.db.query(`SELECT h::text FROM historique h WHERE h::text LIKE '%' || $1 || '%'`, [
      PASSWORD,
    ]);
    expect(kept).toEqual([]);
  });

  it('is asked for no password while it stays what it was', async () => {
    const { user, client } = await api.newPerson('admin');
    const { email, prenom, role } = user;
    expect((await client.patch(`/users/${user.id}`, { email, nom: 'Autre' })).status).toBe(200);
    const whole = { email: email.toUpperCase(), nom: 'Encore', prenom, role, is_active: true };
    expect((await client.put(`/users/${user.id}`, whole)).status).toBe(200);
    expect((await client.get('/auth/me')).body.nom).toBe('Encore');
  });

  it('is no way to guess the password: each wrong one counts as a failed sign-in and is on record', async () => {
    const { user, client } = await api.newPerson('admin');
    const attempt = (current_password: string) =>
      client.patch(`/users/${user.id}`, { email: address(), current_password });
    const statuses = [];
    // The wait is a second, and a password that is checked beside others takes as long.
    const goOn = stopClock(api.app);
    for (let n = 0; n < 6; n++) statuses.push((await attempt(`Faux-Mot-${n}!`)).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    const right = await attempt(PASSWORD);
    goOn();
    expect([right.status, right.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    const refused = await api.db.query(
      `SELECT count(*)::integer AS n FROM historique WHERE action = 'reauthentification_refusee' AND entite_id = $1`,
      [user.id],
    );
    expect(refused).toEqual([{ n: 5 }]);
    expect(await emailOf(user.id)).toBe(user.email);
  });

  it('stays an administrator’s to change: others are told so, whatever they show', async () => {
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { user, client } = await api.newPerson(role);
      const change = { email: address(), current_password: PASSWORD };
      expect((await client.patch(`/users/${user.id}`, change)).status).toBe(403);
      expect((await client.patch('/auth/me', change)).status).toBe(422);
    }
  });
});

describe('an address changed by whomever', () => {
  it('ends every session of the person at once, with its access and refresh tokens', async () => {
    const admin = await api.newPerson('admin');
    for (const [role, by] of [
      ['client', 'another'],
      ['admin', 'another'],
      ['admin', 'themselves'],
    ] as const) {
      const { user, client } = await api.newPerson(role);
      const { body: session } = await api.anonymous.post('/auth/login', {
        email: user.email,
        password: PASSWORD,
      });
      const elsewhere = createClient(api.baseUrl, session.access_token);
      const change = { email: address(), ...(by === 'themselves' ? { current_password: PASSWORD } : {}) };
      const author = by === 'themselves' ? client : admin.client;
      expect((await author.patch(`/users/${user.id}`, change)).status).toBe(200);
      expect((await client.get('/auth/me')).status).toBe(401);
      expect((await elsewhere.get('/auth/me')).status).toBe(401);
      const renewed = await api.anonymous.post('/auth/refresh', { refresh_token: session.refresh_token });
      expect(renewed.status).toBe(401);
    }
    expect((await admin.client.get('/auth/me')).status).toBe(200);
  });
});
