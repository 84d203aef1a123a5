import { deflateRawSync } from 'node:zlib';
import { cleanFileName, extensionOf } from '../../src/domain/documents/documents';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeEquipement } from '../support/factories';
import { request, sendRaw, statuses } from './wire';

/** Forms and files made for the parsers of forms and for whatever looks into files to tell their type. */

const MEGABYTE = 1_000_000;

let api: TestApi;
let admin: Client;
let equipementId: number;
let stored: number;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
  equipementId = (await makeEquipement(api.db)).id;
  stored = await objects();
});
afterAll(() => api.close());

async function objects(): Promise<number> {
  const [{ count }] = await api.db.query('SELECT count(*)::integer AS count FROM documents');
  return count;
}

function form(body: string | Buffer, boundary = 'x'): Promise<Reply> {
  return admin.send('POST', '/documents/upload', {
    body,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
}

const field = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (disposition: string, content = 'Note') =>
  `--x\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: text/plain\r\n\r\n${content}\r\n`;
const target = () => field('equipement_id', String(equipementId)) + field('type_document', 'note');
const END = '--x--\r\n';

describe('a form', () => {
  it.each<[string, () => string | Buffer]>([
    ['10,000 fields', () => field('type_document', 'a').repeat(10_000) + END],
    ['10,000 files', () => file('name="file"; filename="a.txt"').repeat(10_000) + END],
    ['a megabyte in a field', () => field('type_document', 'a'.repeat(MEGABYTE)) + END],
    ['a field name of a megabyte', () => field('a'.repeat(MEGABYTE), 'a') + END],
    [
      'a header that never ends',
      () => `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(5 * MEGABYTE)}`,
    ],
    ['100,000 headers of a part', () => `--x\r\n${'X-A: b\r\n'.repeat(100_000)}\r\na\r\n${END}`],
    ['100,000 parameters of a header', () => file(`name="file"${'; a=b'.repeat(100_000)}`) + END],
    ['no part', () => END],
    ['no end', () => target() + file('name="file"; filename="a.txt"')],
    ['nothing', () => ''],
    ['nothing but line breaks', () => '\r\n'.repeat(400_000)],
    ['nothing but dashes', () => '-'.repeat(900_000)],
    [
      'almost the boundary, 100,000 times',
      () => `${target()}${file('name="file"; filename="a.txt"', '\r\n--'.repeat(100_000))}`,
    ],
    ['a part that says nothing of itself', () => `--x\r\n\r\na\r\n${END}`],
    [
      'a form in a form',
      () =>
        `--x\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n${END}`,
    ],
    ['two files', () => target() + file('name="file"; filename="a.txt"').repeat(2) + END],
    [
      'base64',
      () =>
        `--x\r\nContent-Disposition: form-data; name="type_document"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n${END}`,
    ],
  ])('with %s is refused', async (_, make) => {
    const before = process.memoryUsage().rss;
    const { status } = await form(make());
    expect([400, 413, 415, 422]).toContain(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEGABYTE);
    expect(await objects()).toBe(stored);
  });

  it.each(['', '""', '"', 'a'.repeat(10_000), '\u0000', 'x; boundary=y', '"x"; charset=utf-16'])(
    'is answered with the boundary %j',
    async (boundary) => {
      const body = `--x\r\n${END}`;
      const answer = await sendRaw(
        api.baseUrl,
        request(
          'POST /api/v1/documents/upload HTTP/1.1',
          'Host: x',
          `Content-Type: multipart/form-data; boundary=${boundary}`,
          `Content-Length: ${body.length}`,
          'Connection: close',
          '',
          body,
        ),
      );
      expect([400, 401, 415, 422]).toContain(statuses(answer)[0]);
    },
  );
});

describe('the name of a file', () => {
  // Every separator, ending and run of characters that a pattern might try again and again.
  it.each([
    '.',
    ' ',
    '. ',
    '/',
    '\\',
    '../',
    '\t',
    '\u200f',
    'a.',
    '.a',
    '\u0301',
    'ﷺ',
    '%00',
    ';',
    '"',
    '\u{1F469}\u200d',
  ])('of ten thousand %j is cut to size at once', (piece) => {
    const long = piece.repeat(200_000 / piece.length);
    for (const name of [long, `a${long}`, `${long}a`, `a${long}b`, `a${long}.pdf`]) {
      const clean = cleanFileName(name);
      expect([...clean].length).toBeLessThanOrEqual(255);
      expect(clean).not.toMatch(/[/\\\p{Cc}\p{Cf}]|^[. ]|[. ]$/u);
      expect(extensionOf(name).length).toBeLessThanOrEqual(10);
    }
  });

  it.each([
    '../../../etc/passwd.txt',
    '..\\..\\windows\\system.txt',
    '/etc/cron.d/x.txt',
    'a.txt\u0000.html',
    'a.html\u0000.txt',
    'a\r\nContent-Type: text/html\r\n\r\n.txt',
    '\u202etxt.exe.txt',
    '<img src=x onerror=alert(1)>.txt',
    "'; DROP TABLE documents;--.txt",
    '#{7*7}{{7*7}}.txt',
    '=cmd|calc!A0.txt',
    'CON.txt',
    '.htaccess.txt',
    '%2e%2e%2fa.txt',
    `${'é'.repeat(300)}.txt`,
  ])('%j reaches neither a path nor a header', async (nom) => {
    const sent = new FormData();
    sent.set('equipement_id', String(equipementId));
    sent.set('type_document', 'note');
    sent.set('file', new Blob(['Note'], { type: 'text/plain' }), nom);
    const { status, body } = await admin.send('POST', '/documents/upload', { body: sent });
    if (status !== 201) {
      expect([400, 415]).toContain(status);
      return;
    }
    expect(body.nom).not.toMatch(/[/\\\p{Cc}\p{Cf}]/u);
    const [{ cle_stockage }] = await api.db.query('SELECT cle_stockage FROM documents WHERE id = $1', [
      body.id,
    ]);
    expect(cle_stockage).toMatch(/^documents\/[\da-f-]{36}$/);
    const { headers } = await admin.get(`/documents/${body.id}/telecharger`);
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="[ -!#-[\]-~]*"; filename\*=UTF-8''[\w.!~*%-]+$/,
    );
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    stored++;
  });
});

/** One entry of a ZIP archive, with sizes that need not be true. */
function zip(name: string, content: Buffer, claims: { inflated?: number; deflated?: number } = {}): Buffer {
  const deflated = deflateRawSync(content);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(claims.deflated ?? deflated.length, 18);
  header.writeUInt32LE(claims.inflated ?? content.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), deflated]);
}

