import { randomUUID } from 'node:crypto';
import { startTestApi, type TestApi } from '../support/api';
import { expectSound } from '../support/calendar-readers';
import { makeIntervenant, makePrestation, makeSalle, makeSite, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const inDays = (days: number) => new Date(Math.floor(Date.now() / HOUR) * HOUR + days * DAY);

interface Booked {
  prestation: number;
  intervenants: number[];
  salles?: number[];
  debut: Date;
  statut?: string;
  places?: number;
  sequence?: number;
  noms?: string[];
}

/** A seance and the appointments of those who come to it, each with one seat. */
async function book({ prestation, intervenants, salles = [], debut, ...given }: Booked) {
  const { statut = 'confirme', places = 1, sequence = 0, noms = ['Salma Idrissi'] } = given;
  const fin = new Date(debut.getTime() + HOUR);
  const stands = !['annule', 'refuse', 'expire'].includes(statut);
  const [seance] = await api.db.query(
    `INSERT INTO seances (prestation_id, debut, fin, intervenants, salles, places, prises)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [prestation, debut, fin, intervenants, salles, places, stands ? noms.length : 0],
  );
  const uids: string[] = [];
  for (const nom of noms) {
    const uid = randomUUID();
    const [row] = await api.db.query(
      `INSERT INTO rendez_vous (uid, prestation_id, seance_id, debut, fin, intervenants, salles, user_ids, statut, sequence, origine)
       VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', $8, $9, 'public') RETURNING id`,
      [uid, prestation, seance.id, debut, fin, intervenants, salles, statut, sequence],
    );
    await api.db.query(
      `INSERT INTO participants (rendez_vous_id, rang, nom, langue, fuseau_horaire) VALUES ($1, 1, $2, 'fr', 'UTC')`,
      [row.id, nom],
    );
    uids.push(uid);
  }
  return { seance: seance.id as number, uids };
}

async function addressOf(kind: 'intervenants' | 'salles', id: number): Promise<string> {
  const admin = (await api.newPerson('admin')).client;
  const { status, body } = await admin.post(`/${kind}/${id}/agenda`);
  expect(status).toBe(201);
  return body.url;
}

const pathOf = (url: string) => url.slice(url.indexOf('/agendas/'));

