import { Client } from 'pg';

/**
 * The statements that reach PostgreSQL from this process while something runs.
 * @param each is told of every one of them, with its values.
 */
export async function statementsDuring(
  run: () => Promise<unknown>,
  each: (text: string, values: unknown[]) => void = () => {},
): Promise<string[]> {
  const statements: string[] = [];
  const prototype = Client.prototype as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: Client, ...args: unknown[]) {
    const [statement, given] = args as [string | { text?: string; values?: unknown[] }, unknown];
    const text = typeof statement === 'string' ? statement : (statement.text ?? '');
    const values = typeof statement === 'string' ? given : statement.values;
    statements.push(text);
    each(text, Array.isArray(values) ? values : []);
    return query.apply(this, args);
  };
  try {
    await run();
  } finally {
    prototype.query = query;
  }
  return statements;
}
