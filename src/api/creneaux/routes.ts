import { listCreneaux, pourquoi } from '../../services/rendez-vous/creneaux';
import { appelantOf } from '../../services/rendez-vous/reservation';
import { creneauxAnswer, creneauxQuery } from '../http/rendez-vous';
import { type Route, route } from '../http/route';
import { pourquoiAnswer, pourquoiQuery } from './schemas';

const tag = 'Créneaux';

export const creneauRoutes: Route[] = [
  route({
    method: 'get',
    path: '/creneaux',
    tag,
    summary: 'Lister les créneaux libres',
    description:
      'Par jour du fuseau demandé. Ce qui est listé peut être réservé ; tout autre début est refusé, pour la raison que dit ' +
      '`/creneaux/pourquoi`.',
    access: ['read', 'Prestation'],
    query: creneauxQuery,
    answer: { status: 200, description: 'Les créneaux par jour', schema: creneauxAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({
      app,
      access,
      actor,
      query: { prestation, duree, intervenant_id, report_de, ...jours },
    }) => ({
      body: await listCreneaux(
        app.db,
        access,
        { prestation, duree, intervenant_id, report_de, appelant: appelantOf(actor) },
        jours,
        actor.now,
        app.config.timeZone,
      ),
    }),
  }),
  route({
    method: 'get',
    path: '/creneaux/pourquoi',
    tag,
    summary: 'Dire pourquoi un créneau manque',
    description: 'De chaque intervenant et de chaque salle, ce qui s’y oppose. Pour les membres seuls.',
    access: ['read', 'Salle'],
    query: pourquoiQuery,
    answer: { status: 200, description: 'Ce qui s’oppose à ce début', schema: pourquoiAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, actor, query: { debut, ...demande } }) => ({
      body: await pourquoi(
        app.db,
        access,
        { ...demande, appelant: appelantOf(actor) },
        debut,
        actor.now,
        app.config.timeZone,
      ),
    }),
  }),
];
