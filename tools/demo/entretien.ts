import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { interventionActivities } from '../../src/activities/interventions';
import { preventifActivities } from '../../src/activities/preventif';
import { Access } from '../../src/auth/access';
import type { Principal } from '../../src/auth/principal';
import { createSecrets, type Secrets } from '../../src/auth/secrets';
import { createDataSource } from '../../src/db/data-source';
import { Technicien } from '../../src/db/identite/techniciens';
import { User } from '../../src/db/identite/users';
import { Equipement } from '../../src/db/parc/equipements';
import { Site } from '../../src/db/parc/sites';
import type { Ordre } from '../../src/domain/interventions/ordres';
import { dayAt } from '../../src/domain/local-time';
import { type Actor, systemActor } from '../../src/services/actor';
import { sealOrdre } from '../../src/services/interventions/scelles';
import { createPlan, type PlanFields, pausePlan, resumePlan } from '../../src/services/preventif/plans';
import { updateFollowedEquipement } from '../../src/services/preventif/releves';
import { People } from '../../src/threads/people';
import { workflowSource } from '../../src/worker/bundle';
import { addSearchAttributes } from '../../src/worker/engine-setup';
import {
  ECHEANCE_PREVENTIF_WORKFLOW,
  echeancePreventifStart,
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWorkflowId,
  ORDRE_UPDATE,
  planScheduleId,
  rapportsTaskQueue,
} from '../../src/workflows/protocol';
import { startTimeSkipping } from '../servers/start-time-skipping';

/**
 * A quarter of the life of a machine: three nested plans and one by its meter, work that is done early or left open, a pause.
 * Workflows run on the server that skips time, so that it takes seconds. That server knows no schedules: they are told to a
 * development server, and the story starts their workflow when the rows say that something is due.
 */

export interface EntretienOptions {
  /** A database that has been migrated and is empty. */
  databaseUrl: string;
  /** Path of the executable of the time-skipping server. */
  timeSkippingServer: string;
  /** Of a development server. */
  temporalAddress: string;
  temporalNamespace: string;
  print: (line: string) => void;
}

const ZONE = 'Africa/Casablanca';
const TASK_QUEUE = 'demo-entretien';
const DAY = 86_400_000;
const QUARTER = 91;
/** Hours that the machine runs in a day. */
const HOURS_A_DAY = 7;

interface Stage {
  db: DataSource;
  access: Access;
  principal: Principal;
  secrets: Secrets;
  time: TestWorkflowEnvironment;
  technicienId: number;
}

/** Plays it and prints what happens, day by day. @returns how many interventions it came to. */
export async function playEntretien(options: EntretienOptions): Promise<number> {
  const time = await startTimeSkipping(options.timeSkippingServer);
  const connection = await Connection.connect({ address: options.temporalAddress });
  const db = await createDataSource({ url: options.databaseUrl, applicationName: 'demo' }).initialize();
  const schedules = new Client({ connection, namespace: options.temporalNamespace });
  const logger = pino({ level: 'silent' });
  const secrets = createSecrets([{ id: 'demo', key: randomBytes(32) }]);
  await addSearchAttributes(time.client);
  const common = { db, people: new People(), taskQueue: TASK_QUEUE, timeZone: ZONE, logger };
  const worker = await Worker.create({
    connection: time.nativeConnection,
    namespace: time.namespace,
    taskQueue: TASK_QUEUE,
    ...workflowSource(),
    activities: {
      ...interventionActivities({ ...common, secrets, client: time.client }),
      ...preventifActivities({ ...common, client: time.client }),
      accorderHoraire: preventifActivities({ ...common, client: schedules }).accorderHoraire,
    },
  });
  // Reports would take a store; this story is about what comes before them.
  const reporter = await Worker.create({
    connection: time.nativeConnection,
    namespace: time.namespace,
    taskQueue: rapportsTaskQueue(TASK_QUEUE),
    activities: { fileRapport: async () => 'sans_objet' },
  });
  const running = Promise.all([worker.run(), reporter.run()]);
  try {
    const stage = { db, secrets, time, ...(await makePeople(db)) };
    return await play(stage, schedules, options.print);
  } finally {
    worker.shutdown();
    reporter.shutdown();
    await running;
    await connection.close();
    await time.teardown();
    await db.destroy();
  }
}

