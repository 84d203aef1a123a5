import { BASE_PATH } from '../paths';
import { PROBLEMS } from '../problems';

/** What the operations of the OpenAPI document refer to. */

const ref = (kind: 'headers' | 'parameters', name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** A problem of any kind (RFC 9457). */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457. Les textes sont en français, en anglais avec `Accept-Language: en`.',
  required: ['type', 'title', 'status', 'instance', 'code', 'correlation_id'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Le chemin demandé' },
    code: { type: 'string', enum: Object.keys(PROBLEMS), description: 'Stable : ce qu’un programme compare' },
    correlation_id: { type: 'string', description: 'Aussi dans X-Request-Id et dans les journaux' },
    erreurs: {
      type: 'array',
      description: 'Toutes les fautes des données, pour VALIDATION',
      items: {
        type: 'object',
        required: ['champ', 'message'],
        properties: { champ: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const HEADERS = {
  ETag: { description: 'La version de la ressource', schema: { type: 'string' }, example: '"3"' },
  'X-Total-Count': { description: 'Nombre de lignes, exact jusqu’à 10 000', schema: { type: 'integer' } },
  'X-Total-Count-Exact': {
    description: '`false` quand il y en a plus que X-Total-Count',
    schema: { type: 'string', enum: ['false'] },
  },
  'X-Unread-Count': { description: 'Nombre de notifications non lues', schema: { type: 'integer' } },
  Link: {
    description: 'Pages voisines, `rel="next"` et `rel="prev"` (RFC 8288)',
    schema: { type: 'string' },
    example: '</api/v1/pieces?curseur=WzAsIjIwIl0>; rel="next"',
  },
  'Idempotency-Replayed': {
    description: '`true` quand la réponse est celle d’une requête précédente',
    schema: { type: 'string', enum: ['true'] },
  },
  'Retry-After': { description: 'Secondes après lesquelles réessayer', schema: { type: 'integer' } },
  'WWW-Authenticate': { schema: { type: 'string' } },
  'Content-Range': { schema: { type: 'string' }, example: 'bytes 0-99/2048' },
  'Content-Disposition': { description: 'Nom du fichier (RFC 6266)', schema: { type: 'string' } },
};

const PARAMETERS = {
  'Idempotency-Key': {
    in: 'header',
    name: 'Idempotency-Key',
    description:
      'La même clé et la même requête donnent la même réponse et n’agissent qu’une fois, pendant 24 heures',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  },
  'If-Match': {
    in: 'header',
    name: 'If-Match',
    description: 'La version sur laquelle porte le changement ; 412 si elle n’est plus la dernière',
    schema: { type: 'string', pattern: '^(\\*|(W/)?"\\d{1,9}")$' },
    example: '"3"',
  },
  'If-None-Match': {
    in: 'header',
    name: 'If-None-Match',
    description: 'La version déjà connue ; 304 si elle est toujours la dernière',
    schema: { type: 'string' },
  },
  Range: {
    in: 'header',
    name: 'Range',
    description: 'Une partie du fichier',
    schema: { type: 'string' },
    example: 'bytes=0-1023',
  },
};

export const COMPONENTS = {
  headers: HEADERS,
  parameters: PARAMETERS,
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'Le jeton d’accès d’une personne, ou la clé d’une machine (`regie_…`)',
    },
    motDePasse: {
      type: 'oauth2',
      flows: {
        password: {
          tokenUrl: `${BASE_PATH}/auth/token`,
          refreshUrl: `${BASE_PATH}/auth/refresh`,
          scopes: {},
        },
      },
    },
  },
};

export type HeaderName = keyof typeof HEADERS;

export function headers(...names: HeaderName[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, ref('headers', name)]));
}

export function headerParameter(name: keyof typeof PARAMETERS) {
  return ref('parameters', name);
}
