import './runtime';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { interventionActivities, rapportActivities } from '../../src/activities/interventions';
import { lienMotDePasseActivities } from '../../src/activities/liens-mot-de-passe';
import { Access } from '../../src/auth/access';
import type { User } from '../../src/db/identite/users';
import { Demande as DemandeRow } from '../../src/db/interventions/interventions';
import type { Equipement } from '../../src/db/parc/equipements';
import type { Demande } from '../../src/domain/interventions/demandes';
import { createRapportRenderer, type RapportRenderer } from '../../src/pdf/renderer';
import { systemActor } from '../../src/services/actor';
import { createIntervention, type NewIntervention } from '../../src/services/interventions/interventions';
import { createObjectStore } from '../../src/storage/objects';
import { addSearchAttributes } from '../../src/worker/engine-setup';
import {
  INTERVENTION_WORKFLOW,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
  ORDRE_UPDATE,
  rapportsTaskQueue,
} from '../../src/workflows/protocol';
import { testConfig } from './api';
import { createTestDatabase, type TestDatabase } from './database';
import { eventually } from './eventually';
import { makeAdmin, makeEquipement } from './factories';
import { workflowsUnderTest } from './workflow-bundle';

/**
 * The workflows of interventions and links on Temporal's time-skipping server: days pass in milliseconds, while rows,
 * history and messages are written to a real database. Times of the tests are times of that server.
 */
export interface SkippingSystem {
  db: TestDatabase['db'];
  admin: User;
  /** Creates an intervention as the API would and starts its workflow. */
  report(given?: Partial<NewIntervention>, equipement?: Equipement): Promise<number>;
  /** Has a demande carried out. */
  order(interventionId: number, demande: Demande): Promise<void>;
  /** Plans the visit of a technicien, half an hour long, in an hour from now. */
  plan(interventionId: number, technicienId: number): Promise<void>;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  now(): Promise<Date>;
  /** Escalations and chasings recorded so far: etape, niveau, minutes since `since`. */
  told(interventionId: number, since: Date): Promise<[string, number, number][]>;
  isRunning(interventionId: number): Promise<boolean>;
  /** What the Web UI shows of it. */
  details(interventionId: number): Promise<string>;
  history(interventionId: number): Promise<History>;
  /** Tells the workflow that its row has changed, starting it if it has ended. */
  wake(interventionId: number): Promise<void>;
  /** Waits until the report of an intervention has been given up. */
  untilAbandoned(interventionId: number): Promise<void>;
  /** Asks for it again, as far as rows and engine go. */
  askAgain(interventionId: number): Promise<void>;
  /** Starts the workflow of a link by which a password is chosen. */
  startLink(lienId: string): Promise<WorkflowHandle>;
  close(): Promise<void>;
}

const TIME_ZONE = 'Europe/Paris';
const TASK_QUEUE = 'time-skipping';

/** What is other than usual. */
export interface SkippingOptions {
  /** Where the object store is. */
  s3Endpoint?: string;
  /** What makes reports. */
  rapports?: RapportRenderer;
}

/** The SDK gives the server five seconds, in which beside all else that a test run starts a JVM may not be up. */
const STARTS = 5;

async function startTimeSkipping(tries = 1): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: process.env.TEST_TIME_SKIPPING_SERVER! } as const;
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  } catch (error) {
    if (tries === STARTS) throw error;
    return startTimeSkipping(tries + 1);
  }
}

