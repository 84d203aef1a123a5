import type { Route } from '../../src/api/http/route';
import { hashApiKey, newApiKey } from '../../src/auth/api-keys';
import type { Intervention } from '../../src/db/interventions/interventions';
import { unavailable } from '../../src/domain/errors';
import { type Client, createClient, type Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeIntervention, makeTechnicien, makeUser } from '../support/factories';
import { type HeldRows, holdRows } from '../support/locks';
import { startTestSystem, type TestSystem } from '../support/system';
import type { DeepRequest } from './deep-request';
import { type DeepRequests, prepareDeepRequests, send } from './deep-requests';
import { GENERAL_ROUTES, nameOf, tableOf } from './routes';

/**
 * What is asked for waits: for a lock, for the engine, for the rest of a file. Meanwhile its author is signed out, given
 * another role, replaced; or what they ask it of is not what it was. What counts is how things stand when it is done.
 */

let system: TestSystem;
let requests: DeepRequests;
beforeAll(async () => {
  system = await startTestSystem();
  requests = await prepareDeepRequests(system);
});
afterAll(() => system.close());

const run = (statement: string, ...parameters: unknown[]) => system.db.query(statement, parameters);
const outcome = ({ status, body }: Reply) => [status, body.code];
const KEY = 'en-attente';

/** How often somebody has done something; that they were refused is not their doing. */
async function deedsOf(userId: number): Promise<number> {
  const [{ count }] = await run(
    `SELECT count(*)::integer FROM historique WHERE auteur_id = $1 AND action <> 'refus'`,
    userId,
  );
  return count;
}

