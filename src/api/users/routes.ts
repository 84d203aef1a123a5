import { acceptAddress } from '../../services/identite/adresses-refusees';
import { resetSecondFactor } from '../../services/identite/enrolement';
import { hashForNewUser, hashForUser } from '../../services/identite/given-passwords';
import { inviteAgain } from '../../services/identite/invitations';
import { requireProofOfChange } from '../../services/identite/reauthentication';
import { createUser, deleteUser, listUsers, readUser, updateUser } from '../../services/identite/users';
import { importUsers } from '../../services/identite/users-import';
import { interventionsToSettle, MOST_WOKEN } from '../../services/interventions/cycle/depart';
import { langueOf } from '../http/langue';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { userAnswer, userChanges } from '../http/users';
import { readUsersCsv } from './csv';
import { importAnswer, importBody, importQuery, userBody, userQuery, userReplacement } from './schemas';

const tag = 'Utilisateurs';
const example = {
  email: 'nouveau@example.com',
  password: 'SecurePass123!',
  nom: 'Nouveau',
  prenom: 'User',
  role: 'technicien',
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/users/:id',
    tag,
    summary: 'Modifier une personne',
    description:
      'Chacun change son nom, son prénom, sa langue et son téléphone. Une désactivation, un autre rôle, un autre mot ' +
      'de passe ou une autre adresse mettent aussitôt fin aux sessions de la personne, et ce qu’elle avait à faire est à réaffecter ; d’une autre adresse, elle est ' +
      'avertie à l’ancienne et à la nouvelle, et la sienne ne se change qu’avec `current_password`. Une clé ne change ' +
      'que le profil, désactive sans réactiver, et ne change rien d’un administrateur.',
    access: ['update', 'User'],
    params: idParam,
    body: method === 'put' ? userReplacement : userChanges,
    transaction: true,
    answer: { status: 200, description: 'La personne', schema: userAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'DEPENDANCES', 'VERSION_PERIMEE', 'TROP_DE_REQUETES'],
    examples: { body: method === 'put' ? { ...example, is_active: true } : { is_active: false } },
    prepare: async ({ app, access, actor, params, body: { current_password, ...body }, ifMatch }) => {
      await requireProofOfChange(app, access, actor, {
        userId: params.id,
        email: body.email,
        proof: current_password,
      });
      return hashForUser(app, access, actor, params.id, body, ifMatch);
    },
    handle: async ({ app, prepared, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const { password: _, current_password: __, ...changes } = body;
      const user = await updateUser(
        tx,
        prepared,
        access,
        actor,
        params.id,
        changes,
        ifMatch,
        app.config.telephonePays,
      );
      for (const { id } of await interventionsToSettle(tx, 0, MOST_WOKEN, user.id)) {
        afterCommit(() => app.engine.wakeInBackground(id));
      }
      return resource(user);
    },
  });

