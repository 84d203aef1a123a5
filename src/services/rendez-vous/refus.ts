import { type ErrorCode, RegieError, type Texte } from '../../domain/errors';
import { withOffset } from '../../domain/local-time';
import type { Refus } from '../../domain/rendez-vous/creneaux';
import type { Asked } from '../crud';
import { type Demande, readSituation } from './creneaux';

/** What whoever cannot have a time is told: why, and which others there are. */

/** Who asks, and by which clocks what names none is meant. */
export interface AskedRendezVous extends Asked {
  timeZone: string;
}

/** A wish for a time, as it is read again for what else there is. */
export interface Souhait extends Demande {
  debut: Date;
}

/** Why there is no appointment. */
export type Raison = Refus | 'RETENUE_EXPIREE';

/** How far ahead others are looked for, in milliseconds. */
const HORIZON = 62 * 24 * 3_600_000;
const ALTERNATIVES = 3;

export const DETAILS: Readonly<Record<Raison, Texte>> = {
  PREAVIS: {
    fr: 'Il est trop tard pour réserver ce moment',
    en: 'It is too late to book this time',
  },
  HORS_FENETRE: {
    fr: 'Ce moment n’est pas, ou pas encore, ouvert à la réservation',
    en: 'This time is not open for booking, or not yet',
  },
  PLAFOND: {
    fr: 'Le nombre de rendez-vous possibles est atteint',
    en: 'The number of appointments that are possible has been reached',
  },
  HORS_DISPONIBILITE: {
    fr: 'Aucun rendez-vous ne peut commencer à ce moment',
    en: 'No appointment can begin at this time',
  },
  CRENEAU_PRIS: { fr: 'Ce créneau vient d’être pris', en: 'This slot has just been taken' },
  RETENUE_EXPIREE: {
    fr: 'Le créneau n’est plus retenu pour vous',
    en: 'The slot is not held for you any more',
  },
};

/**
 * The refusal of a time, with the next three that are free at this moment: from the one that was wanted on, or from now
 * when it has passed.
 */
export async function refusal(asked: AskedRendezVous, souhait: Souhait, code: Raison): Promise<RegieError> {
  const alternatives = await alternativesTo(asked, souhait);
  return new RegieError(code satisfies ErrorCode, { detail: DETAILS[code], extensions: { alternatives } });
}

/** A time that could be had instead. */
export interface Alternative {
  debut: string;
  fin: string;
}

/** The next three times that are free at this moment. @param horizon how far ahead they are looked for. */
export async function alternativesTo(
  { tx, access, actor, timeZone }: AskedRendezVous,
  { debut, ...demande }: Souhait,
  horizon = HORIZON,
): Promise<Alternative[]> {
  const from = Math.max(debut.getTime(), actor.now.getTime());
  const period = { debut: new Date(from), fin: new Date(from + horizon) };
  const { evaluateur, zone } = await readSituation(tx, access, demande, period, actor.now, timeZone);
  // A day is looked at after the other: what is free soon is found soon.
  const found = [];
  for (let day = from; day < from + horizon && found.length < ALTERNATIVES; day += STEP)
    found.push(...evaluateur.creneaux(day, Math.min(day + STEP, from + horizon)));
  return found
    .slice(0, ALTERNATIVES)
    .map((one) => ({ debut: withOffset(one.debut, zone), fin: withOffset(one.fin, zone) }));
}

/** Days that are looked at together. */
const STEP = 4 * 24 * 3_600_000;
