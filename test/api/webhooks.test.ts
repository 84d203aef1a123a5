import { MAX_WEBHOOKS } from '../../src/services/echanges/webhooks';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeLivraison, makeWebhook } from '../support/factories';
import { unrefused } from '../support/faults';

/** A public address that nothing here ever calls. */
const PUBLIC = 'https://93.184.216.34/regie';

let api: TestApi;
let client: Client;
beforeAll(async () => {
  api = await startTestApi();
  ({ client } = await api.newPerson('admin'));
});
beforeEach(() => api.db.query('DELETE FROM webhooks'));
afterAll(() => api.close());

const body = { url: PUBLIC, evenements: ['intervention.*', 'piece.stock_bas'] };
const newWebhook = async (given: object = {}) => (await client.post('/webhooks', { ...body, ...given })).body;

describe('POST /webhooks', () => {
  it('answers the secret this once', async () => {
    const made = await client.post('/webhooks', body);
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.body).toEqual({
      id: expect.any(Number),
      ...body,
      actif: true,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      secret_precedent_fin: null,
      echec_depuis: null,
      dernier_succes: null,
      motif_desactivation: null,
      date_desactivation: null,
      livraisons_en_attente: 0,
      livraisons_abandonnees: 0,
      date_creation: expect.any(String),
      date_modification: expect.any(String),
      version: 1,
    });
    const { secret: _, ...shown } = made.body;
    expect((await client.get(`/webhooks/${made.body.id}`)).body).toEqual(shown);
    expect((await client.get('/webhooks')).body).toEqual([shown]);
  });

  it('answers the same secret to the same key, and keeps none readable', async () => {
    const send = () => client.post('/webhooks', body, { 'Idempotency-Key': 'webhook' });
    const [first, second] = [await send(), await send()];
    expect(second.body.secret).toBe(first.body.secret);
    const kept = await api.db.query('SELECT reponse::text FROM idempotence');
    expect(JSON.stringify(kept)).not.toContain(first.body.secret);
    expect((await client.get('/webhooks')).body).toHaveLength(1);
  });

  it('refuses every wrong field', async () => {
    const faults = [
      { name: 'no event', champ: 'evenements', body: { ...body, evenements: [] } },
      {
        name: 'an unknown event',
        champ: 'evenements',
        body: { ...body, evenements: ['intervention.volee'] },
      },
      { name: 'an unknown domain', champ: 'evenements', body: { ...body, evenements: ['lune.*'] } },
      {
        name: 'what one person alone is told',
        champ: 'evenements',
        body: { ...body, evenements: ['notification.*'] },
      },
      { name: 'half a pattern', champ: 'evenements', body: { ...body, evenements: ['inter*'] } },
      { name: 'events as a text', champ: 'evenements', body: { ...body, evenements: '*' } },
      {
        name: 'a secret of their own',
        champ: 'secret',
        body: { ...body, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      },
      { name: 'no URL', champ: 'url', body: { evenements: ['*'] } },
      ...[
        '',
        'ici',
        'ftp://93.184.216.34/',
        'http://93.184.216.34/',
        'https://',
        'https://a:b@93.184.216.34/',
        'https://93.184.216.34/#a',
        `${PUBLIC}/${'x'.repeat(2_000)}`,
      ].map((url) => ({ name: url.slice(0, 40), champ: 'url', body: { ...body, url } })),
      { name: 'actif as a text', champ: 'actif', body: { ...body, actif: 'oui' } },
    ];
    expect(await unrefused(client, 'post', '/webhooks', faults)).toEqual([]);
    expect((await client.get('/webhooks')).body).toEqual([]);
  });

  it('keeps each event once, and the host in its usual form', async () => {
    const made = await newWebhook({ url: 'https://0x5DB8D822/Regie?a=1', evenements: ['*', 'piece.*', '*'] });
    expect(made).toMatchObject({ url: 'https://93.184.216.34/Regie?a=1', evenements: ['*', 'piece.*'] });
  });

  it(`makes at most ${MAX_WEBHOOKS}`, async () => {
    for (let made = 1; made < MAX_WEBHOOKS; made++) await makeWebhook(api.db);
    const statuses = await Promise.all(
      [1, 2, 3].map(async () => (await client.post('/webhooks', body)).status),
    );
    expect(statuses.toSorted()).toEqual([201, 409, 409]);
  });
});

