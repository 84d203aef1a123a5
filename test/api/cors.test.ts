import { startTestApi, type TestApi } from '../support/api';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ CORS_ORIGINS: 'https://console.exemple.ma' });
});
afterAll(() => api.close());

const preflight = (origin: string) =>
  api.anonymous.send('OPTIONS', '/interventions', {
    headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'if-match' },
  });

describe('browsers of other origins', () => {
  it('may call when the configuration names them, with credentials, and read what lists say in headers', async () => {
    const { headers, status } = await preflight('https://console.exemple.ma');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://console.exemple.ma');
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    const refused = await api.anonymous.get('/interventions', { origin: 'https://console.exemple.ma' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://console.exemple.ma');
    expect(refused.headers.get('access-control-expose-headers')).toMatch('X-Total-Count');
  });

  it('may not otherwise', async () => {
    const { headers } = await preflight('https://ailleurs.exemple');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
