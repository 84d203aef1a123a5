import decode from 'qr/decode.js';
import { readPng } from '../etiquettes/png';
import { startTestApi, type TestApi } from '../support/api';
import { makeEquipement, makeSite, makeUser } from '../support/factories';

/** The label of an equipment, as the API answers it. How it is drawn: `test/etiquettes/`. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_URL: 'https://regie.exemple.ma/' });
});
afterAll(() => api.close());

describe('labels of equipment', () => {
  it('are a PNG whose code is read as the page of the equipment, at the configured address', async () => {
    const { client } = await api.newPerson('technicien');
    const { id } = await makeEquipement(api.db);
    const { status, headers, bytes } = await client.get(`/equipements/${id}/etiquette?format=png`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('image/png');
    const { width, height, dots } = readPng(bytes);
    const data = new Uint8Array([...dots].flatMap((grey) => [grey, grey, grey, 255]));
    expect(decode({ width, height, data })).toBe(`https://regie.exemple.ma/equipements/${id}`);
  });

  it('are an SVG unless said, with the name, the serial number and the site', async () => {
    const { client } = await api.newPerson('admin');
    const site = await makeSite(api.db, { nom: 'Usine de Khouribga' });
    const { id } = await makeEquipement(api.db, {
      nom: 'Presse <1>',
      numero_serie: 'PH-1&2',
      site_id: site.id,
    });
    const path = `/equipements/${id}/etiquette`;
    const reply = await client.get(path);
    expect(reply.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(reply.headers.get('content-security-policy')).toContain('sandbox');
    expect(reply.body).toContain('Presse &lt;1&gt;');
    expect(reply.body).toContain('S/N PH-1&amp;2');
    expect(reply.body).toContain('Usine de Khouribga');
    expect((await client.get(`${path}?format=svg`)).body).toBe(reply.body);

    const again = await client.get(path, { 'If-None-Match': reply.headers.get('etag')! });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    await client.patch(`/equipements/${id}`, { nom: 'Presse 2' });
    const changed = await client.get(path, { 'If-None-Match': reply.headers.get('etag')! });
    expect(changed.status).toBe(200);
    expect(changed.body).toContain('Presse 2');
  });

  it('are of no other kind, of nothing that is not there, and name no site that the caller may not see', async () => {
    const { client } = await api.newPerson('admin');
    const site = await makeSite(api.db, { nom: 'Usine secrète' });
    const owner = await makeUser(api.db, { role: 'client' });
    const { id } = await makeEquipement(api.db, { site_id: site.id, client_id: owner.id });
    expect((await client.get(`/equipements/${id}/etiquette?format=gif`)).status).toBe(422);
    expect((await client.get('/equipements/999999/etiquette')).status).toBe(404);
    const own = await (await api.as(owner)).get(`/equipements/${id}/etiquette`);
    expect(own.status).toBe(200);
    expect(own.body).not.toContain('Usine secrète');
  });
});
