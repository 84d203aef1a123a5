import { requestLink } from '../../services/identite/liens-mot-de-passe';
import { resetPassword } from '../../services/identite/reinitialisation';
import { countLinkRequest } from '../../services/identite/tentatives';
import { langueOf } from '../http/langue';
import { type Route, route } from '../http/route';
import { forgottenPassword, linkRequestedAnswer, passwordReset } from './schemas';

const tag = 'Authentification';

/** The same whoever asks: what is known of the address is found out later, by the workflow of the link. */
const LINK_REQUESTED = {
  fr: 'Si cette adresse est celle d’un compte, un lien valable 30 minutes lui est envoyé.',
  en: 'If this is the address of an account, a link that works for 30 minutes is sent to it.',
};

/** Choosing a password by a link that came by email. */
export const passwordLinkRoutes: Route[] = [
  route({
    method: 'post',
    path: '/auth/forgot-password',
    tag,
    summary: 'Demander un lien pour choisir un nouveau mot de passe',
    description:
      'La réponse est la même, que l’adresse soit celle d’un compte ou non. Un nouveau lien remplace le précédent ; ' +
      'au-delà de trois en une heure, le dernier envoyé reste le bon.',
    access: 'public',
    body: forgottenPassword,
    answer: { status: 202, description: 'Demande reçue', schema: linkRequestedAnswer },
    examples: { body: { email: 'user@example.com' } },
    handle: async ({ app, actor, body, ctx }) => {
      await countLinkRequest(app.db, app.secrets, actor.adresse ?? '', actor.now);
      const lienId = await requestLink(app.db, actor, body.email);
      app.engine.startLinkInBackground(lienId);
      return { status: 202, body: { message: LINK_REQUESTED[langueOf(ctx)] } };
    },
  }),
  route({
    method: 'post',
    path: '/auth/reset-password',
    tag,
    summary: 'Choisir un mot de passe par un lien reçu',
    description:
      'Pour qui a oublié le sien, ou vient d’être invité. Le lien ne sert qu’une fois ; un mot de passe refusé le laisse ' +
      'intact. Met fin à toutes les sessions de la personne, et n’en ouvre pas : un second facteur reste demandé.',
    access: 'public',
    body: passwordReset,
    answer: { status: 204, description: 'Choisi' },
    refusals: ['LIEN_INVALIDE'],
    examples: {
      body: {
        token: '8f14e45f-ceea-467f-a0d6-8c3f4e1b2a90.mZ3x0kq1VnR7c2tYw5uJpLsA8dHfGbEo4iK6jN9yQxU',
        new_password: 'NouveauMotDePasse2!',
      },
    },
    handle: async ({ app, actor, body }) => {
      const lienId = await resetPassword(app, actor, body);
      app.engine.tellLinkUsed(lienId);
      return { status: 204 };
    },
  }),
];
