import { z } from 'zod';
import type { ErrorCode } from '../../../domain/errors';
import { PROBLEMS } from '../problems';
import { MEDIA_TYPES, type Route } from '../route';
import { type HeaderName, headerParameter, headers } from './components';
import type { SchemaCollector } from './json-schema';

/** One route as an OpenAPI operation. */
export function operationOf(route: Route, collector: SchemaCollector): Record<string, unknown> {
  const traits = traitsOf(route);
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.access === 'public' ? { security: [] } : {}),
    parameters: [
      ...parameters('path', route.params, collector),
      ...parameters('query', route.query, collector),
      ...(traits.idempotent ? [headerParameter('Idempotency-Key')] : []),
      ...(traits.conditional ? [headerParameter('If-Match')] : []),
      ...(route.answer.ranges || route.answer.revalidated ? [headerParameter('If-None-Match')] : []),
      ...(route.answer.ranges ? [headerParameter('Range')] : []),
    ],
    ...(route.body === undefined ? {} : { requestBody: requestBody(route, route.body, collector) }),
    responses: { ...successes(route, traits, collector), ...refusals(route, traits) },
  };
}

interface Traits {
  /** Answers an ETag. */
  versioned: boolean;
  /** Changes a version that the client may name. */
  conditional: boolean;
  idempotent: boolean;
}

function traitsOf({ method, access, answer, refusals = [] }: Route): Traits {
  const isResource = answer.schema instanceof z.ZodObject && 'version' in answer.schema.shape && !answer.list;
  return {
    versioned: isResource || answer.ranges === true || answer.revalidated === true,
    conditional: refusals.includes('VERSION_PERIMEE'),
    idempotent: (method === 'post' || method === 'put') && access !== 'public',
  };
}

function operationId({ method, path }: Route): string {
  const words = path.split(/\W+/).filter((word) => word !== '');
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined, collector: SchemaCollector) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = collector.input(schema);
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    in: place,
    name,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: type,
    // Several values in one parameter, with commas.
    ...(type.type === 'array' ? { style: 'form', explode: false } : {}),
  }));
}

function requestBody({ bodyType = 'json', examples }: Route, body: z.ZodType, collector: SchemaCollector) {
  const content = { schema: collector.input(body), ...example(examples?.body) };
  return {
    required: bodyType !== 'optional-json',
    content: Object.fromEntries(MEDIA_TYPES[bodyType].map((type) => [type, content])),
  };
}

function successes({ answer, examples }: Route, traits: Traits, collector: SchemaCollector) {
  const names: HeaderName[] = [
    ...(answer.list ? (['X-Total-Count', 'X-Total-Count-Exact', 'Link'] as const) : []),
    ...(answer.unread ? (['X-Unread-Count'] as const) : []),
    ...(answer.total ? (['X-Total-Count'] as const) : []),
    ...(traits.versioned ? (['ETag'] as const) : []),
    ...(traits.idempotent ? (['Idempotency-Replayed'] as const) : []),
    ...(answer.ranges ? (['Content-Disposition'] as const) : []),
  ];
  const content = answerContent(answer, collector, examples?.answer);
  const success = { description: answer.description, headers: headers(...names), ...content };
  return {
    [answer.status]: success,
    ...(answer.ranges
      ? {
          206: { ...success, description: 'La partie demandée', headers: headers(...names, 'Content-Range') },
        }
      : {}),
    ...(answer.ranges || answer.revalidated
      ? { 304: { description: 'Inchangé', headers: headers('ETag') } }
      : {}),
  };
}

function answerContent(
  { contentType, schema, list }: Route['answer'],
  collector: SchemaCollector,
  shown: unknown,
) {
  if (contentType === undefined && schema === undefined) return {};
  const content: Record<string, object> = {};
  if (schema !== undefined) {
    const one = collector.output(schema);
    content['application/json'] = { schema: list ? { type: 'array', items: one } : one, ...example(shown) };
  }
  for (const type of [contentType ?? []].flat()) {
    const text = type.startsWith('text/') ? {} : { format: 'binary' };
    // A stream of events is no text: what each of them holds, the route describes.
    content[type] = type === 'text/event-stream' ? {} : { schema: { type: 'string', ...text } };
  }
  return { content };
}

function example(value: unknown) {
  return value === undefined ? {} : { example: value };
}

/** What every route of this kind may refuse, and what this one says itself; one answer a status. */
function refusals(route: Route, traits: Traits): Record<string, unknown> {
  const codes = new Set<ErrorCode>([
    'REQUETE_MALFORMEE',
    'ENTETES_TROP_GROS',
    ...(route.access === 'public' ? [] : (['NON_AUTHENTIFIE', 'INTERDIT'] as const)),
    ...(['public', 'enrolment'].includes(String(route.access))
      ? []
      : (['SECOND_FACTEUR_A_ACTIVER'] as const)),
    ...(route.limited === false ? [] : (['TROP_DE_REQUETES'] as const)),
    ...(route.path.includes(':') ? (['INTROUVABLE'] as const) : []),
    ...(route.query === undefined && route.body === undefined ? [] : (['VALIDATION'] as const)),
    ...(route.body === undefined ? [] : (['DELAI_DEPASSE', 'TROP_GROS', 'TYPE_NON_ACCEPTE'] as const)),
    ...(traits.idempotent ? (['VALIDATION', 'CLE_REUTILISEE'] as const) : []),
    // An answer of before, about what the caller does not see any more.
    ...(traits.idempotent && Array.isArray(route.access) ? (['INTROUVABLE'] as const) : []),
    ...(route.refusals ?? []),
    'SERVICE_INDISPONIBLE',
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, those]) => [status, refusal(status, those)]));
}

/** What a status carries beside the problem itself. */
const REFUSAL_HEADERS: Readonly<Record<number, HeaderName>> = {
  401: 'WWW-Authenticate',
  416: 'Content-Range',
  429: 'Retry-After',
  503: 'Retry-After',
};

function refusal(status: number, codes: ErrorCode[]) {
  const header = REFUSAL_HEADERS[status];
  return {
    description: codes.map((code) => `\`${code}\` ${PROBLEMS[code].title.fr}`).join(' · '),
    ...(header === undefined ? {} : { headers: headers(header) }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
