import { isInside } from '../../auth/addresses';
import { notFound, RegieError, unavailable } from '../../domain/errors';
import { zoneData } from '../../environment/zone-data.cjs';
import type { AppContext } from '../context';
import { type Route, route } from '../http/route';
import { version } from '../version';
import { renderMetrics } from './metrics';
import { databaseAnswer, healthAnswer, readinessAnswer } from './schemas';

const tag = 'Santé';

export const healthRoutes: Route[] = [
  route({
    method: 'get',
    path: '/health',
    tag,
    summary: 'Savoir si le processus répond',
    description: 'Ne demande rien à personne : répond aussi quand tout le reste manque.',
    access: 'public',
    limited: false,
    answer: { status: 200, description: 'Il répond', schema: healthAnswer },
    handle: () => ({
      body: { status: 'ok', version, uptime: Math.floor(process.uptime()), fuseaux: zoneData() },
    }),
  }),
  route({
    method: 'get',
    path: '/health/ready',
    tag,
    summary: 'Savoir si des requêtes peuvent être servies',
    description:
      'Sans la base de données, ou avec un schéma d’une autre version, rien ne peut l’être : 503. Sans le moteur, le ' +
      'stockage ou la messagerie, lectures et créations continuent : 200, status degraded.',
    access: 'public',
    limited: false,
    answer: { status: 200, description: 'Prêt', schema: readinessAnswer },
    handle: async ({ app }) => {
      const services = await serviceStates(app);
      if (services.database === 'unavailable') {
        const { details } = unavailable('database');
        throw new RegieError('SERVICE_INDISPONIBLE', { ...details, extensions: { services } });
      }
      const complete = Object.values(services).every((state) => state === 'ok');
      return { body: { status: complete ? 'ok' : 'degraded', services } };
    },
  }),
  route({
    method: 'get',
    path: '/health/db',
    tag,
    summary: 'Connaître l’état de la base de données',
    description: 'Latence, migrations et connexions ne sont dites qu’à qui demande de l’intérieur du réseau.',
    access: 'public',
    limited: false,
    answer: { status: 200, description: 'Elle répond', schema: databaseAnswer },
    handle: async ({ app, actor }) => {
      const database = await app.probes.database.answer();
      if (database === null) throw unavailable('database');
      const status = database.migrations.pending.length === 0 ? 'ok' : 'migrations_pending';
      if (!isInside(actor.adresse)) return { body: { status } };
      const { writes, reads } = app.probes.pools();
      return { body: { status, ...database, pool: writes, pool_lectures: reads } };
    },
  }),
  route({
    method: 'get',
    path: '/health/metrics',
    tag,
    summary: 'Lire les mesures, pour Prometheus',
    description:
      'De tous les processus de l’API ensemble, quel que soit celui qui répond. Seulement de l’intérieur du réseau.',
    access: 'public',
    limited: false,
    answer: { status: 200, description: 'Les mesures', contentType: 'text/plain' },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, actor }) => {
      if (!isInside(actor.adresse)) throw notFound();
      return {
        body: await renderMetrics(app),
        headers: { 'Content-Type': app.metrics.registry.contentType },
      };
    },
  }),
];

async function serviceStates(app: AppContext) {
  const { probes } = app;
  const state = (answer: boolean | null) => (answer ? 'ok' : 'unavailable');
  const [database, engine, store, mail] = await Promise.all([
    probes.database.answer(),
    probes.engine.answer(),
    probes.store.answer(),
    probes.mail.answer(),
  ]);
  return {
    // A schema of another version is as good as none.
    database: state(database?.migrations.pending.length === 0),
    engine: state(engine),
    store: state(store),
    mail: state(mail),
  };
}
