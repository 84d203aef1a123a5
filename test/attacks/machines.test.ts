import { linkToken } from '../../src/auth/password-links';
import { ROLES, ROLES_CLE } from '../../src/domain/roles';
import { systemActor } from '../../src/services/actor';
import { requestLink, sendLink } from '../../src/services/identite/liens-mot-de-passe';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient, type Reply } from '../support/client';
import { makeSite, makeUser, PASSWORD } from '../support/factories';

/**
 * A key that has come into the wrong hands: what it opens must end with it. It takes over no account, opens none that its
 * holder could enter, and nothing of whoever made it is within its reach.
 */

let api: TestApi;
let maker: Awaited<ReturnType<TestApi['newPerson']>>;
let victim: Awaited<ReturnType<TestApi['newPerson']>>;
beforeAll(async () => {
  api = await startTestApi();
  maker = await api.newPerson('admin');
  victim = await api.newPerson('admin');
});
afterAll(() => api.close());

const NEW_PASSWORD = 'Tournevis-Plat-83!';
let counter = 0;
const address = () => `pirate-${++counter}@exemple.ma`;
const newcomer = (fields: object = {}) => ({
  email: address(),
  nom: 'Nouveau',
  prenom: 'Sami',
  role: 'client',
  ...fields,
});

async function machine(fields: object = {}, by: Client = maker.client): Promise<Client> {
  const { body } = await by.post('/cles-api', { nom: 'Annuaire', role: 'admin', ...fields });
  return createClient(api.baseUrl, body.cle);
}

const outcome = ({ status, body }: Reply) => [status, body.code];
const FORBIDDEN = [403, 'INTERDIT'];
const wholeUser = async (id: number) => (await api.db.query('SELECT * FROM users WHERE id = $1', [id]))[0];
const importOf = (client: Client, csv: string) =>
  client.send('POST', '/users/import', { body: csv, headers: { 'content-type': 'text/csv' } });

/** With the paths of its subject alone, and with all of them. */
const KEYS: [string, object][] = [
  ['limited to /users', { chemins: ['/users'] }],
  ['of an administrator', {}],
];

