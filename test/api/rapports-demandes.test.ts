import sharp from 'sharp';
import type { User } from '../../src/db/identite/users';
import { etablirRapport } from '../../src/services/pilotage/etablissement';
import { StoreUnavailable } from '../../src/storage/objects';
import { readPdf } from '../pdf/pdf';
import type { Client, Reply } from '../support/client';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeRapportDemande,
  makeSite,
  makeTechnicien,
} from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Reports that people ask for: made by a workflow, filed once, read by those who reach what they show. */

let system: TestSystem;
let admin: Client;
let nord: { id: number };
let sud: { id: number };
let technicien: { id: number; user: User };
let interventionId: number;
let equipementId: number;
beforeAll(async () => {
  system = await startTestSystem();
  const { db } = system;
  admin = (await system.newPerson('admin')).client;
  nord = await makeSite(db, { nom: 'Usine Nord' });
  sud = await makeSite(db, { nom: 'Usine Sud' });
  technicien = await makeTechnicien(db);
  const equipement = await makeEquipement(db, { nom: 'Presse PH-200', site_id: nord.id });
  equipementId = equipement.id;
  const intervention = await makeIntervention(db, {
    titre: 'Fuite du vérin',
    equipement_id: equipementId,
    technicien_id: technicien.id,
    statut: 'planifiee',
    date_creation: new Date('2026-12-14T07:00:00Z'),
  });
  interventionId = intervention.id;
  await makePlanning(db, {
    intervention_id: interventionId,
    technicien_id: technicien.id,
    date_planifiee: new Date('2026-12-15T08:00:00Z'),
  });
  const ailleurs = await makeEquipement(db, { nom: 'Four', site_id: sud.id });
  const autre = await makeIntervention(db, {
    titre: 'Four éteint',
    equipement_id: ailleurs.id,
    technicien_id: technicien.id,
    statut: 'planifiee',
    date_creation: new Date('2026-12-14T07:00:00Z'),
  });
  await makePlanning(db, {
    intervention_id: autre.id,
    technicien_id: technicien.id,
    date_planifiee: new Date('2026-12-16T08:00:00Z'),
  });
  for (const [id, from, to] of [
    [interventionId, '2026-12-15T08:00:00Z', '2026-12-15T10:30:00Z'],
    [autre.id, '2026-12-16T08:00:00Z', '2026-12-16T09:00:00Z'],
  ]) {
    await db.query(
      `INSERT INTO temps (intervention_id, technicien_id, nature, debut, fin) VALUES ($1, $2, 'travail', $3, $4)`,
      [id, technicien.id, from, to],
    );
  }
});
afterAll(() => system.close());

async function made(asked: Reply, client = admin) {
  expect([asked.status, asked.body]).toEqual([202, expect.objectContaining({ statut: 'en_cours' })]);
  const path = asked.headers.get('location')!.replace('/api/v1', '');
  const { body } = await eventually(
    () => client.get(path),
    (reply) => reply.body.statut !== 'en_cours',
  );
  expect(body.statut).toBe('pret');
  const document = await client.get(`/documents/${body.document_id}`);
  const { bytes } = await client.get(`/documents/${body.document_id}/telecharger`);
  return { rapport: body, document: document.body, bytes, text: textOf(bytes) };
}

function textOf(bytes: Buffer): string {
  return readPdf(bytes)
    .pages.flatMap(({ lines }) => lines)
    .join('\n')
    .replace(/\s+/g, ' ');
}

async function upload(nom: string, type_document: string, file: Buffer): Promise<void> {
  const form = new FormData();
  form.set('intervention_id', String(interventionId));
  form.set('type_document', type_document);
  if (type_document === 'signature') {
    form.set('signataire', JSON.stringify({ nom: 'Salma Bennani', qualite: 'Cheffe d’atelier' }));
  }
  form.set('file', new Blob([new Uint8Array(file)]), nom);
  expect((await admin.send('POST', '/documents/upload', { body: form })).status).toBe(201);
}

const picture = (width: number, height: number, background = '#335577') =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

