import type { EntityManager } from 'typeorm';
import {
  destinatairesOf,
  type Echeance,
  type EtapeEscaladee,
  keysTold,
  type Niveau,
} from '../../../domain/interventions/escalade';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import type { Destinataire } from '../../../domain/parc/niveaux';
import { systemActor } from '../../actor';
import { type Audience, hasRecipients } from '../../messages/messages';
import { settleDeparture } from './depart';
import { CANDIDATS, type Candidats, refresh } from './derivation';
import { type Annonce, type Evenement, writeEvenement } from './evenement';
import { type LockedIntervention, lockAndRead, snapshotOf } from './locked';
import { settleParts } from './pieces';

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
  const locked = await lockAndRead<Candidats>(tx, interventionId, timeZone, CANDIDATS);
  if (locked === null) return null;
  await settleDeparture(tx, locked, now);
  await settleParts(tx, locked, now);
  // The key may be one of former rules, or of a version that named it otherwise: what stands now decides.
  await refresh(tx, locked, now);
  const due = locked.intervention.echeances.find((echeance) => echeance.cle === cle);
  if (due === undefined || due.etape === SILENT || due.date > now.getTime()) return snapshotOf(tx, locked);

  const actor = systemActor(now, `echeance-${interventionId}-${cle}`);
  const evenement = await tell(tx, locked, due, now);
  await writeEvenement(tx, actor, locked, { ...evenement, cause: cle });
  return snapshotOf(tx, locked);
}

/** What is told of what is due; a deadline that has passed meanwhile is told instead of having been near. */
function tell(
  tx: EntityManager,
  locked: LockedIntervention,
  due: Echeance,
  now: Date,
): Promise<Omit<Evenement, 'cause'>> {
  if (due.etape === 'pieces') return chase(tx, locked, due, now);
  if (due.limite === undefined) return warn(tx, locked, due);
  const passed = locked.intervention.echeances.find(
    ({ etape, limite, date }) => etape === due.etape && limite === undefined && date <= now.getTime(),
  );
  return passed === undefined ? remind(tx, locked, due) : warn(tx, locked, passed);
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

/** Tells that a deadline is near, where there is anybody to tell. */
async function remind(
  tx: EntityManager,
  locked: LockedIntervention,
  due: Echeance,
): Promise<Omit<Evenement, 'cause'>> {
  const audience = audienceOf(locked, destinatairesOf(due));
  const isHeard = await hasRecipients(tx, 'echeance_proche', audience, locked.siteId);
  const { etape, niveau, limite } = due;
  const echeance = new Date(limite!);
  return {
    action: 'rappel',
    changes: { escalades: [...locked.intervention.escalades, due.cle] },
    details: { etape, niveau, echeance, ...(isHeard ? {} : { sans_destinataire: [niveau] }) },
    annonces: isHeard
      ? [
          {
            modele: 'echeance_proche',
            audience,
            donnees: { etape: etape as EtapeEscaladee, echeance: echeance.toISOString() },
          },
        ]
      : [],
  };
}

/**
 * Tells the level that is due, or the first one after it that has anybody: what nobody hears is told to the next at once,
 * and not once more when the turn of that one comes. That the deadline was near is not told any more.
 */
async function warn(
  tx: EntityManager,
  locked: LockedIntervention,
  due: Echeance,
): Promise<Omit<Evenement, 'cause'>> {
  const { intervention, siteId } = locked;
  const ofStep = intervention.echeances.filter(({ etape }) => etape === due.etape);
  const levels = ofStep.slice(ofStep.indexOf(due)).filter(({ limite }) => limite === undefined);
  const passed: Echeance[] = [];
  let told = due;
  for (const level of levels) {
    told = level;
    if (await hasRecipients(tx, 'escalade', audienceOf(locked, destinatairesOf(level)), siteId)) break;
    passed.push(level);
  }
  const unheard = passed.filter((level) => level !== told);
  const missed = ofStep.filter(({ limite, date }) => limite !== undefined && date <= due.date);
  return {
    action: 'escalade',
    changes: {
      escalades: [
        ...intervention.escalades,
        ...[...missed, ...unheard].map(({ cle }) => cle),
        ...keysTold(told, due.date),
      ],
      niveau_escalade: Math.max(intervention.niveau_escalade, told.niveau),
    },
    details: {
      etape: told.etape,
      niveau: told.niveau,
      echeance: new Date(due.date),
      ...(passed.length === 0 ? {} : { sans_destinataire: passed.map(({ niveau }) => niveau) }),
    },
    annonces: warnings(locked, told, told.echue ?? due.date),
  };
}

/** To whoever waits and whoever orders; where there is neither, to the administrators. */
async function chasing(tx: EntityManager, locked: LockedIntervention): Promise<Annonce> {
  const { technicien, siteId, missingParts } = locked;
  const concerned = { technicien: [technicien?.user_id ?? null], responsables: true };
  return {
    modele: 'relance_pieces',
    audience: (await hasRecipients(tx, 'relance_pieces', concerned, siteId)) ? concerned : { admins: true },
    donnees: { pieces: missingParts },
  };
}

function audienceOf(
  { technicien, clientId }: LockedIntervention,
  destinataires: readonly Destinataire[],
): Audience {
  const isThere = destinataires.includes('technicien') && technicien !== null && technicien.left === null;
  return {
    technicien: isThere ? [technicien.user_id] : [],
    client: destinataires.includes('client') ? [clientId] : [],
    responsables: destinataires.includes('responsable'),
    admins: destinataires.includes('admin'),
  };
}

/** To the house with the level, and to the customer, whom it does not concern, without. */
function warnings(locked: LockedIntervention, told: Echeance, date: number): Annonce[] {
  const destinataires = destinatairesOf(told);
  const donnees = { etape: told.etape as EtapeEscaladee, echeance: new Date(date).toISOString() };
  const niveau = told.niveau as Niveau;
  const house = destinataires.filter((who) => who !== 'client');
  const customer = destinataires.filter((who) => who === 'client');
  return [
    ...(house.length === 0
      ? []
      : [
          {
            modele: 'escalade' as const,
            audience: audienceOf(locked, house),
            donnees: { ...donnees, niveau },
          },
        ]),
    ...(customer.length === 0
      ? []
      : [{ modele: 'escalade' as const, audience: audienceOf(locked, customer), donnees }]),
  ];
}
