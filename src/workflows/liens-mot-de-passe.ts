import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { LienMotDePasseActivities } from '../activities/liens-mot-de-passe';
import { LIEN_UTILISE_SIGNAL } from './protocol';

const lienUtilise = defineSignal(LIEN_UTILISE_SIGNAL);

/**
 * However long the database is away, this is done once it is back. No link works for longer than it is tried, and longer
 * waits are timers of the engine: one that cannot be sent holds none of the worker's places.
 */
const { sendLink, closeLink } = proxyLocalActivities<LienMotDePasseActivities>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '8 days',
  localRetryThreshold: '5s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * The life of a link by which somebody chooses a password: mailed, waited for, closed. Whether it works is decided by
 * its row alone, so nothing depends on this being in time.
 */
export async function lienMotDePasse(lienId: string): Promise<void> {
  let used = false;
  setHandler(lienUtilise, () => {
    used = true;
  });
  const expiration = await sendLink.executeWithOptions({ summary: 'envoi du lien' }, [lienId, Date.now()]);
  if (expiration === null) return;
  await condition(() => used, Math.max(1, expiration - Date.now()), { summary: 'fin de validité du lien' });
  await closeLink.executeWithOptions({ summary: 'fermeture du lien' }, [lienId, Date.now()]);
}