describe('an order to an intervention, applied after things have changed,', () => {
  const UNTIL = '2034-03-01T09:00:00Z';
  const cancel = (client: Client, { id }: Intervention, headers = {}) =>
    client.put(`/interventions/${id}/statut`, { statut: 'annulee', motif: 'Fausse alerte' }, headers);
  const start = (client: Client, { id }: Intervention, headers = {}) =>
    client.put(`/interventions/${id}/statut`, { statut: 'en_cours' }, headers);
  const reassign =
    (technicienId: number) =>
    (held: HeldRows, { id }: Intervention) =>
      held.change('UPDATE interventions SET technicien_id = $1 WHERE id = $2', [technicienId, id]);

  /** Has the worker wait for the intervention, changes something, and lets it go on. */
  async function whileWaiting(
    intervention: Intervention,
    sent: () => Promise<Reply>,
    change: (held: HeldRows, intervention: Intervention) => Promise<unknown>,
  ): Promise<Reply> {
    const held = await holdRows(
      system.database.owner,
      'SELECT id FROM interventions WHERE id = $1 FOR NO KEY UPDATE',
      [intervention.id],
    );
    const reply = sent();
    try {
      // Allowed when it was asked for: what is refused from now on is refused when it would be done.
      await held.awaitedBy(1);
      await change(held, intervention);
    } finally {
      await held.commit();
    }
    return reply;
  }

  /** What people did to it, as the history tells. */
  const events = async ({ id }: Intervention) =>
    (
      await run(
        `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND numero_evenement IS NOT NULL`,
        id,
      )
    ).map(({ action }: { action: string }) => action);

  /** An intervention whose workflow runs, so that what follows waits for nothing else. */
  async function adopted(given: Partial<Intervention>): Promise<Intervention> {
    const intervention = await makeIntervention(system.db, { workflow_demarre: false, ...given });
    system.app.engine.startInBackground(intervention.id);
    await eventually(
      () => run('SELECT workflow_demarre FROM interventions WHERE id = $1', intervention.id),
      ([row]) => row.workflow_demarre,
    );
    return intervention;
  }

  async function clientWithOpenOne() {
    const user = await makeUser(system.db, { role: 'client' });
    const equipement = await makeEquipement(system.db, { client_id: user.id });
    const intervention = await adopted({ equipement_id: equipement.id, createur_id: user.id });
    return { user, client: await system.as(user), intervention };
  }
  async function technicienWithPlannedOne() {
    const technicien = await makeTechnicien(system.db);
    const intervention = await adopted({ technicien_id: technicien.id, statut: 'planifiee' });
    return { user: technicien.user, client: await system.as(technicien.user), intervention };
  }

  it('cancels nothing that a client could cancel before it was planned, and leaves the key free', async () => {
    const { client, intervention } = await clientWithOpenOne();
    const { id: technicienId } = await makeTechnicien(system.db);
    const plan = (held: HeldRows, { id }: Intervention) =>
      held.change(`UPDATE interventions SET statut = 'planifiee', technicien_id = $1 WHERE id = $2`, [
        technicienId,
        id,
      ]);
    const headers = { 'Idempotency-Key': 'annulation' };
    const reply = await whileWaiting(intervention, () => cancel(client, intervention, headers), plan);
    expect(outcome(reply)).toEqual([403, 'INTERDIT']);
    expect((await client.get(`/interventions/${intervention.id}`)).body.statut).toBe('planifiee');
    expect(await events(intervention)).toEqual([]);
    // A refusal at that moment is one like any other.
    const refusals = await run(
      `SELECT apres FROM historique WHERE action = 'refus' AND correlation_id = $1`,
      reply.headers.get('x-request-id'),
    );
    expect(refusals).toMatchObject([{ apres: { requete: 'PUT /interventions/:id/statut' } }]);
    expect(await run(`SELECT cle FROM idempotence WHERE cle = 'annulation'`)).toEqual([]);
  });

  it('starts nothing for a technicien who has been replaced: to them it is not there any more', async () => {
    const { client, intervention } = await technicienWithPlannedOne();
    const { id } = await makeTechnicien(system.db);
    const reply = await whileWaiting(intervention, () => start(client, intervention), reassign(id));
    expect(outcome(reply)).toEqual([404, 'INTROUVABLE']);
    expect(await events(intervention)).toEqual([]);
    const [{ statut }] = await run('SELECT statut FROM interventions WHERE id = $1', intervention.id);
    expect(statut).toBe('planifiee');
  });

  it.each<[string, (userId: number) => Promise<unknown>, [number, string]]>([
    [
      'whose session was ended',
      (id) => run('UPDATE sessions SET date_revocation = now() WHERE user_id = $1', id),
      [401, 'NON_AUTHENTIFIE'],
    ],
    [
      'who was deactivated',
      (id) => run('UPDATE users SET is_active = false WHERE id = $1', id),
      [401, 'NON_AUTHENTIFIE'],
    ],
    [
      'whose role was changed',
      (id) => run(`UPDATE users SET role = 'client', tous_sites = false WHERE id = $1`, id),
      [404, 'INTROUVABLE'],
    ],
  ])('does nothing for somebody %s', async (_, change, expected) => {
    const { user, client, intervention } = await technicienWithPlannedOne();
    const reply = await whileWaiting(
      intervention,
      () => start(client, intervention),
      () => change(user.id),
    );
    expect(outcome(reply)).toEqual(expected);
    expect(await deedsOf(user.id)).toBe(0);
  });

  it.each<[string, string, [number, string]]>([
    ['was revoked', 'date_revocation = now()', [401, 'NON_AUTHENTIFIE']],
    ['may be used for something else alone', `chemins = '{GET /interventions}'`, [403, 'INTERDIT']],
    ['has come to its end', `date_expiration = now() - interval '1 second'`, [401, 'NON_AUTHENTIFIE']],
  ])('does nothing for a machine whose key %s', async (_, change, expected) => {
    const key = newApiKey();
    const { id: createur } = await makeUser(system.db);
    const [{ id }] = await run(
      `INSERT INTO cles_api (nom, role, createur_id, empreinte, debut) VALUES ('Automate', 'admin', $1, $2, 'regie_')
       RETURNING id`,
      createur,
      hashApiKey(key),
    );
    const intervention = await adopted({});
    const reply = await whileWaiting(
      intervention,
      () => cancel(createClient(system.baseUrl, key), intervention),
      () => run(`UPDATE cles_api SET ${change} WHERE id = $1`, id),
    );
    expect(outcome(reply)).toEqual(expected);
    expect(await events(intervention)).toEqual([]);
  });

  it('that names a version does nothing to another one', async () => {
    const { client } = await system.newPerson('admin');
    const intervention = await adopted({});
    const headers = { 'If-Match': `"${intervention.version}"` };
    const reply = await whileWaiting(
      intervention,
      () => cancel(client, intervention, headers),
      (held, { id }) =>
        held.change(`UPDATE interventions SET titre = 'Autre', version = version + 1 WHERE id = $1`, [id]),
    );
    expect(outcome(reply)).toEqual([412, 'VERSION_PERIMEE']);
    expect(await events(intervention)).toEqual([]);
  });

  it.each<[string, (client: Client, id: number) => Promise<Reply>]>([
    [
      'assign',
      async (client, id) =>
        client.put(`/interventions/${id}/assign`, {
          technicien_id: requests.world.techniciens.soi,
          date_planifiee: UNTIL,
        }),
    ],
    ['change', (client, id) => client.patch(`/interventions/${id}`, { priorite: 'haute' })],
    [
      'cancel',
      (client, id) => client.put(`/interventions/${id}/statut`, { statut: 'annulee', motif: 'Doublon' }),
    ],
    ['take parts in', (client, id) => client.post(`/interventions/${id}/pieces/recues`, {})],
  ])('of every kind asks again: to %s', async (kind, sent) => {
    const { user, client } = await system.newPerson('responsable');
    const { id: technicien_id } = await makeTechnicien(system.db);
    const waiting = { statut: 'attente_pieces', technicien_id, horloge_arretee_le: new Date() } as const;
    const intervention = await adopted(kind === 'take parts in' ? waiting : {});
    const reply = await whileWaiting(
      intervention,
      () => sent(client, intervention.id),
      () => run(`UPDATE users SET role = 'technicien' WHERE id = $1`, user.id),
    );
    // A technicien sees what nobody is sent to, and does nothing to it; what somebody else is sent to they do not see.
    expect(outcome(reply)).toEqual(kind === 'take parts in' ? [404, 'INTROUVABLE'] : [403, 'INTERDIT']);
    expect(await events(intervention)).toEqual([]);
  });

  it('is answered with the row once it has been carried out, also to somebody who may not see it any more', async () => {
    const { client, intervention } = await technicienWithPlannedOne();
    const { id } = await makeTechnicien(system.db);
    const { engine } = system.app;
    // Replaced after the worker has committed, before the API looks.
    system.app.engine = {
      ...engine,
      execute: async (...given) => {
        const event = await engine.execute(...given);
        await run('UPDATE interventions SET technicien_id = $1 WHERE id = $2', id, intervention.id);
        return event;
      },
    };
    try {
      expect(await start(client, intervention)).toMatchObject({ status: 200, body: { statut: 'en_cours' } });
    } finally {
      system.app.engine = engine;
    }
    expect((await client.get(`/interventions/${intervention.id}`)).status).toBe(404);
    expect(await events(intervention)).toEqual(['debut']);
  });

  it('that the engine loses is answered as the row stands by then: refused where somebody has ended it', async () => {
    const { client } = await system.newPerson('admin');
    const intervention = await adopted({});
    const { engine } = system.app;
    const lost = (meanwhile: () => Promise<unknown>) => {
      system.app.engine = {
        ...engine,
        execute: async () => {
          await meanwhile();
          throw unavailable('engine');
        },
      };
    };
    try {
      lost(async () => {});
      expect(outcome(await cancel(client, intervention))).toEqual([503, 'SERVICE_INDISPONIBLE']);
      const end = `UPDATE interventions SET statut = 'annulee', motif_annulation = 'x', date_fin = now() WHERE id = $1`;
      lost(() => run(end, intervention.id));
      expect(outcome(await cancel(client, intervention))).toEqual([409, 'TRANSITION_INVALIDE']);
    } finally {
      system.app.engine = engine;
    }
    expect(await events(intervention)).toEqual([]);
  });

  it('is refused or carried out in every race with an assignment, never answered otherwise than it was', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const { client, intervention } = await clientWithOpenOne();
      const { client: responsable } = await system.newPerson('responsable');
      const { id: technicien_id } = await makeTechnicien(system.db);
      const [cancelled, assigned] = await Promise.all([
        cancel(client, intervention),
        responsable.put(`/interventions/${intervention.id}/assign`, { technicien_id, date_planifiee: UNTIL }),
      ]);
      const history = await events(intervention);
      outcomes.add(`${cancelled.status} ${assigned.status} ${history}`);
    }
    const allowed = ['200 409 annulation', '403 200 assignation'];
    expect([...outcomes].filter((found) => !allowed.includes(found))).toEqual([]);
  });
});

