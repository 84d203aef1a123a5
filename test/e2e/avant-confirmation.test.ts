import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Intervenant } from '../../src/db/rendez-vous/intervenants';
import type { Prestation } from '../../src/db/rendez-vous/prestations';
import type { Client } from '../support/client';
import { makeIntervenant, makePrestation } from '../support/factories';
import { type Radicale, startRadicale } from '../support/radicale';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** What calendars elsewhere say between a booking and its confirmation, with everything running. */

let radicale: Radicale;
let system: TestSystem;
let admin: Client;
let other: Client;

beforeAll(async () => {
  radicale = await startRadicale();
  system = await startTestSystem({
    WEBHOOKS_RESEAUX_PRIVES: 'on',
    WEBHOOKS_CA: radicale.certificate.cert,
    RDV_PREUVE_BITS: '0',
  });
  ({ client: admin } = await system.newPerson('admin'));
  ({ client: other } = await system.newPerson('admin'));
});
afterAll(async () => {
  await system?.close();
  await radicale?.stop();
});

const DAY = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
const DAYTIME = [[480, 1_080]] as const;
const ALWAYS = { 1: DAYTIME, 2: DAYTIME, 3: DAYTIME, 4: DAYTIME, 5: DAYTIME, 6: DAYTIME, 7: DAYTIME };
const at = (time: string) => `${DAY}T${time}:00.000Z`;

/** Somebody who keeps a calendar on Radicale, which was last read when somebody says. */
async function somebody(lu: 'jamais' | 'maintenant' | 'avant') {
  const person = await makeIntervenant(system.db, { fuseau_horaire: 'UTC', pays: 'ZZ', horaires: ALWAYS });
  const url = await radicale.calendar();
  const { utilisateur, mot_de_passe } = radicale;
  const access = { url, utilisateur, mot_de_passe };
  const agenda = await keep(person, access, lu);
  return { person, url, agenda };
}

async function keep(person: Intervenant, access: object, lu: 'jamais' | 'maintenant' | 'avant') {
  const made = await admin.post('/agendas-externes', {
    ...{ intervenant_id: person.id, nom: 'Perso', genre: 'caldav' },
    ...access,
  });
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  // No round of the engine comes in between: what is read here is read for a booking.
  await system.db.query(
    `UPDATE agendas_externes SET essaye_le = now(), complet_le = $2, rafraichi_le = $2 WHERE id = $1`,
    [made.body.id, { jamais: null, maintenant: new Date(), avant: new Date(Date.now() - 90_000) }[lu]],
  );
  return made.body.id as number;
}

