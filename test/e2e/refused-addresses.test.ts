import { randomUUID } from 'node:crypto';
import type { User } from '../../src/db/identite/users';
import { startTestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeUser } from '../support/factories';
import { openPostOffice, type PostOffice } from '../support/post-office';
import { jetonOf, returnedMail, type Signing, signedReturn, tell } from '../support/returned-mails';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Addresses that take no mail: refused by a real SMTP server, or sent back by a real mail server (`test/mail/retours`). */

let office: PostOffice;
let system: TestSystem;
let admin: Client;
let administrator: User;
beforeAll(async () => {
  office = await openPostOffice();
  system = await startTestSystem({ SMTP_URL: office.url });
  const person = await system.newPerson('admin');
  [admin, administrator] = [person.client, person.user];
});
afterAll(async () => {
  await system?.close();
  await office?.close();
});

interface State {
  statut: string;
  tentatives: number;
  erreur: string | null;
}

function stateOf(id: number, done: (state: State) => boolean): Promise<State> {
  return eventually(
    async (): Promise<State> =>
      (await system.db.query('SELECT statut, tentatives, erreur FROM messages WHERE id = $1', [id]))[0],
    done,
  );
}

const settled = ({ statut }: State) => statut !== 'a_envoyer';

async function emailInvalide({ id }: User): Promise<{ date: string; raison: string } | null> {
  return (await admin.get(`/users/${id}`)).body.email_invalide;
}

/** What administrators were told of somebody's address. */
function told({ id }: User): Promise<{ titre: string; message: string }[]> {
  return system.db.query(
    `SELECT titre, message FROM notifications WHERE destinataire_id = $1 AND metadata->>'modele' = 'email_invalide'
       AND (metadata->>'user_id')::integer = $2`,
    [administrator.id, id],
  );
}

const mailbox = () => `${randomUUID()}@exemple.ma`;
const unknown = { code: 550, text: '5.1.1 User unknown' };

