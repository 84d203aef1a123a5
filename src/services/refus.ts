import type { DataSource } from 'typeorm';
import type { Actor } from './actor';
import { record } from './historique';

/** A request that somebody had no right to. */
export interface Refused {
  entite: string;
  entiteId: number | null;
  /** Its method and the pattern of its path. */
  requete: string;
}

/** Records that somebody was refused, outside of any transaction of theirs. */
export async function recordRefusal(
  db: DataSource,
  actor: Actor,
  { entite, entiteId, requete }: Refused,
): Promise<void> {
  await record(db.manager, actor, { entite, entiteId, action: 'refus', apres: { requete } });
}
