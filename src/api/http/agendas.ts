import { z } from 'zod';
import type { Proprietaire } from '../../services/rendez-vous/agendas';
import { openAgenda, revokeAgenda } from '../../services/rendez-vous/agendas';
import { BASE_PATH } from './paths';
import { type Route, route } from './route';
import { idParam, instant } from './schemas';

/** The private address of a calendar: made and ended where its owner is found. */

const adresseAnswer = z
  .object({
    url: z.url().meta({ description: 'À ne confier à personne d’autre : elle suffit pour lire' }),
    date_creation: instant,
  })
  .meta({ id: 'AdresseAgenda' });

/** The two routes of the address of a person's calendar, or a room's. @param path of its resources. */
export function adresseRoutes(path: string, genre: Proprietaire, tag: string): Route[] {
  const subject = genre === 'intervenant' ? 'Intervenant' : 'Salle';
  return [
    route({
      method: 'post',
      path: `${path}/:id/agenda`,
      tag,
      summary: 'Ouvrir l’adresse de l’agenda',
      description:
        'Une adresse privée (iCalendar, `METHOD:PUBLISH`) pour un programme de calendrier : qui l’a lit les rendez-vous, sans ' +
        'autre authentification. Elle remplace la précédente. ' +
        (genre === 'intervenant'
          ? 'Par l’intervenant lui-même, ou par qui peut modifier sa fiche'
          : 'Par qui peut modifier la salle ; ceux qui viennent n’y sont pas nommés') +
        ' ; jamais par une machine.',
      access: ['publish', subject],
      params: idParam,
      transaction: true,
      answer: {
        status: 201,
        description: 'L’adresse, montrée cette seule fois',
        schema: adresseAnswer,
        secret: true,
      },
      refusals: ['INTROUVABLE'],
      examples: {
        answer: {
          url: 'https://regie.exemple.ma/api/v1/agendas/3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics',
          date_creation: '2026-12-14T08:00:00.000Z',
        },
      },
      handle: async ({ app, tx, access, actor, params: { id } }) => {
        const { jeton, date_creation } = await openAgenda({ tx, access, actor }, genre, id);
        const url = `${app.config.publicUrl}${BASE_PATH}/agendas/${jeton}.ics`;
        return { status: 201, body: { url, date_creation } };
      },
    }),
    route({
      method: 'delete',
      path: `${path}/:id/agenda`,
      tag,
      summary: 'Révoquer l’adresse de l’agenda',
      description: 'Aussitôt, et pour de bon. Sans effet quand il n’y en a pas.',
      access: ['publish', subject],
      params: idParam,
      transaction: true,
      answer: { status: 204, description: 'Révoquée' },
      refusals: ['INTROUVABLE'],
      handle: async ({ tx, access, actor, params }) => {
        await revokeAgenda({ tx, access, actor }, genre, params.id);
        return { status: 204 };
      },
    }),
  ];
}
