import { readdirSync, readFileSync } from 'node:fs';
import { semaineOf } from '../../src/domain/planification/propositions';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import {
  makeEquipement,
  makeIntervention,
  makeProposition,
  makeSite,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/** A search whose process is killed, one whose worker is, and a proposal that is half applied when it is. */

let system: ProcessSystem;
let client: Client;
let worker: Awaited<ReturnType<ProcessSystem['startWorker']>>;
let siteId: number;
beforeAll(async () => {
  system = await prepareSystem();
  siteId = (await makeSite(system.db, { latitude: 32.9, longitude: -6.9 })).id;
  client = await system.as(await makeUser(system.db, { role: 'responsable', sites: [siteId] }));
  await system.startApi();
  worker = await system.startWorker();
});
afterAll(() => system.close());

const WEEK = semaineOf(new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10));

async function makeWork(people: number, count: number): Promise<void> {
  const { db } = system;
  const equipement = await makeEquipement(db, { site_id: siteId });
  const creator = await makeUser(db);
  for (let made = 0; made < people; made++) {
    const base = { latitude: 32.9 + made / 50, longitude: -6.9, horaires: null };
    await makeTechnicien(db, base, { sites: [siteId] });
  }
  for (let made = 0; made < count; made++) {
    await makeIntervention(db, { equipement_id: equipement.id, createur_id: creator.id });
  }
}

const read = async (id: number) => (await client.get(`/planning/propositions/${id}`)).body;
const generate = async (): Promise<number> =>
  (await client.post('/planning/generer', { semaine: WEEK })).body.id;
const searching = (id: number) =>
  eventually(
    () => read(id),
    ({ progression }) => progression !== null,
  );

/** The processes that search, whoever started them. */
function searches(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, parent] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes('threads/semaine.js') && known.has(Number(parent));
      } catch {
        return false;
      }
    });
}
/** Workers of this test: others may search beside it. */
const known = new Set<number>();

it('goes on, whoever is killed, and leaves nobody behind', async () => {
  known.add(worker.pid);
  await makeWork(10, 250);
  const id = await generate();
  await searching(id);
  const [first] = searches();
  process.kill(first!, 'SIGKILL');
  // It is begun anew at once, in another process.
  const [second] = await eventually(searches, (pids) => pids.length === 1 && pids[0] !== first);
  await system.killWorker(worker);
  // Nobody waits for it any more, and it has seen that.
  await eventually(
    () => exists(second!),
    (alive) => !alive,
    5_000,
  );
  worker = await system.startWorker();
  known.add(worker.pid);
  const done = await eventually(
    () => read(id),
    ({ statut }) => statut !== 'en_cours',
  );
  expect([done.statut, done.visites.length]).toEqual(['prete', done.bilan.affectees]);
  const again = await generate();
  await searching(again);
  // Stopped as it should be, a worker leaves the search to the next one.
  await worker.stop();
  worker = await system.startWorker();
  known.add(worker.pid);
  const same = await eventually(
    () => read(again),
    ({ statut }) => statut !== 'en_cours',
  );
  // However it was interrupted, it is the plan that it would have been.
  const plan = ({ visites }: typeof done) =>
    visites.map(({ intervention_id, technicien_id, date_planifiee }: Record<string, unknown>) => [
      intervention_id,
      technicien_id,
      date_planifiee,
    ]);
  expect(plan(same)).toEqual(plan(done));
  expect(searches()).toEqual([]);

  // Applied, and stopped in the middle: one line stands still while the worker is killed.
  const lines = done.visites.length;
  const [held] = done.visites.slice(-1);
  const rows = await holdRows(system.owner, 'SELECT FROM interventions WHERE id = $1 FOR UPDATE', [
    held.intervention_id,
  ]);
  await client.post(`/planning/propositions/${id}/application`);
  await eventually(
    () => read(id),
    ({ application }) => application.lignes.appliquee > 3,
  );
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  await rows.release();
  worker = await system.startWorker();
  const applied = await eventually(
    () => read(id),
    ({ statut }) => statut === 'appliquee',
  );
  expect(applied.application.lignes).toMatchObject({ restantes: 0, refusee: 0, modifiee_entretemps: 0 });
  expect(applied.application.lignes.appliquee).toBe(lines);
  // Each once: one visit, one order.
  const [counts] = await system.db.query(
    `SELECT count(*)::integer AS visites, count(DISTINCT intervention_id)::integer AS interventions FROM plannings`,
  );
  expect(counts).toEqual({ visites: lines, interventions: lines });
  const [{ orders }] = await system.db.query(
    `SELECT count(*)::integer AS orders FROM historique WHERE entite = 'intervention' AND action = 'assignation'`,
  );
  expect(orders).toBe(lines);
});

it('is begun from its row, and applied from it, where both were forgotten', async () => {
  const { db } = system;
  const user = await makeUser(db);
  const forgotten = {
    semaine: WEEK,
    site_ids: [(await makeSite(db)).id],
    createur_id: user.id,
    battement: new Date(Date.now() - 60_000),
  };
  const { id: computed } = await makeProposition(db, { ...forgotten, statut: 'en_cours' });
  const { id: carried } = await makeProposition(db, {
    ...forgotten,
    application_debut: new Date(),
    application_auteur: {
      userId: user.id,
      sessionId: null,
      cleApiId: null,
      requete: 'POST /planning/propositions/{id}/application',
      correlationId: 'test',
      adresse: null,
    },
  });
  await system.reconcile();
  const statutOf = async (id: number) =>
    (await db.query('SELECT statut FROM propositions WHERE id = $1', [id]))[0].statut;
  await eventually(
    () => statutOf(computed),
    (statut) => statut === 'prete',
  );
  await eventually(
    () => statutOf(carried),
    (statut) => statut === 'appliquee',
  );
});

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
