import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { User } from '../../src/db/identite/users';
import type { Intervention } from '../../src/db/interventions/interventions';
import { sweepOrphanObjects } from '../../src/services/documents/documents';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import {
  makeEquipement,
  makeIntervention,
  makeSite,
  makeTechnicien,
  makeUser,
  signIn,
} from '../support/factories';
import { officeDocument, openDocument, zip } from '../support/zip';

/** Unless DOCUMENT_MAX_OCTETS says otherwise. */
const MAX_TAILLE = 50 * 1024 * 1024;
const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const workbook = (others = {}) => officeDocument('xl/workbook.xml', 'spreadsheetml.sheet', others);
const archiveOf = (name: string) => zip({ [name]: 'contenu' });
const letter = () => officeDocument('word/document.xml', 'wordprocessingml.document');
const LARGE = { 'xl/media/image1.png': randomBytes(6_000_000) };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let api: TestApi;
let admin: Client;
let intervention: Intervention;
beforeAll(async () => {
  api = await startTestApi({ S3_BUCKET: `documents-${randomUUID()}` });
  admin = (await api.newPerson('admin')).client;
  intervention = await makeIntervention(api.db);
});
afterAll(() => api.close());

type Fields = Record<string, string | number | boolean>;
interface GivenFile {
  bytes?: Buffer | string;
  nom?: string;
  type?: string;
}

function upload(
  client: Client,
  fields: Fields,
  { bytes = PDF, nom = 'plan.pdf', type = '' }: GivenFile = {},
  headers?: Record<string, string>,
): Promise<Reply> {
  const form = new FormData();
  form.append('file', new Blob([bytes], { type }), nom);
  for (const [name, value] of Object.entries({ type_document: 'plan', ...fields }))
    form.append(name, String(value));
  return client.send('POST', '/documents/upload', { body: form, headers });
}

/** A form written by hand: what follows `name="file"; ` in its first part, and its further headers. */
function uploadRaw(disposition: string): Promise<Reply> {
  const part = (head: string, body: Buffer | string) =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]);
  return admin.send('POST', '/documents/upload', {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.concat([
      part(`name="file"; ${disposition}`, PDF),
      part('name="type_document"', 'plan'),
      part('name="intervention_id"', String(intervention.id)),
      Buffer.from('--b--\r\n'),
    ]),
  });
}

async function objects(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of api.app.store.list('')) keys.push(key);
  return keys;
}

/** A technicien, and an intervention that is theirs. */
async function technicienWithIntervention() {
  const technicien = await makeTechnicien(api.db);
  const own = await makeIntervention(api.db, { technicien_id: technicien.id, statut: 'planifiee' });
  return { client: await api.as(technicien.user), own };
}

/** A client, and an intervention on equipment that is theirs. */
async function clientWithIntervention(): Promise<{ user: User; client: Client; own: Intervention }> {
  const user = await makeUser(api.db, { role: 'client' });
  const equipement = await makeEquipement(api.db, { client_id: user.id });
  const own = await makeIntervention(api.db, { equipement_id: equipement.id });
  return { user, client: await api.as(user), own };
}

