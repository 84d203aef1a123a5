import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeSite, makeTechnicien, makeUser, PASSWORD } from '../support/factories';
import { type Field, faultsOf, unrefused } from '../support/faults';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

let counter = 0;
const newBody = (given: object = {}) => ({
  email: `nouveau-${++counter}@exemple.ma`,
  password: 'SecurePass123!',
  nom: 'Nouveau',
  prenom: 'User',
  role: 'client',
  ...given,
});

const login = (email: string, password = PASSWORD) => api.anonymous.post('/auth/login', { email, password });
const countUsers = async () => Number((await api.db.query('SELECT count(*) FROM users'))[0].count);

const FIELDS: Record<string, Field> = {
  email: {
    accepts: 'string',
    required: true,
    maxLength: 254,
    refuses: ['pas-une-adresse', 'a@b.ma, c@evil.com', 'a@b.ma c@d.ma', 'Nom <a@b.ma>', '@b.ma'],
  },
  password: {
    accepts: 'string',
    refuses: ['', 'password123', 'Court-1!', 'SansSymbole1', `A1!${'a'.repeat(126)}`, 'Avec-nul-12!\0'],
  },
  nom: { accepts: 'string', required: true, maxLength: 60 },
  prenom: { accepts: 'string', required: true, maxLength: 60 },
  role: { accepts: 'string', required: true, refuses: ['', 'root', 'Admin'] },
  is_active: { accepts: 'boolean', refuses: ['true'] },
  langue: { accepts: 'string', refuses: ['es', ''] },
  telephone: { accepts: 'string', nullable: true, maxLength: 30, refuses: ['appelez-moi'] },
  site_ids: { accepts: 'array', refuses: [['1'], [0], [1.5], [999_999], 3] },
};