describe('an address that the mail server refuses for good', () => {
  it('is noted on the person and told to administrators once, and nothing more is sent there', async () => {
    const user = await makeUser(system.db, {
      role: 'client',
      email: mailbox(),
      prenom: 'Salma',
      nom: 'Bennani',
    });
    office.refuse(user.email, unknown);
    const [first, second] = [await tell(system, user), await tell(system, user)];
    expect(await stateOf(first.id, settled)).toMatchObject({ statut: 'abandonne', tentatives: 1 });
    expect(await stateOf(second.id, settled)).toMatchObject({
      statut: 'abandonne',
      erreur: expect.stringContaining('takes no mail'),
    });
    expect(await emailInvalide(user)).toEqual({
      date: expect.any(String),
      raison: expect.stringContaining('5.1.1 User unknown'),
    });
    expect(await told(user)).toEqual([
      {
        titre: 'Adresse email refusée',
        message: expect.stringContaining(`Salma Bennani refuse les messages à ${user.email}`),
      },
    ]);
    // The server takes it again; we do not ask.
    office.refuse(user.email, null);
    const third = await tell(system, user);
    expect(await stateOf(third.id, settled)).toMatchObject({ statut: 'abandonne' });
    expect(office.received).not.toContain(third.message_id);
  });

  it('is written to again once an administrator says so, on record', async () => {
    const user = await makeUser(system.db, { role: 'client', email: mailbox() });
    office.refuse(user.email, unknown);
    await stateOf((await tell(system, user)).id, settled);
    office.refuse(user.email, null);
    const { client: own } = { client: await system.as(user) };
    expect((await own.delete(`/users/${user.id}/email-invalide`)).status).toBe(403);
    const { status, body } = await admin.delete(`/users/${user.id}/email-invalide`);
    expect([status, body.email_invalide]).toEqual([200, null]);
    expect((await admin.delete(`/users/${user.id}/email-invalide`)).status).toBe(200);
    const actions: { action: string }[] = await system.db.query(
      `SELECT action FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
      [user.id],
    );
    expect(actions.map(({ action }) => action)).toEqual(['email_invalide', 'email_valide']);
    const next = await tell(system, user);
    expect(await stateOf(next.id, settled)).toMatchObject({ statut: 'envoye' });
    expect(office.accepted).toContain(next.message_id);
  });

  it('does not follow the person to another one', async () => {
    const user = await makeUser(system.db, { role: 'client', email: mailbox() });
    office.refuse(user.email, unknown);
    await stateOf((await tell(system, user)).id, settled);
    const email = mailbox();
    const changed = await admin.patch(`/users/${user.id}`, { email });
    expect([changed.status, changed.body.email_invalide]).toEqual([200, null]);
    const next = await tell(system, user);
    expect(await stateOf(next.id, settled)).toMatchObject({ statut: 'envoye' });
  });

  it.each([
    [{ code: 550, text: '5.7.1 Sending host is on a block list' }, 'abandonne'],
    [{ code: 450, text: '4.2.0 Greylisted, try again' }, 'a_envoyer'],
  ])('is not one whose server answers %j', async (answer, statut) => {
    const user = await makeUser(system.db, { role: 'client', email: mailbox() });
    office.refuse(user.email, answer);
    const { id } = await tell(system, user);
    expect(await stateOf(id, ({ erreur }) => erreur !== null)).toMatchObject({ statut });
    expect(await emailInvalide(user)).toBeNull();
    expect(await told(user)).toEqual([]);
    office.refuse(user.email, null);
  });
});

describe('a mail that comes back', () => {
  const transmit = (source: string, signing: Signing = {}) =>
    system.anonymous.send('POST', '/emails/retours', signedReturn(source, signing));

  /** A person who was sent a mail, and what that carried. */
  async function recipient(): Promise<{ user: User; jeton: string }> {
    const user = await makeUser(system.db, { role: 'client', email: mailbox() });
    const { id } = await tell(system, user);
    expect(await stateOf(id, settled)).toMatchObject({ statut: 'envoye' });
    return { user, jeton: jetonOf(system, id, user) };
  }

  it('is noted like a refusal, once', async () => {
    const { user, jeton } = await recipient();
    const source = returnedMail('adresse', jeton);
    const first = await transmit(source);
    expect([first.status, first.body]).toEqual([200, { adresse_refusee: true }]);
    expect((await emailInvalide(user))?.raison).toMatch(
      /^550 5\.1\.1 <parti@exemple\.ma>: Recipient address rejected/,
    );
    expect((await transmit(source)).body).toEqual({ adresse_refusee: false });
    expect(await told(user)).toHaveLength(1);
  });

  it('says nothing against an address when it was refused for who sends it', async () => {
    const { user, jeton } = await recipient();
    expect((await transmit(returnedMail('politique', jeton))).body).toEqual({
      adresse_refusee: false,
    });
    expect(await emailInvalide(user)).toBeNull();
  });

  it('says nothing of an address that the person has left, or of a mail that we never sent them', async () => {
    const { user, jeton } = await recipient();
    const other = await recipient();
    const [message, signature] = jeton.split('.');
    for (const forged of [
      `${other.jeton.split('.')[0]}.${signature}`,
      `${message}.${'x'.repeat(43)}`,
      `99999999999.${signature}`,
      'JETON',
    ]) {
      expect((await transmit(returnedMail('adresse', forged))).body).toEqual({
        adresse_refusee: false,
      });
    }
    await admin.patch(`/users/${user.id}`, { email: mailbox() });
    expect((await transmit(returnedMail('adresse', jeton))).body).toEqual({
      adresse_refusee: false,
    });
    expect([await emailInvalide(user), await emailInvalide(other.user)]).toEqual([null, null]);
  });

  it('carries the header by which it is known', async () => {
    const { user, jeton } = await recipient();
    expect(office.contents.find((content) => content.includes(user.email))).toContain(
      `X-Regie-Message: ${jeton}`,
    );
  });

  it('is believed only with a signature of its bytes, which may be of any encoding, and of these minutes', async () => {
    const { jeton } = await recipient();
    const source = returnedMail('adresse', jeton).replace('Sorry', 'D\u00e9sol\u00e9 \u00ff');
    for (const signing of [
      { secret: 'another secret of thirty-two bytes' },
      { at: Date.now() - 10 * 60_000 },
      { at: Date.now() + 10 * 60_000 },
      { over: `${source} ` },
    ]) {
      const { status, body } = await transmit(source, signing);
      expect([status, body.code]).toEqual([401, 'NON_AUTHENTIFIE']);
    }
    const bare = await system.anonymous.send('POST', '/emails/retours', {
      body: source,
      headers: { 'content-type': 'message/rfc822' },
    });
    expect(bare.status).toBe(401);
    expect((await transmit(source.replace('rejected', 'rejet\u00e9e'))).body).toEqual({
      adresse_refusee: true,
    });
  });

  it('is taken by nobody where no secret is set', async () => {
    const api = await startTestApi({ RETOURS_SECRET: '' });
    try {
      const { status } = await api.anonymous.send(
        'POST',
        '/emails/retours',
        signedReturn('x', { secret: '' }),
      );
      expect(status).toBe(404);
    } finally {
      await api.close();
    }
  });

  it('is a mail of a megabyte at most, and nothing else', async () => {
    expect((await transmit('x'.repeat(1_000_001))).status).toBe(413);
    const json = await system.anonymous.post('/emails/retours', { x: 1 });
    expect([json.status, json.body.code]).toEqual([415, 'TYPE_NON_ACCEPTE']);
    expect((await transmit('Subject: bonjour\n\nMerci !')).body).toEqual({ adresse_refusee: false });
  });
});