describe('an upload', () => {
  it('is stored whole and answered as seed 004 says, with its checksum and without its storage key', async () => {
    const { user, client } = await api.newPerson('responsable');
    const reply = await upload(
      client,
      { intervention_id: intervention.id, type_document: 'rapport_intervention' },
      { nom: 'rapport_intervention_15.pdf', type: 'application/pdf' },
    );
    expect(reply.status).toBe(201);
    expect(reply.headers.get('etag')).toBe('"1"');
    expect(reply.body).toEqual({
      id: expect.any(Number),
      nom: 'rapport_intervention_15.pdf',
      type_document: 'rapport_intervention',
      taille: PDF.length,
      mime_type: 'application/pdf',
      is_encrypted: false,
      intervention_id: intervention.id,
      equipement_id: null,
      date_upload: expect.stringMatching(/Z$/),
      uploadeur_id: user.id,
      checksum: sha256(PDF),
      numero_version: 1,
      visible_client: false,
      signataire: null,
      moment: null,
      rapport_id: null,
      date_creation: reply.body.date_upload,
      date_modification: expect.any(String),
      version: 1,
    });
    expect((await client.get(`/documents/${reply.body.id}`)).body).toEqual(reply.body);
    const history = await api.db.query(
      `SELECT action, auteur_id, apres FROM historique WHERE entite = 'document' AND entite_id = $1`,
      [reply.body.id],
    );
    expect(history).toMatchObject([
      { action: 'creation', auteur_id: user.id, apres: { checksum: sha256(PDF) } },
    ]);
    expect(JSON.stringify(history)).not.toContain('cle_stockage');
  });

  it('of a name that is there already becomes the next version, each kept, even twenty at once', async () => {
    const target = await makeIntervention(api.db);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => upload(admin, { intervention_id: target.id }, { nom: 'vanne.pdf' })),
    );
    expect(replies.map(({ body }) => body.numero_version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const other = await upload(admin, { intervention_id: target.id }, { nom: 'autre.pdf' });
    expect(other.body.numero_version).toBe(1);
  });

  it('of several parts of the store comes back byte for byte', async () => {
    const bytes = Buffer.concat([PDF, randomBytes(11_000_000)]);
    const { body } = await upload(admin, { intervention_id: intervention.id }, { bytes, nom: 'grand.pdf' });
    expect(body).toMatchObject({ taille: bytes.length, checksum: sha256(bytes) });
    expect(sha256((await admin.get(`/documents/${body.id}/telecharger`)).bytes)).toBe(sha256(bytes));
  });

  it.each([
    ['no file', (form: FormData) => form.delete('file'), 'file'],
    ['two files', (form: FormData) => form.append('file', new Blob([PDF]), 'b.pdf'), 'file'],
    ['a text in place of the file', (form: FormData) => form.set('file', 'bonjour'), 'file'],
    [
      'a file under another name',
      (form: FormData) => form.append('piece', new Blob([PDF]), 'b.pdf'),
      'piece',
    ],
    ['an unknown field', (form: FormData) => form.append('__proto__', 'x'), '__proto__'],
    ['no target', (form: FormData) => form.delete('intervention_id'), 'intervention_id'],
    ['two targets', (form: FormData) => form.append('equipement_id', '1'), 'intervention_id'],
    ['the same target twice', (form: FormData) => form.append('intervention_id', '1'), 'intervention_id'],
    [
      'a target that is no number',
      (form: FormData) => form.set('intervention_id', '1; DROP'),
      'intervention_id',
    ],
    [
      'a target that does not exist',
      (form: FormData) => form.set('intervention_id', '2147483647'),
      'intervention_id',
    ],
    ['no kind', (form: FormData) => form.delete('type_document'), 'type_document'],
    [
      'a kind of 20,000 letters',
      (form: FormData) => form.set('type_document', 'x'.repeat(20_000)),
      'type_document',
    ],
    ['an empty file', (form: FormData) => form.set('file', new Blob([]), 'vide.pdf'), 'file'],
    ['a file input left empty', (form: FormData) => form.set('file', new Blob([]), ''), 'file'],
  ])(
    'with %s is refused by the name of the field, and nothing stays in the store',
    async (_, spoil, champ) => {
      const before = await objects();
      const form = new FormData();
      form.append('file', new Blob([PDF]), 'plan.pdf');
      form.append('intervention_id', String(intervention.id));
      form.append('type_document', 'plan');
      spoil(form);
      const reply = await admin.send('POST', '/documents/upload', { body: form });
      expect([reply.status, reply.body.code]).toEqual([422, 'VALIDATION']);
      expect(reply.body.erreurs.map((fault: { champ: string }) => fault.champ)).toContain(champ);
      expect(await objects()).toEqual(before);
    },
  );

  it('is accepted as Python sends it, without a type of its own', async () => {
    const reply = await uploadRaw('filename="plan.pdf"');
    expect([reply.status, reply.body.mime_type]).toEqual([201, 'application/pdf']);
  });

  it('names every fault at once', async () => {
    const reply = await upload(admin, { intervention_id: 'x', type_document: '', couleur: 'bleu' });
    expect(reply.body.erreurs.map((fault: { champ: string }) => fault.champ).sort()).toEqual([
      'couleur',
      'intervention_id',
      'type_document',
    ]);
  });

  it.each([
    ['no multipart at all', { 'content-type': 'application/json' }, '{}', 415],
    ['no content type', {}, 'x', 415],
    ['no boundary', { 'content-type': 'multipart/form-data' }, 'x', 400],
    ['another boundary', { 'content-type': 'multipart/form-data; boundary=autre' }, '--limite\r\n', 400],
    [
      'a header that never ends',
      { 'content-type': 'multipart/form-data; boundary=b' },
      `--b\r\nX: ${'y'.repeat(200_000)}`,
      400,
    ],
    ['nothing', { 'content-type': 'multipart/form-data; boundary=b' }, '', 400],
  ])('with %s is refused', async (_, headers, body, status) => {
    const reply = await admin.send('POST', '/documents/upload', {
      headers: headers as never,
      body: Buffer.from(body),
    });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toMatch('application/problem+json');
  });

  it('that stops in the middle of its file is refused, and nothing stays in the store', async () => {
    const before = await objects();
    const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n`;
    const reply = await admin.send('POST', '/documents/upload', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.concat([Buffer.from(head), PDF, randomBytes(6_000_000)]),
    });
    expect([reply.status, reply.body.code]).toEqual([400, 'REQUETE_MALFORMEE']);
    expect(await objects()).toEqual(before);
  });

  it('whose sender vanishes leaves nothing in the store, and the API goes on', async () => {
    const before = await objects();
    const { hostname, port } = new URL(api.baseUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      [
        'POST /api/v1/documents/upload HTTP/1.1',
        `Host: ${hostname}`,
        `Authorization: Bearer ${await signIn(api.db, api.app.tokens, await makeUser(api.db))}`,
        'Content-Type: multipart/form-data; boundary=b',
        'Content-Length: 20000000',
        '',
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n',
      ].join('\r\n'),
    );
    await new Promise((resolve) => socket.write(Buffer.concat([PDF, randomBytes(6_000_000)]), resolve));
    socket.destroy();
    expect((await admin.get('/documents')).status).toBe(200);
    await eventually(objects, (keys) => keys.length === before.length);
    expect(await objects()).toEqual(before);
  });

  it('is 413 beyond 50 MB, announced or not, and accepted at exactly 50 MB', async () => {
    const before = await objects();
    const bytes = Buffer.concat([PDF, Buffer.alloc(MAX_TAILLE - PDF.length)]);
    const tooBig = await upload(
      admin,
      { intervention_id: intervention.id },
      { bytes: Buffer.concat([bytes, Buffer.from('x')]) },
    );
    expect([tooBig.status, tooBig.body.code]).toEqual([413, 'TROP_GROS']);
    const announced = await admin.send('POST', '/documents/upload', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.alloc(MAX_TAILLE + 200_000),
    });
    expect(announced.status).toBe(413);
    expect(await objects()).toEqual(before);
    const fitting = await upload(admin, { intervention_id: intervention.id }, { bytes, nom: 'maximum.pdf' });
    expect([fitting.status, fitting.body.taille]).toEqual([201, MAX_TAILLE]);
  });

  it('acts once for the same Idempotency-Key from ten connections, and refuses it for another file', async () => {
    const target = await makeIntervention(api.db);
    const before = (await objects()).length;
    const key = { 'Idempotency-Key': randomUUID() };
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => upload(admin, { intervention_id: target.id }, {}, key)),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect((await objects()).length).toBe(before + 1);
    const other = await upload(
      admin,
      { intervention_id: target.id },
      { bytes: Buffer.concat([PDF, PDF]) },
      key,
    );
    expect([other.status, other.body.code]).toEqual([422, 'CLE_REUTILISEE']);
    expect((await objects()).length).toBe(before + 1);
  });
});

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ODS = 'application/vnd.oasis.opendocument.spreadsheet';

describe('the type of an upload', () => {
  const target = () => ({ intervention_id: intervention.id });

  it.each([
    ['a picture', { bytes: PNG, nom: 'photo.PNG', type: 'image/png' }, 'image/png'],
    ['a file without a declared type', { bytes: PNG, nom: 'photo.png' }, 'image/png'],
    ['a file without an ending', { bytes: PNG, nom: 'photo' }, 'image/png'],
    ['a text in UTF-8', { bytes: 'Pièce changée\r\n', nom: 'note.txt', type: 'text/plain' }, 'text/plain'],
    [
      'a text in Windows-1252',
      { bytes: Buffer.from('Pi\xe8ce chang\xe9e', 'latin1'), nom: 'note.txt' },
      'text/plain',
    ],
    ['a list in Windows-1252', { bytes: Buffer.from('a;\xe9\x80\n', 'latin1'), nom: 'l.csv' }, 'text/csv'],
    [
      'a list in UTF-16, as Excel saves it',
      { bytes: Buffer.from('\ufeffa\té\n', 'utf16le'), nom: 'l.csv' },
      'text/csv',
    ],
    [
      'a text that ends like half a letter',
      { bytes: Buffer.from([0x61, 0xc3]), nom: 'note.txt' },
      'text/plain',
    ],
    [
      'a log that begins with an angle bracket',
      { bytes: '<13>Nov 28 08:00:01 four: arrêt\n', nom: 'four.log' },
      'text/plain',
    ],
    ['a log of levels', { bytes: '<info>  démarrage\n', nom: 'reseau.log' }, 'text/plain'],
    ['a log in colours', { bytes: '\x1b[31merreur\x1b[0m\n', nom: 'four.log' }, 'text/plain'],
    ['a text that begins like MP3', { bytes: 'ID3 démonté', nom: 'note.txt' }, 'text/plain'],
    ['a text with an unusual ending', { bytes: 'a = 1\n', nom: 'automate.cfg' }, 'text/plain'],
    ['a text that begins like a bitmap', { bytes: 'BM 3 vérifié', nom: 'note.txt' }, 'text/plain'],
    [
      'a list that Windows calls a workbook',
      { bytes: 'a;é\n1;2\n', nom: 'l.csv', type: 'application/vnd.ms-excel' },
      'text/csv',
    ],
    ['a workbook', { bytes: workbook(), nom: 'export.xlsx', type: 'application/octet-stream' }, XLSX],
    ['a large workbook', { bytes: workbook(LARGE), nom: 'export.xlsx' }, XLSX],
    ['a letter', { bytes: letter(), nom: 'lettre.docx' }, DOCX],
    ['a table of OpenDocument', { bytes: openDocument(ODS), nom: 'releves.ods' }, ODS],
  ])('is accepted for %s', async (_, file, mime) => {
    const reply = await upload(admin, target(), file);
    expect([reply.status, reply.body.mime_type]).toEqual([201, mime]);
    const back = await admin.get(`/documents/${reply.body.id}/telecharger`);
    expect(back.bytes.equals(Buffer.from(file.bytes))).toBe(true);
  });

  it.each([
    ['a picture that calls itself a PDF', { bytes: PNG, nom: 'plan.pdf' }, 'image/png', 'plan.png'],
    ['a PDF announced as a picture', { nom: 'plan.pdf', type: 'image/png' }, 'application/pdf', 'plan.pdf'],
    [
      'a picture that a telephone misnames',
      { bytes: PNG, nom: 'IMG_0001.HEIC' },
      'image/png',
      'IMG_0001.png',
    ],
    ['a picture of an unknown ending', { bytes: PNG, nom: 'vue.v2' }, 'image/png', 'vue.v2.png'],
    ['a workbook that calls itself a letter', { bytes: workbook(), nom: 'lettre.docx' }, XLSX, 'lettre.xlsx'],
    [
      'a workbook that calls itself an archive',
      { bytes: workbook(), nom: 'tout.zip' },
      XLSX,
      'tout.zip.xlsx',
    ],
    [
      'a text that calls itself a PDF',
      { bytes: 'Rien à signaler', nom: 'note.pdf' },
      'text/plain',
      'note.txt',
    ],
    [
      'a text that calls itself a page',
      { bytes: 'Rien à signaler', nom: 'note.html' },
      'text/plain',
      'note.html.txt',
    ],
  ])('goes before the name: %s', async (_, file, mime, nom) => {
    const { status, body } = await upload(admin, target(), file);
    expect([status, body.mime_type, body.nom]).toEqual([201, mime, nom]);
  });

  it('of a text says the encoding only where it can be told', async () => {
    const charset = async (bytes: Buffer) => {
      const { body } = await upload(admin, target(), { bytes, nom: 'note.txt' });
      return (await admin.get(`/documents/${body.id}/telecharger`)).headers.get('content-type');
    };
    expect(await charset(Buffer.from('Pièce'))).toBe('text/plain; charset=utf-8');
    expect(await charset(Buffer.from('\ufeffPièce', 'utf16le'))).toBe('text/plain; charset=utf-16le');
    expect(await charset(Buffer.from('Pi\xe8ce', 'latin1'))).toBe('text/plain');
  });

  it('that is refused is answered with those that are accepted', async () => {
    const { status, body } = await upload(admin, target(), {
      bytes: archiveOf('virus.exe'),
      nom: 'tout.zip',
    });
    expect(status).toBe(415);
    expect(body.acceptes).toEqual(
      expect.arrayContaining(['application/pdf', 'image/heic', XLSX, 'text/csv']),
    );
  });

  it.each([
    ['a program', { bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), nom: 'outil.exe' }],
    [
      'a program that calls itself a PDF',
      { bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), nom: 'plan.pdf' },
    ],
    [
      'an ELF program without an ending',
      { bytes: Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(200)]), nom: 'outil' },
    ],
    ['a page', { bytes: '<!doctype html><script>alert(1)</script>', nom: 'page.html', type: 'text/html' }],
    [
      'a page that calls itself a text',
      { bytes: '\ufeff \n<html></html>', nom: 'page.txt', type: 'text/plain' },
    ],
    [
      'a drawing with scripts',
      { bytes: '<svg xmlns="http://www.w3.org/2000/svg"/>', nom: 'dessin.svg', type: 'image/svg+xml' },
    ],
    [
      'a drawing that calls itself a picture',
      { bytes: '<svg xmlns="http://www.w3.org/2000/svg"/>', nom: 'dessin.png' },
    ],
    ['a shell script', { bytes: '#!/bin/sh\nrm -rf /\n', nom: 'note.txt' }],
    [
      'a text that is binary further down',
      { bytes: Buffer.concat([Buffer.alloc(100_000, 'a'), Buffer.from([0])]), nom: 'note.txt' },
    ],
    [
      'a page behind a screen of blanks',
      { bytes: `${' '.repeat(100_000)}<SCRIPT src=x></SCRIPT>`, nom: 'note.txt' },
    ],
    ['a page in UTF-16', { bytes: Buffer.from('\ufeff<html></html>', 'utf16le'), nom: 'note.txt' }],
    ['an archive', { bytes: archiveOf('virus.exe'), nom: 'tout.zip' }],
    ['an archive that calls itself a workbook', { bytes: archiveOf('virus.exe'), nom: 'export.xlsx' }],
    ['a workbook cut short', { bytes: workbook().subarray(0, 200), nom: 'export.xlsx' }],
    ['a workbook without its book', { bytes: archiveOf('[Content_Types].xml'), nom: 'export.xlsx' }],
    ['a workbook with macros', { bytes: workbook({ 'xl/vbaProject.bin': 'x' }), nom: 'export.xlsx' }],
    ['an OpenDocument of an unknown kind', { bytes: openDocument('application/x-autre'), nom: 'a.odt' }],
    ['the end of an archive', { bytes: Buffer.from('504b0506', 'hex'), nom: 'export.xlsx' }],
  ])('is refused for %s, and nothing stays in the store', async (_, file) => {
    const before = await objects();
    const reply = await upload(admin, target(), file);
    expect([reply.status, reply.body.code]).toEqual([415, 'TYPE_NON_ACCEPTE']);
    expect(await objects()).toEqual(before);
  });
});

describe('the name of an upload', () => {
  it.each([
    ['a path', '../../etc/passwd.pdf', 'passwd.pdf'],
    ['a path of Windows', 'C:\\Users\\moi\\plan.pdf', 'plan.pdf'],
    ['letters of several scripts', 'été à Fès — العربية.pdf', 'été à Fès — العربية.pdf'],
    ['letters put together from two', 'e\u0301te\u0301.pdf', 'été.pdf'],
    ['a change of reading direction', 'facture\u202efdp.pdf', 'facturefdp.pdf'],
    ['an ending alone', '.pdf', 'pdf'],
    ['dots alone', '...', 'document.pdf'],
    ['300 letters', `${'é'.repeat(300)}.pdf`, `${'é'.repeat(251)}.pdf`],
  ])('of %s is kept without what is harmful or too long', async (_, given, kept) => {
    const reply = await upload(admin, { intervention_id: intervention.id }, { nom: given });
    expect([reply.status, reply.body.nom]).toEqual([201, kept]);
  });

  it('cannot end the header of a download or break out of its quotes', async () => {
    const nom = `a"b%22c;'\\d; filename=x.pdf`;
    const quoted = await uploadRaw('filename="a\\"; evil=\\"x.pdf"');
    const escaped = await upload(admin, { intervention_id: intervention.id }, { nom });
    for (const { body } of [quoted, escaped]) {
      const reply = await admin.get(`/documents/${body.id}/telecharger`);
      expect(reply.headers.get('content-disposition')).toMatch(
        /^attachment; filename="[^"\\%]+"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/,
      );
    }
    expect(quoted.body.nom).toBe('a"; evil="x.pdf');
  });
});

