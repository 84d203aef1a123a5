import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import {
  createMailTransport,
  MailRefused,
  type MailTransport,
  type OutgoingMail,
} from '../../src/mail/transport';

/** Against the mail catcher named by TEST_SMTP_URL and TEST_MAIL_API (maildev's REST API), and small servers of ours. */

const smtpUrl = process.env.TEST_SMTP_URL!;
const mailApi = process.env.TEST_MAIL_API!;
const from = 'Régie <regie@regie.test>';

let transport: MailTransport;
beforeAll(() => {
  transport = createMailTransport({ smtpUrl, from });
});
afterAll(() => transport.close());

function mail(changes: Partial<OutgoingMail> = {}): OutgoingMail {
  const id = randomUUID();
  return {
    messageId: `<${id}@regie.test>`,
    to: { address: `${id}@regie.test`, name: 'Hélène Müller' },
    sujet: 'Nouvelle intervention assignée : dégât des eaux à l’étage',
    html: '<p>Réparée à <b>09:00</b>, ça coûte 12 €</p>',
    text: 'Réparée à 09:00, ça coûte 12 €',
    correlationId: `req-${id}`,
    fil: null,
    langue: 'fr',
    jeton: '12.signature',
    ...changes,
  };
}

describe('a mail', () => {
  test('arrives with its accents, as HTML and plain text, with its ids', async () => {
    const sent = mail();
    await transport.send(sent);

    const received = await onlyMailTo(sent.to.address);
    expect(received.subject).toBe(sent.sujet);
    expect(received.text.trim()).toBe(sent.text);
    expect(received.html.trim()).toBe(sent.html);
    expect(received.from).toEqual([{ name: 'Régie', address: 'regie@regie.test' }]);
    expect(received.to).toEqual([{ name: 'Hélène Müller', address: sent.to.address }]);
    const headers = await headersOf(received);
    expect(headers['message-id']).toEqual([sent.messageId]);
    expect(headers['x-correlation-id']).toEqual([sent.correlationId]);
    expect(headers['auto-submitted']).toEqual(['auto-generated']);
    expect(headers['x-auto-response-suppress']).toEqual(['OOF, AutoReply']);
    expect(headers['x-regie-message']).toEqual([sent.jeton]);
    expect(headers['content-type']![0]).toMatch(/^multipart\/alternative/);
  });

  test('says its language, and follows the root of its thread', async () => {
    const sent = mail({ fil: '<intervention-12@regie.test>', langue: 'ar' });
    await transport.send(sent);
    const headers = await headersOf(await onlyMailTo(sent.to.address));
    expect(headers['content-language']).toEqual(['ar']);
    expect(headers['in-reply-to']).toEqual(['<intervention-12@regie.test>']);
    expect(headers.references).toEqual(['<intervention-12@regie.test>']);
    expect(Date.parse(headers.date![0]!)).toBeGreaterThan(Date.now() - 60_000);
  });

  test('that stands alone follows nothing', async () => {
    const sent = mail();
    await transport.send(sent);
    const headers = await headersOf(await onlyMailTo(sent.to.address));
    expect([headers['in-reply-to'], headers.references]).toEqual([undefined, undefined]);
  });

  test('brings its pictures along, beside the HTML that shows them', async () => {
    const images = [{ cid: 'logo@regie', type: 'image/png', contenu: Buffer.from('PNG').toString('base64') }];
    const sent = mail({ html: '<img src="cid:logo@regie">', images });
    await transport.send(sent);
    const received = await onlyMailTo(sent.to.address);
    const source = await (await fetch(`${mailApi}/email/${received.id}/source`)).text();
    expect(source).toMatch(/Content-Type: multipart\/related/);
    expect(source).toMatch(/Content-Id: <logo@regie>/i);
    expect(source).toContain(images[0]!.contenu);
  });

  test('keeps its Message-ID when it is sent again', async () => {
    const sent = mail();
    await transport.send(sent);
    await transport.send(sent);
    const received = await mailsTo(sent.to.address, 2);
    const ids = await Promise.all(received.map(async (each) => (await headersOf(each))['message-id']));
    expect(ids).toEqual([[sent.messageId], [sent.messageId]]);
  });

  test('needs no name for its reader', async () => {
    const sent = mail();
    sent.to = { address: sent.to.address };
    await transport.send(sent);
    expect((await onlyMailTo(sent.to.address)).to).toEqual([{ name: '', address: sent.to.address }]);
  });

  test('is one of forty sent at once over a few connections', async () => {
    const address = `${randomUUID()}@regie.test`;
    const mails = Array.from({ length: 40 }, () => mail({ to: { address } }));
    await Promise.all(mails.map((each) => transport.send(each)));
    await mailsTo(address, 40);
  });
});

