import { hash } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import type { Route } from '../../src/api/route';
import { ROUTES } from '../../src/api/routes';
import { linkToken } from '../../src/auth/password-links';
import { type Check, REQUESTS } from '../permissions/requests';
import { KINDS, makeWorld, type World } from '../permissions/world';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makePiece, makeUser, PASSWORD } from '../support/factories';
import { bringTo } from '../support/life';
import { startTestSystem, type TestSystem } from '../support/system';
import { type SlowWorkWatch, watchSlowWork } from '../support/transactions';
import { nameOf } from './routes';

/**
 * Every route, asked so that it does all that it can do. A transaction holds a connection of the pool and locks: whoever
 * has slow work done inside one keeps everybody else from the database for as long as it takes.
 */

let system: TestSystem;
let world: World;
let admin: Client;
let watch: SlowWorkWatch;
beforeAll(async () => {
  system = await startTestSystem();
  world = await makeWorld(system);
  admin = world.people.admin.client;
  watch = watchSlowWork(system.app);
}, 120_000);
afterAll(async () => {
  watch.stop();
  await system.close();
});

const NEW_PASSWORD = 'Verrou-Bleu-83-Atlas!';
const codeOf = (secret: string) => new TOTP({ secret }).generate();

/** Somebody with a second factor, and a code of theirs that has not served. */
async function withSecondFactor(): Promise<{ client: Client; code: string }> {
  const { client } = await system.newPerson('client');
  const { body } = await client.post('/auth/second-facteur', { password: PASSWORD });
  const { secret } = body;
  const confirmed = await client.post('/auth/second-facteur/confirmation', { code: codeOf(secret) });
  return { client, code: confirmed.body.codes_secours[0] };
}

async function linkFor(motif: 'oubli' | 'invitation'): Promise<string> {
  const { id } = await makeUser(system.db, { mot_de_passe: null as never });
  const [lien] = await system.db.query(
    `INSERT INTO liens_mot_de_passe (id, motif, user_id, date_expiration, workflow_demarre, correlation_id, date_creation)
     VALUES (gen_random_uuid(), $1, $2, now() + interval '1 hour', true, 'test', now()) RETURNING id`,
    [motif, id],
  );
  return linkToken(system.app.secrets, lien.id);
}

/** An intervention that the workflow has brought into a state. */
async function interventionIn(statut: 'planifiee' | 'attente_pieces' | 'terminee'): Promise<number> {
  return bringTo(statut, {
    client: admin,
    equipementId: world.row('Equipement', 'nord', 'admin'),
    technicienId: world.techniciens.soi,
    date: new Date(Date.UTC(2033, 0, ++days, 9)),
    pieceId: (await makePiece(system.db)).id,
  });
}
let days = 0;