describe.each(KEYS)('a key %s', (_, fields) => {
  it('changes nothing of an administrator, its maker least of all', async () => {
    const client = await machine(fields);
    const changes: object[] = [
      { email: address() },
      { password: NEW_PASSWORD },
      { email: address(), current_password: PASSWORD },
      { role: 'client' },
      { is_active: false },
      { nom: 'Pirate' },
      { langue: 'en' },
      { telephone: '+212 6 00 00 00 00' },
    ];
    for (const { user } of [maker, victim]) {
      const before = await wholeUser(user.id);
      for (const change of changes) {
        expect([change, outcome(await client.patch(`/users/${user.id}`, change))]).toEqual([
          change,
          FORBIDDEN,
        ]);
        const { email, nom, prenom, role } = user;
        const whole = { email, nom, prenom, role, is_active: true, ...change };
        expect([change, outcome(await client.put(`/users/${user.id}`, whole))]).toEqual([change, FORBIDDEN]);
      }
      expect(outcome(await client.delete(`/users/${user.id}`))).toEqual(FORBIDDEN);
      expect(outcome(await client.post(`/users/${user.id}/invitation`))).toEqual(FORBIDDEN);
      expect(outcome(await client.delete(`/users/${user.id}/second-facteur`))).toEqual(FORBIDDEN);
      expect(await wholeUser(user.id)).toEqual(before);
    }
    expect((await maker.client.get('/auth/me')).status).toBe(200);
    expect((await victim.client.get('/auth/me')).status).toBe(200);
  });

  it('gives nobody another password, another address or a way around their second factor', async () => {
    const client = await machine(fields);
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { user, client: theirs } = await api.newPerson(role);
      await api.db.query(
        `INSERT INTO seconds_facteurs (user_id, secret, date_activation, date_creation) VALUES ($1, '', now(), now())`,
        [user.id],
      );
      const before = await wholeUser(user.id);
      for (const change of [
        { password: NEW_PASSWORD },
        { email: address() },
        { nom: 'B', email: address() },
      ]) {
        expect(outcome(await client.patch(`/users/${user.id}`, change))).toEqual(FORBIDDEN);
      }
      expect(outcome(await client.delete(`/users/${user.id}/second-facteur`))).toEqual(FORBIDDEN);
      expect(await wholeUser(user.id)).toEqual(before);
      const factors = await api.db.query('SELECT 1 FROM seconds_facteurs WHERE user_id = $1', [user.id]);
      expect(factors).toHaveLength(1);
      expect((await theirs.get('/auth/me')).status).toBe(200);
    }
  });

  it('makes nobody an administrator: neither a new one, nor one of those there are, nor from a file', async () => {
    const client = await machine(fields);
    const count = async () => (await api.db.query(`SELECT id FROM users WHERE role = 'admin'`)).length;
    const before = await count();
    expect(outcome(await client.post('/users', newcomer({ role: 'admin' })))).toEqual(FORBIDDEN);
    const file = await importOf(client, `email,nom,prenom,role\n${address()},Pirate,Sami,admin\n`);
    expect(file.body).toMatchObject({ creees: 0, erreurs: [{ champ: 'role' }] });
    for (const role of ROLES.filter((one) => one !== 'admin')) {
      const user = await makeUser(api.db, { role });
      expect(outcome(await client.patch(`/users/${user.id}`, { role: 'admin' }))).toEqual(FORBIDDEN);
    }
    // One who was invited before, whose link would come anew.
    const invited = await makeUser(api.db, { role: 'admin', mot_de_passe: null });
    expect(outcome(await client.post(`/users/${invited.id}/invitation`))).toEqual(FORBIDDEN);
    // One who was put out, and stays out.
    const former = await makeUser(api.db, { role: 'admin', is_active: false });
    expect(outcome(await client.patch(`/users/${former.id}`, { is_active: true }))).toEqual(FORBIDDEN);
    expect(await count()).toBe(before + 2);
  });

  it('lets nobody reach further than they did, and nobody back in who was put out', async () => {
    const client = await machine(fields);
    const site = await makeSite(api.db);
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const user = await makeUser(api.db, { role, tous_sites: false });
      const before = await wholeUser(user.id);
      for (const change of [
        { role: role === 'responsable' ? 'technicien' : 'responsable' },
        { site_ids: [site.id] },
        ...(role === 'client' ? [] : [{ tous_sites: true }]),
      ]) {
        expect([change, outcome(await client.patch(`/users/${user.id}`, change))]).toEqual([
          change,
          FORBIDDEN,
        ]);
      }
      expect(await wholeUser(user.id)).toEqual(before);
      expect((await client.patch(`/users/${user.id}`, { is_active: false })).status).toBe(200);
      for (const change of [{ is_active: true }, { nom: 'Revenu', is_active: true }, { nom: 'Revenu' }]) {
        expect(outcome(await client.patch(`/users/${user.id}`, change))).toEqual(FORBIDDEN);
      }
    }
  });

  it('opens accounts by invitation alone: nobody ever knows a password that it chose', async () => {
    const client = await machine(fields);
    const refused = newcomer({ password: NEW_PASSWORD });
    expect(outcome(await client.post('/users', refused))).toEqual(FORBIDDEN);
    expect(await api.db.query('SELECT 1 FROM users WHERE email = $1', [refused.email])).toEqual([]);
    const created = await client.post('/users', newcomer({ role: 'technicien' }));
    expect([created.status, created.body.invitation_en_attente]).toEqual([201, true]);
    expect((await client.patch(`/users/${created.body.id}`, { nom: 'Bennani' })).body.nom).toBe('Bennani');
  });
});

