import { createHmac, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import jwt from 'jsonwebtoken';
import { createTokenService } from '../../src/auth/tokens';
import { startTestApi, type TestApi } from '../support/api';
import { createClient, type Reply } from '../support/client';
import { makeSite, makeTechnicien, makeUser, PASSWORD } from '../support/factories';
import { faultsOf, unrefused } from '../support/faults';
import { assemble, dissect, keyPair, rsa, type Token } from '../support/forgery';
import { startInstance } from '../support/instance';
import { statementsDuring } from '../support/queries';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** Moves the clock of the API for as long as something runs. */
async function later<Result>(milliseconds: number, run: () => Promise<Result>): Promise<Result> {
  const { clock } = api.app;
  api.app.clock = () => new Date(Date.now() + milliseconds);
  try {
    return await run();
  } finally {
    api.app.clock = clock;
  }
}

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

const login = (email: string, password = PASSWORD) => api.anonymous.post('/auth/login', { email, password });
const refresh = (token: string) =>
  api.anonymous.post('/auth/refresh', undefined, { Authorization: `Bearer ${token}` });
const me = (token: string) => createClient(api.baseUrl, token).get('/auth/me');
const outcome = ({ status, body }: Reply) => [status, body.code];

async function historyOf(userId: number): Promise<{ action: string; auteur_id: number | null }[]> {
  return api.db.query(
    `SELECT action, auteur_id FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
    [userId],
  );
}

describe('sign-in', () => {
  it('answers the tokens and the person as the users’ document shows, and remembers when', async () => {
    const { user } = await makeTechnicien(
      api.db,
      {},
      { email: 'user@example.com', nom: 'Dupont', prenom: 'Jean' },
    );
    const reply = await login('user@example.com');
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^rt_/),
      token_type: 'bearer',
      expires_in: 900,
      user: { id: user.id, email: 'user@example.com', role: 'technicien', nom: 'Dupont', prenom: 'Jean' },
    });
    expect(reply.headers.get('cache-control')).toBe('no-store');

    const profile = await me(reply.body.access_token);
    expect(profile.body.derniere_connexion).not.toBeNull();
    expect(await historyOf(user.id)).toEqual([{ action: 'connexion', auteur_id: user.id }]);
  });

  it('finds the address whatever its case', async () => {
    const user = await makeUser(api.db, { email: 'casse@exemple.ma' });
    expect((await login(' Casse@Exemple.MA ')).body.user.id).toBe(user.id);
  });

  it('gives one answer to an unknown address, a wrong password and a deactivated account', async () => {
    const user = await makeUser(api.db);
    const inactive = await makeUser(api.db, { is_active: false });
    const replies = [
      await login('personne@nulle-part.ma'),
      await login(user.email, 'password123'),
      await login(inactive.email),
    ];
    const { correlation_id: _, ...first } = replies[0]!.body;
    for (const reply of replies) {
      expect(outcome(reply)).toEqual([401, 'IDENTIFIANTS_INVALIDES']);
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      expect(reply.body).toMatchObject(first);
    }
    const refused = [{ action: 'connexion_refusee', auteur_id: null }];
    expect(await historyOf(user.id)).toEqual(refused);
    expect(await historyOf(inactive.id)).toEqual(refused);
  });

  it('takes the same steps for each of them, so that the time it takes tells nothing either', async () => {
    const user = await makeUser(api.db);
    const inactive = await makeUser(api.db, { is_active: false });
    const invited = await makeUser(api.db, { mot_de_passe: null });
    const stepsOf = (...credentials: Parameters<typeof login>) =>
      statementsDuring(() => login(...credentials));
    const steps = await stepsOf('personne@nulle-part.ma');
    // The account, two looks at what was tried before, the failure, its record; the hash is made of nobody's password.
    expect(steps).toHaveLength(5);
    expect(await stepsOf(user.email, 'password123')).toEqual(steps);
    expect(await stepsOf(inactive.email)).toEqual(steps);
    expect(await stepsOf(invited.email)).toEqual(steps);
  });

  it('takes the OAuth2 password form', async () => {
    const user = await makeUser(api.db);
    const form = (fields: Record<string, string>) =>
      api.anonymous.send('POST', '/auth/token', { body: new URLSearchParams(fields) });
    const reply = await form({
      grant_type: 'password',
      username: user.email,
      password: PASSWORD,
      scope: 'anything at all',
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 900,
    });
    expect((await me(reply.body.access_token)).body.id).toBe(user.id);

    expect((await form({ username: user.email, password: PASSWORD })).status).toBe(200);
    expect((await form({ username: user.email, password: 'non' })).status).toBe(401);
    const other = await form({ grant_type: 'client_credentials', username: user.email, password: PASSWORD });
    expect(other.status).toBe(422);
    const json = await api.anonymous.post('/auth/token', { username: user.email, password: PASSWORD });
    expect(outcome(json)).toEqual([415, 'TYPE_NON_ACCEPTE']);
  });

  it('refuses every wrong shape of its body and ignores an Idempotency-Key', async () => {
    const user = await makeUser(api.db);
    const valid = { email: user.email, password: PASSWORD };
    const faults = faultsOf(valid, {
      email: { accepts: 'string', required: true, maxLength: 1_000 },
      password: { accepts: 'string', required: true, refuses: ['', 'x'.repeat(1_001)] },
    });
    expect(await unrefused(api.anonymous, 'post', '/auth/login', faults)).toEqual([]);

    const key = { 'Idempotency-Key': 'deux-connexions' };
    const [first, second] = [
      await api.anonymous.post('/auth/login', valid, key),
      await api.anonymous.post('/auth/login', valid, key),
    ];
    expect(second!.body.refresh_token).not.toBe(first!.body.refresh_token);
  });

  it('makes the hash anew when it is weaker than those made today, and only then', async () => {
    const weak = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    const user = await makeUser(api.db, { mot_de_passe: weak });
    const storedHash = async () => {
      const [row] = await api.db.query('SELECT mot_de_passe FROM users WHERE id = $1', [user.id]);
      return row.mot_de_passe as string;
    };
    const logIn = (password: string) => api.anonymous.post('/auth/login', { email: user.email, password });
    expect((await logIn('Faux-mot-de-passe-1')).status).toBe(401);
    expect(await storedHash()).toBe(weak);
    expect((await logIn(PASSWORD)).status).toBe(200);
    const strong = await storedHash();
    expect(strong).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await logIn(PASSWORD)).status).toBe(200);
    expect(await storedHash()).toBe(strong);
  });
});

describe('refresh', () => {
  it('answers new tokens, with the old one as Bearer or in the body', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const first = await refresh(signedIn.refresh_token);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^rt_/),
      token_type: 'bearer',
      expires_in: 900,
    });
    expect(first.body.refresh_token).not.toBe(signedIn.refresh_token);
    const second = await api.anonymous.post('/auth/refresh', { refresh_token: first.body.refresh_token });
    expect(second.status).toBe(200);
    expect((await me(second.body.access_token)).body.id).toBe(user.id);
  });

  it('ends the session, with its access tokens, when a used token comes back', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const next = (await refresh(signedIn.refresh_token)).body;
    expect((await me(next.access_token)).status).toBe(200);

    const reused = await later(11 * SECOND, () => refresh(signedIn.refresh_token));
    expect(outcome(reused)).toEqual([401, 'NON_AUTHENTIFIE']);
    expect((await me(next.access_token)).status).toBe(401);
    expect((await me(signedIn.access_token)).status).toBe(401);
    expect((await refresh(next.refresh_token)).status).toBe(401);
    expect((await historyOf(user.id)).at(-1)).toEqual({ action: 'jeton_reutilise', auteur_id: null });
  });

  it('ends the session at once when what came of the token has been used already', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const next = (await refresh(signedIn.refresh_token)).body;
    const last = (await refresh(next.refresh_token)).body;
    expect((await refresh(signedIn.refresh_token)).status).toBe(401);
    expect((await me(last.access_token)).status).toBe(401);
  });

  it('gives the same successor again when its answer was lost, for ten seconds', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const lost = (await refresh(signedIn.refresh_token)).body;
    const again = await later(9 * SECOND, () => refresh(signedIn.refresh_token));
    expect(again.status).toBe(200);
    expect(again.body.refresh_token).toBe(lost.refresh_token);
    expect((await refresh(again.body.refresh_token)).status).toBe(200);
  });

  it('exchanges a token once, however many ask at once, of two processes', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const other = await startInstance(api);
    try {
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          createClient(index % 2 ? api.baseUrl : other.baseUrl).post('/auth/refresh', {
            refresh_token: signedIn.refresh_token,
          }),
        ),
      );
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      const successors = new Set(replies.map(({ body }) => body.refresh_token));
      expect(successors.size).toBe(1);
      const stored = await api.db.query(
        `SELECT count(*) FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id WHERE s.user_id = $1`,
        [user.id],
      );
      expect(Number(stored[0].count)).toBe(2);
      expect((await refresh([...successors][0])).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('ends the session once, with every token issued in between, however many come too late at once', async () => {
    const user = await makeUser(api.db);
    const signedIn = (await login(user.email)).body;
    const between = [signedIn];
    for (let n = 0; n < 3; n++) between.push((await refresh(between.at(-1).refresh_token)).body);
    const replies = await later(11 * SECOND, () =>
      Promise.all(Array.from({ length: 20 }, () => refresh(signedIn.refresh_token))),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    for (const { access_token, refresh_token } of between) {
      expect((await me(access_token)).status).toBe(401);
      expect((await refresh(refresh_token)).status).toBe(401);
    }
    const reuses = (await historyOf(user.id)).filter(({ action }) => action === 'jeton_reutilise');
    expect(reuses).toHaveLength(1);
  });

  it('ends after 7 days without use, and after 30 in any case', async () => {
    const user = await makeUser(api.db);
    const idle = (await login(user.email)).body;
    expect((await later(7 * DAY + SECOND, () => refresh(idle.refresh_token))).status).toBe(401);

    let token = (await login(user.email)).body.refresh_token;
    for (let day = 6; day < 30; day += 6) {
      const reply = await later(day * DAY, () => refresh(token));
      expect(reply.status).toBe(200);
      token = reply.body.refresh_token;
    }
    expect((await later(30 * DAY + SECOND, () => refresh(token))).status).toBe(401);
  });

  it('refuses anything that is not a refresh token', async () => {
    const user = await makeUser(api.db);
    const { access_token, refresh_token } = (await login(user.email)).body;
    for (const token of [access_token, `${refresh_token}x`, 'rt_', 'jeton']) {
      expect((await refresh(token)).status).toBe(401);
    }
    expect((await api.anonymous.post('/auth/refresh')).status).toBe(401);
    expect((await api.anonymous.post('/auth/refresh', {})).status).toBe(401);
    expect((await me(refresh_token)).status).toBe(401);
    const faults = faultsOf({ refresh_token }, { refresh_token: { accepts: 'string', refuses: [''] } });
    expect(await unrefused(api.anonymous, 'post', '/auth/refresh', faults)).toEqual([]);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('is refused to somebody who was deactivated', async () => {
    const user = await makeUser(api.db);
    const { refresh_token } = (await login(user.email)).body;
    await api.db.query('UPDATE users SET is_active = false WHERE id = $1', [user.id]);
    expect((await refresh(refresh_token)).status).toBe(401);
  });
});

describe('the end of a session', () => {
  it('comes with the log-out, for all of its tokens and no other session’s', async () => {
    const user = await makeUser(api.db);
    const [one, other] = [(await login(user.email)).body, (await login(user.email)).body];
    const reply = await createClient(api.baseUrl, one.access_token).post('/auth/logout');
    expect(reply.status).toBe(204);
    expect((await me(one.access_token)).status).toBe(401);
    expect((await refresh(one.refresh_token)).status).toBe(401);
    expect((await me(other.access_token)).status).toBe(200);
    expect((await historyOf(user.id)).at(-1)).toEqual({ action: 'deconnexion', auteur_id: user.id });
  });

  it('comes for the other sessions when the password is changed', async () => {
    const user = await makeUser(api.db);
    const [one, other] = [(await login(user.email)).body, (await login(user.email)).body];
    const client = createClient(api.baseUrl, one.access_token);
    const passwords = { current_password: PASSWORD, new_password: 'Atelier-Nord-48!' };
    expect((await client.post('/auth/change-password', passwords)).status).toBe(204);

    expect((await me(one.access_token)).status).toBe(200);
    expect((await refresh(one.refresh_token)).status).toBe(200);
    expect((await me(other.access_token)).status).toBe(401);
    expect((await refresh(other.refresh_token)).status).toBe(401);
    expect((await login(user.email)).status).toBe(401);
    expect((await login(user.email, 'Atelier-Nord-48!')).status).toBe(200);
  });
});

describe('changing one’s password', () => {
  it('takes the current one and a new one that meets the policy', async () => {
    const user = await makeUser(api.db);
    const client = await api.as(user);
    const valid = { current_password: PASSWORD, new_password: 'Atelier-Nord-48!' };
    const faults = faultsOf(valid, {
      current_password: { accepts: 'string', required: true, refuses: ['', 'pas-le-Bon-12!'] },
      new_password: {
        accepts: 'string',
        required: true,
        refuses: [
          'Court-1!',
          'sans-majuscule-1',
          'SANS-MINUSCULE-1',
          'Sans-chiffre!',
          'SansSymbole1',
          `A1!${'a'.repeat(126)}`,
          'Avec-nul-12!\0',
        ],
      },
    });
    expect(await unrefused(client, 'post', '/auth/change-password', faults)).toEqual([]);
    expect((await login(user.email)).status).toBe(200);

    const refused = await client.post('/auth/change-password', { ...valid, new_password: 'court' });
    expect(refused.body.erreurs).toHaveLength(4);
    const english = await client.post(
      '/auth/change-password',
      { ...valid, new_password: 'court' },
      { 'Accept-Language': 'en' },
    );
    expect(english.body.erreurs[0].message).toBe('At least 10 characters');
  });

  it('keeps no digest by which a stolen database would give the password away', async () => {
    const user = await makeUser(api.db);
    const client = await api.as(user);
    const body = { current_password: PASSWORD, new_password: 'Atelier-Est-49!' };
    const key = { 'Idempotency-Key': 'changement' };
    expect((await client.post('/auth/change-password', body, key)).status).toBe(204);
    expect((await client.post('/auth/change-password', body, key)).status).toBe(204);
    const [{ empreinte }] = await api.db.query('SELECT empreinte FROM idempotence WHERE user_id = $1', [
      user.id,
    ]);
    const text = `POST /api/v1/auth/change-password ${JSON.stringify(body)}`;
    const [{ digest }] = await api.db.query('SELECT sha256(convert_to($1, $2)) AS digest', [text, 'UTF8']);
    expect(empreinte.equals(digest)).toBe(false);
  });
});

describe('one’s profile', () => {
  it('is read with what the person is, and never with a secret', async () => {
    const technicien = await makeTechnicien(api.db, { specialite: 'Électricité' });
    const reply = await (await api.as(technicien.user)).get('/auth/me');
    expect(reply.body).toMatchObject({
      id: technicien.user.id,
      role: 'technicien',
      technicien: { id: technicien.id, specialite: 'Électricité' },
    });
    expect(JSON.stringify(reply.body)).not.toMatch(/argon2|mot_de_passe|password/);
    expect(reply.headers.get('etag')).toBe('"1"');
  });

  it('is changed in its own fields and no other', async () => {
    const { client } = await api.newPerson('client');
    const changes = { nom: 'Nouveau', prenom: 'Nom', langue: 'ar', telephone: '+212612345678' };
    const changed = await client.patch('/auth/me', changes, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ ...changes, version: 2 });
    expect((await client.patch('/auth/me', { nom: 'Tard' }, { 'If-Match': '"1"' })).status).toBe(412);
    for (const field of ['role', 'is_active', 'email', 'site_ids', 'password', 'id', 'version']) {
      const refused = await client.patch('/auth/me', { [field]: 'admin' });
      expect([field, refused.status, refused.body.erreurs[0].champ]).toEqual([field, 422, field]);
    }
    const faults = faultsOf(
      changes,
      {
        nom: { accepts: 'string', maxLength: 100 },
        prenom: { accepts: 'string', maxLength: 100 },
        langue: { accepts: 'string', refuses: ['es', 'FR', ''] },
        telephone: { accepts: 'string', nullable: true, maxLength: 30, refuses: ['appelez-moi', '12'] },
      },
      true,
    );
    expect(await unrefused(client, 'patch', '/auth/me', faults)).toEqual([]);
    expect((await client.get('/auth/me')).body).toMatchObject({ ...changes, version: 2 });
  });
});

describe('a token', () => {
  it('is refused when it is missing, malformed, forged, unsigned or signed by another', async () => {
    const user = await makeUser(api.db);
    const token = (await login(user.email)).body.access_token as string;
    expect((await me(token)).status).toBe(200);
    const genuine = dissect(token);
    const signed =
      (secret: string, digest = 'sha256') =>
      (input: string): Buffer =>
        createHmac(digest, secret).update(input).digest();
    const ours = signed(api.config.jwt.secret!);
    const different = ({ header = {}, claims = {} }: Partial<Token>, sign = ours) =>
      assemble({ header: { ...genuine.header, ...header }, claims: { ...genuine.claims, ...claims } }, sign);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const promoted = Buffer.from(JSON.stringify({ ...genuine.claims, user_id: user.id + 1 })).toString(
      'base64url',
    );

    expect((await me(different({}))).status).toBe(200);
    const forged = [
      `${header}.${promoted}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      different({ header: { alg: 'none' } }, () => Buffer.alloc(0)),
      different({ header: { alg: 'none' } }),
      different({}, signed('another secret of thirty-two bytes!')),
      different({}, signed('')),
      different({ header: { alg: 'HS512' } }, signed(api.config.jwt.secret!, 'sha512')),
      different({ header: { alg: 'RS256' } }, rsa(keyPair().privateKey)),
      different({ header: { kid: 'another' } }),
      different({ header: { typ: 'JWT' } }),
      different({ claims: { exp: undefined } }),
      different({ claims: { aud: 'elsewhere' } }),
      different({ claims: { iss: 'elsewhere' } }),
      different({ claims: { sid: randomUUID() } }),
      different({ claims: { sid: 'not a session' } }),
      different({ claims: { sid: 12 } }),
      different({ claims: { user_id: user.id + 1 } }),
      'jeton',
      '..',
    ];
    for (const [index, each] of forged.entries()) {
      expect([index, ...outcome(await me(each))]).toEqual([index, 401, 'NON_AUTHENTIFIE']);
    }
    for (const authorization of ['', 'Bearer', 'Basic YTpi', `bearer  ${token}`, token]) {
      const reply = await api.anonymous.get('/auth/me', { Authorization: authorization });
      expect([authorization, reply.status, reply.headers.get('www-authenticate')]).toEqual([
        authorization,
        401,
        'Bearer',
      ]);
    }
  });

  it('serves for 15 minutes', async () => {
    const user = await makeUser(api.db);
    const token = (await login(user.email)).body.access_token;
    expect((await later(880 * SECOND, () => me(token))).status).toBe(200);
    expect((await later(901 * SECOND, () => me(token))).status).toBe(401);
  });

  it('says nothing that outlives a change: role and deactivation take effect at once', async () => {
    const site = await makeSite(api.db);
    const { user, client } = await api.newPerson('responsable', { sites: [site.id] });
    expect((await client.get('/users')).status).toBe(200);
    await api.db.query(`UPDATE users SET role = 'client' WHERE id = $1`, [user.id]);
    expect((await client.post('/users', {})).status).toBe(403);
    await api.db.query('UPDATE users SET is_active = false WHERE id = $1', [user.id]);
    expect((await client.get('/users')).status).toBe(401);
  });

  it('of another installation is refused', async () => {
    const user = await makeUser(api.db);
    const claims = jwt.decode((await login(user.email)).body.access_token) as { sid: string };
    const elsewhere = createTokenService({
      secret: 'the secret of another installation',
      privateKey: undefined,
      publicKeys: [],
    });
    const token = elsewhere.sign(
      { userId: user.id, email: user.email, role: 'admin', isActive: true, sessionId: claims.sid },
      new Date(),
    );
    expect((await me(token)).status).toBe(401);
  });
});
