import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeSite, makeUser, PASSWORD } from '../support/factories';

/** Who may invite whom; that the mail comes and lets somebody in is in `test/e2e/password-links.test.ts`. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

let counter = 0;
const body = (fields: object = {}) => ({
  email: `invite-${++counter}@exemple.ma`,
  nom: 'Bennani',
  prenom: 'Salma',
  role: 'client',
  ...fields,
});
const openLinks = async (userId: number): Promise<{ motif: string; jours: number }[]> =>
  api.db.query(
    `SELECT motif, round(extract(epoch FROM date_expiration - date_creation) / 86400)::integer AS jours
     FROM liens_mot_de_passe WHERE user_id = $1 AND date_fermeture IS NULL`,
    [userId],
  );

describe('an account', () => {
  it('without a password gets an invitation of seven days, with one none', async () => {
    const invited = await admin.post('/users/', body());
    expect(invited.body).toMatchObject({ invitation_en_attente: true });
    expect(await openLinks(invited.body.id)).toEqual([{ motif: 'invitation', jours: 7 }]);
    const ready = await admin.post('/users/', body({ password: PASSWORD }));
    expect(ready.body).toMatchObject({ invitation_en_attente: false });
    expect(await openLinks(ready.body.id)).toEqual([]);
  });

  it('without a password is created once for an Idempotency-Key, with one invitation', async () => {
    const person = body();
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => admin.post('/users/', person, { 'Idempotency-Key': person.email })),
    );
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1);
    expect(await openLinks(replies[0]!.body.id)).toHaveLength(1);
  });

  it('that is not active is not invited yet, but later', async () => {
    const { body: created } = await admin.post('/users/', body({ is_active: false }));
    expect(await openLinks(created.id)).toEqual([]);
    const early = await admin.post(`/users/${created.id}/invitation`);
    expect([early.status, early.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
    await admin.patch(`/users/${created.id}`, { is_active: true });
    expect((await admin.post(`/users/${created.id}/invitation`)).status).toBe(204);
    expect(await openLinks(created.id)).toHaveLength(1);
  });

  it('that is deactivated, or given a password, loses its invitation', async () => {
    for (const change of [
      { is_active: false },
      { password: PASSWORD },
      { email: `autre-${++counter}@exemple.ma` },
    ]) {
      const { body: created } = await admin.post('/users/', body());
      expect((await admin.patch(`/users/${created.id}`, change)).status).toBe(200);
      expect(await openLinks(created.id)).toEqual([]);
    }
  });
});

describe('inviting again', () => {
  it('replaces the invitation, and is refused once there is a password', async () => {
    const { body: created } = await admin.post('/users/', body());
    const before = await api.db.query('SELECT id FROM liens_mot_de_passe WHERE user_id = $1', [created.id]);
    expect((await admin.post(`/users/${created.id}/invitation`)).status).toBe(204);
    const after = await api.db.query(
      'SELECT id FROM liens_mot_de_passe WHERE user_id = $1 AND date_fermeture IS NULL',
      [created.id],
    );
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    const ready = await makeUser(api.db);
    const refused = await admin.post(`/users/${ready.id}/invitation`);
    expect([refused.status, refused.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
  });

  it('is for whoever could have created the account', async () => {
    const [here, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const responsable = (await api.newPerson('responsable', { sites: [here.id] })).client;
    const invited = { mot_de_passe: null };
    const theirs = await makeUser(api.db, { ...invited, role: 'client', sites: [here.id] });
    const others = await makeUser(api.db, { ...invited, role: 'client', sites: [elsewhere.id] });
    const superior = await makeUser(api.db, { ...invited, role: 'admin' });
    const technicien = await makeUser(api.db, { ...invited, role: 'technicien', sites: [here.id] });
    const everywhere = await makeUser(api.db, { ...invited, role: 'technicien' });
    const outcome = async (client: Client, id: number) =>
      (await client.post(`/users/${id}/invitation`)).status;
    expect(await outcome(responsable, theirs.id)).toBe(204);
    expect(await outcome(responsable, technicien.id)).toBe(204);
    expect(await outcome(responsable, everywhere.id)).toBe(403);
    expect(await outcome(responsable, others.id)).toBe(403);
    expect(await outcome(responsable, superior.id)).toBe(403);
    expect(await outcome((await api.newPerson('technicien')).client, theirs.id)).toBe(403);
    expect(await outcome((await api.newPerson('client')).client, theirs.id)).toBe(403);
    expect(await outcome(admin, 999_999)).toBe(404);
    expect((await api.anonymous.post(`/users/${theirs.id}/invitation`)).status).toBe(401);
  });
});

describe('whoever has not chosen a password', () => {
  it('cannot sign in, and is told so like anybody else', async () => {
    const invited = await makeUser(api.db, { mot_de_passe: null });
    const login = (email: string, password: string) => api.anonymous.post('/auth/login', { email, password });
    const refused = await login(invited.email, PASSWORD);
    const unknown = await login('personne@nulle-part.ma', PASSWORD);
    expect([refused.status, refused.body.code]).toEqual([401, 'IDENTIFIANTS_INVALIDES']);
    expect({ ...refused.body, correlation_id: 0 }).toEqual({ ...unknown.body, correlation_id: 0 });
  });
});
