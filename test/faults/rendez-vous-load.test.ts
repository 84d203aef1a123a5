import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Technicien } from '../../src/db/identite/techniciens';
import type { Prestation } from '../../src/db/rendez-vous/prestations';
import type { RunningProcess } from '../../tools/lib/processes';
import { createRandom, type Random } from '../../tools/lib/random';
import { expectSound } from '../support/calendar-readers';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import {
  makeEquipement,
  makeIntervenant,
  makePrestation,
  makeSalle,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { PANNE } from '../support/life';
import { partsOf } from '../support/mail-parts';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';
import { invitationsIn, rendezVousFaults } from '../support/rendez-vous-invariants';
import { anotherRound } from '../support/rounds';

/**
 * Twenty people who book, move and cancel what they can get, while the API and the worker are killed again and again. Whoever
 * got no answer asks again, as a client does. `CHARGE_SECONDES=60` goes on for a minute, `CHARGE_GRAINE` has other chances.
 */

const SECONDES = Number(process.env.CHARGE_SECONDES ?? 10);
const GRAINE = Number(process.env.CHARGE_GRAINE ?? 1);
const PEOPLE = 20;

let system: ProcessSystem;
let api: RunningProcess;
let worker: RunningProcess;
let offered: Prestation[];
/** Who receives, and is sent to machines too. */
let technicien: Technicien;

beforeAll(async () => {
  system = await prepareSystem();
  [api, worker] = await Promise.all([system.startApi(), system.startWorker()]);
  const { db } = system;
  const site = await makeSite(db, { fuseau_horaire: 'UTC', pays: 'BE' });
  const always = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[480, 1_200]]]));
  const somebody = () =>
    makeIntervenant(db, { site_id: site.id, fuseau_horaire: 'UTC', pays: 'BE', horaires: always as never });
  technicien = await makeTechnicien(db, { horaires: always } as never);
  const both = await makeIntervenant(db, {
    ...{
      user_id: technicien.user_id,
      site_id: site.id,
      fuseau_horaire: 'UTC',
      pays: 'BE',
      horaires: always as never,
    },
  });
  const people = [both.id, (await somebody()).id, (await somebody()).id, (await somebody()).id];
  for (let rooms = 0; rooms < 2; rooms++)
    await makeSalle(db, { site_id: site.id, etiquettes: ['grande'], capacite: 8 });
  const salles = [{ etiquettes: ['grande'], nombre: 1 }];
  offered = [
    await makePrestation(db, { site_id: site.id, intervenants: people, tampon_apres: 10, pas: 20 }),
    await makePrestation(db, {
      ...{ site_id: site.id, intervenants: people.slice(1), salles, mode: 'tour_de_role' },
      plafonds: { par_jour: 40 },
    }),
    await makePrestation(db, {
      site_id: site.id,
      intervenants: people.slice(0, 1),
      salles,
      places: 6,
      durees: [60],
    }),
    await makePrestation(db, { site_id: site.id, intervenants: people.slice(0, 2), mode: 'collectif' }),
  ];
});
afterAll(() => system.close());

const DAY = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
const NEXT = new Date(Date.parse(DAY) + 86_400_000).toISOString().slice(0, 10);

/** What somebody was told of their appointment last. */
interface Known {
  uid: string;
  sequence: number;
  statut: string;
  debut: string;
}

/** Somebody who books, moves and cancels until they are stopped. */
class Person {
  readonly mine = new Map<string, Known>();
  readonly odd: string[] = [];
  unanswered = 0;

  constructor(
    private readonly client: Client,
    private readonly random: Random,
    private readonly email: string,
  ) {}

  async act(): Promise<void> {
    const { random, mine } = this;
    const standing = [...mine.values()].filter(({ statut }) => statut === 'confirme');
    const choice = random.int(1, 10);
    if (standing.length === 0 || choice <= 6) return this.book();
    const one = random.pick(standing);
    const path = `/rendez-vous/${one.uid}`;
    if (choice <= 8) {
      const debut = await this.free(one.uid);
      if (debut !== null) await this.change('PUT', `${path}/reporter`, { debut }, one.sequence);
    } else await this.change('PUT', `${path}/annuler`, {}, one.sequence);
  }

