import { dayAfter, dayAt } from '../../src/domain/local-time';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { type Field, faultsOf, unrefused } from '../support/faults';
import { statementsDuring } from '../support/queries';
import { startTestSystem, type TestSystem } from '../support/system';

let system: TestSystem;
let admin: Client;
let equipementId: number;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
  equipementId = (await makeEquipement(system.db, { nom: 'Presse hydraulique PH-001' })).id;
});
afterAll(() => system.close());

const valid = (given: object = {}) => ({
  titre: 'Réparation fuite hydraulique',
  description: 'Fuite détectée au niveau du circuit principal',
  type_intervention: 'corrective',
  priorite: 'haute',
  urgence: true,
  date_limite: new Date(Date.now() + 30 * 3_600_000).toISOString(),
  equipement_id: equipementId,
  ...given,
});
const idsOf = (rows: { id: number }[]) => rows.map(({ id }) => id);
const count = async () => (await system.db.query('SELECT count(*)::integer AS n FROM interventions'))[0].n;

describe('creating', () => {
  it('answers as the source document does, field by field', async () => {
    const body = valid();
    const reply = await admin.post('/interventions/', body);
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      id: expect.any(Number),
      titre: body.titre,
      description: body.description,
      type_intervention: 'corrective',
      statut: 'ouverte',
      priorite: 'haute',
      urgence: true,
      date_creation: expect.stringMatching(/Z$/),
      date_limite: body.date_limite,
      equipement_id: equipementId,
      createur_id: expect.any(Number),
      equipement: { nom: 'Presse hydraulique PH-001', localisation: 'Atelier A' },
      en_retard: false,
      technicien: null,
      planning: null,
      version: 1,
    });
  });

  it('gives the deadline of the priority when nobody names one, halved by urgence', async () => {
    const { body } = await admin.post(
      '/interventions',
      valid({ priorite: 'critique', date_limite: undefined }),
    );
    expect(Date.parse(body.date_limite) - Date.parse(body.date_creation)).toBe(2 * 3_600_000);
  });

  it('takes a bare date as the end of that day in the zone of the site, else of the configuration', async () => {
    const limit = async (given: object) =>
      (await admin.post('/interventions', valid(given))).body.date_limite;
    expect(await limit({ date_limite: '2030-06-15' })).toBe('2030-06-16T00:00:00.000Z');
    const site = await makeSite(system.db, { fuseau_horaire: 'Asia/Tokyo' });
    const equipement_id = (await makeEquipement(system.db, { site_id: site.id })).id;
    const tokyo = await admin.post('/interventions', valid({ date_limite: '2030-06-15', equipement_id }));
    expect(tokyo.body.date_limite).toBe('2030-06-15T15:00:00.000Z');
    const later = await admin.patch(`/interventions/${tokyo.body.id}`, { date_limite: '2030-06-20' });
    expect(later.body.date_limite).toBe('2030-06-20T15:00:00.000Z');
  });

  it('refuses a day that is over where the site is, and no other', async () => {
    const day = (zone: string) => dayAfter(dayAt(Date.now(), zone), -1);
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Africa/Casablanca']) {
      const site = await makeSite(system.db, { fuseau_horaire: zone });
      const equipement_id = (await makeEquipement(system.db, { site_id: site.id })).id;
      const report = (date_limite: string) =>
        admin.post('/interventions', valid({ date_limite, equipement_id }));
      const refused = await report(dayAfter(day(zone), -1));
      expect([zone, refused.status, refused.body.erreurs?.[0].champ]).toEqual([zone, 422, 'date_limite']);
      expect([zone, (await report(dayAfter(day(zone), 1))).status]).toEqual([zone, 201]);
    }
  });

  it('acts once for one Idempotency-Key from 20 connections at once, and starts one workflow', async () => {
    const before = await count();
    const body = valid();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () =>
        admin.post('/interventions', body, { 'Idempotency-Key': 'signalement-1' }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map((reply) => JSON.stringify(reply.body))).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });

  const fields: Record<string, Field> = {
    titre: { accepts: 'string', required: true, maxLength: 200 },
    description: { accepts: 'string', required: true, maxLength: 2_000, refuses: ['trop bref'] },
    type_intervention: { accepts: 'string', required: true, refuses: ['', 'curative'] },
    priorite: { accepts: 'string', refuses: ['', 'urgente'] },
    urgence: { accepts: 'boolean' },
    date_limite: {
      accepts: 'string',
      nullable: true,
      refuses: ['', 'demain', '2020-01-01', '2026-13-45', '2030-01-01T10:00:00', '9999-12-31T00:00:00Z'],
    },
    equipement_id: { accepts: 'number', required: true, refuses: [0, -1, 1.5, 2_147_483_648, 999_999, '1'] },
    competences_requises: { accepts: 'array', refuses: [[''], [1], [null], Array(21).fill('x'), ['a\0b']] },
  };

  it('refuses every field wrong in every way, naming it, and keeps nothing', async () => {
    const before = await count();
    expect(await unrefused(admin, 'post', '/interventions', faultsOf(valid(), fields))).toEqual([]);
    expect(await count()).toBe(before);
  });

  it('refuses malformed JSON, a body of another type, one too large and one nested too deep', async () => {
    const send = async (body: string, type = 'application/json') => {
      const reply = await admin.send('POST', '/interventions', { body, headers: { 'content-type': type } });
      expect(reply.headers.get('content-type')).toMatch('application/problem+json');
      return [reply.status, reply.body.code];
    };
    expect(await send('{"titre": ')).toEqual([400, 'REQUETE_MALFORMEE']);
    expect(await send('"texte"')).toEqual([400, 'REQUETE_MALFORMEE']);
    expect(await send('{"__proto__": {"role": "admin"}}')).toEqual([400, 'REQUETE_MALFORMEE']);
    expect(await send(JSON.stringify(valid()), 'text/plain')).toEqual([415, 'TYPE_NON_ACCEPTE']);
    expect(await send(JSON.stringify({ titre: 'x'.repeat(10_000_000) }))).toEqual([413, 'TROP_GROS']);
    expect(await send('['.repeat(200_000) + ']'.repeat(200_000))).toEqual([400, 'REQUETE_MALFORMEE']);
  });

  it('refuses equipment that the caller cannot see as if it did not exist', async () => {
    const { client } = await system.newPerson('client');
    const reply = await client.post('/interventions', valid());
    expect([reply.status, reply.body.erreurs[0].champ]).toEqual([422, 'equipement_id']);
    expect(reply.body.erreurs).toEqual(
      (await client.post('/interventions', valid({ equipement_id: 999_999 }))).body.erreurs,
    );
  });
});

