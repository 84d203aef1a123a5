import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeContrat, makeEquipement, makeNiveau, makeSite, makeUser } from '../support/factories';
import { queriesDuring } from '../support/queries';

/** Levels of service, contracts and engagements, as clients of the API meet them. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

let made = 0;
const body = (given: object = {}) => ({
  nom: `Premium ${++made}`,
  calendrier: 'ouvre',
  delais: {
    critique: { affectation: 'PT15M', demarrage: 'PT15M', resolution: 'PT4H', calendrier: 'continu' },
    haute: { affectation: 'PT2H', demarrage: 'PT1H', resolution: 'P1D' },
    normale: { affectation: 'P1D', demarrage: 'PT4H', resolution: 'P5D' },
    basse: { affectation: 'P3D', demarrage: 'P1D', resolution: 'P15D' },
  },
  niveaux: [
    { a: '-25%', destinataires: ['technicien'] },
    { a: '+PT1H', destinataires: ['responsable', 'client'] },
  ],
  attente_motifs: [{ motif: 'accès refusé', arrete_horloge: true }],
  ...given,
});
const fields = ({ status, body: { code, erreurs } }: Reply) => [
  status,
  code,
  erreurs?.map(({ champ }: { champ: string }) => champ),
];
const requests = async (): Promise<number> =>
  (await api.db.query('SELECT count(*)::integer AS n FROM recalculs'))[0].n;

describe('a level of service', () => {
  it('is defined, read, changed and removed, each on record, under its version', async () => {
    const given = body();
    const created = await admin.post('/niveaux-service/', given, { 'Idempotency-Key': 'niveau-1' });
    expect([created.status, created.body]).toEqual([201, { ...created.body, ...given }]);
    const { id } = created.body;
    const path = `/niveaux-service/${id}`;
    expect((await admin.post('/niveaux-service/', given, { 'Idempotency-Key': 'niveau-1' })).body.id).toBe(
      id,
    );
    const read = await admin.get(path);
    expect(read.body).toEqual(created.body);

    const etag = read.headers.get('etag')!;
    const before = await requests();
    const changed = await admin.patch(path, { attente_motifs: [] }, { 'If-Match': etag });
    expect([changed.status, changed.body.attente_motifs, changed.body.version]).toEqual([200, [], 2]);
    expect(await requests()).toBe(before + 1);
    expect(fields(await admin.patch(path, { nom: 'Autre' }, { 'If-Match': etag })).slice(0, 2)).toEqual([
      412,
      'VERSION_PERIMEE',
    ]);
    // The same again is no change, and has nothing derived anew.
    expect((await admin.patch(path, { attente_motifs: [] })).body.version).toBe(2);
    expect(await requests()).toBe(before + 1);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    const events = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'niveau_service' AND entite_id = $1 ORDER BY id`,
      [id],
    );
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'creation',
      'modification',
      'suppression',
    ]);
  });

  it('has a name of its own, whatever its case', async () => {
    const given = body();
    await admin.post('/niveaux-service', given);
    expect(fields(await admin.post('/niveaux-service', { ...given, nom: given.nom.toUpperCase() }))).toEqual([
      409,
      'DEJA_EXISTANT',
      undefined,
    ]);
  });

  it('is refused with every fault of what it says, each by its path', async () => {
    const { delais } = body();
    const unsound = body({
      delais: {
        ...delais,
        critique: { ...delais.critique, resolution: 'P1D' },
        basse: { ...delais.basse, resolution: '15 jours' },
      },
      niveaux: [{ a: '-100%', destinataires: ['admin'] }],
    });
    expect(fields(await admin.post('/niveaux-service', unsound))).toEqual([
      422,
      'VALIDATION',
      ['delais.basse.resolution', 'delais.critique.resolution', 'niveaux.0.a'],
    ]);
    const misshapen = {
      ...body({ calendrier: 'jour', niveaux: [{ a: '+0', destinataires: ['directeur'] }] }),
      delais: { ...delais, haute: { affectation: 'PT1H' } },
    };
    expect(fields(await admin.post('/niveaux-service', misshapen))).toEqual([
      422,
      'VALIDATION',
      ['calendrier', 'delais.haute.demarrage', 'delais.haute.resolution', 'niveaux.0.destinataires.0'],
    ]);
    const many = {
      niveaux: Array.from({ length: 11 }, (_, n) => ({ a: `+PT${n + 1}H`, destinataires: ['admin'] })),
    };
    expect(fields(await admin.post('/niveaux-service', body(many)))[2]).toEqual(['niveaux']);
    expect(fields(await admin.post('/niveaux-service', body({ niveaux: [] })))[2]).toEqual(['niveaux']);
  });

  it('is judged as it would be, also when a part of it changes', async () => {
    const { id } = (await admin.post('/niveaux-service', body())).body;
    const reply = await admin.patch(`/niveaux-service/${id}`, { calendrier: 'continu' });
    expect(fields(reply)[2]).toContain('delais.haute.resolution');
  });

  it('that a contract names, or an intervention has had, is not removed', async () => {
    const niveau = await makeNiveau(api.db);
    const contrat = await makeContrat(api.db, { niveau_service_id: niveau.id });
    const path = `/niveaux-service/${niveau.id}`;
    expect(fields(await admin.delete(path)).slice(0, 2)).toEqual([409, 'DEPENDANCES']);
    const equipement = await makeEquipement(api.db, { client_id: contrat.client_id });
    await report(equipement.id);
    expect((await admin.delete(`/contrats/${contrat.id}`)).status).toBe(204);
    expect(fields(await admin.delete(path)).slice(0, 2)).toEqual([409, 'DEPENDANCES']);
  });

  it('is of the house: who oversees one site reads it, and changes it no more than a technicien', async () => {
    const site = await makeSite(api.db);
    const here = (await api.newPerson('responsable', { sites: [site.id] })).client;
    const everywhere = (await api.newPerson('responsable')).client;
    const { id } = (await everywhere.post('/niveaux-service', body())).body;
    expect((await here.get(`/niveaux-service/${id}`)).status).toBe(200);
    expect((await here.patch(`/niveaux-service/${id}`, { nom: 'Autre' })).status).toBe(403);
    for (const role of ['technicien', 'client'] as const) {
      expect((await (await api.newPerson(role)).client.get('/niveaux-service')).status).toBe(403);
    }
  });
});

async function report(equipementId: number, given: object = {}): Promise<number> {
  const reply = await admin.post('/interventions', {
    titre: 'Fuite',
    description: 'La presse fuit depuis ce matin',
    type_intervention: 'corrective',
    priorite: 'critique',
    equipement_id: equipementId,
    ...given,
  });
  expect(reply.status).toBe(201);
  return reply.body.id;
}

describe('a contract', () => {
  let clientId: number;
  let niveauId: number;
  beforeAll(async () => {
    clientId = (await makeUser(api.db, { role: 'client' })).id;
    niveauId = (await makeNiveau(api.db, { nom: 'Du contrat' })).id;
  });
  const contrat = (given: object = {}) => ({
    reference: `C-2027-${++made}`,
    client_id: clientId,
    niveau_service_id: niveauId,
    date_debut: '2027-01-01',
    date_fin: '2027-12-31',
    ...given,
  });

  it('is added, read, changed and removed, each on record, under its version', async () => {
    const equipement = await makeEquipement(api.db, { client_id: clientId });
    const given = contrat({ equipements: [equipement.id] });
    const before = await requests();
    const created = await admin.post('/contrats/', given);
    expect([created.status, created.body]).toEqual([
      201,
      {
        ...created.body,
        ...given,
        site_id: null,
        niveau_service: { id: niveauId, nom: 'Du contrat' },
        version: 1,
      },
    ]);
    const path = `/contrats/${created.body.id}`;
    const etag = created.headers.get('etag')!;
    const changed = await admin.patch(path, { equipements: [] }, { 'If-Match': etag });
    expect([changed.body.equipements, changed.body.version]).toEqual([[], 2]);
    expect((await admin.patch(path, { date_fin: null }, { 'If-Match': etag })).status).toBe(412);
    expect((await admin.patch(path, { date_fin: null })).body.date_fin).toBeNull();
    expect((await admin.delete(path)).status).toBe(204);
    expect(await requests()).toBe(before + 4);
    const events = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'contrat' AND entite_id = $1 ORDER BY id`,
      [created.body.id],
    );
    expect(events).toHaveLength(4);
  });

  it('names what exists and goes together', async () => {
    const site = await makeSite(api.db);
    const technicien = await makeUser(api.db, { role: 'technicien' });
    const [elsewhere, foreign] = [
      await makeEquipement(api.db, { client_id: clientId }),
      await makeEquipement(api.db, { client_id: (await makeUser(api.db, { role: 'client' })).id }),
    ];
    const faults = async (given: object) => fields(await admin.post('/contrats', contrat(given)))[2];
    expect(await faults({ client_id: 999_999 })).toEqual(['client_id']);
    expect(await faults({ client_id: technicien.id })).toEqual(['client_id']);
    expect(await faults({ site_id: 999_999 })).toEqual(['site_id']);
    expect(await faults({ niveau_service_id: 999_999 })).toEqual(['niveau_service_id']);
    expect(await faults({ date_fin: '2026-12-31' })).toEqual(['date_fin']);
    expect(await faults({ site_id: site.id, equipements: [elsewhere.id] })).toEqual(['equipements.0']);
    expect(await faults({ equipements: [elsewhere.id, foreign.id, 999_999] })).toEqual([
      'equipements.1',
      'equipements.2',
    ]);
    expect(await faults({ equipements: [elsewhere.id, elsewhere.id] })).toEqual(['equipements']);
  });

  it('has a reference of its own, and keeps its machine', async () => {
    const equipement = await makeEquipement(api.db, { client_id: clientId });
    const given = contrat({ equipements: [equipement.id] });
    await admin.post('/contrats', given);
    expect((await admin.post('/contrats', given)).body.code).toBe('DEJA_EXISTANT');
    expect((await admin.delete(`/equipements/${equipement.id}`)).body.code).toBe('DEPENDANCES');
  });

  it('is found by what it holds for, and by when', async () => {
    const mine = await makeContrat(api.db, { date_debut: '2031-01-01', date_fin: '2031-01-31' });
    const on = async (day: string) =>
      (await admin.get(`/contrats?client_id=${mine.client_id}&valide_le=${day}`)).body.map(
        ({ id }: { id: number }) => id,
      );
    expect(await on('2031-01-31')).toEqual([mine.id]);
    expect(await on('2031-02-01')).toEqual([]);
  });

  it('is of the site of who oversees it, and of the client who reads it', async () => {
    const [site, other] = [await makeSite(api.db), await makeSite(api.db)];
    const { client: here } = await api.newPerson('responsable', { sites: [site.id] });
    const { user, client } = await api.newPerson('client');
    const given = { client_id: user.id, site_id: site.id };
    const created = await here.post('/contrats', contrat(given));
    expect(created.status).toBe(201);
    expect((await here.post('/contrats', contrat({ ...given, site_id: other.id }))).status).toBe(403);
    expect((await here.post('/contrats', contrat({ client_id: user.id }))).status).toBe(403);
    expect((await here.patch(`/contrats/${created.body.id}`, { site_id: null })).status).toBe(403);
    expect((await client.get('/contrats')).body.map(({ id }: { id: number }) => id)).toEqual([
      created.body.id,
    ]);
    expect((await client.patch(`/contrats/${created.body.id}`, { date_fin: null })).status).toBe(403);
  });
});

describe('the engagements of an intervention', () => {
  it('say what was promised by which level, and explain each minute, in one statement', async () => {
    const niveau = await makeNiveau(api.db, { nom: 'Or' });
    const { user, client } = await api.newPerson('client');
    await makeContrat(api.db, { client_id: user.id, niveau_service_id: niveau.id });
    const equipement = await makeEquipement(api.db, { client_id: user.id });
    const id = await report(equipement.id);
    const sent = await queriesDuring(async () => {
      expect((await admin.get(`/interventions/${id}/engagements`)).status).toBe(200);
    });
    // One says who asks, the other what there is.
    expect(sent).toHaveLength(2);

    // Their customer reads the same.
    const { status, body: found } = await client.get(`/interventions/${id}/engagements`);
    expect(status).toBe(200);
    const { date_limite, date_creation } = (await admin.get(`/interventions/${id}`)).body;
    const level = { id: niveau.id, nom: 'Or' };
    expect(found).toEqual([
      expect.objectContaining({
        etape: 'affectation',
        etat: 'en_cours',
        delai_minutes: 15,
        niveau_service: level,
      }),
      {
        etape: 'resolution',
        debut: date_creation,
        echeance: date_limite,
        delai_minutes: 240,
        imposee: false,
        etat: 'en_cours',
        restant_minutes: 239,
        depasse_le: null,
        fin: null,
        niveau_service: level,
        chronologie: [{ de: date_creation, a: date_limite, nature: 'compte', minutes: 240 }],
      },
    ]);
  });

  it('are those of the house without a contract, and hidden from whoever may not see it', async () => {
    const id = await report((await makeEquipement(api.db)).id, { priorite: 'basse' });
    const [, resolution] = (await admin.get(`/interventions/${id}/engagements`)).body;
    expect([resolution.niveau_service, resolution.delai_minutes]).toEqual([null, 15 * 8 * 60]);
    const sum = resolution.chronologie.reduce(
      (total: number, { nature, minutes }: { nature: string; minutes: number }) =>
        total + (nature === 'compte' ? minutes : 0),
      0,
    );
    expect(sum).toBeCloseTo(15 * 8 * 60, 0);
    const stranger = (await api.newPerson('client')).client;
    expect((await stranger.get(`/interventions/${id}/engagements`)).status).toBe(404);
  });
});

it('motif_attente is for attente_pieces alone', async () => {
  const id = await report((await makeEquipement(api.db)).id);
  const reply = await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours', motif_attente: 'x' });
  expect(fields(reply)).toEqual([422, 'VALIDATION', ['motif_attente']]);
});
