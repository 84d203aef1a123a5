import { appelantOf, liberer, retenir } from '../../services/rendez-vous/reservation';
import { retenueAnswer, uidParam } from '../http/rendez-vous';
import { type Route, route } from '../http/route';
import { retenueBody } from './schemas';

const tag = 'Rendez-vous';

export const retenueRoutes: Route[] = [
  route({
    method: 'post',
    path: '/retenues',
    tag,
    summary: 'Retenir un créneau',
    description:
      'Cinq minutes, le temps de répondre aux questions. Une retenue vivante par appelant : la précédente prend fin. Le créneau ' +
      'est pris pour les autres, et reste visible à qui le retient.',
    access: ['create', 'RendezVous'],
    body: retenueBody,
    transaction: true,
    about: () => null,
    answer: { status: 201, description: 'La retenue', schema: retenueAnswer },
    refusals: ['INTROUVABLE', 'CRENEAU_PRIS', 'PREAVIS', 'HORS_FENETRE', 'PLAFOND', 'HORS_DISPONIBILITE'],
    examples: { body: { prestation: 'conseil-30', debut: '2026-12-01T09:00:00+01:00' } },
    handle: async ({ app, tx, access, actor, body, afterCommit }) => {
      const asked = { tx, access, actor, timeZone: app.config.timeZone };
      const { uid, expire_le, a_suivre } = await retenir(asked, body, appelantOf(actor));
      if (a_suivre !== null) afterCommit(() => app.engine.followRendezVousInBackground(a_suivre));
      return { status: 201, body: { uid, expire_le } };
    },
  }),
  route({
    method: 'delete',
    path: '/retenues/:uid',
    tag,
    summary: 'Libérer un créneau retenu',
    access: ['create', 'RendezVous'],
    params: uidParam,
    transaction: true,
    answer: { status: 204, description: 'Libéré' },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, tx, access, actor, params }) => {
      await liberer({ tx, access, actor, timeZone: app.config.timeZone }, params.uid, appelantOf(actor));
      return { status: 204 };
    },
  }),
];
