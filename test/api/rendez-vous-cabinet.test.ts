import { startTestApi, type TestApi } from '../support/api';
import {
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  prise,
  receive,
  type TestAgenda,
} from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { statementsDuring } from '../support/queries';

/** Appointments of practices, as those who work there book and move them. */

let api: TestApi;
let admin: Client;
let agenda: TestAgenda;
let desk: Client;
let doctor: Client;
let patientId: number;

beforeAll(async () => {
  api = await startTestApi();
  const { tokens } = api.app;
  // Tokens are of the real day, whichever day it is made to be.
  api.app.tokens = { ...tokens, verify: (token) => tokens.verify(token, new Date()) };
  admin = (await api.newPerson('admin')).client;
  agenda = await makeAgenda(api, admin);
  desk = agenda.people.secretaire.client;
  doctor = agenda.people.medecin.client;
  patientId = (await makePatient(desk)).id;
});
afterAll(() => api.close());
afterEach(() => {
  api.app.clock = () => new Date();
});

/** Each test has a day of its own: the last of the month in two months' time, and those of the month after it. */
const ahead = new Date(Date.now() + 60 * 86_400_000);
let day = 0;
const nextDay = () => new Date(Date.UTC(ahead.getUTCFullYear(), ahead.getUTCMonth() + 1, day++));
const at = (base: Date, hour: number, minutes = 0) =>
  new Date(base.getTime() + (hour * 60 + minutes) * 60_000);
/** Has it be another moment for those who ask. */
const pretend = (now: Date) => {
  api.app.clock = () => now;
};

const url = (rest: string) => `/cabinets/${agenda.id}/${rest}`;
const book = (debut: Date, given: object = {}, by = desk) =>
  by.post(url('rendez-vous'), prise(agenda, debut, { patient_id: patientId, ...given }));
const act = (uid: string, acte: string, body?: object, by = desk): Promise<Reply> =>
  by.put(url(`rendez-vous/${uid}/${acte}`), body);
const made = (debut: Date, given: object = {}) =>
  makeRendezVousCabinet(desk, agenda, debut, { patient_id: patientId, ...given });

describe('booking', () => {
  it('names patient, doctor and kind, and takes the time in the one table of everybody’s time', async () => {
    const debut = at(nextDay(), 9);
    const { status, body } = await book(debut);
    expect([status, body.statut, body.surnombre, body.prestation.libelle]).toEqual([
      201,
      'confirme',
      false,
      'Suivi de grossesse',
    ]);
    expect(body.patient).toMatchObject({
      id: patientId,
      nom_naissance: 'Benali',
      date_naissance: '1962-03-14',
    });
    expect(body.praticien.id).toBe(agenda.praticien);
    const taken = await api.database.owner.query(
      `SELECT o.debut, o.exclusive FROM occupations o JOIN seances s ON s.id = o.seance_id
       JOIN rendez_vous b ON b.seance_id = s.id WHERE b.uid = $1`,
      [body.uid],
    );
    expect(taken).toEqual([{ debut, exclusive: true }]);
    const free = await desk.get(
      url(`creneaux?prestation=${agenda.prestation}&debut=${dayOf(debut)}&fin=${dayOf(debut)}`),
    );
    const starts = free.body[dayOf(debut)].map((one: { debut: string }) => Date.parse(one.debut));
    expect(starts).toContain(at(debut, 1).getTime());
    expect(starts).not.toContain(debut.getTime());
  });

  it('enters somebody new with it, or nobody when the time is taken', async () => {
    const debut = at(nextDay(), 9);
    const nouveau_patient = { nom_naissance: 'Canari', prenoms: 'Neuf', sexe: 'M', date_naissance: '1990' };
    const ask = () => book(debut, { patient_id: undefined, nouveau_patient });
    const first = await ask();
    expect([first.status, first.body.patient.nom_naissance]).toEqual([201, 'Canari']);
    const second = await ask();
    expect([second.status, second.body.code]).toEqual([409, 'CRENEAU_PRIS']);
    expect(second.body.alternatives).toHaveLength(3);
    const known = await desk.post('/patients/recherche', { q: 'canari neuf' });
    expect(known.body).toHaveLength(1);
  });

  it('refuses what is no patient, doctor or kind of this practice, and says which', async () => {
    const other = await makeAgenda(api, admin);
    const theirs = (await makePatient(other.people.secretaire.client)).id;
    const debut = at(nextDay(), 9);
    const champ = async (given: object) => {
      const { status, body } = await book(debut, given);
      return [status, body.erreurs?.[0]?.champ];
    };
    expect(await champ({ patient_id: theirs })).toEqual([422, 'patient_id']);
    expect(await champ({ praticien_id: other.praticien })).toEqual([422, 'praticien_id']);
    expect(await champ({ prestation: other.prestation })).toEqual([422, 'prestation']);
    expect(await champ({ patient_id: undefined })).toEqual([422, 'patient_id']);
  });

  it('is answered once under a key: who asks again is shown it as it is by then', async () => {
    const debut = at(nextDay(), 9);
    const key = { 'Idempotency-Key': `prise-${Date.now()}` };
    const body = prise(agenda, debut, { patient_id: patientId });
    const first = await desk.post(url('rendez-vous'), body, key);
    await act(first.body.uid, 'annuler');
    const again = await desk.post(url('rendez-vous'), body, key);
    expect([again.status, again.body.uid, again.body.statut]).toEqual([201, first.body.uid, 'annule']);
  });

  it('makes the doctor one of those who treat the patient', async () => {
    const { id } = await makePatient(desk, { partage_cabinet: false });
    await made(at(nextDay(), 9), { patient_id: id });
    const rows = await api.database.owner.query(
      'SELECT user_id FROM medical.soignants_patient WHERE patient_id = $1',
      [id],
    );
    expect(rows).toEqual([{ user_id: agenda.people.medecin.user.id }]);
  });
});

