import sql from 'sql-template-tag';
import type { Principal } from '../../../src/auth/principal';
import { createSecrets } from '../../../src/auth/secrets';
import type { SealedOrdre } from '../../../src/domain/interventions/ordres';
import { applyOrdre } from '../../../src/services/interventions/cycle/apply';
import { lockAndRead } from '../../../src/services/interventions/cycle/locked';
import { withdrawOrdre } from '../../../src/services/interventions/ordres';
import { type AskedOrdre, openOrdre, sealOrdre } from '../../../src/services/interventions/scelles';
import { askedBy } from '../../support/asked';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeAdmin, makeIntervention } from '../../support/factories';
import { holdRows } from '../../support/locks';

const ZONE = 'Europe/Paris';
const CANCEL = { type: 'statut', statut: 'annulee', motif: 'Doublon' } as const;

let database: TestDatabase;
let principal: Principal;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ principal } = await makeAdmin(database.db));
});
afterAll(() => database.drop());

const apply = (id: number, asked: AskedOrdre) =>
  database.db.transaction((tx) => applyOrdre(tx, id, asked, new Date(), ZONE));
const eventsOf = async (id: number) =>
  (
    await database.db.query(
      `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1`,
      [id],
    )
  ).map(({ action }: { action: string }) => action);
const UNAVAILABLE = expect.objectContaining({ code: 'SERVICE_INDISPONIBLE' });

describe('an intervention is locked and read', () => {
  const read = (id: number, besides = sql`NULL`) =>
    database.db.transaction((tx) => lockAndRead(tx, id, ZONE, besides));

  it('as whoever held it before has left it', async () => {
    const { id } = await makeIntervention(database.db, { priorite: 'basse' });
    const held = await holdRows(database.owner, 'SELECT id FROM interventions WHERE id = $1 FOR UPDATE', [
      id,
    ]);
    const reading = read(id);
    await held.awaitedBy(1, null);
    await held.change(`UPDATE interventions SET priorite = 'haute' WHERE id = $1`, [id]);
    await held.change(`UPDATE equipements SET nom = 'Autre nom'`, []);
    await held.commit();
    expect(await reading).toMatchObject({
      intervention: { priorite: 'haute' },
      equipement: { nom: 'Autre nom' },
    });
  });

  it('as somebody has left it who came and went while it was being read', async () => {
    const { id } = await makeIntervention(database.db, { priorite: 'basse' });
    // Read before the row is locked: time for somebody else to change it.
    const reading = read(id, sql`(SELECT e.nom FROM pg_sleep(0.5))`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await database.owner.transaction(async (tx) => {
      await tx.query(`UPDATE interventions SET priorite = 'haute' WHERE id = $1`, [id]);
      await tx.query(`UPDATE equipements SET nom = 'Encore un nom'`);
    });
    expect(await reading).toMatchObject({
      intervention: { priorite: 'haute' },
      equipement: { nom: 'Encore un nom' },
      besides: 'Encore un nom',
    });
  });

  it('as nothing when there is none', async () => {
    expect(await read(2_000_000_000)).toBeNull();
  });
});

describe('an order', () => {
  it('is carried out once, however often it is tried', async () => {
    const { id } = await makeIntervention(database.db);
    const asked = askedBy(principal, CANCEL);
    const first = await apply(id, asked);
    expect(await apply(id, asked)).toEqual(first);
    expect(await eventsOf(id)).toEqual(['annulation']);
  });

  it('that was taken back is never carried out', async () => {
    const { id } = await makeIntervention(database.db);
    const asked = askedBy(principal, CANCEL);
    expect(await withdrawOrdre(database.db, id, asked.id)).toBe(true);
    await expect(apply(id, asked)).rejects.toEqual(UNAVAILABLE);
    expect(await eventsOf(id)).toEqual([]);
  });

  it('that has been carried out cannot be taken back', async () => {
    const { id } = await makeIntervention(database.db);
    const asked = askedBy(principal, CANCEL);
    await apply(id, asked);
    expect(await withdrawOrdre(database.db, id, asked.id)).toBe(false);
  });

  it('is either carried out or taken back when both are tried at the same moment', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const { id } = await makeIntervention(database.db);
      const asked = askedBy(principal, CANCEL);
      const applying = apply(id, asked).then(
        () => 'applied',
        () => 'refused',
      );
      await new Promise((resolve) => setTimeout(resolve, round % 4));
      const withdrawn = await withdrawOrdre(database.db, id, asked.id);
      outcomes.add(`${await applying} ${withdrawn} ${await eventsOf(id)}`);
    }
    const allowed = ['applied false annulation', 'refused true '];
    expect([...outcomes].filter((outcome) => !allowed.includes(outcome))).toEqual([]);
  });

  it('is not carried out once its caller has been told that it failed', async () => {
    const { id } = await makeIntervention(database.db);
    const late = { ...askedBy(principal, CANCEL), askedAt: Date.now() - 10_000 };
    await expect(apply(id, late)).rejects.toEqual(UNAVAILABLE);
    expect(await eventsOf(id)).toEqual([]);
  });

  describe('on its way', () => {
    const secretsOf = (id: string) => createSecrets([{ id, key: Buffer.alloc(32, id) }]);
    const secrets = secretsOf('a');
    const asked: AskedOrdre = {
      ...askedBy({ userId: 7, sessionId: null, cleApiId: 3 } as Principal, {
        ...CANCEL,
        motif: 'Signalée par Mme Alami',
      }),
      key: { userId: 7, cle: 'une-clé', empreinte: Buffer.from([1, 2, 255]) },
    };

    it('says what it is, and nothing of what somebody wrote or whose it is', () => {
      const sealed = sealOrdre(secrets, 12, asked);
      expect(sealed).toEqual({ id: asked.id, type: 'statut', statut: 'annulee', scelle: expect.any(String) });
      const bytes = Buffer.from(sealed.scelle, 'base64').toString('latin1');
      for (const word of ['Alami', 'motif', 'userId', 'PUT']) expect(bytes).not.toContain(word);
    });

    it('arrives as it was sent', () => {
      expect(openOrdre(secrets, 12, sealOrdre(secrets, 12, asked))).toEqual(asked);
    });

    it.each<[string, (sealed: SealedOrdre) => unknown]>([
      ['for another intervention', (sealed) => openOrdre(secrets, 13, sealed)],
      [
        'under the id of another order',
        (sealed) => openOrdre(secrets, 12, { ...sealed, id: askedBy(principal, CANCEL).id }),
      ],
      ['where its key is not known', (sealed) => openOrdre(secretsOf('b'), 12, sealed)],
      [
        'once it has been altered',
        (sealed) => openOrdre(secrets, 12, { ...sealed, scelle: `AAAA${sealed.scelle.slice(4)}` }),
      ],
      ['as a former version sent it', ({ type, statut }) => openOrdre(secrets, 12, { type, statut })],
    ])('is of no use %s', (_, open) => {
      expect(() => open(sealOrdre(secrets, 12, asked))).toThrow(UNAVAILABLE);
    });
  });
});
