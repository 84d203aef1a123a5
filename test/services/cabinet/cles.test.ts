import { randomBytes } from 'node:crypto';
import { createSecrets } from '../../../src/auth/secrets';
import { resealCles } from '../../../src/services/cabinet/cles';
import { startTestApi, type TestApi } from '../../support/api';
import { makeCabinet, makePatient } from '../../support/cabinets';

/** The ring turns: keys of patients follow, what they seal stays. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

it('seals the keys of every practice with the first key of the ring, after which the one before may leave it', async () => {
  const admin = (await api.newPerson('admin')).client;
  const people = [];
  for (let n = 0; n < 2; n++) {
    const { client } = (await makeCabinet(api, admin)).people.medecin;
    people.push({
      client,
      ...(await makePatient(client, { telephone: '0661234567', profession: 'Tisserande' })),
    });
  }
  const old = api.config.dataKeys;
  const next = { id: 'suivante', key: randomBytes(32) };
  const turned = createSecrets([next, ...old]);
  expect(await resealCles(api.app.medical, turned)).toBe(4);
  expect(await resealCles(api.app.medical, turned)).toBe(0);
  const names = await api.database.owner.query(
    'SELECT DISTINCT cle_anneau FROM medical.cles_patient UNION SELECT DISTINCT cle_anneau FROM medical.cles_cabinet',
  );
  expect(names).toEqual([{ cle_anneau: 'suivante' }]);

  api.app.secrets = createSecrets([next]);
  for (const { client, id, body } of people) {
    expect((await client.get(`/patients/${id}`)).body).toEqual(body);
    const found = await client.post('/patients/recherche', { identifiant: '0661234567' });
    expect(found.body.map((row: { id: number }) => row.id)).toEqual([id]);
  }
  // A ring that has lost the key says so, and shows nobody without what is theirs.
  api.app.secrets = createSecrets(old);
  expect((await people[0]!.client.get(`/patients/${people[0]!.id}`)).status).toBe(500);
  await expect(resealCles(api.app.medical, createSecrets(old))).rejects.toThrow('No key "suivante"');
});
