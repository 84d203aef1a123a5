import { Access } from './access';
import { publicRules } from './permissions/rendez-vous';
import type { Principal } from './principal';

/** Nobody: neither a session nor a key, and no account that any condition could name. */
const NOBODY: Principal = {
  userId: 0,
  role: 'client',
  technicienId: null,
  sites: [],
  tousSites: false,
  langue: 'fr',
  sessionId: null,
  cleApiId: null,
  chemins: null,
  secondFacteur: false,
};

/**
 * The rights of whoever comes without an account, for use cases that ask for an {@link Access}: those of appointments. It is
 * made inside the transaction in which it is used (or outside of any, to read): there is nobody to be asked for again.
 * @param rendezVousId the appointment that a link has shown to be theirs; the caller has checked the link, in the same
 *   transaction. Null for who has shown nothing: then there is only what everybody may see and book.
 */
export function publicAccess(rendezVousId: number | null = null): Access {
  return new Access(NOBODY, () => publicRules(rendezVousId));
}

/**
 * The rights of the house itself, where nobody asks: to read whatever is offered, and to hold a time for somebody who waits.
 * As {@link publicAccess}, made inside the transaction in which it is used.
 */
export function houseAccess(): Access {
  return new Access(NOBODY, () => [
    { action: 'read', subject: 'Prestation' },
    { action: 'create', subject: 'RendezVous' },
  ]);
}