  private async book(): Promise<void> {
    const { random } = this;
    const { slug } = random.pick(offered);
    const debut = await this.free(null, slug);
    if (debut === null) return;
    const wish = { prestation: slug, debut };
    const held = random.int(1, 3) === 1 ? await this.ask('POST', '/retenues', wish) : null;
    const retenue = held?.status === 201 ? { retenue: held.body.uid } : {};
    const participants = [{ nom: 'Personne', email: this.email }];
    await this.change('POST', '/rendez-vous', { ...wish, ...retenue, participants });
  }

  /** One of the first times that are free: others want them too. */
  private async free(reportDe: string | null, slug?: string): Promise<string | null> {
    let asked = slug;
    if (asked === undefined) {
      const read = await this.ask('GET', `/rendez-vous/${reportDe}`);
      asked = read.body.prestation.slug as string;
    }
    const more = reportDe === null ? '' : `&report_de=${reportDe}`;
    const { status, body } = await this.ask(
      'GET',
      `/creneaux?prestation=${asked}&debut=${DAY}&fin=${NEXT}${more}`,
    );
    if (status !== 200) {
      this.odd.push(`slots: ${status}`);
      return null;
    }
    const starts = Object.values(body as Record<string, { debut: string }[]>).flatMap((slots) =>
      slots.map(({ debut }) => debut),
    );
    return starts.length === 0 ? null : this.random.pick(starts.slice(0, 12));
  }

  private async change(method: string, path: string, body: object, sequence?: number): Promise<void> {
    const reply = await this.ask(method, path, body, sequence);
    if (reply.status < 300) {
      const { uid, sequence: now, statut, debut } = reply.body;
      this.mine.set(uid, { uid, sequence: now, statut, debut });
    } else if (reply.status !== 409) this.odd.push(`${method} ${path}: ${reply.status} ${reply.body.code}`);
  }

  /** Asks until there is an answer: the same with the same key, since nobody knows what became of it. */
  private async ask(method: string, path: string, body?: object, sequence?: number): Promise<Reply> {
    const headers = {
      'content-type': 'application/json',
      ...(method === 'GET' ? {} : { 'Idempotency-Key': randomUUID() }),
      ...(sequence === undefined ? {} : { 'If-Match': `"${sequence}"` }),
    };
    for (;;) {
      const reply = await this.client
        .send(method, path, {
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
          signal: AbortSignal.timeout(20_000),
        })
        .catch(() => null);
      if (reply !== null && reply.status !== 503) return reply;
      this.unanswered++;
      await sleep(150);
    }
  }
}

/** Sends the technicien to machines at times at which others book them, until stopped, and until one of them has a time. */
async function dispatch(goingOn: () => boolean): Promise<void> {
  const client = await system.as(await makeUser(system.db));
  const { id: equipement_id } = await makeEquipement(system.db);
  const random = createRandom(GRAINE + 77);
  const ask = (method: string, path: string, body: object) =>
    client
      .send(method, path, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      })
      .catch(() => null);
  let sent = 0;
  while (goingOn() || sent === 0) {
    const created = await ask('POST', '/interventions', { ...PANNE, equipement_id });
    if (created?.status === 201) {
      const assigned = await ask('PUT', `/interventions/${created.body.id}/assign`, {
        technicien_id: technicien.id,
        date_planifiee: new Date(
          Date.parse(`${DAY}T08:00:00Z`) + random.int(0, 20) * 30 * 60_000,
        ).toISOString(),
        duree_estimee: 30,
      });
      if (assigned?.status === 200) sent++;
    }
    await sleep(100);
  }
}

