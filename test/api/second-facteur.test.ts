import { TOTP } from 'otpauth';
import { createSecrets } from '../../src/auth/secrets';
import type { DataKey } from '../../src/config';
import type { Role } from '../../src/domain/roles';
import { checkSecondFactor } from '../../src/services/identite/second-facteur';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient, type Reply } from '../support/client';
import { makeUser, PASSWORD } from '../support/factories';
import { type Field, faultsOf, unrefused } from '../support/faults';
import { startInstance } from '../support/instance';

/** Codes are computed by the library that authenticator apps use, for the instant that the API's clock shows. */

const STEP = 30_000;
const SECRET = /^[A-Z2-7]{32}$/;
const RECOVERY_CODE = /^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/;

let api: TestApi;
let now = Date.now();
beforeAll(async () => {
  api = await startTestApi();
  api.app.clock = () => new Date(now);
});
afterAll(() => api.close());
// No code of one test serves in the next.
beforeEach(() => {
  now += 3 * STEP;
});

/** The code that an app shows so many steps from now. */
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret }).generate({ timestamp: now + steps * STEP });
const wrong = (code: string) => (code === '000000' ? '111111' : '000000');
const outcome = ({ status, body }: Reply) => [status, body.code];
const fields = ({ body }: Reply) => body.erreurs.map(({ champ }: { champ: string }) => champ);

const login = (email: string, code?: string, password = PASSWORD) =>
  api.anonymous.post('/auth/login', { email, password, code });
const clientOf = ({ body }: Reply) => createClient(api.baseUrl, body.access_token);
const begin = async (client: Client): Promise<string> =>
  (await client.post('/auth/second-facteur', { password: PASSWORD })).body.secret;
const confirm = (client: Client, code: string) => client.post('/auth/second-facteur/confirmation', { code });

