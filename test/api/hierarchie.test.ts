import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeSite, makeUser } from '../support/factories';
import { statementsDuring } from '../support/queries';

/** Machines that are parts of others (docs/decisions/038). */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

let counter = 0;
const create = async (given: object = {}) => {
  const body = { nom: 'Ligne', type: 'Ligne', numero_serie: `H-${++counter}`, ...given };
  const reply = await admin.post('/equipements', body);
  expect(reply.status).toBe(201);
  return reply.body as { id: number; parent_id: number | null };
};
const put = (id: number, parent_id: number | null) => admin.patch(`/equipements/${id}`, { parent_id });
const champsOf = (body: { erreurs: { champ: string }[] }) => body.erreurs.map(({ champ }) => champ);

/** One under the other, the whole first. */
async function line(levels: number): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < levels; n++) ids.push((await create({ parent_id: ids.at(-1) ?? null })).id);
  return ids;
}

it('a machine is made as a part, moved by PATCH and PUT, and found by its whole', async () => {
  const whole = await create();
  const part = await create({ parent_id: whole.id });
  expect(part.parent_id).toBe(whole.id);
  const other = await create();
  expect((await put(part.id, other.id)).body.parent_id).toBe(other.id);
  const found = await admin.get(`/equipements?parent_id=${other.id}`);
  expect(found.body.map(({ id }: { id: number }) => id)).toEqual([part.id]);
  expect((await admin.get(`/equipements?parent_id=${whole.id}`)).body).toEqual([]);
  const alone = { nom: 'Seule', type: 'Ligne', numero_serie: `H-${++counter}` };
  expect((await admin.put(`/equipements/${part.id}`, alone)).body.parent_id).toBeNull();
});

it('is never a part of itself, near or far', async () => {
  const [a, b, c] = await line(3);
  for (const parent of [a!, b!, c!]) {
    const reply = await put(a!, parent);
    expect([reply.status, champsOf(reply.body)]).toEqual([422, ['parent_id']]);
  }
  expect((await put(a!, 999_999)).status).toBe(422);
});

it('has eight levels at most, counted with the parts that it brings', async () => {
  const ids = await line(8);
  const body = { nom: 'Trop', type: 'Ligne', numero_serie: 'H-TROP', parent_id: ids.at(-1) };
  const refused = await admin.post('/equipements', body);
  expect([refused.status, champsOf(refused.body)]).toEqual([422, ['parent_id']]);
  const [top] = await line(2);
  expect((await put(top!, ids[6]!)).status).toBe(422);
  expect((await put(top!, ids[5]!)).status).toBe(200);
});

it('two moves at once that together would make a circle: one of them is refused', async () => {
  for (let round = 0; round < 5; round++) {
    const [a, b] = [await create(), await create()];
    const replies = await Promise.all([put(a.id, b.id), put(b.id, a.id)]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 422]);
  }
});

