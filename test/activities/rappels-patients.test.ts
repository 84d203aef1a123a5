import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import type { ActivityContext } from '../../src/activities/context';
import { messageActivities } from '../../src/activities/messages';
import { rendezVousActivities } from '../../src/activities/rendez-vous';
import { createMailRenderer } from '../../src/mail/renderer';
import { createMailTransport, type MailTransport } from '../../src/mail/transport';
import { MAISON } from '../../src/mail/views/maison';
import { createSmsTransport, type SmsTransport } from '../../src/net/sms';
import { People } from '../../src/threads/people';
import { startTestApi, type TestApi } from '../support/api';
import { makeAgenda, makePatient, makeRendezVousCabinet, type TestAgenda } from '../support/cabinets';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { partsOf } from '../support/mail-parts';
import { openPostOffice, type PostOffice } from '../support/post-office';
import { openSmsGateway, type SmsGateway } from '../support/sms-gateway';

/**
 * What leaves of a practice by itself, to a mail server and a gateway of our own: reminders that name place, date and doctor and
 * nothing else, from an outbox that knows nobody; and in the evening a number for the desk.
 */

let api: TestApi;
let postOffice: PostOffice;
let gateway: SmsGateway;
let mail: MailTransport;
let sms: SmsTransport;
let agenda: TestAgenda;
let desk: Client;
let lines: string[];
let stop: () => Promise<void>;
const mails = createMailRenderer();
const DAY = 86_400_000;

beforeAll(async () => {
  [postOffice, gateway, api] = await Promise.all([openPostOffice(), openSmsGateway(), startTestApi()]);
  mail = createMailTransport({ smtpUrl: postOffice.url, from: 'Maison <rdv@maison.example>' });
  const { url, jeton } = gateway;
  const settings = { url, jeton, expediteur: 'Regie', dossier: null, statuts: 'https://r.example/s' };
  sms = createSmsTransport(settings)!;
  lines = [];
  const context = {
    ...{ db: api.db, medical: api.app.medical, databaseUrl: api.database.url, secrets: api.app.secrets },
    ...{
      people: new People(),
      mail,
      mails,
      maison: async () => MAISON,
      sms,
      smsSegments: 3,
      telephonePays: 'MA',
    },
    ...{ publicUrl: 'https://regie.example', mailFrom: 'rdv@maison.example', timeZone: 'UTC' },
    logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
  } as unknown as ActivityContext;
  const environment = new MockActivityEnvironment();
  const running = environment.run(messageActivities(context).deliverMessages);
  stop = async () => {
    environment.cancel();
    await running.catch(() => {});
  };
  agenda = await makeAgenda(
    api,
    (await api.newPerson('admin')).client,
    { fuseau_horaire: 'UTC', adresse: '12 rue des Orangers, Rabat', telephone: '+212522000000' },
    { rappels: ['P2D'] },
  );
  desk = agenda.people.secretaire.client;
});
afterAll(async () => {
  await stop();
  mail.close();
  sms.close();
  mails.close();
  await Promise.all([postOffice.close(), gateway.close()]);
  await api.close();
});

let slot = 0;
/** Three days ahead, so that the reminder of two days is still to come. */
const ahead = () => new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3 * DAY + ++slot * 1_800_000);

/** Has a patient say what they agree to. */
async function say(patientId: number, objet: string, decision: string): Promise<void> {
  const { status, body } = await desk.post(`/patients/${patientId}/consentements`, {
    ...{ objet, decision, recueil: 'oral' },
  });
  if (status !== 201) throw new Error(`No consent: ${JSON.stringify(body)}`);
}

interface Booked {
  uid: string;
  /** By which the engine knows it. */
  numero: number;
  debut: Date;
  patient: number;
}

let counter = 0;
async function booked(coordonnees: object): Promise<Booked> {
  const name = { nom_naissance: 'Canari', prenoms: `Rappel ${++counter}` };
  const patient = await makePatient(desk, { ...name, ...coordonnees });
  for (const objet of ['rappels_email', 'rappels_sms']) await say(patient.id, objet, 'donne');
  const debut = ahead();
  const made = await makeRendezVousCabinet(desk, agenda, debut, {
    patient_id: patient.id,
    motif: 'Canari motif',
  });
  const [{ id }] = await api.db.query('SELECT id FROM rendez_vous WHERE uid = $1', [made.uid]);
  return { uid: made.uid, numero: id, debut, patient: patient.id };
}

