import sharp from 'sharp';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement } from '../support/factories';
import { HEIC_PHOTO, POSITION, photo } from '../support/photos';

/** Photographs as people send them from where they work. */

let api: TestApi;
let admin: Client;
let equipementId: number;

beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  equipementId = (await makeEquipement(api.db)).id;
});
afterAll(() => api.close());

let made = 0;

/** @param after fields that come after the file. */
function send(
  file: Buffer,
  type: string,
  before: Record<string, string> = {},
  after: Record<string, string> = {},
) {
  const form = new FormData();
  const set = (fields: Record<string, string>) => {
    for (const [champ, value] of Object.entries(fields)) form.set(champ, value);
  };
  set({ equipement_id: String(equipementId), type_document: 'photo', ...before });
  form.set('file', new Blob([new Uint8Array(file)], { type }), `photo-${++made}.${type.split('/')[1]}`);
  set(after);
  return admin.send('POST', '/documents/upload', { body: form });
}

const tells = (file: Buffer) => POSITION.some((seconds) => file.includes(seconds));
const bytesOf = async (id: number) => Buffer.from((await admin.get(`/documents/${id}/telecharger`)).bytes);
const objects = async () => {
  const keys: string[] = [];
  for await (const { key } of api.app.store.list('documents/')) keys.push(key);
  return keys.length;
};

it.each([
  ['image/jpeg', () => photo('jpeg')],
  ['image/png', () => photo('png')],
  ['image/webp', () => photo('webp')],
  ['image/heic', async () => HEIC_PHOTO],
])('takes the place out of a %s, and leaves no object behind', async (type, file) => {
  const given = await file();
  const before = await objects();
  const { status, body } = await send(given, type);
  expect([status, body.taille]).toEqual([201, given.length]);
  const kept = await bytesOf(body.id);
  expect([tells(given), tells(kept), kept.length]).toEqual([true, false, given.length]);
  expect(await objects()).toBe(before + 1);
  expect((await admin.get(`/documents/${body.id}/telecharger`)).headers.get('etag')).toBe(
    `"${body.checksum}"`,
  );
});

it.each([
  ['before the file', { garder_position: 'true' }, {}],
  ['after it', {}, { garder_position: 'true' }],
])('keeps it, byte for byte, where that is said %s', async (_, before, after) => {
  const given = await photo('jpeg');
  const { body } = await send(given, 'image/jpeg', before, after);
  expect(await bytesOf(body.id)).toEqual(given);
});

it('turns a photograph upright', async () => {
  const { body } = await send(await photo('jpeg', { orientation: 6 }), 'image/jpeg');
  const kept = await bytesOf(body.id);
  const { width, height, orientation = 1 } = await sharp(kept).metadata();
  expect([width, height, orientation, tells(kept)]).toEqual([48, 64, 1, false]);
  expect(body.taille).toBe(kept.length);
});

it('files what cannot be turned as it was given, without its place', async () => {
  const given = await photo('jpeg', { orientation: 6 });
  const cut = given.subarray(0, given.length - 200);
  const { status, body } = await send(cut, 'image/jpeg');
  expect(status).toBe(201);
  const kept = await bytesOf(body.id);
  expect([kept.length, tells(kept)]).toEqual([cut.length, false]);
});

it('does both to what is confidential', async () => {
  const given = await photo('jpeg', { orientation: 6 });
  for (const [before, after] of [
    [{ confidentiel: 'true' }, {}],
    [{}, { confidentiel: 'true' }],
  ] as const) {
    const { body } = await send(given, 'image/jpeg', before, after);
    expect(body.is_encrypted).toBe(true);
    const kept = await bytesOf(body.id);
    expect([(await sharp(kept).metadata()).height, tells(kept)]).toEqual([64, false]);
    const shown = await admin.get(`/documents/${body.id}/apercu`);
    expect([shown.status, (await sharp(Buffer.from(shown.bytes)).metadata()).height]).toEqual([200, 64]);
    const [line] = await api.db.query(
      `SELECT apres FROM historique WHERE entite = 'document' AND entite_id = $1 ORDER BY id DESC LIMIT 1`,
      [body.id],
    );
    expect(line.apres).toEqual({ octets: 'apercu' });
  }
});

it('answers a repeated request with the first photograph', async () => {
  const form = (file: Buffer) => {
    const data = new FormData();
    data.set('equipement_id', String(equipementId));
    data.set('type_document', 'photo');
    data.set('file', new Blob([new Uint8Array(file)], { type: 'image/jpeg' }), 'deux-fois.jpg');
    return data;
  };
  const given = await photo('jpeg', { orientation: 6 });
  const headers = { 'Idempotency-Key': 'photo-deux-fois' };
  const first = await admin.send('POST', '/documents/upload', { body: form(given), headers });
  const before = await objects();
  const second = await admin.send('POST', '/documents/upload', { body: form(given), headers });
  expect([first.status, second.body]).toEqual([201, first.body]);
  expect(await objects()).toBe(before);
});

it('says what a photograph shows of the work', async () => {
  const { body } = await send(await photo('png'), 'image/png', { moment: 'avant' });
  expect(body.moment).toBe('avant');
  const path = `/documents/${body.id}`;
  expect((await admin.put(path, { moment: 'apres' })).body.moment).toBe('apres');
  expect((await admin.put(path, { moment: null })).body.moment).toBeNull();
  expect((await send(await photo('png'), 'image/png', { moment: 'hier' })).status).toBe(422);
  const text = await send(Buffer.from('Relevé du matin'), 'text/plain', { moment: 'avant' });
  expect([text.status, text.body.erreurs[0].champ]).toEqual([422, 'moment']);
});

describe('a preview', () => {
  it('is made of a photograph, and asked for once', async () => {
    const { body } = await send(HEIC_PHOTO, 'image/heic');
    const path = `/documents/${body.id}/apercu`;
    const first = await admin.get(path);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await sharp(Buffer.from(first.bytes)).metadata()).format).toBe('jpeg');
    const again = await admin.get(path, { 'If-None-Match': first.headers.get('etag')! });
    expect(again.status).toBe(304);
  });

  it('is not there for what none can be made of, nor for whoever may not see the document', async () => {
    const text = await send(Buffer.from('Relevé du matin'), 'text/plain');
    expect((await admin.get(`/documents/${text.body.id}/apercu`)).status).toBe(404);
    const cut = (await photo('jpeg')).subarray(0, 400);
    const broken = await send(cut, 'image/jpeg');
    expect((await admin.get(`/documents/${broken.body.id}/apercu`)).status).toBe(404);
    const other = await send(await photo('jpeg'), 'image/jpeg');
    const { client } = await api.newPerson('client');
    expect((await client.get(`/documents/${other.body.id}/apercu`)).status).toBe(404);
  });
});
