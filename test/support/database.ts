import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { setUpRoles } from '../../src/db/roles';

/** Databases of their own for test files, on the PostgreSQL that the test command started. */

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL is missing: run the tests with `npm test`');
  return url;
}

/** A database that its owner has still to set up. */
export interface EmptyDatabase {
  /** As the application signs in. */
  url: string;
  ownerUrl: string;
  /** Connections with all rights: for tests that tamper, or look at what others do. */
  owner: DataSource;
  drop(): Promise<void>;
}

export interface TestDatabase extends EmptyDatabase {
  /** Connections with the rights of the application, and no more. */
  db: DataSource;
}

/** Who the application is in every database of the tests; the setup makes them. */
const APPLICATION = { username: 'regie_app', password: 'regie-app-test' };

/** A migrated database without rows; of another server than the test command's when its URL is given. */
export async function createTestDatabase(server = serverUrl()): Promise<TestDatabase> {
  const empty = await createEmptyDatabase(server);
  await empty.owner.runMigrations();
  await setUpRoles(empty.owner, empty.url);
  const db = await createDataSource({ url: empty.url, applicationName: 'test' }).initialize();
  return {
    ...empty,
    db,
    drop: async () => {
      if (db.isInitialized) await db.destroy();
      await empty.drop();
    },
  };
}

/** A database without even a table. */
export async function createEmptyDatabase(server = serverUrl()): Promise<EmptyDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const ownerUrl = new URL(server);
  ownerUrl.pathname = `/${name}`;
  const url = Object.assign(new URL(ownerUrl), APPLICATION);
  const owner = await createDataSource({
    url: ownerUrl.href,
    owner: true,
    poolSize: 3,
    applicationName: 'test-owner',
  }).initialize();
  return {
    url: url.href,
    ownerUrl: ownerUrl.href,
    owner,
    drop: async () => {
      if (owner.isInitialized) await owner.destroy();
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
