import type { Client as TemporalClient } from '@temporalio/client';
import type { DataSource } from 'typeorm';
import {
  isClosed,
  refuseAssignment,
  refuseTransition,
  refuseWriting,
  type Statut,
} from '../../src/domain/interventions/interventions';
import { type ChainFault, verifyChains } from '../../src/services/audit/verification';
import { INTERVENTION_WORKFLOW, interventionWorkflowId } from '../../src/workflows/protocol';
import { eventually } from './eventually';
import { stockFaults } from './stock';

/** What holds whatever has happened: nothing lost, nothing twice, over a whole database and its engine. */

export interface Inspected {
  db: DataSource;
  temporal: TemporalClient;
  postOffice: { accepted: string[] };
  /** Message-IDs that a death between the mail server's 250 and its mark excuses for coming twice. */
  excused: string[];
}

/**
 * Waits for quiet, then for every rule to hold.
 * @throws with the rules that are still broken when the time is up.
 */
export async function expectInvariants({ db, temporal, postOffice, excused }: Inspected): Promise<void> {
  const look = async () => [
    ...(await workflowFaults(db, temporal)),
    ...(await historyFaults(db)),
    ...(await planningFaults(db)),
    ...(await stockFaults(db)),
    ...(await messageFaults(db)),
    ...(await mailFaults(db, postOffice.accepted, excused)),
    ...(await auditFaults(db)),
  ];
  await eventually(look, (faults) => faults.length === 0);
}

