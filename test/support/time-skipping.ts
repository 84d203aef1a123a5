import './runtime';
import { Connection, Client as TemporalClient, type WorkflowHandle } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import {
  createActivities,
  createApplicationActivities,
  createRapportActivities,
  createSearchActivities,
  createWebhookActivities,
} from '../../src/activities';
import type { ActivityContext } from '../../src/activities/context';
import { preventifActivities } from '../../src/activities/preventif';
import { Access } from '../../src/auth/access';
import { createSecrets, type Secrets } from '../../src/auth/secrets';
import { createDataSource } from '../../src/db/data-source';
import type { User } from '../../src/db/identite/users';
import type { Equipement } from '../../src/db/parc/equipements';
import type { Ordre } from '../../src/domain/interventions/ordres';
import { createMailRenderer } from '../../src/mail/renderer';
import { createMailTransport } from '../../src/mail/transport';
import { MAISON } from '../../src/mail/views/maison';
import { createOutgoing } from '../../src/net/outgoing';
import { createRapportRenderer, type RapportRenderer } from '../../src/pdf/renderer';
import { systemActor } from '../../src/services/actor';
import { createIntervention, type NewIntervention } from '../../src/services/interventions/interventions';
import { sealOrdre } from '../../src/services/interventions/scelles';
import { createTrajets, type Trajets } from '../../src/services/planification/trajets';
import { createObjectStore } from '../../src/storage/objects';
import { People } from '../../src/threads/people';
import { addSearchAttributes } from '../../src/worker/engine-setup';
import {
  applicationsTaskQueue,
  BRIS_DE_GLACE_WORKFLOW,
  brisDeGlaceWake,
  ECHEANCE_PREVENTIF_WORKFLOW,
  EXAMEN_WORKFLOW,
  echeancePreventifStart,
  examenWake,
  INTERVENTION_WORKFLOW,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
  newInterventionStart,
  ORDRE_UPDATE,
  propositionsTaskQueue,
  RENDEZ_VOUS_WORKFLOW,
  rapportsTaskQueue,
  rendezVousWake,
  webhooksTaskQueue,
} from '../../src/workflows/protocol';
import { startTimeSkipping } from '../../tools/servers/start-time-skipping';
import { testConfig } from './api';
import { askedBy } from './asked';
import { createTestDatabase, type TestDatabase } from './database';
import { eventually } from './eventually';
import { makeAdmin, makeEquipement } from './factories';
import { createNamespace } from './namespace';
import { workflowsUnderTest } from './workflow-bundle';

/**
 * The workflows on Temporal's time-skipping server, with all that they may do: days pass in milliseconds, while rows, history and
 * messages are written to a real database. Times of the tests are times of that server.
 */
export interface SkippingSystem {
  db: TestDatabase['db'];
  database: TestDatabase;
  /** With the rights to what is medical. */
  medical: DataSource;
  secrets: Secrets;
  admin: User;
  /** Of the engine; it lets time pass while it waits for a result. */
  client: TemporalClient;
  taskQueue: string;
  /** Creates an intervention as the API would and starts its workflow. */
  report(given?: Partial<NewIntervention>, equipement?: Equipement): Promise<number>;
  /** Has a ordre carried out. */
  order(interventionId: number, ordre: Ordre): Promise<void>;
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
  /** Has the engine lose what it holds: no schedule of these plans is left, and no workflow that runs. */
  wipe(planIds: readonly number[]): Promise<void>;
  /** Tells the workflow that its row has changed, starting it if it has ended. */
  wake(interventionId: number): Promise<void>;
  /** Waits until the report of an intervention has been given up. */
  untilAbandoned(interventionId: number): Promise<void>;
  /** Asks for it again, as far as rows and engine go. */
  askAgain(interventionId: number): Promise<void>;
  /** Starts the workflow of a link by which a password is chosen. */
  startLink(lienId: string): Promise<WorkflowHandle>;
  /** Has the workflow of an appointment look at its row, starting it if it does not run. */
  followRendezVous(rendezVousId: number): Promise<WorkflowHandle>;
  /** Has the workflow of a break-glass look at its row, starting it if it does not run. */
  followBris(bris: { id: number; cabinet_id: number }): Promise<WorkflowHandle>;
  /** The same for the one of an examen. */
  followExamen(examenId: number): Promise<WorkflowHandle>;
  /** Lets time pass until something is due of one of these plans, at the latest until an instant, and has that decided. */
  untilDue(planIds: readonly number[], latest: Date): Promise<boolean>;
  /** Has what is due of a plan by now decided, as its schedule would. */
  decide(planId: number): Promise<void>;
  /** Where the schedules are: the server that skips time has none, so they are told to the development server. */
  schedules: TemporalClient | null;
  close(): Promise<void>;
}

const TIME_ZONE = 'Europe/Paris';
const TASK_QUEUE = 'time-skipping';
/** Histories name who wrote them: of those that are kept, no machine. */
const IDENTITY = 'time-skipping';

/** What is other than usual. */
export interface SkippingOptions {
  /** Where the object store is. */
  s3Endpoint?: string;
  /** What makes reports. */
  rapports?: RapportRenderer;
  /** What says how long travel takes. */
  trajets?: Trajets;
  /** Whether there are plans of preventive work. */
  plans?: boolean;
}

