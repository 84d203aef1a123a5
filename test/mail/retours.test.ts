import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRetour } from '../../src/mail/retours';
import { growsWithAmount } from '../support/growth';

/** Notifications as Exim 4.96 wrote them of mails of ours, which a server behind it had refused. */
const real = (name: string) => readFileSync(join(__dirname, 'retours', `${name}.eml`), 'latin1');

test('a mail to nobody comes back with the word of the server that refused it', () => {
  expect(readRetour(real('adresse'))).toEqual({
    jeton: 'JETON',
    definitif: true,
    raison: '550 5.1.1 <parti@exemple.ma>: Recipient address rejected: User unknown in local recipient table',
  });
});

test('one that was refused for who sends it says nothing against the address', () => {
  expect(readRetour(real('politique'))).toEqual({
    jeton: 'JETON',
    definitif: false,
    raison: '550 5.7.1 Message refused: sending host is on a block list',
  });
});

test('lines may end as on the wire', () => {
  expect(readRetour(real('adresse').replaceAll('\n', '\r\n'))?.definitif).toBe(true);
});

/** As others write them: in another order, folded, encoded, with only the headers of what came back. */
function report(
  status: string,
  changes: { type?: string; returned?: string; encoding?: string } = {},
): string {
  const {
    type = 'multipart/report; report-type=delivery-status;\n\tboundary="=_b 1"',
    returned = 'Received: from regie\nX-REGIE-MESSAGE:\n 12.abc\nSubject: x\n',
    encoding = '',
  } = changes;
  return (
    `From: MAILER-DAEMON@exemple.ma\nContent-Type: ${type}\n\nPreamble\n--=_b 1\n\nSorry.\n` +
    `--=_b 1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\nArrival-Date: x\n\n${status}\n` +
    `--=_b 1\nContent-Type: text/rfc822-headers\n${encoding}\n${returned}\n--=_b 1--\n`
  );
}

test.each([
  ['Final-Recipient: rfc822; a@b.ma\nAction: failed\nStatus: 5.1.1', true],
  ['Action: Failed\nStatus: 5.4.4\nDiagnostic-Code: X-Postfix; Host or domain name not found', true],
  ['Action: failed\nStatus: 5.2.2 (mailbox full)\nDiagnostic-Code: smtp; 552 5.2.2 over quota', false],
  ['Action: failed\nStatus: 5.0.0', false],
  ['Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 421 try later', false],
])('%j is final: %s', (status, definitif) => {
  expect(readRetour(report(status))).toMatchObject({ jeton: '12.abc', definitif });
});

test('what came back may be encoded', () => {
  const failed = 'Action: failed\nStatus: 5.1.1';
  const base64 = Buffer.from('X-Regie-Message: 12.abc\n').toString('base64');
  for (const [encoding, returned] of [
    ['base64', base64],
    ['quoted-printable', 'X-Regie-Mess=\nage: 12=2Eabc'],
  ] as const) {
    const source = report(failed, { encoding: `Content-Transfer-Encoding: ${encoding}\n`, returned });
    expect(readRetour(source)?.jeton).toBe('12.abc');
  }
});

test.each([
  ['a mail that was only late', report('Action: delayed\nStatus: 4.4.1')],
  ['one that arrived', report('Action: delivered\nStatus: 2.0.0')],
  ['somebody else’s mail', report('Action: failed\nStatus: 5.1.1', { returned: 'Subject: x\n' })],
  [
    'an answer of a person',
    'From: k@exemple.ma\nContent-Type: text/plain\n\nX-Regie-Message: 12.abc\nStatus: 5.1.1\n',
  ],
  ['a report without a boundary', report('Action: failed', { type: 'multipart/report' })],
  ['a receipt', report('Action: failed', { type: 'multipart/mixed; boundary="=_b 1"' })],
  ['nothing', ''],
  ['headers alone', 'Content-Type: multipart/report; boundary=b'],
])('%s says nothing', (_, source) => {
  expect(readRetour(source)).toBeNull();
});

test('anything takes a time that grows with its length alone', () => {
  const hostile = (size: number) => [
    `Content-Type: multipart/report; boundary=b\n\n${'--b\n'.repeat(size / 4)}`,
    `Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n${'\n \n'.repeat(size / 3)}`,
    `${'\n '.repeat(size / 2)}`,
    `Content-Type: multipart/report${'; boundary='.repeat(size / 12)}`,
    report('Action: failed\nStatus: 5.1.1').replace('Sorry.', 'a: '.repeat(size / 3)),
  ];
  for (const one of hostile(0).keys()) {
    const sources = { 1: hostile(250_000)[one]!, 4: hostile(1_000_000)[one]! };
    expect([one, growsWithAmount((times) => readRetour(sources[times]))]).toEqual([one, true]);
  }
});
