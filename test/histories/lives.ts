import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { openCabinet } from '../../src/db/medical';
import { semaineOf } from '../../src/domain/planification/propositions';
import { systemActor } from '../../src/services/actor';
import { createClePatient } from '../../src/services/cabinet/sceau';
import { requestLink } from '../../src/services/identite/liens-mot-de-passe';
import {
  APPLICATION_WORKFLOW,
  applicationStart,
  CONSULTATION_SIGNAL,
  CONSULTATION_WORKFLOW,
  consultationWake,
  DEMANDE_DROITS_WORKFLOW,
  DISTRIBUTION_WEBHOOKS_WORKFLOW,
  demandeDroitsWake,
  ECHEANCE_PREVENTIF_WORKFLOW,
  EXPORT_DOSSIER_WORKFLOW,
  EXPORT_REMIS_SIGNAL,
  echeancePreventifStart,
  exportDossierStart,
  LIEN_UTILISE_SIGNAL,
  MESSAGERIE_WORKFLOW,
  PROPOSITION_WORKFLOW,
  PURGE_WORKFLOW,
  propositionStart,
  purgeStart,
  RAPPORT_WORKFLOW,
  RELECTURE_DOCUMENTS_WORKFLOW,
  ROTATION_CLES_WORKFLOW,
  rapportStart,
  rotationClesStart,
  WEBHOOK_WORKFLOW,
  webhookWake,
} from '../../src/workflows/protocol';
import { eventually } from '../support/eventually';
import { nextMedicalId, type RowsOfPractice, rowOfExamen, rowsOfPractice } from '../support/examens';
import {
  makeBooking,
  makeEquipement,
  makeIntervenant,
  makeLivraison,
  makePiece,
  makePlan,
  makePrestation,
  makeProposition,
  makeRapportDemande,
  makeTechnicien,
  makeUser,
  makeWebhook,
} from '../support/factories';
import { hopelessRenderer } from '../support/renderers';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/**
 * Lives of workflows, of each kind one or more, that between them pass through what it does: a timer that rang, a signal, an end. They
 * are lived on the real servers by people whom the tests make up; of what is medical their histories hold ids alone.
 */

export type History = temporal.api.history.v1.IHistory;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Kinds of workflows of which no history is kept, and why. Any other that has none fails the test: one that is open while a new
 * version comes goes on under it.
 */
export const WITHOUT_HISTORY: Readonly<Record<string, string>> = {
  agendas: 'one activity of five minutes, tried twice; its schedule begins another each minute',
  nettoyage: 'one activity of half an hour, tried three times; its schedule begins another each hour',
  reconciliation: 'one activity of five minutes, tried three times; its schedule begins another each minute',
};

/** Those that end when they are terminated, and otherwise go on in another run once a history is long. */
export const ENDLESS: readonly string[] = ['messagerie', 'distributionWebhooks'];