/** What its workflow does when it is that moment. */
const follow = ({ numero }: Pick<Booked, 'numero'>, now: Date) =>
  new MockActivityEnvironment().run(
    rendezVousActivities({ db: api.db, medical: api.app.medical, logger: pino({ level: 'silent' }) })
      .suivreRendezVous,
    numero,
    now.getTime(),
  );
const dayBefore = ({ debut }: Booked) => new Date(debut.getTime() - 2 * DAY + 60_000);

interface Row {
  canal: string;
  statut: string;
  erreur: string | null;
}
const messagesOf = ({ numero }: Booked): Promise<Row[]> =>
  api.db.query('SELECT * FROM messages WHERE rendez_vous_id = $1 ORDER BY canal', [numero]);
const settledOf = (one: Booked) =>
  eventually(
    () => messagesOf(one),
    (rows) => rows.length > 0 && rows.every(({ statut }) => statut !== 'a_envoyer'),
  );
const mailsTo = (address: string) =>
  postOffice.contents.filter((content) => new RegExp(`^To: .*${address}`, 'im').test(content));
const textOf = (content: string) => partsOf(content).find(({ type }) => type.startsWith('text/plain'))!.body;

it('reminds nobody who has died, also where the reminder was in the outbox before, and says nothing of why', async () => {
  const address = 'canari.mort@exemple.ma';
  const one = await booked({ email: address, telephone: '+212661000099' });
  await desk.patch(`/patients/${one.patient}`, { date_deces: new Date().toISOString().slice(0, 10) });
  await follow(one, dayBefore(one));
  const rows = await settledOf(one);
  expect(rows.map(({ canal, statut }) => `${canal} ${statut}`)).toEqual([
    'email sans_objet',
    'sms sans_objet',
  ]);
  expect(mailsTo(address)).toEqual([]);
  expect(JSON.stringify(gateway.requests)).not.toContain('661000099');
  expect(rows.map(({ erreur }) => erreur)).toEqual([
    'Not the channel of who comes',
    'Not the channel of who comes',
  ]);
});

it('reminds by the one channel of the patient, once, with place, date and doctor, and nothing else', async () => {
  const address = 'canari.un@exemple.ma';
  const one = await booked({ email: address, telephone: '+212661000001' });
  expect(await follow(one, new Date())).toMatchObject({ prochain: { attente: 'rappel' } });
  expect(await messagesOf(one)).toEqual([]);
  await follow(one, dayBefore(one));
  await follow(one, dayBefore(one));
  const rows = await settledOf(one);
  expect(rows.map(({ canal, statut }) => `${canal} ${statut}`)).toEqual(['email envoye', 'sms sans_objet']);
  expect(mailsTo(address)).toHaveLength(1);
  const text = textOf(mailsTo(address)[0]!);
  const [doctor] = (await desk.get(`/cabinets/${agenda.id}/praticiens`)).body;
  expect(text).toContain('Rappel de rendez-vous');
  expect(text).toContain('12 rue des Orangers, Rabat');
  expect(text).toContain(`Dr ${doctor.user.prenom} ${doctor.user.nom}`);
  for (const never of ['Gynécologie', 'grossesse', 'Canari', 'motif']) expect(text).not.toContain(never);
  expect(mailsTo(address)[0]).not.toContain('text/calendar');
});

it('reminds by text message whoever has no address, and nobody who has neither', async () => {
  const one = await booked({ telephone: '+212661000002' });
  await follow(one, dayBefore(one));
  const rows = await settledOf(one);
  expect(rows.map(({ canal, statut }) => `${canal} ${statut}`)).toEqual(['email sans_objet', 'sms envoye']);
  const sent = gateway.sent.filter(({ a }) => a === '+212661000002');
  expect(sent).toHaveLength(1);
  expect(sent[0]!.texte).toMatch(/^Rappel de rendez-vous : .*Dr /);
  expect(sent[0]!.texte).not.toMatch(/canari|gyn|grossesse/i);
  const nobody = await booked({});
  await follow(nobody, dayBefore(nobody));
  const none = await settledOf(nobody);
  expect(none.map(({ statut }) => statut)).toEqual(['sans_objet', 'sans_objet']);
});

