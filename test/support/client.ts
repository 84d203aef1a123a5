/** A small HTTP client for the tests: what was sent, and everything that came back. */

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of every shape
  body: any;
  bytes: Buffer;
}

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  delete(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Any request, as it is. Paths are below `/api/v1` unless they are complete URLs. */
  send(method: string, path: string, init?: RequestInit): Promise<Reply>;
}

/** Requests to a running API, on behalf of whoever the token names. */
export function createClient(baseUrl: string, token?: string): Client {
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Reply> => {
    const headers = new Headers(init.headers);
    if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    const url = path.startsWith('http') ? path : `${baseUrl}/api/v1${path}`;
    const response = await fetch(url, { ...init, method, headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    const body = isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body, bytes };
  };
  const withBody = (method: string) => (path: string, body?: unknown, headers?: Record<string, string>) =>
    send(method, path, {
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    send,
    get: (path, headers) => send('GET', path, { headers }),
    delete: (path, headers) => send('DELETE', path, { headers }),
    post: withBody('POST'),
    put: withBody('PUT'),
    patch: withBody('PATCH'),
  };
}
