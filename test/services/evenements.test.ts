import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { EntityManager } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { listen } from '../../src/db/listen';
import { EVENEMENTS } from '../../src/domain/evenements';
import {
  bornesOf,
  canFollow,
  EVENEMENTS_CHANNEL,
  type EvenementRow,
  evenementsAfter,
  removeOldEvenements,
} from '../../src/services/messages/evenements';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makePiece, makePlanning, makeUser } from '../support/factories';

/** What happened, in one order (docs/decisions/044). */

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** Writes a line of the history, as every change does. */
const write = (tx: EntityManager, entite: string, action: string, id: number) =>
  tx.query(`INSERT INTO historique (entite, entite_id, action, date) VALUES ($1, $2, $3, now())`, [
    entite,
    id,
    action,
  ]);

const all = () => evenementsAfter(database.db, 0, 100_000);

it('an event stands in the transaction of its change, with the version that it made', async () => {
  const piece = await makePiece(database.db, { stock: 5, seuil_alerte: 1, alerte_dite: false });
  const from = (await bornesOf(database.db)).dernier;
  await database.db.transaction(async (tx) => {
    await tx.query('UPDATE pieces SET version = version + 1, alerte_dite = true WHERE id = $1', [piece.id]);
    await write(tx, 'piece', 'modification', piece.id);
    // Nobody else sees it yet.
    expect(await database.owner.query('SELECT * FROM evenements WHERE ressource = $1', ['piece'])).toEqual(
      [],
    );
  });
  const undone = database.db.transaction(async (tx) => {
    await write(tx, 'piece', 'modification', piece.id);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await evenementsAfter(database.db, from, 10)).toMatchObject([
    { evenement: 'piece.stock_bas', ressource: 'piece', id_ressource: piece.id, version: 2 },
    { evenement: 'piece.modifiee', ressource: 'piece', id_ressource: piece.id, version: 2 },
  ]);
});

it('visits and notifications are told of by their own rows', async () => {
  const visite = await makePlanning(database.db);
  const user = await makeUser(database.db);
  const [{ id }] = await database.db.query(
    `INSERT INTO notifications (titre, message, type, destinataire_id) VALUES ('a', 'b', 'info', $1) RETURNING id`,
    [user.id],
  );
  // Written as it was: nothing that anybody sees.
  await database.db.query('UPDATE plannings SET statut = statut');
  await database.db.query(`UPDATE plannings SET notes = 'x', version = version + 1`);
  expect((await all()).filter(({ ressource }) => ressource !== 'user')).toMatchObject([
    { evenement: 'planning.cree', id_ressource: visite.id, version: 1, destinataire_id: null },
    { evenement: 'notification.creee', id_ressource: id, version: 1, destinataire_id: user.id },
    { evenement: 'planning.modifie', id_ressource: visite.id, version: 2 },
  ]);
});

it('what is no change of anything that people see is none, and an action without a name of its own is a change', async () => {
  await write(database.db.manager, 'user', 'connexion', 1);
  await write(database.db.manager, 'document', 'telechargement', 1);
  await write(database.db.manager, 'intervention', 'refus', 1);
  await write(database.db.manager, 'inconnu', 'creation', 1);
  await write(database.db.manager, 'document', 'restauration', 7);
  expect((await all()).map(({ evenement, id_ressource }) => [evenement, id_ressource])).toEqual([
    ['document.modifie', 7],
  ]);
});

it('every name that the database gives is one that is documented, and the other way round', async () => {
  const functions: { source: string }[] = await database.owner.query(
    `SELECT pg_get_functiondef(oid) AS source FROM pg_proc
     WHERE proname LIKE 'evenement%' OR proname LIKE '%\\_evenements'`,
  );
  const names = functions.flatMap(({ source }) => source.match(/(?<=['"])[a-z_]+\.[a-z_]+(?=['"])/g) ?? []);
  const given = new Set(names.filter((name) => !name.startsWith('public.')));
  expect([...given].toSorted()).toEqual(Object.keys(EVENEMENTS).toSorted());
});

it('the application can neither make an event up nor change one', async () => {
  await write(database.db.manager, 'site', 'creation', 1);
  for (const statement of [
    `INSERT INTO evenements (evenement, ressource, id_ressource, date) VALUES ('site.cree', 'site', 1, now())`,
    'UPDATE evenements SET id_ressource = 2',
    `SELECT nextval('evenements_rang')`,
  ]) {
    await expect(database.db.query(statement)).rejects.toMatchObject({ driverError: { code: '42501' } });
  }
});

describe('many write at once', () => {
  const WRITERS = 6;
  const EACH = 25;

  it('every reader sees each event once and in the same order, however long a transaction is open', async () => {
    const writers = await createDataSource({ url: database.url, poolSize: WRITERS + 2 }).initialize();
    const pieces = await Promise.all([1, 2, 3].map(() => makePiece(database.db)));
    const from = (await bornesOf(database.db)).dernier;
    let over = false;
    const follow = async (limit: number) => {
      const seen: EvenementRow[] = [];
      for (let idle = false; !idle; ) {
        const last = over;
        const some = await evenementsAfter(database.db, seen.at(-1)?.id ?? from, limit);
        seen.push(...some);
        idle = last && some.length === 0;
      }
      return seen;
    };
    const readers = [3, 7, 1_000].map(follow);

    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Has the lowest number of writing, and commits when all others have.
    const longest = writers.transaction(async (tx) => {
      await write(tx, 'site', 'creation', 900_000);
      await held;
      await write(tx, 'site', 'modification', 900_000);
    });
    const committed: number[] = [];
    const writer = async (who: number) => {
      for (let n = 0; n < EACH; n++) {
        const id = 1_000 * (who + 1) + n;
        const undone = Math.random() < 0.2;
        await writers
          .transaction(async (tx) => {
            await write(tx, 'site', 'creation', id);
            await sleep(Math.random() < 0.2 ? 60 : Math.random() * 4);
            const piece = pieces[Math.floor(Math.random() * pieces.length)]!;
            await tx.query('UPDATE pieces SET version = version + 1 WHERE id = $1', [piece.id]);
            await write(tx, 'piece', 'modification', piece.id);
            if (undone) throw new Error('undone');
          })
          .then(
            () => committed.push(id),
            (error) => expect(error.message).toBe('undone'),
          );
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, who) => writer(who)));
    release();
    await longest;
    over = true;

    const [one, ...others] = await Promise.all(readers);
    for (const other of others) expect(other).toEqual(one);
    const created = one!.filter(({ evenement }) => evenement === 'site.cree');
    expect(created.map(({ id_ressource }) => id_ressource).toSorted((a, b) => a - b)).toEqual(
      [...committed, 900_000].toSorted((a, b) => a - b),
    );
    expect(one!.at(-1)).toMatchObject({ evenement: 'site.modifie', id_ressource: 900_000 });
    // The open transaction kept nobody waiting for the others, nor did it come before they did.
    expect(created.at(-1)!.id_ressource).toBe(900_000);
    for (const { id } of pieces) {
      const versions = one!
        .filter((e) => e.ressource === 'piece' && e.id_ressource === id)
        .map((e) => e.version!);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
    }
    await writers.destroy();
  });
});

it('a burst of changes wakes those who listen ten times a second, for who notifies commits alone', async () => {
  const client = new Client({ connectionString: database.url });
  let woken = 0;
  client.on('notification', () => {
    woken++;
  });
  await client.connect();
  await client.query('LISTEN evenements');
  const begun = Date.now();
  for (let n = 0; n < 200; n++) await write(database.db.manager, 'site', 'modification', n);
  await client.query('SELECT');
  expect(woken).toBeGreaterThan(0);
  expect(woken).toBeLessThanOrEqual((Date.now() - begun) / 100 + 1);
  await client.end();
});

it('whoever listens is woken by what happened, and by the end of a session', async () => {
  const end = new AbortController();
  const bell = await listen(database.url, EVENEMENTS_CHANNEL, end.signal);
  const wokenWithin = async (period: number) => {
    const begun = Date.now();
    await bell.next(period);
    // A timer may ring a little before its time.
    return Date.now() - begun < period - 50;
  };
  await bell.next(0);
  await database.db.transaction(async (tx) => {
    for (let n = 0; n < 20; n++) await write(tx, 'site', 'modification', n);
  });
  expect(await wokenWithin(5_000)).toBe(true);
  // Twenty lines may take longer than one word of them keeps others back.
  while (await wokenWithin(300));
  await write(database.db.manager, 'user', 'connexion', 1);
  expect(await wokenWithin(300)).toBe(false);
  await write(database.db.manager, 'user', 'fin_sessions', 1);
  expect(await wokenWithin(5_000)).toBe(true);
  await bell.close();
});

describe('what is old', () => {
  it('is removed as a beginning of the order, and whoever comes from before it is told to read anew', async () => {
    for (let id = 1; id <= 4; id++) await write(database.db.manager, 'site', 'creation', id);
    const events = await all();
    await database.owner.query(
      `UPDATE evenements SET date = now() - interval '8 days' WHERE id_ressource IN (1, 2)`,
    );
    await removeOldEvenements(database.db);
    expect((await all()).map(({ id_ressource }) => id_ressource)).toEqual([3, 4]);
    const bornes = await bornesOf(database.db);
    expect(canFollow(bornes, events[0]!.id)).toBe(false);
    expect(canFollow(bornes, events[1]!.id)).toBe(true);
    expect(canFollow(bornes, events[3]!.id)).toBe(true);
    expect(canFollow(bornes, events[3]!.id + 1)).toBe(false);
  });

  it('counts from where it was when nothing is left, also of what nobody had read', async () => {
    for (let id = 1; id <= 4; id++) await write(database.db.manager, 'site', 'creation', id);
    await database.owner.query(`UPDATE evenements SET date = now() - interval '8 days'`);
    await removeOldEvenements(database.db);
    const bornes = await bornesOf(database.db);
    expect(bornes).toEqual({ premier: null, dernier: 4 });
    expect(canFollow(bornes, 4)).toBe(true);
    expect(canFollow(bornes, 3)).toBe(false);
  });
});
