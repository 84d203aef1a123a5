import type { AskedOfPatients } from '../../services/cabinet/patients';
import type { Call } from './route';

/** What of a call whoever is asked something of a practice is given. */
export type Asking = Pick<Call<never, never, never>, 'app' | 'tx' | 'access' | 'actor'>;

/**
 * Has the workflows of appointments look again, once what was written of them has committed.
 * @param ids by which the engine knows the appointments.
 */
export function followRendezVous(
  { app, afterCommit }: Pick<Call<never, never, never>, 'app' | 'afterCommit'>,
  ids: readonly number[],
): void {
  for (const id of ids) afterCommit(() => app.engine.followRendezVousInBackground(id));
}

/** Who asks, in which transaction, with what opens what is sealed there. */
export const askedOf = ({ app, tx, access, actor }: Asking): AskedOfPatients => ({
  tx,
  access,
  actor,
  secrets: app.secrets,
});
