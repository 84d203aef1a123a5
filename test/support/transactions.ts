import { AsyncLocalStorage } from 'node:async_hooks';
import { Client as S3Client } from 'minio';
import { DataSource } from 'typeorm';
import type { AppContext } from '../../src/api/context';
import { TaskThread } from '../../src/threads/task-thread';

/**
 * Sees slow work that is done inside a transaction, by what reaches libraries and threads: the application's own watch
 * (`src/db/transaction.ts`) is not asked.
 */
export interface SlowWorkWatch {
  /** What was seen since the last time. */
  seen(): string[];
  stop(): void;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** @param app whose engine is watched too */
export function watchSlowWork(app: AppContext): SlowWorkWatch {
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  const seen: string[] = [];
  const restore: (() => void)[] = [];

  const wrap = (holder: object, name: string, around: (run: () => unknown) => unknown) => {
    const methods = holder as Methods;
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      return around(() => original.apply(this, args));
    };
    restore.push(() => {
      methods[name] = original;
    });
  };
  const note = (holder: object, name: string, what: string) =>
    wrap(holder, name, (run) => {
      if (inside.getStore()?.open) seen.push(what);
      return run();
    });

  wrap(DataSource.prototype, 'transaction', (run) => {
    const scope = { open: true };
    const done = inside.run(scope, run) as Promise<unknown>;
    return done.finally(() => {
      scope.open = false;
    });
  });
  note(TaskThread.prototype, 'run', 'a thread');
  for (const name of ['putObject', 'getPartialObject', 'removeObject', 'statObject', 'bucketExists']) {
    note(S3Client.prototype, name, `the store: ${name}`);
  }
  for (const name of Object.keys(app.engine)) note(app.engine, name, `the engine: ${name}`);

  return {
    seen: () => seen.splice(0),
    stop: () => {
      for (const undo of restore.reverse()) undo();
    },
  };
}
