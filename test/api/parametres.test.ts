import sharp from 'sharp';
import { sweepOrphanObjects } from '../../src/services/documents/documents';
import { readParametres } from '../../src/services/parametres';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';

/** Name, colour and letterhead of the house, as clients of the API meet them. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const maison = {
  nom: 'MIF Maroc',
  couleur: '#ffd400',
  coordonnees: ['Route de Fquih Ben Salah', 'Khouribga'],
  langue: 'ar',
};

it('the house has a name and a readable colour before anybody said anything', async () => {
  const { client } = await api.newPerson('client');
  const { status, body } = await client.get('/parametres/');
  expect([status, body]).toEqual([
    200,
    expect.objectContaining({
      nom: 'Régie',
      couleur: '#0f766e',
      encre: '#ffffff',
      couleur_texte: '#0f766e',
      coordonnees: [],
      langue: 'fr',
      logo: null,
      version: 1,
    }),
  ]);
});

it('is changed by an admin, under its version and on record; what is written on its colour can be read', async () => {
  const { headers } = await admin.get('/parametres');
  const etag = headers.get('etag')!;
  const changed = await admin.put('/parametres', { ...maison, couleur: '#FFD400' }, { 'If-Match': etag });
  expect([changed.status, changed.body]).toEqual([
    200,
    expect.objectContaining({ ...maison, encre: '#000000', couleur_texte: expect.any(String), version: 2 }),
  ]);
  expect(changed.body.couleur_texte).not.toBe(maison.couleur);
  expect((await admin.put('/parametres', maison, { 'If-Match': etag })).status).toBe(412);
  // The same again is no change.
  expect((await admin.patch('/parametres', { langue: 'ar' })).body.version).toBe(2);
  expect((await admin.patch('/parametres', { langue: 'fr' })).body).toMatchObject({
    ...maison,
    langue: 'fr',
  });
  const events = await api.db.query(
    `SELECT action, avant, apres FROM historique WHERE entite = 'parametres' ORDER BY id`,
  );
  expect(events).toEqual([
    {
      action: 'modification',
      avant: { nom: 'Régie', couleur: '#0f766e', coordonnees: [], langue: 'fr' },
      apres: maison,
    },
    { action: 'modification', avant: { langue: 'ar' }, apres: { langue: 'fr' } },
  ]);
});

it('is nothing that anybody else may change', async () => {
  for (const role of ['responsable', 'technicien', 'client'] as const) {
    const { client } = await api.newPerson(role);
    expect((await client.get('/parametres')).status).toBe(200);
    expect((await client.patch('/parametres', { nom: 'Autre' })).status).toBe(403);
  }
  expect((await api.anonymous.get('/parametres')).status).toBe(401);
});

it('takes no colour that is none, no empty name and no letterhead of many lines', async () => {
  const refused = await admin.patch('/parametres', {
    nom: ' ',
    couleur: 'url(x)',
    coordonnees: Array(6).fill('x'),
    langue: 'de',
  });
  expect([refused.status, refused.body.erreurs.map(({ champ }: { champ: string }) => champ)]).toEqual([
    422,
    ['nom', 'couleur', 'coordonnees', 'langue'],
  ]);
});

it('reports and mails are written by a house of the usual kind where its row is missing', async () => {
  await api.db.transaction(async (tx) => {
    await tx.query('DELETE FROM parametres');
    expect(await readParametres(tx)).toMatchObject({
      nom: 'Régie',
      couleur: '#0f766e',
      langue: 'fr',
      logo: null,
    });
    await tx.query('INSERT INTO parametres (id, nom, couleur) VALUES (1, $1, $2)', ['Régie', '#0f766e']);
  });
});

describe('the logo', () => {
  const picture = (format: 'png' | 'jpeg' | 'webp', width = 900, height = 300) =>
    sharp({ create: { width, height, channels: 3, background: '#0f766e' } })
      .toFormat(format)
      .toBuffer();
  const drawing = (inside = '<circle cx="20" cy="20" r="18" fill="red"/>') =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">${inside}</svg>`);
  const send = (file: Buffer, nom = 'logo.png', client = admin) => {
    const body = new FormData();
    body.set('file', new Blob([new Uint8Array(file)]), nom);
    return client.send('PUT', '/parametres/logo', { body });
  };

  it('is kept as a PNG of a letter’s size, whatever it came as, and is answered to everybody', async () => {
    expect((await admin.get('/parametres/logo')).status).toBe(404);
    for (const [file, nom, largeur, hauteur] of [
      [await picture('jpeg'), 'logo.png', 600, 200],
      [await picture('png', 80, 40), 'sans nom', 80, 40],
      [drawing(), 'logo.svg', 480, 160],
    ] as const) {
      const given = await send(file, nom);
      expect([given.status, given.body.logo]).toEqual([200, expect.objectContaining({ largeur, hauteur })]);
      const { client } = await api.newPerson('client');
      const read = await client.get('/parametres/logo');
      expect(read.headers.get('content-type')).toBe('image/png');
      expect(await sharp(read.bytes).metadata()).toMatchObject({
        format: 'png',
        width: largeur,
        height: hauteur,
      });
      const etag = read.headers.get('etag')!;
      expect((await client.get('/parametres/logo', { 'If-None-Match': etag })).status).toBe(304);
    }
  });

  it('is a picture to its end, and of no other kind', async () => {
    const png = await picture('png');
    for (const [file, status] of [
      [await picture('webp'), 415],
      [png.subarray(0, png.length / 2), 415],
      [Buffer.from('<html><script>alert(1)</script></html>'), 415],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><g>'), 415],
      [Buffer.alloc(0), 422],
      [Buffer.alloc(1024 * 1024 + 1), 413],
    ] as const) {
      const refused = await send(file);
      expect(refused.status).toBe(status);
    }
    expect((await admin.put('/parametres/logo', {})).status).toBe(415);
    const { client } = await api.newPerson('responsable');
    expect((await send(png, 'logo.png', client)).status).toBe(403);
  });

  it('drawn from a file that names others reads none of them', async () => {
    const given = await send(
      drawing('<image href="file:///etc/passwd" width="120" height="40"/><rect width="9" height="9"/>'),
    );
    expect(given.status).toBe(200);
  });

  it('of before is swept away, that of today is not', async () => {
    await send(await picture('png', 50, 50));
    const before = (await readParametres(api.db)).logo!;
    await send(await picture('png', 60, 60));
    const now = (await readParametres(api.db)).logo!;
    await sweepOrphanObjects(api.db, api.app.store, new Date(Date.now() + 60_000));
    await expect(api.app.store.stat(before.cle)).rejects.toThrow();
    expect((await api.app.store.stat(now.cle)).taille).toBe(now.taille);
    expect((await admin.delete('/parametres/logo')).status).toBe(204);
    expect((await admin.get('/parametres')).body.logo).toBeNull();
    expect((await admin.delete('/parametres/logo')).status).toBe(204);
  });
});