describe('a download', () => {
  const content = '0123456789';
  let path: string;
  let checksum: string;
  beforeAll(async () => {
    const { body } = await upload(
      admin,
      { intervention_id: intervention.id },
      { bytes: content, nom: 'relevé.txt' },
    );
    path = `/documents/${body.id}/telecharger`;
    checksum = body.checksum;
  });

  it('gives the bytes as an attachment that no browser interprets', async () => {
    const { status, headers, body } = await admin.get(path);
    expect([status, body]).toEqual([200, content]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'content-disposition': `attachment; filename="relev_.txt"; filename*=UTF-8''relev%C3%A9.txt`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'accept-ranges': 'bytes',
      etag: `"${checksum}"`,
    });
  });

  it.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=-4', 206, '6789', 'bytes 6-9/10'],
    ['bytes=-100', 206, content, 'bytes 0-9/10'],
    ['bytes=5-3', 200, content, null],
    ['bytes=0-1,4-5', 200, content, null],
    ['octets=0-1', 200, content, null],
    ['bytes=-', 200, content, null],
  ])('of the range %s is %i', async (range, status, body, contentRange) => {
    const reply = await admin.get(path, { Range: range });
    expect([reply.status, reply.body, reply.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ]);
    expect(reply.headers.get('content-length')).toBe(String(body.length));
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])(
    'of the range %s, outside of the file, is 416',
    async (range) => {
      const reply = await admin.get(path, { Range: range });
      expect([reply.status, reply.body.code]).toEqual([416, 'PLAGE_INVALIDE']);
      expect(reply.headers.get('content-range')).toBe('bytes */10');
    },
  );

  it('goes on by range only while the file is the one that the client knows', async () => {
    const known = await admin.get(path, { Range: 'bytes=5-', 'If-Range': `"${checksum}"` });
    const other = await admin.get(path, { Range: 'bytes=5-', 'If-Range': '"another"' });
    expect([known.status, other.status]).toEqual([206, 200]);
  });

  it('of a file that the client has is 304, and HEAD tells the size alone; neither is a download', async () => {
    const before = await downloads();
    const cached = await admin.get(path, {
      'If-None-Match': `"x", W/"${checksum}"`,
      'Cache-Control': 'no-cache',
    });
    expect([cached.status, cached.body]).toEqual([304, '']);
    const head = await admin.send('HEAD', path);
    expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, '10', '']);
    expect(await downloads()).toBe(before);
  });

  it('is recorded with who and which part', async () => {
    const { user, client } = await api.newPerson('responsable');
    await client.get(path);
    await client.get(path, { Range: 'bytes=1-2' });
    const rows = await api.db.query(
      `SELECT entite, action, apres FROM historique WHERE auteur_id = $1 ORDER BY id`,
      [user.id],
    );
    expect(rows).toEqual([
      { entite: 'document', action: 'telechargement', apres: null },
      { entite: 'document', action: 'telechargement', apres: { octets: '1-2' } },
    ]);
  });

  const downloads = async () =>
    Number((await api.db.query(`SELECT count(*) FROM historique WHERE action = 'telechargement'`))[0].count);
});

