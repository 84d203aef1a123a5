import { ConfirmedUrl } from '../../net/confirmed-url';
import {
  createAgendaExterne,
  deleteAgendaExterne,
  listAgendasExternes,
  readAgendaExterne,
  updateAgendaExterne,
} from '../../services/rendez-vous/agendas-externes';
import type { AppContext } from '../context';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { agendaExterneAnswer, agendaExterneBody, agendaExterneChanges, agendaExterneQuery } from './schemas';

const tag = 'Agendas externes';
const example = {
  intervenant_id: 7,
  nom: 'Agenda personnel',
  genre: 'caldav',
  url: 'https://agenda.exemple.ma/nadia/rendez-vous/',
  utilisateur: 'nadia',
  mot_de_passe: 'mot-de-passe-d-application',
  ecriture: true,
};

const READ =
  'Ses plages occupées empêchent de réserver cette personne ; ni titres ni participants n’en sont gardés. Relu toutes les cinq ' +
  'minutes ; une lecture qui échoue n’efface rien.';

const confirmed = ({ outgoing, config }: AppContext, url: string) =>
  ConfirmedUrl.of(outgoing, url, config.outgoing);

/** Calendars that who receives keeps elsewhere. */
export const agendaExterneRoutes: Route[] = [
  route({
    method: 'get',
    path: '/agendas-externes',
    tag,
    summary: 'Lister les agendas externes',
    access: ['read', 'AgendaExterne'],
    query: agendaExterneQuery,
    answer: { status: 200, description: 'Les agendas', schema: agendaExterneAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listAgendasExternes(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/agendas-externes',
    tag,
    summary: 'Ajouter un agenda externe',
    description: READ,
    access: ['create', 'AgendaExterne'],
    body: agendaExterneBody,
    prepare: ({ app, body }) => confirmed(app, body.url),
    transaction: true,
    answer: { status: 201, description: 'L’agenda', schema: agendaExterneAnswer },
    refusals: ['LIMITE_ATTEINTE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body, prepared: url }) =>
      resource(await createAgendaExterne({ tx, access, actor }, app.secrets, { ...body, url }), 201),
  }),
  route({
    method: 'get',
    path: '/agendas-externes/:id',
    tag,
    summary: 'Lire un agenda externe',
    access: ['read', 'AgendaExterne'],
    params: idParam,
    answer: { status: 200, description: 'L’agenda', schema: agendaExterneAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readAgendaExterne(app.db, access, params.id)),
  }),
  route({
    method: 'patch',
    path: '/agendas-externes/:id',
    tag,
    summary: 'Modifier un agenda externe',
    description: `${READ} Une autre adresse, un autre utilisateur ou mot de passe : tout est relu ; ce qui avait été écrit à l’ancienne adresse y reste.`,
    access: ['update', 'AgendaExterne'],
    params: idParam,
    body: agendaExterneChanges,
    prepare: async ({ app, body }) => (body.url === undefined ? {} : { url: await confirmed(app, body.url) }),
    transaction: true,
    answer: { status: 200, description: 'L’agenda', schema: agendaExterneAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: { actif: false } },
    handle: async ({ app, tx, access, actor, params, body: { url: _, ...rest }, prepared, ifMatch }) =>
      resource(
        await updateAgendaExterne(
          { tx, access, actor },
          app.secrets,
          params.id,
          { ...rest, ...prepared },
          ifMatch,
        ),
      ),
  }),
  route({
    method: 'delete',
    path: '/agendas-externes/:id',
    tag,
    summary: 'Retirer un agenda externe',
    description: 'Ses plages occupées n’empêchent plus de réserver ; ce qui y avait été écrit y reste.',
    access: ['delete', 'AgendaExterne'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Retiré' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteAgendaExterne({ tx, access, actor }, params.id);
      return { status: 204 };
    },
  }),
];
