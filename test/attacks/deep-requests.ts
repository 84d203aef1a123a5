import { hash } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import type { Route } from '../../src/api/http/route';
import { unsubscribeToken } from '../../src/auth/unsubscribing';
import type { Role } from '../../src/domain/roles';
import { type Check, REQUESTS } from '../permissions/requests';
import { KINDS, makeWorld, type World } from '../permissions/world';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import {
  makeEquipement,
  makeIntervention,
  makePiece,
  makePlan,
  makeTechnicien,
  makeUser,
  makeWithoutRapport,
  PASSWORD,
} from '../support/factories';
import { bringTo } from '../support/life';
import { prepareLink } from '../support/links';
import { newBrowserKeys } from '../support/push-service';
import { jetonOf, returnedMail, signedReturn, tell } from '../support/returned-mails';
import { entrantCall, type Rappel, statutCall } from '../support/sms-gateway';
import type { TestSystem } from '../support/system';
import { rendezVousRequests } from './deep-rendez-vous';
import type { Built, DeepRequest } from './deep-request';
import { nameOf } from './routes';

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
  const onBesoin = async (body?: unknown): Promise<Built> => {
    const id = await interventionIn('ouverte');
    const asked = await setter.post(`/interventions/${id}/pieces`, [
      { piece_id: world.row('Piece', 'piece', 'admin'), quantite: 1 },
    ]);
    const path = `/interventions/${id}/pieces/${asked.body[0].id}`;
    return { path, body, row: { subject: 'Intervention', id } };
  };
  /** Work under way of a technicien of its own. */
  const workOf = async () => {
    const technicien = await newPerson('technicien');
    const [row] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [technicien.userId]);
    const { id } = await makeIntervention(system.db, { technicien_id: row.id, statut: 'en_cours' });
    return { id, technicien };
  };
  const onTime = async (body?: unknown): Promise<Built> => {
    const { id, technicien } = await workOf();
    const made = await technicien.client.post(`/interventions/${id}/temps`, { nature: 'travail' });
    const path = `/interventions/${id}/temps/${made.body.id}`;
    return { path, body, row: { subject: 'Intervention', id }, ...technicien };
  };
  const onStep = async (body?: unknown): Promise<Built> => {
    const { id } = await workOf();
    const etapes = [{ libelle: 'Consignation', type: 'case' }];
    const made = await setter.post(`/interventions/${id}/etapes`, { etapes });
    const path = `/interventions/${id}/etapes/${made.body[0].id}`;
    return { path, body, row: { subject: 'Intervention', id } };
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
  const signedCall = ({ path, body, headers }: Rappel): Built => ({
    path,
    init: { body, headers },
    ...anonymous,
  });

  const logo = () => {
    const form = new FormData();
    form.set(
      'file',
      new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>']),
      'logo.svg',
    );
    return form;
  };

  /** The link of a mail to somebody who may switch such mails off. */
  const unsubscribing = async () => {
    const { id: userId } = await makeUser(system.db, { role: 'client' });
    const token = unsubscribeToken(system.app.secrets, { userId, evenement: 'intervention.demarree' });
    return `/notifications/desabonnement/${token}`;
  };
  /** Routes whose request in the matrix of permissions is refused at once, or does not go all the way. */
  const special: Record<string, () => Promise<Built>> = {
    ...rendezVousRequests(system, setter),
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
    'POST /notifications/push/abonnements': async () => {
      const keys = newBrowserKeys().subscription;
      // A public address: nothing has to be looked up.
      const body = { endpoint: 'https://93.184.216.34/push', keys };
      return { path: '/notifications/push/abonnements', body, ...(await newPerson('client')) };
    },
    'DELETE /notifications/push/abonnements': async () => ({
      path: '/notifications/push/abonnements',
      body: { endpoint: 'https://93.184.216.34/push' },
      ...(await newPerson('client')),
    }),
    'GET /notifications/desabonnement/:jeton': async () => ({ path: await unsubscribing(), ...anonymous }),
    'POST /notifications/desabonnement/:jeton': async () => ({ path: await unsubscribing(), ...anonymous }),
    'POST /sms/statuts': async () => signedCall(statutCall({ cle: 'essai@regie', statut: 'livre' })),
    'POST /sms/entrants': async () => signedCall(entrantCall({ de: '+212661000000', texte: 'STOP' })),
    'POST /emails/retours': async () => {
      const reader = await makeUser(system.db, { role: 'client' });
      const { id } = await tell(system, reader);
      const source = returnedMail('adresse', jetonOf(system, id, reader));
      return { path: '/emails/retours', init: signedReturn(source), ...anonymous };
    },
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
    'GET /parametres/logo': async () => {
      await setter.send('PUT', '/parametres/logo', { body: logo() });
      return { path: '/parametres/logo' };
    },
    'PUT /parametres/logo': async () => ({ path: '/parametres/logo', init: { body: logo() } }),
    'PUT /interventions/:id/assign': () => onIntervention('ouverte', '/assign', { duree_estimee: 30 }),
    'PUT /interventions/:id/statut': () => onIntervention('planifiee', '/statut', { statut: 'en_cours' }),
    'POST /interventions/:id/pieces/recues': () => onIntervention('attente_pieces', '/pieces/recues', {}),
    'PUT /interventions/:id/pieces/:besoin_id': () => onBesoin({ quantite: 2 }),
    'DELETE /interventions/:id/pieces/:besoin_id': () => onBesoin(),
    'POST /interventions/:id/temps': async () => {
      const { id, technicien } = await workOf();
      const body = { nature: 'travail' };
      return {
        path: `/interventions/${id}/temps`,
        body,
        row: { subject: 'Intervention', id },
        ...technicien,
      };
    },
    'PUT /interventions/:id/temps/:temps_id': async () => onTime({ nature: 'attente' }),
    'DELETE /interventions/:id/temps/:temps_id': async () => onTime(),
    'PUT /interventions/:id/etapes/:etape_id': async () => onStep({ valeur: true }),
    'DELETE /interventions/:id/etapes/:etape_id': async () => onStep(),
    'DELETE /techniciens/:id/absences/:absence_id': async () => {
      const absences = [{ id: 1, debut: '2036-08-03T00:00:00.000Z', fin: '2036-08-21T00:00:00.000Z' }];
      const { id } = await makeTechnicien(system.db, { absences, derniere_absence: 1 });
      return { path: `/techniciens/${id}/absences/1`, row: { subject: 'Technicien', id } };
    },
    'POST /equipements/:id/releves': async () => {
      const compteurs = [{ nom: 'Heures', unite: 'h', valeur: 0 }];
      const { id } = await makeEquipement(system.db, { compteurs });
      const body = { compteur: 'Heures', valeur: 1 };
      return { path: `/equipements/${id}/releves`, body, row: { subject: 'Equipement', id } };
    },
    'GET /planning/technicien/:id/calendrier.ics': async () => {
      const { id } = await makeTechnicien(system.db);
      const { body } = await setter.post(`/techniciens/${id}/calendrier`);
      return { path: body.url.replace(/^.*\/api\/v1/, ''), ...anonymous };
    },
    'POST /documents/:id/restauration': async () => {
      const id = await world.fresh('Document', 'nord_visible');
      await setter.delete(`/documents/${id}`);
      return { path: `/documents/${id}/restauration`, row: { subject: 'Document', id } };
    },
    'POST /preventif/:id/reprise': async () => {
      const { id } = await makePlan(system.db);
      await setter.post(`/preventif/${id}/pause`);
      return {
        path: `/preventif/${id}/reprise`,
        body: { depuis: 'aujourdhui' },
        row: { subject: 'PlanPreventif', id },
      };
    },
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
    const named = check.on === 'role' ? (check.path ?? path) : path;
    return { path: `${named.replace(':id', String(world.techniciens.soi))}${query}`, body };
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
