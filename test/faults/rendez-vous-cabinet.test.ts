import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from '../../tools/lib/processes';
import {
  type Comptes,
  makeAgenda,
  makePatient,
  makeRendezVousCabinet,
  prise,
  type TestAgenda,
} from '../support/cabinets';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Appointments of a practice while whoever writes them, and whoever reminds of them, is killed: no half without the other, none
 * twice, and no reminder lost, given twice, or given of what was called off.
 */

let system: ProcessSystem;
let api: RunningProcess;
let worker: RunningProcess;
let agenda: TestAgenda;
let desk: Client;
beforeAll(async () => {
  system = await prepareSystem();
  [api, worker] = await Promise.all([system.startApi(), system.startWorker()]);
  const people: Comptes = {
    newPerson: async (role) => {
      const user = await makeUser(system.db, { role });
      return { user, client: await system.as(user) };
    },
  };
  const { client: admin } = await people.newPerson('admin');
  agenda = await makeAgenda(people, admin, { fuseau_horaire: 'UTC' }, { rappels: ['PT3H'], durees: [5] });
  desk = agenda.people.secretaire.client;
});
afterAll(() => system.close());

const DAY = 86_400_000;
const base = Math.ceil(Date.now() / DAY) * DAY + 5 * DAY;

/** Asks until it is answered, under one key, as a client does. */
async function persistently(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask().catch(() => null);
    if (reply !== null && reply.status !== 503) return reply;
    await sleep(50);
  }
}

it('a booking has both its halves or none, and is there once, however often the API is killed at it', async () => {
  const { id } = await makePatient(desk);
  let over = false;
  const answers: Reply[] = [];
  const booker = async (person: number) => {
    for (let n = 0; !over; n++) {
      const key = { 'Idempotency-Key': randomUUID() };
      // Two want each time.
      const debut = new Date(base + (Math.floor(person / 2) * 60 + n) * 5 * 60_000);
      const body = prise(agenda, debut, { patient_id: id, motif: 'Canari' });
      const reply = await persistently(() => desk.post(`/cabinets/${agenda.id}/rendez-vous`, body, key));
      answers.push(reply);
      if (reply.status === 201 && n % 3 === 0) {
        const path = `/cabinets/${agenda.id}/rendez-vous/${reply.body.uid}/annuler`;
        await persistently(() => desk.put(path, {}));
      }
    }
  };
  const working = Promise.all(Array.from({ length: 8 }, (_, person) => booker(person)));
  for (let kills = 0; kills < 4; kills++) {
    const before = answers.length;
    await eventually(
      () => answers.length,
      (count) => count >= before + 8,
    );
    await sleep(37 * kills);
    await kill9(api);
    api = await system.startApi();
  }
  await sleep(500);
  over = true;
  await working;
  const codes = new Set(answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim()));
  expect([...codes].filter((code) => !['201', '409 CRENEAU_PRIS'].includes(code))).toEqual([]);
  const booked = answers.filter(({ status }) => status === 201).map(({ body }) => body.uid);
  expect(booked.length).toBeGreaterThan(10);
  expect(new Set(booked).size).toBe(booked.length);
  const [faults] = await system.owner.query(
    `SELECT
       (SELECT count(*)::integer FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id AND f.de_cabinet
        WHERE NOT EXISTS (SELECT FROM medical.rendez_vous_patients r WHERE r.rendez_vous_id = b.id)) AS seuls,
       (SELECT count(*)::integer FROM medical.rendez_vous_patients r JOIN rendez_vous b ON b.id = r.rendez_vous_id
        WHERE (r.debut, r.fin, r.uid) <> (b.debut, b.fin, b.uid) OR r.statut <> b.statut) AS differents,
       (SELECT count(*)::integer FROM medical.rendez_vous_patients r WHERE NOT EXISTS (
          SELECT FROM medical.actes_rendez_vous a WHERE a.rendez_vous_patient_id = r.id AND a.version = r.version)) AS muets,
       (SELECT count(*)::integer FROM medical.rendez_vous_patients r JOIN rendez_vous b ON b.id = r.rendez_vous_id
        JOIN seances s ON s.id = b.seance_id WHERE (s.prises = 1) <> (r.statut <> 'annule')) AS places,
       (SELECT count(*)::integer FROM medical.rendez_vous_patients) AS tous`,
  );
  expect(faults).toEqual({ seuls: 0, differents: 0, muets: 0, places: 0, tous: booked.length });
});