it('never has a time taken twice, a confirmation lost, or an invitation to nothing', async () => {
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, async (_, index) => {
      const user = await makeUser(system.db, { role: 'client' });
      return new Person(await system.as(user), createRandom(GRAINE * 1_000 + index), user.email);
    }),
  );
  const end = Date.now() + SECONDES * 1_000;
  // On a slow machine it takes longer until there is enough to look at.
  const goingOn = () => Date.now() < end || people.reduce((sum, { mine }) => sum + mine.size, 0) <= SECONDES;
  const working = people.map(async (person) => {
    while (goingOn()) {
      await person.act();
      await sleep(30);
    }
  });
  working.push(dispatch(goingOn));
  const kills = { api: 0, worker: 0 };
  const random = createRandom(GRAINE);
  for (;;) {
    await sleep(random.int(1_000, 2_500));
    if (!goingOn()) break;
    // The first two one of each, whatever chance says.
    const first = kills.api === 0 ? 'api' : kills.worker === 0 ? 'worker' : null;
    const which = first ?? random.pick(['api', 'worker'] as const);
    kills[which]++;
    if (which === 'worker') {
      await system.killWorker(worker);
      worker = await system.startWorker();
    } else {
      await kill9(api);
      api = await system.startApi();
    }
  }
  await Promise.all(working);

  expect(people.flatMap(({ odd }) => odd)).toEqual([]);
  expect(people.reduce((sum, { unanswered }) => sum + unanswered, 0)).toBeGreaterThan(0);
  // What they were told is what is: each of theirs, as they heard of it last, and none besides.
  const told = people.flatMap(({ mine }) => [...mine.values()]);
  const rows: Known[] = await system.db.query(
    `SELECT uid, sequence, statut, debut FROM rendez_vous WHERE statut <> 'retenu'`,
  );
  const shown = (all: readonly Known[]) =>
    all
      .map(
        ({ uid, sequence, statut, debut }) => `${uid} ${sequence} ${statut} ${new Date(debut).toISOString()}`,
      )
      .sort();
  expect(shown(rows)).toEqual(shown(told));
  expect(told.length).toBeGreaterThan(SECONDES);
  // Visits and appointments both had times of the same person; that none overlap is among the rules below.
  const taken: { visite: boolean }[] = await system.db.query(
    `SELECT DISTINCT planning_id IS NOT NULL AS visite FROM occupations WHERE genre = 'personne' AND ressource_id = $1`,
    [technicien.user_id],
  );
  expect(taken).toHaveLength(2);

  const rounds = system.temporal.schedule.getHandle('reconciliation-regie');
  await eventually(
    async () => {
      const faults = await rendezVousFaults(system);
      if (faults.some((fault) => fault.startsWith('the workflow'))) await anotherRound(rounds);
      return faults;
    },
    (faults) => faults.length === 0,
  );
  expectSound(
    invitationsIn(system.postOffice.contents)
      .map(({ text }) => text)
      .slice(0, 300),
  );

  // Scanners of mails open what they find: nothing becomes of it.
  const links = new Set(
    system.postOffice.contents.flatMap((content) =>
      partsOf(content).flatMap(({ type, body }) =>
        type.startsWith('text/')
          ? [...body.matchAll(/https?:\/\/[^\s"'<>]+(\/rdv\/[\w/?=.-]+)/g)].map(([, path]) => path!)
          : [],
      ),
    ),
  );
  expect(links.size).toBeGreaterThan(SECONDES);
  const before = await stateOf();
  const opened = await Promise.all(
    [...links]
      .slice(0, 60)
      .flatMap((path) =>
        ['GET', 'HEAD'].map(async (method) => (await fetch(system.baseUrl + path, { method })).status),
      ),
  );
  // What was cancelled opens nothing any more.
  expect(new Set([...opened, 404])).toEqual(new Set([200, 404]));
  expect(await stateOf()).toEqual(before);
});

/** Everything that an appointment consists of, but how far its workflow has got with it, which comes a moment later. */
async function stateOf(): Promise<unknown> {
  const tables = ['rendez_vous', 'participants', 'seances', 'occupations', 'historique', 'messages'];
  return Promise.all(
    tables.map((table) =>
      system.owner.query(
        `SELECT count(*), md5(string_agg((to_jsonb(t) - '{suivi_le,suivi_lu_le}'::text[])::text, ',' ORDER BY t.id)) FROM ${table} t`,
      ),
    ),
  );
}