const actionsOf = async (userId: number): Promise<string[]> => {
  const rows = await api.db.query(
    `SELECT action FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
    [userId],
  );
  return rows.map(({ action }: { action: string }) => action);
};

const mailsTo = async (userId: number): Promise<string[]> => {
  const rows = await api.db.query('SELECT modele FROM messages WHERE destinataire_id = $1 ORDER BY id', [
    userId,
  ]);
  return rows.map(({ modele }: { modele: string }) => modele);
};

/** Somebody of this role, who signed in at the time that the API's clock shows. */
async function newPerson(role: Role) {
  const user = await makeUser(api.db, { role });
  return { user, client: clientOf(await login(user.email)) };
}

/** Somebody who signs in with a second factor, a step after they set it up. */
async function enrolled() {
  const { user, client } = await newPerson('admin');
  const secret = await begin(client);
  const { body } = await confirm(client, codeOf(secret));
  now += 2 * STEP;
  return { user, client, secret, codes: body.codes_secours as string[] };
}

describe('setting up a second factor', () => {
  it('takes the password, gives a secret to an app, and counts once a code has come back', async () => {
    const user = await makeUser(api.db, { email: 'naïma@exemple.ma' });
    const client = clientOf(await login(user.email));
    const state = { actif: false, date_activation: null, codes_secours_restants: 0, requis: false };
    expect((await client.get('/auth/second-facteur')).body).toEqual(state);

    const begun = await client.post('/auth/second-facteur', { password: PASSWORD });
    expect([begun.status, begun.body.secret]).toEqual([201, expect.stringMatching(SECRET)]);
    const uri = new URL(begun.body.uri);
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/Régie:naïma@exemple.ma',
    ]);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Régie',
      secret: begun.body.secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect((await client.get('/auth/second-facteur')).body).toEqual(state);
    expect((await login(user.email)).status).toBe(200);

    const confirmed = await confirm(client, codeOf(begun.body.secret));
    expect(confirmed.status).toBe(200);
    const codes: string[] = confirmed.body.codes_secours;
    expect([codes.length, new Set(codes).size]).toEqual([10, 10]);
    for (const code of codes) expect(code).toMatch(RECOVERY_CODE);
    expect((await client.get('/auth/second-facteur')).body).toEqual({
      actif: true,
      date_activation: new Date(now).toISOString(),
      codes_secours_restants: 10,
      requis: false,
    });
    expect(await actionsOf(user.id)).toContain('second_facteur_active');
    expect(await mailsTo(user.id)).toEqual(['second_facteur_active']);
  });

  it('ends the sessions that were opened without it, but not the present one', async () => {
    const user = await makeUser(api.db);
    const other = clientOf(await login(user.email));
    const client = clientOf(await login(user.email));
    await confirm(client, codeOf(await begin(client)));
    expect((await other.get('/auth/me')).status).toBe(401);
    expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('begins anew when asked again, and forgets the secret of before', async () => {
    const { client } = await newPerson('technicien');
    const before = await begin(client);
    const secret = await begin(client);
    expect(outcome(await confirm(client, codeOf(before)))).toEqual([422, 'VALIDATION']);
    expect((await confirm(client, codeOf(secret))).status).toBe(200);
  });

  it('is refused without the password, twice, without a beginning, with a wrong code, and too late', async () => {
    const { user, client: left } = await newPerson('client');
    expect(outcome(await confirm(left, '123456'))).toEqual([409, 'TRANSITION_INVALIDE']);
    const unproven = await left.post('/auth/second-facteur', { password: 'Autre-Chose-47!' });
    expect([...outcome(unproven), fields(unproven)]).toEqual([422, 'VALIDATION', ['password']]);

    const late = await begin(left);
    now += 15 * 60_000 + 1;
    const client = clientOf(await login(user.email));
    expect(outcome(await confirm(client, codeOf(late)))).toEqual([409, 'TRANSITION_INVALIDE']);
    const secret = await begin(client);
    const refused = await confirm(client, wrong(codeOf(secret)));
    expect([...outcome(refused), fields(refused)]).toEqual([422, 'VALIDATION', ['code']]);

    expect((await confirm(client, codeOf(secret))).status).toBe(200);
    expect(outcome(await confirm(client, codeOf(secret, 1)))).toEqual([409, 'DEJA_EXISTANT']);
    const again = await client.post('/auth/second-facteur', { password: PASSWORD });
    expect(outcome(again)).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('refuses every wrong shape of its bodies', async () => {
    const { client } = await newPerson('technicien');
    const password: Field = { accepts: 'string', required: true, refuses: ['', 'x'.repeat(1_001)] };
    const code: Field = { accepts: 'string', required: true, refuses: ['', '   ', 'x'.repeat(101)] };
    const of = (path: string, valid: Record<string, unknown>, shape: Record<string, Field>) =>
      unrefused(client, 'post', `/auth/second-facteur${path}`, faultsOf(valid, shape));
    expect(await of('', { password: PASSWORD }, { password })).toEqual([]);
    expect(await of('/confirmation', { code: '123456' }, { code })).toEqual([]);
    const both = { password: PASSWORD, code: '123456' };
    expect(await of('/codes-secours', both, { password, code })).toEqual([]);
    expect(await of('/retrait', both, { password, code })).toEqual([]);
  });

  it('leaves neither the secret nor a recovery code where somebody could read them', async () => {
    const user = await makeUser(api.db);
    const client = clientOf(await login(user.email));
    const key = { 'Idempotency-Key': 'une-fois' };
    const post = () => client.post('/auth/second-facteur', { password: PASSWORD }, key);
    const [first, again] = [await post(), await post()];
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([first.body, 'true']);
    const confirmation = () =>
      client.post(
        '/auth/second-facteur/confirmation',
        { code: codeOf(first.body.secret) },
        { 'Idempotency-Key': 'deux' },
      );
    const { codes_secours: codes } = (await confirmation()).body;
    expect((await confirmation()).body.codes_secours).toEqual(codes);

    const bytes = Buffer.from(new TOTP({ secret: first.body.secret }).secret.bytes).toString('hex');
    const tables: { name: string }[] = await api.db.query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const [hex, base64] = [codes[0].replaceAll('-', ''), Buffer.from(first.body.secret).toString('base64')];
    for (const { name } of tables) {
      const rows = JSON.stringify(await api.db.query(`SELECT t::text AS text FROM "${name}" t`));
      for (const secret of [first.body.secret, bytes, base64, codes[0], hex]) {
        expect([name, rows.includes(secret)]).toEqual([name, false]);
      }
    }
  });
});

describe('signing in with a second factor', () => {
  it('asks for the code once the password is right, and opens nothing before', async () => {
    const { user, secret } = await enrolled();
    const asked = await login(user.email);
    expect(outcome(asked)).toEqual([401, 'SECOND_FACTEUR_REQUIS']);
    const [before] = await api.db.query('SELECT derniere_connexion FROM users WHERE id = $1', [user.id]);
    const signedIn = await login(user.email, codeOf(secret));
    expect(signedIn.status).toBe(200);
    expect((await clientOf(signedIn).get('/auth/me')).body.id).toBe(user.id);
    expect(Date.parse(before.derniere_connexion)).toBeLessThan(now);
    const opened = (await clientOf(signedIn).get('/auth/sessions')).body;
    expect(opened).toHaveLength(2);
  });

  it('answers a wrong code as a wrong password, whatever else is known', async () => {
    const { user, secret } = await enrolled();
    const replies = [
      await login(user.email, wrong(codeOf(secret))),
      await login(user.email, 'ABCD-EFGH-IJKL-MNOP'),
      await login(user.email, codeOf(secret), 'Autre-Chose-47!'),
      await login(user.email, undefined, 'Autre-Chose-47!'),
    ];
    const { correlation_id: _, ...first } = replies[0]!.body;
    for (const { status, body } of replies) {
      expect([status, body.code]).toEqual([401, 'IDENTIFIANTS_INVALIDES']);
      expect(body).toMatchObject(first);
    }
    await api.db.query('UPDATE users SET is_active = false WHERE id = $1', [user.id]);
    expect(outcome(await login(user.email))).toEqual([401, 'IDENTIFIANTS_INVALIDES']);
  });

  it('takes each code once, and none older than the last one taken', async () => {
    const { user, secret } = await enrolled();
    const code = codeOf(secret);
    expect((await login(user.email, code)).status).toBe(200);
    expect((await login(user.email, code)).status).toBe(401);
    expect((await login(user.email, codeOf(secret, -1))).status).toBe(401);
    now += STEP;
    expect((await login(user.email, code)).status).toBe(401);
    expect((await login(user.email, codeOf(secret))).status).toBe(200);
  });

  it('does not take again the code by which it was set up', async () => {
    const user = await makeUser(api.db);
    const client = clientOf(await login(user.email));
    const secret = await begin(client);
    await confirm(client, codeOf(secret));
    expect((await login(user.email, codeOf(secret))).status).toBe(401);
    now += STEP;
    expect((await login(user.email, codeOf(secret))).status).toBe(200);
  });

  it.each([
    [-2, 401],
    [-1, 200],
    [1, 200],
    [2, 401],
  ])('answers a code of %i steps from now with %i', async (steps, status) => {
    const { user, secret } = await enrolled();
    now += 2 * STEP;
    expect((await login(user.email, codeOf(secret, steps))).status).toBe(status);
  });

  it('takes the code as people type it, and in the form of OAuth2', async () => {
    const { user, secret } = await enrolled();
    const [, one, two] = /^(...)(...)$/.exec(codeOf(secret))!;
    expect((await login(user.email, ` ${one} ${two} `)).status).toBe(200);
    now += STEP;
    const form = (given: Record<string, string>) =>
      api.anonymous.send('POST', '/auth/token', {
        body: new URLSearchParams({ username: user.email, password: PASSWORD, ...given }),
      });
    expect(outcome(await form({}))).toEqual([401, 'SECOND_FACTEUR_REQUIS']);
    expect((await form({ totp: codeOf(secret) })).status).toBe(200);
  });

  it('needs no code of somebody who has no second factor, and minds none', async () => {
    const { email } = await makeUser(api.db);
    expect((await login(email, '123456')).status).toBe(200);
  });

  it('passes the secret to a new key of the installation, after which the former one is not needed', async () => {
    const { user, secret } = await enrolled();
    const key = (id: string) => ({ id, key: Buffer.alloc(32, id) });
    const check = (keys: DataKey[]) =>
      api.db.transaction((tx) =>
        checkSecondFactor(tx, createSecrets(keys), user.id, codeOf(secret), new Date(now)),
      );
    expect(await check([key('k2'), ...api.config.dataKeys])).toBe('juste');
    now += STEP;
    expect(await check([key('k2')])).toBe('juste');
    now += STEP;
    await expect(check([key('k3')])).rejects.toThrow('No key "k2"');
  });

  it('takes a code once of twenty that come at the same moment', async () => {
    const { user, secret, codes } = await enrolled();
    for (const code of [codeOf(secret), codes[0]!]) {
      const checks = await Promise.all(
        Array.from({ length: 20 }, () =>
          api.db.transaction((tx) => checkSecondFactor(tx, api.app.secrets, user.id, code, new Date(now))),
        ),
      );
      expect(checks.sort()).toEqual([...Array(19).fill('faux'), 'juste']);
    }
    now += STEP;
    const code = codeOf(secret);
    const replies = await Promise.all(Array.from({ length: 20 }, () => login(user.email, code)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('a recovery code', () => {
  it('stands in for the app, once, however it is typed', async () => {
    const { user, client, codes } = await enrolled();
    expect((await login(user.email, codes[0])).status).toBe(200);
    expect((await login(user.email, codes[0])).status).toBe(401);
    const typed = ` ${codes[1]!.toLowerCase().replaceAll('-', ' ')}`;
    expect((await login(user.email, typed)).status).toBe(200);
    const state = await client.get('/auth/second-facteur');
    expect(state.body.codes_secours_restants).toBe(8);
  });

  it('is void once there are new ones, which take the password and a code', async () => {
    const { user, client, secret, codes } = await enrolled();
    const renew = (password: string, code: string) =>
      client.post('/auth/second-facteur/codes-secours', { password, code });
    expect(fields(await renew('Autre-Chose-47!', codeOf(secret)))).toEqual(['password']);
    expect(fields(await renew(PASSWORD, wrong(codeOf(secret))))).toEqual(['code']);
    const renewed = await renew(PASSWORD, codeOf(secret));
    expect([renewed.status, renewed.body.codes_secours.length]).toEqual([200, 10]);
    expect((await login(user.email, codes[0])).status).toBe(401);
    expect((await login(user.email, renewed.body.codes_secours[0])).status).toBe(200);
    expect(await actionsOf(user.id)).toContain('codes_secours_renouveles');
    expect(await mailsTo(user.id)).toContain('codes_secours_renouveles');
  });

  it('is nobody else’s', async () => {
    const [one, other] = [await enrolled(), await enrolled()];
    expect((await login(one.user.email, other.codes[0])).status).toBe(401);
    expect((await login(one.user.email, codeOf(other.secret))).status).toBe(401);
  });
});

describe('doing without a second factor again', () => {
  it('takes the password and a code, and ends the other sessions', async () => {
    const { user, client, secret } = await enrolled();
    const other = clientOf(await login(user.email, codeOf(secret, 1)));
    now += STEP;
    const remove = (password: string, code: string) =>
      client.post('/auth/second-facteur/retrait', { password, code });
    expect(fields(await remove('Autre-Chose-47!', codeOf(secret, 1)))).toEqual(['password']);
    expect(fields(await remove(PASSWORD, wrong(codeOf(secret, 1))))).toEqual(['code']);
    expect((await remove(PASSWORD, codeOf(secret, 1))).status).toBe(204);
    expect((await other.get('/auth/me')).status).toBe(401);
    expect((await login(user.email)).status).toBe(200);
    expect((await client.get('/auth/second-facteur')).body).toMatchObject({
      actif: false,
      codes_secours_restants: 0,
    });
    expect(outcome(await remove(PASSWORD, '123456'))).toEqual([409, 'TRANSITION_INVALIDE']);
    expect(await actionsOf(user.id)).toContain('second_facteur_retire');
    expect(await mailsTo(user.id)).toContain('second_facteur_retire');
  });

  it('is an administrator’s to arrange for somebody who has lost their device', async () => {
    const { user, client, codes } = await enrolled();
    const administrator = await newPerson('admin');
    const path = `/users/${user.id}/second-facteur`;
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const refused = await (await newPerson(role)).client.delete(path);
      expect([role, refused.status]).toEqual([role, role === 'responsable' ? 403 : 404]);
    }
    expect((await client.delete(path)).status).toBe(403);

    expect((await administrator.client.delete(path)).status).toBe(204);
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await login(user.email)).status).toBe(200);
    expect((await login(user.email, codes[0])).status).toBe(200);
    const again = clientOf(await login(user.email));
    expect((await administrator.client.delete(path)).status).toBe(204);
    expect((await again.get('/auth/me')).status).toBe(200);
    expect((await administrator.client.delete('/users/999999/second-facteur')).status).toBe(404);
    const resets = await api.db.query(
      `SELECT auteur_id FROM historique WHERE action = 'second_facteur_reinitialise' AND entite_id = $1`,
      [user.id],
    );
    expect(resets).toEqual([{ auteur_id: administrator.user.id }]);
    expect(await mailsTo(user.id)).toContain('second_facteur_retire');
  });
});

describe('a role that asks for a second factor', () => {
  it('lets its people come no further than setting it up', async () => {
    const config = { ...api.config, secondFacteurRoles: ['responsable' as const] };
    const strict = await startInstance(api, { config });
    try {
      const { user } = await newPerson('responsable');
      const signedIn = await createClient(strict.baseUrl).post('/auth/login', {
        email: user.email,
        password: PASSWORD,
      });
      expect(signedIn.status).toBe(200);
      const client = createClient(strict.baseUrl, signedIn.body.access_token);
      for (const [method, path] of [
        ['GET', '/pieces'],
        ['GET', '/auth/sessions'],
        ['POST', '/auth/change-password'],
        ['POST', '/auth/second-facteur/retrait'],
      ] as const) {
        const refused = await client.send(method, path);
        expect([path, ...outcome(refused)]).toEqual([path, 403, 'SECOND_FACTEUR_A_ACTIVER']);
      }
      expect((await client.get('/auth/me')).status).toBe(200);
      expect((await client.get('/auth/second-facteur')).body).toMatchObject({ actif: false, requis: true });

      const secret = await begin(client);
      expect((await confirm(client, codeOf(secret))).status).toBe(200);
      expect((await client.get('/pieces')).status).toBe(200);
      const removal = { password: PASSWORD, code: codeOf(secret, 1) };
      const refused = await client.post('/auth/second-facteur/retrait', removal);
      expect(outcome(refused)).toEqual([409, 'TRANSITION_INVALIDE']);
    } finally {
      await strict.close();
    }
  });
});

describe('a wrong proof', () => {
  it('counts as a failed sign-in, is on record, and makes the next one wait', async () => {
    const user = await makeUser(api.db);
    const client = clientOf(await login(user.email));
    const attempts = [
      () => client.post('/auth/second-facteur', { password: 'faux' }),
      () =>
        client.post('/auth/change-password', { current_password: 'faux', new_password: 'Atelier-Nord-48!' }),
    ];
    let reply = await attempts[0]!();
    for (let n = 1; reply.status === 422 && n < 20; n++) reply = await attempts[n % 2]!();
    expect(outcome(reply)).toEqual([429, 'TROP_DE_REQUETES']);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login(user.email)).status).toBe(429);
    expect(await actionsOf(user.id)).toContain('reauthentification_refusee');
    expect((await client.get('/auth/me')).status).toBe(200);
  });
});
