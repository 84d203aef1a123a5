import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import { filledPath } from '../support/filled-paths';
import { examples, GENERAL_ROUTES, nameOf, rowOf } from './routes';

/** Names by which JavaScript itself is reached, in everything that becomes an object. */

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
});
afterAll(() => api.close());

afterEach(() => {
  const fresh: Record<string, unknown> = {};
  expect([fresh.role, fresh.pollue, Object.keys(Object.prototype)]).toEqual([undefined, undefined, []]);
});

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];

describe('a body', () => {
  it.each([
    ['__proto__', '"__proto__":{"role":"admin","pollue":1}', 400],
    ['__proto__ in escapes', '"\\u005f_proto__":{"role":"admin","pollue":1}', 400],
    ['constructor.prototype', '"constructor":{"prototype":{"role":"admin","pollue":1}}', 422],
    ['toString', '"toString":null,"hasOwnProperty":null,"valueOf":null', 422],
  ])('with %s is refused by every route that takes JSON', async (_, members, status) => {
    for (const { route, path, by, body, subject, id } of await examples(world)) {
      const before = id === null ? null : await rowOf(world, subject!, id);
      const first = Array.isArray(body) ? body[0] : body;
      const own = JSON.stringify(first).slice(1, -1);
      const object = `{${own}${own === '' ? '' : ','}${members}}`;
      const sent = Array.isArray(body) ? `[${object}]` : object;
      const reply = await world.people[by].client.send(route.method.toUpperCase(), path, {
        body: sent,
        headers: { 'content-type': 'application/json' },
      });
      expect({ route: nameOf(route), status: reply.status }).toEqual({ route: nameOf(route), status });
      if (id !== null) expect(await rowOf(world, subject!, id)).toEqual(before);
    }
  });

  it('with such names where any name is taken keeps them as names', async () => {
    const sent = {
      destinataire_id: world.people.client.user.id,
      titre: 'Avis',
      message: 'Message',
      metadata: { constructor: 'x', prototype: 'y', toString: 'z' },
    };
    const { status, body } = await world.people.admin.client.post('/notifications', sent);
    expect([status, body.metadata]).toEqual([201, sent.metadata]);
  });

  it('as a form makes nobody anything', async () => {
    const attempts = [
      '__proto__[role]=admin&__proto__.pollue=1',
      'constructor[prototype][pollue]=1&constructor.prototype.role=admin',
      'username[__proto__][pollue]=1',
      'username[constructor][prototype][pollue]=1',
    ];
    for (const form of attempts) {
      const { status } = await api.anonymous.send('POST', '/auth/token', {
        body: `${form}&username=personne@exemple.ma&password=x`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([401, 422]).toContain(status);
    }
  });

  it('as multipart takes no field of such a name', async () => {
    for (const name of NAMES) {
      const form = new FormData();
      form.set('equipement_id', String(world.row('Equipement', 'nord', 'admin')));
      form.set('type_document', 'note');
      form.set(name, '{"pollue":1}');
      form.set('file', new Blob(['Note'], { type: 'text/plain' }), `${name}.txt`);
      const { status } = await world.people.admin.client.send('POST', '/documents/upload', { body: form });
      expect({ name, status }).toEqual({ name, status: 422 });
    }
  });

  it('as a file of accounts takes no column of such a name', async () => {
    for (const name of NAMES) {
      const { status, body } = await world.people.admin.client.send('POST', '/users/import', {
        body: `email,nom,prenom,role,${name}\na@exemple.ma,A,B,client,admin\n`,
        headers: { 'content-type': 'text/csv' },
      });
      expect({ status, champ: body.erreurs[0].champ }).toEqual({ status: 422, champ: name });
    }
  });
});

describe('a query', () => {
  it('with such a name is refused by every route, plain or with brackets, and none is a sort', async () => {
    for (const route of GENERAL_ROUTES) {
      const path = filledPath(route.path);
      const sorts = route.query?.shape.sort === undefined ? [] : NAMES.map((name) => `sort=${name}`);
      for (const query of [...NAMES.flatMap((name) => [`${name}=1`, `${name}[pollue]=1`]), ...sorts]) {
        const { status } = await world.people.admin.client.send(
          route.method.toUpperCase(),
          `${path}?${query}`,
        );
        // What comes after it in a route may refuse first: the body, or the id.
        expect({ route: nameOf(route), query, refused: status >= 400 && status < 500 }).toEqual({
          route: nameOf(route),
          query,
          refused: true,
        });
      }
    }
  });
});