export const LIVES: Readonly<Record<string, (system: SkippingSystem) => Promise<History>>> = {
  // While the engine's clock has not yet left that of the tables behind.
  'webhook-waited-called-ended': async ({ client, taskQueue, db, now, pass }) => {
    const { id } = await makeWebhook(db);
    const due = new Date((await now()).getTime() + 2 * HOUR);
    const row = { webhook_id: id, statut: 'a_livrer' as const, date_fin: null, prochain_essai: due };
    const livraison = await makeLivraison(db, row);
    const wake = () => client.workflow.signalWithStart(WEBHOOK_WORKFLOW, webhookWake(id, taskQueue));
    const handle = await wake();
    await waits(handle);
    await wake();
    await waits(handle, 2);
    await db.query('DELETE FROM livraisons WHERE id = $1', [livraison.id]);
    await pass(2 * HOUR);
    return ended(handle);
  },
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
    await system.pass(20 * MINUTE);
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
    await system.pass(5 * MINUTE);
    await link.signal(LIEN_UTILISE_SIGNAL);
    return ended(link);
  },
  'link-over': async (system) => {
    const link = await startLink(system);
    await system.pass(HOUR);
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
    return ended(handle);
  },
  'break-glass-closed-asked-again-reviewed': async (system) => {
    const practice = await rowsOfPractice(system.database);
    await system.medical.transaction(async (tx) => {
      await openCabinet(tx, practice.id);
      await createClePatient(tx, system.secrets, practice.id, practice.patient);
    });
    const now = (await system.now()).getTime();
    const bris = { id: nextMedicalId(), cabinet_id: practice.id };
    await system.database.owner.query(
      `INSERT INTO medical.bris_de_glace (id, cabinet_id, patient_id, user_id, motif, date_debut, date_fin, averti_le, averti_par)
       VALUES ($1, $2, $3, $4, '\\x00', $5, $6, $5, 'aucun')`,
      [bris.id, practice.id, practice.patient, practice.people.medecin, new Date(now), new Date(now + HOUR)],
    );
    const handle = await system.followBris(bris);
    await system.pass(73 * HOUR);
    await system.database.owner.query(
      `UPDATE medical.bris_de_glace SET revue_le = $2, revue_par = $3, conclusion = 'justifie' WHERE id = $1`,
      [bris.id, await system.now(), practice.people.gerant],
    );
    await system.followBris(bris);
    return ended(handle);
  },
  'examen-late-come-told-decided': async (system) => {
    const practice = await rowsOfPractice(system.database);
    const attendu = new Date((await system.now()).getTime() + 20 * HOUR);
    const id = await rowOfExamen(system.database, practice, { statut: 'attendu', attendu });
    const handle = await system.followExamen(id);
    await system.pass(21 * HOUR);
    const set = async (change: string) => {
      await system.database.owner.query(
        `UPDATE medical.examens SET ${change}, version = version + 1 WHERE id = ${id}`,
      );
      await system.followExamen(id);
    };
    await set(`statut = 'recu', numero = 1, recu_le = '${(await system.now()).toISOString()}'`);
    await system.pass(5 * DAY);
    await set(
      `statut = 'vu', vu_le = now(), vu_par = ${practice.people.medecin}, decision = '\\x00', suivi_le = NULL`,
    );
    return ended(handle);
  },
  'draft-told-until-nobody-is-left-to-tell': async (system) => {
    const { handle } = await startDraft(system);
    await system.pass(8 * DAY);
    return ended(handle);
  },
  'draft-told-given-up': async (system) => {
    const { id, handle } = await startDraft(system);
    await system.pass(25 * HOUR);
    await system.database.owner.query(
      `UPDATE medical.consultations SET statut = 'abandonnee', suivi_le = NULL WHERE id = $1`,
      [id],
    );
    await handle.signal(CONSULTATION_SIGNAL);
    return ended(handle);
  },
  'request-waited-late-answered': async (system) => {
    const practice = await rowsOfPractice(system.database);
    const now = (await system.now()).getTime();
    const demande = { id: nextMedicalId(), cabinet_id: practice.id };
    const { client, taskQueue, database } = system;
    await database.owner.query(
      `INSERT INTO medical.demandes_droits (id, cabinet_id, patient_id, nature, ancienne, recue_le, pas_avant, echeance, demande,
         user_id, date_modification) VALUES ($1, $2, $3, 'acces', false, $4, $5, $6, '\\x00', $7, $4)`,
      [
        ...[demande.id, practice.id, practice.patient],
        ...[new Date(now), new Date(now + 2 * DAY), new Date(now + 8 * DAY), practice.people.medecin],
      ],
    );
    const wake = () =>
      client.workflow.signalWithStart(DEMANDE_DROITS_WORKFLOW, demandeDroitsWake(demande, taskQueue));
    const handle = await wake();
    await system.pass(10 * DAY);
    await database.owner.query(
      `UPDATE medical.demandes_droits SET statut = 'honoree', reponse = '\\x00', repondue_le = $2, repondue_par = $3,
         date_modification = $2 WHERE id = $1`,
      [demande.id, await system.now(), practice.people.medecin],
    );
    await wake();
    return ended(handle);
  },
  'purge-waited-done': async (system) => {
    const practice = await rowsOfPractice(system.database);
    const handle = await startPurge(system, practice);
    await system.pass(31 * DAY);
    const history = await ended(handle);
    await requirePurge(system, practice, 'faite');
    return history;
  },
  'purge-waited-stopped': async (system) => {
    const practice = await rowsOfPractice(system.database);
    const handle = await startPurge(system, practice);
    await system.database.owner.query(
      `INSERT INTO medical.retenues_conservation (id, cabinet_id, patient_id, motif, user_id, date)
       VALUES ($1, $2, $3, '\\x00', $4, $5)`,
      [nextMedicalId(), practice.id, practice.patient, practice.people.gerant, await system.now()],
    );
    await system.pass(31 * DAY);
    const history = await ended(handle);
    await requirePurge(system, practice, 'arretee');
    return history;
  },
  'copy-kept-fetched': async (system) => {
    const { id, handle } = await startCopy(system);
    await waits(handle);
    await system.database.owner.query(
      `UPDATE medical.exports_dossier SET statut = 'remis', date_remise = now() WHERE id = $1`,
      [id],
    );
    await handle.signal(EXPORT_REMIS_SIGNAL);
    return ended(handle);
  },
  'copy-kept-over': async (system) => {
    const { id, handle } = await startCopy(system);
    await waits(handle);
    await system.database.owner.query(
      `UPDATE medical.exports_dossier SET date_expiration = now() - interval '1 second' WHERE id = $1`,
      [id],
    );
    await system.pass(73 * HOUR);
    return ended(handle);
  },
  'documents-read-again': async ({ client, taskQueue }) =>
    ended(
      await client.workflow.start(RELECTURE_DOCUMENTS_WORKFLOW, {
        workflowId: 'relecture-documents-1',
        taskQueue,
      }),
    ),
  'keys-sealed-anew': async ({ client, taskQueue, db }) => {
    const [{ id }] = await db.query(
      `INSERT INTO rotations_cles (cle, total) VALUES ('test', 0) RETURNING id`,
    );
    return ended(await client.workflow.start(ROTATION_CLES_WORKFLOW, rotationClesStart(id, taskQueue)));
  },
  'plan-decided': async (system) => {
    const { client, taskQueue, db } = system;
    const { id: machine } = await makeEquipement(db);
    const now = await system.now();
    const { id } = await makePlan(db, { equipements: [machine], suivi_depuis: now });
    await system.pass(40 * DAY);
    return ended(
      await client.workflow.start(ECHEANCE_PREVENTIF_WORKFLOW, echeancePreventifStart(id, taskQueue)),
    );
  },
  'report-asked-for-made': async ({ client, taskQueue, db }) => {
    const { id } = await makeRapportDemande(db, { statut: 'en_cours' });
    return ended(await client.workflow.start(RAPPORT_WORKFLOW, rapportStart(id, taskQueue)));
  },
  'proposal-computed': async ({ client, taskQueue, db }) => {
    const { id } = await makeProposition(db, { statut: 'en_cours', semaine: nextWeek() });
    return ended(await client.workflow.start(PROPOSITION_WORKFLOW, propositionStart(id, taskQueue)));
  },
  'proposal-given-up': async () => {
    const matrix = () => Promise.reject(new Error('no travel'));
    const system = await startSkippingSystem({ trajets: { matrix } });
    try {
      const { client, taskQueue, db } = system;
      const { id } = await makeProposition(db, { statut: 'en_cours', semaine: nextWeek() });
      const handle = await client.workflow.start(PROPOSITION_WORKFLOW, propositionStart(id, taskQueue));
      await system.pass(HOUR);
      return await ended(handle);
    } finally {
      await system.close();
    }
  },
  'proposal-carried-out': async ({ client, taskQueue, db, admin }) => {
    const auteur = { userId: admin.id, sessionId: null, cleApiId: null, correlationId: 'test' };
    const { id } = await makeProposition(db, {
      semaine: nextWeek(),
      application_debut: new Date(),
      application_auteur: { ...auteur, requete: 'test', adresse: null },
      battement: new Date(),
    });
    return ended(await client.workflow.start(APPLICATION_WORKFLOW, applicationStart(id, taskQueue)));
  },
  // Time does not pass while these are at work.
  'messages-two-shifts': (system) => twoShifts(system, MESSAGERIE_WORKFLOW),
  'events-two-shifts': (system) => twoShifts(system, DISTRIBUTION_WEBHOOKS_WORKFLOW),
};

