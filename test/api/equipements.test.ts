import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeContrat, makeEquipement, makeIntervention, makeSite, makeUser } from '../support/factories';
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
  nom: 'Presse hydraulique PH-001',
  type: 'Presse',
  numero_serie: `SERIE-${++counter}`,
  ...given,
});
const idsOf = (body: { id: number }[]) => body.map(({ id }) => id);

const FIELDS: Record<string, Field> = {
  nom: { accepts: 'string', required: true, maxLength: 200 },
  type: { accepts: 'string', required: true, maxLength: 100 },
  modele: { accepts: 'string', nullable: true, maxLength: 100 },
  numero_serie: { accepts: 'string', required: true, maxLength: 100 },
  localisation: { accepts: 'string', nullable: true, maxLength: 200 },
  date_installation: {
    accepts: 'string',
    nullable: true,
    refuses: ['', 'hier', '2026-13-01', '2026-02-30', '2026-01-01T10:00:00', '15/03/2023', '0001-01-01'],
  },
  frequence_entretien: {
    accepts: ['string', 'number'],
    nullable: true,
    refuses: ['', '0', 0, -1, 1.5, '30 jours', '1e2', '99999', 3_651, '-1'],
  },
  statut: { accepts: 'string', refuses: ['', 'cassé'] },
  derniere_maintenance: { accepts: 'string', nullable: true, refuses: ['hier', '9999-12-31'] },
  site_id: { accepts: 'number', nullable: true, refuses: [0, 1.5, 999_999, '1'] },
  client_id: { accepts: 'number', nullable: true, refuses: [0, 1.5, 999_999, '1'] },
  criticite: { accepts: 'string', refuses: ['', 'énorme'] },
  parent_id: { accepts: 'number', nullable: true, refuses: [0, 1.5, 999_999, '1'] },
  garantie_fin: {
    accepts: 'string',
    nullable: true,
    refuses: ['', 'demain', '2026-02-30', '2026-01-01T00:00:00Z'],
  },
  cout_remplacement: {
    accepts: 'string',
    nullable: true,
    refuses: ['', '-1', '1,50', '1.005', '1e3', '1 000', '1234567890123'],
  },
  duree_vie_annees: { accepts: 'number', nullable: true, refuses: [0, -1, 1.5, 101] },
  compteurs: {
    accepts: 'array',
    refuses: [
      [{ nom: 'Heures', unite: 'h' }],
      [{ nom: '', unite: 'h', valeur: 1 }],
      [{ nom: 'Heures', unite: 'h', valeur: '1' }],
      [{ nom: 'Heures', unite: 'h', valeur: 1, autre: 1 }],
      [
        { nom: 'Heures', unite: 'h', valeur: 1 },
        { nom: 'Heures', unite: 'min', valeur: 60 },
      ],
      [1],
    ],
  },
};

