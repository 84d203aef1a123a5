import { type Logger, pino } from 'pino';

/** Names under which secrets travel; none of them may reach a log (ASVS 16.2.5). */
const SECRETS = [
  'authorization',
  'password',
  'mot_de_passe',
  'current_password',
  'new_password',
  'access_token',
  'refresh_token',
  'jeton',
  'cle',
  'totp',
  'secret',
];

/** What a database error repeats of the data: the values of the statement, and the row that collides. */
const DATA_OF_ERRORS = ['parameters', 'driverError', 'detail', 'where'];

/** The structured log of one process, on its standard output. */
export function createLogger(level: string, name: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        ...SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
        ...DATA_OF_ERRORS.map((field) => `err.${field}`),
      ],
      censor: '[redacted]',
    },
  });
}
