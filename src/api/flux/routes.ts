import { PassThrough } from 'node:stream';
import type { Context } from 'koa';
import { invalid, RegieError } from '../../domain/errors';
import type { AppContext } from '../context';
import { bearerToken, personOf } from '../http/caller';
import { type Route, route } from '../http/route';
import { type Canal, FINS } from '../suivi';
import { lastEventId } from './schemas';

const tag = 'Notifications';

/** Before a client that was cut off comes back, in milliseconds. */
const RETRY = 3_000;

export const fluxRoutes: Route[] = [
  route({
    method: 'get',
    path: '/flux',
    tag,
    summary: 'Suivre ce qui se passe, en événements envoyés par le serveur',
    description:
      'Ce que dit aussi `GET /notifications/ws`, pour qui ne peut ouvrir de WebSocket : des événements `notification`, `changement`, ' +
      '`compteur`, dont `id` est la position. Avec `Last-Event-ID`, la suite de cette position : rien de perdu, rien deux fois ; ' +
      'trop ancienne, un événement `relire`. Des commentaires toutes les 30 s. Sans `Accept: text/event-stream`, ce qui a été manqué, et rien de plus. La réponse finit avec le jeton, la session ou le rôle, ' +
      'par un événement `fin` qui dit pourquoi : reprendre avec un autre jeton.',
    access: 'session',
    refusals: ['VALIDATION'],
    answer: { status: 200, description: 'Les événements, à mesure', contentType: 'text/event-stream' },
    handle: async ({ app, ctx }) => ({
      body: await streamOf(app, ctx),
      headers: {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        // nginx would gather them.
        'X-Accel-Buffering': 'no',
      },
    }),
  }),
];

/** What somebody is told, as a stream that ends with their rights to it. */
async function streamOf(app: AppContext, ctx: Context): Promise<PassThrough> {
  const depuis = depuisOf(ctx);
  const holder = await personOf(app, bearerToken(ctx));
  if (holder === null) throw new RegieError('NON_AUTHENTIFIE');
  const stream = new PassThrough();
  stream.write(`retry: ${RETRY}\n\n`);
  const canal: Canal = {
    send: (type, id, json) => stream.write(`id: ${id}\nevent: ${type}\ndata: ${json}\n\n`),
    backlog: () => stream.writableLength + stream.readableLength + ctx.res.writableLength,
    // The place alone is no event, and is what the client names when it comes back.
    beat: (position) => stream.write(`: en vie\nid: ${position}\n\n`),
    end: (fin) => {
      stream.end(`event: fin\ndata: ${JSON.stringify(FINS[fin])}\n\n`);
      if (fin === 'retard') stream.destroy();
    },
  };
  // Who does not say that they take a stream, as browsers do, waits for the end of an answer.
  const once = !ctx.get('Accept').includes('text/event-stream');
  const follower = await app.suivi.follow(holder, canal, depuis, once);
  stream.on('close', () => follower.leave());
  ctx.res.on('close', () => stream.destroy());
  if (ctx.res.destroyed) stream.destroy();
  return stream;
}

/** @throws {RegieError} `VALIDATION` */
function depuisOf(ctx: Context): number | null {
  const given = ctx.get('Last-Event-ID');
  if (given === '') return null;
  const { data } = lastEventId.safeParse(given);
  if (data === undefined) {
    throw invalid({
      champ: 'Last-Event-ID',
      message: { fr: 'Une position donnée par un événement', en: 'A place that an event gave' },
    });
  }
  return data;
}
