import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import { PASSWORD } from '../support/factories';
import { examples, nameOf, rowOf, tableOf } from './routes';

/** Fields that a body must not carry: nobody becomes more than they are by asking for it (ASVS 15.3.3). */

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
});
afterAll(() => api.close());

interface BodySchema {
  shape?: object;
  element?: { shape: object };
  options?: (BodySchema & { safeParse(body: unknown): { success: boolean } })[];
}

const wholeUser = async (id: number) => {
  const [user] = await api.db.query(
    `SELECT u.*, ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id ORDER BY 1) AS sites
     FROM users u WHERE id = $1`,
    [id],
  );
  return user;
};
const count = async (table: string) =>
  (await api.db.query(`SELECT count(*)::integer AS count FROM ${table}`))[0].count as number;

describe('every body', () => {
  it('refuses the columns of its table that its schema does not name, from an administrator too', async () => {
    let refused = 0;
    for (const { route, path, by, body, subject, id } of await examples(world)) {
      const { client } = world.people[by];
      const columns: { name: string }[] = await api.db.query(
        `SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1`,
        [tableOf(subject ?? 'User')],
      );
      // Of a list the first one is spoilt.
      const isList = Array.isArray(body);
      const whole = route.body as BodySchema;
      // Of bodies of several kinds, the kind that this one is.
      const schema = whole.options?.find((kind) => kind.safeParse(body).success) ?? whole;
      const known = Object.keys((isList ? schema.element?.shape : schema.shape) ?? {});
      const slipped = columns.map(({ name }) => name).filter((name) => !known.includes(name));
      const before = id === null ? await count(tableOf(subject ?? 'User')) : await rowOf(world, subject!, id);

      const spoilt = {
        ...(isList ? body[0] : body),
        ...Object.fromEntries(slipped.map((name) => [name, 1])),
      };
      const hostile = isList ? [spoilt] : spoilt;
      const reply = await client.send(route.method.toUpperCase(), path, {
        body: JSON.stringify(hostile),
        headers: { 'content-type': 'application/json' },
      });
      const named = reply.body?.erreurs?.map(({ champ }: { champ: string }) => champ) ?? [];
      expect({ route: nameOf(route), status: reply.status, named }).toEqual({
        route: nameOf(route),
        status: 422,
        named: expect.arrayContaining(slipped.map((name) => (isList ? `0.${name}` : name))),
      });

      const after = id === null ? await count(tableOf(subject ?? 'User')) : await rowOf(world, subject!, id);
      expect({ route: nameOf(route), after }).toEqual({ route: nameOf(route), after: before });
      refused += slipped.length;
    }
    expect(refused).toBeGreaterThan(200);
  });
});

describe('one’s own account', () => {
  const beyond: [string, unknown][] = [
    ['role', 'admin'],
    ['is_active', false],
    ['email', 'autre@exemple.ma'],
    ['password', 'Tournevis-Plat-83!'],
    // The site Sud, to which nobody of these belongs.
    ['site_ids', [2]],
    ['tous_sites', true],
    ['mot_de_passe', '$argon2id$v=19$m=8,t=1,p=1$c2Vs$eA'],
    ['id', 1],
    ['version', 99],
    ['date_creation', '2020-01-01T00:00:00Z'],
    ['derniere_connexion', null],
    ['technicien', { id: 1 }],
  ];
  const ways: [string, (id: number) => string][] = [
    ['/auth/me', () => '/auth/me'],
    ['/users/{id}', (id) => `/users/${id}`],
  ];
  const cases = ways.flatMap(([name, pathOf]) =>
    beyond.map(([field, value]) => [field, name, { [field]: value }, pathOf] as const),
  );

  it.each(cases)('keeps its %s, whatever PATCH %s is asked', async (_, __, change, pathOf) => {
    for (const persona of ['client', 'client_nord', 'technicien_nord', 'responsable_nord'] as const) {
      const { client, user } = world.people[persona];
      const before = await wholeUser(user.id);
      // Beside what one may change, so that all of it has to be refused.
      const { status } = await client.patch(pathOf(user.id), { nom: 'Pirate', ...change });
      expect([403, 422]).toContain(status);
      expect(await wholeUser(user.id)).toEqual(before);
    }
  });
});

describe('somebody new', () => {
  const person = (fields: object) => ({
    email: `nouveau-${process.pid}@exemple.ma`,
    password: PASSWORD,
    nom: 'Nouveau',
    prenom: 'Sami',
    ...fields,
  });

  it('is made administrator by no responsable, nor given sites that are not theirs', async () => {
    const before = await count('users');
    const { responsable, responsable_nord: nord, technicien, client } = world.people;
    expect((await responsable.client.post('/users', person({ role: 'admin' }))).status).toBe(403);
    const csv = 'email;nom;prenom;role\nx@exemple.ma;X;Y;admin\n';
    const sent = { body: csv, headers: { 'content-type': 'text/csv' } };
    const imported = await responsable.client.send('POST', '/users/import', sent);
    expect(imported.body).toMatchObject({ creees: 0, erreurs: [{ champ: 'role' }] });
    for (const fields of [
      { role: 'client', site_ids: [world.sites.sud] },
      { role: 'responsable', site_ids: [world.sites.nord, world.sites.sud] },
      // Without a site: one who oversees everything.
      { role: 'responsable', site_ids: [] },
    ]) {
      expect((await nord.client.post('/users', person(fields))).status).toBe(403);
    }
    for (const { client: other } of [technicien, client]) {
      expect((await other.post('/users', person({ role: 'client' }))).status).toBe(403);
    }
    expect(await count('users')).toBe(before);
  });
});

describe('an upload', () => {
  it.each([
    ['numero_version', '9'],
    ['uploadeur_id', '1'],
    ['checksum', 'f'.repeat(64)],
    ['cle_stockage', 'documents/ailleurs'],
    ['is_encrypted', 'true'],
    ['taille', '1'],
    ['mime_type', 'text/html'],
    ['cle_unique', 'rapport'],
  ])('takes no %s', async (field, value) => {
    const form = new FormData();
    form.set('equipement_id', String(world.row('Equipement', 'nord', 'admin')));
    form.set('type_document', 'note');
    form.set(field, value);
    form.set('file', new Blob(['Note'], { type: 'text/plain' }), 'note.txt');
    const before = await count('documents');
    const { status, body } = await world.people.admin.client.send('POST', '/documents/upload', {
      body: form,
    });
    expect([status, body.erreurs?.[0]?.champ]).toEqual([422, field]);
    expect(await count('documents')).toBe(before);
  });

  it('takes no text for its file, though it were what the API calls one itself', async () => {
    const stored = {
      nom: 'a.txt',
      mime_type: 'text/plain',
      cle_stockage: 'documents/x',
      taille: 1,
      checksum: '',
    };
    for (const text of [JSON.stringify(stored), '[object Object]']) {
      const form = new FormData();
      form.set('equipement_id', String(world.row('Equipement', 'nord', 'admin')));
      form.set('type_document', 'note');
      form.set('file', text);
      const { status } = await world.people.admin.client.send('POST', '/documents/upload', { body: form });
      expect(status).toBe(422);
    }
  });
});
