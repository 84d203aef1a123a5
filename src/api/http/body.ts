import type { Context } from 'koa';
import { koaBody } from 'koa-body';
import { RegieError } from '../../domain/errors';
import { MEDIA_TYPES, type Route } from './route';

/** Bodies of JSON and forms, in bytes. Files travel by their own route. */
const BODY_LIMIT = 1_000_000;
/** Time in which they have to have come, in milliseconds. */
const BODY_TIMEOUT = 10_000;
/** Deeper nesting, and more values, than any body of ours has. */
const MAX_DEPTH = 20;
const MAX_VALUES = 5_000;

const OPTIONS = {
  jsonLimit: BODY_LIMIT,
  formLimit: BODY_LIMIT,
  text: true,
  textTypes: ['text/csv'],
  textLimit: BODY_LIMIT,
  multipart: false,
  patchNode: false,
  jsonTypes: ['application/json'],
  urlencodedTypes: ['application/x-www-form-urlencoded'],
  parsedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'] as never,
};

const parseBody = koaBody(OPTIONS);
/** The same, and keeps the text: a signature is of its bytes. */
const parseSigned = koaBody({ ...OPTIONS, includeUnparsed: true });

/** The text that a `signed-json` body came as. */
export function unparsedBody({ request }: Context): string {
  return (request as unknown as { rawBody?: string }).rawBody ?? '';
}

/**
 * Reads the body of a request as its route wants it.
 * @throws {RegieError} `TYPE_NON_ACCEPTE`, `REQUETE_MALFORMEE`, `DELAI_DEPASSE`; too large a body makes the parser throw a 413.
 */
export async function readBody(route: Pick<Route, 'body' | 'bodyType'>, ctx: Context): Promise<unknown> {
  const type = route.bodyType ?? 'json';
  if (route.body === undefined) return undefined;
  refuseCompression(ctx);
  if (type === 'multipart') return undefined;
  const empty = !ctx.get('Transfer-Encoding') && !Number(ctx.get('Content-Length'));
  if (empty && type === 'optional-json') return {};
  const accepted = MEDIA_TYPES[type];
  if (!ctx.is([...accepted])) {
    throw new RegieError(empty ? 'REQUETE_MALFORMEE' : 'TYPE_NON_ACCEPTE', {
      detail: { fr: `Attendu : ${accepted.join(', ')}`, en: `Expected: ${accepted.join(', ')}` },
    });
  }
  if (type === 'mail') return inTime(ctx, bytesOf(ctx));
  requireUtf8(ctx);
  await inTime(
    ctx,
    (type === 'signed-json' ? parseSigned : parseBody)(ctx as never, async () => {}),
  );
  const { body } = ctx.request as unknown as { body: unknown };
  refuseExcess(body);
  return body;
}

/**
 * Bodies travel as they are. A few compressed kilobytes would unfold to any size, and the parser leaves the stream that
 * unfolds them to itself once it has seen too much: what breaks in there afterwards would end the process.
 */
function refuseCompression(ctx: Context): void {
  if (['', 'identity'].includes(ctx.get('Content-Encoding'))) return;
  ctx.set('Accept-Encoding', 'identity');
  throw new RegieError('TYPE_NON_ACCEPTE', {
    detail: { fr: 'Un corps compressé n’est pas accepté', en: 'A compressed body is not accepted' },
  });
}

/** Another encoding would be taken for this one, with the accents lost. */
function requireUtf8({ request }: Context): void {
  if (/^(utf-?8)?$/i.test(request.charset)) return;
  throw new RegieError('TYPE_NON_ACCEPTE', {
    detail: { fr: 'Le corps doit être en UTF-8', en: 'The body has to be in UTF-8' },
  });
}

/** The body as it travelled, a character for each byte. */
async function bytesOf(ctx: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new RegieError('TROP_GROS');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Bodies that come byte by byte would hold a connection each for as long as somebody likes. */
async function inTime<Parsed>(ctx: Context, parsing: Promise<Parsed>): Promise<Parsed> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // What is still to come of the body is not waited for: the connection ends with the answer.
      ctx.set('Connection', 'close');
      reject(new RegieError('DELAI_DEPASSE'));
    }, BODY_TIMEOUT);
  });
  try {
    return await Promise.race([parsing, tooLate]);
  } finally {
    clearTimeout(timer);
    // Once the connection has ended the parser says so too, to nobody.
    parsing.catch(() => {});
  }
}

/** A cap on nesting and on values, found without recursion: the parsers have none, and checking what is in there is expensive. */
function refuseExcess(body: unknown): void {
  let level: unknown[] = [body];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > MAX_DEPTH) {
      throw new RegieError('REQUETE_MALFORMEE', {
        detail: { fr: 'Corps trop imbriqué', en: 'The body nests too deep' },
      });
    }
    if (values > MAX_VALUES) {
      throw new RegieError('TROP_GROS', {
        detail: {
          fr: `Au plus ${MAX_VALUES} valeurs dans un corps`,
          en: `At most ${MAX_VALUES} values in a body`,
        },
      });
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}
