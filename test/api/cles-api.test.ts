import { once } from 'node:events';
import { type IncomingMessage, request as send } from 'node:http';
import type { Role } from '../../src/domain/roles';
import { startTestApi, type TestApi } from '../support/api';
import { type Client, createClient, type Reply } from '../support/client';
import { eventually } from '../support/eventually';
import {
  makeIntervention,
  makePiece,
  makeSite,
  makeTechnicien,
  makeUser,
  PASSWORD,
} from '../support/factories';
import { type Fault, faultsOf, unrefused } from '../support/faults';
import { startInstance } from '../support/instance';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Awaited<ReturnType<TestApi['newPerson']>>;
let now: number | null = null;
beforeAll(async () => {
  api = await startTestApi();
  api.app.clock = () => new Date(now ?? Date.now());
  admin = await api.newPerson('admin');
});
afterAll(() => api.close());
afterEach(() => {
  now = null;
});

const KEY = /^regie_[\w-]{43}$/;
const MINUTE = 60_000;

const outcome = ({ status, body }: Reply) => [status, body.code];
const create = (fields: object = {}, by: Client = admin.client) =>
  by.post('/cles-api/', { nom: 'Capteurs', role: 'responsable', ...fields });

/** A machine with a new key. */
async function machine(
  fields: object = {},
  by?: Client,
): Promise<{ id: number; client: Client; cle: string }> {
  const { body } = await create(fields, by);
  return { id: body.id, cle: body.cle, client: createClient(api.baseUrl, body.cle) };
}

