import { changePassword, preparePasswordChange, signIn } from '../../services/identite/auth';
import { refresh, signOut } from '../../services/identite/sessions';
import { readUser, updateUser } from '../../services/identite/users';
import { bearerToken } from '../http/caller';
import { type Route, resource, route } from '../http/route';
import { userAnswer } from '../http/users';
import {
  credentials,
  passwordChange,
  passwordGrant,
  profileChanges,
  refreshBody,
  signInAnswer,
  tokenAnswer,
} from './schemas';

const tag = 'Authentification';

export const authRoutes: Route[] = [
  route({
    method: 'post',
    path: '/auth/login',
    tag,
    summary: 'Se connecter',
    access: 'public',
    body: credentials,
    answer: { status: 200, description: 'Les jetons et la personne', schema: signInAnswer },
    refusals: ['IDENTIFIANTS_INVALIDES', 'SECOND_FACTEUR_REQUIS', 'TROP_DE_REQUETES'],
    examples: { body: { email: 'user@example.com', password: 'password123' } },
    handle: async ({ app, actor, body, ctx }) => ({
      body: await signIn(app, actor, { ...body, agent: ctx.get('User-Agent') }),
    }),
  }),
  route({
    method: 'post',
    path: '/auth/token',
    tag,
    summary: 'Se connecter par le formulaire OAuth2 (password)',
    access: 'public',
    body: passwordGrant,
    bodyType: 'form',
    answer: { status: 200, description: 'Les jetons', schema: tokenAnswer },
    refusals: ['IDENTIFIANTS_INVALIDES', 'SECOND_FACTEUR_REQUIS', 'TROP_DE_REQUETES'],
    examples: { body: { grant_type: 'password', username: 'user@example.com', password: 'password123' } },
    handle: async ({ app, actor, body: { username, password, totp }, ctx }) => {
      const agent = ctx.get('User-Agent');
      const { user: _, ...tokens } = await signIn(app, actor, {
        email: username,
        password,
        code: totp,
        agent,
      });
      return { body: tokens };
    },
  }),
  route({
    method: 'post',
    path: '/auth/refresh',
    tag,
    summary: 'Échanger un jeton de rafraîchissement',
    description:
      'Un jeton ne sert qu’une fois ; présenté plus tard une seconde fois, il met fin à la session. ' +
      'Une réponse perdue peut être redemandée dans les 10 secondes.',
    access: 'public',
    body: refreshBody,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'Les nouveaux jetons', schema: tokenAnswer },
    refusals: ['NON_AUTHENTIFIE'],
    handle: async ({ app, actor, body, ctx }) => ({
      body: await refresh(app.db, app.tokens, actor, body.refresh_token ?? bearerToken(ctx)),
    }),
  }),
  route({
    method: 'post',
    path: '/auth/logout',
    tag,
    summary: 'Se déconnecter',
    access: 'enrolment',
    transaction: true,
    answer: { status: 204, description: 'La session et tous ses jetons ont pris fin' },
    handle: async ({ tx, access, actor }) => {
      await signOut(tx, access, actor);
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/auth/me',
    tag,
    summary: 'Lire son profil',
    access: 'enrolment',
    answer: { status: 200, description: 'La personne connectée', schema: userAnswer },
    handle: async ({ app, access }) => resource(await readUser(app.db, access, access.principal.userId)),
  }),
  route({
    method: 'patch',
    path: '/auth/me',
    tag,
    summary: 'Modifier son profil',
    access: 'session',
    body: profileChanges,
    transaction: true,
    answer: { status: 200, description: 'La personne connectée', schema: userAnswer },
    refusals: ['VERSION_PERIMEE'],
    examples: { body: { langue: 'fr', telephone: '+212 6 12 34 56 78' } },
    handle: async ({ app, tx, access, actor, body, ifMatch }) =>
      resource(
        await updateUser(tx, null, access, actor, actor.userId!, body, ifMatch, app.config.telephonePays),
      ),
  }),
  route({
    method: 'post',
    path: '/auth/change-password',
    tag,
    summary: 'Changer son mot de passe',
    description: 'Met fin aux autres sessions de la personne.',
    access: 'session',
    body: passwordChange,
    transaction: true,
    answer: { status: 204, description: 'Changé' },
    refusals: ['TROP_DE_REQUETES'],
    examples: { body: { current_password: 'AncienMotDePasse1!', new_password: 'NouveauMotDePasse2!' } },
    prepare: ({ app, actor, body }) => preparePasswordChange(app, actor, body),
    handle: async ({ app, prepared, tx, access, actor }) => {
      await changePassword(tx, app.secrets, access, actor, prepared);
      return { status: 204 };
    },
  }),
];
