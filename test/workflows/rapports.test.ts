import { MAX_RENDUS } from '../../src/domain/limites';
import { fileRapport, interventionsWithForgottenRapport } from '../../src/services/interventions/rapports';
import { createObjectStore } from '../../src/storage/objects';
import { testConfig } from '../support/api';
import { type Door, openDoor } from '../support/door';
import { eventually } from '../support/eventually';
import { makeTechnicien } from '../support/factories';
import { hopelessRenderer } from '../support/renderers';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** The report of a finished intervention, while what it needs is away or it cannot be made at all. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function finished(system: SkippingSystem, given = {}): Promise<number> {
  const technicien = await makeTechnicien(system.db);
  const id = await system.report(given);
  await system.plan(id, technicien.id);
  await system.order(id, { type: 'statut', statut: 'en_cours' });
  await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
  return id;
}

const rapportsOf = ({ db }: SkippingSystem, id: number): Promise<{ id: number }[]> =>
  db.query('SELECT id FROM documents WHERE intervention_id = $1', [id]);
const pendingOf = async ({ db }: SkippingSystem, id: number) =>
  (
    await db.query('SELECT statut, rendus, attente_depuis FROM rapports WHERE intervention_id = $1', [id])
  )[0] as { statut: string; rendus: number; attente_depuis: Date | null } | undefined;
const untilFiled = (system: SkippingSystem, id: number, count = 1) =>
  eventually(
    () => rapportsOf(system, id),
    (rows) => rows.length === count,
  );
const actionsOn = async ({ db }: SkippingSystem, id: number): Promise<string[]> =>
  (
    await db.query(
      `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 ORDER BY id`,
      [id],
    )
  ).map(({ action }: { action: string }) => action);
const toldToAdmins = ({ db }: SkippingSystem, id: number): Promise<unknown[]> =>
  db.query(
    `SELECT id FROM messages WHERE modele = 'rapport_abandonne' AND donnees->>'intervention_id' = $1::text`,
    [id],
  );
describe('while the object store is away', () => {
  let door: Door;
  let system: SkippingSystem;
  beforeAll(async () => {
    door = await openDoor(process.env.TEST_S3_ENDPOINT!);
    system = await startSkippingSystem({ s3Endpoint: door.url });
  });
  beforeEach(async () => {
    await door.shut();
  });
  afterEach(async () => {
    await door.open();
  });
  afterAll(async () => {
    await system.close();
    await door.shut();
  });

  it('a finished and reopened intervention hears its deadlines', async () => {
    const id = await finished(system);
    await eventually(
      () => pendingOf(system, id),
      (row) => row?.attente_depuis != null,
    );
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    const start = await system.now();
    await system.pass(5 * HOUR);
    expect(await system.told(id, start)).toEqual([['resolution', 1, 240]]);
    expect(await rapportsOf(system, id)).toEqual([]);
    // What its first end was to be reported by is not wanted any more.
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Refait.' });
    await door.open();
    await system.pass(HOUR);
    await untilFiled(system, id);
    expect(await pendingOf(system, id)).toBeUndefined();
  });

  it('its report is made once it is back, however often it was tried', async () => {
    const id = await finished(system);
    await system.pass(20 * HOUR);
    expect(await pendingOf(system, id)).toMatchObject({ statut: 'a_faire' });
    await door.open();
    await system.pass(HOUR);
    await untilFiled(system, id);
    expect(await pendingOf(system, id)).toBeUndefined();
    expect(await actionsOn(system, id)).not.toContain('rapport_abandonne');
  });

  it('it is given up after a day, told once, and made when somebody asks for it again', async () => {
    const id = await finished(system);
    await system.pass(2 * DAY);
    await system.untilAbandoned(id);
    expect((await actionsOn(system, id)).filter((action) => action === 'rapport_abandonne')).toHaveLength(1);
    expect(await toldToAdmins(system, id)).toHaveLength(1);
    await door.open();
    await system.pass(DAY);
    // Nobody makes it by themselves: not the workflow, nor one that is started anew from the row.
    await system.wake(id);
    await system.pass(HOUR);
    expect(await rapportsOf(system, id)).toEqual([]);
    await system.askAgain(id);
    await untilFiled(system, id);
  });

  it('the workflow does not end before it is filed or given up', async () => {
    const id = await finished(system);
    await system.pass(HOUR);
    // As if the reopening period ended while the store is still away.
    await system.db.query(
      `UPDATE interventions SET date_fin = date_fin - interval '8 days', echeances = '[]' WHERE id = $1`,
      [id],
    );
    await system.db.query(
      `UPDATE rapports SET cle_unique = 'rapport:' || $1 || ':' ||
         (SELECT (extract(epoch FROM date_fin) * 1000)::bigint FROM interventions WHERE id = $1) WHERE intervention_id = $1`,
      [id],
    );
    await system.wake(id);
    await system.pass(HOUR);
    expect(await system.isRunning(id)).toBe(true);
    await door.open();
    await system.pass(HOUR);
    await untilFiled(system, id);
    await eventually(
      () => system.isRunning(id),
      (running) => !running,
    );
  });
});

