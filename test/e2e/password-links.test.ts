import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { Secret, TOTP } from 'otpauth';
import { linkToken } from '../../src/auth/password-links';
import type { User } from '../../src/db/identite/users';
import { systemActor } from '../../src/services/actor';
import { requestLink } from '../../src/services/identite/liens-mot-de-passe';
import { lienMotDePasseWorkflowId } from '../../src/workflows/protocol';
import { makeUser, PASSWORD } from '../support/factories';
import { mailsTo } from '../support/mailbox';
import { linkMails, reset, tokenIn } from '../support/password-mails';
import { anotherRound } from '../support/rounds';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** From a forgotten password, or an invitation, to signing in: by the mail that really came. */

/** In the encoding that the engine keeps it in. */
const { History } = proto.api.history.v1;
const NEW_PASSWORD = 'Presse-Nord-83?';

let system: TestSystem;
let connection: Connection;
let temporal: Client;
beforeAll(async () => {
  system = await startTestSystem();
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new Client({ connection, namespace });
});
afterAll(async () => {
  await connection.close();
  await system.close();
});
// The tests come from one address, which may not ask for links without end.
beforeEach(() => system.db.query('DELETE FROM echecs_connexion'));

const login = (email: string, password: string) => system.anonymous.post('/auth/login', { email, password });
const forgot = (email: string) => system.anonymous.post('/auth/forgot-password', { email });
const useToken = (token: string, password = NEW_PASSWORD) => reset(system.anonymous, token, password);
const linkWorkflow = (token: string) =>
  temporal.workflow.getHandle(lienMotDePasseWorkflowId(token.split('.')[0]!));

/** The token of the newest of so many links. */
async function newestToken({ email }: Pick<User, 'email'>, count = 1): Promise<string> {
  return tokenIn((await linkMails(email, count)).at(-1)!);
}

/** What the subjects of a person's mails were, once there are so many. */
async function subjects({ email }: User, count: number): Promise<string[]> {
  const mails = await eventually(
    () => mailsTo(email),
    (found) => found.length >= count,
  );
  return mails.map(({ subject }) => subject);
}

