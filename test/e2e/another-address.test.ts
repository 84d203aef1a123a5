import type { User } from '../../src/db/identite/users';
import type { Client } from '../support/client';
import { makeUser, PASSWORD } from '../support/factories';
import { mailsTo } from '../support/mailbox';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Who signs in with another address from now on, by the mail that really came to each. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin', { nom: 'Alaoui', prenom: 'Karim' })).client;
});
afterAll(() => system.close());

const TITLE = 'Adresse de connexion changée';

const move = (user: User, email: string) => admin.patch(`/users/${user.id}`, { email });

/** The Message-IDs that each of the addresses got, once everything for the person has left. */
async function received(user: User, ...addresses: string[]): Promise<string[][]> {
  await eventually(
    () =>
      system.db.query(`SELECT 1 FROM messages WHERE destinataire_id = $1 AND statut <> 'envoye'`, [user.id]),
    (waiting: unknown[]) => waiting.length === 0,
  );
  const mailboxes = await Promise.all(addresses.map(mailsTo));
  return mailboxes.map((mails) => mails.map(({ headers }) => headers['message-id']!));
}

async function notices(user: User): Promise<string[]> {
  const inbox = await (await system.as(user)).get('/notifications/');
  return inbox.body.map(({ titre }: { titre: string }) => titre);
}

describe('another address', () => {
  it('is told once at the former one, once at the new one and once in the application', async () => {
    const user = await makeUser(system.db, { role: 'client' });
    const email = `karima-${user.email}`;
    expect((await move(user, email)).status).toBe(200);

    const [former, next] = await received(user, user.email, email);
    expect([former!.length, next!.length]).toEqual([1, 1]);
    expect(former).not.toEqual(next);
    for (const address of [user.email, email]) {
      const [mail] = await mailsTo(address);
      expect(mail!.subject).toBe(TITLE);
      expect(mail!.text).toContain("Karim Alaoui a changé l'adresse de votre compte.");
      expect(mail!.text).toContain('la nouvelle, k…@exemple.ma.');
      expect(mail!.text + mail!.html).not.toContain(email);
      expect(mail!.text).not.toContain("Depuis l'adresse");
    }
    expect(await notices(user)).toEqual([TITLE]);
    const login = await system.anonymous.post('/auth/login', { email, password: PASSWORD });
    expect(login.status).toBe(200);
  });

  it('that is the one there was is told to nobody', async () => {
    const user = await makeUser(system.db);
    for (const email of [user.email, user.email.toUpperCase()]) {
      const reply = await move(user, email);
      expect([reply.status, reply.body.version]).toEqual([200, 1]);
    }
    const email = `nouvelle-${user.email}`;
    for (let n = 0; n < 2; n++) expect((await move(user, email)).status).toBe(200);
    expect((await received(user, user.email, email)).map(({ length }) => length)).toEqual([1, 1]);
    expect(await notices(user)).toEqual([TITLE]);
  });

  it('that somebody else has is refused and told to nobody', async () => {
    const [user, other] = [await makeUser(system.db), await makeUser(system.db)];
    expect((await move(user, other.email)).status).toBe(409);
    expect(await received(user, user.email, other.email)).toEqual([[], []]);
    expect(await notices(user)).toEqual([]);
  });

  it('is told where it was and where it went, however soon the next one follows', async () => {
    const user = await makeUser(system.db);
    const [second, third] = [`deuxieme-${user.email}`, `troisieme-${user.email}`];
    for (const email of [second, third]) expect((await move(user, email)).status).toBe(200);
    const mailboxes = await received(user, user.email, second, third);
    expect(mailboxes.map(({ length }) => length)).toEqual([1, 2, 1]);
    expect(new Set(mailboxes.flat()).size).toBe(4);
    expect(await notices(user)).toEqual([TITLE, TITLE]);
  });

  it('ends every session, and tells whoever changed their own from where they did', async () => {
    const { user, client } = await system.newPerson('admin');
    const email = `moi-${user.email}`;
    const change = { email, current_password: PASSWORD };
    expect((await client.patch(`/users/${user.id}`, change)).body.email).toBe(email);
    expect((await client.get('/auth/me')).status).toBe(401);
    await received(user, user.email);
    const [mail] = await mailsTo(user.email);
    expect(mail!.text).toContain("L'adresse de votre compte a été changée.");
    expect(mail!.text).toMatch(/Depuis l'adresse : \S/);
  });
});
