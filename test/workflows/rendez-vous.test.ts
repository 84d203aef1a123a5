import type { Rappel } from '../../src/domain/rendez-vous/prestations';
import { soirDe } from '../../src/domain/rendez-vous/rappels';
import { suivreRendezVous } from '../../src/services/rendez-vous/suivi';
import { eventually } from '../support/eventually';
import { makeBooking, makeIntervenant, makePrestation, makeSite, makeUser } from '../support/factories';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** Appointments on the server that skips time: what is said of them by itself, and what is not. */

let system: SkippingSystem;
beforeAll(async () => {
  system = await startSkippingSystem();
});
afterAll(() => system.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const VEILLE: Rappel = { avant: 'P1D', canal: 'email' };
const AVANT: Rappel = { avant: 'PT2H', canal: 'email' };

/** A workshop's or a conversation's appointment, in so many hours from the server's now. */
async function book(hours: number, rappels: Rappel[] = [VEILLE, AVANT], given: object = {}) {
  const intervenant = await makeIntervenant(system.db);
  const prestation = await makePrestation(system.db, { intervenants: [intervenant.id], rappels });
  const debut = new Date((await system.now()).getTime() + hours * HOUR);
  const rendezVous = await makeBooking(system.db, {
    prestation,
    intervenant,
    debut,
    horaire_depuis: await system.now(),
    ...given,
  });
  const handle = await system.followRendezVous(rendezVous.id);
  return { ...rendezVous, prestation, intervenant, handle };
}

/** Reminders in the outbox: of which participant, which step, of which sequence. */
const reminders = async (rendezVousId: number): Promise<string[]> =>
  (
    await system.db.query(
      `SELECT evenement FROM messages WHERE modele = 'rdv_rappel' AND sujet = $1 ORDER BY id`,
      [`rendez_vous:${rendezVousId}`],
    )
  ).map(({ evenement }: { evenement: string }) => evenement.replace(/^rendez-vous:\d+:rappel-/, ''));

/** As `reserver` and the acts do it: the row says it all. */
const change = async (id: number, fields: Record<string, unknown>) => {
  const names = Object.keys(fields);
  await system.db.query(
    `UPDATE rendez_vous SET ${names.map((name, n) => `${name} = $${n + 2}`).join(', ')} WHERE id = $1`,
    [id, ...Object.values(fields)],
  );
};

it('reminds everybody who comes at each step, once, and ends in the evening', async () => {
  const { id, participants, handle, fin } = await book(72, [VEILLE, AVANT], {
    participants: [{}, { fuseau_horaire: 'Africa/Casablanca' }],
  });
  await system.pass(47 * HOUR);
  expect(await reminders(id)).toEqual([]);
  await system.pass(70 * MINUTE);
  const [first, second] = participants.map((one) => one.id);
  expect(await reminders(id)).toEqual([`P1D-email:0:p${first}`, `P1D-email:0:p${second}`]);
  await system.pass(23 * HOUR);
  expect((await reminders(id)).slice(2)).toEqual([`PT2H-email:0:p${first}`, `PT2H-email:0:p${second}`]);
  await system.pass(soirDe(fin.getTime(), 'UTC') - (await system.now()).getTime() + MINUTE);
  await handle.result();
  expect(await reminders(id)).toHaveLength(4);
});

it('reminds nobody after a cancellation, nor of a seat that was given back', async () => {
  const cancelled = await book(72);
  const seat = await book(72, [VEILLE], { participants: [{}, {}] });
  await system.pass(30 * HOUR);
  // Nobody tells the workflow: its timer rings, and it reads what is so by then.
  await change(cancelled.id, { statut: 'annule', sequence: 1 });
  await system.db.query(`UPDATE participants SET statut = 'annule' WHERE id = $1`, [
    seat.participants[0]!.id,
  ]);
  await system.pass(50 * HOUR);
  expect(await reminders(cancelled.id)).toEqual([]);
  expect(await reminders(seat.id)).toEqual([`P1D-email:0:p${seat.participants[1]!.id}`]);
});

it('reminds of the new time of what was moved, and not of the former', async () => {
  const { id, participants } = await book(72, [VEILLE]);
  const who = participants[0]!.id;
  await system.pass(30 * HOUR);
  const debut = new Date((await system.now()).getTime() + 10 * DAY);
  const moved = { debut, fin: new Date(debut.getTime() + 30 * MINUTE), sequence: 1, horaire_sequence: 1 };
  await change(id, { ...moved, horaire_depuis: await system.now() });
  await system.followRendezVous(id);
  await system.pass(8 * DAY);
  expect(await reminders(id)).toEqual([]);
  await system.pass(DAY + 70 * MINUTE);
  expect(await reminders(id)).toEqual([`P1D-email:1:p${who}`]);
});

it('says a step again of a time that came after it was said of another', async () => {
  const { id, participants } = await book(30, [VEILLE]);
  const who = participants[0]!.id;
  await system.pass(8 * HOUR);
  const debut = new Date((await system.now()).getTime() + 3 * DAY);
  const moved = { debut, fin: new Date(debut.getTime() + 30 * MINUTE), sequence: 1, horaire_sequence: 1 };
  await change(id, { ...moved, horaire_depuis: await system.now() });
  await system.followRendezVous(id);
  await system.pass(2 * DAY + 70 * MINUTE);
  expect(await reminders(id)).toEqual([`P1D-email:0:p${who}`, `P1D-email:1:p${who}`]);
});

it('drops what was past when it was booked late', async () => {
  const { id, participants } = await book(3, [VEILLE, AVANT]);
  await system.pass(70 * MINUTE);
  expect(await reminders(id)).toEqual([`PT2H-email:0:p${participants[0]!.id}`]);
});

it('follows the reminders that the service has when they are due', async () => {
  const gone = await book(72, [VEILLE]);
  const sooner = await book(72, [AVANT]);
  await system.pass(10 * HOUR);
  await system.db.query('UPDATE prestations SET rappels = $2 WHERE id = $1', [gone.prestation.id, '[]']);
  await system.db.query('UPDATE prestations SET rappels = $2 WHERE id = $1', [
    sooner.prestation.id,
    JSON.stringify([VEILLE]),
  ]);
  // As the reconciler does.
  await system.followRendezVous(sooner.id);
  await system.pass(40 * HOUR);
  expect(await reminders(gone.id)).toEqual([]);
  expect(await reminders(sooner.id)).toEqual([`P1D-email:0:p${sooner.participants[0]!.id}`]);
});

it('loses no reminder and says none twice when the worker dies, or the engine has lost it', async () => {
  const { id, participants, handle } = await book(72, [VEILLE, AVANT]);
  const who = participants[0]!.id;
  await system.pass(47 * HOUR);
  await handle.terminate('lost');
  // Its time comes while nobody is there; whoever comes next finds it by its row.
  await system.pass(90 * MINUTE);
  expect(await reminders(id)).toEqual([]);
  await system.followRendezVous(id);
  await eventually(
    () => reminders(id),
    (given) => given.length === 1,
  );
  // A worker that dies after the commit has the same done again.
  const now = await system.now();
  const again = () => system.db.transaction((tx) => suivreRendezVous(tx, id, now));
  await Promise.all([again(), again(), again()]);
  expect(await reminders(id)).toEqual([`P1D-email:0:p${who}`]);
  await system.pass(23 * HOUR);
  expect(await reminders(id)).toEqual([`P1D-email:0:p${who}`, `PT2H-email:0:p${who}`]);
});

it('ends a hold with its time: nothing is left of it, and its time is free', async () => {
  const expire_le = new Date((await system.now()).getTime() + 5 * MINUTE);
  const { id, seance_id, handle } = await book(72, [], { statut: 'retenu', expire_le, participants: [] });
  await system.pass(6 * MINUTE);
  await handle.result();
  expect(await system.db.query('SELECT id FROM rendez_vous WHERE id = $1', [id])).toEqual([]);
  expect(await system.db.query('SELECT id FROM occupations WHERE seance_id = $1', [seance_id])).toEqual([]);
});

it('ends a request that nobody answers, frees its time and says so, once', async () => {
  const expire_le = new Date((await system.now()).getTime() + 2 * HOUR);
  const { id, seance_id, handle, participants } = await book(72, [VEILLE], {
    statut: 'a_valider',
    expire_le,
  });
  await system.pass(3 * HOUR);
  await handle.result();
  await (await system.followRendezVous(id)).result();
  const [row] = await system.db.query('SELECT statut, sequence FROM rendez_vous WHERE id = $1', [id]);
  expect(row).toEqual({ statut: 'expire', sequence: 1 });
  expect(await system.db.query('SELECT prises FROM seances WHERE id = $1', [seance_id])).toEqual([
    { prises: 0 },
  ]);
  const told = await system.db.query(
    `SELECT modele, participant_id FROM messages WHERE sujet = $1 AND participant_id IS NOT NULL`,
    [`rendez_vous:${id}`],
  );
  expect(told).toEqual([{ modele: 'rdv_expire', participant_id: participants[0]!.id }]);
});

it('ends a request at the latest when it would begin', async () => {
  const { id } = await book(2, [], { statut: 'a_valider' });
  await system.pass(3 * HOUR);
  const [row] = await system.db.query('SELECT statut FROM rendez_vous WHERE id = $1', [id]);
  expect(row.statut).toBe('expire');
});

it('lists in the evening what nobody settled, once for each who received and each responsable', async () => {
  const site = await makeSite(system.db, { fuseau_horaire: 'Europe/Paris' });
  const responsable = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
  const elsewhere = await makeUser(system.db, {
    role: 'responsable',
    sites: [(await makeSite(system.db)).id],
  });
  const people = [await makeIntervenant(system.db), await makeIntervenant(system.db)];
  const prestation = await makePrestation(system.db, {
    site_id: site.id,
    intervenants: people.map(({ id }) => id),
  });
  // Tomorrow from ten o'clock in Paris.
  const noon = soirDe((await system.now()).getTime() + DAY, 'Europe/Paris') - 9 * HOUR;
  const at = (n: number) => ({ prestation, debut: new Date(noon + n * HOUR) });
  const [one, two] = people as [(typeof people)[0], (typeof people)[0]];
  const rows = [
    await makeBooking(system.db, { ...at(0), intervenant: one }),
    await makeBooking(system.db, { ...at(1), intervenant: one }),
    await makeBooking(system.db, { ...at(2), intervenant: one, statut: 'honore' }),
    await makeBooking(system.db, { ...at(1), intervenant: two }),
  ];
  for (const { id } of rows) await system.followRendezVous(id);
  await system.pass(noon + 10 * HOUR - (await system.now()).getTime());
  const lists = await system.db.query(
    `SELECT destinataire_id, donnees FROM messages WHERE modele = 'agenda_a_clore' AND evenement LIKE $1 ORDER BY id`,
    [`rendez-vous-soir:${site.id}:%`],
  );
  const told = new Map(
    lists.map(
      ({ destinataire_id, donnees }: { destinataire_id: number; donnees: { rendez_vous: object[] } }) => [
        destinataire_id,
        donnees.rendez_vous.length,
      ],
    ),
  );
  expect(lists).toHaveLength(3);
  expect(told).toEqual(
    new Map([
      [one.user_id, 2],
      [two.user_id, 1],
      [responsable.id, 3],
    ]),
  );
  expect(told.has(elsewhere.id)).toBe(false);
});

it('shows operators what it waits for, and nothing of anybody', async () => {
  const { handle, participants } = await book(72, [VEILLE]);
  const details = await eventually(
    async () =>
      (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails,
    (text) => text.includes('prochain rappel'),
  );
  expect(details).toMatch(/confirme, séquence 0/);
  const history = JSON.stringify(await handle.fetchHistory());
  for (const { nom, email } of participants) {
    expect(history).not.toContain(nom);
    expect(history).not.toContain(email);
    expect(history).not.toContain(Buffer.from(nom).toString('base64').slice(0, 12));
  }
  await handle.terminate('seen');
});
