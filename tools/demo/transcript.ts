import { STATUS_CODES } from 'node:http';
import { styleText } from 'node:util';

/** How requests and answers are shown: indented JSON, long lists cut, nothing that would let the reader sign in. */

export interface ShownRequest {
  method: string;
  path: string;
  token: string | undefined;
  /** JSON, or the fields of a form; undefined without a body. */
  body: unknown;
}

type Style = Parameters<typeof styleText>[0];

/** Items of a list that are shown. */
const shownItems = 2;
const secretFields = new Set(['password', 'access_token', 'refresh_token']);

export class Transcript {
  private steps = 0;

  constructor(
    private readonly print: (text: string) => void,
    private readonly coloured: boolean,
  ) {}

  title(text: string): void {
    this.steps++;
    this.print(`\n${this.paint('bold', `${this.steps}. ${text}`)}`);
  }

  request({ method, path, token, body }: ShownRequest): void {
    this.print(this.paint('cyan', `${method} ${path}`));
    if (token !== undefined) this.print(this.paint('dim', `Authorization: Bearer ${shortened(token)}`));
    if (body !== undefined) this.print(json(body));
  }

  /** @param body parsed JSON, or a description of anything else. */
  answer(status: number, body: unknown, milliseconds: number): void {
    const line = `${status} ${STATUS_CODES[status] ?? ''}`;
    this.print(
      this.paint(status < 300 ? 'green' : 'red', line) +
        this.paint('dim', `  ${Math.round(milliseconds)} ms`),
    );
    if (body !== undefined) this.print(json(body));
  }

  /** A table of two columns under a heading. */
  block(heading: string, rows: readonly (readonly [title: string, value: string])[]): void {
    const width = Math.max(...rows.map(([title]) => title.length));
    this.print(`\n${this.paint('bold', heading)}`);
    for (const [title, value] of rows) this.print(`  ${title.padEnd(width)}  ${value}`);
  }

  private paint(style: Style, text: string): string {
    return this.coloured ? styleText(style, text) : text;
  }
}

function json(body: unknown): string {
  if (typeof body === 'string') return body;
  const shown = Array.isArray(body) ? cut(body) : body;
  return JSON.stringify(
    shown,
    (field, value) => (secretFields.has(field) ? shortened(String(value)) : value),
    2,
  );
}

function cut(list: unknown[]): unknown[] {
  if (list.length <= shownItems) return list;
  return [...list.slice(0, shownItems), `… ${list.length - shownItems} more`];
}

function shortened(secret: string): string {
  return `${secret.slice(0, secret.length > 20 ? 8 : 1)}…`;
}
