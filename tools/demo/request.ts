/** What can be sent: JSON, or the fields of a form. */
export type Body = object | FormData;

/**
 * Asks a running API something.
 * @param url address of its host, without `/api/v1`.
 * @param token of whoever asks, for `Authorization: Bearer`.
 * @returns the answer, whatever it says.
 * @throws when it cannot be reached.
 */
export async function request(
  url: string,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: Body; headers?: Record<string, string> } = {},
): Promise<Response> {
  const isForm = body instanceof FormData;
  try {
    return await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
  } catch {
    throw new Error(`No Régie answers at ${url}: start it with npm start`);
  }
}
