import { hashFirstPassword } from '../../src/auth/first-password';
import { createPasswords } from '../../src/auth/passwords';
import { loadConfig } from '../../src/config';

/** What `npm start` supplies of a configuration unless the environment names it: values that nothing speaks against. */
const SUPPLIED = {
  DATABASE_URL: 'postgres://127.0.0.1/regie',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  S3_ENDPOINT: 'http://127.0.0.1:9000',
  S3_ACCESS_KEY: 'regie',
  S3_SECRET_KEY: 'regie',
  SMTP_URL: 'smtp://127.0.0.1:1025',
  JWT_SECRET: 'x'.repeat(32),
  DOCUMENT_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
};

/**
 * Judges a configuration as the application and its setup would, before the servers that they need are there.
 * @throws {ConfigurationError} one message that names every fault.
 */
export async function checkConfiguration(env: Record<string, string | undefined>): Promise<void> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const config = loadConfig({ ...SUPPLIED, ...given });
  if (config.admin.password !== undefined)
    await hashFirstPassword(createPasswords(config), config.admin.password, config.admin.email);
}
