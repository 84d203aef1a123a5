import { Agent, request } from 'node:http';

/** Requests to the API on connections that are kept. */
export class ApiClient {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  /**
   * Sends a request and reads the answer.
   * @throws for anything but a success.
   */
  async send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const { status, text } = await this.exchange(
      method,
      path,
      body === undefined ? undefined : JSON.stringify(body),
    );
    if (status < 200 || status > 299) throw new Error(`${method} ${path.replace(/\d+/g, '…')}: ${status}`);
    return JSON.parse(text) as Answer;
  }

  close(): void {
    this.agent.destroy();
  }

  private exchange(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const headers = {
      ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}/api/v1${path}`, { method, headers, agent: this.agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