let slot = 0;
/** Books somebody whom a reminder is due for at this moment. */
async function reminded(address: string | null): Promise<{ uid: string; numero: number; messageId: string }> {
  const patient = await makePatient(desk, { email: address });
  const consent = { objet: 'rappels_email', decision: 'donne', recueil: 'oral' };
  await desk.post(`/patients/${patient.id}/consentements`, consent);
  const debut = new Date(base + DAY + ++slot * 300_000);
  const { uid } = await makeRendezVousCabinet(desk, agenda, debut, { patient_id: patient.id });
  const [{ id }] = await system.db.query('SELECT id FROM rendez_vous WHERE uid = $1', [uid]);
  return { uid, numero: id, messageId: `<rendez-vous-${id}-rappel-PT3H-0-patient@regie>` };
}

/** Has two hours be left until it begins. */
async function comesClose(numero: number): Promise<void> {
  const soon = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 2 * 3_600_000 + ++slot * 300_000);
  const fin = new Date(soon.getTime() + 300_000);
  await system.owner.transaction(async (tx) => {
    await tx.query(`UPDATE medical.rendez_vous_patients SET debut = $2, fin = $3 WHERE rendez_vous_id = $1`, [
      numero,
      soon,
      fin,
    ]);
    await tx.query(
      `UPDATE rendez_vous SET debut = $2, fin = $3, horaire_depuis = now() - interval '2 days', suivi_le = now()
       WHERE id = $1`,
      [numero, soon, fin],
    );
    await tx.query(
      `UPDATE prestations SET rappels_depuis = '{"PT3H email": "2020-01-01T00:00:00Z", "PT3H sms": "2020-01-01T00:00:00Z"}'
       WHERE de_cabinet`,
    );
  });
}

const times = (list: readonly string[], messageId: string) => list.filter((one) => one === messageId).length;
const statutOf = async (messageId: string): Promise<string | undefined> =>
  (await system.db.query('SELECT statut FROM messages WHERE message_id = $1', [messageId]))[0]?.statut;

it('a reminder reaches its patient once, though its worker is killed before, at and after handing it over', async () => {
  // Before: nobody is there when it comes due.
  await kill9(worker);
  const before = await reminded('avant@exemple.ma');
  await comesClose(before.numero);
  worker = await system.startWorker();
  await eventually(
    () => statutOf(before.messageId),
    (statut) => statut === 'envoye',
  );
  // At: it has come, and is not taken yet.
  const during = await reminded('pendant@exemple.ma');
  const held = system.postOffice.hold('pendant@exemple.ma');
  await comesClose(during.numero);
  await held.arrived;
  await kill9(worker);
  held.refuse();
  worker = await system.startWorker();
  await eventually(
    () => statutOf(during.messageId),
    (statut) => statut === 'envoye',
  );
  expect(times(system.postOffice.accepted, during.messageId)).toBe(1);
  // After: it is marked, and whoever comes next finds it done.
  await kill9(worker);
  worker = await system.startWorker();
  await sleep(3_000);
  for (const { messageId } of [before, during]) expect(times(system.postOffice.accepted, messageId)).toBe(1);
});

it('nobody is reminded of what is called off while the worker is away, nor while it hands over another', async () => {
  await kill9(worker);
  const one = await reminded('annule@exemple.ma');
  await comesClose(one.numero);
  await desk.put(`/cabinets/${agenda.id}/rendez-vous/${one.uid}/annuler`, {});
  worker = await system.startWorker();
  await eventually(
    () => system.db.query('SELECT suivi_le FROM rendez_vous WHERE id = $1', [one.numero]),
    ([row]) => row.suivi_le === null,
  );
  expect(await statutOf(one.messageId)).toBeUndefined();
  // In the outbox by then, and killed before it was tried.
  const other = await reminded('trop-tard@exemple.ma');
  await system.owner.query(
    `INSERT INTO messages (evenement, rendez_vous_id, canal, modele, donnees, correlation_id, message_id, prochain_essai)
     SELECT 'essai', b.id, 'email', 'cabinet_rappel',
       jsonb_build_object('rendez_vous_id', b.id, 'debut', to_jsonb(b.debut), 'lieu', NULL), 'essai', $2,
       now() + interval '5 seconds'
     FROM rendez_vous b WHERE b.id = $1`,
    [other.numero, other.messageId],
  );
  await kill9(worker);
  await desk.put(`/cabinets/${agenda.id}/rendez-vous/${other.uid}/annuler`, {});
  worker = await system.startWorker();
  await eventually(
    () => statutOf(other.messageId),
    (statut) => statut === 'sans_objet',
  );
  for (const { messageId } of [one, other]) expect(times(system.postOffice.received, messageId)).toBe(0);
});
