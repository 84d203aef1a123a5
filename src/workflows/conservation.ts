import { defineSignal, proxyLocalActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { ConservationActivities } from '../activities/conservation';
import { DEMANDE_DROITS_SIGNAL } from './protocol';
import { suivre, UNTIL_DONE } from './suivi';

/** Nothing of it is done twice. */
const { suivrePurge, suivreDemandeDroits } = proxyLocalActivities<ConservationActivities>({
  ...UNTIL_DONE,
  startToCloseTimeout: '1m',
});

/**
 * That a record be destroyed, thirty days after two people have signed for it. Whether it still is to be, its row says when the
 * time has come.
 */
export async function purge(cabinetId: number, purgeId: number): Promise<void> {
  for (;;) {
    const wait = await suivrePurge.executeWithOptions({ summary: 'ce qui est dû' }, [
      cabinetId,
      purgeId,
      Date.now(),
    ]);
    if (wait === null) break;
    setCurrentDetails(`Purge ${purgeId}, attend : ${new Date(Date.now() + wait).toISOString()}`);
    await sleep(Math.max(1, wait));
  }
  setCurrentDetails(`Purge ${purgeId} : faite ou arrêtée`);
}

const demandeDroitsChange = defineSignal(DEMANDE_DROITS_SIGNAL);

/** What operators read of how it stands. */
const ETATS = {
  reflexion: 'délai de réflexion',
  a_repondre: 'à répondre',
  bientot: 'à répondre sans attendre',
  en_retard: 'en retard',
} as const;

/** Nobody is asked for longer than this whether what is late has been answered: who answers says so. Milliseconds. */
const LOOKED_AFTER = 30 * 24 * 3_600_000;

/** The clocks of what a patient asks by right, until it is answered. */
export function demandeDroits(cabinetId: number, demandeId: number): Promise<void> {
  return suivre(demandeDroitsChange, [cabinetId, demandeId], async () => {
    const suivi = await suivreDemandeDroits.executeWithOptions({ summary: 'où elle en est' }, [
      cabinetId,
      demandeId,
      Date.now(),
    ]);
    if (suivi === null) return { details: `Demande ${demandeId} : répondue`, attente: null };
    const { nature, etat, echeance, jusqua } = suivi;
    const summary = ETATS[etat];
    return {
      details: `Demande ${demandeId} (${nature}) : ${summary}, échéance ${new Date(echeance).toISOString()}`,
      attente: { date: jusqua ?? Date.now() + LOOKED_AFTER, summary },
    };
  });
}
