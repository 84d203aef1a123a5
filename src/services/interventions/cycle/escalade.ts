import type { EntityManager } from 'typeorm';
import { type Echeance, keysTold, type Niveau } from '../../../domain/interventions/escalade';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import { systemActor } from '../../actor';
import { type Audience, hasRecipients } from '../../messages/messages';
import { settleDeparture } from './depart';
import { refresh } from './derivation';
import { type Annonce, type Evenement, writeEvenement } from './evenement';
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
  await settleDeparture(tx, locked, now);
  // The key may be one of former rules, or of a version that named it otherwise: what stands now decides.
  await refresh(tx, locked, now);
  const due = locked.intervention.echeances.find((echeance) => echeance.cle === cle);
  if (due === undefined || due.etape === SILENT || due.date > now.getTime()) return snapshotOf(tx, locked);

  const actor = systemActor(now, `echeance-${interventionId}-${cle}`);
  const evenement = due.etape === 'pieces' ? await chase(tx, locked, due, now) : await warn(tx, locked, due);
  await writeEvenement(tx, actor, locked, { ...evenement, cause: cle });
  return snapshotOf(tx, locked);
}

async function chase(
  tx: EntityManager,
  locked: LockedIntervention,
  due: Echeance,
  now: Date,
): Promise<Omit<Evenement, 'cause'>> {
  return {
    action: 'relance_pieces',
    changes: { escalades: [...locked.intervention.escalades, ...keysTold(due, now.getTime())] },
    details: { etape: due.etape, niveau: due.niveau, echeance: new Date(due.date) },
    annonces: [await chasing(tx, locked)],
  };
}

/**
 * Tells the level that is due, or the first one above it that has anybody: what nobody hears is told to the next at once,
 * and not once more when the turn of that one comes.
 */
async function warn(
  tx: EntityManager,
  locked: LockedIntervention,
  due: Echeance,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention, siteId } = locked;
  const levels = intervention.echeances
    .filter(({ etape, niveau }) => etape === due.etape && niveau >= due.niveau)
    .sort((a, b) => a.niveau - b.niveau);
  const passed: Echeance[] = [];
  let told = due;
  for (const level of levels) {
    told = level;
    if (await hasRecipients(tx, audienceOf(locked, level), siteId)) break;
    passed.push(level);
  }
  const unheard = passed.filter((level) => level !== told);
  return {
    action: 'escalade',
    changes: {
      escalades: [...intervention.escalades, ...unheard.map(({ cle }) => cle), told.cle],
      niveau_escalade: Math.max(intervention.niveau_escalade, told.niveau),
    },
    details: {
      etape: told.etape,
      niveau: told.niveau,
      echeance: new Date(due.date),
      ...(passed.length === 0 ? {} : { sans_destinataire: passed.map(({ niveau }) => niveau) }),
    },
    annonces: [warning(locked, { ...told, date: due.date })],
  };
}

/** To whoever waits and whoever orders; where there is neither, to the administrators. */
async function chasing(tx: EntityManager, locked: LockedIntervention): Promise<Annonce> {
  const { intervention, technicien, siteId } = locked;
  const concerned = { users: [technicien?.user_id ?? null], responsables: true };
  return {
    modele: 'relance_pieces',
    audience: (await hasRecipients(tx, concerned, siteId)) ? concerned : { admins: true },
    donnees: { pieces: await missingParts(tx, intervention.id) },
  };
}

function audienceOf({ technicien }: LockedIntervention, { niveau }: Echeance): Audience {
  const audiences = {
    1: { users: technicien === null || technicien.left !== null ? [] : [technicien.user_id] },
    2: { responsables: true },
    3: { admins: true },
  } as const;
  return audiences[niveau as Niveau];
}

function warning(locked: LockedIntervention, echeance: Echeance): Annonce {
  const { etape, niveau, date } = echeance;
  return {
    modele: 'escalade',
    audience: audienceOf(locked, echeance),
    donnees: {
      etape: etape as 'affectation' | 'demarrage' | 'resolution',
      niveau: niveau as Niveau,
      echeance: new Date(date).toISOString(),
    },
  };
}
