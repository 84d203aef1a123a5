import type { Ordre } from '../../../src/domain/interventions/ordres';
import type { StatutEquipement } from '../../../src/domain/parc/equipements';
import { listArrets, updateEquipement } from '../../../src/services/parc/equipements';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeEquipement } from '../../support/factories';
import { type InventedTime, inventTime, ZONE } from '../../support/invented-time';
import { statementsDuring } from '../../support/queries';

/** The state of a machine follows the work on it, and its stops are on record (docs/decisions/038). */

let database: TestDatabase;
let time: InventedTime;
let machine: number;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  machine = (await makeEquipement(database.db)).id;
});

const HOUR = 3_600_000;
const START = Date.parse('2026-12-01T10:00:00Z');
const at = (hours: number) => START + hours * HOUR;

/** Planned: whoever is sent has not begun. */
async function planned(given: object, hours: number): Promise<number> {
  const id = await time.begin({ equipement_id: machine, ...given }, at(hours));
  await database.db.query(`UPDATE interventions SET statut = 'planifiee' WHERE id = $1`, [id]);
  return id;
}
const stopping = (hours: number) => planned({ arret: true }, hours);
const preventive = (hours: number) => planned({ type_intervention: 'preventive' }, hours);
const order = (id: number, ordre: Ordre, hours: number) => time.order(id, ordre, at(hours));
const begin = (id: number, hours: number) => order(id, { type: 'statut', statut: 'en_cours' }, hours);
const finish = (id: number, hours: number) =>
  order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, hours);
const cancel = (id: number, hours: number) =>
  order(id, { type: 'statut', statut: 'annulee', motif: 'Inutile' }, hours);
const say = (statut: StatutEquipement, hours: number) =>
  database.db.transaction((tx) =>
    updateEquipement(tx, time.accessOnce(), time.actorAt(at(hours)), machine, { statut }, null, ZONE),
  );
const statut = async () =>
  (await database.db.query('SELECT statut FROM equipements WHERE id = $1', [machine]))[0].statut;
const PAGE = { limit: 200, offset: 0, sort: 'debut' };
/** In hours since the start. */
async function arrets() {
  const { rows } = await listArrets(database.db, time.accessOnce(), machine, undefined, PAGE);
  const hours = (instant: unknown) =>
    instant === null ? null : (Date.parse(String(instant)) - START) / HOUR;
  return rows.map(({ cause, debut, fin }) => [cause, hours(debut), hours(fin)]);
}

it('a corrective that stops the machine has it broken from the report to the end of the work', async () => {
  const id = await stopping(0);
  expect(await statut()).toBe('en_panne');
  await begin(id, 1);
  expect(await statut()).toBe('en_panne');
  await finish(id, 3);
  expect(await statut()).toBe('operationnel');
  expect(await arrets()).toEqual([['panne', 0, 3]]);
});

it('one that stops nothing leaves it as it is', async () => {
  const id = await planned({}, 0);
  await begin(id, 1);
  await finish(id, 2);
  expect([await statut(), await arrets()]).toEqual(['operationnel', []]);
});

it('preventive work has it in maintenance while it is under way', async () => {
  const id = await preventive(0);
  expect(await statut()).toBe('operationnel');
  await begin(id, 1);
  expect(await statut()).toBe('en_maintenance');
  await finish(id, 2);
  expect([await statut(), await arrets()]).toEqual(['operationnel', [['maintenance', 1, 2]]]);
});

it('work that is cancelled restores it, and work that is reopened stops it again', async () => {
  const id = await stopping(0);
  await cancel(id, 1);
  expect(await statut()).toBe('operationnel');
  const other = await stopping(2);
  await begin(other, 3);
  await finish(other, 4);
  await begin(other, 6);
  expect(await statut()).toBe('en_panne');
  expect(await arrets()).toEqual([
    ['panne', 0, 1],
    ['panne', 2, 4],
    ['panne', 6, null],
  ]);
  await finish(other, 7);
  expect(await statut()).toBe('operationnel');
  const upkeep = await preventive(8);
  await begin(upkeep, 9);
  await finish(upkeep, 10);
  await begin(upkeep, 11);
  expect(await statut()).toBe('en_maintenance');
  await cancel(upkeep, 12);
  expect(await statut()).toBe('operationnel');
});

it('the field may be set and taken back, of a corrective alone', async () => {
  const id = await planned({}, 0);
  const set = (arret: boolean, hours: number) =>
    order(id, { type: 'modification', changements: { arret } }, hours);
  await set(true, 1);
  expect(await statut()).toBe('en_panne');
  await set(true, 2);
  await set(false, 3);
  expect([await statut(), await arrets()]).toEqual(['operationnel', [['panne', 1, 3]]]);
  const upkeep = await preventive(4);
  const refused = order(upkeep, { type: 'modification', changements: { arret: true } }, 5);
  await expect(refused).rejects.toMatchObject({ code: 'VALIDATION' });
});

