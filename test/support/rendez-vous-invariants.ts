import type { DataSource } from 'typeorm';
import { calendarUid, seanceOfCalendarUid } from '../../src/domain/rendez-vous/ical';
import { RENDEZ_VOUS_WORKFLOW } from '../../src/workflows/protocol';
import { auditFaults, mailFaults, planningFaults } from './invariants';
import { partsOf, unfolded, valueIn } from './mail-parts';
import type { ProcessSystem } from './processes';

/** What holds of appointments whatever has happened: nothing taken twice, nothing lost, nobody told of what is not. */

/** The rules that are broken by now, one a line. */
export async function rendezVousFaults(system: ProcessSystem): Promise<string[]> {
  const { db, postOffice, excused } = system;
  return [
    ...(await planningFaults(db)),
    ...(await seanceFaults(db)),
    ...(await workflowFaults(system)),
    ...(await toldFaults(db)),
    ...(await mailFaults(db, postOffice.accepted, excused)),
    ...(await invitationFaults(system)),
    ...(await auditFaults(db)),
  ];
}

/** A seance has as many places taken as are booked in it, and while any is it takes the time of its people and rooms. */
export async function seanceFaults(db: DataSource): Promise<string[]> {
  const uncounted: { id: number }[] = await db.query(
    `SELECT s.id FROM seances s
     WHERE s.prises <> (SELECT coalesce(sum(CASE WHEN s.places > 1 THEN b.places ELSE 1 END), 0) FROM rendez_vous b
       WHERE b.seance_id = s.id AND b.statut IN ('retenu', 'a_valider', 'confirme', 'arrive', 'honore', 'absent'))`,
  );
  const unoccupied: { id: number }[] = await db.query(
    `SELECT s.id FROM seances s
     WHERE ARRAY(SELECT (o.genre, o.ressource_id, o.debut, o.fin, o.exclusive)::text FROM occupations o
                 WHERE o.seance_id = s.id ORDER BY 1)
       IS DISTINCT FROM
       ARRAY(SELECT (r.genre, r.id, s.debut - make_interval(mins => s.tampon_avant),
                     s.fin + make_interval(mins => s.tampon_apres), true)::text
             FROM (SELECT 'personne' AS genre, v.user_id AS id FROM intervenants v WHERE v.id = ANY(s.intervenants)
                   UNION ALL SELECT 'salle', unnest(s.salles)) r WHERE s.prises > 0 ORDER BY 1)`,
  );
  const elsewhere: { uid: string }[] = await db.query(
    `SELECT b.uid FROM rendez_vous b JOIN seances s ON s.id = b.seance_id
     WHERE b.statut IN ('retenu', 'a_valider', 'confirme')
       AND (b.debut, b.fin, b.intervenants, b.salles, b.prestation_id)
         IS DISTINCT FROM (s.debut, s.fin, s.intervenants, s.salles, s.prestation_id)`,
  );
  return [
    ...uncounted.map(({ id }) => `seance ${id} does not count the places that are taken of it`),
    ...unoccupied.map(({ id }) => `seance ${id} does not take the time that it says`),
    ...elsewhere.map(({ uid }) => `rendez-vous ${uid} is not where its seance is`),
  ];
}

/** Something is to come of it ⇔ its workflow runs. Of holds nobody tells the engine until they are over. */
async function workflowFaults({ db, temporal }: ProcessSystem): Promise<string[]> {
  const rows: { id: number; attend: boolean }[] = await db.query(
    `SELECT id, suivi_le IS NOT NULL AS attend FROM rendez_vous WHERE statut <> 'retenu'`,
  );
  const known = new Map<string, string>();
  for await (const { workflowId, status } of temporal.workflow.list({
    query: `WorkflowType = '${RENDEZ_VOUS_WORKFLOW}'`,
  })) {
    if (status.name === 'RUNNING' || !known.has(workflowId)) known.set(workflowId, status.name);
  }
  return rows.flatMap(({ id, attend }) => {
    const state = known.get(`rendez-vous-${id}`) ?? 'never started';
    return state === (attend ? 'RUNNING' : 'COMPLETED')
      ? []
      : [`the workflow of rendez-vous ${id} is ${state}`];
  });
}

