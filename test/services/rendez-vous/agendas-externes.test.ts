import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type AgendaContext,
  createLecteur,
  rafraichirDus,
  verifierAvantConfirmation,
} from '../../../src/activities/agendas';
import { lireAgenda } from '../../../src/domain/rendez-vous/lecture-agenda';
import { createOutgoing, type Outgoing } from '../../../src/net/outgoing';
import { suivreRendezVous } from '../../../src/services/rendez-vous/suivi';
import { startTestApi, type TestApi } from '../../support/api';
import { expectSound } from '../../support/calendar-readers';
import type { Certificate } from '../../support/certificates';
import type { Client } from '../../support/client';
import { weekdayAhead } from '../../support/days';
import { makeIntervenant, makePrestation } from '../../support/factories';
import { type Radicale, startRadicale } from '../../support/radicale';

/** Calendars that are kept elsewhere, against a real CalDAV server, and a file that somebody serves. */

let api: TestApi;
let admin: Client;
let radicale: Radicale;
let outgoing: Outgoing;
let files: FileServer;

beforeAll(async () => {
  api = await startTestApi({ WEBHOOKS_RESEAUX_PRIVES: 'on' });
  radicale = await startRadicale();
  files = await startFiles(radicale.certificate);
  outgoing = createOutgoing({ privateNetworks: true, ca: radicale.certificate.cert });
  api.app.outgoing = outgoing;
  ({ client: admin } = await api.newPerson('admin'));
});
afterEach(() => api.db.query('DELETE FROM agendas_externes'));
afterAll(async () => {
  outgoing?.close();
  await files?.stop();
  await radicale?.stop();
  await api?.close();
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday some weeks ahead. */
const MONDAY = weekdayAhead(1, 21);
const on = (days: number) => new Date(Date.parse(MONDAY) + days * DAY).toISOString().slice(0, 10);
const basic = (day: string, time: string) => `${day.replaceAll('-', '')}T${time.replace(':', '')}00`;

const event = (uid: string, lines: string) =>
  ['BEGIN:VEVENT', `UID:${uid}`, 'DTSTAMP:20260901T000000Z', ...lines.trim().split('\n'), 'END:VEVENT'].join(
    '\r\n',
  );
const calendar = (...events: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Ailleurs//FR', ...events, 'END:VCALENDAR', ''].join('\r\n');
const meeting = (uid: string, day: string, from: string, to: string, more = '') =>
  event(uid, `SUMMARY:Secret\nDTSTART:${basic(day, from)}Z\nDTEND:${basic(day, to)}Z\n${more}`);

const context = (): AgendaContext => ({
  db: api.db,
  secrets: api.app.secrets,
  outgoing,
  timeZone: 'UTC',
  mailFrom: 'Maison de l’énergie <rdv@exemple.ma>',
  lire: async (tache) => lireAgenda(tache),
});

/** One round, in which everything is due. */
async function round(): Promise<void> {
  await api.db.query(`UPDATE agendas_externes SET essaye_le = NULL`);
  await rafraichirDus(context(), Date.now() + 30_000);
}

async function add(intervenantId: number, url: string, more: Record<string, unknown> = {}): Promise<number> {
  const { utilisateur, mot_de_passe } = radicale;
  const body = {
    intervenant_id: intervenantId,
    nom: 'Perso',
    genre: 'caldav',
    url,
    utilisateur,
    mot_de_passe,
    ...more,
  };
  const reply = await admin.post('/agendas-externes', body);
  expect([reply.status, reply.body.code]).toEqual([201, undefined]);
  return reply.body.id;
}

const stateOf = async (id: number) => (await admin.get(`/agendas-externes/${id}`)).body;

/** When an agenda keeps its owner busy, from Monday on. */
async function busyIn(id: number): Promise<string[]> {
  const rows: { debut: Date; fin: Date }[] = await api.db.query(
    'SELECT debut, fin FROM occupations_externes WHERE agenda_id = $1 ORDER BY debut',
    [id],
  );
  return rows.map(
    ({ debut, fin }) => `${debut.toISOString().slice(0, 16)} ${fin.toISOString().slice(0, 16)}`,
  );
}
const span = (day: string, from: string, to: string) => `${day}T${from} ${day}T${to}`;

interface FileServer {
  url: string;
  requests: (string | undefined)[];
  /** What is served from now on. */
  serve(status: number, body: string, etag?: string): void;
  stop(): Promise<void>;
}

async function startFiles(certificate: Certificate): Promise<FileServer> {
  let [status, body, etag] = [200, '', undefined as string | undefined];
  const requests: (string | undefined)[] = [];
  const server: Server = createServer(certificate, (request, response) => {
    requests.push(request.headers['if-none-match']);
    const same = etag !== undefined && request.headers['if-none-match'] === etag;
    response.writeHead(same ? 304 : status, etag === undefined ? {} : { etag }).end(same ? '' : body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/agenda.ics`,
    requests,
    serve: (...given) => {
      [status, body, etag] = [given[0], given[1], given[2]];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** An appointment of somebody that stands. */
async function book(intervenants: number[], debut: Date, given: { places?: number; noms?: string[] } = {}) {
  const { places = 1, noms = ['Salma Idrissi'] } = given;
  const prestation = await makePrestation(api.db, { nom: 'Conseil', places });
  const fin = new Date(debut.getTime() + HOUR);
  const [seance] = await api.db.query(
    `INSERT INTO seances (prestation_id, debut, fin, intervenants, places, prises) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [prestation.id, debut, fin, intervenants, places, noms.length],
  );
  const booked: { id: number; uid: string }[] = [];
  for (const nom of noms) {
    const uid = randomUUID();
    const [row] = await api.db.query(
      `INSERT INTO rendez_vous (uid, prestation_id, seance_id, debut, fin, intervenants, user_ids, statut, origine)
       VALUES ($1, $2, $3, $4, $5, $6, '{}', 'confirme', 'public') RETURNING id`,
      [uid, prestation.id, seance.id, debut, fin, intervenants],
    );
    await api.db.query(
      `INSERT INTO participants (rendez_vous_id, rang, nom, langue, fuseau_horaire) VALUES ($1, 1, $2, 'fr', 'UTC')`,
      [row.id, nom],
    );
    booked.push({ id: row.id, uid });
  }
  return { seance: seance.id as number, booked, ...booked[0]! };
}

async function move(seance: number, debut: Date): Promise<void> {
  const fin = new Date(debut.getTime() + HOUR);
  await api.db.query('UPDATE seances SET debut = $2, fin = $3 WHERE id = $1', [seance, debut, fin]);
  await api.db.query(
    `UPDATE rendez_vous SET debut = $2, fin = $3, sequence = sequence + 1, version = version + 1, date_modification = now()
     WHERE seance_id = $1`,
    [seance, debut, fin],
  );
}

async function cancel(seance: number): Promise<void> {
  await api.db.query('UPDATE seances SET prises = 0 WHERE id = $1', [seance]);
  await api.db.query(
    `UPDATE rendez_vous SET statut = 'annule', sequence = sequence + 1, version = version + 1 WHERE seance_id = $1`,
    [seance],
  );
}

const at = (day: string, time: string) => new Date(`${day}T${time}:00Z`);

describe('a calendar by CalDAV', () => {
  it('keeps its owner from being booked when they are busy there, and nothing of it is known but when', async () => {
    const owner = await makeIntervenant(api.db, { fuseau_horaire: 'UTC', horaires: { 1: [[540, 720]] } });
    const { slug } = await makePrestation(api.db, { intervenants: [owner.id] });
    const url = await radicale.calendar();
    await radicale.put(url, 'a.ics', calendar(meeting('a', MONDAY, '09:30', '10:30')));
    const id = await add(owner.id, url);
    const starts = async () => {
      const { body } = await admin.get(
        `/creneaux?prestation=${slug}&debut=${MONDAY}&fin=${MONDAY}&fuseau_horaire=UTC`,
      );
      return (body[MONDAY] ?? []).map(({ debut }: { debut: string }) => debut.slice(11, 16));
    };
    expect(await starts()).toEqual(['09:00', '09:30', '10:00', '10:30', '11:00', '11:30']);
    expect((await stateOf(id)).rafraichi_le).toBeNull();
    await round();
    expect(await starts()).toEqual(['09:00', '10:30', '11:00', '11:30']);
    const state = await stateOf(id);
    expect([state.erreur, Date.now() - Date.parse(state.rafraichi_le) < 30_000]).toEqual([null, true]);
    const kept = await api.db.query('SELECT row_to_json(o)::text AS o FROM occupations_externes o');
    expect(kept[0].o).not.toContain('Secret');
    expect((await admin.patch(`/agendas-externes/${id}`, { actif: false })).status).toBe(200);
    expect(await starts()).toHaveLength(6);
  });

  it('comes again, but for what is left out, and is elsewhere where it was moved', async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    const times = `DTSTART;TZID=Europe/Paris:${basic(MONDAY, '09:00')}\nDURATION:PT1H\n`;
    const series = event(
      's',
      `${times}RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Paris:${basic(on(1), '09:00')}`,
    );
    const moved = event(
      's',
      `RECURRENCE-ID;TZID=Europe/Paris:${basic(on(2), '09:00')}\nDTSTART:${basic(on(2), '15:00')}Z\nDURATION:PT30M`,
    );
    const zone =
      'BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE';
    await radicale.put(url, 's.ics', calendar(zone, series, moved));
    const id = await add(owner.id, url);
    await round();
    const utc = (day: string, hour: number) => {
      const paris = new Date(`${day}T12:00:00Z`).toLocaleString('en', {
        timeZone: 'Europe/Paris',
        hour: 'numeric',
        hour12: false,
      });
      const begin = hour - (Number(paris) - 12);
      return span(day, `0${begin}:00`, `${String(begin + 1).padStart(2, '0')}:00`);
    };
    expect(await busyIn(id)).toEqual([utc(MONDAY, 9), span(on(2), '15:00', '15:30'), utc(on(3), 9)]);
  });

  it('takes the whole days of its owner, and no time of what is transparent or cancelled', async () => {
    const owner = await makeIntervenant(api.db, { fuseau_horaire: 'Asia/Kolkata' });
    const url = await radicale.calendar();
    await radicale.put(
      url,
      'day.ics',
      calendar(event('day', `DTSTART;VALUE=DATE:${MONDAY.replaceAll('-', '')}`)),
    );
    await radicale.put(
      url,
      'free.ics',
      calendar(meeting('free', MONDAY, '09:00', '10:00', 'TRANSP:TRANSPARENT')),
    );
    await radicale.put(
      url,
      'off.ics',
      calendar(meeting('off', MONDAY, '09:00', '10:00', 'STATUS:CANCELLED')),
    );
    const id = await add(owner.id, url);
    await round();
    expect(await busyIn(id)).toEqual([`${on(-1)}T18:30 ${MONDAY}T18:30`]);
  });

  it('is followed by what has changed alone', async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    await radicale.put(url, 'a.ics', calendar(meeting('a', MONDAY, '09:00', '10:00')));
    await radicale.put(url, 'b.ics', calendar(meeting('b', MONDAY, '11:00', '12:00')));
    const id = await add(owner.id, url);
    await round();
    const [{ jeton }] = await api.db.query(
      'SELECT jeton_synchro AS jeton FROM agendas_externes WHERE id = $1',
      [id],
    );
    expect(jeton).toMatch(/^http/);
    // What is not told of again stays: this row of nothing shows that the rest was not read anew.
    await api.db.query(`UPDATE occupations_externes SET uid = '\\x00' WHERE debut = $1`, [
      at(MONDAY, '09:00'),
    ]);
    await radicale.send('DELETE', `${url}b.ics`);
    await radicale.put(url, 'c.ics', calendar(meeting('c', MONDAY, '14:00', '15:00')));
    await round();
    expect(await busyIn(id)).toEqual([span(MONDAY, '09:00', '10:00'), span(MONDAY, '14:00', '15:00')]);
    const [kept] = await api.db.query('SELECT uid FROM occupations_externes ORDER BY debut LIMIT 1');
    expect(kept.uid).toEqual(Buffer.of(0));
    await api.db.query(`UPDATE agendas_externes SET jeton_synchro = 'http://radicale.org/ns/sync/0'`);
    await round();
    expect(await busyIn(id)).toHaveLength(2);
    expect((await stateOf(id)).erreur).toBeNull();
  });

  it('loses nothing by an answer that does not come, is refused, or is none of a calendar', async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    await radicale.put(url, 'a.ics', calendar(meeting('a', MONDAY, '09:00', '10:00')));
    const id = await add(owner.id, url);
    await round();
    const { rafraichi_le } = await stateOf(id);
    const known = [span(MONDAY, '09:00', '10:00')];
    const read = async (changes: Record<string, unknown>) => {
      expect((await admin.patch(`/agendas-externes/${id}`, changes)).status).toBe(200);
      await round();
      const { erreur, rafraichi_le: when } = await stateOf(id);
      expect([when, await busyIn(id)]).toEqual([rafraichi_le, known]);
      return erreur;
    };
    expect(await read({ mot_de_passe: 'faux' })).toBe('identifiants');
    expect(await read({ mot_de_passe: radicale.mot_de_passe, url: `${url}ailleurs/` })).toBe('introuvable');
    expect(await read({ url: files.url })).toBe('reponse');
    expect(await read({ url: 'https://127.0.0.1:9/' })).toBe('connexion');
    expect((await admin.patch(`/agendas-externes/${id}`, { url })).status).toBe(200);
    await round();
    expect([(await stateOf(id)).erreur, await busyIn(id)]).toEqual([null, known]);
  });

  it('names a zone that nobody knows, and still hears of everything else', async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    await radicale.put(url, 'a.ics', calendar(meeting('a', MONDAY, '09:00', '10:00')));
    const strange = `DTSTART;TZID=Mars/Olympus:${basic(MONDAY, '11:00')}\nDURATION:PT1H`;
    await radicale.put(url, 'z.ics', calendar(event('z', strange)));
    const id = await add(owner.id, url);
    await round();
    expect(await stateOf(id)).toMatchObject({
      erreur: 'fuseau_inconnu',
      erreur_detail: 'Mars/Olympus',
      rafraichi_le: null,
    });
    expect(await busyIn(id)).toEqual([span(MONDAY, '09:00', '10:00')]);
  });
});

describe('what is booked', () => {
  const booked = async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    const id = await add(owner.id, url, { ecriture: true });
    return { owner, url, id };
  };

  it('stands in the calendar of who receives, moves with the appointment and leaves with it, and blocks nobody', async () => {
    const { owner, url, id } = await booked();
    const { seance, uid } = await book([owner.id], at(MONDAY, '09:00'));
    await round();
    const name = `rendez-vous-${uid}.ics`;
    expect(await radicale.names(url)).toEqual([name]);
    const read = async () => {
      const { body } = await radicale.send('GET', `${url}${name}`);
      const [one] = expectSound([body]);
      expect(one!.methode).toBe('');
      expect(body.replaceAll('\r\n ', '')).toMatch(
        /ORGANIZER;.*SCHEDULE-AGENT=CLIENT:mailto:rdv@exemple\.ma/,
      );
      return one!.evenements[0]!;
    };
    expect(await read()).toMatchObject({
      uid: `rendez-vous-${uid}`,
      sequence: 0,
      debut: `${MONDAY}T09:00:00+00:00`,
      titre: 'Conseil',
    });
    expect(await busyIn(id)).toEqual([]);

    await move(seance, at(MONDAY, '14:00'));
    await round();
    expect(await read()).toMatchObject({ sequence: 1, debut: `${MONDAY}T14:00:00+00:00` });
    await round();
    expect(await busyIn(id)).toEqual([]);

    await cancel(seance);
    await round();
    expect(await radicale.names(url)).toEqual([]);
    expect(await api.db.query('SELECT 1 FROM evenements_externes')).toEqual([]);
  });

  it('stands there as it was booked, also when its owner edits it at the same time, or removes it', async () => {
    const { owner, url, id } = await booked();
    const { seance, uid } = await book([owner.id], at(MONDAY, '09:00'));
    await round();
    const address = `${url}rendez-vous-${uid}.ics`;
    const { body } = await radicale.send('GET', address);
    // The tag that we know is not that of what stands there any more: 412.
    await radicale.put(url, `rendez-vous-${uid}.ics`, body.replace('SUMMARY:Conseil', 'SUMMARY:Autre chose'));
    await move(seance, at(MONDAY, '14:00'));
    await round();
    const after = (await radicale.send('GET', address)).body;
    expect(after).toContain('SUMMARY:Conseil');
    expect(after).toContain(`DTSTART:${basic(MONDAY, '14:00')}Z`);
    expect((await stateOf(id)).ecritures_en_echec).toBe(0);

    await radicale.send('DELETE', address);
    await move(seance, at(MONDAY, '16:00'));
    await round();
    expect((await radicale.send('GET', address)).body).toContain(`DTSTART:${basic(MONDAY, '16:00')}Z`);

    await radicale.put(url, `rendez-vous-${uid}.ics`, body.replace('SUMMARY:Conseil', 'SUMMARY:Encore'));
    await cancel(seance);
    await round();
    expect(await radicale.names(url)).toEqual([]);
  });

  it('leaves the calendar of who received and goes to that of who does now', async () => {
    const always = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]));
    const person = async () => {
      const owner = await makeIntervenant(api.db, { fuseau_horaire: 'UTC', horaires: always as never });
      const url = await radicale.calendar();
      await add(owner.id, url, { ecriture: true });
      return { id: owner.id, url };
    };
    const [first, second] = [await person(), await person()];
    // What they keep elsewhere is known: nothing waits for it.
    await round();
    const { slug } = await makePrestation(api.db, { intervenants: [first.id, second.id] });
    const soon = new Date(Math.ceil(Date.now() / HOUR) * HOUR + 48 * HOUR).toISOString();
    const { status, body } = await admin.post('/rendez-vous', {
      ...{ prestation: slug, debut: soon, intervenant_id: first.id },
      participants: [{ nom: 'Salma Idrissi', email: 'salma@exemple.ma' }],
    });
    expect(status).toBe(201);
    await round();
    const name = `rendez-vous-${body.uid}.ics`;
    expect([await radicale.names(first.url), await radicale.names(second.url)]).toEqual([[name], []]);
    const given = await admin.put(`/rendez-vous/${body.uid}/reaffecter`, { intervenant_id: second.id });
    expect(given.status).toBe(200);
    await round();
    expect([await radicale.names(first.url), await radicale.names(second.url)]).toEqual([[], [name]]);
    const object = (await radicale.send('GET', `${second.url}${name}`)).body;
    expect(expectSound([object])[0]!.evenements[0]).toMatchObject({ sequence: 1 });
    // Moved to a time at which the other one has to receive again.
    const later = new Date(Date.parse(soon) + 24 * HOUR).toISOString();
    const asked = { debut: later, intervenant_id: first.id };
    expect((await admin.put(`/rendez-vous/${body.uid}/reporter`, asked)).status).toBe(200);
    await round();
    expect([await radicale.names(first.url), await radicale.names(second.url)]).toEqual([[name], []]);
  });

  it('is written once where a round was cut short before it could say that it had', async () => {
    const { owner, url } = await booked();
    const { uid } = await book([owner.id], at(MONDAY, '09:00'));
    await round();
    await api.db.query('UPDATE evenements_externes SET etat = NULL, etag = NULL');
    await round();
    await api.db.query('DELETE FROM evenements_externes');
    await round();
    expect(await radicale.names(url)).toEqual([`rendez-vous-${uid}.ics`]);
    const [row] = await api.db.query('SELECT erreur, etat, etag FROM evenements_externes');
    expect(row).toEqual({ erreur: null, etat: expect.any(String), etag: expect.any(String) });
  });

  it('of a workshop stands there once, with whoever has a seat', async () => {
    const { owner, url, id } = await booked();
    const { seance } = await book([owner.id], at(MONDAY, '09:00'), { places: 5, noms: ['Ada', 'Bilal'] });
    await round();
    expect(await radicale.names(url)).toEqual([`seance-${seance}.ics`]);
    const { body } = await radicale.send('GET', `${url}seance-${seance}.ics`);
    expect(body).toContain('Ada\\, Bilal\\nPlaces prises : 2 sur 5');
    expect(await busyIn(id)).toEqual([]);
  });

  it('leaves a calendar that it is not to be written into any more', async () => {
    const { owner, url, id } = await booked();
    await book([owner.id], at(MONDAY, '09:00'));
    await round();
    expect(await radicale.names(url)).toHaveLength(1);
    expect((await admin.patch(`/agendas-externes/${id}`, { ecriture: false })).status).toBe(200);
    await round();
    expect(await radicale.names(url)).toEqual([]);
  });

  it('that could not be written is said, and written when it can be', async () => {
    const { owner, url, id } = await booked();
    await book([owner.id], at(MONDAY, '09:00'));
    await admin.patch(`/agendas-externes/${id}`, { mot_de_passe: 'faux' });
    await round();
    expect(await stateOf(id)).toMatchObject({ erreur: 'identifiants', ecritures_en_echec: 1 });
    await admin.patch(`/agendas-externes/${id}`, { mot_de_passe: radicale.mot_de_passe });
    await round();
    expect(await stateOf(id)).toMatchObject({ erreur: null, ecritures_en_echec: 0 });
    expect(await radicale.names(url)).toHaveLength(1);
  });
});