it('several at once are one stop, and it is restored with the last', async () => {
  const [a, b, c] = [await stopping(0), await stopping(1), await preventive(2)];
  await begin(c, 2);
  expect(await statut()).toBe('en_panne');
  await begin(a, 3);
  await finish(a, 4);
  expect(await statut()).toBe('en_panne');
  await cancel(b, 5);
  expect(await statut()).toBe('en_maintenance');
  await finish(c, 6);
  expect(await statut()).toBe('operationnel');
  expect(await arrets()).toEqual([
    ['panne', 0, 5],
    ['maintenance', 5, 6],
  ]);
});

it('that end at the same moment leave it restored, whoever was first', async () => {
  for (let round = 0; round < 5; round++) {
    const ids = await Promise.all([stopping(0), stopping(0), stopping(0)]);
    expect(await statut()).toBe('en_panne');
    await Promise.all(ids.map((id) => cancel(id, 1)));
    expect(await statut()).toBe('operationnel');
  }
});

it('what somebody took out of service stays so, whatever is done to it', async () => {
  await say('hors_service', 0);
  const id = await stopping(1);
  expect(await statut()).toBe('hors_service');
  await begin(id, 2);
  await finish(id, 3);
  expect(await statut()).toBe('hors_service');
  const other = await stopping(4);
  await say('operationnel', 5);
  // It works as far as they can say; what stops it does so still.
  expect(await statut()).toBe('en_panne');
  await cancel(other, 6);
  expect(await statut()).toBe('operationnel');
});

it('a person’s word that it is broken stands until they or the work on it say otherwise', async () => {
  await say('en_panne', 0);
  await say('operationnel', 1);
  await say('en_panne', 2);
  const upkeep = await preventive(3);
  await begin(upkeep, 3);
  await finish(upkeep, 4);
  expect(await statut()).toBe('en_panne');
  const repair = await stopping(5);
  await begin(repair, 6);
  await finish(repair, 7);
  expect(await statut()).toBe('operationnel');
  expect(await arrets()).toEqual([
    ['panne', 0, 1],
    ['panne', 2, 7],
  ]);
});

it('a form that sends the state it was shown says nothing by it', async () => {
  const id = await stopping(0);
  await say('en_panne', 1);
  await cancel(id, 2);
  expect(await statut()).toBe('operationnel');
});

it('each change of state is on record with the intervention that brought it about', async () => {
  const id = await stopping(0);
  await cancel(id, 1);
  const lines = await database.db.query(
    `SELECT avant, apres FROM historique WHERE entite = 'equipement' AND entite_id = $1 AND action = 'etat' ORDER BY id`,
    [machine],
  );
  expect(lines).toEqual([
    { avant: { statut: 'operationnel' }, apres: { statut: 'en_panne', intervention_id: id } },
    { avant: { statut: 'en_panne' }, apres: { statut: 'operationnel', intervention_id: id } },
  ]);
});

it('the state is what the stops say, after anything in any order', async () => {
  const hours = { n: 0 };
  const ids = [await stopping(0), await planned({}, 0), await preventive(0), await preventive(0)];
  const moves: ((id: number, hours: number) => Promise<unknown>)[] = [
    begin,
    finish,
    begin,
    (id, n) => order(id, { type: 'modification', changements: { arret: n % 2 === 0 } }, n),
  ];
  for (let step = 0; step < 60; step++) {
    hours.n += 1;
    const id = ids[(step * 7) % ids.length]!;
    // Many are refused by the rules of the lifecycle: what they leave is as good a state as any.
    await moves[(step * 5 + (step >> 2)) % moves.length]!(id, hours.n).catch(() => undefined);
    const [row] = await database.db.query(
      `SELECT e.statut,
         EXISTS (SELECT FROM interventions i WHERE i.equipement_id = e.id AND i.arret
                 AND i.statut NOT IN ('terminee', 'annulee')) AS panne,
         EXISTS (SELECT FROM interventions i WHERE i.equipement_id = e.id AND i.type_intervention = 'preventive'
                 AND i.statut IN ('en_cours', 'attente_pieces')) AS maintenance
       FROM equipements e WHERE e.id = $1`,
      [machine],
    );
    const expected = row.panne ? 'en_panne' : row.maintenance ? 'en_maintenance' : 'operationnel';
    expect([step, row.statut]).toEqual([step, expected]);
  }
});

it('the list costs as many statements however many stops there are', async () => {
  const cost = async () => (await statementsDuring(() => arrets())).length;
  await cancel(await stopping(0), 1);
  const few = await cost();
  for (let n = 1; n < 10; n++) await cancel(await stopping(2 * n), 2 * n + 1);
  expect(await cost()).toBe(few);
  expect(await arrets()).toHaveLength(10);
});
