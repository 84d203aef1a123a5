import { LIMITES } from '../../src/domain/systeme/debits';
import { createDebits, type Debits } from '../../src/services/systeme/debits';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let now: Date;
beforeAll(async () => {
  api = await startTestApi({ RATE_LIMITS: 'on', TRUSTED_PROXIES: 'loopback' });
});
afterAll(() => api.close());
beforeEach(() => {
  // Early in a minute, so that it does not end before the test.
  now = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 5_000);
  api.app.clock = () => now;
});

const statusesOf = async (requests: number, send: () => Promise<{ status: number }>) => {
  const counts: Record<number, number> = {};
  for (let sent = 0; sent < requests; sent += 50) {
    const replies = await Promise.all(Array.from({ length: Math.min(50, requests - sent) }, send));
    for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
};
/** Refused before anything is done, but asked for all the same. */
const change = (client: Client) => () => client.patch('/auth/me', { inconnu: 1 });

describe('a caller', () => {
  it('who writes without end is told to wait, may still read, and goes on in the next minute', async () => {
    const { client } = await api.newPerson('client');
    const { client: other } = await api.newPerson('client');
    expect(await statusesOf(LIMITES.ecriture + 10, change(client))).toEqual({
      422: LIMITES.ecriture,
      429: 10,
    });
    const refused = await client.patch('/auth/me', { langue: 'en' });
    expect(refused.body).toMatchObject({ code: 'TROP_DE_REQUETES', status: 429 });
    expect(refused.headers.get('retry-after')).toBe('55');
    expect((await client.get('/auth/me')).status).toBe(200);
    expect((await change(other)()).status).toBe(422);
    now = new Date(now.getTime() + 55_000);
    expect((await client.patch('/auth/me', { langue: 'en' })).status).toBe(200);
  });

  it('who is not signed in is limited by address, whatever token they show', async () => {
    const from = (adresse: string) => ({ 'X-Forwarded-For': adresse, Authorization: 'Bearer x.y.z' });
    const send = () => api.anonymous.get('/auth/me', from('198.51.100.1'));
    expect(await statusesOf(LIMITES.anonyme + 5, send)).toEqual({ 401: LIMITES.anonyme, 429: 5 });
    expect((await api.anonymous.get('/auth/me', from('198.51.100.2'))).status).toBe(401);
    const health = await api.anonymous.get('/health', from('198.51.100.1'));
    expect(health.status).toBe(200);
  });

  it('costs no statement to count', async () => {
    const { client } = await api.newPerson('client');
    const once = await statementsDuring(() => client.get('/auth/me'));
    // What was counted is shared now and then, whoever asks for what meanwhile.
    expect(once.filter((text) => !/\bdebits\b/.test(text))).toHaveLength(2);
    expect(once.length).toBeLessThanOrEqual(3);
  });
});

describe('the processes of the API', () => {
  const failed = (error: unknown) => {
    throw error;
  };
  let first: Debits;
  let second: Debits;
  beforeEach(() => {
    [first, second] = [createDebits(api.db, failed), createDebits(api.db, failed)];
  });
  afterEach(() => {
    first.close();
    second.close();
  });
  const countUpTo = (debits: Debits, requests: number) => {
    for (let request = 0; request < requests; request++) debits.count('user 1', 'ecriture', now);
  };

  it('count together what one caller asks of each of them', async () => {
    now = new Date(now.getTime() + 600_000);
    countUpTo(first, LIMITES.ecriture - 1);
    countUpTo(second, 2);
    await first.exchange();
    await second.exchange();
    expect(() => countUpTo(second, 1)).toThrow(expect.objectContaining({ code: 'TROP_DE_REQUETES' }));
  });

  it('forget nothing of what they are just telling', async () => {
    now = new Date(now.getTime() + 1_800_000);
    countUpTo(first, LIMITES.ecriture);
    const telling = first.exchange();
    expect(() => countUpTo(first, 1)).toThrow(expect.objectContaining({ code: 'TROP_DE_REQUETES' }));
    await telling;
    expect(() => countUpTo(first, 1)).toThrow(expect.objectContaining({ code: 'TROP_DE_REQUETES' }));
  });

  it('lose nothing when the database cannot be told', async () => {
    now = new Date(now.getTime() + 1_200_000);
    const errors: unknown[] = [];
    const away = createDebits({ ...api.db } as never, (error) => errors.push(error));
    countUpTo(away, LIMITES.ecriture);
    await away.exchange();
    expect(errors).toHaveLength(1);
    expect(() => countUpTo(away, 1)).toThrow(expect.objectContaining({ code: 'TROP_DE_REQUETES' }));
    away.close();
  });
});
