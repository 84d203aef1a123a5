import type { Passwords } from '../../src/auth/passwords';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { stopClock } from '../support/clock';
import { eventually } from '../support/eventually';
import { makeUser, PASSWORD } from '../support/factories';
import { prepareLink } from '../support/links';

/**
 * Hashing and judging passwords takes its time, one after the other. Whoever knows their own password could fill the
 * queue and go on; what waits there must hold nothing that others need, and nobody gets more than a share.
 */

let api: TestApi;
let passwords: Passwords;
beforeAll(async () => {
  api = await startTestApi();
  passwords = api.app.passwords;
});
afterAll(() => api.close());
afterEach(() => {
  api.app.passwords = passwords;
  api.app.clock = () => new Date();
});

const CONNECTIONS = 20;
/** Weak, and found to be by the dictionaries alone. */
const WEAK = 'Motdepasse-2024!';
const many = (send: () => Promise<Reply>, times: number) => Promise.all(Array.from({ length: times }, send));
const change = (client: Client) => () =>
  client.post('/auth/change-password', { current_password: PASSWORD, new_password: WEAK });

/** Keeps every password from being judged until it is let go. */
function holdQueue(): { waiting(): number; release(): void } {
  let waiting = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  api.app.passwords = {
    ...passwords,
    hash: async (...given) => {
      waiting += 1;
      await released;
      return passwords.hash(...given);
    },
  };
  return { waiting: () => waiting, release };
}

/** Transactions that are open in this database, as PostgreSQL sees them. */
async function openTransactions(): Promise<number> {
  const [{ count }] = await api.database.owner.query(
    `SELECT count(*)::integer FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'test' AND xact_start IS NOT NULL`,
  );
  return count;
}

describe('passwords that wait to be judged', () => {
  it.each<[string, () => Promise<() => Promise<Reply>>]>([
    ['one’s own', async () => change((await api.newPerson('client')).client)],
    [
      'that of somebody new',
      async () => {
        const { client } = await api.newPerson('admin');
        let people = 0;
        return () =>
          client.post('/users', {
            email: `attente-${++people}@exemple.ma`,
            nom: 'Attente',
            prenom: 'Sami',
            role: 'client',
            password: WEAK,
          });
      },
    ],
    [
      'another one for somebody',
      async () => {
        const { client } = await api.newPerson('admin');
        const { id } = await makeUser(api.db, { role: 'client' });
        return () => client.patch(`/users/${id}`, { password: WEAK });
      },
    ],
    [
      'one chosen by a link',
      async () => {
        const token = await prepareLink(api);
        return () => api.anonymous.post('/auth/reset-password', { token, new_password: WEAK });
      },
    ],
  ])('hold no connection of the pool: others read meanwhile (%s)', async (_, prepare) => {
    const { client: other } = await api.newPerson('client');
    const send = await prepare();
    const queue = holdQueue();
    const replies = many(send, CONNECTIONS);
    try {
      await eventually(queue.waiting, (waiting) => waiting === CONNECTIONS);
      expect(await openTransactions()).toBe(0);
      const reads = await many(() => other.get('/auth/me'), CONNECTIONS);
      expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200));
      expect(queue.waiting()).toBe(CONNECTIONS);
    } finally {
      queue.release();
    }
    for (const { status } of await replies) expect([422, 503]).toContain(status);
  });

  it('are counted: of many from one person, right and wrong, most are told to come later', async () => {
    const { client } = await api.newPerson('client');
    const { client: other } = await api.newPerson('client');
    const now = new Date();
    stopClock(api.app, now);
    const replies = await many(change(client), 60);
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(60 - CONNECTIONS - 5);
    for (const { body, headers } of refused) {
      expect(body.code).toBe('TROP_DE_REQUETES');
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    // The same purse for all that asks for the password, and nobody else's.
    expect((await client.post('/auth/second-facteur', { password: PASSWORD })).status).toBe(429);
    expect((await change(other)()).status).toBe(422);
    // It fills again, whoever asked in vain.
    stopClock(api.app, new Date(now.getTime() + 10_000));
    expect((await change(client)()).status).toBe(422);
  });

  it('are counted for those who give them to others, too, who may give more of them', async () => {
    const { client } = await api.newPerson('admin');
    const { id } = await makeUser(api.db, { role: 'client' });
    stopClock(api.app);
    const replies = await many(() => client.patch(`/users/${id}`, { password: 'court' }), 80);
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(refused.length).toBeLessThanOrEqual(20);
  });

  it('are judged for nobody who may not give them', async () => {
    const queue = holdQueue();
    const { client } = await api.newPerson('responsable');
    const { id } = await makeUser(api.db, { role: 'client' });
    expect((await client.patch(`/users/${id}`, { password: WEAK })).status).toBe(403);
    const admin = { email: 'chef@exemple.ma', nom: 'Chef', prenom: 'Sami', role: 'admin', password: WEAK };
    expect((await client.post('/users', admin)).status).toBe(403);
    expect(queue.waiting()).toBe(0);
    queue.release();
  });
});

describe('a password that is changed while it is being shown', () => {
  it('serves one of many changes at once; the others are told, and are no wrong guesses', async () => {
    const { client, user } = await api.newPerson('client');
    const replies = await many(
      () =>
        client.post('/auth/change-password', {
          current_password: PASSWORD,
          new_password: 'Verrou-Bleu-83-Atlas!',
        }),
      5,
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 422, 422, 422, 422]);
    const [{ count }] = await api.db.query(
      `SELECT count(*)::integer FROM historique WHERE action = 'changement_mot_de_passe' AND entite_id = $1`,
      [user.id],
    );
    expect(count).toBe(1);
  });

  it('repeated under its key is answered as before, though the old one is wrong by then', async () => {
    const { client } = await api.newPerson('client');
    const send = () =>
      client.post(
        '/auth/change-password',
        { current_password: PASSWORD, new_password: 'Verrou-Bleu-83-Atlas!' },
        { 'Idempotency-Key': 'changement' },
      );
    const replies = await many(send, 5);
    expect(replies.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect((await send()).headers.get('idempotency-replayed')).toBe('true');
  });
});