it('tells who waits what is offered to them, by their channel, until when; and not once they have answered', async () => {
  const waiting = async (coordonnees: object) => {
    const { id } = await makePatient(desk, { prenoms: `Attente ${++counter}`, ...coordonnees });
    for (const objet of ['rappels_email', 'rappels_sms']) await say(id, objet, 'donne');
    const day = ahead().toISOString().slice(0, 10);
    const { status, body } = await desk.post(`/cabinets/${agenda.id}/listes-attente`, {
      ...{ patient_id: id, prestation: agenda.prestation, date_debut: day, date_fin: day },
    });
    expect([status, body.statut]).toEqual([201, 'proposee']);
    const { offre } = body;
    const [{ id: numero }] = await api.db.query('SELECT id FROM rendez_vous WHERE uid = $1', [
      offre.rendez_vous,
    ]);
    return { id: body.id, uid: offre.rendez_vous, numero, debut: new Date(offre.debut), patient: id };
  };
  const one = await waiting({ email: 'canari.attente@exemple.ma', telephone: '+212661000009' });
  expect(await follow(one, new Date())).toMatchObject({ prochain: null });
  await follow(one, new Date());
  const rows = await settledOf(one);
  expect(rows.map(({ canal, statut }) => `${canal} ${statut}`)).toEqual(['email envoye', 'sms sans_objet']);
  const text = textOf(mailsTo('canari.attente@exemple.ma')[0]!);
  expect(text).toContain('Un rendez-vous vous est proposé');
  expect(text).toMatch(/Il vous est gardé jusqu’à .* \d{2}:\d{2}/);
  for (const never of ['Gynécologie', 'grossesse', 'Canari', 'motif', 'Attente'])
    expect(text).not.toContain(never);
  const other = await waiting({ email: 'canari.repondu@exemple.ma' });
  await desk.put(`/cabinets/${agenda.id}/listes-attente/${other.id}/quitter`);
  await follow(other, new Date());
  expect(await messagesOf(other)).toEqual([]);
  expect(mailsTo('canari.repondu@exemple.ma')).toEqual([]);
});

it('asks for what they agree to when it leaves: by the other channel once one is withdrawn, and not at all without any', async () => {
  const one = await booked({ email: 'canari.retrait@exemple.ma', telephone: '+212661000003' });
  await say(one.patient, 'rappels_email', 'retire');
  await follow(one, dayBefore(one));
  const rows = await settledOf(one);
  expect(rows.map(({ canal, statut }) => `${canal} ${statut}`)).toEqual(['email sans_objet', 'sms envoye']);
  const other = await booked({ email: 'canari.refus@exemple.ma' });
  await say(other.patient, 'rappels_email', 'refuse');
  await follow(other, dayBefore(other));
  expect((await settledOf(other)).map(({ statut }) => statut)).toEqual(['sans_objet', 'sans_objet']);
  expect([...mailsTo('canari.retrait'), ...mailsTo('canari.refus')]).toEqual([]);
});

