import { Client } from 'pg';

/** The statements that reach PostgreSQL from this process while something runs. */
export async function statementsDuring(run: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const prototype = Client.prototype as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: Client, ...args: unknown[]) {
    const [statement] = args as [string | { text?: string }];
    statements.push(typeof statement === 'string' ? statement : (statement.text ?? ''));
    return query.apply(this, args);
  };
  try {
    await run();
  } finally {
    prototype.query = query;
  }
  return statements;
}