describe('PATCH /webhooks/{id}', () => {
  it('changes what is given, with its history, and never shows the secret', async () => {
    const { id } = await newWebhook();
    const changed = await client.patch(
      `/webhooks/${id}`,
      { evenements: ['*'], actif: false },
      { 'If-Match': '"1"' },
    );
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ evenements: ['*'], actif: false, version: 2 });
    expect(changed.body).not.toHaveProperty('secret');
    const lines = await api.db.query(
      `SELECT action, avant, apres FROM historique WHERE entite = 'webhook' AND entite_id = $1 ORDER BY id`,
      [id],
    );
    expect(lines).toEqual([
      { action: 'creation', avant: null, apres: { ...body, actif: true } },
      {
        action: 'modification',
        avant: { evenements: body.evenements, actif: true },
        apres: { evenements: ['*'], actif: false },
      },
    ]);
    expect((await client.patch(`/webhooks/${id}`, { actif: true }, { 'If-Match': '"1"' })).status).toBe(412);
  });

  it('asks about a new URL as about a first one', async () => {
    const { id } = await newWebhook();
    const faults = ['https://127.0.0.1/', 'http://93.184.216.34/', 'https://localhost/'].map((url) => ({
      name: url,
      champ: 'url',
      body: { url },
    }));
    expect(await unrefused(client, 'patch', `/webhooks/${id}`, faults)).toEqual([]);
    expect((await client.patch(`/webhooks/${id}`, { url: 'https://93.184.216.34/autre' })).body.url).toBe(
      'https://93.184.216.34/autre',
    );
  });

  it('gives up what waits when it switches off, and begins anew when it switches on', async () => {
    const { id } = await newWebhook();
    const waiting = await makeLivraison(api.db, { webhook_id: id, statut: 'a_livrer', date_fin: null });
    await api.db.query(`UPDATE webhooks SET echec_depuis = now(), dernier_echec = now() WHERE id = $1`, [id]);
    expect((await client.get(`/webhooks/${id}`)).body.livraisons_en_attente).toBe(1);
    expect((await client.patch(`/webhooks/${id}`, { actif: false })).body).toMatchObject({
      livraisons_en_attente: 0,
      livraisons_abandonnees: 1,
    });
    const [row] = (await client.get(`/webhooks/${id}/livraisons`)).body;
    expect(row).toMatchObject({ id: waiting.id, statut: 'abandonnee', prochain_essai: null });
    expect((await client.patch(`/webhooks/${id}`, { actif: true })).body).toMatchObject({
      actif: true,
      echec_depuis: null,
      motif_desactivation: null,
    });
  });

  it('switches on again what the system switched off', async () => {
    const { id } = await makeWebhook(api.db, {
      actif: false,
      motif_desactivation: 'echecs',
      date_desactivation: new Date(),
      echec_depuis: new Date(),
      dernier_echec: new Date(),
    });
    expect((await client.patch(`/webhooks/${id}`, { actif: true })).body).toMatchObject({
      actif: true,
      motif_desactivation: null,
      date_desactivation: null,
      echec_depuis: null,
    });
  });
});

it('DELETE /webhooks/{id} removes it with its deliveries, and the history keeps that it was there', async () => {
  const { id } = await newWebhook();
  await makeLivraison(api.db, { webhook_id: id });
  expect((await client.delete(`/webhooks/${id}`)).status).toBe(204);
  expect((await client.get(`/webhooks/${id}`)).status).toBe(404);
  expect((await client.get(`/webhooks/${id}/livraisons`)).status).toBe(404);
  expect(await api.db.query('SELECT id FROM livraisons WHERE webhook_id = $1', [id])).toEqual([]);
  const [line] = await api.db.query(
    `SELECT avant FROM historique WHERE entite = 'webhook' AND entite_id = $1 AND action = 'suppression'`,
    [id],
  );
  expect(line.avant).toEqual({ ...body, actif: true });
});

it('POST /webhooks/{id}/secret answers a new one this once, and until when the former one signs', async () => {
  const { id, secret } = await newWebhook();
  const rotated = await client.post(`/webhooks/${id}/secret`, undefined, { 'If-Match': '"1"' });
  expect(rotated.status).toBe(200);
  expect(rotated.body.secret).toMatch(/^whsec_/);
  expect(rotated.body.secret).not.toBe(secret);
  const left = Date.parse(rotated.body.secret_precedent_fin) - Date.now();
  expect(Math.round(left / 3_600_000)).toBe(24);
  expect((await client.get(`/webhooks/${id}`)).body).not.toHaveProperty('secret');
  const lines = await api.db.query(
    `SELECT apres::text FROM historique WHERE entite = 'webhook' AND entite_id = $1`,
    [id],
  );
  expect(JSON.stringify(lines)).not.toContain('whsec_');
  expect((await client.post(`/webhooks/${id}/secret`, undefined, { 'If-Match': '"1"' })).status).toBe(412);
});

