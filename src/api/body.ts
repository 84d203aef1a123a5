import type { Context } from 'koa';
import { koaBody } from 'koa-body';
import { RegieError } from '../domain/errors';
import type { Route } from './route';

/** Bodies of JSON and forms, in bytes. Files travel by their own route. */
const BODY_LIMIT = 1_000_000;
/** Deeper nesting than any body of ours has. */
const MAX_DEPTH = 20;

const parseBody = koaBody({
  jsonLimit: BODY_LIMIT,
  formLimit: BODY_LIMIT,
  text: false,
  multipart: false,
  patchNode: false,
  jsonTypes: ['application/json'],
  urlencodedTypes: ['application/x-www-form-urlencoded'],
  parsedMethods: ['POST', 'PUT', 'PATCH'] as never,
});

/**
 * Reads the body of a request as its route wants it.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, `REQUETE_MALFORMEE`; too large a body makes the parser throw a 413.
 */
export async function readBody(route: Route, ctx: Context): Promise<unknown> {
  const type = route.bodyType ?? 'json';
  if (type === 'multipart' || route.body === undefined) return undefined;
  const empty = !ctx.get('Transfer-Encoding') && !Number(ctx.get('Content-Length'));
  if (empty && type === 'optional-json') return {};
  const accepted = [
    ...(type === 'form' ? [] : ['application/json']),
    ...(type === 'form' || type === 'json-or-form' ? ['application/x-www-form-urlencoded'] : []),
  ];
  if (!ctx.is(accepted)) {
    throw new RegieError(empty ? 'REQUETE_MALFORMEE' : 'TYPE_NON_ACCEPTE', {
      detail: { fr: `Attendu : ${accepted.join(', ')}`, en: `Expected: ${accepted.join(', ')}` },
    });
  }
  await parseBody(ctx as never, async () => {});
  const { body } = ctx.request as unknown as { body: unknown };
  refuseDepth(body);
  return body;
}

/** A cap on nesting, found without recursion: the parsers do not have one. */
function refuseDepth(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new RegieError('REQUETE_MALFORMEE', {
        detail: { fr: 'Corps trop imbriqué', en: 'The body nests too deep' },
      });
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}