async function actionsOn(user: User): Promise<string[]> {
  const rows: { action: string }[] = await system.db.query(
    `SELECT action FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
    [user.id],
  );
  return rows.map(({ action }) => action);
}

describe('a forgotten password', () => {
  it('is replaced by a link that came by email, which ends all sessions and serves once', async () => {
    const user = await makeUser(system.db);
    const signedIn = await system.as(user);
    expect((await forgot(user.email.toUpperCase())).status).toBe(202);
    const token = await newestToken(user);
    expect((await useToken(token)).status).toBe(204);

    expect((await signedIn.get('/auth/me')).status).toBe(401);
    expect((await login(user.email, PASSWORD)).status).toBe(401);
    expect((await login(user.email, NEW_PASSWORD)).status).toBe(200);
    const again = await useToken(token);
    expect([again.status, again.body.code]).toEqual([422, 'LIEN_INVALIDE']);

    expect(await subjects(user, 2)).toEqual(['Choisissez un nouveau mot de passe', 'Mot de passe changé']);
    const inbox = await (await system.as(user)).get('/notifications/');
    expect(inbox.body.map(({ titre }: { titre: string }) => titre)).toEqual(['Mot de passe changé']);
    expect(await actionsOn(user)).toEqual([
      'demande_reinitialisation',
      'reinitialisation_mot_de_passe',
      'connexion_refusee',
      'connexion',
    ]);
    // Told that it has served, the workflow does not wait for the end of its half hour.
    await linkWorkflow(token).result();
  });

  it('leaves neither the address nor the token anywhere but in the mail', async () => {
    const user = await makeUser(system.db);
    await forgot(user.email);
    const token = await newestToken(user);
    const [id, signature] = token.split('.') as [string, string];
    const rows = await system.db.query(
      `SELECT row_to_json(l)::text AS row FROM liens_mot_de_passe l WHERE id = $1
       UNION ALL SELECT row_to_json(m)::text FROM messages m WHERE evenement = 'lien:' || $1::text`,
      [id],
    );
    expect(rows).toHaveLength(2);
    const history = History.encode(await linkWorkflow(token).fetchHistory()).finish();
    const kept = JSON.stringify(rows) + Buffer.from(history).toString('latin1');
    expect(kept).toContain(`"${id}"`);
    expect(kept).not.toContain(signature);
    expect(kept).not.toContain(user.email);
    expect(kept).not.toContain(user.nom);
  });

  it('of nobody, or of somebody who was deactivated, sends nothing and keeps nothing', async () => {
    const unknown = `personne-${randomUUID()}@exemple.ma`;
    const former = await makeUser(system.db, { is_active: false });
    for (const email of [unknown, former.email]) expect((await forgot(email)).status).toBe(202);
    await eventually(
      () =>
        system.db.query('SELECT email FROM liens_mot_de_passe WHERE email = ANY($1)', [
          [unknown, former.email],
        ]),
      (rows: unknown[]) => rows.length === 0,
    );
    expect(await mailsTo(unknown)).toEqual([]);
    expect(await mailsTo(former.email)).toEqual([]);
    const kept = await system.db.query(`SELECT row_to_json(h)::text AS row FROM historique h`);
    expect(JSON.stringify(kept)).not.toContain(unknown);
  });

  it('gets one new password from 20 who use its link at once', async () => {
    const user = await makeUser(system.db);
    await forgot(user.email);
    const token = await newestToken(user);
    const attempts = Array.from({ length: 20 }, (_, n) => `Presse-Nord-${100 + n}?`);
    const replies = await Promise.all(attempts.map((password) => useToken(token, password)));
    const won = replies.flatMap(({ status }, n) => (status === 204 ? [attempts[n]!] : []));
    expect(won).toHaveLength(1);
    for (const { status, body } of replies.filter((reply) => reply.status !== 204)) {
      expect([status, body.code]).toEqual([422, 'LIEN_INVALIDE']);
    }
    expect((await login(user.email, won[0]!)).status).toBe(200);
    expect(await subjects(user, 2)).toHaveLength(2);
  });

  it('is not replaced by a weak one, and the link still serves', async () => {
    const user = await makeUser(system.db);
    await forgot(user.email);
    const token = await newestToken(user);
    const weak = await useToken(token, 'court');
    expect([weak.status, weak.body.code]).toEqual([422, 'VALIDATION']);
    expect(weak.body.erreurs[0].champ).toBe('new_password');
    expect((await login(user.email, PASSWORD)).status).toBe(200);
    expect((await useToken(token)).status).toBe(204);
  });

  it('has one answer for links that are forged, used, replaced, over, or of somebody deactivated', async () => {
    const { secrets } = system.app;
    const user = await makeUser(system.db);
    await forgot(user.email);
    const replaced = await newestToken(user);
    await forgot(user.email);
    const over = await newestToken(user, 2);
    const another = await makeUser(system.db);
    await forgot(another.email);
    const deactivated = await newestToken(another);
    await system.db.query('UPDATE users SET is_active = false WHERE id = $1', [another.id]);
    await system.db.query('UPDATE liens_mot_de_passe SET date_expiration = now() WHERE id = $1', [
      over.split('.')[0],
    ]);
    const id = randomUUID();
    const tokens = [
      '',
      'jeton',
      'x'.repeat(1_000),
      id,
      `${id}.`,
      `${id}.${'A'.repeat(43)}`,
      linkToken(secrets, id),
      `${id}.${linkToken(secrets, randomUUID()).split('.')[1]}`,
      replaced,
      over,
      deactivated,
    ];
    const bodies = [];
    for (const token of tokens) {
      const { status, body } = await useToken(token);
      expect([token, status]).toEqual([token, 422]);
      bodies.push({ ...body, correlation_id: null });
    }
    expect(bodies).toEqual(bodies.map(() => expect.objectContaining({ code: 'LIEN_INVALIDE' })));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect((await login(user.email, PASSWORD)).status).toBe(200);
  });

  it('is asked for again and again without filling the mailbox, and never without a link that works', async () => {
    const user = await makeUser(system.db);
    for (let n = 1; n <= 3; n++) {
      await forgot(user.email);
      await linkMails(user.email, n);
    }
    await forgot(user.email);
    await eventually(
      () => system.db.query('SELECT id FROM liens_mot_de_passe WHERE NOT workflow_demarre'),
      (rows: unknown[]) => rows.length === 0,
    );
    expect(await linkMails(user.email, 3)).toHaveLength(3);
    expect((await useToken(await newestToken(user, 3))).status).toBe(204);
    // Now that none works any more, whoever asks gets one.
    await forgot(user.email);
    expect((await useToken(await newestToken(user, 4), PASSWORD)).status).toBe(204);
  });

  it('does not help past a second factor', async () => {
    const user = await makeUser(system.db);
    const secret = new Secret({ size: 20 });
    const sealed = system.app.secrets.seal('second facteur', String(user.id), Buffer.from(secret.bytes));
    await system.db.query(
      'INSERT INTO seconds_facteurs (user_id, secret, date_activation, date_creation) VALUES ($1, $2, now(), now())',
      [user.id, sealed],
    );
    await forgot(user.email);
    expect((await useToken(await newestToken(user))).status).toBe(204);
    const refused = await login(user.email, NEW_PASSWORD);
    expect([refused.status, refused.body.code]).toEqual([401, 'SECOND_FACTEUR_REQUIS']);
    const code = new TOTP({ secret }).generate();
    const body = { email: user.email, password: NEW_PASSWORD, code };
    expect((await system.anonymous.post('/auth/login', body)).status).toBe(200);
  });

  it('no longer has a link once the address or the password was changed otherwise', async () => {
    const { client: admin } = await system.newPerson('admin');
    const changes = [
      (user: User) => admin.patch(`/users/${user.id}`, { email: `nouvelle-${user.email}` }),
      (user: User) => admin.patch(`/users/${user.id}`, { password: 'Presse-Nord-84?' }),
      async (user: User) =>
        (await system.as(user)).post('/auth/change-password', {
          current_password: PASSWORD,
          new_password: 'Presse-Nord-84?',
        }),
    ];
    for (const change of changes) {
      const user = await makeUser(system.db);
      await forgot(user.email);
      const token = await newestToken(user);
      expect((await change(user)).status).toBeLessThan(300);
      expect((await useToken(token)).body.code).toBe('LIEN_INVALIDE');
    }
  });
});

describe('an invitation', () => {
  const invite = async (fields: object = {}) => {
    const { user: admin, client } = await system.newPerson('admin', { nom: 'Alaoui', prenom: 'Karim' });
    const email = `invite-${randomUUID()}@exemple.ma`;
    const body = { email, nom: 'Bennani', prenom: 'Salma', role: 'client', ...fields };
    const created = await client.post('/users/', body);
    return { admin, client, created };
  };

  it('leads from an account without a password to a first sign-in', async () => {
    const { created } = await invite();
    expect([created.status, created.body.invitation_en_attente]).toEqual([201, true]);
    const [mail] = await linkMails(created.body.email, 1);
    expect(mail!.subject).toBe('Bienvenue dans Régie');
    expect(mail!.text).toContain('Karim Alaoui vous a ouvert un compte dans Régie.');

    expect((await login(created.body.email, NEW_PASSWORD)).body.code).toBe('IDENTIFIANTS_INVALIDES');
    expect((await useToken(tokenIn(mail!))).status).toBe(204);
    const signedIn = await login(created.body.email, NEW_PASSWORD);
    expect([signedIn.status, signedIn.body.user.id]).toEqual([200, created.body.id]);
    const actions = await actionsOn(created.body);
    expect(actions).toEqual(['creation', 'connexion_refusee', 'invitation_acceptee', 'connexion']);
  });

  it('is in the language of the person, and names nobody whom the password may not name', async () => {
    const { created } = await invite({ langue: 'en', nom: 'Villeneuve' });
    const [mail] = await linkMails(created.body.email, 1);
    expect(mail!.subject).toBe('Welcome to Régie');
    expect((await useToken(tokenIn(mail!), 'Villeneuve-2026!')).body.code).toBe('VALIDATION');
  });

  it('is sent again to whoever lost it, and the first one no longer works', async () => {
    const { client, created } = await invite();
    const first = await newestToken(created.body);
    expect((await client.post(`/users/${created.body.id}/invitation`)).status).toBe(204);
    const second = await newestToken(created.body, 2);
    expect((await useToken(first)).body.code).toBe('LIEN_INVALIDE');
    expect((await useToken(second)).status).toBe(204);
  });

  it('survives a stranger who asks for a new password in the name of the person', async () => {
    const { created } = await invite();
    const invitation = await newestToken(created.body);
    await forgot(created.body.email);
    await linkMails(created.body.email, 2);
    expect((await useToken(invitation)).status).toBe(204);
  });

  it('by mistake goes with the account, mail and all', async () => {
    const { client, created } = await invite();
    const token = await newestToken(created.body);
    expect((await client.delete(`/users/${created.body.id}`)).status).toBe(204);
    expect((await useToken(token)).body.code).toBe('LIEN_INVALIDE');
  });
});

describe('a link whose workflow was never started', () => {
  it('is mailed once the reconciler finds it', async () => {
    const user = await makeUser(system.db);
    // As the API leaves it that dies, or finds no engine, between its commit and the start.
    const actor = { ...systemActor(new Date(Date.now() - 60_000), 'demande-43'), adresse: '203.0.113.7' };
    const id = await requestLink(system.db, actor, user.email);
    await anotherRound(temporal.schedule.getHandle(`reconciliation-${system.config.temporal.taskQueue}`));
    const [mail] = await linkMails(user.email, 1);
    expect(mail!.headers['x-correlation-id']).toBe('demande-43');
    expect(mail!.text).toContain("Depuis l'adresse : 203.0.113.7");
    expect(tokenIn(mail!)).toBe(linkToken(system.app.secrets, id));
    expect((await useToken(tokenIn(mail!))).status).toBe(204);
  });
});

describe('a stolen refresh token', () => {
  it('tells its owner by email and in the application that their session was ended', async () => {
    const user = await makeUser(system.db);
    const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
    const { body } = await system.anonymous.post(
      '/auth/login',
      { email: user.email, password: PASSWORD },
      { 'User-Agent': agent },
    );
    const refresh = (token: string) => system.anonymous.post('/auth/refresh', { refresh_token: token });
    const next = await refresh(body.refresh_token);
    await refresh(next.body.refresh_token);
    const replays = await Promise.all(Array.from({ length: 5 }, () => refresh(body.refresh_token)));
    expect(replays.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);

    expect(await subjects(user, 1)).toEqual(['Session fermée par sécurité']);
    const [mail] = await mailsTo(user.email);
    expect(mail!.text).toContain('Appareil : Firefox, Linux');
    const inbox = await (await system.as(user)).get('/notifications/');
    expect(inbox.body).toMatchObject([
      { titre: 'Session fermée par sécurité', type: 'error', metadata: { modele: 'session_compromise' } },
    ]);
  });
});