/** Of each event in the history everybody who comes is told, once, and of nothing else. */
async function toldFaults(db: DataSource): Promise<string[]> {
  const rows: { name: string; times: number }[] = await db.query(
    `WITH happened AS (
       SELECT DISTINCT 'rendez-vous:' || b.id || ':' || CASE WHEN h.action = 'annulation' THEN 'fin'
           ELSE h.action || ':' || (h.apres ->> 'sequence') END || ':p' || p.id AS name
       FROM historique h JOIN rendez_vous b ON b.id = h.entite_id JOIN participants p ON p.rendez_vous_id = b.id
       WHERE h.entite = 'rendez_vous' AND h.action IN ('confirmation', 'report', 'annulation') AND p.email IS NOT NULL),
     told AS (
       SELECT evenement AS name, count(*)::integer AS times FROM messages
       WHERE participant_id IS NOT NULL AND evenement NOT LIKE '%:rappel-%' GROUP BY evenement)
     SELECT coalesce(h.name, t.name) AS name, coalesce(t.times, 0) AS times
     FROM happened h FULL JOIN told t ON t.name = h.name
     WHERE h.name IS NULL OR t.times IS DISTINCT FROM 1`,
  );
  return rows.map(({ name, times }) => `${name} was told ${times} times`);
}

/**
 * What calendars are told is of an appointment that there is, and the last that whoever comes was told says how it stands. Whoever
 * received once and does not any more was told the end of it, under the number that is the move of the others.
 */
async function invitationFaults({ db, postOffice }: ProcessSystem): Promise<string[]> {
  const rows: { uid: string; sequence: number; statut: string; debut: Date; email: string }[] =
    await db.query(
      `SELECT b.uid, b.sequence, b.statut, b.debut, p.email FROM rendez_vous b JOIN participants p ON p.rendez_vous_id = b.id
     WHERE b.statut <> 'retenu'`,
    );
  const known = new Set(rows.map(({ uid }) => calendarUid(uid)));
  const last = new Map<string, { sequence: number; methode: string; debut: string }>();
  const numbers = new Map<string, Set<number>>();
  const faults: string[] = [];
  for (const { to, text } of invitationsIn(postOffice.contents)) {
    const uid = valueIn(text, 'UID') ?? 'none';
    const sequence = Number(valueIn(text, 'SEQUENCE'));
    if (seanceOfCalendarUid(uid) !== null) continue;
    if (!known.has(uid)) faults.push(`an invitation to ${uid}, which is no appointment`);
    const told = `${uid} ${to}`;
    numbers.set(told, (numbers.get(told) ?? new Set()).add(sequence));
    if ((last.get(told)?.sequence ?? -1) < sequence)
      last.set(told, { sequence, methode: valueIn(text, 'METHOD')!, debut: valueIn(text, 'DTSTART')! });
  }
  for (const { uid, sequence, statut, debut, email } of rows) {
    const told = `${calendarUid(uid)} ${email}`;
    const said = last.get(told);
    // From 0 on, and none left out: each that calendars hear of was sent.
    if (numbers.get(told)?.size !== sequence + 1)
      faults.push(`${uid}: ${email} was sent ${[...(numbers.get(told) ?? [])]}`);
    const methode = statut === 'annule' ? 'CANCEL' : 'REQUEST';
    const begin = `${debut.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    if (said?.sequence !== sequence || said.methode !== methode || said.debut !== begin)
      faults.push(`${uid} is ${statut}, ${sequence}, at ${begin}; ${email} was told ${JSON.stringify(said)}`);
  }
  return faults;
}

/** The calendar objects of mails, and to whom they went; each that is there twice in a mail once. */
export function invitationsIn(contents: readonly string[]): { to: string; text: string }[] {
  return contents.flatMap((content) => {
    const to = /^To:.*?([^\s<>]+@[^\s<>]+)/im.exec(unfolded(content))?.[1] ?? '';
    const calendars = partsOf(content).filter(({ type }) => type.startsWith('text/calendar'));
    return [...new Set(calendars.map(({ body }) => body))].map((text) => ({ to, text }));
  });
}
