import { AsyncLocalStorage } from 'node:async_hooks';
import { Server } from 'node:http';
import { asyncLocalStorage as activity } from '@temporalio/activity';
import { Client } from 'pg';

export interface Statement {
  text: string;
  values: unknown[];
}

/** Which measurement what runs now belongs to: rounds of the background belong to none. */
const measured = new AsyncLocalStorage<Statement[]>();

/**
 * The texts of the statements that something sends to PostgreSQL, itself or by requests to an API of this process,
 * and those of the activities of one workflow where it is named.
 */
export async function statementsDuring(run: () => Promise<unknown>, workflowId?: string): Promise<string[]> {
  return (await queriesDuring(run, workflowId)).map(({ text }) => text);
}

/** The same with their values. */
export async function queriesDuring(run: () => Promise<unknown>, workflowId?: string): Promise<Statement[]> {
  const own: Statement[] = [];
  const belongs = () =>
    measured.getStore() === own ||
    (workflowId !== undefined && activity.getStore()?.info.workflowExecution?.workflowId === workflowId);
  const restore = belongToMeasurement(own);
  try {
    return await listening(
      (statement) => belongs() && own.push(statement),
      async () => {
        await measured.run(own, run);
        return own;
      },
    );
  } finally {
    restore();
  }
}

/** All statements of this process while something runs, those of its workers and rounds included. */
export async function allQueriesDuring(run: () => Promise<unknown>): Promise<Statement[]> {
  const all: Statement[] = [];
  await listening((statement) => all.push(statement), run);
  return all;
}

/** Requests that arrive from now on belong to a measurement. What undoes it is returned. */
function belongToMeasurement(own: Statement[]): () => void {
  const prototype = Server.prototype as { emit: (...args: unknown[]) => boolean };
  const { emit } = prototype;
  prototype.emit = function (this: Server, ...args: unknown[]) {
    return args[0] === 'request' ? measured.run(own, () => emit.apply(this, args)) : emit.apply(this, args);
  };
  return () => {
    prototype.emit = emit;
  };
}

async function listening<Result>(
  heard: (statement: Statement) => void,
  run: () => Promise<Result>,
): Promise<Result> {
  const prototype = Client.prototype as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: Client, ...args: unknown[]) {
    const [statement, values] = args as [string | Partial<Statement>, unknown];
    const { text = '', values: kept = [] } = typeof statement === 'string' ? { text: statement } : statement;
    heard({ text, values: Array.isArray(values) ? values : kept });
    return query.apply(this, args);
  };
  try {
    return await run();
  } finally {
    prototype.query = query;
  }
}