/** The status of a path exactly as it is written: `fetch` would tidy it up. */
async function statusOfExactly(path: string, cle: string, method = 'GET'): Promise<number | undefined> {
  const { hostname, port } = new URL(api.baseUrl);
  const headers = { authorization: `Bearer ${cle}` };
  const request = send({ hostname, port, method, path: `/api/v1${path}`, headers, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const historyOf = (id: number) =>
  api.db.query(
    `SELECT action, auteur_id, cle_api_id, avant, apres FROM historique
     WHERE entite = 'cle_api' AND entite_id = $1 ORDER BY id`,
    [id],
  );

describe('a key', () => {
  it('is made, read, changed and revoked by an administrator, and stays listed', async () => {
    const created = await create({ chemins: ['GET /pieces'], date_expiration: '2090-01-01T00:00:00+01:00' });
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    const { cle, ...row } = created.body;
    expect(cle).toMatch(KEY);
    const instant = expect.stringMatching(/Z$/);
    expect(row).toEqual({
      id: expect.any(Number),
      nom: 'Capteurs',
      role: 'responsable',
      chemins: ['GET /pieces'],
      createur_id: admin.user.id,
      debut: cle.slice(0, 12),
      date_expiration: '2089-12-31T23:00:00.000Z',
      date_revocation: null,
      derniere_utilisation: null,
      derniere_adresse: null,
      date_creation: instant,
      date_modification: instant,
      version: 1,
    });
    const path = `/cles-api/${row.id}`;
    expect((await admin.client.get(path)).body).toEqual(row);

    const changes = { nom: 'Balances', chemins: null, date_expiration: null };
    const changed = await admin.client.patch(path, changes, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ ...changes, version: 2 });
    expect((await admin.client.patch(path, changes)).body.version).toBe(2);
    expect((await admin.client.patch(path, { nom: 'Tard' }, { 'If-Match': '"1"' })).status).toBe(412);

    expect((await admin.client.delete(path)).status).toBe(204);
    expect((await admin.client.delete(path)).status).toBe(204);
    const revoked = (await admin.client.get(path)).body;
    expect(revoked).toMatchObject({ nom: 'Balances', date_revocation: instant });
    expect(outcome(await admin.client.patch(path, { nom: 'Autre' }))).toEqual([409, 'TRANSITION_INVALIDE']);
    expect(await historyOf(row.id)).toEqual([
      expect.objectContaining({ action: 'creation', auteur_id: admin.user.id }),
      expect.objectContaining({ action: 'modification', apres: changes }),
      expect.objectContaining({ action: 'revocation' }),
    ]);
    expect(JSON.stringify(await historyOf(row.id))).not.toContain(cle.slice(12));
    const mails = await api.db.query(
      `SELECT donnees->'cle' AS cle FROM messages WHERE destinataire_id = $1 AND modele = 'cle_api_creee'`,
      [admin.user.id],
    );
    expect(mails).toEqual([{ cle: expect.objectContaining({ nom: 'Capteurs', role: 'responsable' }) }]);
  });

  it('is never a membre: what they may do is theirs as a person', async () => {
    const refused = await create({ role: 'membre' });
    expect([outcome(refused), refused.body.erreurs[0].champ]).toEqual([[422, 'VALIDATION'], 'role']);
  });

  it('is listed with its filters, and never shown again', async () => {
    const one = (await create({ nom: 'Liste Été', role: 'client' })).body;
    const two = (await create({ nom: 'Liste hiver', role: 'technicien' })).body;
    await admin.client.delete(`/cles-api/${two.id}`);
    const ids = async (query: string) =>
      (await admin.client.get(`/cles-api?${query}`)).body.map(({ id }: { id: number }) => id);
    expect(await ids('q=liste')).toEqual([two.id, one.id]);
    expect(await ids('q=ETE')).toEqual([one.id]);
    expect(await ids(`q=${one.debut}`)).toEqual([one.id]);
    expect(await ids('q=liste&role=client,admin')).toEqual([one.id]);
    expect(await ids('q=liste&revoquee=true')).toEqual([two.id]);
    expect(await ids('q=liste&sort=nom')).toEqual([one.id, two.id]);
    expect(await ids(`q=liste&createur_id=${admin.user.id}&revoquee=false`)).toEqual([one.id]);
    expect(await ids('q=liste&createur_id=999999')).toEqual([]);
    const list = await admin.client.get('/cles-api?limit=1');
    expect(Number(list.headers.get('x-total-count'))).toBeGreaterThanOrEqual(2);
    for (const shown of [list, await admin.client.get(`/cles-api/${one.id}`)]) {
      expect(JSON.stringify(shown.body)).not.toContain(one.cle);
      expect(JSON.stringify(shown.body)).not.toMatch(/empreinte|"cle"/);
    }
  });

  it('is an administrator’s affair alone', async () => {
    const { id } = await machine();
    for (const role of ['responsable', 'technicien', 'client'] as const) {
      const { client } = await api.newPerson(role);
      const replies = [
        await client.get('/cles-api'),
        await create({}, client),
        await client.get(`/cles-api/${id}`),
        await client.patch(`/cles-api/${id}`, { nom: 'Prise' }),
        await client.delete(`/cles-api/${id}`),
      ];
      expect([role, ...replies.map(({ status }) => status)]).toEqual([role, ...Array(5).fill(403)]);
    }
    expect((await admin.client.get('/cles-api/999999')).status).toBe(404);
    expect((await admin.client.delete('/cles-api/999999')).status).toBe(404);
  });

  it('refuses every fault of its body', async () => {
    const valid = { nom: 'Capteurs', role: 'client', chemins: ['/pieces'], date_expiration: null };
    const shape = {
      nom: { accepts: 'string', required: true, maxLength: 100 },
      role: { accepts: 'string', required: true, refuses: ['', 'root', 'ADMIN'] },
      chemins: {
        accepts: 'array',
        nullable: true,
        refuses: [[], [1], ['pieces'], ['/pieces/..'], ['/pieces%2f1'], Array(51).fill('/pieces')],
      },
      date_expiration: {
        accepts: 'string',
        nullable: true,
        refuses: ['demain', '2026-02-30T00:00:00Z', '2020-01-01T00:00:00Z', '9999-01-01T00:00:00Z'],
      },
    } as const;
    const faults = (partial: boolean) => faultsOf(valid, shape as unknown as Shape, partial);
    expect(await unrefused(admin.client, 'post', '/cles-api', faults(false))).toEqual([]);
    const { id } = await machine();
    const { role: _, ...changes } = valid;
    const ofChanges: Fault[] = [
      ...faults(true)
        .filter(({ champ }) => champ !== 'role' && champ !== '')
        .map(({ body, ...fault }) => {
          const { role: __, ...others } = body as Record<string, unknown>;
          return { ...fault, body: others };
        }),
      { name: 'another role', champ: 'role', body: { ...changes, role: 'admin' } },
      { name: 'another maker', champ: 'createur_id', body: { ...changes, createur_id: 1 } },
      { name: 'its return', champ: 'date_revocation', body: { ...changes, date_revocation: null } },
    ];
    expect(await unrefused(admin.client, 'patch', `/cles-api/${id}`, ofChanges)).toEqual([]);
  });
  type Shape = Parameters<typeof faultsOf>[1];

  it('is made once for an Idempotency-Key, and lies in the database neither in clear nor as its answer', async () => {
    const body = { nom: 'Une fois', role: 'client' };
    const post = () => admin.client.post('/cles-api', body, { 'Idempotency-Key': 'cle-une-fois' });
    const replies = await Promise.all(Array.from({ length: 5 }, post));
    const keys = new Set(replies.map((reply) => reply.body.cle));
    expect([replies.map(({ status }) => status), keys.size]).toEqual([Array(5).fill(201), 1]);
    const [cle] = [...keys];
    for (const table of ['cles_api', 'idempotence', 'historique']) {
      const rows = JSON.stringify(await api.db.query(`SELECT t::text FROM ${table} t`));
      expect([table, rows.includes(cle.slice(12))]).toEqual([table, false]);
    }
  });
});

describe('a machine', () => {
  it('acts in the name of whoever made its key, with the role of the key, and is named in the history', async () => {
    const piece = await makePiece(api.db);
    const { id, client } = await machine({ role: 'technicien' });
    expect((await client.get(`/pieces/${piece.id}`)).status).toBe(200);
    expect((await client.patch(`/pieces/${piece.id}`, { stock: 1 })).status).toBe(403);
    expect((await client.get('/cles-api')).status).toBe(403);

    const responsable = await machine();
    expect((await responsable.client.patch(`/pieces/${piece.id}`, { stock: 7 })).status).toBe(200);
    const written = await api.db.query(
      `SELECT action, auteur_id, cle_api_id FROM historique
       WHERE entite = 'piece' AND (entite_id = $1 OR apres ->> 'id' = $2) ORDER BY id`,
      [piece.id, String(piece.id)],
    );
    expect(written).toEqual([
      { action: 'refus', auteur_id: admin.user.id, cle_api_id: id },
      { action: 'modification', auteur_id: admin.user.id, cle_api_id: responsable.id },
    ]);
  });

  it('sees the rows that its maker would see in that role', async () => {
    const site = await makeSite(api.db);
    const maker = await api.newPerson('admin');
    const technicien = await makeTechnicien(api.db, { user_id: maker.user.id });
    const own = await makeIntervention(api.db, { technicien_id: technicien.id, statut: 'planifiee' });
    const other = await makeIntervention(api.db, {
      technicien_id: (await makeTechnicien(api.db)).id,
      statut: 'planifiee',
    });
    const asTechnicien = await machine({ role: 'technicien' }, maker.client);
    expect((await asTechnicien.client.get(`/interventions/${own.id}`)).status).toBe(200);
    expect((await asTechnicien.client.get(`/interventions/${other.id}`)).status).toBe(404);

    const asResponsable = await machine({}, maker.client);
    expect((await asResponsable.client.get(`/interventions/${other.id}`)).status).toBe(200);
    await api.db.query(`UPDATE users SET role = 'responsable' WHERE id = $1`, [maker.user.id]);
    await api.db.query('INSERT INTO user_sites VALUES ($1, $2)', [maker.user.id, site.id]);
    expect((await asResponsable.client.get(`/interventions/${other.id}`)).status).toBe(404);
  });

  it.each<[Role, Role, number]>([
    ['admin', 'admin', 200],
    ['admin', 'client', 200],
    ['responsable', 'responsable', 200],
    ['responsable', 'admin', 401],
    ['responsable', 'technicien', 401],
    ['technicien', 'responsable', 401],
    ['client', 'technicien', 401],
  ])('whose maker is %s now is answered with a key of %s by %i', async (makerRole, keyRole, status) => {
    const maker = await api.newPerson('admin');
    const { client } = await machine({ role: keyRole }, maker.client);
    await api.db.query('UPDATE users SET role = $2 WHERE id = $1', [maker.user.id, makerRole]);
    expect((await client.get('/interventions')).status).toBe(status);
  });

  it('is shut out at once when its key ends, and for good when its maker is deactivated', async () => {
    const expiring = await machine({ date_expiration: new Date(Date.now() + MINUTE).toISOString() });
    expect((await expiring.client.get('/pieces')).status).toBe(200);
    now = Date.now() + MINUTE + 1_000;
    expect(outcome(await expiring.client.get('/pieces'))).toEqual([401, 'NON_AUTHENTIFIE']);
    now = null;

    const revoked = await machine();
    await admin.client.delete(`/cles-api/${revoked.id}`);
    expect((await revoked.client.get('/pieces')).status).toBe(401);

    const maker = await api.newPerson('admin');
    const orphan = await machine({}, maker.client);
    const setActive = (is_active: boolean) => admin.client.patch(`/users/${maker.user.id}`, { is_active });
    expect((await setActive(false)).status).toBe(200);
    expect((await orphan.client.get('/pieces')).status).toBe(401);
    expect((await setActive(true)).status).toBe(200);
    expect((await orphan.client.get('/pieces')).status).toBe(401);
    expect((await historyOf(orphan.id)).at(-1)).toMatchObject({
      action: 'revocation',
      auteur_id: admin.user.id,
    });
  });

  it('is refused with any other text in the place of its key', async () => {
    const { cle } = await machine();
    const others = [
      cle.slice(0, -1),
      `${cle}A`,
      cle.toUpperCase(),
      `regie_${'A'.repeat(43)}`,
      'regie_',
      cle.slice(6),
    ];
    for (const token of others) {
      const reply = await createClient(api.baseUrl, token).get('/pieces');
      expect([token, ...outcome(reply)]).toEqual([token, 401, 'NON_AUTHENTIFIE']);
    }
    expect((await api.anonymous.get(`/pieces?access_token=${cle}`)).status).toBe(401);
    expect((await api.anonymous.get('/pieces', { Cookie: `token=${cle}` })).status).toBe(401);
  });

  it('reaches nothing that is a person’s own: sessions, passwords, second factor, keys', async () => {
    const { client, cle } = await machine({ role: 'admin' });
    const requests: [string, string, object?][] = [
      ['GET', '/auth/me'],
      ['PATCH', '/auth/me', { nom: 'Machine' }],
      ['POST', '/auth/logout'],
      ['GET', '/auth/sessions'],
      ['DELETE', '/auth/sessions'],
      ['POST', '/auth/change-password', { current_password: PASSWORD, new_password: 'Atelier-Nord-48!' }],
      ['GET', '/auth/second-facteur'],
      ['POST', '/auth/second-facteur', { password: PASSWORD }],
      ['GET', '/cles-api'],
      ['POST', '/cles-api', { nom: 'Fille', role: 'admin' }],
    ];
    for (const [method, path, body] of requests) {
      const reply = await client.send(method, path, {
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      expect([method, path, ...outcome(reply)]).toEqual([method, path, 403, 'INTERDIT']);
    }
    expect((await api.anonymous.post('/auth/refresh', { refresh_token: cle })).status).toBe(401);
  });

  it('needs no second factor where its maker’s role asks for one', async () => {
    const { cle } = await machine({ role: 'admin' });
    const config = { ...api.config, secondFacteurRoles: ['admin' as const] };
    const strict = await startInstance(api, { config });
    try {
      expect((await createClient(strict.baseUrl, cle).get('/pieces')).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('goes no further than the paths of its key, however the address is written; each try is on record', async () => {
    const piece = await makePiece(api.db);
    const user = await makeUser(api.db);
    const { id, client, cle } = await machine({
      role: 'admin',
      chemins: ['GET /pieces', '/equipements/{id}'],
    });
    const statuses = async (...requests: [string, string][]) => {
      const replies = [];
      for (const [method, path] of requests) replies.push((await client.send(method, path)).status);
      return replies;
    };
    expect(await statuses(['GET', '/pieces'], ['GET', '/pieces/'])).toEqual([200, 200]);
    expect(await statusOfExactly('/pieces', cle, 'HEAD')).toBe(200);
    expect(await statuses(['GET', `/pieces/${piece.id}`], ['GET', '/equipements/999999'])).toEqual([
      200, 404,
    ]);
    expect(
      await statuses(
        ['DELETE', `/pieces/${piece.id}`],
        ['GET', '/equipements'],
        ['GET', '/users'],
        ['GET', `/users/${user.id}`],
        ['GET', '/interventions?x=/pieces'],
      ),
    ).toEqual([403, 403, 403, 403, 403]);
    const refused = await api.db.query(
      `SELECT entite, apres->>'requete' AS requete FROM historique
       WHERE cle_api_id = $1 AND action = 'refus' ORDER BY id`,
      [id],
    );
    expect(refused).toEqual([
      { entite: 'piece', requete: 'DELETE /pieces/:id' },
      { entite: 'equipement', requete: 'GET /equipements' },
      { entite: 'user', requete: 'GET /users' },
      { entite: 'user', requete: 'GET /users/:id' },
      { entite: 'intervention', requete: 'GET /interventions' },
    ]);
    const tricks = [
      '/pieces/../users',
      '/pieces/..%2fusers',
      '/pieces%2f..%2fusers',
      '//users',
      '/./users',
      '/USERS',
    ];
    for (const path of tricks) expect([path, await statusOfExactly(path, cle)]).toEqual([path, 404]);
  });

  it('has Idempotency-Keys of its own beside those of its maker', async () => {
    const { client } = await machine();
    const post = (by: Client, reference: string) =>
      by.post('/pieces', { reference, designation: 'Joint' }, { 'Idempotency-Key': 'commune' });
    const made = await post(admin.client, 'CLE-1');
    const byMachine = await post(client, 'CLE-2');
    expect([made.status, byMachine.status]).toEqual([201, 201]);
    const again = await post(client, 'CLE-2');
    expect([again.body.id, again.headers.get('idempotency-replayed')]).toEqual([byMachine.body.id, 'true']);
    expect((await post(admin.client, 'CLE-1')).body.id).toBe(made.body.id);
  });

  it('costs one query to recognise, and leaves a trace of its last use once a minute', async () => {
    const { id, client } = await machine();
    const lastUse = async () => (await admin.client.get(`/cles-api/${id}`)).body.derniere_utilisation;
    const first = Date.now();
    now = first;
    await client.get('/pieces');
    expect(await eventually(lastUse, (use) => use !== null)).toBe(new Date(first).toISOString());
    const row = (await admin.client.get(`/cles-api/${id}`)).body;
    expect([row.derniere_adresse, row.version]).toEqual(['127.0.0.1', 1]);

    now = first + MINUTE - 1;
    const statements = await statementsDuring(() => client.get('/pieces/999999'));
    expect(statements.filter((statement) => statement.includes('cles_api'))).toHaveLength(1);
    expect(statements).toHaveLength(2);
    now = first + MINUTE;
    await client.get('/pieces');
    const renewed = new Date(first + MINUTE).toISOString();
    expect(await eventually(lastUse, (use) => use === renewed)).toBe(renewed);
  });
});
