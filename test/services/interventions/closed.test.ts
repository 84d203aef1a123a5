import { Access } from '../../../src/auth/access';
import { RegieError } from '../../../src/domain/errors';
import type { Ordre } from '../../../src/domain/interventions/ordres';
import { rate, updateTexts } from '../../../src/services/interventions/interventions';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeEquipement, makeSession, makeTechnicien, makeUser } from '../../support/factories';
import { type InventedTime, inventTime } from '../../support/invented-time';

/** What has ended is closed, also for whoever asked while it had not ended yet. */

let database: TestDatabase;
let time: InventedTime;
let technicien_id: number;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
  technicien_id = (await makeTechnicien(database.db)).id;
});
afterAll(() => database.drop());

const HOUR = 3_600_000;
const NOW = Date.parse('2026-12-07T09:00:00Z');
const FINISH: Ordre = { type: 'statut', statut: 'terminee', rapport: 'Joint remplacé.' };
const CANCEL: Ordre = { type: 'statut', statut: 'annulee', motif: 'Double' };
const REOPEN: Ordre = { type: 'statut', statut: 'en_cours' };

const ORDERS: Ordre[] = [
  { type: 'modification', changements: { titre: 'Autre', priorite: 'critique' } },
  { type: 'modification', changements: { urgence: true } },
  { type: 'modification', changements: { date_limite: '2026-12-20T10:00:00.000Z' } },
  { type: 'modification', changements: { date_limite: null } },
  { type: 'assignation', technicien_id: 0, date_planifiee: '2026-12-08T09:00:00.000Z', duree_estimee: 60 },
  { type: 'reception', besoins: null },
];

const retitle = (id: number, titre: string) =>
  database.db.transaction((tx) => updateTexts(tx, time.accessOnce(), time.actorAt(NOW), id, { titre }, null));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof RegieError ? error.code : error),
  );

it.each([
  ['finished', FINISH],
  ['cancelled', CANCEL],
])('what is %s is closed under its lock too, whatever is asked', async (_, end) => {
  const id = await time.begin({}, NOW);
  await time.order(id, end, NOW + HOUR);
  const before = await time.rowOf(id);
  for (const order of ORDERS) {
    const asked = order.type === 'assignation' ? { ...order, technicien_id } : order;
    expect([asked, await codeOf(time.order(id, asked, NOW + 2 * HOUR))]).toEqual([asked, 'CLOTUREE']);
  }
  expect(await codeOf(retitle(id, 'Autre'))).toBe('CLOTUREE');
  expect(await time.rowOf(id)).toEqual(before);
});

it('a move that is none stays a move, also where it would change nothing else', async () => {
  const id = await time.begin({}, NOW);
  await time.order(id, CANCEL, NOW + HOUR);
  for (const move of [FINISH, CANCEL, REOPEN])
    expect(await codeOf(time.order(id, move, NOW + 2 * HOUR))).toBe('TRANSITION_INVALIDE');
});

it('whoever comes at the moment of the end is in time for the report, or closed out', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 15; round++) {
    const id = await time.begin({}, NOW);
    const [texts, priority] = await Promise.all([
      codeOf(retitle(id, 'Au même moment')),
      codeOf(time.order(id, { type: 'modification', changements: { priorite: 'critique' } }, NOW + HOUR)),
      time.order(id, FINISH, NOW + HOUR),
    ]);
    const { titre, priorite } = await time.rowOf(id);
    expect([titre, priorite]).toEqual([
      texts === 'done' ? 'Au même moment' : 'Fuite',
      priority === 'done' ? 'critique' : 'normale',
    ]);
    const history: { action: string }[] = await database.db.query(
      `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id`,
      [id],
    );
    expect(history.at(-1)!.action).toBe('fin');
    for (const code of [texts, priority]) seen.add(String(code));
  }
  expect([...seen].filter((code) => code !== 'done' && code !== 'CLOTUREE')).toEqual([]);
});

it('the customer rates what is finished, and only then', async () => {
  const customer = await makeUser(database.db, { role: 'client' });
  const session = await makeSession(database.db, customer);
  const { id: equipement_id } = await makeEquipement(database.db, { client_id: customer.id });
  const id = await time.begin({ equipement_id }, NOW);
  const rateIt = () =>
    database.db.transaction((tx) => {
      const access = new Access({
        ...time.accessOnce().principal,
        userId: customer.id,
        role: 'client',
        tousSites: false,
        sessionId: session.id,
      });
      return rate(tx, access, { ...time.actorAt(NOW), userId: customer.id }, id, { note: 4 });
    });
  expect(await codeOf(rateIt())).toBe('TRANSITION_INVALIDE');
  await time.order(id, FINISH, NOW + HOUR);
  expect(await codeOf(rateIt())).toBe('done');
  await time.order(id, REOPEN, NOW + 2 * HOUR);
  expect(await codeOf(rateIt())).toBe('TRANSITION_INVALIDE');
});