describe('who may', () => {
  it('file: a technicien on their own interventions and on equipment, a responsable on their sites, no client', async () => {
    const site = await makeSite(api.db);
    const equipement = await makeEquipement(api.db, { site_id: site.id });
    const onSite = await makeIntervention(api.db, { equipement_id: equipement.id });
    const responsable = (await api.newPerson('responsable', { sites: [site.id] })).client;
    const { client: technicien, own } = await technicienWithIntervention();
    const unassigned = await makeIntervention(api.db);
    const colleagues = (await technicienWithIntervention()).own;
    const customer = await clientWithIntervention();
    const before = (await objects()).length;
    const status = async (client: Client, fields: Fields) => (await upload(client, fields)).status;

    expect(await status(technicien, { intervention_id: own.id })).toBe(201);
    expect(await status(technicien, { equipement_id: equipement.id })).toBe(201);
    expect(await status(technicien, { intervention_id: unassigned.id })).toBe(403);
    expect(await status(technicien, { intervention_id: own.id, visible_client: true })).toBe(403);
    expect(await status(responsable, { intervention_id: onSite.id, visible_client: true })).toBe(201);
    expect(await status(customer.client, { intervention_id: customer.own.id })).toBe(403);
    expect(await status(api.anonymous, { intervention_id: own.id })).toBe(401);
    expect((await objects()).length).toBe(before + 3);

    // What they may not see is answered like what does not exist.
    const hidden = await upload(technicien, { intervention_id: colleagues.id });
    const missing = await upload(technicien, { intervention_id: 2_147_483_647 });
    expect(hidden.status).toBe(422);
    expect({ ...hidden.body, correlation_id: '' }).toEqual({ ...missing.body, correlation_id: '' });
    expect(await status(responsable, { intervention_id: own.id })).toBe(422);
    expect(await status(responsable, { equipement_id: (await makeEquipement(api.db)).id })).toBe(422);
  });

  it('see: a client the documents of own interventions that are marked for them, and no trace of others', async () => {
    const { client, own } = await clientWithIntervention();
    const other = await clientWithIntervention();
    const shown = (await upload(admin, { intervention_id: own.id, visible_client: true })).body;
    const hidden = (await upload(admin, { intervention_id: own.id }, { nom: 'interne.pdf' })).body;
    const others = (await upload(admin, { intervention_id: other.own.id, visible_client: true })).body;
    const ofEquipment = (await upload(admin, { equipement_id: own.equipement_id, visible_client: true }))
      .body;

    const list = await client.get('/documents');
    expect([list.headers.get('x-total-count'), list.body]).toEqual(['1', [shown]]);
    expect((await client.get(`/interventions/${own.id}/documents`)).body).toEqual([shown]);
    expect((await client.get(`/interventions/${other.own.id}/documents`)).status).toBe(404);
    expect((await client.get(`/documents?intervention_id=${other.own.id}`)).body).toEqual([]);
    expect((await client.get(`/documents/${shown.id}/telecharger`)).status).toBe(200);
    for (const { id } of [hidden, others, ofEquipment]) {
      expect((await client.get(`/documents/${id}`)).status).toBe(404);
      expect((await client.get(`/documents/${id}/telecharger`)).status).toBe(404);
    }
    expect((await other.client.get(`/documents/${others.id}`)).status).toBe(200);
  });

  it('see: a technicien those of own interventions and of equipment', async () => {
    const { client, own } = await technicienWithIntervention();
    const colleague = await technicienWithIntervention();
    const mine = (await upload(admin, { intervention_id: own.id })).body;
    const ofEquipment = (await upload(admin, { equipement_id: own.equipement_id })).body;
    const theirs = (await upload(admin, { intervention_id: colleague.own.id })).body;
    const ids = (await client.get('/documents?limit=200')).body.map(({ id }: { id: number }) => id);
    expect(ids).toEqual(expect.arrayContaining([mine.id, ofEquipment.id]));
    expect(ids).not.toContain(theirs.id);
    expect((await client.get(`/documents/${theirs.id}/telecharger`)).status).toBe(404);
  });
});