export async function startSkippingSystem({
  s3Endpoint,
  rapports = createRapportRenderer(),
  trajets,
  plans = false,
}: SkippingOptions = {}): Promise<SkippingSystem> {
  const environment = await startTimeSkipping(process.env.TEST_TIME_SKIPPING_SERVER!, IDENTITY);
  const database = await createTestDatabase();
  const { db } = database;
  const overrides: Record<string, string> = s3Endpoint === undefined ? {} : { S3_ENDPOINT: s3Endpoint };
  const config = testConfig(database.url, overrides);
  const secrets = createSecrets(config.dataKeys);
  const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const store = createObjectStore(config.s3);
  await store.ensureBucket();
  await addSearchAttributes(environment.client);
  const schedules = plans ? await connectForSchedules() : null;
  const medical = await createDataSource({
    url: database.medicalUrl,
    medical: true,
    poolSize: 2,
  }).initialize();
  const mails = createMailRenderer();
  const mail = createMailTransport(config.mail);
  const outgoing = createOutgoing(config.outgoing);
  const context: ActivityContext = {
    db,
    medical,
    store,
    mail,
    rapports,
    mails,
    maison: async () => MAISON,
    secrets,
    sms: null,
    smsSegments: config.sms.segments,
    telephonePays: config.telephonePays,
    outgoing,
    pushContact: config.pushContact,
    client: environment.client,
    people: new People(),
    trajets: trajets ?? createTrajets(config.trajets, () => {}),
    taskQueue: TASK_QUEUE,
    databaseUrl: config.databaseUrl,
    publicUrl: config.publicUrl,
    mailFrom: config.mail.from,
    documents: config.documents,
    accesConservationMois: config.accesConservationMois,
    timeZone: TIME_ZONE,
    logger,
  };
  const served = (taskQueue: string, activities: object) => ({
    connection: environment.nativeConnection,
    namespace: environment.namespace,
    identity: IDENTITY,
    taskQueue,
    activities,
  });
  const workers = await Promise.all(
    [
      {
        ...served(TASK_QUEUE, {
          ...createActivities(context),
          ...(schedules && {
            accorderHoraire: preventifActivities({ ...context, client: schedules }).accorderHoraire,
          }),
        }),
        ...workflowsUnderTest(),
      },
      served(rapportsTaskQueue(TASK_QUEUE), createRapportActivities(context)),
      served(propositionsTaskQueue(TASK_QUEUE), createSearchActivities(context)),
      served(applicationsTaskQueue(TASK_QUEUE), createApplicationActivities(context)),
      served(webhooksTaskQueue(TASK_QUEUE), createWebhookActivities(context)),
    ].map((options) => Worker.create(options)),
  );
  const running = Promise.all(workers.map((each) => each.run()));
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
  const order = async (interventionId: number, ordre: Ordre) => {
    const asked = askedBy(principal, ordre);
    await handle(interventionId).executeUpdate(ORDRE_UPDATE, {
      args: [sealOrdre(secrets, interventionId, asked)],
      updateId: asked.id,
    });
  };

  // The client of the environment lets time pass while it waits for a result.
  const patient = new TemporalClient({
    connection: environment.connection,
    namespace: environment.namespace,
  });
  const decide = async (planId: number) => {
    await patient.workflow.execute(ECHEANCE_PREVENTIF_WORKFLOW, echeancePreventifStart(planId, TASK_QUEUE));
  };

  return {
    db,
    database,
    medical,
    secrets,
    admin,
    client: environment.client,
    taskQueue: TASK_QUEUE,
    decide,
    untilDue: async (planIds, latest) => {
      const [next]: { id: number; due: Date }[] = await db.query(
        `SELECT id, prochaine_decision AS due FROM plans_preventifs
         WHERE id = ANY($1) AND prochaine_decision <= $2 ORDER BY prochaine_decision, rang, id LIMIT 1`,
        [planIds, latest],
      );
      const wait = (next?.due ?? latest).getTime() - (await now()).getTime();
      if (wait > 0) await environment.sleep(wait);
      if (next === undefined) return false;
      await decide(next.id);
      return true;
    },
    schedules,
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
      const { row, situation } = await db.transaction((tx) =>
        createIntervention(tx, access, actor, fields, TIME_ZONE),
      );
      const start = newInterventionStart(row.id, TASK_QUEUE, situation);
      await environment.client.workflow.start(INTERVENTION_WORKFLOW, start);
      return row.id;
    },
    order,
    plan: async (interventionId, technicien_id) => {
      const date = new Date((await now()).getTime() + 3_600_000);
      const date_planifiee = date.toISOString();
      await order(interventionId, { type: 'assignation', technicien_id, date_planifiee, duree_estimee: 30 });
    },
    pass: (milliseconds) => environment.sleep(milliseconds),
    now,
    wipe: async (planIds) => {
      const open: { id: number }[] = await db.query(
        `SELECT id FROM interventions WHERE statut NOT IN ('terminee', 'annulee') AND workflow_demarre`,
      );
      for (const { id } of open) await handle(id).terminate('lost').catch(unlessGone);
      for (const id of planIds) {
        await schedules!.schedule.getHandle(`preventif-${id}`).delete().catch(unlessGone);
      }
    },
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
    followRendezVous: (id) =>
      environment.client.workflow.signalWithStart(RENDEZ_VOUS_WORKFLOW, rendezVousWake(id, TASK_QUEUE)),
    followBris: (bris) =>
      environment.client.workflow.signalWithStart(BRIS_DE_GLACE_WORKFLOW, brisDeGlaceWake(bris, TASK_QUEUE)),
    followExamen: (id) =>
      environment.client.workflow.signalWithStart(EXAMEN_WORKFLOW, examenWake(id, TASK_QUEUE)),
    close: async () => {
      for (const each of workers) each.shutdown();
      await running;
      outgoing.close();
      rapports.close();
      mails.close();
      mail.close();
      await medical.destroy();
      await schedules?.connection.close();
      await environment.teardown();
      await database.drop();
    },
  };
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Error) || !/NotFound/.test(error.name)) throw error;
}

async function connectForSchedules(): Promise<TemporalClient> {
  const connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS! });
  return new TemporalClient({ connection, namespace: await createNamespace() });
}
