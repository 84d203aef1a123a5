import { Secret, TOTP } from 'otpauth';
import { createObjectStore } from '../../src/storage/objects';
import { randomFreePort } from '../../tools/lib/ports';
import { testConfig, testEnvironment } from '../support/api';
import { type Client, createClient } from '../support/client';
import { type CompiledProcess, startCompiled } from '../support/compiled';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeEquipement, makeSalle, makeTechnicien, makeUser, PASSWORD } from '../support/factories';
import { request, sendRaw } from './wire';

/** The log of a real process that tells all it can: one line of JSON an event, and no secret in any of them. */

let database: TestDatabase;
let api: CompiledProcess;
let baseUrl: string;
let anonymous: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  const port = String(await randomFreePort());
  baseUrl = `http://127.0.0.1:${port}`;
  anonymous = createClient(baseUrl);
  await createObjectStore(testConfig(database.url).s3).ensureBucket();
  api = startCompiled(
    'api/main',
    testEnvironment(database.url, { PORT: port, WEB_CONCURRENCY: '1', LOG_LEVEL: 'trace' }),
  );
  await eventually(
    () => api.stdout(),
    (printed) => printed.includes('API ready'),
  );
});
afterAll(async () => {
  api.child.kill('SIGKILL');
  await api.ended;
  await database.drop();
});

const printed = () => api.stdout() + api.stderr();

/** Waits until the log tells of a request, so that all before it are in there too. */
async function untilLogged(): Promise<string> {
  const id = `fin-${process.hrtime.bigint()}`;
  await anonymous.get('/health', { 'X-Request-Id': id });
  return eventually(printed, (log) => log.includes(id));
}

