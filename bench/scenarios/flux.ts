import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createTokenService } from '../../src/auth/tokens';
import type { Role } from '../../src/domain/roles';
import { compiledRoot } from '../../tools/lib/paths';
import { randomFreePort } from '../../tools/lib/ports';
import { answers, launch, type RunningProcess, untilReady } from '../../tools/lib/processes';
import { step } from '../../tools/lib/progress';
import { GOALS } from '../goals';
import { residentBytes } from '../proc';
import { benchFolder } from '../system';
import type { ScenarioContext } from './context';

/** A thousand people who follow what happens over three processes, ten thousand events, and one of the processes killed. */

const PROCESSES = 3;
const SITES = 40;
/** Of each site, with so many connections each. */
const PEOPLE: readonly Role[] = ['technicien', 'technicien', 'technicien', 'responsable', 'client'];
const CONNECTIONS = 5;
const EVENTS = 10_000;
/** Written in one statement. */
const BURST = 100;
const MEGABYTE = 2 ** 20;

interface Person {
  id: number;
  role: Role;
  site: number;
  token: string;
}

interface Told {
  type: string;
  id: number;
  date?: string;
}

export async function benchFlux({ system, report }: ScenarioContext): Promise<void> {
  const people = await step('Inviting people', () => invite(system));
  const machines: number[] = await idsOf(
    system.db.query(
      `INSERT INTO equipements (nom, type, numero_serie, localisation, site_id)
       SELECT 'Machine ' || id, 'Presse', 'FX-' || id, 'Atelier', id FROM unnest($1::integer[]) AS id RETURNING id`,
      [[...new Set(people.map(({ site }) => site))]],
    ),
  );
  const apis = await step('Starting processes', () => startApis(system.env));
  try {
    const memory = () => apis.reduce((sum, { running }) => sum + residentBytes(running.pid), 0) / MEGABYTE;
    const before = memory();
    const clients = people.flatMap((person, index) =>
      Array.from(
        { length: CONNECTIONS },
        (_, n) =>
          new Follower(
            person,
            apis.map(({ url }) => url),
            index + n,
          ),
      ),
    );
    await step(`Opening ${clients.length} sockets`, () => openAll(clients));
    await sleep(2_000);
    const open = memory();
    report.reach(GOALS.sockets, open - before);
    report.fact(
      'flux: the processes without any, and with them',
      `${before.toFixed(0)} MB, ${open.toFixed(0)} MB`,
    );
    report.fact('flux: each socket', `${(((open - before) * 1_024) / clients.length).toFixed(1)} kB`);

    const begun = performance.now();
    await step(`Writing ${EVENTS} events`, () => write(system, people, machines, apis[0]!.running));
    const written = (performance.now() - begun) / 1_000;
    const events = await system.db.query(
      `SELECT e.id::integer, e.ressource, e.destinataire_id, q.site_id AS site FROM evenements e
       LEFT JOIN equipements q ON e.ressource = 'equipement' AND q.id = e.id_ressource
       WHERE e.id > $1 ORDER BY e.id`,
      [Math.max(...clients.map(({ start }) => start))],
    );
    const faults = await step('Waiting until everybody knows', () => settle(clients, events.rows));
    report.fact(
      'flux: events',
      `${events.rows.length} in ${written.toFixed(1)} s, all told after ${((performance.now() - begun) / 1_000).toFixed(1)} s, ${clients.reduce((sum, { ids }) => sum + ids.length, 0)} messages`,
    );
    const delays = clients.flatMap((client) => client.delays).sort((a, b) => a - b);
    const at = (part: number) => `${(delays[Math.floor(delays.length * part)] ?? 0).toFixed(0)} ms`;
    report.fact('flux: from its commit to its reader', `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`);
    report.fact(
      'flux: connections that came back',
      String(clients.reduce((sum, one) => sum + one.returns, 0)),
    );
    report.reach(GOALS.told, faults);
    for (const client of clients) client.close();
  } finally {
    for (const { running } of apis) await running.stop();
  }
}

type Row = { id: number; ressource: string; destinataire_id: number | null; site: number | null };

/** Waits until everybody was told, at most a minute. @returns how many were told anything else than theirs, once and in order. */
async function settle(clients: readonly Follower[], events: readonly Row[]): Promise<number> {
  const wrong = () =>
    clients.filter(({ person, ids }) => {
      const theirs = events.filter((one) =>
        one.ressource === 'notification'
          ? one.destinataire_id === person.id
          : person.role !== 'admin' && one.site === person.site,
      );
      return theirs.length !== ids.length || theirs.some(({ id }, index) => id !== ids[index]);
    }).length;
  for (let tries = 0; tries < 60 && wrong() > 0; tries++) await sleep(1_000);
  return wrong();
}

