import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient } from '../support/client';
import { makeUser, PASSWORD } from '../support/factories';

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

let counter = 0;
const newBody = (different: object = {}) => ({
  email: `mot-de-passe-${++counter}@usine.ma`,
  password: 'SecurePass123!',
  nom: 'Hassani',
  prenom: 'Émilie',
  role: 'technicien',
  ...different,
});
const login = (email: string, password: string) => api.anonymous.post('/auth/login', { email, password });
const WITH_CLASSES = 'Aa1!';

describe('a new password', () => {
  it.each([
    ['the example of the requirements', 'SecurePass123!'],
    ['128 characters of Arabic', WITH_CLASSES + 'مرحبابالعالمكيفحالكاليوم'.repeat(6).slice(0, 124)],
    [
      '128 ideograms and emoji',
      WITH_CLASSES + [...'正确的马电池订书钉🔧🏭🚜🌧️📦🪛雨'.repeat(9)].slice(0, 124).join(''),
    ],
    ['spaces at both ends', '  deux Tracteurs, 47  '],
  ])('may be %s, and signs in', async (_, password) => {
    const body = newBody({ password });
    expect((await admin.post('/users/', body)).status).toBe(201);
    expect((await login(body.email, password)).status).toBe(200);
    expect((await login(body.email, password.trim().slice(0, -1))).status).toBe(401);
  });

  it('signs in from a keyboard that writes accents as characters of their own', async () => {
    const password = 'Forêt-brûlée-47!';
    const body = newBody({ password: password.normalize('NFD') });
    expect((await admin.post('/users/', body)).status).toBe(201);
    expect((await login(body.email, password.normalize('NFC'))).status).toBe(200);
  });

  it.each([
    ['one common word', 'Casablanca2024!', /^Un seul mot/],
    ['what is guessed at once', 'Qsdfghjklm-1!', /^Trop facile/],
    ['the name', 'Tracteur-hassani-47', /^Ne doit rien contenir/],
    ['the name without its accent, in lookalikes', 'Tracteur-3mil1e-47', /^Ne doit rien contenir/],
    ['the address', 'Tracteur-USINE-47', /^Ne doit rien contenir/],
    ['129 characters', `${WITH_CLASSES}${'مرحبابا'.repeat(18).slice(0, 125)}`, /^Au plus 128/],
  ])('is refused for %s, and nothing is kept', async (_, password, message) => {
    const body = newBody({ password });
    const reply = await admin.post('/users/', body);
    expect(reply.status).toBe(422);
    expect(reply.body.erreurs).toEqual([{ champ: 'password', message: expect.stringMatching(message) }]);
    expect(await api.db.query('SELECT id FROM users WHERE email = $1', [body.email])).toEqual([]);
  });

  it('is compared with the name that the person is about to have', async () => {
    const user = await makeUser(api.db, { nom: 'Alami' });
    const renamed = { nom: 'Berrada', password: 'Tracteur-Berrada-47' };
    const reply = await admin.patch(`/users/${user.id}`, renamed);
    expect(reply.body.erreurs).toMatchObject([{ champ: 'password' }]);
    expect((await admin.patch(`/users/${user.id}`, { ...renamed, nom: 'Chraibi' })).status).toBe(200);
    expect((await login(user.email, renamed.password)).status).toBe(200);
  });

  it('of one’s own is compared with one’s name and address', async () => {
    const user = await makeUser(api.db, { nom: 'Alami' });
    const client = createClient(api.baseUrl, (await login(user.email, PASSWORD)).body.access_token);
    const change = (new_password: string) =>
      client.post('/auth/change-password', { current_password: PASSWORD, new_password });
    const refused = await change('Tracteur-Alami-47');
    expect(refused.body.erreurs).toEqual([
      { champ: 'new_password', message: 'Ne doit rien contenir du nom ni de l’adresse de la personne' },
    ]);
    expect((await login(user.email, PASSWORD)).status).toBe(200);
    expect((await change('NouveauMotDePasse2!')).status).toBe(204);
  });
});

describe('an installation that follows NIST', () => {
  it('asks for fifteen characters of any kind', async () => {
    const nist = await startTestApi({ POLITIQUE_MOT_DE_PASSE: 'nist' });
    try {
      const { client } = await nist.newPerson('admin');
      const short = await client.post('/users/', newBody());
      expect(short.body.erreurs).toEqual([{ champ: 'password', message: 'Au moins 15 caractères' }]);
      const phrase = newBody({ password: 'un tracteur bleu sous la pluie' });
      expect((await client.post('/users/', phrase)).status).toBe(201);
    } finally {
      await nist.close();
    }
  });
});