it('holds no secret that a person, a machine or the system uses', async () => {
  const secrets: string[] = [PASSWORD, 'Fausse-Clef-12!', 'Tournevis-Plat-83!', 'Pince-Etau-94!'];
  const keep = (...values: string[]) => {
    secrets.push(...values);
    return values[0]!;
  };
  const user = await makeUser(database.db);
  const login = (password: string, extra: object = {}) =>
    anonymous.post('/auth/login', { email: user.email, password, ...extra });

  await login('Fausse-Clef-12!');
  const signedIn = (await login(PASSWORD)).body;
  const client = createClient(baseUrl, keep(signedIn.access_token, signedIn.refresh_token));
  const refreshed = (await anonymous.post('/auth/refresh', { refresh_token: signedIn.refresh_token })).body;
  keep(refreshed.access_token, refreshed.refresh_token);
  await anonymous.post('/auth/refresh', undefined, {
    authorization: `Bearer ${keep(`rt_${'x'.repeat(43)}`)}`,
  });
  await client.get('/auth/me', {
    authorization: `Bearer ${keep('eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOjF9.zz')}`,
  });
  await client.post('/auth/change-password', { current_password: 'Fausse-Clef-12!', new_password: 'x' });
  await client.post('/auth/change-password', {
    current_password: 'Fausse-Clef-12!',
    new_password: 'Tournevis-Plat-83!',
  });
  await client.post('/users', { email: 'pas une adresse', password: 'Pince-Etau-94!', nom: 1 });

  const enrolment = (await client.post('/auth/second-facteur', { password: PASSWORD })).body;
  const totp = new TOTP({ secret: Secret.fromBase32(keep(enrolment.secret)) });
  const confirmed = await client.post('/auth/second-facteur/confirmation', { code: totp.generate() });
  expect(confirmed.status).toBe(200);
  keep(...confirmed.body.codes_secours);
  await login(PASSWORD, { code: confirmed.body.codes_secours[0] });
  await client.post('/auth/second-facteur/codes-secours', { password: PASSWORD, code: 'ABCD-EFGH' });

  const key = (await client.post('/cles-api', { nom: 'Capteurs', role: 'admin' })).body;
  await createClient(baseUrl, keep(key.cle)).get('/pieces');
  await anonymous.get('/pieces', { authorization: `Bearer ${keep(`regie_${'y'.repeat(43)}`)}` });

  await anonymous.post('/auth/forgot-password', { email: user.email });
  const link = keep('8f14e45f-ceea-467f-a0d6-8c3f4e1b2a90.mZ3x0kq1VnR7c2tYw5uJpLsA8dHfGbEo4iK6jN9yQxU');
  await anonymous.post('/auth/reset-password', { token: link, new_password: 'Tournevis-Plat-83!' });
  await anonymous.get(`/pieces?token=${keep('jeton-dans-la-requete')}&access_token=${keep('autre-jeton')}`);
  const technicien = await makeTechnicien(database.db);
  const { url } = (await client.post(`/techniciens/${technicien.id}/calendrier`)).body;
  const calendrier = await fetch(`${baseUrl}/api/v1${url.split('/api/v1')[1]}`);
  expect(calendrier.status).toBe(200);
  keep(new URL(url).searchParams.get('jeton')!);
  const path = `/planning/technicien/${technicien.id}/calendrier.ics`;
  expect((await anonymous.get(`${path}?jeton=${keep('jeton-faux-de-calendrier')}`)).status).toBe(404);
  const salle = await makeSalle(database.db);
  const agenda = (await client.post(`/salles/${salle.id}/agenda`)).body.url as string;
  expect((await fetch(`${baseUrl}/api/v1${agenda.split('/api/v1')[1]}`)).status).toBe(200);
  keep(/agendas\/(.*)\.ics$/.exec(agenda)![1]!);
  expect((await anonymous.get(`/agendas/${keep('jeton-faux-d-agenda')}.ics`)).status).toBe(404);
  await anonymous.get('/pieces', { cookie: `session=${keep('biscuit-secret')}` });
  await anonymous.send('POST', '/auth/login', {
    body: `{"email":"a@b.ma","password":"${keep('Mot-Mal-Forme-55!')}"`,
    headers: { 'content-type': 'application/json' },
  });
  await anonymous.send('POST', '/auth/token', {
    body: `username=${user.email}&password=${keep('Dans-Le-Formulaire-66!')}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

  const equipement = await makeEquipement(database.db);
  const form = new FormData();
  form.set('equipement_id', String(equipement.id));
  form.set('type_document', 'note');
  form.set('file', new Blob([keep('Contenu confidentiel du fichier')], { type: 'text/plain' }), 'note.txt');
  expect((await client.send('POST', '/documents/upload', { body: form })).status).toBe(201);

  // What the database says of a row that it cannot take repeats the row.
  await database.owner.query('ALTER TABLE users ADD CONSTRAINT refus CHECK (nom <> $$Refus$$)');
  const refused = {
    email: 'refus@exemple.ma',
    nom: 'Refus',
    prenom: keep('Prenom-Confidentiel'),
    role: 'client',
  };
  expect((await client.post('/users', { ...refused, password: 'Pince-Etau-94!' })).status).toBe(500);
  const hashes: { mot_de_passe: string }[] = await database.db.query(
    'SELECT mot_de_passe FROM users WHERE mot_de_passe IS NOT NULL',
  );
  keep(...hashes.map(({ mot_de_passe }) => mot_de_passe), '$argon2id$');
  const { JWT_SECRET, DOCUMENT_KEYS, S3_SECRET_KEY } = testEnvironment(database.url);
  keep(JWT_SECRET!, DOCUMENT_KEYS!.split(':')[1]!, S3_SECRET_KEY!, new URL(database.url).password);

  const log = await untilLogged();
  expect(log).toMatch(/ERREUR_INTERNE/);
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});

it('is one line of JSON an event, whatever line breaks a request brings', async () => {
  await untilLogged();
  const before = printed().length;
  const hostile = [
    '%0d%0a{"level":60,"msg":"faux"}',
    '%E2%80%A8faux',
    '\\r\\n',
    '%1b[2Jfaux',
    '%00',
    '"},{"a":"',
  ];
  for (const text of hostile) {
    for (const line of [`GET /api/v1/${text} HTTP/1.1`, `GET /api/v1/pieces?q=${text} HTTP/1.1`]) {
      await sendRaw(
        baseUrl,
        request(
          line.replaceAll('"', '%22'),
          'Host: x',
          `X-Request-Id: ${text}`,
          `User-Agent: ${text}`,
          'Connection: close',
          '',
          '',
        ),
      );
    }
  }
  await untilLogged();
  const lines = printed()
    .slice(before)
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(hostile.length);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({ name: 'api', level: expect.any(Number) });
    expect(line).not.toMatch(/[\u2028\u2029]|[^\n -~\u00a0-\uffff]/);
  }
});
