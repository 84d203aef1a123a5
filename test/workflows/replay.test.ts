import '../support/runtime';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { systemActor } from '../../src/services/actor';
import { requestLink } from '../../src/services/identite/liens-mot-de-passe';
import { LIEN_UTILISE_SIGNAL } from '../../src/workflows/protocol';
import {
  makeBooking,
  makeIntervenant,
  makePiece,
  makePrestation,
  makeTechnicien,
  makeUser,
} from '../support/factories';
import { hopelessRenderer } from '../support/renderers';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** Histories are kept in the encoding that the engine itself uses. */
const Codec = temporal.api.history.v1.History;
type History = temporal.api.history.v1.IHistory;
const read = (file: string): History => Codec.decode(readFileSync(join(HISTORIES, file)));

const HISTORIES = join(__dirname, '..', 'histories');
const HOUR = 3_600_000;

/** Lives that between them pass through everything the workflow does. */
const LIVES: Record<string, (system: SkippingSystem) => Promise<History>> = {
  'planned-waited-finished-reopened-closed': async (system) => {
    const id = await planned(system);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    const piece = await makePiece(system.db);
    await system.order(id, {
      type: 'statut',
      statut: 'attente_pieces',
      pieces: [{ piece_id: piece.id, quantite: 1 }],
    });
    await system.pass(30 * HOUR);
    await system.order(id, { type: 'reception', besoins: null });
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
    await system.pass(24 * HOUR);
    await system.order(id, { type: 'statut', statut: 'en_cours' });
    await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
    await system.pass(8 * 24 * HOUR);
    return system.history(id);
  },
  'escalated-changed-cancelled': async (system) => {
    const id = await system.report({ priorite: 'basse' });
    await system.order(id, { type: 'modification', changements: { priorite: 'critique' } });
    await system.pass(5 * HOUR);
    await system.order(id, { type: 'statut', statut: 'annulee', motif: 'Doublon.' });
    return system.history(id);
  },
  'withdrawn-and-still-open': async (system) => {
    const id = await planned(system);
    await system.order(id, { type: 'statut', statut: 'ouverte' });
    await system.pass(20 * 60_000);
    return system.history(id);
  },
  'report-given-up-asked-for-again-reopened': async () => {
    const system = await startSkippingSystem({ rapports: hopelessRenderer() });
    try {
      const id = await planned(system);
      await system.order(id, { type: 'statut', statut: 'en_cours' });
      await system.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' });
      await system.untilAbandoned(id);
      await system.askAgain(id);
      await system.untilAbandoned(id);
      await system.order(id, { type: 'statut', statut: 'en_cours' });
      await system.pass(5 * HOUR);
      return await system.history(id);
    } finally {
      await system.close();
    }
  },
  'link-used': async (system) => {
    const link = await startLink(system);
    await system.pass(5 * 60_000);
    await link.signal(LIEN_UTILISE_SIGNAL);
    await link.result();
    return link.fetchHistory();
  },
  'appointment-expected-reminded-moved-over': async (system) => {
    const intervenant = await makeIntervenant(system.db);
    const prestation = await makePrestation(system.db, {
      intervenants: [intervenant.id],
      rappels: [{ avant: 'PT2H', canal: 'email' }],
    });
    const debut = new Date((await system.now()).getTime() + 30 * HOUR);
    const horaire_depuis = await system.now();
    const { id } = await makeBooking(system.db, { prestation, intervenant, debut, horaire_depuis });
    const handle = await system.followRendezVous(id);
    await system.pass(29 * HOUR);
    await system.db.query(
      `UPDATE rendez_vous SET sequence = 1, debut = debut + interval '2 days', fin = fin + interval '2 days' WHERE id = $1`,
      [id],
    );
    await system.followRendezVous(id);
    await system.pass(80 * HOUR);
    await handle.result();
    return handle.fetchHistory();
  },
  'link-over': async (system) => {
    const link = await startLink(system);
    await system.pass(HOUR);
    return link.fetchHistory();
  },
};

async function startLink(system: SkippingSystem): Promise<WorkflowHandle> {
  const { email } = await makeUser(system.db);
  return system.startLink(await requestLink(system.db, systemActor(await system.now(), 'test'), email));
}

async function planned(system: SkippingSystem): Promise<number> {
  const technicien = await makeTechnicien(system.db);
  const id = await system.report();
  await system.plan(id, technicien.id);
  return id;
}

const bundle = (file: string) =>
  bundleWorkflowCode({ workflowsPath: require.resolve(file), logger: undefined });
const replay = (workflowBundle: WorkflowBundleWithSourceMap, history: History) =>
  Worker.runReplayHistory({ workflowBundle }, history, 'intervention-1');

const saved = readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.binpb'),
);

describe('histories', () => {
  let today: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    today = await bundle('../../src/workflows');
  });

  it('of today replay with the code that wrote them', async () => {
    const system = await startSkippingSystem();
    try {
      for (const [name, live] of Object.entries(LIVES)) {
        const history = await live(system);
        await replay(today, history);
        save(name, history);
      }
    } finally {
      await system.close();
    }
  });

  it('of released versions are there', () => {
    expect(saved.length).toBeGreaterThanOrEqual(Object.keys(LIVES).length);
  });

  it.each(saved)('%s replays with the code of today', async (file) => {
    await replay(today, read(file));
  });

  it('do not replay with code that breaks determinism', async () => {
    const broken = await bundle('../histories/broken-workflows');
    const history = read(saved[0]!);
    await expect(replay(broken, history)).rejects.toThrow(DeterminismViolationError);
  });
});

/** With `UPDATE_HISTORIES=<version>` keeps what this version writes, for all those that follow. */
function save(name: string, history: History): void {
  const version = process.env.UPDATE_HISTORIES;
  if (version === undefined) return;
  const folder = join(HISTORIES, version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.binpb`), Codec.encode(history).finish());
}