it('a whole and a part that move at once wait for each other in no circle', async () => {
  const [nord, sud] = [await makeSite(api.db), await makeSite(api.db)];
  const whole = await create({ site_id: nord.id });
  const part = await create({ site_id: nord.id, parent_id: whole.id });
  const replies = await Promise.all([
    admin.patch(`/equipements/${whole.id}`, { site_id: sud.id }),
    admin.patch(`/equipements/${part.id}`, { nom: 'Autre' }),
    admin.patch(`/equipements/${part.id}`, { parent_id: null }),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
});

it('a part is where the whole is, and whose the whole is', async () => {
  const [nord, sud] = [await makeSite(api.db), await makeSite(api.db)];
  const client = await makeUser(api.db, { role: 'client' });
  const whole = await create({ site_id: nord.id });
  const elsewhere = await create({ site_id: sud.id });
  expect(champsOf((await put(elsewhere.id, whole.id)).body)).toEqual(['site_id']);
  const theirs = await create({ site_id: nord.id, client_id: client.id });
  expect(champsOf((await put(theirs.id, whole.id)).body)).toEqual(['client_id']);
  const part = await create({ site_id: nord.id, parent_id: whole.id });
  expect((await admin.patch(`/equipements/${part.id}`, { site_id: sud.id })).status).toBe(422);
  const apart = await admin.patch(`/equipements/${part.id}`, { site_id: sud.id, parent_id: null });
  expect(apart.status).toBe(200);
});

it('its parts go with it to another site and client, due by the clock there, and each history says so', async () => {
  const [paris, tokyo] = [
    await makeSite(api.db, { fuseau_horaire: 'Europe/Paris' }),
    await makeSite(api.db, { fuseau_horaire: 'Asia/Tokyo' }),
  ];
  const client = await makeUser(api.db, { role: 'client' });
  const whole = await create({ site_id: paris.id });
  const upkeep = { date_installation: '2027-03-20', frequence_entretien: 10 };
  const part = await create({ site_id: paris.id, parent_id: whole.id, ...upkeep });
  const deep = await create({ site_id: paris.id, parent_id: part.id });
  const read = async (id: number) => (await admin.get(`/equipements/${id}`)).body;
  expect((await read(part.id)).prochaine_maintenance).toBe('2027-03-29T22:00:00.000Z');
  const move = { site_id: tokyo.id, client_id: client.id };
  expect((await admin.patch(`/equipements/${whole.id}`, move)).status).toBe(200);
  for (const id of [part.id, deep.id]) expect(await read(id)).toMatchObject({ ...move, version: 2 });
  expect((await read(part.id)).prochaine_maintenance).toBe('2027-03-29T23:00:00.000Z');
  const [line] = await api.db.query(
    `SELECT action, avant, apres FROM historique WHERE entite = 'equipement' AND entite_id = $1 ORDER BY id DESC LIMIT 1`,
    [deep.id],
  );
  expect(line).toEqual({
    action: 'modification',
    avant: { site_id: paris.id, client_id: null },
    apres: { ...move, avec_equipement_id: whole.id },
  });
});

it('costs the move of a whole as many statements whatever its parts', async () => {
  const [nord, sud] = [await makeSite(api.db), await makeSite(api.db)];
  const cost = async (parts: number) => {
    const whole = await create({ site_id: nord.id });
    for (let n = 0; n < parts; n++) await create({ site_id: nord.id, parent_id: whole.id });
    return (await statementsDuring(() => admin.patch(`/equipements/${whole.id}`, { site_id: sud.id })))
      .length;
  };
  expect(await cost(1)).toBe(await cost(12));
});

it('is not deleted while it has parts', async () => {
  const whole = await create();
  const part = await create({ parent_id: whole.id });
  const refused = await admin.delete(`/equipements/${whole.id}`);
  expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
  expect((await admin.delete(`/equipements/${part.id}`)).status).toBe(204);
  expect((await admin.delete(`/equipements/${whole.id}`)).status).toBe(204);
});

it('a whole that one may not see is nothing to them', async () => {
  const [own, other] = [await makeSite(api.db), await makeSite(api.db)];
  const { client } = await api.newPerson('responsable', { sites: [own.id] });
  const hidden = await makeEquipement(api.db, { site_id: other.id });
  const mine = await makeEquipement(api.db, { site_id: own.id });
  const reply = await client.patch(`/equipements/${mine.id}`, { parent_id: hidden.id });
  const nothing = await client.patch(`/equipements/${mine.id}`, { parent_id: 999_999 });
  expect([reply.status, reply.body.erreurs]).toEqual([422, nothing.body.erreurs]);
});

it('keeps its warranty, its price as text of one form, and how long it is meant to last', async () => {
  const worth = { garantie_fin: '2028-02-29', cout_remplacement: '0125000.5', duree_vie_annees: 15 };
  const { id } = await create(worth);
  const shown = { ...worth, cout_remplacement: '125000.50' };
  expect((await admin.get(`/equipements/${id}`)).body).toMatchObject(shown);
  expect((await admin.get(`/equipements?sort=-id&limit=1`)).body[0]).toMatchObject(shown);
  // The same again is no change.
  expect((await admin.patch(`/equipements/${id}`, worth)).body.version).toBe(1);
});