describe('the report of an intervention', () => {
  it('shows its photos and who signed, in each language, whatever state it is in', async () => {
    await upload('joint.jpg', 'photo', await picture(3000, 2000));
    await upload(
      'signature.png',
      'signature',
      await sharp(await picture(400, 160))
        .png()
        .toBuffer(),
    );
    await upload('casse.jpg', 'photo', (await picture(900, 900)).subarray(0, 400));
    for (const [langue, lang, words] of [
      ['fr', 'fr-FR', ['Rapport d’intervention', 'Photos', 'joint.jpg', 'Signature']],
      ['en', 'en-GB', ['Intervention report no.', 'Photos', 'joint.jpg', 'Filed on']],
      ['ar', 'ar-MA', ['joint.jpg', 'Presse PH-200']],
    ] as const) {
      const { rapport, document, bytes, text } = await made(
        await admin.post('/rapports/', { type: 'intervention', intervention_id: interventionId, langue }),
      );
      expect(rapport).toMatchObject({ type: 'intervention', langue, intervention_id: interventionId });
      expect(document).toMatchObject({
        type_document: 'rapport_intervention',
        intervention_id: interventionId,
        rapport_id: null,
        uploadeur_id: null,
        mime_type: 'application/pdf',
        visible_client: false,
      });
      expect(readPdf(bytes).lang).toBe(lang);
      for (const word of words) expect(text).toContain(word.replace('’', "'"));
      // A photo of six million points is not what a page needs.
      expect(bytes.length).toBeLessThan(200_000);
    }
  });

  it('stays as it was when the row changes, and so does what the house looks like in it', async () => {
    const first = await made(
      await admin.post('/rapports', { type: 'intervention', intervention_id: interventionId }),
    );
    await admin.patch(`/interventions/${interventionId}`, { titre: 'Fuite du vérin principal' });
    await admin.patch('/parametres', { nom: 'Autre maison', couleur: '#7a1f5c' });
    const again = await admin.get(`/documents/${first.document.id}/telecharger`);
    expect(again.bytes).toEqual(first.bytes);
    const second = await made(
      await admin.post('/rapports', { type: 'intervention', intervention_id: interventionId }),
    );
    expect(second.text).toContain('Fuite du vérin principal');
    expect(second.text).toContain('Autre maison');
    expect(first.text).not.toContain('Autre maison');
    await admin.patch('/parametres', { nom: 'Régie', couleur: '#0f766e' });
  });
});

describe('the week of a technicien', () => {
  it('shows to a responsable what lies on their sites alone, to the technicien all of their own', async () => {
    const week = { type: 'semaine', technicien_id: technicien.id, semaine: '2026-W51' };
    const { client } = await system.newPerson('responsable', { sites: [nord.id] });
    const narrow = await made(await client.post('/rapports', week), client);
    expect(narrow.text).toContain('Fuite du vérin');
    expect(narrow.text).toContain('2 h 30');
    expect(narrow.text).not.toContain('Four');
    const own = await system.as(technicien.user);
    const wide = await made(await own.post('/rapports', week), own);
    expect(wide.text).toContain('Four éteint');
    expect(wide.text).toContain('3 h 30');
    // What the technicien asked for shows more than the responsable reaches; the other one is about the technicien.
    expect((await client.get(`/documents/${wide.document.id}`)).status).toBe(404);
    expect((await client.get(`/rapports/${wide.rapport.id}`)).status).toBe(404);
    expect((await own.get(`/documents/${narrow.document.id}`)).status).toBe(200);
    const { client: colleague } = await system.newPerson('technicien');
    expect((await colleague.get(`/documents/${wide.document.id}`)).status).toBe(404);
    expect((await colleague.get('/documents?limit=200')).body).toEqual([]);
    expect((await colleague.post('/rapports', week)).status).toBe(403);
  });
});

describe('the history of an equipment and the figures of a month', () => {
  it('are documents of their own, read by whoever reaches every site that they show', async () => {
    const { client } = await system.newPerson('responsable', { sites: [nord.id] });
    const { client: other } = await system.newPerson('responsable', { sites: [sud.id] });
    const history = await made(
      await client.post('/rapports', { type: 'equipement', equipement_id: equipementId }),
      client,
    );
    expect(history.document).toMatchObject({
      type_document: 'rapport_equipement',
      intervention_id: null,
      equipement_id: null,
      rapport_id: history.rapport.id,
    });
    expect(history.text).toContain('Presse PH-200');
    const month = await made(await client.post('/rapports', { type: 'mois', mois: '2026-12' }), client);
    expect(month.text).toContain('Usine Nord');
    expect(month.text).not.toContain('Usine Sud');
    const all = await made(await admin.post('/rapports', { type: 'mois', mois: '2026-12', langue: 'en' }));
    expect(all.text).toContain('December 2026');
    expect(all.text).toContain('All sites');
    expect(all.text).toContain('Usine Sud');
    for (const { document, rapport } of [history, month]) {
      expect((await other.get(`/documents/${document.id}`)).status).toBe(404);
      expect((await other.get(`/rapports/${rapport.id}`)).status).toBe(404);
      expect((await admin.get(`/documents/${document.id}`)).status).toBe(200);
    }
    expect((await client.get(`/documents/${all.document.id}`)).status).toBe(404);
    const { client: anybody } = await system.newPerson('technicien');
    expect((await anybody.get(`/documents/${history.document.id}`)).status).toBe(404);
  });
});