describe('a report that cannot be made', () => {
  let system: SkippingSystem;
  beforeAll(async () => {
    system = await startSkippingSystem({ rapports: hopelessRenderer() });
  });
  afterAll(() => system.close());

  it('is given up after three tries, on record and told, and holds no deadline', async () => {
    const id = await finished(system);
    const other = await system.report();
    const start = await system.now();
    await system.untilAbandoned(id);
    expect(await pendingOf(system, id)).toMatchObject({ rendus: MAX_RENDUS });
    expect((await actionsOn(system, id)).at(-1)).toBe('rapport_abandonne');
    expect(await toldToAdmins(system, id)).toHaveLength(1);
    expect(await system.told(other, start)).toEqual([['affectation', 3, 15]]);
    const details = await system.details(id);
    expect(details).toContain('Rapport abandonné');
  });

  it('is given up again when it was asked for again in vain, and told again', async () => {
    const id = await finished(system);
    await system.untilAbandoned(id);
    await system.askAgain(id);
    await system.untilAbandoned(id);
    expect(await toldToAdmins(system, id)).toHaveLength(2);
  });

  it('counts the tries that a process took with it', async () => {
    const id = await finished(system);
    await system.untilAbandoned(id);
    const [rows] = (await system.db.query(
      `UPDATE rapports SET statut = 'a_faire', reprises = reprises + 1, rendus = ${MAX_RENDUS} WHERE intervention_id = $1
       RETURNING cle_unique`,
      [id],
    )) as [{ cle_unique: string }[]];
    const { cle_unique: cle } = rows[0]!;
    const rapports = { render: () => Promise.reject(new Error('made once more')) };
    const store = createObjectStore(testConfig('postgres://nowhere').s3);
    const tools = { db: system.db, store, rapports, timeZone: 'Europe/Paris' };
    expect(await fileRapport(tools, id, cle, await system.now())).toBe('abandonne');
    expect(await pendingOf(system, id)).toMatchObject({ statut: 'abandonne' });
  });

  it('is looked for by the reconciler only once it is due again and nobody makes it', async () => {
    const id = await finished(system);
    await system.untilAbandoned(id);
    const forgotten = async () =>
      (await interventionsWithForgottenRapport(system.db.manager, 0, 500)).map((row) => row.id);
    expect(await forgotten()).not.toContain(id);
    const set = (essai: string, modification: string) =>
      system.db.query(
        `UPDATE rapports SET statut = 'a_faire', date_essai = ${essai}, date_modification = ${modification} WHERE intervention_id = $1`,
        [id],
      );
    await set('NULL', 'now()');
    expect(await forgotten()).not.toContain(id);
    await set('NULL', "now() - interval '10 seconds'");
    expect(await forgotten()).toContain(id);
    await set("now() - interval '50 minutes'", 'now()');
    expect(await forgotten()).not.toContain(id);
    await set("now() - interval '2 hours'", 'now()');
    expect(await forgotten()).toContain(id);
    await system.db.query(`UPDATE rapports SET statut = 'abandonne' WHERE intervention_id = $1`, [id]);
  });
});
