import type { EntityManager } from 'typeorm';
import { type Echeance, keysTold, type Niveau } from '../../../domain/interventions/escalade';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import { systemActor } from '../../actor';
import { refresh } from './derivation';
import { type Annonce, writeEvenement } from './evenement';
import { type LockedIntervention, lockAndRead, snapshotOf } from './locked';
import { missingParts } from './pieces';

/** Ending of the reopening period: nothing is written for it, the workflow just ends. */
const SILENT = 'cloture';

/**
 * Tells what is due: the passing of a deadline at one level, or parts that are still missing.
 * Telling again what was told, or what is not due any more, changes nothing; the answer is what stands now.
 *
 * @param cle of the deadline that passed, from the snapshot's `echeances`.
 * @returns null when the intervention does not exist any more.
 */
export async function escalate(
  tx: EntityManager,
  interventionId: number,
  cle: string,
  now: Date,
  timeZone: string,
): Promise<Snapshot | null> {
  const locked = await lockAndRead(tx, interventionId, timeZone);
  if (locked === null) return null;
  // The key may be one of former rules, or of a version that named it otherwise: what stands now decides.
  await refresh(tx, locked, now);
  const due = locked.intervention.echeances.find((echeance) => echeance.cle === cle);
  if (due === undefined || due.etape === SILENT || due.date > now.getTime()) return snapshotOf(tx, locked);

  const actor = systemActor(now, `echeance-${interventionId}-${cle}`);
  const pieces = due.etape === 'pieces';
  await writeEvenement(tx, actor, locked, {
    action: pieces ? 'relance_pieces' : 'escalade',
    cause: cle,
    changes: {
      escalades: [...locked.intervention.escalades, ...keysTold(due, now.getTime())],
      ...(pieces ? {} : { niveau_escalade: Math.max(locked.intervention.niveau_escalade, due.niveau) }),
    },
    details: { etape: due.etape, niveau: due.niveau, echeance: new Date(due.date) },
    annonces: [pieces ? await chasing(tx, locked) : warning(locked, due)],
  });
  return snapshotOf(tx, locked);
}

async function chasing(
  tx: EntityManager,
  { intervention, technicien }: LockedIntervention,
): Promise<Annonce> {
  return {
    modele: 'relance_pieces',
    audience: { users: [technicien?.user_id ?? null], responsables: true },
    donnees: { pieces: await missingParts(tx, intervention.id) },
  };
}

function warning({ technicien }: LockedIntervention, { etape, niveau, date }: Echeance): Annonce {
  const audiences = {
    1: { users: [technicien?.user_id ?? null] },
    2: { responsables: true },
    3: { admins: true },
  } as const;
  return {
    modele: 'escalade',
    audience: audiences[niveau as Niveau],
    donnees: {
      etape: etape as 'affectation' | 'demarrage' | 'resolution',
      niveau: niveau as Niveau,
      echeance: new Date(date).toISOString(),
    },
  };
}