describe('GET /webhooks/{id}/livraisons', () => {
  it('shows each with its answers, of this webhook alone', async () => {
    const { id } = await newWebhook();
    await makeLivraison(api.db);
    const essai = { date: '2026-11-29T08:00:00.000Z', statut: 500, duree: 12, erreur: 'refus' as const };
    const livraison = await makeLivraison(api.db, {
      webhook_id: id,
      tentatives: 1,
      reponse_statut: 500,
      reponse_duree: 12,
      reponse_extrait: 'Erreur interne',
      erreur: 'refus',
      essais: [essai],
    });
    const { body: rows, headers } = await client.get(`/webhooks/${id}/livraisons`);
    expect(headers.get('x-total-count')).toBe('1');
    expect(rows).toEqual([
      {
        id: livraison.id,
        webhook_id: id,
        identifiant: livraison.identifiant,
        evenement: 'piece.creee',
        date: expect.any(String),
        ressource: 'piece',
        id_ressource: 1,
        version_ressource: 1,
        statut: 'abandonnee',
        tentatives: 1,
        prochain_essai: null,
        erreur: 'refus',
        reponse: { statut: 500, duree: 12, extrait: 'Erreur interne' },
        essais: [essai],
        date_creation: expect.any(String),
        date_fin: expect.any(String),
      },
    ]);
  });

  it('filters and pages', async () => {
    const { id } = await newWebhook();
    const ids: number[] = [];
    for (const [index, statut] of (['a_livrer', 'livree', 'abandonnee'] as const).entries()) {
      const date_fin = statut === 'a_livrer' ? null : new Date();
      const evenement = index === 0 ? 'piece.modifiee' : 'piece.creee';
      ids.push((await makeLivraison(api.db, { webhook_id: id, statut, date_fin, evenement })).id);
    }
    const found = async (query: string) =>
      (await client.get(`/webhooks/${id}/livraisons?${query}`)).body.map((row: { id: number }) => row.id);
    expect(await found('sort=id')).toEqual(ids);
    expect(await found('')).toEqual(ids.toReversed());
    expect(await found('statut=livree,abandonnee&sort=id')).toEqual(ids.slice(1));
    expect(await found('evenement=piece.modifiee')).toEqual(ids.slice(0, 1));
    expect(await found('limit=1&offset=1')).toEqual([ids[1]]);
    for (const wrong of ['statut=perdue', 'evenement=lune.pleine', 'evenement=a%00b', 'evenement=piece.*']) {
      expect((await client.get(`/webhooks/${id}/livraisons?${wrong}`)).status).toBe(422);
    }
  });
});

describe('POST /webhooks/livraisons/{id}/rejouer', () => {
  it('has what was given up sent again, and says so in the history', async () => {
    const { id } = await newWebhook();
    const livraison = await makeLivraison(api.db, { webhook_id: id, tentatives: 12 });
    const replayed = await client.post(`/webhooks/livraisons/${livraison.id}/rejouer`);
    expect(replayed.status).toBe(202);
    expect(replayed.body).toMatchObject({
      id: livraison.id,
      identifiant: livraison.identifiant,
      statut: 'a_livrer',
      prochain_essai: expect.any(String),
      date_fin: null,
    });
    const [line] = await api.db.query(
      `SELECT apres FROM historique WHERE entite = 'webhook' AND entite_id = $1 AND action = 'rejeu'`,
      [id],
    );
    expect(line.apres).toEqual({ livraison_id: livraison.id, identifiant: livraison.identifiant });
  });

  it('refuses while its webhook is switched off, and what is not there', async () => {
    const { id } = await newWebhook({ actif: false });
    const { id: livraisonId } = await makeLivraison(api.db, { webhook_id: id });
    expect((await client.post(`/webhooks/livraisons/${livraisonId}/rejouer`)).status).toBe(409);
    expect((await client.post('/webhooks/livraisons/2147480000/rejouer')).status).toBe(404);
  });
});

it('POST /webhooks/{id}/essai places a trial, and has the webhook woken', async () => {
  const { id } = await newWebhook();
  const tried = await client.post(`/webhooks/${id}/essai`);
  expect(tried.status).toBe(202);
  expect(tried.body).toMatchObject({
    webhook_id: id,
    identifiant: expect.stringMatching(/^essai_[0-9a-f-]{36}$/),
    evenement: 'webhook.essai',
    ressource: 'webhook',
    id_ressource: id,
    statut: 'a_livrer',
  });
  expect((await client.get(`/webhooks/${id}/livraisons`)).body).toEqual([tried.body]);
  expect((await client.post('/webhooks/2147480000/essai')).status).toBe(404);
});

it('is for administrators in person', async () => {
  const { id } = await newWebhook();
  const { body: key } = await client.post('/cles-api', { nom: 'SI', role: 'admin' });
  const machine = { Authorization: `Bearer ${key.cle}` };
  const { client: responsable } = await api.newPerson('responsable');
  for (const reply of [
    await client.get('/webhooks', machine),
    await client.post('/webhooks', body, machine),
    await responsable.get(`/webhooks/${id}`),
    await responsable.post(`/webhooks/${id}/essai`),
  ]) {
    expect(reply.status).toBe(403);
  }
});