describe('a change that has waited', () => {
  /** Nothing can be made to wait for these: they take no key and touch rows that nobody else has. */
  const AT_ONCE = [
    'DELETE /auth/sessions',
    'DELETE /auth/sessions/:id',
    'DELETE /notifications/push/abonnements',
  ];
  const changes = GENERAL_ROUTES.filter(
    (route) => route.method !== 'get' && route.access !== 'public' && !AT_ONCE.includes(nameOf(route)),
  );

  /** Lets a request wait for its key, or for its row, changes something, and lets it go on. */
  async function whileWaiting(request: DeepRequest, change: () => Promise<unknown>): Promise<Reply> {
    const keyed = request.method === 'POST' || request.method === 'PUT';
    const { owner } = system.database;
    const { subject, id } = request.row ?? { subject: 'User' as const, id: request.userId! };
    const held = keyed
      ? await holdRows(owner, `INSERT INTO idempotence (user_id, cle, empreinte) VALUES ($1, $2, '')`, [
          request.userId,
          KEY,
        ])
      : await holdRows(owner, `SELECT id FROM ${tableOf(subject)} WHERE id = $1 FOR UPDATE`, [id]);
    const reply = send(request, keyed ? { 'Idempotency-Key': KEY } : {});
    try {
      await held.awaitedBy(1, null);
      await change();
    } finally {
      await held.release();
    }
    return reply;
  }

  async function check(
    route: Route,
    change: (userId: number) => Promise<unknown>,
    expected: number[],
  ): Promise<string[]> {
    const request = await requests.of(route);
    const before = await deedsOf(request.userId!);
    const { status, body } = await whileWaiting(request, () => change(request.userId!));
    const deeds = (await deedsOf(request.userId!)) - before;
    // Whoever waited too long, on a slow machine, was told so: asked again.
    if (status === 503 && deeds === 0) return check(route, change, expected);
    return expected.includes(status) && deeds === 0
      ? []
      : [`${nameOf(route)}: ${status} ${body.code ?? ''}, ${deeds} done`];
  }

  it('is made by no route for somebody whose session was ended meanwhile', async () => {
    const found: string[] = [];
    const end = (id: number) => run('UPDATE sessions SET date_revocation = now() WHERE user_id = $1', id);
    for (const route of changes) found.push(...(await check(route, end, [401])));
    expect(found).toEqual([]);
  });

  it('is made by no route for somebody whose role does not allow it any more', async () => {
    const found: string[] = [];
    // Whatever everybody may do to what is theirs, or any client to theirs, is left out.
    // To remove an account locks the administrators: who takes the role away then waits until it is done. To rate and to
    // wait for something is a client's already, and to let go of what one has held is everybody's.
    const forbidden = changes.filter(
      (route) =>
        Array.isArray(route.access) &&
        route.access[1] !== 'Notification' &&
        route.access[0] !== 'read' &&
        ![
          'DELETE /users/:id',
          'POST /interventions/:id/satisfaction',
          'DELETE /retenues/:uid',
          'POST /listes-attente',
        ].includes(nameOf(route)),
    );
    expect(forbidden.length).toBeGreaterThan(20);
    const demote = (id: number) =>
      run(`UPDATE users SET role = 'client', tous_sites = false WHERE id = $1`, id);
    for (const route of forbidden) found.push(...(await check(route, demote, [403, 404, 422])));
    expect(found).toEqual([]);
  });

  it.each<[string, (client: Client, id: number) => Promise<Reply>, number]>([
    ['a comment', (client, id) => client.post(`/interventions/${id}/commentaires`, { texte: 'Vu.' }), 404],
    [
      'a file',
      (client, id) => {
        const form = new FormData();
        form.set('intervention_id', String(id));
        form.set('type_document', 'note');
        form.set('file', new Blob(['Une note'], { type: 'text/plain' }), 'note.txt');
        return client.send('POST', '/documents/upload', { body: form });
      },
      422,
    ],
  ])('is not made of %s by a technicien who was replaced meanwhile', async (_, sent, expected) => {
    const technicien = await makeTechnicien(system.db);
    const { id: other } = await makeTechnicien(system.db);
    const client = await system.as(technicien.user);
    const { id } = await makeIntervention(system.db, { technicien_id: technicien.id, statut: 'planifiee' });
    const held = await holdRows(
      system.database.owner,
      'SELECT id FROM interventions WHERE id = $1 FOR NO KEY UPDATE',
      [id],
    );
    const reply = sent(client, id);
    await held.awaitedBy(1, 'test');
    await held.change('UPDATE interventions SET technicien_id = $1 WHERE id = $2', [other, id]);
    await held.commit();
    expect((await reply).status).toBe(expected);
    expect(await deedsOf(technicien.user_id)).toBe(0);
  });

  it('is not made of a file that took its time to come', async () => {
    const { client, user } = await system.newPerson('responsable');
    const { id } = await makeIntervention(system.db);
    const part = (head: string, body: string) =>
      `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
    const rest = `${part('name="type_document"', 'note')}${part('name="intervention_id"', String(id))}--b--\r\n`;
    const { store } = system.app;
    let begun = () => {};
    const storing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    system.app.store = {
      ...store,
      put: (...given) => {
        begun();
        return store.put(...given);
      },
    };
    async function* slowly() {
      yield Buffer.from(part('name="file"; filename="note.txt"', 'Une note. '.repeat(20_000)));
      await storing;
      await run('UPDATE sessions SET date_revocation = now() WHERE user_id = $1', user.id);
      yield Buffer.from(rest);
    }
    const { status } = await client.send('POST', '/documents/upload', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: ReadableStream.from(slowly()) as never,
      duplex: 'half',
    } as RequestInit);
    system.app.store = store;
    expect(status).toBe(401);
    expect(await run('SELECT id FROM documents WHERE intervention_id = $1', id)).toEqual([]);
  });
});
