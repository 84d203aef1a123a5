import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { MIGRATIONS } from '../../src/db/migrations';
import { setUpRoles } from '../../src/db/roles';

/** Databases of their own for test files, on the PostgreSQL that the test command started. */

const SOURCES = join(__dirname, '..', '..', 'src', 'db');

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL is missing: run the tests with `npm test`');
  return url;
}

/** A database that its owner has still to set up. */
export interface EmptyDatabase {
  /** As the application signs in. */
  url: string;
  /** As it signs in for what is medical. */
  medicalUrl: string;
  ownerUrl: string;
  /** Connections with all rights: for tests that tamper, or look at what others do. */
  owner: DataSource;
  drop(): Promise<void>;
}

export interface TestDatabase extends EmptyDatabase {
  /** Connections with the rights of the application, and no more. */
  db: DataSource;
  /** And with those to what is medical. */
  medical: DataSource;
}

/** Who the application is in every database of the tests; the setup makes them. */
const APPLICATION = { username: 'regie_app', password: 'regie-app-test' };
const MEDICAL = { username: 'regie_medecine', password: 'regie-medecine-test' };

/** The same database, as the application signs in for what is medical. */
export function medicalUrlOf(url: string): string {
  return Object.assign(new URL(url), MEDICAL).href;
}

/**
 * A migrated database without rows; of another server than the test command's when its URL is given. It is a copy of one
 * that was migrated once a server: migrating costs ten times as much as copying.
 */
export async function createTestDatabase(server = serverUrl()): Promise<TestDatabase> {
  const empty = await createEmptyDatabase(server, await migratedTemplate(server));
  const db = await createDataSource({ url: empty.url, applicationName: 'test' }).initialize();
  const medical = await createDataSource({
    url: empty.medicalUrl,
    applicationName: 'test-medical',
    poolSize: 4,
    medical: true,
  }).initialize();
  return {
    ...empty,
    db,
    medical,
    drop: async () => {
      if (db.isInitialized) await db.destroy();
      if (medical.isInitialized) await medical.destroy();
      await empty.drop();
    },
  };
}

type Migration = (typeof MIGRATIONS)[number];

/** Takes a migration back, and those that came after it before it. */
export async function migrateDown(runner: QueryRunner, first: Migration): Promise<void> {
  for (const migration of MIGRATIONS.slice(MIGRATIONS.indexOf(first)).reverse()) {
    await new migration().down(runner);
  }
}

/** Makes it again, and those that come after it; the application has its rights anew. */
export async function migrateUp(runner: QueryRunner, first: Migration): Promise<void> {
  for (const migration of MIGRATIONS.slice(MIGRATIONS.indexOf(first))) await new migration().up(runner);
  await runner.query('GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC');
}

/** Named after what it was migrated with, since servers may outlive a change of it. */
const TEMPLATE = `regie_${digestOf([join(SOURCES, 'roles.ts'), ...migrationFiles()])}`;

function migrationFiles(): string[] {
  const folder = join(SOURCES, 'migrations');
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** Makes the template unless it is there; of several test files that come at once, one does. */
async function migratedTemplate(server: string): Promise<string> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('${TEMPLATE}'))`);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount === 0) {
      const { owner, url, medicalUrl, name } = await createEmptyDatabase(server);
      await owner.runMigrations();
      await setUpRoles(owner, url, medicalUrl);
      await owner.destroy();
      await client.query(`ALTER DATABASE ${name} RENAME TO ${TEMPLATE}`);
    }
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
  return TEMPLATE;
}

/** A database without even a table, or a copy of the template named. */
export async function createEmptyDatabase(
  server = serverUrl(),
  template = 'template1',
): Promise<EmptyDatabase & { name: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
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
    name,
    url: url.href,
    medicalUrl: medicalUrlOf(ownerUrl.href),
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
