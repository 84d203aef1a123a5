import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import { loadPrincipal } from '../../src/auth/sessions';
import { query } from '../../src/db/sql';
import { currentTransaction } from '../../src/db/transaction';
import { createMailTransport } from '../../src/mail/transport';
import { startTestApi, type TestApi } from '../support/api';
import { makeSession, makeUser } from '../support/factories';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const inside = <Result>(run: (tx: EntityManager) => Promise<Result>) => api.db.transaction(run);

describe('inside a transaction', () => {
  it.each<[string, () => unknown]>([
    ['hash a password', () => api.app.passwords.hashUnjudged('Atelier-Sud-47!')],
    [
      'judge a password',
      () => {
        const person = { nom: 'Alaoui', prenom: 'Karim', email: 'k.alaoui@exemple.ma' };
        return api.app.passwords.hash('Atelier-Sud-47!', { champ: 'password', person });
      },
    ],
    ['store a file', () => api.app.store.put('x', Buffer.from('x'), { contentType: 'text/plain' })],
    ['fetch a file', () => api.app.store.get('x')],
    ['remove a file', () => api.app.store.remove('x')],
    ['list files', () => api.app.store.list('').next()],
    [
      'have an order carried out',
      () => api.app.engine.execute(1, { id: randomUUID(), type: 'reception', scelle: '' }),
    ],
    ['start a workflow', () => api.app.engine.startInBackground(1)],
    ['ask how a workflow stands', () => api.app.engine.workflowStatus(1)],
    [
      'send a mail',
      () => {
        const to = { address: 'k.alaoui@exemple.ma' };
        const text = {
          sujet: 'x',
          html: 'x',
          text: 'x',
          correlationId: 'x',
          fil: null,
          langue: 'fr',
          jeton: 'x',
        } as const;
        const mail = createMailTransport(api.config.mail);
        return mail.send({ messageId: '<x@exemple.ma>', to, ...text }).finally(() => mail.close());
      },
    ],
    ['ask on another connection', () => query(api.db, sql`SELECT 1`)],
    ['open another one', () => inside(async () => {})],
  ])('one cannot %s', async (_, attempt) => {
    await expect(inside(async () => attempt())).rejects.toThrow(/^Not inside a transaction: /);
  });

  it('one is as long as it lasts, and as far as it is waited for', async () => {
    let late: Promise<unknown> = Promise.resolve();
    await inside(async () => {
      expect(currentTransaction()).not.toBeNull();
      late = new Promise((resolve) => setTimeout(() => resolve(currentTransaction()), 50));
    });
    expect(currentTransaction()).toBeNull();
    expect(await late).toBeNull();
    await expect(inside(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(currentTransaction()).toBeNull();
  });

  it('rights are those that are asked for there', async () => {
    const user = await makeUser(api.db, { role: 'admin' });
    const { id: sessionId } = await makeSession(api.db, user);
    const access = new Access((await loadPrincipal(api.db, sessionId))!);
    const refusals = [
      () => access.principal,
      () => access.mayEver('read', 'User'),
      () => access.may('read', 'User', { id: 1 }),
      () => access.require('read', 'User', { id: 1 }),
      () => access.where('read', 'User', { id: 'u.id' }),
    ];
    for (const ask of refusals) {
      await expect(inside(async () => ask())).rejects.toThrow('have not been confirmed');
    }
    await inside(async (tx) => {
      await access.confirm(tx);
      expect(access.may('delete', 'Piece', {})).toBe(true);
    });
    // Those of one transaction are not those of the next.
    await expect(inside(async () => access.principal)).rejects.toThrow('have not been confirmed');
    await api.db.query(`UPDATE users SET role = 'client' WHERE id = $1`, [user.id]);
    await inside(async (tx) => {
      await access.confirm(tx);
      expect(access.may('delete', 'Piece', {})).toBe(false);
    });
    await api.db.query('UPDATE sessions SET date_revocation = now() WHERE id = $1', [sessionId]);
    await expect(inside((tx) => access.confirm(tx))).rejects.toMatchObject({ code: 'NON_AUTHENTIFIE' });
  });

  it('nobody who never signed in is confirmed by a statement that finds nobody', async () => {
    const user = await makeUser(api.db, { role: 'admin' });
    const { id } = await makeSession(api.db, user);
    const given = { ...(await loadPrincipal(api.db, id))!, sessionId: null };
    const outside = new Access(given);
    await expect(inside((tx) => outside.confirm(tx))).rejects.toThrow('have not been confirmed');
    await inside(async (tx) => {
      const made = new Access(given);
      await made.confirm(tx);
      expect(made.principal.userId).toBe(user.id);
    });
  });
});
