import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { onEngine, openCabinets } from '../../src/db/medical';
import { startTestApi, type TestApi } from '../support/api';
import { makeAgenda, makePatient, makeRendezVousCabinet, type TestAgenda } from '../support/cabinets';
import { makeIntervenant, makePrestation } from '../support/factories';

/** The door of practices to the engine of appointments: what of it they see and may change, and what nobody does. */

const PERMISSION_DENIED = '42501';
const CHECK_OPTION = '44000';

let api: TestApi;
let medical: DataSource;
let own: TestAgenda;
let other: TestAgenda;
let uids: { own: string; other: string };
beforeAll(async () => {
  api = await startTestApi();
  medical = await createDataSource({ url: api.database.medicalUrl, medical: true, poolSize: 1 }).initialize();
  const admin = (await api.newPerson('admin')).client;
  [own, other] = [await makeAgenda(api, admin), await makeAgenda(api, admin)];
  const booked = async (agenda: TestAgenda) => {
    const { client } = agenda.people.secretaire;
    const { id } = await makePatient(client);
    const debut = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 86_400_000);
    return (await makeRendezVousCabinet(client, agenda, debut, { patient_id: id })).uid;
  };
  uids = { own: await booked(own), other: await booked(other) };
  // The house's own, which practices know nothing of.
  const intervenant = await makeIntervenant(api.db);
  await makePrestation(api.db, { intervenants: [intervenant.id] });
});
afterAll(async () => {
  await medical.destroy();
  await api.close();
});

const inside = <Result>(cabinets: number[], statement: string): Promise<Result> =>
  medical.transaction(async (tx) => {
    await openCabinets(tx, { userId: 0, cabinets, administre: false });
    return onEngine(tx, () => tx.query(statement));
  });
const refusal = (cabinets: number[], statement: string) =>
  inside(cabinets, statement).then(
    () => null,
    (error) => error.driverError.code,
  );
const views = async (): Promise<string[]> => {
  const rows: { name: string }[] = await api.database.owner.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'moteur'::regnamespace ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

it('is made of barriers, which the application cannot reach', async () => {
  const found: { name: string; kind: string; options: string[] | null }[] = await api.database.owner.query(
    `SELECT relname AS name, relkind AS kind, reloptions AS options FROM pg_class
     WHERE relnamespace = 'moteur'::regnamespace`,
  );
  expect(found.length).toBeGreaterThan(10);
  for (const { name, kind, options } of found) {
    expect([name, kind, options]).toEqual([name, 'v', expect.arrayContaining(['security_barrier=true'])]);
    const asked = api.db.query(`SELECT FROM moteur.${name}`);
    await expect(asked).rejects.toMatchObject({ driverError: { code: PERMISSION_DENIED } });
  }
});

it('shows nothing to a transaction that has opened no practice, nor what is not of those that it has', async () => {
  const open = ['jours_feries'];
  for (const name of await views()) {
    if (open.includes(name)) continue;
    const rows = await inside<unknown[]>([], `SELECT 1 FROM ${name}`);
    expect([name, rows]).toEqual([name, []]);
  }
  const of = async (agenda: TestAgenda) =>
    (await inside<{ uid: string }[]>([agenda.id], 'SELECT uid FROM rendez_vous')).map(({ uid }) => uid);
  expect(await of(own)).toEqual([uids.own]);
  expect(await of(other)).toEqual([uids.other]);
  for (const [table, column] of [
    ['prestations', 'slug'],
    ['intervenants', 'user_id'],
  ] as const) {
    const rows = await inside<Record<string, unknown>[]>([own.id], `SELECT ${column} FROM ${table}`);
    const expected = column === 'slug' ? own.prestation : own.people.medecin.user.id;
    expect([table, rows.map((row) => row[column])]).toEqual([table, [expected]]);
  }
  for (const empty of ['salles', 'participants', 'plannings']) {
    expect([empty, await inside([own.id, other.id], `SELECT * FROM ${empty}`)]).toEqual([empty, []]);
  }
});

it('lets a practice write what is its own, and nothing into what is another’s or the house’s', async () => {
  const [{ id: theirs }] = await api.db.query(`SELECT id FROM prestations WHERE slug = $1`, [
    other.prestation,
  ]);
  const [{ id: house }] = await api.db.query('SELECT id FROM prestations WHERE NOT de_cabinet');
  const [{ id: intervenant }] = await api.db.query('SELECT v.id FROM intervenants v WHERE v.user_id = $1', [
    own.people.medecin.user.id,
  ]);
  for (const id of [theirs, house]) {
    const seance = `INSERT INTO seances (prestation_id, debut, fin, intervenants, places, prises)
      VALUES (${id}, now(), now() + interval '1 hour', '{${intervenant}}', 1, 1)`;
    expect(await refusal([own.id], seance)).toBe(CHECK_OPTION);
    const provider = `INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
      VALUES (${id}, ${intervenant}, false, 1, 1)`;
    expect(await refusal([own.id], provider)).toBe(CHECK_OPTION);
  }
  const change = `UPDATE rendez_vous SET statut = 'annule' WHERE uid = '${uids.other}' RETURNING id`;
  expect(await inside([own.id], change)).toEqual([[], 0]);
  const stranger = (await api.newPerson('membre')).user.id;
  const somebody = `INSERT INTO intervenants (user_id, nom_public) VALUES (${stranger}, 'X')`;
  expect(await refusal([own.id], somebody)).toBe(CHECK_OPTION);
  for (const refused of [
    'DELETE FROM rendez_vous',
    'DELETE FROM seances',
    'DELETE FROM prestations',
    'INSERT INTO occupations (genre, ressource_id, debut, fin) VALUES (NULL, 1, now(), now())',
    'UPDATE jours_feries SET date = date',
    `INSERT INTO participants (nom) VALUES ('X')`,
    'SELECT FROM public.rendez_vous',
    'SELECT FROM public.participants',
    'SELECT FROM public.messages',
  ]) {
    expect([refused, await refusal([own.id], refused)]).toEqual([refused, PERMISSION_DENIED]);
  }
});

it('keeps who comes, and why, out of what it writes there', async () => {
  for (const [what, value] of [
    ['reponses', `'{"motif": "toux"}'`],
    ['motif_annulation', `'toux'`],
    ['demandeur_id', '1'],
  ]) {
    const statement = `UPDATE rendez_vous SET ${what} = ${value} WHERE uid = '${uids.own}'`;
    expect([what, await refusal([own.id], statement)]).toEqual([what, PERMISSION_DENIED]);
  }
});

it('books nothing that is nobody’s: half an appointment does not commit', async () => {
  const copy = `INSERT INTO rendez_vous (uid, prestation_id, seance_id, debut, fin, intervenants, user_ids, statut, origine)
    SELECT uid || 'x', prestation_id, seance_id, debut, fin, intervenants, user_ids, statut, origine
    FROM rendez_vous WHERE uid = '${uids.own}'`;
  expect(await refusal([own.id], copy)).toBe('23503');
});