describe('equipements', () => {
  it('are listed as the users’ document shows, field by field', async () => {
    const created = await admin.post('/equipements/', {
      nom: 'Presse hydraulique PH-001',
      type: 'Presse',
      modele: 'HPX-2000',
      numero_serie: 'PH001-2023-001',
      localisation: 'Atelier A',
      date_installation: '2023-03-15T00:00:00Z',
      frequence_entretien: '30',
      derniere_maintenance: '2024-11-15T00:00:00Z',
    });
    expect(created.status).toBe(201);
    for (let n = 0; n < 5; n++) await makeIntervention(api.db, { equipement_id: created.body.id });

    const listed = await admin.get('/equipements/?localisation=Atelier A&limit=50');
    expect(listed.status).toBe(200);
    expect(listed.body).toEqual([
      {
        id: created.body.id,
        nom: 'Presse hydraulique PH-001',
        type: 'Presse',
        modele: 'HPX-2000',
        numero_serie: 'PH001-2023-001',
        localisation: 'Atelier A',
        statut: 'operationnel',
        date_installation: '2023-03-15T00:00:00.000Z',
        frequence_entretien: '30',
        derniere_maintenance: '2024-11-15T00:00:00.000Z',
        prochaine_maintenance: '2024-12-15T00:00:00.000Z',
        interventions_count: 5,
        site_id: null,
        client_id: null,
        criticite: 'normale',
        parent_id: null,
        garantie_fin: null,
        cout_remplacement: null,
        duree_vie_annees: null,
        compteurs: [],
        date_creation: expect.any(String),
        date_modification: expect.any(String),
        version: 1,
      },
    ]);
    expect((await admin.get(`/equipements/${created.body.id}`)).body).toEqual(listed.body[0]);
  });

  it('take the days between maintenances as a number too, and bare dates as days of the site', async () => {
    const created = await admin.post('/equipements/', {
      ...newBody(),
      frequence_entretien: 90,
      date_installation: '2026-01-10',
      compteurs: [{ nom: 'Heures', unite: 'h', valeur: 1_250.5 }],
    });
    expect(created.body).toMatchObject({
      frequence_entretien: '90',
      date_installation: '2026-01-09T23:00:00.000Z', // Casablanca was at UTC+1 then
      derniere_maintenance: null,
      compteurs: [{ nom: 'Heures', unite: 'h', valeur: 1_250.5 }],
    });
  });

  it('are due so many calendar days later, across the changes of clocks in Morocco', async () => {
    const due = async (given: object) =>
      (await admin.post('/equipements/', newBody(given))).body.prochaine_maintenance;
    // Midnight in Casablanca is 23:00 UTC the day before, and 00:00 UTC during Ramadan (from 15 February 2026).
    expect(await due({ date_installation: '2026-01-10', frequence_entretien: 50 })).toBe(
      '2026-03-01T00:00:00.000Z',
    );
    expect(
      await due({
        date_installation: '2026-01-10',
        derniere_maintenance: '2026-04-01',
        frequence_entretien: 30,
      }),
    ).toBe('2026-04-30T23:00:00.000Z');
    // And 00:00 UTC for good since 20 September 2026.
    expect(await due({ date_installation: '2026-09-10', frequence_entretien: 30 })).toBe(
      '2026-10-10T00:00:00.000Z',
    );
    expect(await due({ date_installation: '2026-01-10' })).toBeNull();
    expect(await due({ frequence_entretien: 30 })).toBeNull();
  });

  it('are due by the calendar of their site, and by another when they are moved there', async () => {
    const site = await makeSite(api.db, { fuseau_horaire: 'Asia/Tokyo' });
    const given = { date_installation: '2026-12-01', frequence_entretien: 10 };
    const { body } = await admin.post('/equipements/', newBody({ ...given, site_id: site.id }));
    expect([body.date_installation, body.prochaine_maintenance]).toEqual([
      '2026-11-30T15:00:00.000Z',
      '2026-12-10T15:00:00.000Z',
    ]);
    const paris = await makeSite(api.db, { fuseau_horaire: 'Europe/Paris' });
    const moved = await admin.patch(`/equipements/${body.id}`, {
      site_id: paris.id,
      derniere_maintenance: '2027-03-20',
    });
    expect(moved.body.prochaine_maintenance).toBe('2027-03-29T22:00:00.000Z');
    const rarer = await admin.patch(`/equipements/${body.id}`, { frequence_entretien: null });
    expect(rarer.body.prochaine_maintenance).toBeNull();
  });

  it('refuse every fault of every field and keep nothing', async () => {
    const count = async () => Number((await api.db.query('SELECT count(*) FROM equipements'))[0].count);
    const before = await count();
    expect(await unrefused(admin, 'post', '/equipements/', faultsOf(newBody(), FIELDS))).toEqual([]);
    const all = await admin.post(
      '/equipements/',
      Object.fromEntries(Object.keys(FIELDS).map((field) => [field, { faux: true }])),
    );
    const champs = new Set(all.body.erreurs.map((erreur: { champ: string }) => erreur.champ));
    expect(champs).toEqual(new Set(Object.keys(FIELDS)));
    expect(await count()).toBe(before);

    const { id } = await makeEquipement(api.db);
    const path = `/equipements/${id}`;
    expect(await unrefused(admin, 'patch', path, faultsOf({}, FIELDS, true))).toEqual([]);
    expect(await unrefused(admin, 'put', path, faultsOf(newBody(), FIELDS))).toEqual([]);
    expect((await admin.get(path)).body.version).toBe(1);
  });

  it('belong to a person of role client', async () => {
    const attempt = async (client_id: number) =>
      (await admin.post('/equipements/', newBody({ client_id }))).status;
    expect(await attempt((await makeUser(api.db, { role: 'technicien' })).id)).toBe(422);
    expect(await attempt((await makeUser(api.db, { role: 'client' })).id)).toBe(201);
  });

  it('have a serial number of their own', async () => {
    const { numero_serie } = await makeEquipement(api.db);
    const duplicate = await admin.post('/equipements/', newBody({ numero_serie }));
    expect([duplicate.status, duplicate.body.code]).toEqual([409, 'DEJA_EXISTANT']);
    const other = await makeEquipement(api.db);
    const changed = await admin.patch(`/equipements/${other.id}`, { numero_serie });
    expect([changed.status, changed.body.code]).toEqual([409, 'DEJA_EXISTANT']);
  });

  it('change as a whole with PUT, in part with PATCH, and refuse a version that has passed', async () => {
    const { id, numero_serie } = await makeEquipement(api.db, { modele: 'M1', frequence_entretien: 30 });
    const path = `/equipements/${id}`;
    const part = await admin.patch(
      path,
      { statut: 'en_panne', frequence_entretien: null },
      { 'If-Match': '"1"' },
    );
    expect(part.body).toMatchObject({
      statut: 'en_panne',
      frequence_entretien: null,
      modele: 'M1',
      version: 2,
    });
    const whole = await admin.put(path, newBody({ numero_serie }), { 'If-Match': '"2"' });
    expect(whole.body).toMatchObject({
      statut: 'operationnel',
      modele: null,
      localisation: null,
      version: 3,
    });
    const late = await admin.put(path, newBody(), { 'If-Match': '"2"' });
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_PERIMEE']);
    const history = await api.db.query(
      `SELECT avant, apres FROM historique WHERE entite = 'equipement' AND entite_id = $1 ORDER BY id`,
      [id],
    );
    expect(history).toHaveLength(2);
    expect(history[0]).toEqual({
      avant: { statut: 'operationnel', frequence_entretien: 30 },
      apres: { statut: 'en_panne', frequence_entretien: null },
    });
  });

  it('are found by every filter, alone and together', async () => {
    const site = await makeSite(api.db);
    const owner = await makeUser(api.db, { role: 'client' });
    const long = new Date('2020-01-01T00:00:00Z');
    const due = await makeEquipement(api.db, {
      nom: 'Zébulon',
      type: 'Compresseur',
      localisation: 'Bâtiment C, étage 2',
      statut: 'en_panne',
      criticite: 'haute',
      site_id: site.id,
      client_id: owner.id,
      date_installation: long,
      frequence_entretien: 30,
    });
    const notDue = await makeEquipement(api.db, {
      nom: 'Zebulon',
      date_installation: new Date(),
      frequence_entretien: 30,
    });
    const never = await makeEquipement(api.db, { nom: 'ZEBULON', date_installation: long });
    const ids = async (query: string) => idsOf((await admin.get(`/equipements/?q=zebulon&${query}`)).body);
    expect(await ids('sort=-id')).toEqual([never.id, notDue.id, due.id]);
    expect(await ids('sort=prochaine_maintenance')).toEqual([due.id, notDue.id, never.id]);
    expect(await ids('sort=-criticite')).toEqual([due.id, never.id, notDue.id]);
    expect(await ids('maintenance_due=true')).toEqual([due.id]);
    expect(await ids('maintenance_due=false')).toEqual([notDue.id, never.id]);
    for (const query of [
      'type=Compresseur',
      `localisation=${encodeURIComponent('Bâtiment C, étage 2')}`,
      'statut=en_panne,hors_service',
      'criticite=haute,critique',
      `site_id=${site.id}`,
      `client_id=${owner.id}`,
      `type=Compresseur&statut=en_panne&site_id=${site.id}&maintenance_due=true`,
    ]) {
      expect([query, await ids(query)]).toEqual([query, [due.id]]);
    }
    expect(await ids(`type=Compresseur&statut=operationnel`)).toEqual([]);
    for (const query of [
      'statut=x',
      'site_id=abc',
      'maintenance_due=1',
      'sort=x',
      'type=a%00',
      'site_id=0',
    ]) {
      expect([query, (await admin.get(`/equipements/?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('page through their due dates, those never due included', async () => {
    const rows: { id: number }[] = [];
    for (const frequence_entretien of [30, null, 10, null, 20]) {
      rows.push(
        await makeEquipement(api.db, {
          nom: 'Échéance',
          date_installation: new Date('2026-01-01T00:00:00Z'),
          frequence_entretien,
        }),
      );
    }
    const seen: number[] = [];
    let path: string | undefined = '/equipements/?q=echeance&sort=prochaine_maintenance&limit=2';
    while (path !== undefined) {
      const reply = await admin.get(path);
      seen.push(...idsOf(reply.body));
      path = /<\/api\/v1([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual([2, 4, 0, 1, 3].map((index) => rows[index]!.id));
  });

  it('are answered anew to whoever has their version: what is computed changes without it', async () => {
    const { id } = await makeEquipement(api.db);
    const seen = await admin.get(`/equipements/${id}`);
    await makeIntervention(api.db, { equipement_id: id });
    const etag = seen.headers.get('etag')!;
    const again = await admin.get(`/equipements/${id}`, { 'If-None-Match': etag });
    expect([again.status, again.body.interventions_count]).toEqual([200, 1]);
  });

  it('cost as many statements for one as for many', async () => {
    for (let n = 0; n < 5; n++) await makeIntervention(api.db);
    const count = async (limit: number) =>
      (await statementsDuring(() => admin.get(`/equipements/?limit=${limit}`))).length;
    expect([await count(1), await count(200)]).toEqual([2, 2]);
  });

  it('are deleted only while nothing depends on them', async () => {
    const unused = await makeEquipement(api.db);
    expect((await admin.delete(`/equipements/${unused.id}`)).status).toBe(204);
    expect((await admin.get(`/equipements/${unused.id}`)).status).toBe(404);
    const used = await makeEquipement(api.db);
    await makeIntervention(api.db, { equipement_id: used.id });
    const refused = await admin.delete(`/equipements/${used.id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'DEPENDANCES']);
    const whole = await makeEquipement(api.db);
    await makeEquipement(api.db, { parent_id: whole.id });
    await makeContrat(api.db, { equipements: [whole.id] });
    const held = await admin.delete(`/equipements/${whole.id}`, { 'Accept-Language': 'en' });
    expect(held.body.detail).toBe('There is more of it: parts 1, contracts 1; put it out of service');
    expect(held.body).toMatchObject({ parties: 1, contrats: 1, interventions: 0, documents: 0, plans: 0 });
  });
});

describe('who may do what with equipements', () => {
  it('shows a client what is theirs or of their sites, and lets them change none', async () => {
    const site = await makeSite(api.db);
    const { user, client } = await api.newPerson('client', { sites: [site.id] });
    const own = await makeEquipement(api.db, { client_id: user.id });
    const ofSite = await makeEquipement(api.db, { site_id: site.id });
    const foreign = await makeEquipement(api.db, {
      client_id: (await makeUser(api.db, { role: 'client' })).id,
      site_id: (await makeSite(api.db)).id,
    });
    const listed = await client.get('/equipements/');
    expect(idsOf(listed.body)).toEqual([own.id, ofSite.id]);
    expect(listed.headers.get('x-total-count')).toBe('2');
    expect((await client.get(`/equipements/${own.id}`)).status).toBe(200);
    expect((await client.get(`/equipements/${foreign.id}`)).status).toBe(404);
    expect(idsOf((await client.get(`/equipements/?client_id=${foreign.client_id}`)).body)).toEqual([]);
    for (const { id } of [own, foreign]) {
      expect((await client.patch(`/equipements/${id}`, { nom: 'Autre' })).status).toBe(403);
      expect((await client.delete(`/equipements/${id}`)).status).toBe(403);
    }
    expect((await client.post('/equipements/', newBody({ client_id: user.id }))).status).toBe(403);
  });

  it('lets a technicien read all and change none', async () => {
    const { client } = await api.newPerson('technicien');
    const { id } = await makeEquipement(api.db);
    expect((await client.get(`/equipements/${id}`)).status).toBe(200);
    expect((await client.patch(`/equipements/${id}`, { nom: 'Autre' })).status).toBe(403);
    expect((await client.post('/equipements/', newBody())).status).toBe(403);
    expect((await client.delete(`/equipements/${id}`)).status).toBe(403);
  });

  it('lets a responsable without sites manage all, one with sites only theirs', async () => {
    const everywhere = (await api.newPerson('responsable')).client;
    expect((await everywhere.post('/equipements/', newBody())).status).toBe(201);

    const [own, other] = [await makeSite(api.db), await makeSite(api.db)];
    const { client } = await api.newPerson('responsable', { sites: [own.id] });
    const foreign = await makeEquipement(api.db, { site_id: other.id });
    for (const given of [{}, { site_id: other.id }, { site_id: 999_999 }]) {
      expect((await client.post('/equipements/', newBody(given))).status).toBe(403);
    }
    const created = await client.post('/equipements/', newBody({ site_id: own.id }));
    expect(created.status).toBe(201);
    const path = `/equipements/${created.body.id}`;
    expect((await client.patch(path, { nom: 'Changé' })).status).toBe(200);
    for (const site_id of [other.id, null]) {
      expect((await client.patch(path, { site_id })).status).toBe(403);
    }
    expect((await client.get(`/equipements/${foreign.id}`)).status).toBe(404);
    expect((await client.patch(`/equipements/${foreign.id}`, { site_id: own.id })).status).toBe(404);
    expect((await client.delete(`/equipements/${foreign.id}`)).status).toBe(404);
    expect(idsOf((await client.get('/equipements/')).body)).toEqual([created.body.id]);
    expect((await client.delete(path)).status).toBe(204);
  });
});