describe('a report is refused', () => {
  it('of what the caller does not see, and to those who have none', async () => {
    const { client } = await system.newPerson('responsable', { sites: [sud.id] });
    for (const [body, champ] of [
      [{ type: 'intervention', intervention_id: interventionId }, 'intervention_id'],
      [{ type: 'equipement', equipement_id: equipementId }, 'equipement_id'],
      [{ type: 'mois', mois: '2026-12', site_id: nord.id }, 'site_id'],
      [{ type: 'semaine', technicien_id: 999_999, semaine: '2026-W51' }, 'technicien_id'],
      [{ type: 'semaine', technicien_id: technicien.id, semaine: '2026-W54' }, 'semaine'],
      [{ type: 'mois', mois: '2026-13' }, 'mois'],
    ] as const) {
      const refused = await client.post('/rapports', body);
      expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, champ]);
    }
    expect((await client.post('/rapports', { type: 'annee' })).status).toBe(422);
    const { client: customer } = await system.newPerson('client');
    expect((await customer.post('/rapports', { type: 'mois', mois: '2026-12' })).status).toBe(403);
    const own = await system.as(technicien.user);
    expect((await own.post('/rapports', { type: 'mois', mois: '2026-12' })).status).toBe(403);
  });

  it('when too many of one person are being made', async () => {
    const { client, user } = await system.newPerson('responsable');
    const waiting = await Promise.all(
      Array.from({ length: 5 }, () =>
        makeRapportDemande(system.db, { demandeur_id: user.id, statut: 'en_cours', date_essai: new Date() }),
      ),
    );
    expect((await client.post('/rapports', { type: 'mois', mois: '2026-12' })).body.code).toBe(
      'LIMITE_ATTEINTE',
    );
    await system.db.query('DELETE FROM rapports_demandes WHERE id = ANY($1)', [waiting.map(({ id }) => id)]);
  });
});

describe('the making of a report', () => {
  const tools = () => ({
    db: system.db,
    store: system.app.store,
    rapports: { render: async () => new Uint8Array(Buffer.from('%PDF-')) },
    timeZone: 'Africa/Casablanca',
  });
  const due = () => makeRapportDemande(system.db, { statut: 'en_cours', date_essai: new Date() });
  const filed = (id: number) =>
    system.db.query('SELECT cle_stockage FROM documents WHERE rapport_id = $1', [id]);

  it('files one document, however many make it at once and however often', async () => {
    const { id } = await due();
    // The bucket is that of every test.
    const objects = async () => {
      const keys: string[] = [];
      for await (const { key } of system.app.store.list(`rapports/demandes/${id}/`)) keys.push(key);
      return keys;
    };
    const before = await objects();
    const now = new Date();
    const issues = await Promise.all([1, 2, 3].map(() => etablirRapport(tools(), id, now)));
    expect(new Set(issues)).toEqual(new Set(['pret']));
    expect(await etablirRapport(tools(), id, now)).toBe('pret');
    const documents = await filed(id);
    expect(documents).toHaveLength(1);
    const added = (await objects()).filter((key) => !before.includes(key));
    expect(added).toEqual([documents[0].cle_stockage]);
  });

  it('that dies between storing and filing is begun again, and loses nothing', async () => {
    const { id } = await due();
    const { store, ...rest } = tools();
    const dying = {
      get: store.get,
      remove: store.remove,
      put: async (...given: Parameters<typeof store.put>) => {
        await store.put(...given);
        throw new Error('killed');
      },
    };
    const row = async () => (await system.db.query('SELECT * FROM rapports_demandes WHERE id = $1', [id]))[0];
    await expect(etablirRapport({ ...rest, store: dying }, id, new Date())).rejects.toThrow('killed');
    expect([(await row()).statut, await filed(id)]).toEqual(['en_cours', []]);
    expect(await etablirRapport(tools(), id, new Date())).toBe('pret');
    expect([(await row()).statut, (await filed(id)).length]).toEqual(['pret', 1]);
  });

  it('waits for a store that is away for a day, and gives up what cannot be made', async () => {
    const { id } = await due();
    const away = {
      ...tools(),
      store: {
        ...system.app.store,
        put: async () => {
          throw new StoreUnavailable('away');
        },
      },
    };
    const now = Date.now();
    for (let hour = 0; hour < 24; hour += 6) {
      await expect(etablirRapport(away, id, new Date(now + hour * 3_600_000))).rejects.toThrow('away');
    }
    expect(await etablirRapport(away, id, new Date(now + 24 * 3_600_000))).toBe('abandonne');
    const hopeless = await due();
    const failing = { ...tools(), rapports: { render: () => Promise.reject(new Error('no room')) } };
    await expect(etablirRapport(failing, hopeless.id, new Date())).rejects.toThrow('no room');
    await expect(etablirRapport(failing, hopeless.id, new Date())).rejects.toThrow('no room');
    expect(await etablirRapport(failing, hopeless.id, new Date())).toBe('abandonne');
    expect((await admin.get(`/rapports/${hopeless.id}`)).body).toMatchObject({
      statut: 'abandonne',
      document_id: null,
    });
  });

  it('is begun by the reconciler when its start was lost', async () => {
    const { id } = await makeRapportDemande(system.db, { statut: 'en_cours' });
    await system.db.query(
      `UPDATE rapports_demandes SET date_creation = now() - interval '1 minute' WHERE id = $1`,
      [id],
    );
    await eventually(
      () => admin.get(`/rapports/${id}`),
      ({ body }) => body.statut === 'pret',
    );
  });
});