async function makePeople(db: DataSource): Promise<Pick<Stage, 'access' | 'principal' | 'technicienId'>> {
  const person = (role: User['role'], nom: string) =>
    db.manager.save(
      db.manager.create(User, {
        email: `${nom}@demo.ma`,
        mot_de_passe: 'none',
        nom,
        prenom: 'Demo',
        role,
        tous_sites: true,
      }),
    );
  const admin = await person('admin', 'admin');
  const user = await person('technicien', 'Alami');
  const technicien = await db.manager.save(
    db.manager.create(Technicien, {
      user_id: user.id,
      specialite: 'Hydraulique',
      competences: ['hydraulique'],
    }),
  );
  const sessionId = randomUUID();
  await db.query(
    `INSERT INTO sessions (id, user_id, date_creation, date_expiration) VALUES ($1, $2, now(), now() + interval '1 day')`,
    [sessionId, admin.id],
  );
  const principal: Principal = {
    userId: admin.id,
    role: 'admin',
    technicienId: null,
    sites: [],
    tousSites: true,
    langue: 'fr',
    sessionId,
    cleApiId: null,
    chemins: null,
    secondFacteur: false,
  };
  return { access: new Access(principal), principal, technicienId: technicien.id };
}

async function play(stage: Stage, schedules: Client, print: (line: string) => void): Promise<number> {
  const { db, access, time } = stage;
  const now = async () => new Date(await time.currentTimeMs());
  const actor = async (): Promise<Actor> => ({
    ...systemActor(await now(), 'demo'),
    userId: stage.principal.userId,
  });
  const say = async (text: string) => print(`${dayAt((await now()).getTime(), ZONE)}  ${text}`);
  const site = await db.manager.save(
    db.manager.create(Site, { nom: 'Casablanca', fuseau_horaire: ZONE, pays: 'MA' }),
  );
  const machine = await db.manager.save(
    db.manager.create(Equipement, {
      nom: 'Presse hydraulique PH-001',
      type: 'Presse',
      numero_serie: 'PH-001',
      site_id: site.id,
      compteurs: [{ nom: 'heures', unite: 'h', valeur: 0 }],
    }),
  );
  const today = dayAt((await now()).getTime(), ZONE);
  const plan = async (nom: string, given: Partial<PlanFields>) => {
    const as = await actor();
    const fields = { ...usual(nom, machine.id, today), ...given };
    const { row } = await db.transaction((tx) => createPlan(tx, access, as, fields, ZONE));
    return row.id;
  };
  const weekly = await plan('Graissage', { regle: 'FREQ=WEEKLY;BYDAY=MO', rang: 1, groupe: 'presse' });
  const monthly = await plan('Vidange', { regle: 'FREQ=MONTHLY;BYDAY=1WE', rang: 2, groupe: 'presse' });
  const quarterly = await plan('Révision', {
    regle: 'FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=31;SKIP=BACKWARD',
    rang: 3,
    groupe: 'presse',
  });
  const meter = await plan('Filtres toutes les 250 h', {
    declencheur: 'compteur',
    regle: null,
    date_debut: null,
    compteur: { nom: 'heures', pas: 250 },
    si_precedente_ouverte: 'fusionner',
  });
  const names = new Map([
    [weekly, 'Graissage'],
    [monthly, 'Vidange'],
    [quarterly, 'Révision'],
    [meter, 'Filtres toutes les 250 h'],
  ]);
  await say(`Quatre plans pour ${machine.nom} : ${[...names.values()].join(', ')}`);

  const told = new Set<number>();
  const tell = async () => {
    for (const echeance of await outcomesOf(db)) {
      if (told.has(echeance.id)) continue;
      told.add(echeance.id);
      await say(`${names.get(echeance.plan_id)}, échéance ${echeance.cle} : ${inWords(echeance, names)}`);
    }
  };
  const begin = await now();
  const end = begin.getTime() + QUARTER * DAY;
  const dueOf = async () =>
    (
      await db.query(
        `SELECT id, prochaine_decision AS due FROM plans_preventifs
         WHERE etat = 'actif' AND prochaine_decision IS NOT NULL ORDER BY prochaine_decision, rang, id LIMIT 1`,
      )
    )[0] as { id: number; due: Date } | undefined;
  // That of the environment lets time pass while it waits for a result.
  const patient = new Client({ connection: time.connection, namespace: time.namespace });
  const decide = (id: number) =>
    patient.workflow.execute(ECHEANCE_PREVENTIF_WORKFLOW, echeancePreventifStart(id, TASK_QUEUE));
  for (const id of [weekly, monthly, quarterly]) await decide(id);
  const shown = await schedules.schedule.getHandle(planScheduleId(monthly)).describe();
  await say(
    `L’horaire ${planScheduleId(monthly)} du moteur tient ${shown.spec.calendars?.length} instants en UTC`,
  );

  for (let day = 1; day <= QUARTER; day++) {
    const evening = begin.getTime() + day * DAY;
    for (
      let next = await dueOf();
      next !== undefined && next.due.getTime() <= Math.min(evening, end);
      next = await dueOf()
    ) {
      const wait = next.due.getTime() - (await now()).getTime();
      if (wait > 0) await time.sleep(wait);
      await decide(next.id);
      await tell();
    }
    const rest = evening - (await now()).getTime();
    if (rest > 0) await time.sleep(rest);

    if (day % 7 === 0) {
      const as = await actor();
      const compteurs = [{ nom: 'heures', unite: 'h', valeur: day * HOURS_A_DAY }];
      const { decided } = await db.transaction((tx) =>
        updateFollowedEquipement(tx, access, as, machine.id, { compteurs }, null, ZONE),
      );
      for (const { id } of decided.created) {
        await time.client.workflow.start(INTERVENTION_WORKFLOW, interventionStart(id, TASK_QUEUE));
      }
      await tell();
    }
    if (day === 40) {
      const as = await actor();
      await db.transaction((tx) => pausePlan(tx, access, as, weekly, ZONE));
      await say('Le graissage est suspendu : la presse est démontée');
    }
    if (day === 61) {
      const as = await actor();
      await db.transaction((tx) => resumePlan(tx, access, as, weekly, 'aujourdhui', ZONE));
      await tell();
      await say('Le graissage reprend à compter de ce jour');
    }
    // Somebody comes on every third day and does what there is.
    if (day % 3 === 0) {
      for (const { id, titre } of await openWork(db)) {
        await doWork(stage, id);
        await say(`${titre} : intervention ${id} faite`);
      }
    }
  }
  const [{ total }] = await db.query('SELECT count(*)::integer AS total FROM interventions');
  const results: { resultat: string; n: number }[] = await db.query(
    'SELECT resultat, count(*)::integer AS n FROM echeances_preventives GROUP BY 1 ORDER BY 1',
  );
  await say(
    `Un trimestre : ${results.map(({ resultat, n }) => `${n} ${resultat}`).join(', ')}; ${total} interventions`,
  );
  return total;
}