it('reminds nobody of what was cancelled or moved, however late that was', async () => {
  const address = 'canari.trois@exemple.ma';
  const one = await booked({ email: address });
  // It waits in the outbox when it is called off: what is asked before it leaves.
  await api.db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO messages (evenement, rendez_vous_id, canal, modele, donnees, correlation_id, message_id, prochain_essai)
       VALUES ('essai', $1, 'email', 'cabinet_rappel', $2, 'essai', '<essai-annule@regie>', now() + interval '2 seconds')`,
      [one.numero, { rendez_vous_id: one.numero, debut: one.debut.toISOString(), lieu: null }],
    );
  });
  expect((await desk.put(`/cabinets/${agenda.id}/rendez-vous/${one.uid}/annuler`, {})).status).toBe(200);
  await settledOf(one);
  await follow(one, dayBefore(one));
  expect((await messagesOf(one)).map(({ statut }) => statut)).toEqual(['sans_objet']);
  const other = await booked({ email: address });
  const later = new Date(other.debut.getTime() + 7 * DAY);
  const moved = await desk.put(`/cabinets/${agenda.id}/rendez-vous/${other.uid}/reporter`, { debut: later });
  expect(moved.status).toBe(200);
  await follow(other, dayBefore(other));
  expect(await messagesOf(other)).toEqual([]);
  expect(mailsTo(address)).toEqual([]);
});

it('keeps address, name and reason out of the outbox, also when a server answers with them, and out of the log', async () => {
  const address = 'canari.quatre@exemple.ma';
  postOffice.refuse(address, { code: 550, text: `no such user ${address}` });
  const one = await booked({ email: address });
  await follow(one, dayBefore(one));
  const rows = await settledOf(one);
  expect(rows.find(({ canal }) => canal === 'email')).toMatchObject({ statut: 'abandonne' });
  const [{ all }] = await api.database.owner.query(
    `SELECT string_agg(t, ' ') AS all FROM (
       SELECT m::text AS t FROM messages m UNION ALL SELECT b::text FROM rendez_vous b UNION ALL
       SELECT h::text FROM historique h UNION ALL SELECT e::text FROM evenements e UNION ALL
       SELECT p::text FROM participants p UNION ALL SELECT s::text FROM seances s UNION ALL
       SELECT f::text FROM prestations f UNION ALL SELECT n::text FROM notifications n) x`,
  );
  expect(all).toContain('cabinet_rappel');
  for (const never of ['canari', 'Canari', '66100000', 'grossesse']) expect(all).not.toContain(never);
  expect(lines.join('')).not.toMatch(/canari/i);
});

describe('in the evening', () => {
  it('tells the desk how many nobody has settled, once, and nobody’s name', async () => {
    const one = await booked({});
    const other = await booked({});
    const soir = new Date(`${other.debut.toISOString().slice(0, 10)}T19:00:00Z`);
    const evening = soir > other.debut ? soir : new Date(soir.getTime() + DAY);
    const rows = () =>
      api.db.query(`SELECT * FROM messages WHERE modele = 'cabinet_a_qualifier' ORDER BY id`);
    for (const rdv of [one, other, one]) await follow(rdv, new Date(evening.getTime() + 60_000));
    const told: { donnees: { nombre: number }; destinataire_id: number }[] = await rows();
    expect(told.map(({ destinataire_id }) => destinataire_id)).toEqual([agenda.people.secretaire.user.id]);
    expect(told[0]!.donnees.nombre).toBeGreaterThanOrEqual(2);
    const { email } = agenda.people.secretaire.user;
    const [content] = await eventually(
      async () => mailsTo(email),
      (found) => found.length > 0,
    );
    expect(textOf(content!)).toMatch(/\d+ rendez-vous à qualifier/);
    expect(textOf(content!)).not.toMatch(/canari/i);
    // Nobody of the house hears of it, nor the doctor as somebody who receives.
    const others = await api.db.query(`SELECT * FROM messages WHERE modele = 'agenda_a_clore'`);
    expect(others).toEqual([]);
    const [{ statut, suivi_le }] = await api.db.query(
      'SELECT statut, suivi_le FROM rendez_vous WHERE id = $1',
      [other.numero],
    );
    expect([statut, suivi_le]).toEqual(['confirme', null]);
  });

  it('stays due until the desk has been told', async () => {
    const one = await booked({});
    const evening = new Date(one.debut.getTime() + DAY);
    const broken = { transaction: () => Promise.reject(new Error('away')) } as never;
    const acts = rendezVousActivities({ db: api.db, medical: broken, logger: pino({ level: 'silent' }) });
    const failed = new MockActivityEnvironment().run(acts.suivreRendezVous, one.numero, evening.getTime());
    await expect(failed).rejects.toThrow();
    const due = () => api.db.query('SELECT suivi_le FROM rendez_vous WHERE id = $1', [one.numero]);
    expect((await due())[0].suivi_le).not.toBeNull();
    await follow(one, evening);
    expect((await due())[0].suivi_le).toBeNull();
  });
});