describe('a file under an address', () => {
  const own = { genre: 'ics', utilisateur: null, mot_de_passe: null };

  it('is read unless it is the same, loses what it does not hold any more, and nothing when it is no calendar', async () => {
    const owner = await makeIntervenant(api.db);
    files.serve(
      200,
      calendar(meeting('a', MONDAY, '09:00', '10:00'), meeting('b', MONDAY, '11:00', '12:00')),
      '"1"',
    );
    const id = await add(owner.id, files.url, own);
    await round();
    const both = [span(MONDAY, '09:00', '10:00'), span(MONDAY, '11:00', '12:00')];
    expect(await busyIn(id)).toEqual(both);
    await round();
    expect(files.requests.at(-1)).toBe('"1"');
    expect(await busyIn(id)).toEqual(both);

    for (const [status, body, erreur] of [
      [200, '<html>Connexion</html>', 'illisible'],
      [200, '', 'illisible'],
      [200, calendar(meeting('a', MONDAY, '09:00', '10:00')).slice(0, -20), 'illisible'],
      [500, 'x', 'reponse'],
      [302, '', 'reponse'],
    ] as const) {
      files.serve(status, body);
      await round();
      expect([erreur, await busyIn(id), (await stateOf(id)).erreur]).toEqual([erreur, both, erreur]);
    }
    files.serve(200, calendar(meeting('b', MONDAY, '11:00', '12:00')), '"2"');
    await round();
    expect([await busyIn(id), (await stateOf(id)).erreur]).toEqual([[both[1]], null]);
  });

  it('whose rule never comes to a date is given up, and keeps nobody from being read', async () => {
    const lecteur = createLecteur(1_000);
    const never = event('n', `DTSTART:${basic(MONDAY, '09:00')}Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`);
    const tache = (texte: string) => ({
      objets: [{ objet: '', texte }],
      parUid: true,
      zone: 'UTC',
      adresses: [],
      debut: Date.parse(MONDAY),
      fin: Date.parse(MONDAY) + 30 * DAY,
    });
    await expect(lecteur.run(tache(calendar(never)))).rejects.toThrow('too long');
    const read = await lecteur.run(tache(calendar(meeting('a', MONDAY, '09:00', '10:00'))));
    expect(read.objets[0]!.plages).toHaveLength(1);
    lecteur.end();
  });
});