describe('the list', () => {
  it('filters by target, kind and name in any combination, newest first', async () => {
    const target = await makeIntervention(api.db);
    const fields = { intervention_id: target.id };
    await upload(admin, fields, { nom: 'Schéma électrique.pdf' });
    await upload(admin, { ...fields, type_document: 'photo' }, { bytes: PNG, nom: 'avant.png' });
    await upload(admin, { ...fields, type_document: 'photo' }, { bytes: PNG, nom: 'après.png' });
    const names = async (query: string) =>
      (await admin.get(`/documents?intervention_id=${target.id}${query}`)).body.map(
        ({ nom }: { nom: string }) => nom,
      );
    expect(await names('')).toEqual(['après.png', 'avant.png', 'Schéma électrique.pdf']);
    expect(await names('&type_document=photo&q=APRES')).toEqual(['après.png']);
    expect(await names('&q=electrique')).toEqual(['Schéma électrique.pdf']);
    expect(await names('&sort=taille,-nom&limit=2')).toHaveLength(2);
    expect((await admin.get('/documents?intervention_id=abc')).status).toBe(422);
  });
});

describe('orphan objects', () => {
  it('are swept once they are old enough, and no other', async () => {
    const { body } = await upload(admin, { intervention_id: intervention.id });
    await api.app.store.put('documents/orphelin', PDF, { contentType: 'application/pdf' });
    await api.app.store.put('rapports/1/orphelin.pdf', PDF, { contentType: 'application/pdf' });
    const sweep = (olderThan: number) => sweepOrphanObjects(api.db, api.app.store, new Date(olderThan));

    expect(await sweep(Date.now() - 3_600_000)).toBe(0);
    expect(await sweep(Date.now() + 3_600_000)).toBe(2);
    expect(await objects()).not.toContain('documents/orphelin');
    expect((await admin.get(`/documents/${body.id}/telecharger`)).status).toBe(200);
  });
});

describe('without the store', () => {
  it('an upload and a download are 503 with Retry-After, and reading goes on', async () => {
    const cut = await startTestApi({ S3_ENDPOINT: 'http://127.0.0.1:9' });
    try {
      const { client } = await cut.newPerson('admin');
      const target = await makeIntervention(cut.db);
      const reply = await upload(client, { intervention_id: target.id });
      expect([reply.status, reply.body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      const [{ count }] = await cut.db.query('SELECT count(*) FROM documents');
      expect(count).toBe(0);

      const [{ id }] = await cut.db.query(
        `INSERT INTO documents (nom, type_document, cle_stockage, taille, mime_type, checksum, intervention_id)
         VALUES ('plan.pdf', 'plan', 'documents/x', 10, 'application/pdf', 'abc', $1) RETURNING id`,
        [target.id],
      );
      expect((await client.get(`/documents/${id}`)).status).toBe(200);
      expect((await client.get(`/documents/${id}/telecharger`)).status).toBe(503);
    } finally {
      await cut.close();
    }
  });
});