const busy = (url: string, from: string, to: string) => {
  const written = (time: string) => `${DAY.replaceAll('-', '')}T${time.replace(':', '')}00Z`;
  return radicale.put(
    url,
    'a.ics',
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260901T000000Z\r\nSUMMARY:Dentiste\r\n` +
      `DTSTART:${written(from)}\r\nDTEND:${written(to)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  );
};

const offer = (people: Intervenant[], given: Partial<Prestation> = {}) =>
  makePrestation(system.db, { ...given, intervenants: people.map(({ id }) => id) });

const wish = ({ slug }: Prestation, time: string, more: object = {}) => ({
  ...{ prestation: slug, debut: at(time) },
  participants: [{ nom: 'Amal Idrissi', email: 'amal@example.com' }],
  ...more,
});

async function book(prestation: Prestation, time: string, more: object = {}) {
  const { status, body } = await admin.post('/rendez-vous', wish(prestation, time, more));
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
}

/** How it stands once it waits for nothing more. */
const settled = async ({ uid }: { uid: string }) =>
  eventually(
    async () => (await admin.get(`/rendez-vous/${uid}`)).body,
    ({ attente }) => attente === null,
  );

/** What those who come have been told, in order. */
const told = async ({ id }: { id: number }): Promise<string[]> =>
  (
    await system.db.query(
      `SELECT m.modele FROM messages m JOIN participants p ON p.id = m.participant_id
       WHERE p.rendez_vous_id = $1 ORDER BY m.id`,
      [id],
    )
  ).map(({ modele }: { modele: string }) => modele);

const startsOf = async ({ slug }: Prestation): Promise<string[]> => {
  const { body } = await admin.get(`/creneaux?prestation=${slug}&debut=${DAY}&fin=${DAY}&fuseau_horaire=UTC`);
  return (body[DAY] ?? []).map(({ debut }: { debut: string }) => debut.slice(11, 16));
};

it('confirms at once what is known well enough, and otherwise as soon as the calendar has been read again', async () => {
  const known = await somebody('maintenant');
  const first = await book(await offer([known.person]), '09:00');
  expect([first.statut, first.attente, first.expire_le]).toEqual(['confirme', null, null]);
  const unknown = await somebody('jamais');
  const prestation = await offer([unknown.person]);
  const booked = await book(prestation, '09:00');
  expect([booked.statut, booked.attente, await told(booked)]).toEqual(['a_valider', 'agendas', []]);
  // It is taken meanwhile, and not moved.
  expect(await startsOf(prestation)).not.toContain('09:00');
  expect((await admin.put(`/rendez-vous/${booked.uid}/reporter`, { debut: at('10:00') })).status).toBe(409);
  const after = await settled(booked);
  expect([after.statut, after.sequence, after.expire_le]).toEqual(['confirme', 0, null]);
  expect(await told(booked)).toEqual(['rdv_confirme']);
  const agenda = (await admin.get(`/agendas-externes/${unknown.agenda}`)).body;
  expect([agenda.erreur, Date.now() - Date.parse(agenda.rafraichi_le) < 30_000]).toEqual([null, true]);
  const lines = (await admin.get(`/rendez-vous/${booked.uid}/historique`)).body;
  expect(lines.map(({ action, source }: { action: string; source: string }) => [action, source])).toEqual([
    ['verification', 'membre'],
    ['confirmation', 'systeme'],
  ]);
});

it('gives back a time that was entered elsewhere a moment before, and says so', async () => {
  const { person, url } = await somebody('avant');
  const prestation = await offer([person]);
  await busy(url, '09:15', '09:45');
  expect(await startsOf(prestation)).toContain('09:00');
  const reply = await other.post('/public/rendez-vous', wish(prestation, '09:00'));
  expect([reply.status, reply.body.statut, reply.body.attente]).toEqual([201, 'a_valider', 'agendas']);
  const page = async () => {
    const shown = await fetch(reply.body.gestion.replace(system.config.publicUrl, system.baseUrl));
    return [shown.status, shown.headers.get('refresh'), await shown.text()] as const;
  };
  const waiting = await page();
  const after = await settled(reply.body);
  // Read before or after it was settled: the page says which.
  if (waiting[1] !== null) expect(waiting).toEqual([200, '3', expect.stringContaining('Encore un instant')]);
  expect(await page()).toEqual([200, null, expect.stringContaining('Ce créneau vient d’être pris.')]);
  expect([after.statut, after.annule_par, after.motif_annulation]).toEqual(['refuse', 'systeme', null]);
  expect(await told(after)).toEqual(['rdv_indisponible']);
  const shown = await other.get(`/public/gestion/${reply.body.jeton}`);
  expect([shown.status, shown.body.statut, shown.body.actes]).toEqual([200, 'refuse', []]);
  const starts = await startsOf(prestation);
  expect(starts).not.toContain('09:00');
  expect(starts).toContain('10:00');
  const { entrees } = (
    await admin.get(`/agenda?vue=jour&date=${DAY}&fuseau_horaire=UTC&intervenants=${person.id}`)
  ).body;
  expect(entrees).toMatchObject([
    { genre: 'externe', debut: `${DAY}T09:15:00+00:00`, agenda: { nom: 'Perso' } },
  ]);
  expect(JSON.stringify(entrees)).not.toContain('Dentiste');
  // Whoever receives was told of nothing: there was nothing.
  expect(
    await system.db.query(`SELECT 1 FROM messages WHERE sujet = $1 AND destinataire_id IS NOT NULL`, [
      `rendez_vous:${after.id}`,
    ]),
  ).toEqual([]);
});

it('offers the time that it gives back to who waits for one', async () => {
  const { person, url } = await somebody('avant');
  const hours = Object.fromEntries(Object.keys(ALWAYS).map((day) => [day, [[540, 600]]]));
  await system.db.query('UPDATE intervenants SET horaires = $2 WHERE id = $1', [
    person.id,
    JSON.stringify(hours),
  ]);
  const prestation = await offer([person], { durees: [60, 30], liste_attente: true });
  await busy(url, '09:30', '10:00');
  const booked = await book(prestation, '09:00');
  const waits = await admin.post('/listes-attente', {
    ...{ prestation: prestation.slug, date_debut: DAY, date_fin: DAY, duree: 30 },
    participants: [{ nom: 'Nora', email: 'nora@example.com' }],
  });
  expect([waits.status, waits.body.statut]).toEqual([201, 'en_attente']);
  expect((await settled(booked)).statut).toBe('refuse');
  // In the same transaction: no round of the engine comes in between.
  const offered = (await admin.get(`/listes-attente/${waits.body.id}`)).body;
  expect([offered.statut, Date.parse(offered.offre?.debut)]).toEqual(['proposee', Date.parse(at('09:00'))]);
});

it('has somebody else receive where people take turns, whose calendar is read too', async () => {
  const [first, second, third] = [await somebody('avant'), await somebody('avant'), await somebody('avant')];
  const prestation = await offer([first.person, second.person, third.person], { mode: 'tour_de_role' });
  await busy(first.url, '09:00', '10:00');
  await busy(second.url, '09:00', '10:00');
  const booked = await book(prestation, '09:00');
  expect([booked.attente, booked.intervenants]).toEqual(['agendas', [first.person.id]]);
  const after = await settled(booked);
  expect([after.statut, after.sequence, after.intervenants]).toEqual(['confirme', 0, [third.person.id]]);
  expect(after.raison_affectation.id).toBe(third.person.id);
  expect(await told(after)).toEqual(['rdv_confirme']);
  const seances = await system.db.query(
    'SELECT intervenants FROM seances WHERE prestation_id = $1 AND prises > 0',
    [prestation.id],
  );
  expect(seances).toEqual([{ intervenants: [third.person.id] }]);
  const all = await book(prestation, '11:00');
  for (const { url } of [first, second, third]) await busy(url, '11:00', '12:00');
  await system.db.query(`UPDATE agendas_externes SET rafraichi_le = now() - interval '90 seconds'`);
  const none = await book(prestation, '11:30');
  expect((await settled(none)).statut).toBe('refuse');
  expect((await settled(all)).statut).toBe('confirme');
});

it('reads while a time is held, so that the form is answered at once', async () => {
  const { person, url, agenda } = await somebody('avant');
  const prestation = await offer([person]);
  const hold = async (time: string): Promise<string> => {
    const { status, body } = await admin.post('/retenues', { prestation: prestation.slug, debut: at(time) });
    expect([status, Object.keys(body)]).toEqual([201, ['uid', 'expire_le']]);
    return body.uid;
  };
  const read = async () => Date.parse((await admin.get(`/agendas-externes/${agenda}`)).body.rafraichi_le);
  const before = await read();
  const retenue = await hold('09:00');
  await eventually(read, (when) => when > before);
  const booked = await book(prestation, '09:00', { retenue });
  expect([booked.statut, booked.uid]).toEqual(['confirme', retenue]);

  await system.db.query(
    `UPDATE agendas_externes SET rafraichi_le = now() - interval '90 seconds' WHERE id = $1`,
    [agenda],
  );
  await busy(url, '11:00', '12:00');
  const lost = await hold('11:00');
  await eventually(
    () => system.db.query('SELECT 1 FROM rendez_vous WHERE uid = $1', [lost]),
    (rows) => rows.length === 0,
  );
  const refused = await admin.post('/rendez-vous', wish(prestation, '11:00', { retenue: lost }));
  expect([refused.status, refused.body.code]).toEqual([409, 'RETENUE_EXPIREE']);
  expect(refused.body.alternatives[0].debut).toBe(`${DAY}T12:00:00+00:00`);

  // Known from elsewhere by the time the form is sent: nothing is promised, and what else is free is said.
  const held = await hold('15:00');
  await system.db.query(
    `INSERT INTO occupations_externes (agenda_id, debut, fin, objet, uid) VALUES ($1, $2, $3, '\\x01', '\\x01')`,
    [agenda, at('15:00'), at('15:30')],
  );
  const taken = await admin.post('/rendez-vous', wish(prestation, '15:00', { retenue: held }));
  expect([taken.status, taken.body.code]).toEqual([409, 'CRENEAU_PRIS']);
});

it('has nobody who asks wait for a calendar, and believes one that cannot be read as it was', async () => {
  const slow = await startSlow();
  const [held, broken] = [await somebody('maintenant'), await somebody('avant')];
  await keep(held.person, { url: slow.url, genre: 'ics' }, 'jamais');
  const waited = await book(await offer([held.person]), '09:00');
  expect(waited.attente).toBe('agendas');
  const asked = await slow.asked;
  expect((await admin.get(`/rendez-vous/${waited.uid}`)).body.attente).toBe('agendas');
  asked.writeHead(500).end();
  expect((await settled(waited)).statut).toBe('confirme');
  await slow.stop();

  await admin.patch(`/agendas-externes/${broken.agenda}`, { mot_de_passe: 'faux' });
  const unread = await settled(await book(await offer([broken.person]), '09:00'));
  expect([unread.statut, (await admin.get(`/agendas-externes/${broken.agenda}`)).body.erreur]).toEqual([
    'confirme',
    'identifiants',
  ]);
});

it('leaves the answer to somebody of the house who gives it meanwhile, and those of a workshop together', async () => {
  const slow = await startSlow();
  const person = await makeIntervenant(system.db, { fuseau_horaire: 'UTC', pays: 'ZZ', horaires: ALWAYS });
  await keep(person, { url: slow.url, genre: 'ics' }, 'jamais');
  const prestation = await offer([person]);
  const [refused, confirmed] = [await book(prestation, '09:00'), await book(prestation, '10:00')];
  await slow.asked;
  expect((await admin.put(`/rendez-vous/${refused.uid}/refuser`, {})).body.statut).toBe('refuse');
  expect((await admin.put(`/rendez-vous/${confirmed.uid}/confirmer`, {})).body.statut).toBe('confirme');
  const workshop = await offer([person], { places: 3 });
  const [opens, joins] = [await book(workshop, '14:00'), await book(workshop, '14:00')];
  expect([opens.attente, joins.attente]).toEqual(['agendas', 'agendas']);
  await slow.stop();
  expect([(await settled(opens)).statut, (await settled(joins)).statut]).toEqual(['confirme', 'confirme']);
  const late = await book(workshop, '14:00');
  expect([late.attente, late.statut]).toEqual([null, 'confirme']);
  expect(await told(refused)).toEqual(['rdv_refuse']);
  expect(await told(confirmed)).toEqual(['rdv_confirme']);
});

/** A calendar of a server that does not answer by itself. */
async function startSlow() {
  let ask: (response: ServerResponse) => void = () => {};
  const asked = new Promise<ServerResponse>((resolve) => {
    ask = resolve;
  });
  const server: Server = createServer(radicale.certificate, (_, response) => ask(response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/agenda.ics`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