/** The history of one that ends without anything more. Whoever asks for its result has the server skip years once it has. */
async function ended(handle: WorkflowHandle): Promise<History> {
  await eventually(
    () => handle.describe(),
    ({ status }) => status.name !== 'RUNNING',
  );
  return handle.fetchHistory();
}

/** Until it has set so many timers. */
async function waits(handle: WorkflowHandle, timers = 1): Promise<void> {
  await eventually(
    () => handle.fetchHistory(),
    ({ events }) => events!.filter((event) => event.timerStartedEventAttributes != null).length >= timers,
  );
}

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

/** All of it lies ahead. */
const nextWeek = () => semaineOf(new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10));

/** A draft of a consultation that is just written. */
async function startDraft(system: SkippingSystem): Promise<{ id: number; handle: WorkflowHandle }> {
  const { client, taskQueue, database } = system;
  const practice = await rowsOfPractice(database);
  const id = nextMedicalId();
  await database.owner.query(
    `INSERT INTO medical.consultations (id, cabinet_id, patient_id, auteur_id, date, statut, contenu, version_contenu,
       suivi_le, date_creation, date_modification) VALUES ($1, $2, $3, $4, $5, 'brouillon', '\\x00', 1, $5, $5, $5)`,
    [id, practice.id, practice.patient, practice.people.medecin, await system.now()],
  );
  const wake = consultationWake(practice.id, id, taskQueue);
  return { id, handle: await client.workflow.signalWithStart(CONSULTATION_WORKFLOW, wake) };
}

