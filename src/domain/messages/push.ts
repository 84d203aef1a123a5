import type { TypeNotification } from '../writing';

/** What a push message says, and how urgently: the title and where to read the rest, which its reader has rights to. */

export interface ContenuPush {
  titre: string;
  type: TypeNotification;
  modele: string;
  /** `intervention:12`; empty for what is about the person alone. */
  sujet: string;
}

export interface EnvoiPush {
  payload: string;
  /** Seconds. */
  ttl: number;
  urgency: 'normal' | 'high';
  /** Whether it takes the place of what is still to be delivered of the same subject. */
  remplace: boolean;
}

const HOUR = 3600;
const TITLE = 120;

/** By how severe the event is: an error wakes the telephone, and what is nobody's hurry may be a day late. */
const DELAYS: Readonly<Record<TypeNotification, Pick<EnvoiPush, 'ttl' | 'urgency'>>> = {
  error: { ttl: 24 * HOUR, urgency: 'high' },
  warning: { ttl: 24 * HOUR, urgency: 'high' },
  info: { ttl: 12 * HOUR, urgency: 'normal' },
  success: { ttl: 12 * HOUR, urgency: 'normal' },
};

export function envoiPush({ titre, type, modele, sujet }: ContenuPush, id: number): EnvoiPush {
  const payload = JSON.stringify({ id, titre: [...titre].slice(0, TITLE).join(''), modele, sujet });
  return { payload, ...DELAYS[type], remplace: sujet !== '' };
}