describe('no header can be slipped in', () => {
  const breaks = ['\r\n', '\n', '\r', '\u2028', '\u0000\r\n'];

  test.each(breaks.map((lineBreak) => [JSON.stringify(lineBreak), lineBreak]))(
    'after %s in subject, name, Message-ID or correlation id',
    async (_, lineBreak) => {
      const id = randomUUID();
      const injected = `${lineBreak}Bcc: victime-${id}@regie.test${lineBreak}X-Injected: oui${lineBreak}${lineBreak}corps`;
      const sent = mail({
        sujet: `Sujet${injected}`,
        to: { address: `${id}@regie.test`, name: `Nom${injected}` },
        correlationId: `req${injected}`,
        messageId: `<${id}@regie.test>${injected}`,
      });
      await transport.send(sent);

      const received = await onlyMailTo(sent.to.address);
      const headers = await headersOf(received);
      expect(headers.bcc).toBeUndefined();
      expect(headers['x-injected']).toBeUndefined();
      expect(received.subject).toMatch(/^Sujet Bcc: victime/);
      expect(received.text.trim()).toBe(sent.text);
      expect(received.envelope.to.map(({ address }) => address)).toEqual([sent.to.address]);
      expect(await allMailsTo(`victime-${id}@regie.test`)).toEqual([]);
    },
  );
});

describe('a recipient that is not exactly one address', () => {
  test.each([
    'a@regie.test, b@evil.test',
    'a@regie.test,b@evil.test',
    'a@regie.test;b@evil.test',
    'a@regie.test b@evil.test',
    'a@regie.test\r\nRCPT TO:<b@evil.test>',
    'Nom <a@regie.test>',
    '<a@regie.test>',
    'groupe:a@regie.test,b@evil.test;',
    '"a, b@evil.test"@regie.test',
    'a@b@evil.test',
    'sans-arobase',
    '@regie.test',
    '',
    `${'a'.repeat(250)}@regie.test`,
  ])('is refused for good: %j', async (address) => {
    const refused = mail({ to: { address }, text: `Refusé ${randomUUID()}` });
    const sending = transport.send(refused);
    await expect(sending).rejects.toThrow(MailRefused);
    // By us: another server might be less strict than the catcher.
    await expect(sending).rejects.toThrow(/^Not a single email address/);
    // Others send mails through the same catcher meanwhile.
    expect((await allMails()).filter(({ text }) => text.trim() === refused.text)).toEqual([]);
  });

  test('in a name is only a name', async () => {
    const sent = mail();
    sent.to.name = 'Dupont, Jean <b@evil.test>';
    await transport.send(sent);
    const received = await onlyMailTo(sent.to.address);
    expect(received.to).toEqual([{ name: 'Dupont, Jean <b@evil.test>', address: sent.to.address }]);
    expect(received.envelope.to.map(({ address }) => address)).toEqual([sent.to.address]);
  });
});