async function fetchAgenda(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${api.baseUrl}/api/v1${pathOf(url)}`, { headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function eventsOf(url: string) {
  const { status, text } = await fetchAgenda(url);
  expect(status).toBe(200);
  const [read] = expectSound([text]);
  expect(read!.methode).toBe('PUBLISH');
  return { text, events: read!.evenements };
}

describe('the calendar of who receives', () => {
  it('holds what stands, under the UID of the invitations, with who comes, and says how often to come back', async () => {
    const intervenant = await makeIntervenant(api.db, { nom_public: 'Nadia B.' });
    const prestation = await makePrestation(api.db, { nom: 'Conseil en énergie' });
    const salle = await makeSalle(api.db, { nom: 'Atlas' });
    const given = { prestation: prestation.id, intervenants: [intervenant.id], salles: [salle.id] };
    const { uids } = await book({ ...given, debut: inDays(2), sequence: 3 });
    await book({ ...given, debut: inDays(3), statut: 'a_valider', noms: ['Omar'] });
    for (const [day, statut] of ['annule', 'refuse', 'expire', 'retenu'].entries())
      await book({ ...given, debut: inDays(4 + day), statut });
    const { text, events } = await eventsOf(await addressOf('intervenants', intervenant.id));
    expect(events).toEqual([
      {
        uid: `rendez-vous-${uids[0]}`,
        sequence: 3,
        debut: inDays(2).toISOString().replace('.000Z', '+00:00'),
        fin: new Date(inDays(2).getTime() + HOUR).toISOString().replace('.000Z', '+00:00'),
        statut: 'CONFIRMED',
        titre: 'Conseil en énergie',
        organisateur: '',
        participants: [],
      },
      expect.objectContaining({ statut: 'TENTATIVE', titre: 'Conseil en énergie (à valider)' }),
    ]);
    expect(text).toContain('DESCRIPTION:Avec : Salma Idrissi');
    expect(text).toContain('LOCATION:Atlas');
    expect(text).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT15M');
    expect(text).toContain('Rendez-vous : Nadia B.');
  });

  it('shows a workshop once, with whoever has a seat', async () => {
    const intervenant = await makeIntervenant(api.db);
    const prestation = await makePrestation(api.db, { places: 8 });
    const { seance } = await book({
      prestation: prestation.id,
      intervenants: [intervenant.id],
      debut: inDays(1),
      places: 8,
      noms: ['Ada', 'Bilal', 'Chadia'],
    });
    const { text, events } = await eventsOf(await addressOf('intervenants', intervenant.id));
    expect(events.map(({ uid }) => uid)).toEqual([`seance-${seance}`]);
    const unfolded = text.replaceAll('\r\n ', '');
    expect(unfolded).toContain('Avec : Ada\\, Bilal\\, Chadia\\nPlaces prises : 3 sur 8');
  });

  it('loses what is cancelled, and knows nothing of those of others', async () => {
    const [own, other] = [await makeIntervenant(api.db), await makeIntervenant(api.db)];
    const prestation = await makePrestation(api.db);
    const { seance } = await book({ prestation: prestation.id, intervenants: [own.id], debut: inDays(2) });
    await book({ prestation: prestation.id, intervenants: [other.id], debut: inDays(2) });
    const url = await addressOf('intervenants', own.id);
    const before = await fetchAgenda(url);
    expect((await eventsOf(url)).events).toHaveLength(1);
    const etag = before.headers.get('etag')!;
    expect((await fetchAgenda(url, { 'If-None-Match': etag })).status).toBe(304);
    await api.db.query('UPDATE seances SET prises = 0 WHERE id = $1', [seance]);
    await api.db.query(`UPDATE rendez_vous SET statut = 'annule' WHERE seance_id = $1`, [seance]);
    expect((await fetchAgenda(url, { 'If-None-Match': etag })).status).toBe(200);
    expect((await fetchAgenda(url)).text).not.toContain('BEGIN:VEVENT');
  });

  it('takes two statements, however much it holds', async () => {
    const intervenant = await makeIntervenant(api.db);
    const prestation = await makePrestation(api.db);
    const url = await addressOf('intervenants', intervenant.id);
    const statements = async () => (await statementsDuring(() => fetchAgenda(url))).length;
    expect(await statements()).toBe(2);
    for (const day of [1, 2, 3])
      await book({ prestation: prestation.id, intervenants: [intervenant.id], debut: inDays(day) });
    expect(await statements()).toBe(2);
  });
});

describe('the calendar of a room', () => {
  it('says who receives in it, and not who comes', async () => {
    const site = await makeSite(api.db, { nom: 'Rabat', adresse: '12 rue des Orangers' });
    const salle = await makeSalle(api.db, { nom: 'Toubkal', site_id: site.id });
    const intervenant = await makeIntervenant(api.db, { nom_public: 'Nadia B.' });
    const prestation = await makePrestation(api.db, { lieu: { type: 'salle' } });
    await book({
      prestation: prestation.id,
      intervenants: [intervenant.id],
      salles: [salle.id],
      debut: inDays(1),
      noms: ['Salma Secret'],
    });
    const { text, events } = await eventsOf(await addressOf('salles', salle.id));
    expect(events).toHaveLength(1);
    expect(text).toContain('Nadia B.');
    expect(text).not.toContain('Secret');
    expect(text.replaceAll('\r\n ', '')).toContain('LOCATION:Toubkal\\, Rabat\\, 12 rue des Orangers');
  });
});

describe('the address of a calendar', () => {
  it('opens one calendar, until another takes its place, it is ended, or its owner leaves for good', async () => {
    const technicien = await makeTechnicien(api.db);
    const intervenant = await makeIntervenant(api.db, { user_id: technicien.user_id });
    const own = await api.as(technicien.user);
    const admin = (await api.newPerson('admin')).client;
    const make = async () => (await own.post(`/intervenants/${intervenant.id}/agenda`)).body.url as string;
    const status = async (url: string) => (await fetchAgenda(url)).status;
    const first = await make();
    expect(await status(first)).toBe(200);
    const second = await make();
    expect([await status(first), await status(second)]).toEqual([404, 200]);
    expect((await own.delete(`/intervenants/${intervenant.id}/agenda`)).status).toBe(204);
    expect((await own.delete(`/intervenants/${intervenant.id}/agenda`)).status).toBe(204);
    expect(await status(second)).toBe(404);

    const third = await make();
    await admin.patch(`/users/${technicien.user_id}`, { is_active: false });
    expect(await status(third)).toBe(404);
    await admin.patch(`/users/${technicien.user_id}`, { is_active: true });
    expect(await status(third)).toBe(404);

    const room = await makeSalle(api.db);
    const door = await addressOf('salles', room.id);
    expect(await status(door)).toBe(200);
    await admin.patch(`/salles/${room.id}`, { actif: false });
    expect(await status(door)).toBe(404);
  });

  it('is 256 bits that nobody can read again, neither in the database nor in the history', async () => {
    const salle = await makeSalle(api.db);
    const url = await addressOf('salles', salle.id);
    const jeton = pathOf(url).slice('/agendas/'.length, -'.ics'.length);
    expect(Buffer.from(jeton, 'base64url')).toHaveLength(32);
    for (const table of ['agendas', 'historique', 'idempotence']) {
      const found = await api.db.query(`SELECT 1 FROM ${table} r WHERE r::text LIKE $1`, [`%${jeton}%`]);
      expect([table, found]).toEqual([table, []]);
    }
    const told = await api.db.query(
      `SELECT action FROM historique WHERE entite = 'salle' AND entite_id = $1 ORDER BY id`,
      [salle.id],
    );
    expect(told).toEqual([{ action: 'ouverture_agenda' }]);
    const wrong = await fetchAgenda(`/agendas/${'x'.repeat(43)}.ics`);
    expect(wrong.status).toBe(404);
  });

  it('is made by no machine', async () => {
    const salle = await makeSalle(api.db);
    const { client } = await api.newPerson('admin');
    const { cle } = (await client.post('/cles-api', { nom: 'Agenda', role: 'admin' })).body;
    const asked = await api.anonymous.post(
      `/salles/${salle.id}/agenda`,
      {},
      { authorization: `Bearer ${cle}` },
    );
    expect(asked.status).toBe(403);
  });
});
