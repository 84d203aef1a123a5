import { type Body, request } from './request';
import type { Transcript } from './transcript';

/** One request of the demonstration and what came back. */
export interface Exchange {
  method: string;
  path: string;
  status: number;
  /** Parsed JSON, or a Buffer with anything else. */
  body: unknown;
}

/** Talks to a running API and shows every word of it. */
export class Dialogue {
  readonly exchanges: Exchange[] = [];

  constructor(
    private readonly url: string,
    private readonly transcript: Transcript,
  ) {}

  /**
   * Sends a request and shows both sides.
   * @param token of whoever asks, for `Authorization: Bearer`.
   * @returns the body of the answer.
   * @throws when the API cannot be reached or answers anything but a success.
   */
  async say<Answer = unknown>(
    title: string,
    method: string,
    path: string,
    { token, body }: { token?: string; body?: Body } = {},
  ): Promise<Answer> {
    this.transcript.title(title);
    const shownBody = body instanceof FormData ? describeForm(body) : body;
    this.transcript.request({ method, path: `/api/v1${path}`, token, body: shownBody });
    const start = performance.now();
    const response = await request(this.url, method, path, { token, body });
    const answer = await read(response);
    const shownAnswer = Buffer.isBuffer(answer)
      ? `(${response.headers.get('content-type')}, ${answer.length} bytes)`
      : answer;
    this.transcript.answer(response.status, shownAnswer, performance.now() - start);
    if (!response.ok) throw new Error(`${method} /api/v1${path} was answered ${response.status}`);
    this.exchanges.push({ method, path, status: response.status, body: answer });
    return answer as Answer;
  }

  /** Asks without showing it: a look whether something is there. */
  async look(path: string, token: string): Promise<Exchange> {
    const response = await request(this.url, 'GET', path, { token });
    return { method: 'GET', path, status: response.status, body: await read(response) };
  }
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (/json/.test(type)) return response.json();
  const content = Buffer.from(await response.arrayBuffer());
  return content.length === 0 ? undefined : content;
}

function describeForm(form: FormData): Record<string, unknown> {
  return Object.fromEntries(
    [...form].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `(${value.name}, ${value.type}, ${value.size} bytes)`,
    ]),
  );
}
