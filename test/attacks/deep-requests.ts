import { hash } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import type { Route } from '../../src/api/http/route';
import type { Role } from '../../src/domain/roles';
import { type Check, REQUESTS } from '../permissions/requests';
import { KINDS, makeWorld, type World } from '../permissions/world';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeUser, makeWithoutRapport, PASSWORD } from '../support/factories';
import { bringTo } from '../support/life';
import { prepareLink } from '../support/links';
import type { RowSubject } from '../support/places';
import type { TestSystem } from '../support/system';
import { nameOf } from './routes';

/** For every route, a request that does all that the route can do: nothing in it is refused. */
export interface DeepRequest {
  /** Whose request it is. */
  client: Client;
  userId: number | null;
  method: string;
  path: string;
  init: RequestInit;
  /** The row that it is about, where there is one before. */
  row: { subject: RowSubject; id: number } | null;
}

export interface DeepRequests {
  world: World;
  /** A request with rows and a person of its own: it may be sent in any order with others. */
  of(route: Route): Promise<DeepRequest>;
}

/** Sends it, with headers of the test's. */
export function send({ client, method, path, init }: DeepRequest, headers = {}): Promise<Reply> {
  return client.send(method, path, { ...init, headers: { ...init.headers, ...headers } });
}

const NEW_PASSWORD = 'Verrou-Bleu-83-Atlas!';
const codeOf = (secret: string) => new TOTP({ secret }).generate();

type Built = Pick<DeepRequest, 'path'> &
  Partial<Pick<DeepRequest, 'client' | 'userId' | 'init' | 'row'>> & { body?: unknown };
type Person = { client: Client; userId: number };

