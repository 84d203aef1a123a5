import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import { makeUser, PASSWORD } from '../support/factories';
import { filledPath } from '../support/filled-paths';
import { nameOf } from './routes';

/**
 * Nothing that a browser adds to a request by itself shows who sends it: so that there is nothing for another site's page to
 * ride on (CSRF), and no other origin reads an answer.
 */

const OURS = 'https://console.exemple.ma';

let api: TestApi;
let token: string;
let email: string;
beforeAll(async () => {
  api = await startTestApi({ CORS_ORIGINS: OURS });
  ({ email } = await makeUser(api.db));
  token = (await api.anonymous.post('/auth/login', { email, password: PASSWORD })).body.access_token;
});
afterAll(() => api.close());

const PAGES = ['/docs', '/redoc', '/openapi.json', '/mot-de-passe', '/.well-known/jwks.json', '/nulle-part'];

describe('a cookie', () => {
  it('is set by no answer, of no route and no page', async () => {
    const replies = [
      await api.anonymous.post('/auth/login', { email, password: PASSWORD }),
      await api.anonymous.post('/auth/login', { email, password: 'faux' }),
    ];
    const authorization = `Bearer ${token}`;
    for (const { method, path } of ROUTES) {
      if (path === '/auth/logout') continue;
      const target = filledPath(path);
      replies.push(await api.anonymous.send(method.toUpperCase(), target, { headers: { authorization } }));
    }
    for (const page of PAGES) replies.push(await api.anonymous.get(`${api.baseUrl}${page}`));
    for (const { headers } of replies) expect(headers.get('set-cookie')).toBeNull();
  });

  it('with a valid token in it opens nothing', async () => {
    const names = ['token', 'access_token', 'Authorization', 'Bearer', 'session', 'jwt', 'regie', 'koa.sess'];
    const cookie = names.map((name) => `${name}=${token}`).join('; ');
    for (const route of ROUTES) {
      if (route.access === 'public') continue;
      const target = filledPath(route.path);
      const { status } = await api.anonymous.send(route.method.toUpperCase(), target, {
        headers: { cookie },
      });
      expect({ route: nameOf(route), status }).toEqual({ route: nameOf(route), status: 401 });
    }
  });

  it('is not needed either: what a page can post by itself is not what the API takes', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      const { status } = await api.anonymous.send('POST', '/auth/login', {
        body: Buffer.from(JSON.stringify({ email, password: PASSWORD })),
        headers: { 'content-type': type, origin: 'https://ailleurs.exemple' },
      });
      expect({ type, status }).toEqual({ type, status: 415 });
    }
  });
});

describe('another origin', () => {
  it.each([
    'null',
    '*',
    'https://ailleurs.exemple',
    `${OURS}.ailleurs.exemple`,
    `https://ailleurs.exemple/${OURS}`,
    'https://xconsole.exemple.ma',
    'https://a.console.exemple.ma',
    'https://console.exemple.ma:8443',
    'http://console.exemple.ma',
    'HTTPS://CONSOLE.EXEMPLE.MA',
    `${OURS}/`,
    `${OURS} https://ailleurs.exemple`,
    `https://console.exemple.ma@ailleurs.exemple`,
    'https://consolexexemple.ma',
    'file://',
    'chrome-extension://abc',
  ])('%s reads no answer, be it of a page, a route or a refusal', async (origin) => {
    const asked = [...PAGES.map((page) => `${api.baseUrl}${page}`), '/pieces', '/health', '/auth/me'];
    for (const path of asked) {
      const authorization = `Bearer ${token}`;
      const { headers } = await api.anonymous.get(path, { origin, authorization });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      const preflight = await api.anonymous.send('OPTIONS', path, {
        headers: { origin, 'access-control-request-method': 'DELETE' },
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
      expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('cannot poison what a cache keeps for ours', async () => {
    for (const origin of [OURS, 'https://ailleurs.exemple']) {
      const { headers } = await api.anonymous.get('/health', { origin });
      expect(headers.get('vary')).toMatch(/\bOrigin\b/);
    }
  });
});