async function write(
  { db }: ScenarioContext['system'],
  people: readonly Person[],
  machines: readonly number[],
  victim: RunningProcess,
): Promise<void> {
  for (let n = 0; n < EVENTS; n += BURST) {
    if (n === EVENTS / 2) victim.kill();
    const range = Array.from({ length: BURST / 2 }, (_, i) => n + i);
    await db.query(
      `INSERT INTO historique (entite, entite_id, action, date)
       SELECT 'equipement', id, 'modification', clock_timestamp() FROM unnest($1::integer[]) AS id`,
      [range.map((i) => machines[(i * 7) % machines.length])],
    );
    await db.query(
      `INSERT INTO notifications (titre, message, type, destinataire_id, date_creation)
       SELECT 'a', 'b', 'info', id, clock_timestamp() FROM unnest($1::integer[]) AS id`,
      [range.map((i) => people[(i * 13) % people.length]!.id)],
    );
    await sleep(50);
  }
}

async function startApis(env: Record<string, string>): Promise<{ running: RunningProcess; url: string }[]> {
  return Promise.all(
    Array.from({ length: PROCESSES }, async (_, n) => {
      const port = String(await randomFreePort());
      const url = `http://127.0.0.1:${port}`;
      const logFile = join(benchFolder, `flux-${n}.log`);
      const running = await launch({
        name: `API ${n + 1}`,
        command: process.execPath,
        args: [join(compiledRoot, 'src', 'api', 'main.js')],
        env: { ...env, PORT: port, WEB_CONCURRENCY: '1' },
        logFile,
      });
      await untilReady(running, logFile, () => answers(`${url}/api/v1/health`));
      return { running, url };
    }),
  );
}

async function invite({ db, env }: ScenarioContext['system']): Promise<Person[]> {
  const sites = await idsOf(
    db.query(`INSERT INTO sites (nom) SELECT 'Suivi ' || n FROM generate_series(1, $1) AS n RETURNING id`, [
      SITES,
    ]),
  );
  const tokens = createTokenService({
    secret: env.JWT_SECRET,
    privateKey: env.JWT_PRIVATE_KEY,
    publicKeys: [],
  });
  const people: Person[] = [];
  for (const site of sites) {
    for (const role of PEOPLE) {
      const email = `suivi-${randomUUID()}@exemple.ma`;
      const [id] = await idsOf(
        db.query(`INSERT INTO users (email, nom, prenom, role) VALUES ($1, 'Suivi', 'A', $2) RETURNING id`, [
          email,
          role,
        ]),
      );
      await db.query('INSERT INTO user_sites (user_id, site_id) VALUES ($1, $2)', [id, site]);
      const sessionId = randomUUID();
      await db.query(
        `INSERT INTO sessions (id, user_id, date_creation, date_expiration) VALUES ($1, $2, now(), now() + interval '1 hour')`,
        [sessionId, id],
      );
      const token = tokens.sign({ userId: id!, email, role, isActive: true, sessionId }, new Date());
      people.push({ id: id!, role, site, token });
    }
  }
  return people;
}

async function idsOf(rows: Promise<{ rows: { id: number }[] }>): Promise<number[]> {
  return (await rows).rows.map(({ id }) => id);
}

/** A few at a time, as people come. */
async function openAll(clients: readonly Follower[]): Promise<void> {
  for (let n = 0; n < clients.length; n += 50) {
    await Promise.all(clients.slice(n, n + 50).map((client) => client.open()));
  }
}

/** A client that comes back to another process when it is cut off, and says where it was. */
class Follower {
  readonly ids: number[] = [];
  readonly delays: number[] = [];
  start = 0;
  returns = 0;
  private last: number | null = null;
  private socket: WebSocket | null = null;
  private over = false;

  constructor(
    readonly person: Person,
    private readonly urls: readonly string[],
    private at: number,
  ) {}

  /** Resolves when it is told what happens. */
  open(): Promise<void> {
    const url = this.urls[this.at % this.urls.length]!;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/notifications/ws`);
    this.socket = socket;
    return new Promise((resolve) => {
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'auth', token: this.person.token }));
        if (this.last !== null) socket.send(JSON.stringify({ type: 'reprendre', depuis: this.last }));
      });
      socket.on('message', (data) => {
        const told: Told = JSON.parse(String(data));
        if (this.last === null) this.start = told.id;
        this.last = told.id;
        if (told.date !== undefined) {
          this.ids.push(told.id);
          this.delays.push(Date.now() - Date.parse(told.date));
        }
        resolve();
      });
      socket.on('error', () => {
        // It closes, and comes back.
      });
      socket.on('close', () => {
        if (this.over) return;
        this.at += 1;
        this.returns += 1;
        setTimeout(() => void this.open(), 200 * Math.random());
      });
    });
  }

  close(): void {
    this.over = true;
    this.socket?.terminate();
  }
}
