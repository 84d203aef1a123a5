import type { Texte } from '../errors';
import { dayAt, endOfDay, startOfDay } from '../local-time';
import type { StatutRendezVous } from '../rendez-vous/rendez-vous';

/**
 * What becomes of an appointment of a practice. People move it, and nothing else does: nobody is called absent because a desk
 * had no time to say otherwise. Another time is another appointment, tied to the one that it takes the place of.
 */

export const STATUTS_RENDEZ_VOUS_CABINET = [
  /** Held for somebody who waited, until they answer. */
  'propose',
  'confirme',
  /** In the waiting room. */
  'arrive',
  'en_consultation',
  'honore',
  'absent',
  'annule',
] as const;
export type StatutRendezVousCabinet = (typeof STATUTS_RENDEZ_VOUS_CABINET)[number];

export const ACTES_CABINET = [
  'arriver',
  'appeler',
  'terminer',
  'absent',
  'annuler',
  'reporter',
  'partir',
] as const;
/** What people say of it. */
export type ActeCabinet = (typeof ACTES_CABINET)[number];

/** What becomes of one that is offered: somebody says yes or no, or nobody does in time. */
export const ACTES_OFFRE = ['accepter', 'decliner', 'expirer'] as const;
export type ActeOffre = (typeof ACTES_OFFRE)[number];

/** From which states each is possible, and to which it leads. Who has arrived, and leaves unseen, has cancelled. */
export const TRANSITIONS_CABINET: Readonly<
  Record<ActeCabinet | ActeOffre, { de: readonly StatutRendezVousCabinet[]; vers: StatutRendezVousCabinet }>
> = {
  arriver: { de: ['confirme', 'absent'], vers: 'arrive' },
  appeler: { de: ['arrive'], vers: 'en_consultation' },
  terminer: { de: ['en_consultation'], vers: 'honore' },
  absent: { de: ['confirme'], vers: 'absent' },
  annuler: { de: ['confirme'], vers: 'annule' },
  reporter: { de: ['confirme'], vers: 'annule' },
  partir: { de: ['arrive'], vers: 'annule' },
  accepter: { de: ['propose'], vers: 'confirme' },
  decliner: { de: ['propose'], vers: 'annule' },
  expirer: { de: ['propose'], vers: 'annule' },
};

/** After these the time is anybody's again. */
export const ACTES_QUI_LIBERENT: readonly ActeCabinet[] = ['annuler', 'reporter', 'partir'];

/** What everything else knows of it, by the words of its one engine: there, whether somebody is seen by now is not said. */
export const STATUT_DU_MOTEUR = {
  propose: 'a_valider',
  confirme: 'confirme',
  arrive: 'arrive',
  en_consultation: 'arrive',
  honore: 'honore',
  absent: 'absent',
  annule: 'annule',
} as const satisfies Readonly<Record<StatutRendezVousCabinet, StatutRendezVous>>;

/** What can be later than people are asked to say it: who was there, or had been promised nothing, is not late. */
export const ACTES_TARDIFS: readonly (ActeCabinet | ActeOffre)[] = ['annuler', 'reporter'];

/** Who cancelled. */
export const ANNULE_PAR = ['patient', 'cabinet'] as const;
export type AnnulePar = (typeof ANNULE_PAR)[number];

export interface EtatDuJour {
  statut: StatutRendezVousCabinet;
  debut: Date;
  /** When somebody was called absent; null while nobody was. */
  absent_le: Date | null;
}

/** Why something cannot be said of an appointment now; null when it can. @param zone of the practice */
export function refusDActe(
  { statut, debut, absent_le }: EtatDuJour,
  acte: ActeCabinet,
  now: Date,
  zone: string,
): Texte | null {
  if (!TRANSITIONS_CABINET[acte].de.includes(statut)) return WRONG_STATE;
  const today = dayAt(now.getTime(), zone);
  if (acte === 'absent' && now < debut) return NOT_YET;
  if (acte === 'arriver') {
    if (today !== dayAt(debut.getTime(), zone)) return NOT_THAT_DAY;
    if (absent_le !== null && today !== dayAt(absent_le.getTime(), zone)) return TOO_LATE;
  }
  return null;
}

/** So long after its hour it is asked what became of it. Milliseconds. */
export const DELAI_A_QUALIFIER = 30 * 60_000;

/** Whether somebody has yet to say what became of it: what it is then is a question, and no state. */
export function estAQualifier({ statut, debut }: Pick<EtatDuJour, 'statut' | 'debut'>, now: Date): boolean {
  return statut === 'confirme' && debut.getTime() + DELAI_A_QUALIFIER <= now.getTime();
}

/**
 * Whether it stands though whoever was to come has died, on its day or before: somebody has yet to cancel it. Nothing does so by
 * itself: what is cancelled stays so, where a day that was entered by mistake is corrected (docs/decisions/071).
 * @param deces day; null for who lives. @param zone of the practice
 */
export function estAAnnuler(
  { statut, debut }: Pick<EtatDuJour, 'statut' | 'debut'>,
  deces: string | null,
  zone: string,
): boolean {
  return statut === 'confirme' && deces !== null && deces <= dayAt(debut.getTime(), zone);
}

/** A day of a practice, as two instants. @param zone of the practice */
export function journee(now: Date, zone: string): { debut: Date; fin: Date } {
  const day = dayAt(now.getTime(), zone);
  return { debut: new Date(startOfDay(day, zone)), fin: new Date(endOfDay(day, zone)) };
}

/** Nothing is booked for them, nor moved. */
export const PATIENT_DECEDE = { fr: 'Ce patient est décédé', en: 'This patient has died' };

const WRONG_STATE = {
  fr: 'Ce n’est pas possible dans cet état',
  en: 'This is not possible in this state',
};
const NOT_YET = { fr: 'Son heure n’est pas venue', en: 'Its hour has not come' };
const NOT_THAT_DAY = {
  fr: 'Une arrivée se dit le jour du rendez-vous',
  en: 'That somebody is there is said on the day of the appointment',
};
const TOO_LATE = {
  fr: 'Une absence ne se reprend que le jour même',
  en: 'That somebody did not come is undone the same day only',
};