describe('changing', () => {
  const newOne = async () =>
    (await admin.post('/interventions', valid())).body as { id: number; version: number };

  it('changes texts without the engine, and deadlines through it', async () => {
    const { id } = await newOne();
    const renamed = await admin.patch(`/interventions/${id}`, { titre: 'Fuite majeure' });
    expect(renamed.body).toMatchObject({ titre: 'Fuite majeure', version: 2 });
    const raised = await admin.patch(`/interventions/${id}`, {
      priorite: 'critique',
      titre: 'Fuite, danger',
    });
    expect(raised.body).toMatchObject({ titre: 'Fuite, danger', priorite: 'critique' });
    const back = await admin.patch(`/interventions/${id}`, { date_limite: null });
    expect(Date.parse(back.body.date_limite)).toBeLessThan(Date.now() + 2.1 * 3_600_000);
  });

  it('refuses wrong bodies and late versions', async () => {
    const { id } = await newOne();
    const fields: Record<string, Field> = {
      titre: { accepts: 'string', maxLength: 200 },
      description: { accepts: 'string', maxLength: 2_000 },
      priorite: { accepts: 'string', refuses: ['', 'urgente'] },
      urgence: { accepts: 'boolean' },
      date_limite: { accepts: 'string', nullable: true, refuses: ['demain', '2020-01-01'] },
      competences_requises: { accepts: 'array', refuses: [['']] },
    };
    expect(
      await unrefused(admin, 'patch', `/interventions/${id}`, faultsOf({ titre: 'x' }, fields, true)),
    ).toEqual([]);
    const late = await admin.patch(`/interventions/${id}`, { titre: 'x' }, { 'If-Match': '"7"' });
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_PERIMEE']);
  });

  it('refuses wrong orders', async () => {
    const { id } = await newOne();
    const assign: Record<string, Field> = {
      technicien_id: { accepts: 'number', refuses: [0, 1.5, 999_999, '1'] },
      date_planifiee: { accepts: 'string', refuses: ['', 'demain', '2020-01-01T10:00:00Z', '2030-01-01'] },
      duree_estimee: { accepts: 'number', refuses: [4, 10_081, 5.5, '60'] },
      force: { accepts: 'boolean', refuses: ['true', 1] },
    };
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const plan = { technicien_id: 999_999, date_planifiee: tomorrow, duree_estimee: 60 };
    expect(
      await unrefused(admin, 'put', `/interventions/${id}/assign`, faultsOf(plan, assign, true)),
    ).toEqual([]);
    const statut: Record<string, Field> = {
      statut: { accepts: 'string', required: true, refuses: ['', 'finie'] },
      motif: { accepts: 'string', required: true, maxLength: 2_000 },
      commentaire: { accepts: 'string', maxLength: 2_000 },
      rapport: { accepts: 'string', maxLength: 20_000 },
      pieces: { accepts: 'array', refuses: [[], [{}], [{ piece_id: 1 }], [{ piece_id: 1, quantite: 0 }]] },
    };
    const cancel = { statut: 'annulee', motif: 'Doublon' };
    expect(await unrefused(admin, 'put', `/interventions/${id}/statut`, faultsOf(cancel, statut))).toEqual(
      [],
    );
    expect((await admin.get(`/interventions/${id}`)).body).toMatchObject({ statut: 'ouverte', version: 1 });
  });
});