const bytes = (hex: string, size = 1_024) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(size)]);

describe('a file made for whoever tells its type', () => {
  const cases: [string, string, () => Buffer][] = [
    [
      'a list of contents that unfolds to 50 MB',
      'a.docx',
      () => zip('[Content_Types].xml', Buffer.alloc(50 * MEGABYTE, ' ')),
    ],
    [
      'a list of contents that claims 4 GB',
      'a.docx',
      () => zip('[Content_Types].xml', Buffer.from('<a/>'), { inflated: 0xfffffffe, deflated: 0xfffffffe }),
    ],
    ['a type of 10 MB', 'a.odt', () => zip('mimetype', Buffer.alloc(10 * MEGABYTE, 'a'))],
    [
      'an archive in an archive in an archive',
      'a.docx',
      () => zip('a.zip', zip('b.zip', zip('c', Buffer.alloc(MEGABYTE)))),
    ],
    [
      'ten thousand entries',
      'a.xlsx',
      () => Buffer.concat(Array.from({ length: 10_000 }, (_, i) => zip(`e${i}`, Buffer.alloc(0)))),
    ],
    ['an entry without an end', 'a.docx', () => zip('x', Buffer.from('a'), { deflated: 0 })],
    ['an entry name of 65,535 characters', 'a.docx', () => zip('w'.repeat(65_535), Buffer.from('a'))],
    ['an archive with a program', 'a.docx', () => zip('evil.exe', Buffer.from('MZ'))],
    [
      'ASF with an object of no size',
      'a.mp4',
      () => bytes('3026b2758e66cf11a6d900aa0062ce6c000000000000000000000000'),
    ],
    [
      'ASF whose objects lead nowhere',
      'a.mp4',
      () =>
        Buffer.concat([
          bytes('3026b2758e66cf11a6d900aa0062ce6cffffffffffffff7f00000001', 0),
          Buffer.alloc(60_000, 0xff),
        ]),
    ],
    [
      'Matroska nested without end',
      'a.webm',
      () =>
        Buffer.concat([
          bytes('1a45dfa3ffffffffffffffff', 0),
          Buffer.from('1a45dfa3ff'.repeat(10_000), 'hex'),
        ]),
    ],
    ['Matroska of no size', 'a.webm', () => bytes('1a45dfa30000')],
    [
      'PNG with chunks of no size',
      'a.png',
      () => Buffer.concat([bytes('89504e470d0a1a0a', 0), Buffer.alloc(60_000)]),
    ],
    ['PNG with a chunk of 4 GB', 'a.png', () => bytes('89504e470d0a1a0affffffff49484452')],
    ['MP4 with a box of no size', 'a.mp4', () => bytes('0000000066747970')],
    ['MP4 with a box of 4 GB', 'a.mp4', () => bytes('ffffffff667479706d703432')],
    ['ID3 that claims 256 MB', 'a.mp3', () => bytes('49443303000000' + '7f7f7f7f')],
    ['TIFF that points into itself', 'a.tif', () => bytes('49492a0008000000ffff0000')],
    [
      'HEIC with brands without end',
      'a.heic',
      () => Buffer.concat([bytes('0000ffff66747970', 0), Buffer.from('mif1'.repeat(15_000))]),
    ],
    ['PDF that says it is HTML', 'a.pdf', () => Buffer.from('<html><script>alert(1)</script>%PDF-1.7')],
    ['PDF of a header alone', 'a.pdf', () => bytes('255044462d', 0)],
    ['gzip under another name', 'a.pdf', () => bytes('1f8b0800000000000003')],
    [
      'RAR, 7z and CAB',
      'a.docx',
      () => Buffer.concat([bytes('526172211a0700'), bytes('377abcaf271c'), bytes('4d534346')]),
    ],
    ['a program under the name of a picture', 'a.png', () => bytes('4d5a9000')],
    [
      'an SVG with a script',
      'a.svg',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ],
    ['a script in a text', 'a.txt', () => Buffer.from('  \n<script>alert(1)</script>')],
    [
      'XML with entities without end',
      'a.txt',
      () => Buffer.from('<!DOCTYPE a [<!ENTITY b "&b;">]><a>&b;</a>'),
    ],
  ];

  it.each(cases)('%s is told apart, or refused, at once', async (_, nom, make) => {
    const content = make();
    const before = process.memoryUsage().rss;
    const sent = new FormData();
    sent.set('equipement_id', String(equipementId));
    sent.set('type_document', 'note');
    sent.set('file', new Blob([new Uint8Array(content)]), nom);
    const { status, body } = await admin.send('POST', '/documents/upload', { body: sent });
    expect([201, 415, 422]).toContain(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MEGABYTE);
    // Whatever it was taken for, it comes back as it is, and no browser opens it.
    if (status !== 201) return;
    const { headers, bytes: back } = await admin.get(`/documents/${body.id}/telecharger`);
    expect(back.equals(content)).toBe(true);
    expect(headers.get('content-disposition')).toMatch(/^attachment;/);
    expect(headers.get('content-type')).not.toMatch(/html|svg|xml;|script/);
  });
});
