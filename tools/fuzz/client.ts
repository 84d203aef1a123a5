/** Whose requests these are, as an address tells it. */
export const HOME_ADDRESS = '192.0.2.1';

/** Requests with which the world is made. */
export class Client {
  private constructor(
    private readonly apiUrl: string,
    private readonly token?: string,
  ) {}

  static async signIn(apiUrl: string, email: string, password: string): Promise<Client> {
    const { access_token } = await new Client(apiUrl).send<{ access_token: string }>('POST', '/auth/login', {
      email,
      password,
    });
    return new Client(apiUrl, access_token);
  }

  /**
   * Sends a request and reads the answer.
   * @throws for anything but a success.
   */
  async send<Answer = { id: number }>(method: string, path: string, body?: object): Promise<Answer> {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${this.apiUrl}/api/v1${path}`, {
      method,
      headers: {
        'X-Forwarded-For': HOME_ADDRESS,
        ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}