describe('a server', () => {
  test('that works is verified', async () => {
    await expect(transport.verify()).resolves.toBeUndefined();
  });

  test('that nobody runs makes both sending and verifying fail, for now', async () => {
    const { url, close } = await tcpServer(() => {});
    await close();
    const unreachable = createMailTransport({ smtpUrl: url, from });
    await expect(unreachable.verify()).rejects.toThrow(/ECONNREFUSED/);
    const sending = unreachable.send(mail());
    await expect(sending).rejects.toThrow(/ECONNREFUSED/);
    await expect(sending).rejects.not.toThrow(MailRefused);
    unreachable.close();
  });

  test('that accepts the connection and says nothing is given up within seconds', async () => {
    const { url, close } = await tcpServer(() => {});
    const silent = createMailTransport({ smtpUrl: `${url}?greetingTimeout=300`, from });
    await expect(silent.send(mail())).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'Greeting never received',
    });
    silent.close();
    await close();
  });

  test('that keeps talking without ever coming to the point is given up in time', async () => {
    const { url, close } = await tcpServer((socket) => {
      socket.write('220 bonjour\r\n');
      const talk = setInterval(() => socket.write('250-encore\r\n'), 100);
      socket.on('close', () => clearInterval(talk));
    });
    const talkative = createMailTransport({ smtpUrl: url, from, sendTimeout: 500 });
    const begin = Date.now();
    await expect(talkative.send(mail())).rejects.toMatchObject({ name: 'AbortError' });
    expect(Date.now() - begin).toBeGreaterThanOrEqual(490);
    talkative.close();
    await close();
  });

  test('that refuses the recipient refuses the mail for good', async () => {
    const server = await smtpServer({ onRcptTo: (_address, _session, callback) => callback(smtpError(550)) });
    await expect(server.transport.send(mail())).rejects.toThrow(MailRefused);
    await server.close();
  });

  test.each([
    ['has no room for the recipient now (452)', { onRcptTo: refuse(452) }],
    ['is short of space for the content (452)', { onData: refuseData(452) }],
    ['does not take mail from our sender (550)', { onMailFrom: refuse(550) }],
  ] as [string, SMTPServerOptions][])('that %s may take the mail later', async (_, behaviour) => {
    const server = await smtpServer(behaviour);
    const sending = server.transport.send(mail());
    await expect(sending).rejects.toThrow();
    await expect(sending).rejects.not.toThrow(MailRefused);
    await server.close();
  });

  test('that closed the connection between two mails gets the second over a new one', async () => {
    const server = await smtpServer({});
    await server.transport.send(mail());
    for (const connection of server.connections()) connection.end();
    await server.transport.send(mail());
    expect(server.connections().size).toBe(2);
    await server.close();
  });

  test('that drops the connection after the content is not handed the mail again', async () => {
    let deliveries = 0;
    const server = await smtpServer({
      onData(stream) {
        stream.resume().on('end', () => {
          deliveries++;
          for (const connection of server.connections()) connection.destroy();
        });
      },
    });
    await expect(server.transport.send(mail())).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(deliveries).toBe(1);
    await server.close();
  });
});

interface ReceivedMail {
  id: string;
  subject: string;
  text: string;
  html: string;
  from: { name: string; address: string }[];
  to: { name: string; address: string }[];
  envelope: { to: { address: string }[] };
}

async function allMails(): Promise<ReceivedMail[]> {
  const response = await fetch(`${mailApi}/email`);
  return (await response.json()) as ReceivedMail[];
}

async function allMailsTo(address: string): Promise<ReceivedMail[]> {
  return (await allMails()).filter(({ envelope }) => envelope.to.some((to) => to.address === address));
}

/** Waits until the catcher has stored what its SMTP side accepted. */
async function mailsTo(address: string, count: number): Promise<ReceivedMail[]> {
  for (let tries = 0; tries < 100; tries++) {
    const mails = await allMailsTo(address);
    if (mails.length >= count) {
      expect(mails).toHaveLength(count);
      return mails;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Fewer than ${count} mails arrived for ${address}`);
}

async function onlyMailTo(address: string): Promise<ReceivedMail> {
  const [received] = await mailsTo(address, 1);
  return received!;
}

/** Header lines as they went over the wire, unfolded, by name in lower case. */
async function headersOf({ id }: ReceivedMail): Promise<Record<string, string[]>> {
  const source = await (await fetch(`${mailApi}/email/${id}/source`)).text();
  const head = source.slice(0, source.search(/\r?\n\r?\n/)).replace(/\r?\n[ \t]+/g, ' ');
  const headers: Record<string, string[]> = {};
  for (const line of head.split(/\r?\n/)) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line)!;
    const key = name!.toLowerCase();
    headers[key] = [...(headers[key] ?? []), value!];
  }
  return headers;
}

async function tcpServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server of the protocol with some behaviour of its own, and a transport to it. */
async function smtpServer(behaviour: SMTPServerOptions) {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], ...behaviour });
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const transportToIt = createMailTransport({ smtpUrl: `smtp://127.0.0.1:${port}`, from });
  return {
    transport: transportToIt,
    connections: () => sockets,
    close: async () => {
      transportToIt.close();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

function smtpError(responseCode: number): Error {
  return Object.assign(new Error('refused by the test'), { responseCode });
}

function refuse(responseCode: number): NonNullable<SMTPServerOptions['onRcptTo']> {
  return (_address, _session, callback) => callback(smtpError(responseCode));
}

function refuseData(responseCode: number): NonNullable<SMTPServerOptions['onData']> {
  return (stream, _session, callback) => {
    stream.resume().on('end', () => callback(smtpError(responseCode)));
  };
}
