import { parse } from 'csv-parse/sync';
import { elements, visibleText } from '../mail/reading';
import { readPdf } from '../pdf/pdf';
import type { Client } from '../support/client';
import { makeEquipement, makeTechnicien, makeUser } from '../support/factories';
import { mailsTo } from '../support/mailbox';
import { linkMails } from '../support/password-mails';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { request, sendRaw, statuses } from './wire';

/** Where people's texts end up: in mails, in reports, in tables. Each shows them as they were typed, and obeys none. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem({ PUBLIC_URL: 'https://regie.exemple.ma' });
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const TEMPLATES =
  '{{constructor.constructor("return process")()}} {{{this}}} {{> message}} {{#each .}} <mj-raw><script>alert(1)</script></mj-raw> <mj-include path="/etc/passwd"/> <%= 7*7 %> #{7*7} "\'&amp;';

/** An intervention from report to report, in which everything that people type is hostile. */
async function finished(hostile: string, plain: string) {
  const customer = await makeUser(system.db, { role: 'client', nom: plain, prenom: plain });
  const technicien = await makeTechnicien(system.db, { specialite: plain }, { nom: plain, prenom: plain });
  const equipement = await makeEquipement(system.db, {
    nom: hostile,
    localisation: hostile,
    client_id: customer.id,
  });
  const created = await admin.post('/interventions', {
    titre: hostile,
    description: hostile,
    type_intervention: 'corrective',
    equipement_id: equipement.id,
  });
  const { id } = created.body;
  const date_planifiee = new Date(Date.now() + 86_400_000).toISOString();
  await admin.put(`/interventions/${id}/assign`, { technicien_id: technicien.id, date_planifiee });
  await admin.put(`/interventions/${id}/statut`, { statut: 'en_cours' });
  const done = await admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: hostile });
  expect(done.status).toBe(200);
  const last = await eventually(
    () => mailsTo(customer.email),
    (mails) => mails.some(({ text }) => /terminée/.test(text)),
  );
  const pdf = await eventually(
    () => admin.get(`/interventions/${id}/rapport`),
    ({ status }) => status === 200,
  );
  return { id, mails: last, pdf };
}

describe('templates and markup in texts', () => {
  it('are shown in mails and in the report as they were typed', async () => {
    const hostile = await finished(TEMPLATES, 'Salma');
    const harmless = await finished('Panne de la presse', 'Salma');
    for (const [index, mail] of hostile.mails.entries()) {
      expect(elements(mail.html)).toEqual(elements(harmless.mails[index]!.html));
      expect(visibleText(mail.html)).toContain(TEMPLATES.replace('&amp;', '&'));
      expect(mail.text).toContain(TEMPLATES);
    }
    const { pages } = readPdf(hostile.pdf.bytes);
    // Lines break where the page is full.
    const read = pages
      .flatMap(({ lines }) => lines)
      .join('')
      .replace(/\s/g, '');
    expect(read).toContain(TEMPLATES.replace(/\s/g, ''));
    const raw = hostile.pdf.bytes.toString('latin1');
    expect(raw).not.toMatch(/\/(JavaScript|JS|OpenAction|Launch|EmbeddedFile|URI)\b/);
  });
});

describe('an address', () => {
  const attempts = [
    'a@b.ma, c@evil.example',
    'a@b.ma;c@evil.example',
    'a@b.ma c@evil.example',
    'a@b.ma\r\nBcc: c@evil.example',
    'a@b.ma%0d%0aBcc:c@evil.example',
    'a@b.ma\0@evil.example',
    'A <a@b.ma>',
    '<a@b.ma>',
    'a@b.ma (c@evil.example)',
    '"a@b.ma, c"@evil.example',
    'a@b.ma@evil.example',
    '@evil.example:a@b.ma',
    'group: a@b.ma, c@evil.example;',
    '=?utf-8?q?a=40b.ma?=',
    'a@[127.0.0.1]',
    'a@b.ma\u2028c@evil.example',
    'mailto:a@b.ma',
    `${'a'.repeat(250)}@b.ma`,
  ];

  it.each(attempts)('that is not exactly one is nobody’s: %j', async (email) => {
    const person = { nom: 'A', prenom: 'B', role: 'client' };
    const { user } = await system.newPerson('client');
    const replies = [
      await admin.post('/users', { ...person, email }),
      await admin.patch(`/users/${user.id}`, { email }),
      await system.anonymous.post('/auth/forgot-password', { email }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([422, 422, 422]);
    const imported = await admin.send('POST', '/users/import', {
      body: `email,nom,prenom,role\n"${email.replaceAll('"', '""')}",A,B,client\n`,
      headers: { 'content-type': 'text/csv' },
    });
    expect(imported.body.creees ?? 0).toBe(0);
    const [{ count }] = await system.db.query(
      `SELECT count(*)::integer AS count FROM users WHERE email LIKE '%evil%'`,
    );
    expect(count).toBe(0);
  });

  it('of another host, whatever the request claims, gets into no link of a mail', async () => {
    const user = await makeUser(system.db);
    const body = JSON.stringify({ email: user.email });
    const answer = await sendRaw(
      system.baseUrl,
      request(
        'POST /api/v1/auth/forgot-password HTTP/1.1',
        'Host: evil.example',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Proto: http',
        'Forwarded: host=evil.example',
        'Origin: https://evil.example',
        'Referer: https://evil.example/',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      ),
    );
    expect(statuses(answer)).toEqual([202]);
    const [mail] = await linkMails(user.email, 1);
    expect(mail!.text).toContain('https://regie.exemple.ma/mot-de-passe#jeton=');
    expect(JSON.stringify(mail)).not.toMatch('evil');
  });
});

describe('a table', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    "=cmd|' /C calc'!A0",
    '＝1+1',
    '=HYPERLINK("https://evil.example")',
  ])('holds %j as a text, not as a formula', async (formula) => {
    const { user, client } = await system.newPerson('admin', { prenom: formula, nom: formula });
    await client.post('/pieces', { reference: `${formula} ${user.id}`, designation: formula });
    const { body } = await admin.get(`/audit/export?auteur_id=${user.id}`);
    const [line] = parse(body as string, { bom: true, columns: true }) as Record<string, string>[];
    expect(line!.auteur).toBe(formula === '\t=1' ? "'\t'=1 \t'=1" : `'${formula} ${formula}`);
    for (const cell of Object.values(line!)) expect(cell).not.toMatch(/^[=+\-@\t\r＝]/);
  });

  it.each([',', ';', '\t', '|'])(
    'holds no formula either where cells are separated by %j',
    async (separator) => {
      const formulas = ['a;=1+1', 'a|=1', 'a\t@SUM(A1)', 'a,+1', 'a; -1', 'a"=1', 'a;"=1', 'a\r\n=1', ';=1'];
      const { user, client } = await system.newPerson('admin');
      for (const [index, designation] of formulas.entries()) {
        await client.post('/pieces', { reference: `SEP-${user.id}-${index}`, designation });
      }
      const { body } = await admin.get(`/audit/export?auteur_id=${user.id}`);
      const cells = (body as string).split(/\r?\n/).flatMap((line) => line.split(separator));
      expect(cells.length).toBeGreaterThan(formulas.length);
      // However a reader takes quotes, no cell begins with a sign that starts a formula.
      for (const cell of cells) expect(cell).not.toMatch(/^"* *[=+\-@＝]/);
    },
  );
});
