import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervenant, makePrestation, makeSalle, makeSite, makeUser } from '../support/factories';

let api: TestApi;
let admin: Client;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const faults = async (
  reply: Promise<{ status: number; body: { code?: string; erreurs?: { champ: string }[] } }>,
) => {
  const { status, body } = await reply;
  return [status, body.erreurs?.map(({ champ }) => champ) ?? body.code];
};
let made = 0;
const slug = () => `conseil-${++made}`;

describe('intervenants', () => {
  it('are added, changed with their version, and removed', async () => {
    const user = await makeUser(api.db, { role: 'client' });
    const created = await admin.post('/intervenants', { user_id: user.id, nom_public: 'Nadia B.' });
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    expect(created.body).toMatchObject({
      horaires: null,
      exceptions: [],
      absences: [],
      actif: true,
      version: 1,
    });
    const path = `/intervenants/${created.body.id}`;
    const absences = [{ date_debut: '2031-01-01', date_fin: '2031-01-03' }];
    const changed = await admin.patch(path, { absences }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({
      version: 2,
      absences: [{ ...absences[0], motif: null, remplacant_id: null }],
    });
    expect(await faults(admin.patch(path, { actif: false }, { 'If-Match': '"1"' }))).toEqual([
      412,
      'VERSION_PERIMEE',
    ]);
    expect((await admin.patch(path, { actif: true })).body.version).toBe(2);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    const [lines] = await api.db.query(
      `SELECT array_agg(action ORDER BY id) AS actions FROM historique WHERE entite = 'intervenant' AND entite_id = $1`,
      [created.body.id],
    );
    expect(lines.actions).toEqual(['creation', 'modification', 'suppression']);
  });

  it('are nobody twice, and refer to what exists', async () => {
    const one = await makeIntervenant(api.db);
    const body = { user_id: one.user_id, nom_public: 'Nadia' };
    expect(await faults(admin.post('/intervenants', body))).toEqual([409, 'DEJA_EXISTANT']);
    expect(await faults(admin.post('/intervenants', { ...body, user_id: 2_000_000 }))).toEqual([
      422,
      ['user_id'],
    ]);
    const change = (given: object) => faults(admin.patch(`/intervenants/${one.id}`, given));
    expect(await change({ site_id: 2_000_000 })).toEqual([422, ['site_id']]);
    const absence = { date_debut: '2031-01-02', date_fin: '2031-01-03' };
    expect(await change({ absences: [{ ...absence, date_fin: '2031-01-01' }] })).toEqual([
      422,
      ['absences.0.date_fin'],
    ]);
    expect(await change({ absences: [absence, { ...absence, remplacant_id: one.id }] })).toEqual([
      422,
      ['absences.1.remplacant_id'],
    ]);
    expect(await change({ absences: [{ ...absence, remplacant_id: 2_000_000 }] })).toEqual([
      422,
      ['absences.0.remplacant_id'],
    ]);
    expect(
      await change({
        exceptions: [
          { date: '2031-01-02', ferme: true },
          { date: '2031-01-02', plages: [] },
        ],
      }),
    ).toEqual([422, ['exceptions']]);
    expect(await change({ fuseau_horaire: 'Mars/Olympus' })).toEqual([422, ['fuseau_horaire']]);
  });

  it('stay while something is offered by them', async () => {
    const one = await makeIntervenant(api.db);
    await makePrestation(api.db, { intervenants: [one.id] });
    expect(await faults(admin.delete(`/intervenants/${one.id}`))).toEqual([409, 'DEPENDANCES']);
  });
});

describe('rooms', () => {
  it('have a name of their own on their site, and are found by what they have', async () => {
    const site = await makeSite(api.db);
    const body = { nom: 'Atlas', site_id: site.id, capacite: 8, etiquettes: ['visio'] };
    const created = await admin.post('/salles', body);
    expect([created.status, created.body]).toEqual([201, expect.objectContaining(body)]);
    expect(await faults(admin.post('/salles', body))).toEqual([409, 'DEJA_EXISTANT']);
    await makeSalle(api.db, { site_id: site.id });
    const found = await admin.get(`/salles?site_id=${site.id}&etiquette=visio`);
    expect(found.body.map(({ id }: { id: number }) => id)).toEqual([created.body.id]);
    expect(await faults(admin.post('/salles', { ...body, capacite: 0 }))).toEqual([422, ['capacite']]);
  });
});

describe('prestations', () => {
  it('are added with the rules that nobody named, and changed with those who provide them', async () => {
    const [one, other] = [await makeIntervenant(api.db), await makeIntervenant(api.db)];
    const body = { slug: slug(), nom: 'Conseil', durees: [30, 60], intervenants: [{ id: one.id, poids: 2 }] };
    const created = await admin.post('/prestations', body);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      mode: 'un',
      pas: 'auto',
      places: 1,
      preavis: { creer: 0, modifier: 0, annuler: 0 },
      fenetre: { jours: 60 },
      intervenants: [{ id: one.id, obligatoire: false, priorite: 0, poids: 2 }],
    });
    const path = `/prestations/${created.body.id}`;
    const changed = await admin.patch(path, { pas: 15, intervenants: [{ id: other.id, obligatoire: true }] });
    expect(changed.body).toMatchObject({
      version: 2,
      pas: 15,
      intervenants: [{ id: other.id, obligatoire: true, priorite: 0, poids: 1 }],
    });
    // Those who provide it alone are a change too.
    expect((await admin.patch(path, { intervenants: [] })).body).toMatchObject({
      version: 3,
      intervenants: [],
    });
    expect((await admin.get(`/prestations?slug=${body.slug}`)).body).toHaveLength(1);
    expect(await faults(admin.post('/prestations', body))).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('refuse what cannot be meant', async () => {
    const one = await makeIntervenant(api.db);
    const post = (given: object) =>
      faults(admin.post('/prestations', { slug: slug(), nom: 'C', durees: [30], ...given }));
    expect(await post({ slug: 'Pas Bien' })).toEqual([422, ['slug']]);
    expect(await post({ durees: [] })).toEqual([422, ['durees']]);
    expect(await post({ intervenants: [{ id: one.id }, { id: one.id }] })).toEqual([
      422,
      ['intervenants.1.id'],
    ]);
    expect(await post({ intervenants: [{ id: 2_000_000 }] })).toEqual([422, ['intervenants.0.id']]);
    expect(await post({ fenetre: { date_debut: '2031-02-01', date_fin: '2031-01-01' } })).toEqual([
      422,
      ['fenetre.date_fin'],
    ]);
  });

  it('of a site are of its responsables, who name those whom they see', async () => {
    const [site, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const here = (await api.newPerson('responsable', { sites: [site.id] } as never)).client;
    const stranger = await makeIntervenant(api.db, { site_id: elsewhere.id });
    const body = { slug: slug(), nom: 'Conseil', durees: [30], site_id: site.id };
    const created = await here.post('/prestations', body);
    expect(created.status).toBe(201);
    const path = `/prestations/${created.body.id}`;
    expect(await faults(here.patch(path, { intervenants: [{ id: stranger.id }] }))).toEqual([
      422,
      ['intervenants.0.id'],
    ]);
    expect((await here.patch(path, { site_id: elsewhere.id })).status).toBe(403);
    expect((await here.post('/prestations', { ...body, slug: slug(), site_id: elsewhere.id })).status).toBe(
      403,
    );
  });
});
