import {
  beginEnrolment,
  confirmEnrolment,
  readSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  requireRemovable,
} from '../../services/identite/enrolement';
import { prove } from '../../services/identite/reauthentication';
import { type Route, route } from '../http/route';
import {
  enrolmentAnswer,
  factorCode,
  factorProof,
  passwordProof,
  recoveryCodesAnswer,
  secondFactorAnswer,
} from './schemas';

const tag = 'Second facteur';
const example = { password: 'SecurePass123!', code: '123456' };

/** A code beside the password (TOTP, RFC 6238): set up, confirmed, renewed, removed. */
export const secondFactorRoutes: Route[] = [
  route({
    method: 'get',
    path: '/auth/second-facteur',
    tag,
    summary: 'Lire l’état de son second facteur',
    access: 'enrolment',
    answer: {
      status: 200,
      description: 'S’il est actif, et si le rôle le demande',
      schema: secondFactorAnswer,
    },
    handle: async ({ app, access }) => ({
      body: await readSecondFactor(app.db, access, app.config.secondFacteurRoles),
    }),
  }),
  route({
    method: 'post',
    path: '/auth/second-facteur',
    tag,
    summary: 'Préparer un second facteur',
    description:
      'Donne le secret à une application d’authentification ; il compte une fois confirmé par un premier code, dans ' +
      'les 15 minutes. Un secret préparé avant et pas encore confirmé est oublié.',
    access: 'enrolment',
    body: passwordProof,
    transaction: true,
    answer: { status: 201, description: 'Le secret', schema: enrolmentAnswer, secret: true },
    refusals: ['DEJA_EXISTANT', 'TROP_DE_REQUETES'],
    examples: { body: { password: example.password } },
    prepare: ({ app, actor, body }) => prove(app, actor, body),
    handle: async ({ app, prepared, tx, access, actor }) => ({
      status: 201,
      body: await beginEnrolment(tx, app.secrets, access, actor, prepared),
    }),
  }),
  route({
    method: 'post',
    path: '/auth/second-facteur/confirmation',
    tag,
    summary: 'Activer le second facteur par un premier code',
    description:
      'Les codes de secours ne sont montrés que cette fois. Met fin aux autres sessions de la personne.',
    access: 'enrolment',
    body: factorCode,
    transaction: true,
    answer: { status: 200, description: 'Les codes de secours', schema: recoveryCodesAnswer, secret: true },
    refusals: ['DEJA_EXISTANT', 'TRANSITION_INVALIDE', 'TROP_DE_REQUETES'],
    examples: { body: { code: example.code } },
    handle: async ({ app, tx, access, actor, body }) => ({
      body: { codes_secours: await confirmEnrolment(tx, app.secrets, access, actor, body.code) },
    }),
  }),
  route({
    method: 'post',
    path: '/auth/second-facteur/codes-secours',
    tag,
    summary: 'Renouveler ses codes de secours',
    description: 'Ceux d’avant ne servent plus.',
    access: 'session',
    body: factorProof,
    transaction: true,
    answer: { status: 200, description: 'Les codes de secours', schema: recoveryCodesAnswer, secret: true },
    refusals: ['TRANSITION_INVALIDE', 'TROP_DE_REQUETES'],
    examples: { body: example },
    prepare: ({ app, actor, body: { password } }) => prove(app, actor, { password }),
    handle: async ({ app, prepared: proved, tx, access, actor, body: { code } }) => ({
      body: { codes_secours: await renewRecoveryCodes(tx, app.secrets, access, actor, { proved, code }) },
    }),
  }),
  route({
    method: 'post',
    path: '/auth/second-facteur/retrait',
    tag,
    summary: 'Retirer son second facteur',
    description: 'Refusé tant que le rôle le demande. Met fin aux autres sessions de la personne.',
    access: 'session',
    body: factorProof,
    transaction: true,
    answer: { status: 204, description: 'Retiré' },
    refusals: ['TRANSITION_INVALIDE', 'TROP_DE_REQUETES'],
    examples: { body: example },
    prepare: ({ app, access, actor, body: { password } }) => {
      requireRemovable(access, app.config.secondFacteurRoles);
      return prove(app, actor, { password });
    },
    handle: async ({ app, prepared: proved, tx, access, actor, body: { code } }) => {
      const { secondFacteurRoles } = app.config;
      await removeSecondFactor(tx, app.secrets, access, actor, { proved, code }, secondFacteurRoles);
      return { status: 204 };
    },
  }),
];
