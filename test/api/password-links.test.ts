import { startTestApi, type TestApi } from '../support/api';
import { stopClock } from '../support/clock';
import { makeUser } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** What a request for a link, and a link, show to whoever asks; that it comes and serves is in `test/e2e`. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(() => api.db.query('DELETE FROM echecs_connexion'));

const forgot = (body: unknown, headers?: Record<string, string>) =>
  api.anonymous.post('/auth/forgot-password', body, headers);

describe('asking for a link', () => {
  it('shows by nothing whether anybody has the address: answer, headers, statements', async () => {
    const addresses = [
      (await makeUser(api.db)).email,
      (await makeUser(api.db, { is_active: false })).email,
      (await makeUser(api.db, { mot_de_passe: null })).email,
      'personne@nulle-part.ma',
    ];
    const seen = [];
    for (const email of addresses) {
      let shown = {};
      const statements = await statementsDuring(async () => {
        const { status, headers, body } = await forgot({ email });
        const own = ['date', 'x-request-id', 'traceparent'];
        shown = { status, body, headers: [...headers].filter(([name]) => !own.includes(name)) };
      });
      seen.push({ ...shown, statements });
    }
    expect(seen[0]).toMatchObject({
      status: 202,
      body: { message: expect.stringMatching(/^Si cette adresse/) },
    });
    for (const other of seen) expect(other).toEqual(seen[0]);
  });

  it('is answered in the language of whoever asks', async () => {
    const { body } = await forgot({ email: 'personne@nulle-part.ma' }, { 'Accept-Language': 'en' });
    expect(body.message).toMatch(/^If this is the address/);
  });

  it.each([
    {},
    { email: 'pas une adresse' },
    { email: 'a@b.ma, c@d.ma' },
    { email: 'a@b.ma', role: 'admin' },
  ])('refuses %j', async (body) => {
    const refused = await forgot(body);
    expect([refused.status, refused.body.code]).toEqual([422, 'VALIDATION']);
  });

  it('is limited for each address of the network, known or not', async () => {
    const statuses = [];
    const goOn = stopClock(api.app);
    for (let n = 0; n < 12; n++) statuses.push((await forgot({ email: `a${n}@nulle-part.ma` })).status);
    goOn();
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(202));
    expect(statuses.at(-1)).toBe(429);
  });

  it('is answered while the engine is away', async () => {
    const lonely = await startTestApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    try {
      const user = await makeUser(lonely.db);
      const { status } = await lonely.anonymous.post('/auth/forgot-password', { email: user.email });
      expect(status).toBe(202);
      const rows = await lonely.db.query('SELECT motif, email, workflow_demarre FROM liens_mot_de_passe');
      expect(rows).toEqual([{ motif: 'oubli', email: user.email, workflow_demarre: false }]);
    } finally {
      await lonely.close();
    }
  });
});

describe('a link', () => {
  it('that we never signed costs no look into the database', async () => {
    const statements = await statementsDuring(async () => {
      const { status, body } = await api.anonymous.post('/auth/reset-password', {
        token: `8f14e45f-ceea-467f-a0d6-8c3f4e1b2a90.${'A'.repeat(43)}`,
        new_password: 'Presse-Nord-83?',
      });
      expect([status, body.code]).toEqual([422, 'LIEN_INVALIDE']);
    });
    expect(statements).toEqual([]);
  });

  it('is never signed for another purpose', async () => {
    const id = '8f14e45f-ceea-467f-a0d6-8c3f4e1b2a90';
    const token = `${id}.${api.app.secrets.sign('second facteur', id)}`;
    const { body } = await api.anonymous.post('/auth/reset-password', {
      token,
      new_password: 'Presse-Nord-83?',
    });
    expect(body.code).toBe('LIEN_INVALIDE');
  });
});

describe('the page on which a password is chosen', () => {
  const page = (path = '', headers = {}) =>
    api.anonymous.send('GET', `${api.baseUrl}/mot-de-passe${path}`, { headers });

  it('runs nothing but its own script, is kept nowhere, and tells nobody where it was', async () => {
    const { status, headers, body } = await page();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(body).not.toMatch(/<script>|<style>|\sstyle=|\son\w+=/);
    for (const [, path] of (body as string).matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([path, (await api.anonymous.get(api.baseUrl + path)).status]).toEqual([path, 200]);
    }
  });

  it('is French, or English for whoever prefers it, and says the policy of the installation', async () => {
    expect((await page()).body).toMatch(/<html lang="fr" dir="ltr">[\s\S]*Au moins 10 caractères/);
    const english = await page('/', { 'Accept-Language': 'en-GB,en' });
    expect(english.body).toMatch(/<html lang="en" dir="ltr">[\s\S]*At least 10 characters/);
    expect(english.headers.get('vary')).toContain('Accept-Language');
  });

  it('is Arabic, from right to left, for whoever prefers it or comes from a mail in Arabic', async () => {
    for (const arabic of [
      await page('', { 'Accept-Language': 'ar-MA,ar;q=0.9,fr;q=0.8' }),
      await page('?langue=ar', { 'Accept-Language': 'fr' }),
    ]) {
      expect(arabic.body).toMatch(/<html lang="ar" dir="rtl">[\s\S]*10 رموز على الأقل/);
      expect(arabic.headers.get('content-language')).toBe('ar');
    }
    expect((await page('?langue=xx', { 'Accept-Language': 'en' })).body).toContain(
      '<html lang="en" dir="ltr">',
    );
  });

  it('is only read', async () => {
    const { status, headers } = await api.anonymous.send('POST', `${api.baseUrl}/mot-de-passe`);
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