/** A purge that two people have signed, of a record that is due. */
async function startPurge(system: SkippingSystem, practice: RowsOfPractice): Promise<WorkflowHandle> {
  const { client, taskQueue, database } = system;
  const { owner } = database;
  const now = await system.now();
  const id = nextMedicalId();
  await owner.query(`UPDATE medical.patients SET date_creation = '2001-01-01' WHERE id = $1`, [
    practice.patient,
  ]);
  await owner.query(
    `INSERT INTO medical.politiques_conservation (cabinet_id, ancre, duree_mois, source, user_id, date)
     VALUES ($1, 'dernier_acte', 12, 'Essai', $2, $3)`,
    [practice.id, practice.people.gerant, now],
  );
  await owner.query(
    `INSERT INTO medical.purges (id, cabinet_id, patient_id, statut, echeance, demandee_par, demandee_le, signee_par, signee_le,
       execution_le) VALUES ($1, $2, $3, 'signee', '2002-01-01', $4, $6, $5, $6, $7)`,
    [
      ...[id, practice.id, practice.patient, practice.people.gerant, practice.people.medecin],
      ...[now, new Date(now.getTime() + 30 * DAY)],
    ],
  );
  return client.workflow.start(PURGE_WORKFLOW, purgeStart({ id, cabinet_id: practice.id }, taskQueue));
}

/** That the life was what its name says: from its history alone nobody tells. */
async function requirePurge(
  { database }: SkippingSystem,
  { id }: RowsOfPractice,
  statut: string,
): Promise<void> {
  const [row] = await database.owner.query('SELECT statut FROM medical.purges WHERE cabinet_id = $1', [id]);
  if (row.statut !== statut) throw new Error(`The purge is ${row.statut}`);
}

/** A copy of a record that is there to be fetched. */
async function startCopy(system: SkippingSystem): Promise<{ id: number; handle: WorkflowHandle }> {
  const { client, taskQueue, database } = system;
  const practice = await rowsOfPractice(database);
  const id = nextMedicalId();
  await database.owner.query(
    `INSERT INTO medical.exports_dossier (id, cabinet_id, patient_id, demandeur_id, statut, cle_stockage, contenu, date_pret,
       date_expiration, date_creation, date_modification)
     VALUES ($1, $2, $3, $4, 'pret', $5, '\\x00', now(), now() + interval '72 hours', now(), now())`,
    [id, practice.id, practice.patient, practice.people.medecin, `exports/${practice.id}/${id}/none`],
  );
  const start = exportDossierStart(practice.id, id, taskQueue);
  return { id, handle: await client.workflow.start(EXPORT_DOSSIER_WORKFLOW, start) };
}

/** One that begins a shift after the other: the first is said to be over before its ten minutes are, as a worker says. */
async function twoShifts({ client, taskQueue }: SkippingSystem, type: string): Promise<History> {
  const handle = await client.workflow.start(type, { workflowId: type, taskQueue });
  const begun = (count: number) =>
    eventually(
      () => handle.fetchHistory(),
      ({ events }) =>
        events!.filter((event) => event.activityTaskScheduledEventAttributes != null).length === count,
    );
  const { events } = await begun(1);
  const { activityId } = events!.find((event) => event.activityTaskScheduledEventAttributes != null)!
    .activityTaskScheduledEventAttributes!;
  await client.activity.complete(
    { workflowId: type, runId: handle.firstExecutionRunId, activityId: activityId! },
    undefined,
  );
  const history = await begun(2);
  await handle.terminate('recorded');
  return history;
}