/** Open ⇔ one workflow runs, which knows the row's state. */
async function workflowFaults(db: DataSource, temporal: TemporalClient): Promise<string[]> {
  const rows: { id: number; statut: Statut; date_fin: Date | null }[] = await db.query(
    'SELECT id, statut, date_fin FROM interventions',
  );
  const open = rows.filter(
    ({ statut, date_fin }) => !isClosed({ statut, dateFin: date_fin?.getTime() ?? null }, Date.now()),
  );
  const expected = open.map(({ id, statut }) => `${interventionWorkflowId(id)} in ${statut}`);
  const running: string[] = [];
  const query = `WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, searchAttributes } of temporal.workflow.list({ query })) {
    running.push(`${workflowId} in ${searchAttributes.Statut}`);
  }
  return [
    ...minus(expected, running).map((fault) => `does not run: ${fault}`),
    ...minus(running, expected).map((fault) => `should not run: ${fault}`),
  ];
}

interface Evenement {
  entite_id: number;
  numero_evenement: number;
  action: string;
  avant: { statut?: Statut } | null;
  apres: { statut?: Statut } | null;
  date: Date;
}

/** Numbered without a gap, every move legal where it stands, and leading to what the row says. */
async function historyFaults(db: DataSource): Promise<string[]> {
  const rows: { id: number; statut: Statut; numero_evenement: number }[] = await db.query(
    'SELECT id, statut, numero_evenement FROM interventions ORDER BY id',
  );
  const evenements: Evenement[] = await db.query(
    `SELECT entite_id, numero_evenement, action, avant, apres, date FROM historique
     WHERE entite = 'intervention' AND numero_evenement IS NOT NULL ORDER BY entite_id, numero_evenement`,
  );
  return rows.flatMap(({ id, statut, numero_evenement }) => {
    const lived = evenements.filter(({ entite_id }) => entite_id === id);
    const numbers = lived.map((evenement) => evenement.numero_evenement);
    const faults: string[] = [];
    if (numbers.some((number, index) => number !== index + 1) || numbers.length !== numero_evenement) {
      faults.push(`intervention ${id} at event ${numero_evenement} has events ${numbers}`);
    }
    const end = lived.reduce<Statut | null>((from, evenement) => {
      if (!isLegal(from, evenement)) faults.push(`intervention ${id}: ${evenement.action} from ${from}`);
      return evenement.apres?.statut ?? from;
    }, null);
    if (end !== statut) faults.push(`intervention ${id} is ${statut}, its history ends in ${end}`);
    return faults;
  });
}

function isLegal(from: Statut | null, { action, avant, apres, date }: Evenement): boolean {
  if (action === 'creation') return from === null && apres?.statut === 'ouverte';
  if (from === null || (apres?.statut !== undefined && avant?.statut !== from)) return false;
  // A reopening comes soon after the end in these tests: the period is not what they are about.
  const situation = { statut: from, dateFin: date.getTime() };
  const now = date.getTime();
  if (['assignation', 'replanification', 'transfert'].includes(action)) {
    return refuseAssignment(situation, now) === null;
  }
  if (action === 'pieces_recues') return refuseWriting(situation, now) === null;
  return apres?.statut === undefined || refuseTransition(situation, apres.statut, now) === null;
}

/** A planned intervention has one visit, of its technicien; each takes the time that it says, and no two of one person overlap. */
export async function planningFaults(db: DataSource): Promise<string[]> {
  const wrong: { id: number; visits: number }[] = await db.query(
    `SELECT i.id, count(p.id)::integer AS visits
     FROM interventions i
     LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')
     GROUP BY i.id
     HAVING count(p.id) <> (CASE i.statut WHEN 'ouverte' THEN 0 WHEN 'planifiee' THEN 1 ELSE count(p.id) END)
       OR count(p.id) > 1 OR bool_or(p.technicien_id <> i.technicien_id)`,
  );
  const overlaps: { one: number; other: number }[] = await db.query(
    `SELECT DISTINCT one.planning_id AS one, other.planning_id AS other FROM occupations one
     JOIN occupations other ON other.genre = one.genre AND other.ressource_id = one.ressource_id AND other.id > one.id
       AND tstzrange(one.debut, one.fin) && tstzrange(other.debut, other.fin)
     WHERE one.exclusive AND other.exclusive`,
  );
  const forgotten: { id: number }[] = await db.query(
    `SELECT p.id FROM plannings p
     WHERE (SELECT array_agg((o.ressource_id, o.debut, o.fin, o.exclusive)::text ORDER BY o.ressource_id, o.debut)
            FROM occupations o WHERE o.planning_id = p.id AND o.exclusive)
       IS DISTINCT FROM
       (SELECT array_agg((t.user_id, s.debut::timestamptz(3), s.fin::timestamptz(3), true)::text ORDER BY t.user_id, s.debut)
        FROM techniciens t, jsonb_to_recordset(p.segments) AS s (debut timestamptz, fin timestamptz)
        WHERE t.id = ANY(p.technicien_id || p.equipiers) AND p.statut IN ('planifiee', 'en_cours'))`,
  );
  return [
    ...wrong.map(({ id, visits }) => `intervention ${id} has ${visits} live visits, or of somebody else`),
    ...overlaps.map(({ one, other }) => `visits ${one} and ${other} overlap`),
    ...forgotten.map(({ id }) => `visit ${id} does not occupy whom it says`),
  ];
}

/**
 * Who is told is told once in the application and once by email (links by email alone; a change of address at both
 * addresses; of what they did themselves in the application alone), of something that happened.
 */
async function messageFaults(db: DataSource): Promise<string[]> {
  const unpaired: { evenement: string; destinataire_id: number; told: number; mailed: number }[] =
    await db.query(
      `SELECT evenement, destinataire_id,
         (count(*) FILTER (WHERE canal IS NULL))::integer AS told,
         (count(*) FILTER (WHERE canal IS NOT NULL))::integer AS mailed
       FROM (SELECT evenement, destinataire_id, NULL AS canal, NULL AS email FROM notifications WHERE evenement IS NOT NULL
             UNION ALL SELECT evenement, destinataire_id, canal, email FROM messages) told
       WHERE evenement NOT LIKE 'lien:%'
       GROUP BY evenement, destinataire_id
       HAVING count(*) FILTER (WHERE canal IS NULL) <> 1
         OR count(*) FILTER (WHERE canal IS NOT NULL) <> greatest(1, count(DISTINCT email))
           AND NOT (count(*) FILTER (WHERE canal IS NOT NULL) = 0 AND EXISTS (
             SELECT FROM historique h WHERE h.auteur_id = destinataire_id))`,
    );
  const unfounded: { evenement: string }[] = await db.query(
    `SELECT DISTINCT evenement FROM messages m
     WHERE evenement LIKE 'intervention:%' AND NOT EXISTS (
       SELECT 1 FROM historique h WHERE h.entite = 'intervention'
         AND m.evenement = 'intervention:' || h.entite_id || ':' || h.numero_evenement)`,
  );
  return [
    ...unpaired.map(
      ({ evenement, destinataire_id, told, mailed }) =>
        `user ${destinataire_id} has ${told} notifications and ${mailed} messages of ${evenement}`,
    ),
    ...unfounded.map(({ evenement }) => `${evenement} was told but is not in the history`),
  ];
}

/** Every message has gone out, once, but for those that had become pointless. */
export async function mailFaults(db: DataSource, accepted: string[], excused: string[]): Promise<string[]> {
  const messages: { message_id: string; statut: string }[] = await db.query(
    `SELECT message_id, statut FROM messages WHERE statut <> 'sans_objet' AND regroupe_dans IS NULL`,
  );
  const waiting = messages.filter(({ statut }) => statut !== 'envoye');
  const ids = messages.map(({ message_id }) => message_id);
  const once = accepted.filter((id, index) => !excused.includes(id) || accepted.indexOf(id) === index);
  return [
    ...waiting.map(({ message_id, statut }) => `${message_id} is ${statut}`),
    ...minus(ids, once).map((id) => `never came: ${id}`),
    ...minus(once, ids).map((id) => `came twice, or from nowhere: ${id}`),
  ];
}

/** Every row of the history follows the one before it in its chain. */
export async function auditFaults(db: DataSource): Promise<string[]> {
  const faults: ChainFault[] = [];
  await verifyChains(db, (fault) => faults.push(fault));
  return faults.map((fault) => JSON.stringify(fault));
}

/** What is in `some` and not in `others`; something that is there twice needs to be there twice. */
function minus(some: string[], others: string[]): string[] {
  const left = [...others];
  return some.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