describe('listing', () => {
  let technicien: Awaited<ReturnType<typeof makeTechnicien>>;
  beforeAll(async () => {
    technicien = await makeTechnicien(system.db);
    const site = await makeSite(system.db);
    const onSite = await makeEquipement(system.db, { site_id: site.id });
    await makeIntervention(system.db, {
      titre: 'Filtre encrassé',
      equipement_id: onSite.id,
      priorite: 'basse',
    });
    await makeIntervention(system.db, { titre: 'Moteur bruyant', priorite: 'critique', urgence: true });
    await makeIntervention(system.db, { titre: 'En retard', date_limite: new Date(Date.now() - 3_600_000) });
    await makeIntervention(system.db, {
      titre: 'Confiée',
      statut: 'planifiee',
      technicien_id: technicien.id,
    });
  });

  it.each([
    ['q=FILTRE%20encrasse', 'Filtre encrassé'],
    ['priorite=critique,basse&urgence=true&q=moteur', 'Moteur bruyant'],
    ['en_retard=true', 'En retard'],
    ['statut=planifiee,en_cours&q=confiee', 'Confiée'],
  ])('finds by %s', async (query, titre) => {
    const { body } = await admin.get(`/interventions/?${query}`);
    expect(body.map((row: { titre: string }) => row.titre)).toContain(titre);
  });

  it('combines every filter with every other in one statement', async () => {
    const all =
      'statut=ouverte&priorite=haute&type_intervention=corrective&technicien_id=1&equipement_id=1&createur_id=1&site_id=1' +
      '&urgence=true&en_retard=false&date_min=2026-01-01&date_max=2030-01-01&q=x&sort=-priorite,date_limite&limit=5';
    const reply = await admin.get(`/interventions?${all}`);
    expect([reply.status, reply.body, reply.headers.get('x-total-count')]).toEqual([200, [], '0']);
  });

  it('sorts by weight of priority, and pages through ties by keyset', async () => {
    const { body } = await admin.get('/interventions?sort=-priorite&limit=200');
    const weights = body.map((row: { priorite: string }) =>
      ['basse', 'normale', 'haute', 'critique'].indexOf(row.priorite),
    );
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
    const seen: number[] = [];
    let path: string | undefined = '/interventions?sort=-priorite,date_creation&limit=3';
    while (path !== undefined) {
      const reply = await admin.get(path);
      seen.push(...idsOf(reply.body));
      path = /<\/api\/v1([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect([...seen].sort()).toEqual([...new Set(idsOf(body))].sort());
  });

  it('takes a constant number of statements, however long the page', async () => {
    const statements = async (limit: number) =>
      (await statementsDuring(() => admin.get(`/interventions?limit=${limit}`))).length;
    expect(await statements(1)).toBe(await statements(100));
    expect(await statements(100)).toBe(2);
  });

  it.each([
    'sort=mot_de_passe',
    'limit=0',
    'limit=201',
    'statut=finie',
    'technicien_id=x',
    'curseur=xyz',
    'couleur=bleu',
    'q=',
  ])('refuses %s', async (query) => {
    const reply = await admin.get(`/interventions?${query}`);
    expect([reply.status, reply.body.code]).toEqual([422, 'VALIDATION']);
    expect(reply.body.erreurs[0].champ.split('.')[0]).toBe(query.split('=')[0]);
  });
});

describe('who sees what', () => {
  it('shows a technicien their own and the unassigned, and lets them move only their own', async () => {
    const { user, client } = await system.newPerson('technicien');
    const [{ id: technicienId }] = await system.db.query('SELECT id FROM techniciens WHERE user_id = $1', [
      user.id,
    ]);
    const own = await makeIntervention(system.db, { statut: 'planifiee', technicien_id: technicienId });
    const other = await makeIntervention(system.db, {
      statut: 'planifiee',
      technicien_id: (await makeTechnicien(system.db)).id,
    });
    const free = await makeIntervention(system.db, {});
    const listed = idsOf((await client.get('/interventions?limit=200')).body);
    expect(listed).toEqual(expect.arrayContaining([own.id, free.id]));
    expect(listed).not.toContain(other.id);
    expect(idsOf((await client.get('/interventions/mes-interventions')).body)).toEqual([own.id]);
    expect((await client.get(`/interventions/${other.id}`)).status).toBe(404);
    expect((await client.put(`/interventions/${other.id}/statut`, { statut: 'en_cours' })).status).toBe(404);
    expect(
      (await client.put(`/interventions/${free.id}/statut`, { statut: 'annulee', motif: 'x' })).status,
    ).toBe(403);
    expect((await client.patch(`/interventions/${own.id}`, { titre: 'x' })).status).toBe(403);
    expect((await client.put(`/interventions/${own.id}/assign`, {})).status).toBe(403);
  });

  it('shows a client what they reported and what is on their equipment, in lists, counts and by id', async () => {
    const { user, client } = await system.newPerson('client');
    const site = await makeSite(system.db);
    const neighbour = await system.newPerson('client', { sites: [site.id] });
    const theirs = await makeEquipement(system.db, { client_id: user.id, site_id: site.id });
    const onTheirs = await makeIntervention(system.db, { equipement_id: theirs.id });
    const reported = await makeIntervention(system.db, { createur_id: user.id });
    const foreign = await makeIntervention(system.db, {});
    const list = await client.get('/interventions');
    expect(idsOf(list.body).sort()).toEqual([onTheirs.id, reported.id].sort());
    expect(list.headers.get('x-total-count')).toBe('2');
    expect(idsOf((await neighbour.client.get('/interventions')).body)).toEqual([onTheirs.id]);
    for (const path of [
      '',
      '/historique',
      '/commentaires',
      '/workflow',
      '/rapport',
      '/pieces',
      '/documents',
    ]) {
      expect([path, (await client.get(`/interventions/${foreign.id}${path}`)).status]).toEqual([path, 404]);
    }
    expect((await client.post(`/interventions/${foreign.id}/commentaires`, { texte: 'x' })).status).toBe(404);
    expect((await client.post(`/interventions/${onTheirs.id}/commentaires`, { texte: 'Merci' })).status).toBe(
      201,
    );
  });

  it('keeps a responsable to their sites', async () => {
    const site = await makeSite(system.db);
    const { client } = await system.newPerson('responsable', { sites: [site.id] });
    const here = await makeIntervention(system.db, {
      equipement_id: (await makeEquipement(system.db, { site_id: site.id })).id,
    });
    const there = await makeIntervention(system.db, {});
    expect(idsOf((await client.get('/interventions')).body)).toEqual([here.id]);
    expect((await client.get(`/interventions/${there.id}`)).status).toBe(404);
    const nobody = await makeUser(system.db, { role: 'responsable' });
    const all = await (await system.as(nobody)).get('/interventions?limit=200');
    expect(idsOf(all.body)).toEqual(expect.arrayContaining([here.id, there.id]));
  });
});