export const userRoutes: Route[] = [
  route({
    method: 'get',
    path: '/users',
    tag,
    summary: 'Lister les personnes',
    access: ['read', 'User'],
    query: userQuery,
    answer: { status: 200, description: 'Les personnes', schema: userAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listUsers(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/users',
    tag,
    summary: 'Créer une personne',
    description:
      'Sans mot de passe, la personne reçoit par email un lien, valable 7 jours, pour choisir le sien ; une clé n’en donne ' +
      'jamais. Un responsable ou un technicien sans site les voit tous si c’est le cas de qui l’ouvre ; sinon il lui ' +
      'faut un site, parmi les siens. La fiche d’un technicien se crée ensuite par /techniciens/.',
    access: ['create', 'User'],
    body: userBody,
    transaction: true,
    answer: { status: 201, description: 'La personne créée', schema: userAnswer },
    refusals: ['DEJA_EXISTANT', 'TROP_DE_REQUETES'],
    examples: { body: example },
    prepare: ({ app, access, actor, body }) => hashForNewUser(app, access, actor, body),
    handle: async ({ app, prepared, tx, access, actor, body: { password: _, ...fields }, afterCommit }) => {
      const { secrets, config } = app;
      const { user, invitation } = await createUser(
        tx,
        secrets,
        prepared,
        access,
        actor,
        fields,
        config.telephonePays,
      );
      if (invitation !== null) afterCommit(() => app.engine.startLinkInBackground(invitation));
      return resource(user, 201);
    },
  }),
  route({
    method: 'post',
    path: '/users/import',
    tag,
    summary: 'Créer des personnes à partir d’un fichier CSV',
    description:
      'Crée tous les comptes des lignes justes, d’un coup, et invite chaque personne à choisir son mot de passe ; dit de ' +
      "chaque ligne fautive ce qui ne va pas. Avec curl : `--data-binary @personnes.csv -H 'Content-Type: text/csv'`.",
    access: ['create', 'User'],
    query: importQuery,
    body: importBody,
    bodyType: 'csv',
    transaction: true,
    answer: { status: 200, description: 'Ce qui a été créé, et les lignes fautives', schema: importAnswer },
    examples: {
      body:
        'email;nom;prenom;role;site_ids\n' +
        'k.alaoui@example.com;Alaoui;Karim;technicien;1\n' +
        's.bennani@example.com;Bennani;Salma;client;1 2\n',
    },
    handle: async ({ app, tx, access, actor, body, query, afterCommit, ctx }) => {
      const file = readUsersCsv(body);
      const { utilisateurs, invitations, faults } = await importUsers(
        tx,
        app.secrets,
        access,
        actor,
        file.valid,
        {
          trial: query.essai,
          pays: app.config.telephonePays,
        },
      );
      for (const lienId of invitations) afterCommit(() => app.engine.startLinkInBackground(lienId));
      const langue = langueOf(ctx);
      const erreurs = [...file.faults, ...faults]
        .sort((a, b) => a.ligne - b.ligne)
        .map(({ ligne, champ, message }) => ({ ligne, champ, message: message[langue] }));
      return { body: { lignes: file.lignes, creees: utilisateurs.length, utilisateurs, erreurs } };
    },
  }),
  route({
    method: 'post',
    path: '/users/:id/invitation',
    tag,
    summary: 'Inviter encore une personne',
    description:
      'Envoie un nouveau lien à qui n’a pas encore choisi de mot de passe ; les précédents ne fonctionnent plus.',
    access: ['create', 'User'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Le lien part' },
    refusals: ['TRANSITION_INVALIDE', 'TROP_DE_REQUETES'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const lienId = await inviteAgain(tx, app.secrets, access, actor, params.id);
      afterCommit(() => app.engine.startLinkInBackground(lienId));
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/users/:id',
    tag,
    summary: 'Lire une personne',
    access: ['read', 'User'],
    params: idParam,
    answer: { status: 200, description: 'La personne', schema: userAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readUser(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/users/:id',
    tag,
    summary: 'Supprimer une personne',
    description: 'Seulement tant que rien ne s’y rapporte ; sinon elle se désactive.',
    access: ['delete', 'User'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimée' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteUser(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'delete',
    path: '/users/:id/email-invalide',
    tag,
    summary: 'Écrire à nouveau à une adresse refusée',
    description: 'Pour une adresse qui est juste malgré tout ; une autre adresse n’en a pas besoin.',
    access: ['update', 'User'],
    params: idParam,
    transaction: true,
    answer: { status: 200, description: 'La personne', schema: userAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) =>
      resource(await acceptAddress(tx, access, actor, params.id)),
  }),
  route({
    method: 'delete',
    path: '/users/:id/second-facteur',
    tag,
    summary: 'Libérer une personne de son second facteur',
    description:
      'Pour qui a perdu son appareil : met fin à ses sessions ; elle se connecte ensuite par son mot de passe, et ' +
      'prépare un nouveau second facteur si son rôle le demande.',
    access: ['update', 'User'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Elle n’en a plus' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await resetSecondFactor(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
