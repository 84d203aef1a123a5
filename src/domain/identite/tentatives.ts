/**
 * How long somebody waits who has failed to sign in, or has had mails sent to others. Failures fill a bucket that leaks:
 * up to what it holds they cost nothing, beyond that each one makes the next try wait twice as long, up to a limit, and
 * whoever stops is forgiven.
 * Nothing is ever locked: an attacker must not be able to keep somebody else out.
 */

/** What failures are counted for. */
export const PORTEES = [
  'couple',
  'compte',
  'adresse',
  'lien',
  'invite',
  'inviteur',
  'mot_de_passe',
  'mot_de_passe_donne',
  'retenue',
  'reservation',
  'reservation_sans_preuve',
] as const;
export type Portee = (typeof PORTEES)[number];

interface Bucket {
  /** Failures that cost nothing. */
  free: number;
  /** Time in which one failure is forgotten, in milliseconds. */
  leak: number;
  /** The first wait, in milliseconds; each further failure doubles it. */
  first: number;
  /** The longest wait, in milliseconds. */
  longest: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const BUCKETS: Readonly<Record<Portee, Bucket>> = {
  /** One account from one address: somebody who guesses, or who has forgotten. */
  couple: { free: 5, leak: 10 * MINUTE, first: SECOND, longest: 15 * MINUTE },
  /**
   * One account from all addresses it was never signed in from: many machines guessing together. The wait stays
   * short, since its owner may be on the way.
   */
  compte: { free: 20, leak: 2 * MINUTE, first: SECOND, longest: MINUTE },
  /** One address, all accounts: a common password tried on everybody. An office shares one, so it is generous. */
  adresse: { free: 100, leak: 30 * SECOND, first: SECOND, longest: 15 * MINUTE },
  /** Links asked for from one address, whether or not they were sent. */
  lien: { free: 10, leak: 5 * MINUTE, first: SECOND, longest: 15 * MINUTE },
  /** Invitations to one address, whoever sends them: the mailbox is that of somebody who may never have asked. */
  invite: { free: 5, leak: 12 * HOUR, first: HOUR, longest: 24 * HOUR },
  /** Invitations that one person, or one machine, sends: a company on its first day, not a stranger's mailing. */
  inviteur: { free: 2_000, leak: 30 * SECOND, first: MINUTE, longest: HOUR },
  /**
   * Passwords of their own that one person has checked, judged or hashed, right ones too: each takes up to a tenth of a
   * second of a thread that everybody shares. What does not fit waits for its leak, and no longer.
   */
  mot_de_passe: { free: 20, leak: 3 * SECOND, first: SECOND, longest: 3 * SECOND },
  /** Those that they give to others: somebody who opens accounts, by hand or by a script. */
  mot_de_passe_donne: { free: 60, leak: SECOND, first: SECOND, longest: SECOND },
  /** Times held from one address by people without an account: nobody keeps more than this from others. */
  retenue: { free: 20, leak: MINUTE, first: 10 * SECOND, longest: 5 * MINUTE },
  /** What is booked, moved and cancelled from one address without an account: an office shares one. */
  reservation: { free: 20, leak: 2 * MINUTE, first: 10 * SECOND, longest: 15 * MINUTE },
  /** The same from browsers that run no scripts, and so have done no work for it. */
  reservation_sans_preuve: { free: 3, leak: 20 * MINUTE, first: 5 * MINUTE, longest: 15 * MINUTE },
};

/** What has been counted. */
export interface Echecs {
  /** When all of it will have leaked. */
  videLe: Date;
  /** The last failure. */
  dernier: Date;
}

/** The bucket after one more, or `count` more. */
export function afterFailure(portee: Portee, before: Echecs | null, now: Date, count = 1): Echecs {
  const from = Math.max(before?.videLe.getTime() ?? 0, now.getTime());
  return { videLe: new Date(from + count * BUCKETS[portee].leak), dernier: now };
}

/**
 * How full a bucket may be so that one more still costs nothing, as the time in which all of it leaks, in milliseconds.
 */
export function room(portee: Portee): number {
  const { free, leak } = BUCKETS[portee];
  return (free - 1) * leak;
}

/** Milliseconds until the next try is taken; 0 when it is now. */
export function waitAt(portee: Portee, { videLe, dernier }: Echecs, now: Date): number {
  const { free, leak, first, longest } = BUCKETS[portee];
  const failures = Math.round((videLe.getTime() - dernier.getTime()) / leak);
  if (failures < free) return 0;
  const wait = Math.min(first * 2 ** (failures - free), longest);
  return Math.max(0, dernier.getTime() + wait - now.getTime());
}
