import { Client } from 'pg';

export interface Statement {
  text: string;
  values: unknown[];
}

/** The texts of the statements that reach PostgreSQL from this process while something runs. */
export async function statementsDuring(run: () => Promise<unknown>): Promise<string[]> {
  return (await queriesDuring(run)).map(({ text }) => text);
}

/** The same with their values. */
export async function queriesDuring(run: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const prototype = Client.prototype as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: Client, ...args: unknown[]) {
    const [statement, values] = args as [string | Partial<Statement>, unknown];
    const { text = '', values: own = [] } = typeof statement === 'string' ? { text: statement } : statement;
    statements.push({ text, values: Array.isArray(values) ? values : own });
    return query.apply(this, args);
  };
  try {
    await run();
  } finally {
    prototype.query = query;
  }
  return statements;
}
