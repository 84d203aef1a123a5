import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFreePort } from '../../tools/lib/ports';
import { launch, type RunningProcess, untilReady } from '../../tools/lib/processes';
import { type Certificate, selfSigned } from './certificates';

/** A real CalDAV server (Radicale), which speaks TLS with a certificate of its own making. */
export interface Radicale {
  /** Of this server, and of others of a test that are to be trusted with it. */
  certificate: Certificate;
  utilisateur: string;
  mot_de_passe: string;
  /** A new collection for a calendar; its URL. */
  calendar(): Promise<string>;
  /** What another program does that has the calendar open. */
  send(method: string, url: string, body?: string, headers?: Record<string, string>): Promise<Said>;
  /** Puts an event, or whatever text, into a calendar under a name. */
  put(calendar: string, nom: string, texte: string): Promise<void>;
  /** Names of what lies in a calendar. */
  names(calendar: string): Promise<string[]>;
  stop(): Promise<void>;
}

interface Said {
  status: number;
  body: string;
  etag: string | undefined;
}

const UTILISATEUR = 'nadia';
const MOT_DE_PASSE = 'Radicale-Mot-De-Passe';

export async function startRadicale(): Promise<Radicale> {
  const folder = await mkdtemp(join(tmpdir(), 'radicale-'));
  const at = (name: string) => join(folder, name);
  const certificate: Certificate = selfSigned('127.0.0.1');
  const port = await randomFreePort();
  await writeFile(at('users'), `${UTILISATEUR}:${MOT_DE_PASSE}\n`);
  await writeFile(at('cert.pem'), certificate.cert);
  await writeFile(at('key.pem'), certificate.key);
  await writeFile(
    at('config'),
    [
      '[server]',
      `hosts = 127.0.0.1:${port}`,
      'ssl = True',
      `certificate = ${at('cert.pem')}`,
      `key = ${at('key.pem')}`,
      '[auth]',
      'type = htpasswd',
      `htpasswd_filename = ${at('users')}`,
      'htpasswd_encryption = plain',
      'delay = 0',
      '[storage]',
      `filesystem_folder = ${at('collections')}`,
      '',
    ].join('\n'),
  );
  const base = `https://127.0.0.1:${port}`;

  function send(
    method: string,
    url: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Said> {
    const auth = `${UTILISATEUR}:${MOT_DE_PASSE}`;
    return new Promise((answer, fail) => {
      const sent = request(url, { method, auth, ca: certificate.cert, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () =>
          answer({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            etag: response.headers.etag,
          }),
        );
      });
      sent.on('error', fail);
      sent.end(body);
    });
  }

  async function start(): Promise<RunningProcess> {
    const server = await launch({
      name: 'Radicale',
      command: process.env.TEST_CALENDAR_PYTHON!,
      args: ['-m', 'radicale', '--config', at('config')],
      logFile: at('radicale.log'),
      cwd: folder,
    });
    await untilReady(
      server,
      at('radicale.log'),
      async () => (await send('GET', `${base}/.web/`)).status < 500,
    );
    return server;
  }

  const server = await start();
  let made = 0;
  const sent = async (...asked: Parameters<typeof send>) => {
    const said = await send(...asked);
    if (said.status >= 300) throw new Error(`Radicale answered ${said.status}: ${said.body}`);
    return said;
  };
  return {
    certificate,
    utilisateur: UTILISATEUR,
    mot_de_passe: MOT_DE_PASSE,
    send,
    calendar: async () => {
      made += 1;
      const url = `${base}/${UTILISATEUR}/calendrier-${made}/`;
      await sent('MKCALENDAR', url);
      return url;
    },
    put: async (calendar, nom, texte) => {
      await sent('PUT', `${calendar}${nom}`, texte, { 'content-type': 'text/calendar; charset=utf-8' });
    },
    names: async (calendar) => {
      const { body } = await sent('PROPFIND', calendar, '', { depth: '1' });
      return [...body.matchAll(/<href>([^<]*)<\/href>/g)]
        .map(([, href]) => decodeURIComponent(href!.split('/').at(-1)!))
        .filter((name) => name.endsWith('.ics'));
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