describe('a key of whatever role', () => {
  it.each(ROLES_CLE)('of %s reaches neither the profile nor the notifications of its maker', async (role) => {
    const owner = await api.newPerson('admin');
    const client = await machine({ role }, owner.client);
    const [notice] = await api.db.query(
      `SELECT id, lue FROM notifications WHERE destinataire_id = $1 ORDER BY id LIMIT 1`,
      [owner.user.id],
    );
    // That the key was made, for instance.
    expect(notice).toMatchObject({ lue: false });
    const replies = [
      await client.get('/notifications'),
      await client.put(`/notifications/${notice.id}/lue`),
      await client.put('/notifications/lues'),
      await client.patch(`/users/${owner.user.id}`, { nom: 'Pirate' }),
      await client.patch('/auth/me', { nom: 'Pirate' }),
      await client.get('/auth/me'),
      await client.get('/cles-api'),
    ];
    expect(replies.map(outcome)).toEqual(replies.map(() => FORBIDDEN));
    expect((await owner.client.get('/notifications?lue=false')).body).toHaveLength(1);
    expect((await owner.client.get('/auth/me')).body.nom).toBe(owner.user.nom);
  });

  it('of a responsable opens no account with a password either, and none beyond their sites', async () => {
    const [here, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const owner = await api.newPerson('admin');
    const client = await machine({ role: 'responsable' }, owner.client);
    await api.db.query(`UPDATE users SET role = 'responsable' WHERE id = $1`, [owner.user.id]);
    await api.db.query('INSERT INTO user_sites VALUES ($1, $2)', [owner.user.id, here.id]);
    const attempt = async (given: object) => (await client.post('/users', newcomer(given))).status;
    expect(await attempt({ site_ids: [here.id] })).toBe(201);
    expect(await attempt({ site_ids: [here.id], password: NEW_PASSWORD })).toBe(403);
    expect(await attempt({ site_ids: [elsewhere.id] })).toBe(403);
    expect(await attempt({ role: 'technicien', site_ids: [here.id] })).toBe(201);
    expect(await attempt({ role: 'technicien' })).toBe(403);
    expect(await attempt({ role: 'technicien', tous_sites: true })).toBe(403);
  });

  it('invites nobody any more once it is revoked: not even by links that were sent before', async () => {
    const { body: key } = await maker.client.post('/cles-api', { nom: 'Annuaire', role: 'admin' });
    const client = createClient(api.baseUrl, key.cle);
    const created = await client.post('/users', newcomer());
    const accept = async () => {
      const [link] = await api.db.query(
        `SELECT id FROM liens_mot_de_passe WHERE user_id = $1 AND motif = 'invitation' AND date_fermeture IS NULL`,
        [created.body.id],
      );
      const token = linkToken(api.app.secrets, link.id);
      return api.anonymous.post('/auth/reset-password', { token, new_password: NEW_PASSWORD });
    };
    expect((await maker.client.delete(`/cles-api/${key.id}`)).status).toBe(204);
    expect(outcome(await accept())).toEqual([422, 'LIEN_INVALIDE']);
    // Nor by the link of a forgotten password, which they may ask for as well.
    const forgotten = await requestLink(api.db, systemActor(new Date(), 'essai'), created.body.email);
    await api.db.transaction((tx) => sendLink(tx, forgotten, new Date()));
    const token = linkToken(api.app.secrets, forgotten);
    const reply = await api.anonymous.post('/auth/reset-password', { token, new_password: NEW_PASSWORD });
    expect(outcome(reply)).toEqual([422, 'LIEN_INVALIDE']);
    // A person may invite them anew, if they know them.
    expect((await maker.client.post(`/users/${created.body.id}/invitation`)).status).toBe(204);
    expect((await accept()).status).toBe(204);
  });

  it('rates no work: that is for a customer to do', async () => {
    const client = await machine({ role: 'client' });
    expect(outcome(await client.post('/interventions/1/satisfaction', { note: 5 }))).toEqual(FORBIDDEN);
  });

  it('sends what it sends under its own name beside its maker’s', async () => {
    const client = await machine({ role: 'responsable' });
    const body = { destinataire_id: victim.user.id, titre: 'Niveau bas', message: 'Cuve 3' };
    const { id, nom, prenom } = maker.user;
    expect((await client.post('/notifications', body)).body.expediteur).toEqual({
      id,
      nom,
      prenom,
      cle_api: 'Annuaire',
    });
  });
});
