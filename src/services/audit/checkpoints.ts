import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import sql from 'sql-template-tag';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query } from '../../db/sql';
import type { ObjectStore } from '../../storage/objects';

/**
 * Where the chains of the audit stood at some moment, signed and kept outside the database: whoever rewrites chains and
 * heads alike still contradicts these. They are never removed.
 */

/** Not one of the prefixes that the sweep of orphan objects goes through. */
const PREFIX = 'audit/';
const PURPOSE = 'audit checkpoint';
/** Far more than the heads of all chains there can be at once; what is larger was not written here. Bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

/** Last row of a chain. */
export interface Tete {
  chaine: number;
  rang: number;
  /** In hexadecimal. */
  empreinte: string;
}

/** What contradicts a checkpoint, or that it is not one of ours. */
export type CheckpointFault =
  | { fault: 'checkpoint contradicted'; object: string; chaine: number; rang: number }
  | { fault: 'checkpoint forged'; object: string };

/** Every chain that has rows. */
export function readHeads(executor: Executor): Promise<Tete[]> {
  return query<Tete>(
    executor,
    sql`SELECT chaine, rang, encode(empreinte, 'hex') AS empreinte
        FROM audit_chaines WHERE rang > 0 ORDER BY chaine`,
  );
}

/** @returns where it lies, and its own hash for the log, which is one more place to look it up. */
export async function writeCheckpoint(
  executor: Executor,
  store: Pick<ObjectStore, 'put'>,
  secrets: Secrets,
  now: Date,
): Promise<{ object: string; digest: string }> {
  const date = now.toISOString();
  const content = { date, tetes: await readHeads(executor) };
  const signature = secrets.sign(PURPOSE, JSON.stringify(content));
  const object = `${PREFIX}${date.replace(/[-:]/g, '')}.json`;
  const bytes = Buffer.from(JSON.stringify({ ...content, signature }));
  await store.put(object, bytes, { contentType: 'application/json' });
  return { object, digest: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Compares every checkpoint of the store with the rows.
 * @returns how many there are, and when the last of them was made.
 */
export async function verifyCheckpoints(
  executor: Executor,
  store: Pick<ObjectStore, 'list' | 'get'>,
  secrets: Secrets,
  report: (fault: CheckpointFault) => void,
): Promise<{ checkpoints: number; lastCheckpoint: string | null }> {
  let checkpoints = 0;
  let lastCheckpoint: string | null = null;
  for await (const { key: object, taille } of store.list(PREFIX)) {
    checkpoints += 1;
    const content = taille > MAX_SIZE ? null : readSigned(secrets, await text(await store.get(object)));
    if (content === null) {
      report({ fault: 'checkpoint forged', object });
      continue;
    }
    lastCheckpoint = content.date;
    for (const { chaine, rang } of await contradicted(executor, content.tetes)) {
      report({ fault: 'checkpoint contradicted', object, chaine, rang });
    }
  }
  return { checkpoints, lastCheckpoint };
}

/** What a checkpoint says, or null when we never wrote it. */
function readSigned(secrets: Secrets, json: string): { date: string; tetes: Tete[] } | null {
  try {
    const { date, tetes, signature } = JSON.parse(json);
    if (!secrets.isSignature(PURPOSE, JSON.stringify({ date, tetes }), String(signature))) return null;
    return { date, tetes };
  } catch {
    return null;
  }
}

/** The heads for which there is no such row any more. */
function contradicted(executor: Executor, tetes: Tete[]): Promise<Pick<Tete, 'chaine' | 'rang'>[]> {
  return query(
    executor,
    sql`SELECT t.chaine, t.rang
        FROM unnest(${tetes.map(({ chaine }) => chaine)}::smallint[], ${tetes.map(({ rang }) => rang)}::bigint[],
                    ${tetes.map(({ empreinte }) => empreinte)}::text[]) AS t (chaine, rang, empreinte)
        LEFT JOIN historique h ON h.chaine = t.chaine AND h.rang = t.rang
        WHERE h.empreinte IS DISTINCT FROM decode(t.empreinte, 'hex')
        ORDER BY t.chaine`,
  );
}
