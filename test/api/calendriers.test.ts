import ICAL from 'ical.js';
import { Planning } from '../../src/db/planification/planning';
import { startTestApi, type TestApi } from '../support/api';
import { stopClock } from '../support/clock';
import {
  makeEquipement,
  makeIntervention,
  makePlanning,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { statementsDuring } from '../support/queries';

/** The private calendar of a technicien, read as a calendar program reads it: with a parser that shares no code. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_URL: 'https://regie.exemple.ma' });
});
afterAll(() => api.close());

const DAY = 86_400_000;
/** The same second in the whole file: what a test expects of a time is what it gave. */
const NOW = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days: number) => new Date(NOW + days * DAY);

const instants = ({ debut, fin }: { debut: string; fin: string }) => [new Date(debut), new Date(fin)];

type Person = Awaited<ReturnType<typeof makeTechnicien>>;

/** The address of their calendar, made by themselves. */
async function addressOf(technicien: Person): Promise<string> {
  const client = await api.as(technicien.user);
  const { status, body } = await client.post(`/techniciens/${technicien.id}/calendrier`);
  expect(status).toBe(201);
  return body.url;
}

const tokenOf = (url: string) => new URL(url).searchParams.get('jeton')!;

/** What a program gets that asks an address. */
async function fetchCalendar(url: string, headers: Record<string, string> = {}) {
  const { pathname, search } = new URL(url);
  const response = await fetch(`${api.baseUrl}${pathname}${search}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function eventsOf(url: string) {
  const { status, text } = await fetchCalendar(url);
  expect(status).toBe(200);
  return parse(text).events;
}

function parse(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents('vevent').map((component) => ({
    ...pick(new ICAL.Event(component)),
    statut: component.getFirstPropertyValue('status'),
  }));
  return { calendar, events };
}

function pick({ uid, sequence, summary, location, description, startDate, endDate }: ICAL.Event) {
  const [debut, fin] = [startDate.toJSDate(), endDate.toJSDate()];
  return { uid, sequence, summary, location, description, debut, fin, zone: startDate.zone.tzid };
}

describe('the calendar of a technicien', () => {
  it('holds their visits as instants, with what they are for and where', async () => {
    const technicien = await makeTechnicien(api.db, {}, { nom: 'Alaoui', prenom: 'Salma' });
    const site = await makeSite(api.db, { nom: 'Usine de Khouribga', adresse: '12, route de Fès; zone B' });
    const equipement = await makeEquipement(api.db, { nom: 'Presse PH-001', site_id: site.id });
    const { id } = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      technicien_id: technicien.id,
      statut: 'planifiee',
      priorite: 'haute',
      titre: 'Fuite, côté pompe; voir \\ schéma',
    });
    const date_planifiee = inDays(3);
    const visit = await makePlanning(api.db, {
      intervention_id: id,
      technicien_id: technicien.id,
      date_planifiee,
      duree_estimee: 90,
      notes: 'Clés à la loge',
    });
    const url = await addressOf(technicien);
    const { status, headers, text } = await fetchCalendar(url);
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'text/calendar; charset=utf-8',
      'private, no-cache',
    ]);
    const { calendar, events } = parse(text);
    expect(calendar.getFirstPropertyValue('x-wr-calname')).toBe('Visites de Salma Alaoui');
    expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH');
    expect(String(calendar.getFirstPropertyValue('refresh-interval'))).toBe('PT1H');
    expect(events).toEqual([
      {
        uid: `visite-${visit.id}@regie.exemple.ma`,
        sequence: 0,
        statut: 'CONFIRMED',
        summary: 'Fuite, côté pompe; voir \\ schéma',
        location: 'Atelier A, Usine de Khouribga, 12, route de Fès; zone B',
        description: `Priorité : haute\nÉquipement : Presse PH-001\nIntervention n° ${id}\nClés à la loge`,
        debut: date_planifiee,
        fin: new Date(date_planifiee.getTime() + 90 * 60_000),
        zone: 'UTC',
      },
    ]);
    expect(text).not.toContain('VTIMEZONE');
  });

  it('speaks their language, and folds long texts of any script between letters', async () => {
    const titre = `تسرب زيت هيدروليكي في الدائرة الرئيسية للمكبس ${'تسرب زيت 🛠️ في المكبس '.repeat(8)}`.trim();
    const notes = `${'Dépose du vérin côté opérateur, réépreuve à 250 bar ; '.repeat(30)}fin`;
    const technicien = await makeTechnicien(api.db, {}, { langue: 'ar' });
    const intervention = await makeIntervention(api.db, {
      technicien_id: technicien.id,
      statut: 'planifiee',
      titre: titre.slice(0, 200).trim(),
    });
    await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: inDays(1),
      notes,
    });
    const { text } = await fetchCalendar(await addressOf(technicien));
    const lines = text.split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(lines.filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
    expect(text).not.toContain('\uFFFD');
    const [event] = parse(text).events;
    expect(event!.summary).toBe(intervention.titre);
    expect(event!.description).toContain(notes);
    expect(event!.description).toContain('الأولوية');
  });

  it('holds each part of a long visit as an event of one family, also for who goes along', async () => {
    const [lead, crew] = [await makeTechnicien(api.db), await makeTechnicien(api.db)];
    const intervention = await makeIntervention(api.db, {
      technicien_id: lead.id,
      equipiers: [crew.id],
      statut: 'planifiee',
      titre: 'Révision',
    });
    const hours = (from: number, to: number) => ({
      debut: new Date(inDays(1).getTime() + from * 3_600_000).toISOString(),
      fin: new Date(inDays(1).getTime() + to * 3_600_000).toISOString(),
    });
    const segments = [hours(0, 2), hours(14, 16)];
    const visit = await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: lead.id,
      equipiers: [crew.id],
      date_planifiee: inDays(1),
      duree_estimee: 240,
      segments,
    });
    for (const technicien of [lead, crew]) {
      const events = await eventsOf(await addressOf(technicien));
      expect(events.map(({ uid, summary, debut, fin }) => [uid, summary, debut, fin])).toEqual([
        [`visite-${visit.id}@regie.exemple.ma`, 'Révision (1 sur 2)', ...instants(segments[0]!)],
        [`visite-${visit.id}-2@regie.exemple.ma`, 'Révision (2 sur 2)', ...instants(segments[1]!)],
      ]);
    }
  });

  it('tells of a change under the same name with a higher number, and of a cancelled visit for six weeks', async () => {
    const technicien = await makeTechnicien(api.db);
    const visit = await makePlanning(api.db, { technicien_id: technicien.id, date_planifiee: inDays(2) });
    const url = await addressOf(technicien);
    const [before] = await eventsOf(url);

    const moved = await api.db.manager.save(Object.assign(visit, { date_planifiee: inDays(4) }));
    const [after] = await eventsOf(url);
    expect(after).toEqual({
      ...before,
      sequence: before!.sequence + 1,
      debut: inDays(4),
      fin: expect.any(Date),
    });

    await api.db.manager.save(Object.assign(moved, { statut: 'annulee' }));
    expect(await eventsOf(url)).toEqual([
      expect.objectContaining({ uid: before!.uid, sequence: before!.sequence + 2, statut: 'CANCELLED' }),
    ]);

    await api.db.manager.update(Planning, { id: visit.id }, { date_modification: inDays(-43) });
    expect(await eventsOf(url)).toEqual([]);
  });

  it('reaches from 30 days back to a year ahead', async () => {
    const technicien = await makeTechnicien(api.db);
    const at = (days: number) =>
      makePlanning(api.db, {
        technicien_id: technicien.id,
        date_planifiee: inDays(days),
        statut: 'realisee',
      });
    await at(-31);
    const shown = [await at(-29), await at(0), await at(365)];
    await at(367);
    const events = await eventsOf(await addressOf(technicien));
    expect(events.map(({ uid }) => uid)).toEqual(shown.map(({ id }) => `visite-${id}@regie.exemple.ma`));
  });

  it('says of work that was given to somebody else that there was a visit, and not what it is by now', async () => {
    const technicien = await makeTechnicien(api.db);
    const other = await makeTechnicien(api.db);
    const intervention = await makeIntervention(api.db, {
      technicien_id: other.id,
      statut: 'planifiee',
      titre: 'Secret',
    });
    await makePlanning(api.db, {
      intervention_id: intervention.id,
      technicien_id: technicien.id,
      date_planifiee: inDays(1),
      statut: 'annulee',
    });
    const { text } = await fetchCalendar(await addressOf(technicien));
    expect(text).not.toContain('Secret');
    expect(parse(text).events).toEqual([
      expect.objectContaining({ summary: 'Visite', description: `Intervention n° ${intervention.id}` }),
    ]);
  });

  it('is answered with 304 to who has it, until something in it changes', async () => {
    const technicien = await makeTechnicien(api.db);
    const visit = await makePlanning(api.db, { technicien_id: technicien.id, date_planifiee: inDays(1) });
    const url = await addressOf(technicien);
    const first = await fetchCalendar(url);
    const etag = first.headers.get('etag')!;
    expect((await fetchCalendar(url)).text).toBe(first.text);
    const again = await fetchCalendar(url, { 'If-None-Match': etag });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    await api.db.manager.save(Object.assign(visit, { duree_estimee: 45 }));
    expect((await fetchCalendar(url, { 'If-None-Match': etag })).status).toBe(200);
  });

  it('takes two statements, however many visits it holds', async () => {
    const technicien = await makeTechnicien(api.db);
    const url = await addressOf(technicien);
    const statements = async () => (await statementsDuring(() => fetchCalendar(url))).length;
    expect(await statements()).toBe(2);
    for (const days of [1, 2, 3]) {
      await makePlanning(api.db, { technicien_id: technicien.id, date_planifiee: inDays(days) });
    }
    expect(await statements()).toBe(2);
  });
});

describe('the address of a calendar', () => {
  const path = (id: number) => `/planning/technicien/${id}/calendrier.ics`;

  it('opens one calendar only, until another takes its place, it is revoked, or its owner leaves', async () => {
    const admin = (await api.newPerson('admin')).client;
    const technicien = await makeTechnicien(api.db);
    const colleague = await makeTechnicien(api.db);
    await addressOf(colleague);
    const first = await addressOf(technicien);
    const nobody = await api.anonymous.get(`${path(2_147_483_647)}?jeton=${tokenOf(first)}`);
    const { correlation_id: _, instance: __, ...refused } = nobody.body;
    const expectRefused = async (asked: string) => {
      const { status, body } = await api.anonymous.get(asked);
      expect([status, body]).toEqual([404, expect.objectContaining(refused)]);
    };
    await expectRefused(path(technicien.id));
    await expectRefused(`${path(technicien.id)}?jeton=`);
    await expectRefused(`${path(technicien.id)}?jeton=${'x'.repeat(43)}`);
    await expectRefused(`${path(technicien.id)}?jeton=${tokenOf(first)}x`);
    await expectRefused(`${path(colleague.id)}?jeton=${tokenOf(first)}`);

    const second = await addressOf(technicien);
    expect(second).not.toBe(first);
    await expectRefused(`${path(technicien.id)}?jeton=${tokenOf(first)}`);
    expect((await fetchCalendar(second)).status).toBe(200);

    const own = await api.as(technicien.user);
    expect((await own.delete(`/techniciens/${technicien.id}/calendrier`)).status).toBe(204);
    await expectRefused(`${path(technicien.id)}?jeton=${tokenOf(second)}`);
    expect((await own.delete(`/techniciens/${technicien.id}/calendrier`)).status).toBe(204);

    const third = await addressOf(technicien);
    await admin.patch(`/users/${technicien.user_id}`, { is_active: false });
    await expectRefused(`${path(technicien.id)}?jeton=${tokenOf(third)}`);
    await admin.patch(`/users/${technicien.user_id}`, { is_active: true });
    await expectRefused(`${path(technicien.id)}?jeton=${tokenOf(third)}`);

    const theirs = await addressOf(colleague);
    await admin.patch(`/users/${colleague.user_id}`, { role: 'client' });
    await expectRefused(`${path(colleague.id)}?jeton=${tokenOf(theirs)}`);
    await admin.patch(`/users/${colleague.user_id}`, { role: 'technicien', tous_sites: true });
    await expectRefused(`${path(colleague.id)}?jeton=${tokenOf(theirs)}`);
  });

  it('is closed while an account is, also where no use case closed it', async () => {
    const technicien = await makeTechnicien(api.db);
    const url = await addressOf(technicien);
    await api.db.query('UPDATE users SET is_active = FALSE WHERE id = $1', [technicien.user_id]);
    expect((await fetchCalendar(url)).status).toBe(404);
  });

  it('is a token of 256 bits that is of no use anywhere else, nor taken from anywhere else', async () => {
    const technicien = await makeTechnicien(api.db);
    const jeton = tokenOf(await addressOf(technicien));
    expect(Buffer.from(jeton, 'base64url')).toHaveLength(32);
    const bearer = { authorization: `Bearer ${jeton}` };
    expect((await api.anonymous.get('/planning', bearer)).status).toBe(401);
    expect((await api.anonymous.get(`/planning/technicien/${technicien.id}?jeton=${jeton}`)).status).toBe(
      401,
    );
    expect((await api.anonymous.get(path(technicien.id), bearer)).status).toBe(404);
    expect((await api.anonymous.get(path(technicien.id), { cookie: `jeton=${jeton}` })).status).toBe(404);
    expect((await api.anonymous.post(`${path(technicien.id)}?jeton=${jeton}`)).status).toBe(405);
    const twice = await api.anonymous.get(`${path(technicien.id)}?jeton=x&jeton=${jeton}`);
    expect(twice.status).toBe(422);
  });

  it('is nowhere in the database, and its making and its end are in the history', async () => {
    const technicien = await makeTechnicien(api.db);
    const admin = await api.newPerson('admin');
    const jetons = [
      tokenOf(await addressOf(technicien)),
      tokenOf(
        (
          await admin.client.post(
            `/techniciens/${technicien.id}/calendrier`,
            {},
            { 'Idempotency-Key': 'cal' },
          )
        ).body.url,
      ),
    ];
    await admin.client.delete(`/techniciens/${technicien.id}/calendrier`);
    const tables: { name: string }[] = await api.db.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    for (const { name } of tables) {
      for (const jeton of jetons) {
        const found = await api.db.query(`SELECT 1 FROM ${name} r WHERE r::text LIKE $1 LIMIT 1`, [
          `%${jeton}%`,
        ]);
        expect([name, found]).toEqual([name, []]);
      }
    }
    const told = await api.db.query(
      `SELECT auteur_id, action FROM historique WHERE entite = 'technicien' AND entite_id = $1 ORDER BY id`,
      [technicien.id],
    );
    expect(told).toEqual([
      { auteur_id: technicien.user_id, action: 'ouverture_calendrier' },
      { auteur_id: admin.user.id, action: 'ouverture_calendrier' },
      { auteur_id: admin.user.id, action: 'revocation_calendrier' },
    ]);
  });

  it('is made by its owner and by those who may change their row, and by no machine', async () => {
    const [site, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const technicien = await makeTechnicien(api.db, {}, { sites: [site.id] });
    const asked = `/techniciens/${technicien.id}/calendrier`;
    const as = async (role: 'admin' | 'responsable' | 'technicien' | 'client', sites: number[] = []) =>
      (await (await api.newPerson(role, { sites })).client.post(asked)).status;
    expect(await as('admin')).toBe(201);
    expect(await as('responsable', [site.id])).toBe(201);
    expect(await as('responsable', [elsewhere.id])).toBe(403);
    expect(await as('technicien', [site.id])).toBe(403);
    expect(await as('client')).toBe(403);
    expect((await api.anonymous.post(asked)).status).toBe(401);

    const admin = await api.as(await makeUser(api.db, { role: 'admin' }));
    const { cle } = (await admin.post('/cles-api', { nom: 'Agenda', role: 'admin' })).body;
    expect((await api.anonymous.post(asked, {}, { authorization: `Bearer ${cle}` })).status).toBe(403);
  });
});

it('counts who reads a calendar against what anybody may ask for', async () => {
  const limited = await startTestApi({ RATE_LIMITS: 'on' });
  try {
    // Within one minute, however long it takes.
    stopClock(limited.app);
    const ask = () => limited.anonymous.get('/planning/technicien/1/calendrier.ics?jeton=x');
    const statuses = new Set<number>();
    for (let count = 0; count < 1_000 && !statuses.has(429); count++) statuses.add((await ask()).status);
    expect([...statuses]).toEqual([404, 429]);
  } finally {
    await limited.close();
  }
});
