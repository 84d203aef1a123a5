import type { AskedOfPatients } from '../../services/cabinet/patients';
import type { Call } from './route';

/** What of a call whoever is asked something of a practice is given. */
export type Asking = Pick<Call<never, never, never>, 'app' | 'tx' | 'access' | 'actor'>;

/** Who asks, in which transaction, with what opens what is sealed there. */
export const askedOf = ({ app, tx, access, actor }: Asking): AskedOfPatients => ({
  tx,
  access,
  actor,
  secrets: app.secrets,
});