function usual(nom: string, machine: number, today: string): PlanFields {
  return {
    nom,
    equipements: [machine],
    par_equipement: true,
    declencheur: 'calendrier',
    base: 'fixe',
    regle: null,
    date_debut: today,
    heure: '08:00',
    saisons: [],
    jour_ferme: 'reporter',
    delai_generation: 0,
    tolerance_jours: 2,
    si_precedente_ouverte: 'sauter',
    rattrapage: 'derniere',
    compteur: null,
    condition: null,
    groupe: null,
    rang: 0,
    modele: {
      titre: nom,
      description: `${nom} selon la gamme du constructeur`,
      priorite: 'basse',
      urgence: false,
      competences_requises: ['hydraulique'],
      duree_estimee: 45,
      technicien_id: null,
      pieces: [],
      modele_etapes_id: null,
      etapes: [],
    },
  };
}

interface Outcome {
  id: number;
  plan_id: number;
  cle: string;
  resultat: string;
  motif: string | null;
  intervention_id: number | null;
  absorbee_par: number | null;
}

function outcomesOf(db: DataSource): Promise<Outcome[]> {
  return db.query(
    'SELECT id, plan_id, cle, resultat, motif, intervention_id, absorbee_par FROM echeances_preventives ORDER BY date, id',
  );
}

function inWords(
  { resultat, motif, intervention_id, absorbee_par }: Outcome,
  names: ReadonlyMap<number, string>,
): string {
  switch (resultat) {
    case 'creee':
      return `intervention ${intervention_id} créée`;
    case 'absorbee':
      return `absorbée par « ${names.get(absorbee_par!)} »`;
    case 'fusionnee':
      return `jointe à l’intervention ${intervention_id}`;
    case 'realisee':
      return `déjà faite par l’intervention ${intervention_id}`;
    default:
      return `sautée (${motif})`;
  }
}

function openWork(db: DataSource): Promise<{ id: number; titre: string }[]> {
  return db.query(`SELECT id, titre FROM interventions WHERE statut = 'ouverte' ORDER BY id`);
}

/** Planned for tomorrow, begun, and finished: orders through the workflow of the intervention, as the API sends them. */
async function doWork({ time, principal, secrets, technicienId }: Stage, id: number): Promise<void> {
  const order = async (ordre: Ordre) => {
    const asked = {
      id: randomUUID(),
      ordre,
      userId: principal.userId,
      author: { sessionId: principal.sessionId, cleApiId: null },
      action: 'update' as const,
      requete: 'PUT /interventions/{id}',
      expectedVersion: null,
      key: null,
      correlationId: 'demo',
      adresse: null,
      askedAt: Date.now(),
    };
    await time.client.workflow
      .getHandle(interventionWorkflowId(id))
      .executeUpdate(ORDRE_UPDATE, { args: [sealOrdre(secrets, id, asked)], updateId: asked.id });
  };
  const date = new Date((await time.currentTimeMs()) + 60_000).toISOString();
  await order({
    type: 'assignation',
    technicien_id: technicienId,
    date_planifiee: date,
    duree_estimee: 5,
    force: true,
  });
  await order({ type: 'statut', statut: 'en_cours' });
  await order({ type: 'statut', statut: 'terminee', rapport: 'Fait selon la gamme.' });
  // The next visit of the same person must not overlap this one.
  await time.sleep(10 * 60_000);
}
