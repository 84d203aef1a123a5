import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from './client';
import { PANNE } from './life';

/** People at work: each reports, reads, assigns and starts one intervention after the other. */

/** A request as it was made, and what came of it: `refused` by an error, or `unknown` when no answer came. */
export interface Attempt {
  client: Client;
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: Record<string, unknown>;
  /** Of the intervention, whose title is unlike any other. */
  titre: string;
  cle: string;
  outcome: 'done' | 'refused' | 'unknown';
  reply: Reply | null;
}

export interface Load {
  attempts: Attempt[];
  /** Lets everybody finish what they are about. */
  stop(): Promise<void>;
}

export interface Workplace {
  client: Client;
  equipementId: number;
  technicienId: number;
}

/** One person at each workplace, working until stopped. */
export function startLoad(workplaces: Workplace[]): Load {
  const attempts: Attempt[] = [];
  let stopping = false;
  const working = workplaces.map(async (workplace) => {
    for (let visit = 0; !stopping; visit++) await handleOne(workplace, visit, attempts);
  });
  return {
    attempts,
    stop: async () => {
      stopping = true;
      await Promise.all(working);
    },
  };
}

/** From report to start of work; what is refused is let go. */
async function handleOne(
  { client, equipementId, technicienId }: Workplace,
  visit: number,
  attempts: Attempt[],
): Promise<void> {
  const titre = `Panne ${randomUUID()}`;
  const ask = async (method: Attempt['method'], path: string, body?: Record<string, unknown>) => {
    const attempt = await send({ client, method, path, body, titre, cle: randomUUID() });
    attempts.push(attempt);
    await sleep(attempt.outcome === 'done' ? 50 : 500);
    return attempt.outcome === 'done' ? attempt.reply : null;
  };
  const created = await ask('POST', '/interventions/', { ...PANNE, titre, equipement_id: equipementId });
  if (created === null) return;
  const path = `/interventions/${created.body.id}`;
  await ask('GET', path);
  const assigned = await ask('PUT', `${path}/assign`, {
    technicien_id: technicienId,
    // An hour each, one after the other.
    date_planifiee: new Date(Date.now() + (visit + 1) * 3_600_000).toISOString(),
    duree_estimee: 30,
  });
  if (assigned !== null) await ask('PUT', `${path}/statut`, { statut: 'en_cours' });
  await ask('GET', '/interventions/?limit=5');
}

/** Makes a request and says what came of it. */
export async function send(request: Omit<Attempt, 'outcome' | 'reply'>): Promise<Attempt> {
  const { client, method, path, body, cle } = request;
  try {
    const reply = await client.send(method, path, {
      headers: { 'content-type': 'application/json', 'Idempotency-Key': cle },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(40_000),
    });
    return { ...request, outcome: reply.status < 300 ? 'done' : 'refused', reply };
  } catch {
    return { ...request, outcome: 'unknown', reply: null };
  }
}

/** How often the history tells what a request that writes asked for. */
export async function timesRecorded(db: DataSource, { method, path, titre }: Attempt): Promise<number> {
  const action = method === 'POST' ? 'creation' : path.endsWith('/assign') ? 'assignation' : 'debut';
  const [row] = await db.query(
    `SELECT count(*)::integer AS times FROM historique h JOIN interventions i ON i.id = h.entite_id
     WHERE h.entite = 'intervention' AND h.action = $1 AND i.titre = $2`,
    [action, titre],
  );
  return row.times;
}