export async function prepareDeepRequests(system: TestSystem): Promise<DeepRequests> {
  const world = await makeWorld(system);
  const setter = world.people.admin.client;
  let days = 0;
  let people = 0;

  const newPerson = async (role: Role): Promise<Person> => {
    const { client, user } = await system.newPerson(role);
    return { client, userId: user.id };
  };
  /** An intervention that its workflow has brought into a state. */
  const interventionIn = (
    statut: 'ouverte' | 'planifiee' | 'attente_pieces' | 'terminee',
    equipementId = world.row('Equipement', 'nord', 'admin'),
  ) =>
    makePiece(system.db).then(({ id: pieceId }) =>
      bringTo(statut, {
        client: setter,
        equipementId,
        technicienId: world.techniciens.soi,
        date: new Date(Date.UTC(2033, 0, ++days, 9)),
        pieceId,
      }),
    );
  const onIntervention = async (
    statut: Parameters<typeof interventionIn>[0],
    path: string,
    body?: unknown,
    equipementId?: number,
  ): Promise<Built> => {
    const id = await interventionIn(statut, equipementId);
    return { path: `/interventions/${id}${path}`, body, row: { subject: 'Intervention', id } };
  };
  const onUser = async (
    body: (user: { email: string; nom: string; prenom: string }) => unknown,
  ): Promise<Built> => {
    const user = await makeUser(system.db, { role: 'client' });
    return { path: `/users/${user.id}`, body: body(user), row: { subject: 'User', id: user.id } };
  };
  /** Somebody with a second factor, and a code of theirs that has not served. */
  const withSecondFactor = async (): Promise<Person & { code: string }> => {
    const person = await newPerson('client');
    const { body } = await person.client.post('/auth/second-facteur', { password: PASSWORD });
    const confirmed = await person.client.post('/auth/second-facteur/confirmation', {
      code: codeOf(body.secret),
    });
    return { ...person, code: confirmed.body.codes_secours[0] };
  };
  const anonymous = { client: system.anonymous, userId: null };

  /** Routes whose request in the matrix of permissions is refused at once, or does not go all the way. */
  const special: Record<string, () => Promise<Built>> = {
    'POST /auth/login': async () => {
      // A hash of weaker parameters, which is made anew.
      const mot_de_passe = await hash(PASSWORD, { memoryCost: 4_096, timeCost: 1, parallelism: 1 });
      const { email } = await makeUser(system.db, { mot_de_passe });
      return { path: '/auth/login', body: { email, password: PASSWORD }, ...anonymous };
    },
    'POST /auth/token': async () => {
      const { email: username } = await makeUser(system.db);
      const body = new URLSearchParams({ username, password: PASSWORD });
      return { path: '/auth/token', init: { body }, ...anonymous };
    },
    'POST /auth/refresh': async () => {
      const { email } = await makeUser(system.db);
      const { body } = await system.anonymous.post('/auth/login', { email, password: PASSWORD });
      return { path: '/auth/refresh', body: { refresh_token: body.refresh_token }, ...anonymous };
    },
    'POST /auth/change-password': async () => ({
      path: '/auth/change-password',
      body: { current_password: PASSWORD, new_password: NEW_PASSWORD },
      ...(await newPerson('client')),
    }),
    'POST /auth/reset-password': async () => ({
      path: '/auth/reset-password',
      body: { token: await prepareLink(system), new_password: NEW_PASSWORD },
      ...anonymous,
    }),
    'DELETE /auth/sessions/:id': async () => {
      const person = await newPerson('client');
      const { body } = await person.client.get('/auth/sessions');
      return { path: `/auth/sessions/${body[0].id}`, ...person };
    },
    'POST /auth/second-facteur': async () => ({
      path: '/auth/second-facteur',
      body: { password: PASSWORD },
      ...(await newPerson('client')),
    }),
    'POST /auth/second-facteur/confirmation': async () => {
      const person = await newPerson('client');
      const { body } = await person.client.post('/auth/second-facteur', { password: PASSWORD });
      return { path: '/auth/second-facteur/confirmation', body: { code: codeOf(body.secret) }, ...person };
    },
    'POST /auth/second-facteur/codes-secours': async () => {
      const { code, ...person } = await withSecondFactor();
      return { path: '/auth/second-facteur/codes-secours', body: { password: PASSWORD, code }, ...person };
    },
    'POST /auth/second-facteur/retrait': async () => {
      const { code, ...person } = await withSecondFactor();
      return { path: '/auth/second-facteur/retrait', body: { password: PASSWORD, code }, ...person };
    },
    'PUT /users/:id': () =>
      onUser(({ email, nom, prenom }) => ({
        ...{ email, nom, prenom, role: 'client', is_active: true },
        password: NEW_PASSWORD,
      })),
    'PATCH /users/:id': () => onUser(() => ({ password: NEW_PASSWORD })),
    'POST /users/:id/invitation': async () => {
      const { id } = await makeUser(system.db, { mot_de_passe: null as never });
      return { path: `/users/${id}/invitation`, row: { subject: 'User', id } };
    },
    'DELETE /users/:id': async () => {
      const { body } = await setter.post('/users', {
        email: `par-erreur-${++people}@exemple.ma`,
        nom: 'Erreur',
        prenom: 'Sami',
        role: 'client',
      });
      // Until then something refers to it.
      await system.db.query('DELETE FROM liens_mot_de_passe WHERE user_id = $1', [body.id]);
      return { path: `/users/${body.id}`, row: { subject: 'User', id: body.id } };
    },
    // What moves a deadline goes through the workflow.
    'PATCH /interventions/:id': () => onIntervention('planifiee', '', { priorite: 'haute' }),
    'PUT /interventions/:id/assign': () => onIntervention('ouverte', '/assign', { duree_estimee: 30 }),
    'PUT /interventions/:id/statut': () => onIntervention('planifiee', '/statut', { statut: 'en_cours' }),
    'POST /interventions/:id/pieces/recues': () => onIntervention('attente_pieces', '/pieces/recues', {}),
    // The customer's alone.
    'POST /interventions/:id/satisfaction': async () => {
      const person = await newPerson('client');
      const { id: equipementId } = await makeEquipement(system.db, { client_id: person.userId });
      return { ...(await onIntervention('terminee', '/satisfaction', { note: 4 }, equipementId)), ...person };
    },
    'POST /interventions/:id/rapport': async () => {
      const { id } = await makeWithoutRapport(system.db);
      return { path: `/interventions/${id}/rapport`, row: { subject: 'Intervention', id } };
    },
    'GET /interventions/:id/rapport': async () => {
      const built = await onIntervention('terminee', '/rapport');
      await eventually(
        () => setter.get(built.path),
        ({ status }) => status === 200,
      );
      return built;
    },
  };

  /** The request of the matrix, on a row of its own. */
  const ordinary = async ({ path }: Route, check: Check, userId: number): Promise<Built> => {
    if (check.on === 'row') {
      const { subject } = check;
      const kind = KINDS[subject].find((name) => name !== 'soi' && name !== 'admin')!;
      const id = subject === 'Notification' ? await notificationTo(userId) : await world.fresh(subject, kind);
      const { body } = await check.sent(world, 'admin', id);
      return { path: path.replace(':id', String(id)), body, row: { subject, id } };
    }
    if (check.on === 'create') {
      const { body, form, csv } = await check.sent(world, check.kinds[0]!, 'admin');
      if (form !== undefined) return { path, init: { body: form } };
      if (csv === undefined) return { path, body };
      return { path, init: { body: csv, headers: { 'content-type': 'text/csv' } } };
    }
    const query = check.on === 'list' && check.query !== undefined ? `?${check.query}` : '';
    const body = 'body' in check ? check.body : undefined;
    return { path: `${path.replace(':id', String(world.techniciens.soi))}${query}`, body };
  };
  const notificationTo = async (userId: number): Promise<number> => {
    const [{ id }] = await system.db.query(
      `INSERT INTO notifications (titre, message, type, destinataire_id) VALUES ('Avis', 'Message', 'info', $1) RETURNING id`,
      [userId],
    );
    return id;
  };

  return {
    world,
    of: async (route) => {
      const name = nameOf(route);
      const [check] = [REQUESTS[name]].flat() as [Check];
      const person = await newPerson('admin');
      const { body, ...built } = await (special[name]?.() ?? ordinary(route, check, person.userId));
      const init =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return { ...person, init, row: null, method: route.method.toUpperCase(), ...built };
    },
  };
}
