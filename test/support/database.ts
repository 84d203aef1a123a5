import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';

/** Databases of their own for test files, on the PostgreSQL that the test command started. */

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL is missing: run the tests with `npm test`');
  return url;
}

export interface TestDatabase {
  url: string;
  db: DataSource;
  drop(): Promise<void>;
}

/** An empty, migrated database; of another server than the test command's when its URL is given. */
export async function createTestDatabase(server = serverUrl()): Promise<TestDatabase> {
  const database = await createEmptyDatabase(server);
  await database.db.runMigrations();
  return database;
}

/** A database without even a table. */
export async function createEmptyDatabase(server = serverUrl()): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await createDataSource({ url: url.href, applicationName: name }).initialize();
  return {
    url: url.href,
    db,
    drop: async () => {
      if (db.isInitialized) await db.destroy();
      await onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Runs a statement beside the databases of the tests. */
export async function onServer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