/** Of routes whose request in the matrix of permissions is refused at once, or does not go all the way. */
const DEEP: Record<string, () => Promise<Reply>> = {
  'POST /auth/login': async () => {
    // A hash of weaker parameters, which is made anew.
    const mot_de_passe = await hash(PASSWORD, { memoryCost: 4_096, timeCost: 1, parallelism: 1 });
    const { email } = await makeUser(system.db, { mot_de_passe });
    return system.anonymous.post('/auth/login', { email, password: PASSWORD });
  },
  'POST /auth/token': async () => {
    const { email: username } = await makeUser(system.db);
    const body = new URLSearchParams({ username, password: PASSWORD });
    return system.anonymous.send('POST', '/auth/token', { body });
  },
  'POST /auth/refresh': async () => {
    const { email } = await makeUser(system.db);
    const { body } = await system.anonymous.post('/auth/login', { email, password: PASSWORD });
    return system.anonymous.post('/auth/refresh', { refresh_token: body.refresh_token });
  },
  'POST /auth/change-password': async () =>
    (await system.newPerson('client')).client.post('/auth/change-password', {
      current_password: PASSWORD,
      new_password: NEW_PASSWORD,
    }),
  'POST /auth/reset-password': async () =>
    system.anonymous.post('/auth/reset-password', {
      token: await linkFor('invitation'),
      new_password: NEW_PASSWORD,
    }),
  'DELETE /auth/sessions/:id': async () => {
    const { client } = await system.newPerson('client');
    const { body } = await client.get('/auth/sessions');
    return client.delete(`/auth/sessions/${body[0].id}`);
  },
  'POST /auth/second-facteur': async () =>
    (await system.newPerson('client')).client.post('/auth/second-facteur', { password: PASSWORD }),
  'POST /auth/second-facteur/confirmation': async () => {
    const { client } = await system.newPerson('client');
    const { body } = await client.post('/auth/second-facteur', { password: PASSWORD });
    return client.post('/auth/second-facteur/confirmation', { code: codeOf(body.secret) });
  },
  'POST /auth/second-facteur/codes-secours': async () => {
    const { client, code } = await withSecondFactor();
    return client.post('/auth/second-facteur/codes-secours', { password: PASSWORD, code });
  },
  'POST /auth/second-facteur/retrait': async () => {
    const { client, code } = await withSecondFactor();
    return client.post('/auth/second-facteur/retrait', { password: PASSWORD, code });
  },
  'PUT /users/:id': async () => {
    const { id, email, nom, prenom } = await makeUser(system.db, { role: 'client' });
    return admin.put(`/users/${id}`, {
      email,
      nom,
      prenom,
      role: 'client',
      is_active: true,
      password: NEW_PASSWORD,
    });
  },
  'PATCH /users/:id': async () =>
    admin.patch(`/users/${(await makeUser(system.db, { role: 'client' })).id}`, { password: NEW_PASSWORD }),
  'POST /users/:id/invitation': async () =>
    admin.post(`/users/${(await makeUser(system.db, { mot_de_passe: null as never })).id}/invitation`),
  'DELETE /users/:id': async () => {
    const { body } = await admin.post('/users', {
      email: 'par-erreur@exemple.ma',
      nom: 'Erreur',
      prenom: 'Sami',
      role: 'client',
      password: PASSWORD,
    });
    return admin.delete(`/users/${body.id}`);
  },
  'PATCH /interventions/:id': async () =>
    // What moves a deadline goes through the workflow.
    admin.patch(`/interventions/${await interventionIn('planifiee')}`, { priorite: 'haute' }),
  'PUT /interventions/:id/assign': async () =>
    admin.put(`/interventions/${await world.fresh('Intervention', 'libre')}/assign`, { duree_estimee: 30 }),
  'PUT /interventions/:id/statut': async () =>
    admin.put(`/interventions/${await interventionIn('planifiee')}/statut`, { statut: 'en_cours' }),
  'POST /interventions/:id/pieces/recues': async () =>
    admin.post(`/interventions/${await interventionIn('attente_pieces')}/pieces/recues`, {}),
  'POST /interventions/:id/satisfaction': async () =>
    admin.post(`/interventions/${await interventionIn('terminee')}/satisfaction`, { note: 4 }),
  'GET /interventions/:id/rapport': async () => {
    const id = await interventionIn('terminee');
    return eventually(
      () => admin.get(`/interventions/${id}/rapport`),
      ({ status }) => status === 200,
    );
  },
};

/** The request of the matrix, on a row of its own. */
async function ask(route: Route, check: Check): Promise<Reply> {
  const method = route.method.toUpperCase();
  const json = (body: unknown) =>
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  if (check.on === 'row') {
    const { subject } = check;
    const kind = KINDS[subject].find((name) => name !== 'soi' && name !== 'admin');
    const id =
      subject === 'Notification' ? world.row(subject, 'soi', 'admin') : await world.fresh(subject, kind!);
    const { body } = await check.sent(world, 'admin', id);
    return admin.send(method, route.path.replace(':id', String(id)), json(body));
  }
  if (check.on === 'create') {
    const { body, form, csv } = await check.sent(world, check.kinds[0]!, 'admin');
    if (form !== undefined) return admin.send(method, route.path, { body: form });
    if (csv === undefined) return admin.send(method, route.path, json(body));
    return admin.send(method, route.path, { body: csv, headers: { 'content-type': 'text/csv' } });
  }
  const given = 'body' in check ? check.body : undefined;
  const query = check.on === 'list' && check.query !== undefined ? `?${check.query}` : '';
  const path = `${route.path.replace(':id', String(world.techniciens.soi))}${query}`;
  const client = check.on === 'own' ? (await system.newPerson('admin')).client : admin;
  return client.send(method, path, json(given));
}

describe('slow work', () => {
  it('is done by no route inside a transaction', async () => {
    const found: Record<string, string[]> = {};
    const unanswered: string[] = [];
    for (const route of ROUTES) {
      const name = nameOf(route);
      const [check] = [REQUESTS[name]].flat() as [Check];
      const { status, body } = await (DEEP[name]?.() ?? ask(route, check));
      if (status >= 300) unanswered.push(`${name}: ${status} ${JSON.stringify(body)}`);
      const seen = [...new Set(watch.seen())];
      if (seen.length > 0) found[name] = seen;
    }
    expect(found).toEqual({});
    // Whoever is refused has shown nothing.
    expect(unanswered).toEqual([]);
  }, 300_000);
});