describe('users', () => {
  it('are created and listed as the users’ document shows, field by field', async () => {
    const created = await admin.post('/users/', {
      email: 'nouveau@example.com',
      password: 'SecurePass123!',
      nom: 'Nouveau',
      prenom: 'User',
      role: 'technicien',
    });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('"1"');
    expect(created.body).toEqual({
      id: expect.any(Number),
      email: 'nouveau@example.com',
      invitation_en_attente: false,
      email_invalide: null,
      nom: 'Nouveau',
      prenom: 'User',
      role: 'technicien',
      is_active: true,
      date_creation: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      derniere_connexion: null,
      langue: 'fr',
      telephone: null,
      telephone_invalide: false,
      sms_arretes: false,
      site_ids: [],
      tous_sites: true,
      date_modification: expect.any(String),
      version: 1,
    });
    expect((await login('nouveau@example.com', 'SecurePass123!')).status).toBe(200);

    await admin.post('/techniciens/', {
      user_id: created.body.id,
      specialite: 'Mécanique',
      competences: ['hydraulique', 'pneumatique'],
      niveau_experience: 'senior',
    });
    const listed = await admin.get('/users/?role=technicien&limit=20&offset=0');
    expect(listed.status).toBe(200);
    expect(listed.headers.get('x-total-count')).toBe(String(listed.body.length));
    const row = listed.body.find((user: { id: number }) => user.id === created.body.id);
    expect(row).toMatchObject({
      email: 'nouveau@example.com',
      role: 'technicien',
      technicien: {
        specialite: 'Mécanique',
        competences: ['hydraulique', 'pneumatique'],
        niveau_experience: 'senior',
      },
    });
    expect(listed.body.every((user: { role: string }) => user.role === 'technicien')).toBe(true);
    expect(JSON.stringify(listed.body)).not.toMatch(/argon2|mot_de_passe|password/);
    expect((await admin.get(`/users/${created.body.id}/`)).body).toEqual({
      ...row,
      derniere_connexion: expect.any(String),
    });
  });

  it('are found by role, activity and any part of their name, and sorted', async () => {
    const [one, two] = [
      await makeUser(api.db, { nom: 'Éléonore', prenom: 'Zineb', role: 'client' }),
      await makeUser(api.db, { nom: 'Eleonore', prenom: 'Amal', role: 'responsable', is_active: false }),
    ];
    const ids = async (query: string) =>
      (await admin.get(`/users/?${query}`)).body.map((user: { id: number }) => user.id);
    expect(await ids('q=ELEONORE&sort=prenom')).toEqual([two.id, one.id]);
    expect(await ids('q=zineb%20éléo')).toEqual([one.id]);
    expect(await ids('q=eleonore&is_active=false')).toEqual([two.id]);
    expect(await ids('q=eleonore&role=client,responsable&sort=-id')).toEqual([two.id, one.id]);
    expect(await ids('q=eleonore&role=client&is_active=false')).toEqual([]);
    expect(await ids('q=%25')).toEqual([]);
    for (const query of [
      'role=root',
      'is_active=oui',
      'sort=mot_de_passe',
      'inconnu=1',
      'limit=0',
      'q=a%00b',
    ]) {
      expect([query, (await admin.get(`/users/?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('page through sign-in dates, those who never signed in included', async () => {
    for (const date of [null, '2026-01-02T03:04:05.678Z', null, '2026-05-06T07:08:09Z']) {
      await makeUser(api.db, { nom: 'Paginé', derniere_connexion: date === null ? null : new Date(date) });
    }
    const seen: (string | null)[] = [];
    let path: string | undefined = '/users/?q=pagine&sort=derniere_connexion&limit=1';
    while (path !== undefined) {
      const reply = await admin.get(path);
      seen.push(...reply.body.map((user: { derniere_connexion: string | null }) => user.derniere_connexion));
      path = /<\/api\/v1([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual([null, null, '2026-01-02T03:04:05.678Z', '2026-05-06T07:08:09.000Z']);
  });

  it('cost as many statements for one as for many', async () => {
    const count = async (limit: number) =>
      (await statementsDuring(() => admin.get(`/users/?limit=${limit}`))).length;
    for (let n = 0; n < 5; n++) await makeTechnicien(api.db);
    expect([await count(1), await count(200)]).toEqual([2, 2]);
  });

  it('refuse every fault of every field, all at once too, and keep nothing', async () => {
    const before = await countUsers();
    const body = newBody();
    expect(await unrefused(admin, 'post', '/users/', faultsOf(body, FIELDS))).toEqual([]);
    const all = await admin.post('/users/', {
      ...Object.fromEntries(Object.keys(FIELDS).map((f) => [f, 7])),
    });
    const champs = new Set(all.body.erreurs.map((erreur: { champ: string }) => erreur.champ));
    expect(champs).toEqual(new Set(Object.keys(FIELDS)));
    expect(await countUsers()).toBe(before);

    const user = await makeUser(api.db, { role: 'client' });
    expect(await unrefused(admin, 'patch', `/users/${user.id}`, faultsOf({}, FIELDS, true))).toEqual([]);
    const replacement = { ...newBody(), is_active: true };
    const { password: _, ...others } = FIELDS;
    const fields = { ...others, is_active: { ...FIELDS.is_active!, required: true } };
    expect(await unrefused(admin, 'put', `/users/${user.id}`, faultsOf(replacement, fields))).toEqual([]);
    expect((await admin.get(`/users/${user.id}`)).body).toMatchObject({ nom: user.nom, version: 1 });
  });

  it('have an address of their own, whatever its case, also when two ask at once', async () => {
    const body = newBody({ email: 'Unique.Adresse@Exemple.MA' });
    const replies = await Promise.all(Array.from({ length: 5 }, () => admin.post('/users/', body)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(replies.find(({ status }) => status === 201)!.body.email).toBe('unique.adresse@exemple.ma');
    const again = await admin.post('/users/', newBody({ email: 'UNIQUE.adresse@exemple.ma' }));
    expect([again.status, again.body.code]).toEqual([409, 'DEJA_EXISTANT']);
    const other = await makeUser(api.db);
    const moved = await admin.patch(`/users/${other.id}`, { email: 'unique.adresse@exemple.ma' });
    expect([moved.status, moved.body.code]).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('may be given sites unless they are administrators, and lose them with the role', async () => {
    const [one, two] = [await makeSite(api.db), await makeSite(api.db)];
    const created = await admin.post(
      '/users/',
      newBody({ role: 'client', site_ids: [two.id, one.id, two.id] }),
    );
    expect(created.body.site_ids).toEqual([one.id, two.id]);
    const path = `/users/${created.body.id}`;
    const fewer = await admin.patch(path, { site_ids: [two.id] });
    expect(fewer.body).toMatchObject({ site_ids: [two.id], version: 2 });
    const refused = await admin.patch(path, { role: 'admin', site_ids: [two.id] });
    expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'site_ids']);
    const moved = await admin.patch(path, { role: 'technicien' });
    expect(moved.body).toMatchObject({ role: 'technicien', site_ids: [two.id], version: 3 });
    const above = await admin.patch(path, { role: 'admin' });
    expect(above.body).toMatchObject({ role: 'admin', site_ids: [], tous_sites: true, version: 4 });
  });

  it('oversee everything when it is said, or when they are created without sites by somebody who does', async () => {
    const site = await makeSite(api.db);
    const create = async (given: object) => {
      const { status, body } = await admin.post('/users/', newBody(given));
      return [status, status === 201 ? body.tous_sites : body.erreurs[0].champ];
    };
    expect(await create({ role: 'responsable' })).toEqual([201, true]);
    expect(await create({ role: 'technicien', tous_sites: null })).toEqual([201, true]);
    expect(await create({ role: 'technicien', tous_sites: false })).toEqual([201, false]);
    expect(await create({ role: 'responsable', site_ids: [site.id] })).toEqual([201, false]);
    expect(await create({ role: 'client' })).toEqual([201, false]);
    expect(await create({ role: 'admin' })).toEqual([201, true]);
    expect(await create({ role: 'admin', tous_sites: false })).toEqual([422, 'tous_sites']);
    expect(await create({ role: 'client', tous_sites: true })).toEqual([422, 'tous_sites']);
    expect(await create({ role: 'responsable', tous_sites: true, site_ids: [site.id] })).toEqual([
      422,
      'tous_sites',
    ]);
  });

  it('are narrowed by naming sites, and widened by saying so alone', async () => {
    const site = await makeSite(api.db);
    const user = await makeUser(api.db, { role: 'responsable' });
    const change = async (given: object) => {
      const { body } = await admin.patch(`/users/${user.id}`, given);
      return [body.tous_sites, body.site_ids];
    };
    expect(await change({ site_ids: [site.id] })).toEqual([false, [site.id]]);
    expect(await change({ site_ids: [] })).toEqual([false, []]);
    expect(await change({ tous_sites: null })).toEqual([false, []]);
    const { email, nom, prenom, role } = user;
    const put = await admin.put(`/users/${user.id}`, { email, nom, prenom, role, is_active: true });
    expect([put.status, put.body.tous_sites]).toEqual([200, false]);
    expect(await change({ site_ids: [site.id] })).toEqual([false, [site.id]]);
    expect(await change({ tous_sites: true })).toEqual([true, []]);
    expect(await change({ role: 'technicien' })).toEqual([true, []]);
    expect(await change({ role: 'client' })).toEqual([false, []]);
    expect(await change({ role: 'responsable' })).toEqual([false, []]);
  });

  it('are recorded in the history, without their passwords', async () => {
    const created = await admin.post('/users/', newBody());
    const path = `/users/${created.body.id}`;
    await admin.patch(path, { nom: 'Changé', password: 'Encore-Autre-12!' });
    await admin.delete(path);
    const history = await api.db.query(
      `SELECT action, avant, apres, auteur_id FROM historique WHERE entite = 'user' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(history.map((row: { action: string }) => row.action)).toEqual([
      'creation',
      'modification',
      'changement_mot_de_passe',
      'suppression',
    ]);
    expect(history[1]).toMatchObject({ avant: { nom: 'Nouveau' }, apres: { nom: 'Changé' } });
    expect(history.every((row: { auteur_id: number | null }) => row.auteur_id !== null)).toBe(true);
    expect(JSON.stringify(history)).not.toMatch(/SecurePass|Encore|argon2/);
  });

  it('are deleted only while nothing depends on them', async () => {
    const unused = await admin.post('/users/', newBody());
    expect((await admin.delete(`/users/${unused.body.id}`)).status).toBe(204);
    expect((await admin.get(`/users/${unused.body.id}`)).status).toBe(404);

    const owner = await makeUser(api.db, { role: 'client' });
    await makeEquipement(api.db, { client_id: owner.id });
    const technicien = await makeTechnicien(api.db);
    const active = await makeUser(api.db);
    await login(active.email);
    for (const user of [owner, technicien.user, active]) {
      const refused = await admin.delete(`/users/${user.id}`);
      expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
      expect((await admin.get(`/users/${user.id}`)).status).toBe(200);
    }
  });

  it('change as a whole with PUT, which keeps the password it is not given', async () => {
    const user = await makeUser(api.db, { role: 'client', telephone: '0612345678', langue: 'ar' });
    const { password: _, ...body } = { ...newBody(), is_active: true };
    const replaced = await admin.put(`/users/${user.id}`, body);
    expect(replaced.body).toMatchObject({ ...body, telephone: null, langue: 'fr', version: 2 });
    expect((await login(body.email)).status).toBe(200);
    const unchanged = await admin.put(`/users/${user.id}`, body);
    expect(unchanged.body.version).toBe(2);
  });
});

describe('a telephone number', () => {
  it.each([
    ['06 12 34 56 78', '+212612345678'],
    ['+33 6 12 34 56 78', '+33612345678'],
    ['0522-00-00-00', '+212522000000'],
  ])('%s is kept as %s', async (telephone, kept) => {
    const created = await admin.post('/users/', { ...newBody(), telephone });
    expect([created.status, created.body.telephone]).toEqual([201, kept]);
    const changed = await admin.patch(`/users/${created.body.id}`, { telephone });
    expect(changed.body).toMatchObject({ telephone: kept, version: 1 });
  });

  it('without the code of its country is one of the country of the person’s sites', async () => {
    const france = await makeSite(api.db, { pays: 'FR' });
    const telephone = '06 12 34 56 78';
    const created = await admin.post('/users/', { ...newBody(), telephone, site_ids: [france.id] });
    expect(created.body.telephone).toBe('+33612345678');
    const moved = await admin.patch(`/users/${created.body.id}`, { telephone: '0698765432' });
    expect(moved.body.telephone).toBe('+33698765432');
  });

  it('that nobody can have is refused, when it is written', async () => {
    for (const telephone of ['0000000000', '+212 6 12 34 56', '06 12']) {
      const refused = await admin.post('/users/', { ...newBody(), telephone });
      expect([telephone, refused.status, refused.body.erreurs[0].champ]).toEqual([
        telephone,
        422,
        'telephone',
      ]);
    }
  });

  it('of an older kind stays as it is until somebody writes another', async () => {
    const user = await makeUser(api.db, { role: 'client', telephone: '0522 poste 12' });
    expect((await admin.get(`/users/${user.id}`)).body.telephone).toBe('0522 poste 12');
    const changed = await admin.patch(`/users/${user.id}`, { nom: 'Autre' });
    expect(changed.body).toMatchObject({ nom: 'Autre', telephone: '0522 poste 12' });
  });
});

describe('what ends somebody’s sessions at once', () => {
  it.each([
    ['a deactivation', { is_active: false }],
    ['another role', { role: 'technicien' }],
    ['another password', { password: 'Encore-Autre-12!' }],
  ])('%s', async (_, change) => {
    const { user } = await api.newPerson('client');
    const signedIn = (await login(user.email)).body;
    const client = await api.as(user);
    expect((await admin.patch(`/users/${user.id}`, { nom: 'Sans effet' })).status).toBe(200);
    expect((await client.get('/auth/me')).status).toBe(200);

    expect((await admin.patch(`/users/${user.id}`, change)).status).toBe(200);
    expect((await client.get('/auth/me')).status).toBe(401);
    const refreshed = await api.anonymous.post('/auth/refresh', { refresh_token: signedIn.refresh_token });
    expect(refreshed.status).toBe(401);
  });

  it('not even a reactivation brings them back', async () => {
    const { user, client } = await api.newPerson('client');
    await admin.patch(`/users/${user.id}`, { is_active: false });
    await admin.patch(`/users/${user.id}`, { is_active: true });
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await login(user.email)).status).toBe(200);
  });
});

describe('who may do what with users', () => {
  it('lets a responsable read all, create all but administrators, and change only themselves', async () => {
    const { user, client } = await api.newPerson('responsable');
    const other = await makeUser(api.db, { role: 'client' });
    expect((await client.get(`/users/${other.id}`)).status).toBe(200);
    for (const role of ['responsable', 'technicien', 'client', 'membre']) {
      expect((await client.post('/users/', newBody({ role }))).status).toBe(201);
    }
    const before = await countUsers();
    const refused = await client.post('/users/', newBody({ role: 'admin' }));
    expect([refused.status, refused.body.code]).toEqual([403, 'INTERDIT']);
    expect(await countUsers()).toBe(before);

    for (const change of [{ nom: 'Autre' }, { is_active: false }, { role: 'admin' }, {}]) {
      expect((await client.patch(`/users/${other.id}`, change)).status).toBe(403);
    }
    expect((await client.delete(`/users/${other.id}`)).status).toBe(403);
    expect((await client.patch(`/users/${user.id}`, { prenom: 'Nouveau' })).status).toBe(200);
    expect((await client.patch(`/users/${user.id}`, { role: 'admin' })).status).toBe(403);
  });

  it('lets a responsable of some sites give nobody more to oversee than they have', async () => {
    const [own, foreign] = [await makeSite(api.db), await makeSite(api.db)];
    const { client } = await api.newPerson('responsable', { sites: [own.id] });
    const attempt = async (given: object) => (await client.post('/users/', newBody(given))).status;
    expect(await attempt({ role: 'responsable' })).toBe(403);
    expect(await attempt({ role: 'responsable', site_ids: [own.id, foreign.id] })).toBe(403);
    expect(await attempt({ role: 'client', site_ids: [foreign.id] })).toBe(403);
    expect(await attempt({ role: 'responsable', site_ids: [own.id] })).toBe(201);
    expect(await attempt({ role: 'client', site_ids: [own.id] })).toBe(201);
    expect(await attempt({ role: 'client' })).toBe(201);
    // They oversee nothing, wherever they are.
    expect(await attempt({ role: 'membre' })).toBe(201);
    expect(await attempt({ role: 'membre', site_ids: [own.id] })).toBe(422);
  });

  it.each(['technicien', 'client', 'membre'] as const)('shows a %s themselves alone', async (role) => {
    const { user, client } = await api.newPerson(role);
    const other = await makeUser(api.db, { role });
    const listed = await client.get('/users/');
    expect(listed.body.map(({ id }: { id: number }) => id)).toEqual([user.id]);
    expect(listed.headers.get('x-total-count')).toBe('1');
    expect((await client.get(`/users/${user.id}`)).status).toBe(200);
    expect((await client.get(`/users/${other.id}`)).status).toBe(404);
    expect((await client.patch(`/users/${other.id}`, { nom: 'Autre' })).status).toBe(404);
    expect((await client.post('/users/', newBody())).status).toBe(403);
    expect((await client.delete(`/users/${user.id}`)).status).toBe(403);

    const own = { nom: 'Moi', prenom: 'Même', langue: 'en', telephone: '+212522000000' };
    expect((await client.patch(`/users/${user.id}`, own)).body).toMatchObject(own);
    for (const change of [
      { role: 'admin' },
      { is_active: false },
      { email: 'autre@exemple.ma' },
      { password: 'Encore-Autre-12!' },
      { nom: 'Avec', role: 'admin' },
    ]) {
      const refused = await client.patch(`/users/${user.id}`, change);
      expect([change, refused.status]).toEqual([change, 403]);
    }
    expect((await client.get('/auth/me')).body).toMatchObject({ ...own, role, version: 2 });
  });

  it('gives a membre no site and no reach, and takes both away from whoever becomes one', async () => {
    const site = await makeSite(api.db);
    const fault = async (given: object) => {
      const { status, body } = await admin.post('/users/', newBody({ role: 'membre', ...given }));
      return [status, body.erreurs?.map(({ champ }: { champ: string }) => champ)];
    };
    expect(await fault({ site_ids: [site.id] })).toEqual([422, ['site_ids']]);
    expect(await fault({ tous_sites: true })).toEqual([422, ['tous_sites']]);
    const { id } = await makeUser(api.db, { role: 'technicien', sites: [site.id] });
    const reach = async () => (await admin.get(`/users/${id}`)).body;
    await admin.patch(`/users/${id}`, { role: 'membre' });
    expect(await reach()).toMatchObject({ role: 'membre', site_ids: [], tous_sites: false });
    await admin.patch(`/users/${id}`, { role: 'responsable', tous_sites: true });
    await admin.patch(`/users/${id}`, { role: 'membre' });
    expect(await reach()).toMatchObject({ role: 'membre', site_ids: [], tous_sites: false });
  });

  it('has administrators change their own password with the current one only', async () => {
    const { user, client } = await api.newPerson('admin');
    const refused = await client.patch(`/users/${user.id}`, { password: 'Encore-Autre-12!' });
    expect([refused.status, refused.body.code]).toEqual([403, 'INTERDIT']);
    expect((await login(user.email)).status).toBe(200);
  });

  it('answers nobody without a token, and 404 for what cannot be an id', async () => {
    for (const path of ['/users', '/users/1', '/auth/me', '/techniciens', '/equipements']) {
      expect((await api.anonymous.get(path)).status).toBe(401);
    }
    for (const id of ['0', '-1', '01', 'abc', '99999999999', '2147483648', '1e3']) {
      expect([id, (await admin.get(`/users/${id}`)).status]).toEqual([id, 404]);
    }
  });
});

describe('the last active administrator', () => {
  it('cannot be deactivated, demoted or deleted, also by two who do it to each other at once', async () => {
    await api.db.query(`UPDATE users SET is_active = false WHERE role = 'admin'`);
    const [one, two] = [await api.newPerson('admin'), await api.newPerson('admin')];
    const replies = await Promise.all([
      one.client.patch(`/users/${two.user.id}`, { role: 'client' }),
      two.client.patch(`/users/${one.user.id}`, { is_active: false }),
    ]);
    const active = await api.db.query(`SELECT id FROM users WHERE role = 'admin' AND is_active`);
    expect(active).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);

    const { client } = active[0].id === one.user.id ? one : two;
    for (const change of [{ is_active: false }, { role: 'responsable' }]) {
      const refused = await client.patch(`/users/${active[0].id}`, change);
      expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
    }
    const refused = await client.delete(`/users/${active[0].id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
    expect((await client.patch(`/users/${active[0].id}`, { nom: 'Seul' })).status).toBe(200);
  });
});