describe('before an appointment is confirmed', () => {
  it('what is older than a minute is read again, and what cannot be read is believed as it was', async () => {
    const owner = await makeIntervenant(api.db);
    const url = await radicale.calendar();
    const id = await add(owner.id, url);
    await round();
    const { id: rendezVous } = await book([owner.id], at(MONDAY, '09:00'));
    await radicale.put(url, 'a.ics', calendar(meeting('a', MONDAY, '09:30', '09:40')));
    expect((await verifierAvantConfirmation(context(), rendezVous)).occupes).toEqual([]);
    await api.db.query(`UPDATE agendas_externes SET rafraichi_le = now() - interval '61 seconds'`);
    const { occupes, age } = await verifierAvantConfirmation(context(), rendezVous);
    expect([occupes, age! < 30]).toEqual([[owner.id], true]);
    await api.db.query(`UPDATE agendas_externes SET rafraichi_le = now() - interval '2 hours'`);
    await admin.patch(`/agendas-externes/${id}`, { mot_de_passe: 'faux' });
    const stale = await verifierAvantConfirmation(context(), rendezVous);
    expect([stale.occupes, stale.age! > 7_000]).toEqual([[owner.id], true]);
  });

  it('what nobody came to read in time is believed as it was, and what has no calendar any more waits for none', async () => {
    const owner = await makeIntervenant(api.db);
    const id = await add(owner.id, await radicale.calendar());
    await api.db.query(
      `INSERT INTO occupations_externes (agenda_id, debut, fin, objet, uid) VALUES ($1, $2, $3, '\\x01', '\\x01')`,
      [id, at(MONDAY, '11:00'), at(MONDAY, '12:00')],
    );
    const pending = async (time: string) => {
      const { id: rendezVous } = await book([owner.id], at(MONDAY, time));
      await api.db.query(
        `UPDATE rendez_vous SET statut = 'a_valider', attente = 'agendas', expire_le = now() + interval '2 minutes' WHERE id = $1`,
        [rendezVous],
      );
      return rendezVous;
    };
    const follow = (rendezVous: number, later: number) =>
      api.db.transaction((tx) => suivreRendezVous(tx, rendezVous, new Date(Date.now() + later)));
    const [free, busy, last] = [await pending('09:00'), await pending('11:00'), await pending('14:00')];
    expect((await follow(free, 0))!.prochain!.attente).toBe('agendas');
    expect((await follow(free, 121_000))!.statut).toBe('confirme');
    expect(await follow(busy, 121_000)).toMatchObject({ statut: 'refuse', sequence: 1, prochain: null });
    await admin.delete(`/agendas-externes/${id}`);
    expect((await follow(last, 0))!.statut).toBe('confirme');
  });
});