export async function startSkippingSystem({
  s3Endpoint,
  rapports = createRapportRenderer(),
}: SkippingOptions = {}): Promise<SkippingSystem> {
  const environment = await startTimeSkipping();
  const database = await createTestDatabase();
  const { db } = database;
  const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const overrides: Record<string, string> = s3Endpoint === undefined ? {} : { S3_ENDPOINT: s3Endpoint };
  const store = createObjectStore(testConfig(database.url, overrides).s3);
  await store.ensureBucket();
  await addSearchAttributes(environment.client);
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    namespace: environment.namespace,
    taskQueue: TASK_QUEUE,
    ...workflowsUnderTest(),
    activities: {
      ...interventionActivities({ db, timeZone: TIME_ZONE, logger }),
      ...lienMotDePasseActivities({ db, logger }),
    },
  });
  const reporter = await Worker.create({
    connection: environment.nativeConnection,
    namespace: environment.namespace,
    taskQueue: rapportsTaskQueue(TASK_QUEUE),
    activities: rapportActivities({ db, store, rapports, timeZone: TIME_ZONE, logger }),
  });
  const running = Promise.all([worker.run(), reporter.run()]);
  const { admin, principal } = await makeAdmin(db);
  const access = new Access(principal);
  const now = async () => new Date(await environment.currentTimeMs());
  const handle = (id: number) => environment.client.workflow.getHandle(interventionWorkflowId(id));

  const wake = async (id: number) => {
    await environment.client.workflow.signalWithStart(
      INTERVENTION_WORKFLOW,
      interventionWake(id, TASK_QUEUE),
    );
  };
  const order = async (interventionId: number, demande: Demande) => {
    const id = randomUUID();
    await db.manager.insert(DemandeRow, {
      id,
      intervention_id: interventionId,
      auteur_id: admin.id,
      session_id: principal.sessionId,
      action: 'update',
      requete: 'PUT /interventions/{id}',
      contenu: demande as object,
      correlation_id: 'test',
    });
    const statut = demande.type === 'statut' ? demande.statut : undefined;
    await handle(interventionId).executeUpdate(ORDRE_UPDATE, {
      args: [{ demandeId: id, type: demande.type, statut }],
      updateId: id,
    });
  };

  return {
    db,
    admin,
    report: async (given = {}, equipement) => {
      const { id: equipement_id } = equipement ?? (await makeEquipement(db));
      const actor = { ...systemActor(await now(), 'test'), userId: admin.id };
      const fields: NewIntervention = {
        titre: 'Fuite',
        description: 'Fuite au circuit principal',
        type_intervention: 'corrective',
        priorite: 'critique',
        urgence: false,
        competences_requises: [],
        ...given,
        equipement_id,
      };
      const { id } = await db.transaction((tx) => createIntervention(tx, access, actor, fields, TIME_ZONE));
      await environment.client.workflow.start(INTERVENTION_WORKFLOW, {
        workflowId: interventionWorkflowId(id),
        taskQueue: TASK_QUEUE,
        args: [id],
      });
      return id;
    },
    order,
    plan: async (interventionId, technicien_id) => {
      const date = new Date((await now()).getTime() + 3_600_000);
      const date_planifiee = date.toISOString();
      await order(interventionId, { type: 'assignation', technicien_id, date_planifiee, duree_estimee: 30 });
    },
    pass: (milliseconds) => environment.sleep(milliseconds),
    now,
    told: async (interventionId, since) => {
      const rows: { apres: { etape: string; niveau: number }; date: Date }[] = await db.query(
        `SELECT apres, date FROM historique WHERE entite = 'intervention' AND entite_id = $1
           AND action IN ('escalade', 'relance_pieces') ORDER BY id`,
        [interventionId],
      );
      return rows.map(({ apres, date }) => [
        apres.etape,
        apres.niveau,
        Math.round((date.getTime() - since.getTime()) / 60_000),
      ]);
    },
    isRunning: async (id) => (await handle(id).describe()).status.name === 'RUNNING',
    details: async (id) =>
      (await handle(id).query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails,
    wake,
    untilAbandoned: async (id) => {
      await environment.sleep(3_600_000);
      await eventually(
        () => db.query(`SELECT FROM rapports WHERE intervention_id = $1 AND statut = 'abandonne'`, [id]),
        (rows: unknown[]) => rows.length === 1,
      );
    },
    askAgain: async (id) => {
      await db.query(
        `UPDATE rapports SET statut = 'a_faire', rendus = 0, attente_depuis = NULL, date_essai = NULL,
           reprises = reprises + 1 WHERE intervention_id = $1`,
        [id],
      );
      await wake(id);
    },
    history: (id) => handle(id).fetchHistory(),
    startLink: (lienId) =>
      environment.client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(lienId, TASK_QUEUE)),
    close: async () => {
      worker.shutdown();
      reporter.shutdown();
      await running;
      rapports.close();
      await environment.teardown();
      await database.drop();
    },
  };
}