describe('twenty at one moment', () => {
  it('for one time: exactly one has it, and nothing is left of the others', async () => {
    const debut = at(nextDay(), 9);
    const replies = await Promise.all(Array.from({ length: 20 }, () => book(debut)));
    const lost = replies.filter(({ status }) => status !== 201);
    expect(lost).toHaveLength(19);
    expect(new Set(lost.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['409 CRENEAU_PRIS']),
    );
    const [{ ours, engine }] = await api.database.owner.query(
      `SELECT (SELECT count(*)::integer FROM medical.rendez_vous_patients WHERE debut = $1 AND cabinet_id = $2) AS ours,
              (SELECT count(*)::integer FROM rendez_vous WHERE debut = $1) AS engine`,
      [debut, agenda.id],
    );
    expect([ours, engine]).toEqual([1, 1]);
  });

  it('beside it, once that is said: all of them', async () => {
    const debut = at(nextDay(), 9);
    await made(debut);
    const replies = await Promise.all(Array.from({ length: 20 }, () => book(debut, { surnombre: true })));
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.surnombre}`))).toEqual(
      new Set(['201 true']),
    );
  });
});

describe('one beside another', () => {
  it('is never silent, keeps nobody from the time, and is none where the time is free', async () => {
    const debut = at(nextDay(), 9);
    expect((await made(debut, { surnombre: true })).surnombre).toBe(false);
    expect((await book(debut)).body.code).toBe('CRENEAU_PRIS');
    const beside = await made(debut, { surnombre: true });
    expect(beside.surnombre).toBe(true);
    // Also where no slot begins, as long as it lies over one that is taken.
    expect((await made(at(debut, 0, 10), { surnombre: true })).surnombre).toBe(true);
    expect((await book(at(debut, 1, 10), { surnombre: true })).body.code).toBe('HORS_DISPONIBILITE');
    const first = (await desk.get(url(`agenda?date=${dayOf(debut)}`))).body.rendez_vous;
    await act(first.find((one: { surnombre: boolean }) => !one.surnombre).uid, 'annuler');
    expect((await book(debut)).status).toBe(201);
  });

  it('goes beside appointments of the practice alone: not into an absence, nor what another practice booked', async () => {
    const base = nextDay();
    const elsewhere = await makeAgenda(api, admin);
    const { user } = agenda.people.medecin;
    const by = elsewhere.people.gerant.client;
    await by.post(`/cabinets/${elsewhere.id}/membres`, {
      user_id: user.id,
      fonction: 'medecin',
      date_debut: '2020-01-01',
    });
    const praticien = await receive(by, elsewhere.id, user.id);
    await by.patch(`/cabinets/${elsewhere.id}/prestations/${elsewhere.type}`, {
      praticiens: [elsewhere.praticien, praticien],
    });
    const there = elsewhere.people.secretaire.client;
    const { id } = await makePatient(there);
    const theirs = { ...elsewhere, praticien };
    await makeRendezVousCabinet(there, theirs, at(base, 9), { patient_id: id });
    expect((await book(at(base, 9))).body.code).toBe('CRENEAU_PRIS');
    expect((await book(at(base, 9), { surnombre: true })).body.code).toBe('CRENEAU_PRIS');
    const away = { date_debut: dayOf(at(base, 24)), date_fin: dayOf(at(base, 24)) };
    const gerant = agenda.people.gerant.client;
    const hours = { horaires: { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [['00:00', '24:00']] } };
    const all = Object.fromEntries(Object.keys(hours.horaires).map((n) => [n, [['00:00', '24:00']]]));
    const set = (body: object) => gerant.put(url(`praticiens/${agenda.praticien}/horaires`), body);
    await set({ horaires: all, absences: [away] });
    expect((await book(at(base, 33), { surnombre: true })).body.code).toBe('CRENEAU_PRIS');
    await set({ horaires: all });
    expect((await book(at(base, 33))).status).toBe(201);
    day++;
  });
});

describe('what becomes of it', () => {
  it('is said by people: from its confirmation to the end of the consultation, with who and when', async () => {
    const debut = at(nextDay(), 9);
    const { uid, version } = await made(debut);
    expect(version).toBe(1);
    pretend(at(debut, 0, -5));
    const there = await act(uid, 'arriver');
    expect([there.status, there.body.statut, there.body.arrive_le]).toEqual([
      200,
      'arrive',
      at(debut, 0, -5).toISOString(),
    ]);
    pretend(at(debut, 0, 3));
    expect((await act(uid, 'appeler', {}, doctor)).body).toMatchObject({
      statut: 'en_consultation',
      appele_le: at(debut, 0, 3).toISOString(),
    });
    expect(await engineOf(uid)).toBe('arrive');
    pretend(at(debut, 0, 25));
    expect((await act(uid, 'terminer', {}, doctor)).body.statut).toBe('honore');
    expect(await engineOf(uid)).toBe('honore');
    const actes = await api.database.owner.query(
      `SELECT a.acte, a.user_id FROM medical.actes_rendez_vous a JOIN medical.rendez_vous_patients r
         ON r.id = a.rendez_vous_patient_id WHERE r.uid = $1 ORDER BY a.version`,
      [uid],
    );
    const [secretary, physician] = [agenda.people.secretaire.user.id, agenda.people.medecin.user.id];
    expect(actes).toEqual([
      { acte: 'prendre', user_id: secretary },
      { acte: 'arriver', user_id: secretary },
      { acte: 'appeler', user_id: physician },
      { acte: 'terminer', user_id: physician },
    ]);
  });

  it('is an absence only once its hour has come, and not any more when they come the same day', async () => {
    const debut = at(nextDay(), 9);
    const { uid } = await made(debut);
    pretend(at(debut, -1));
    expect((await act(uid, 'absent')).body).toMatchObject({
      status: 409,
      code: 'TRANSITION_INVALIDE',
      statut: 'confirme',
    });
    pretend(at(debut, 1));
    expect((await act(uid, 'absent')).body.statut).toBe('absent');
    expect(await engineOf(uid)).toBe('absent');
    pretend(at(debut, 24));
    expect((await act(uid, 'arriver')).status).toBe(409);
    pretend(at(debut, 2));
    expect((await act(uid, 'arriver')).body).toMatchObject({ statut: 'arrive', absent_le: null });
    expect(await engineOf(uid)).toBe('arrive');
    // Who was there leaves unseen.
    expect((await act(uid, 'partir')).body).toMatchObject({ statut: 'annule', parti: true, tardif: false });
    expect((await book(debut)).body.code).toBe('PREAVIS');
  });

  it('frees the time when it is cancelled, says by whom and whether late, and why to whoever may open the record', async () => {
    const debut = at(nextDay(), 9);
    const [early, late] = [await made(debut), await made(at(debut, 1))];
    expect((await act(early.uid, 'annuler', { par: 'cabinet', motif: 'Canari annulé' })).body).toMatchObject({
      statut: 'annule',
      annule_par: 'cabinet',
      tardif: false,
    });
    pretend(at(debut, -2));
    expect((await act(late.uid, 'annuler')).body).toMatchObject({ annule_par: 'patient', tardif: true });
    expect((await doctor.get(url(`rendez-vous/${early.uid}`))).body.motif_annulation).toBe('Canari annulé');
    expect((await desk.get(url(`rendez-vous/${early.uid}`))).body).not.toHaveProperty('motif_annulation');
    expect((await act(early.uid, 'annuler')).status).toBe(409);
    expect((await book(debut)).status).toBe(201);
  });

  it('is moved by cancelling it for another one, tied to it, with the same reason', async () => {
    const debut = at(nextDay(), 9);
    const before = await made(debut, { motif: 'Canari mal de tête' });
    await made(at(debut, 2));
    expect((await act(before.uid, 'reporter', { debut: at(debut, 2) })).body.code).toBe('CRENEAU_PRIS');
    expect((await desk.get(url(`rendez-vous/${before.uid}`))).body.statut).toBe('confirme');
    // Over itself: its own time is not in its way.
    const { status, body } = await act(before.uid, 'reporter', { debut: at(debut, 0, 30) });
    expect([status, body.statut, body.remplace]).toEqual([200, 'confirme', before.uid]);
    expect((await doctor.get(url(`rendez-vous/${before.uid}`))).body).toMatchObject({
      statut: 'annule',
      remplace_par: body.uid,
    });
    expect((await doctor.get(url(`rendez-vous/${body.uid}`))).body.motif).toBe('Canari mal de tête');
    expect(await engineOf(before.uid)).toBe('annule');
  });

  it('asks for the version that was seen', async () => {
    const debut = at(nextDay(), 9);
    const { uid } = await made(debut);
    pretend(debut);
    const stale = await desk.put(url(`rendez-vous/${uid}/arriver`), {}, { 'If-Match': '"7"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_PERIMEE']);
  });

  it('is called and ended by the doctor whom they see, and by no other', async () => {
    const debut = at(nextDay(), 9);
    const { uid } = await made(debut);
    pretend(debut);
    const locum = agenda.people.remplacant.client;
    expect((await act(uid, 'arriver', {}, locum)).status).toBe(200);
    expect((await act(uid, 'appeler', {}, locum)).status).toBe(403);
    expect((await act(uid, 'appeler', {}, desk)).status).toBe(403);
    expect((await act(uid, 'appeler', {}, doctor)).status).toBe(200);
    expect((await act(uid, 'terminer', {}, locum)).status).toBe(403);
  });
});

describe('why somebody comes', () => {
  it('is read by who may open the record, and by nobody else, who does not learn whether there is a reason', async () => {
    const debut = at(nextDay(), 9);
    const { id } = await makePatient(desk, { partage_cabinet: false });
    const booked = await book(debut, { patient_id: id, motif: 'Canari secret' });
    const bare = await book(at(debut, 1), { patient_id: id });
    expect(Object.keys(booked.body)).toEqual(Object.keys(bare.body));
    expect(booked.body).not.toHaveProperty('motif');
    const read = (by: Client) => by.get(url(`rendez-vous/${booked.body.uid}`));
    expect((await read(doctor)).body.motif).toBe('Canari secret');
    expect((await read(agenda.people.gerant.client)).body).not.toHaveProperty('motif');
    // A doctor who does not treat somebody who shares nothing.
    expect((await read(agenda.people.remplacant.client)).body).not.toHaveProperty('motif');
    const [{ motif }] = await api.database.owner.query(
      'SELECT motif FROM medical.rendez_vous_patients WHERE uid = $1',
      [booked.body.uid],
    );
    expect(motif.toString('latin1')).not.toContain('Canari');
  });

  it('opens nowhere else: moved to another row it is an error, and no reason', async () => {
    const debut = at(nextDay(), 9);
    const [one, other] = [
      await made(debut, { motif: 'Canari un' }),
      await made(at(debut, 1), { motif: 'Canari deux' }),
    ];
    await api.database.owner.query(
      `UPDATE medical.rendez_vous_patients r SET motif = (SELECT q.motif FROM medical.rendez_vous_patients q WHERE q.uid = $1)
       WHERE r.uid = $2`,
      [one.uid, other.uid],
    );
    expect((await doctor.get(url(`rendez-vous/${other.uid}`))).status).toBe(500);
    await api.database.owner.query('UPDATE medical.rendez_vous_patients SET motif = NULL WHERE uid = $1', [
      other.uid,
    ]);
  });
});

describe('appointments of somebody who has died', () => {
  it('are cancelled by nobody but people, who are shown which: those of that day and after', async () => {
    const who = await makePatient(desk);
    const base = nextDay();
    const before = await made(at(base, 9), { patient_id: who.id });
    const after = await made(at(base, 34), { patient_id: who.id });
    expect([before.a_annuler, after.a_annuler]).toEqual([false, false]);
    pretend(at(base, 30));
    const died = dayOf(at(base, 30));
    expect((await desk.patch(`/patients/${who.id}`, { date_deces: died })).status).toBe(200);
    const read = async (uid: string) => (await desk.get(url(`rendez-vous/${uid}`))).body;
    expect(await read(after.uid)).toMatchObject({
      statut: 'confirme',
      a_annuler: true,
      patient: { date_deces: died },
    });
    // They may have come the day before; what became of it is asked as of every other.
    expect(await read(before.uid)).toMatchObject({ statut: 'confirme', a_annuler: false });
    const day = (await desk.get(url(`agenda?date=${died}`))).body.rendez_vous;
    expect(day.find((one: { uid: string }) => one.uid === after.uid).a_annuler).toBe(true);
    const open = async () => (await desk.get(url('a-qualifier'))).body.map((one: { uid: string }) => one.uid);
    expect(await open()).toEqual(expect.arrayContaining([before.uid, after.uid]));
    const generic = await admin.get(`/rendez-vous/${after.uid}`);
    expect(JSON.stringify(generic.body)).not.toMatch(/a_annuler|deces/);
    // A day that was entered by mistake undoes nothing, since nothing was done.
    await desk.patch(`/patients/${who.id}`, { date_deces: null });
    expect(await read(after.uid)).toMatchObject({ statut: 'confirme', a_annuler: false });
    expect(await open()).not.toContain(after.uid);
    await desk.patch(`/patients/${who.id}`, { date_deces: died });
    await act(after.uid, 'annuler', { par: 'cabinet' });
    expect(await read(after.uid)).toMatchObject({ statut: 'annule', a_annuler: false });
  });

  it('are not made any more, nor moved', async () => {
    const who = await makePatient(desk);
    const base = nextDay();
    const one = await made(at(base, 9), { patient_id: who.id });
    await desk.patch(`/patients/${who.id}`, { date_deces: dayOf(new Date()) });
    const refused = await book(at(base, 10), { patient_id: who.id });
    expect([refused.status, refused.body.erreurs[0].champ]).toEqual([422, 'patient_id']);
    const moved = await act(one.uid, 'reporter', { debut: at(base, 11).toISOString() });
    expect([moved.status, moved.body.code]).toEqual([409, 'TRANSITION_INVALIDE']);
  });
});

describe('lists of a practice', () => {
  it('show a day, its week, who is there in the order in which they came, and what nobody has settled', async () => {
    const base = nextDay();
    const [first, second, third] = [
      await made(at(base, 9)),
      await made(at(base, 10)),
      await made(at(base, 11)),
    ];
    const cancelled = await made(at(base, 12));
    await act(cancelled.uid, 'annuler');
    const uids = (reply: Reply) =>
      (reply.body.rendez_vous ?? reply.body).map((one: { uid: string }) => one.uid);
    expect(uids(await desk.get(url(`agenda?date=${dayOf(base)}`)))).toEqual([
      first.uid,
      second.uid,
      third.uid,
    ]);
    const week = await desk.get(url(`agenda?vue=semaine&date=${dayOf(base)}`));
    expect(week.body.jours).toHaveLength(7);
    expect(uids(week)).toEqual(expect.arrayContaining([first.uid, second.uid, third.uid]));
    expect(uids(await desk.get(url(`agenda?date=${dayOf(base)}&praticien_id=999999`)))).toEqual([]);
    pretend(at(base, 8));
    await act(second.uid, 'arriver');
    pretend(at(base, 8, 30));
    await act(first.uid, 'arriver');
    await act(first.uid, 'appeler', {}, doctor);
    expect(uids(await desk.get(url('salle-attente')))).toEqual([second.uid, first.uid]);
    pretend(at(base, 11, 29));
    expect(uids(await desk.get(url('a-qualifier')))).not.toContain(third.uid);
    pretend(at(base, 11, 30));
    expect(uids(await desk.get(url('a-qualifier')))).toContain(third.uid);
    // A day later nobody is there any more, and nobody was called absent.
    pretend(at(base, 36));
    expect(uids(await desk.get(url('salle-attente')))).toEqual([]);
    expect((await desk.get(url(`rendez-vous/${third.uid}`))).body.statut).toBe('confirme');
  });

  it('show the days of a month and none beside it, by the clocks of the practice, each patient on record once', async () => {
    pretend(new Date('2028-02-01T12:00:00Z'));
    const by = await makeAgenda(api, admin, { fuseau_horaire: 'America/Montreal' });
    const there = by.people.secretaire.client;
    const [one, two] = [await makePatient(there), await makePatient(there)];
    const book = (debut: string, patient_id: number) =>
      makeRendezVousCabinet(there, by, debut, { patient_id });
    // By these clocks the last of February, the first and the last minute of March 2028, and the first of April.
    const before = await book('2028-03-01T04:30:00Z', one.id);
    const first = await book('2028-03-01T05:00:00Z', one.id);
    const again = await book('2028-03-15T15:00:00Z', one.id);
    const last = await book('2028-04-01T03:30:00Z', two.id);
    const after = await book('2028-04-01T04:00:00Z', two.id);
    const month = await there.get(`/cabinets/${by.id}/agenda?vue=mois&date=2028-03-17`);
    expect(month.status).toBe(200);
    const { vue, jours, complet, rendez_vous } = month.body;
    expect([vue, complet, jours.length, jours[0], jours.at(-1)]).toEqual([
      'mois',
      true,
      31,
      '2028-03-01',
      '2028-03-31',
    ]);
    expect(rendez_vous.map(({ uid }: { uid: string }) => uid)).toEqual([first.uid, again.uid, last.uid]);
    expect(
      [before, after].map(({ uid }) => rendez_vous.some((row: { uid: string }) => row.uid === uid)),
    ).toEqual([false, false]);
    const rows = await api.database.owner.query(
      `SELECT patient_id, nombre FROM medical.acces_dossier
       WHERE requete = 'GET /cabinets/:id/agenda' AND cabinet_id = $1 ORDER BY patient_id`,
      [by.id],
    );
    const ids = [one.id, two.id].sort((a, b) => a - b);
    expect(rows).toEqual(ids.map((patient_id) => ({ patient_id, nombre: 2 })));
    const february = await there.get(`/cabinets/${by.id}/agenda?vue=mois&date=2028-02-10`);
    expect([february.body.jours.length, february.body.rendez_vous.length]).toEqual([29, 1]);
  });

  it('hold a thousand appointments at most, say that there are more, and show of those nobody', async () => {
    pretend(new Date('2028-04-15T12:00:00Z'));
    const by = await makeAgenda(api, admin);
    const there = by.people.secretaire.client;
    const who = await makePatient(there);
    const { uid } = await makeRendezVousCabinet(there, by, '2028-05-01T09:00:00Z', { patient_id: who.id });
    const [{ id }] = await api.database.owner.query(
      'SELECT id FROM medical.rendez_vous_patients WHERE uid = $1',
      [uid],
    );
    // Beside it, of somebody else, by rows: what the engine knows of it is not asked here.
    const hidden = await makePatient(there);
    const { columns } = (
      await api.database.owner.query(
        `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
         WHERE table_schema = 'medical' AND table_name = 'rendez_vous_patients'
           AND column_name NOT IN ('id', 'uid', 'patient_id', 'debut', 'fin', 'rendez_vous_id', 'motif')`,
      )
    )[0];
    const copies = (from: number, count: number, patientId: number, minutes: number) =>
      api.database.owner.transaction(async (tx) => {
        await tx.query("SET LOCAL session_replication_role = 'replica'");
        await tx.query(
          `INSERT INTO medical.rendez_vous_patients (id, uid, patient_id, debut, fin, rendez_vous_id, ${columns})
           SELECT $2::integer + n, 'copie-' || ($2::integer + n), $4, debut + make_interval(mins => $5::integer),
                  fin + make_interval(mins => $5::integer), $2::integer + n, ${columns}
           FROM medical.rendez_vous_patients, generate_series(1, $3::integer) n WHERE id = $1`,
          [id, from, count, patientId, minutes],
        );
      });
    const base = 900_000_000;
    const read = () => there.get(`/cabinets/${by.id}/agenda?vue=mois&date=2028-05-20`);
    await copies(base, 998, who.id, 30);
    await copies(base + 1_000, 1, who.id, 45);
    const all = (await read()).body;
    expect([all.complet, all.rendez_vous.length]).toEqual([true, 1_000]);
    await copies(base + 2_000, 1, hidden.id, 60);
    const { complet, rendez_vous } = (await read()).body;
    expect([complet, rendez_vous.length]).toEqual([false, 1_000]);
    expect(rendez_vous.every((row: { patient: { id: number } }) => row.patient.id === who.id)).toBe(true);
    const told = await api.database.owner.query(
      `SELECT FROM medical.acces_dossier WHERE patient_id = $1 AND requete = 'GET /cabinets/:id/agenda'`,
      [hidden.id],
    );
    expect(told).toEqual([]);
  });

  it('take as many statements whatever they show, and leave a record of each patient', async () => {
    const base = nextDay();
    const some = await Promise.all(
      Array.from({ length: 5 }, (_, n) => makePatient(desk, { prenoms: `N${n}` })),
    );
    const count = async (path: string) => (await statementsDuring(() => doctor.get(url(path)))).length;
    const read = async () => {
      const counts: number[] = [];
      for (const path of [
        `agenda?date=${dayOf(base)}`,
        `agenda?vue=mois&date=${dayOf(base)}`,
        'salle-attente',
      ])
        counts.push(await count(path));
      return counts;
    };
    await made(at(base, 9), { patient_id: some[0]!.id, motif: 'Canari' });
    pretend(at(base, 8));
    const first = (await desk.get(url(`agenda?date=${dayOf(base)}`))).body.rendez_vous[0];
    await act(first.uid, 'arriver');
    const few = await read();
    for (const [n, { id }] of some.entries()) {
      const { uid } = await made(at(base, 10 + n), { patient_id: id, motif: 'Canari' });
      await act(uid, 'arriver');
    }
    expect(await read()).toEqual(few);
    const [{ rows }] = await api.database.owner.query(
      `SELECT count(*)::integer AS rows FROM medical.acces_dossier
       WHERE requete = 'GET /cabinets/:id/agenda' AND user_id = $1 AND nombre = 5`,
      [agenda.people.medecin.user.id],
    );
    expect(rows).toBe(5);
  });
});

describe('everything else', () => {
  it('shows that time is taken, and nothing of whom, why, or for what', async () => {
    const debut = at(nextDay(), 9);
    const { uid } = await made(debut, { motif: 'Canari motif' });
    const generic = await admin.get(`/rendez-vous/${uid}`);
    expect(generic.body).toMatchObject({
      participants: [],
      reponses: {},
      motif_annulation: null,
      demandeur_id: null,
      prestation: { nom: 'Rendez-vous' },
    });
    const told = [
      generic,
      await admin.get(`/rendez-vous/${uid}/historique`),
      await admin.get(`/agenda?vue=jour&date=${dayOf(debut)}`),
      await doctor.get(`/agenda?vue=jour&date=${dayOf(debut)}`),
      await doctor.get('/rendez-vous?limit=200'),
      await admin.get('/audit?limit=200'),
    ].map(({ bytes }) => bytes.toString());
    for (const text of told) expect(text).not.toMatch(/Canari|Benali|Samira|grossesse/i);
  });

  it('neither books it, nor changes it, nor what is offered', async () => {
    const debut = at(nextDay(), 9);
    const { uid } = await made(debut);
    const participants = [{ nom: 'Quelqu’un', email: 'q@exemple.ma' }];
    const body = { prestation: agenda.prestation, debut: at(debut, 1), participants };
    expect((await admin.post('/rendez-vous', body)).status).toBe(403);
    expect((await doctor.post('/rendez-vous', body)).status).toBe(404);
    const held = { prestation: agenda.prestation, debut: at(debut, 1) };
    expect((await api.anonymous.post('/public/retenues', held)).status).toBe(404);
    expect((await api.anonymous.get(`/public/prestations/${agenda.prestation}`)).status).toBe(404);
    expect((await admin.post('/retenues', held)).status).toBe(403);
    for (const by of [admin, doctor]) {
      for (const acte of ['arriver', 'annuler', 'honorer']) {
        expect([acte, (await by.put(`/rendez-vous/${uid}/${acte}`, {})).status]).toEqual([acte, 403]);
      }
    }
    const [found] = (await admin.get(`/prestations?slug=${agenda.prestation}`)).body;
    expect(found).toMatchObject({ nom: 'Rendez-vous', visibilite: 'interne', de_cabinet: true });
    expect((await admin.patch(`/prestations/${found.id}`, { visibilite: 'publique' })).status).toBe(403);
    expect((await admin.delete(`/prestations/${found.id}`)).status).toBe(403);
  });

  it('cannot, by the database itself: nobody but the practice writes there, and nobody writes there who comes', async () => {
    const { uid } = await made(at(nextDay(), 9));
    const refused = (statement: string) =>
      api.db.query(statement, [uid]).then(
        () => null,
        (error) => error.driverError.code,
      );
    expect(await refused(`UPDATE rendez_vous SET statut = 'annule' WHERE uid = $1`)).toBe('42501');
    expect(
      await refused(
        `INSERT INTO participants (rendez_vous_id, rang, nom, langue, fuseau_horaire)
         SELECT id, 1, 'Canari', 'fr', 'UTC' FROM rendez_vous WHERE uid = $1`,
      ),
    ).toBe('42501');
    expect(await refused(`UPDATE rendez_vous SET suivi_le = suivi_le WHERE uid = $1`)).toBeNull();
    await api.db.query(`UPDATE prestations SET visibilite = 'publique', nom = 'Canari' WHERE slug = $1`, [
      agenda.prestation,
    ]);
    const [{ visibilite, nom }] = await api.db.query(
      'SELECT visibilite, nom FROM prestations WHERE slug = $1',
      [agenda.prestation],
    );
    expect([visibilite, nom]).toEqual(['interne', 'Rendez-vous']);
  });
});

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);
async function engineOf(uid: string): Promise<string> {
  const [{ statut }] = await api.db.query('SELECT statut FROM rendez_vous WHERE uid = $1', [uid]);
  return statut;
}