describe('what opens a calendar', () => {
  it('is answered to nobody, and is nowhere in the database to be read', async () => {
    const owner = await makeIntervenant(api.db);
    const url = 'https://93.184.216.34/adresse-aussi-secrete/agenda.ics';
    const { body } = await admin.post('/agendas-externes', {
      intervenant_id: owner.id,
      nom: 'Perso',
      genre: 'caldav',
      url,
      utilisateur: 'nadia',
      mot_de_passe: 'mot-tres-secret',
    });
    expect(body.hote).toBe('93.184.216.34');
    expect(JSON.stringify(body)).not.toContain('secret');
    await admin.patch(`/agendas-externes/${body.id}`, { mot_de_passe: 'autre-mot-secret', nom: 'Autre' });
    expect(JSON.stringify((await admin.get('/agendas-externes')).body)).not.toContain('secret');
    for (const table of ['agendas_externes', 'historique', 'idempotence', 'evenements']) {
      for (const word of ['mot-tres-secret', 'autre-mot-secret', 'adresse-aussi-secrete']) {
        const found = await api.db.query(`SELECT 1 FROM ${table} r WHERE r::text LIKE $1`, [`%${word}%`]);
        expect([table, word, found]).toEqual([table, word, []]);
      }
    }
  });

  it('makes sense, or is refused field by field', async () => {
    const owner = await makeIntervenant(api.db);
    const refused = async (more: Record<string, unknown>) => {
      const { status, body } = await admin.post('/agendas-externes', {
        intervenant_id: owner.id,
        nom: 'Perso',
        genre: 'ics',
        url: 'https://93.184.216.34/a.ics',
        ...more,
      });
      return [status, body.erreurs?.[0].champ];
    };
    expect(await refused({ genre: 'caldav' })).toEqual([422, 'utilisateur']);
    expect(await refused({ utilisateur: 'nadia' })).toEqual([422, 'mot_de_passe']);
    expect(await refused({ ecriture: true })).toEqual([422, 'ecriture']);
    expect(await refused({ url: 'http://93.184.216.34/a.ics' })).toEqual([422, 'url']);
    expect(await refused({ url: 'https://nadia:mot@93.184.216.34/a.ics' })).toEqual([422, 'url']);
    expect(await refused({ intervenant_id: 2_000_000_000 })).toEqual([422, 'intervenant_id']);
    expect(await refused({ url: 'webcal://93.184.216.34/a.ics' })).toEqual([201, undefined]);
    const written = { genre: 'caldav', utilisateur: 'n', mot_de_passe: 'm', ecriture: true };
    expect(await refused(written)).toEqual([201, undefined]);
    expect(await refused(written)).toEqual([422, 'ecriture']);
    for (let count = 2; count < 10; count++) expect((await refused({}))[0]).toBe(201);
    expect((await refused({}))[0]).toBe(409);
  });
});
