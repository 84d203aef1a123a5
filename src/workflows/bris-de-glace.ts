import { defineSignal, proxyLocalActivities } from '@temporalio/workflow';
import type { BrisDeGlaceActivities } from '../activities/bris-de-glace';
import { BRIS_DE_GLACE_SIGNAL } from './protocol';
import { suivre, UNTIL_DONE } from './suivi';

const brisDeGlaceChange = defineSignal(BRIS_DE_GLACE_SIGNAL);

const { suivreBrisDeGlace } = proxyLocalActivities<BrisDeGlaceActivities>({
  ...UNTIL_DONE,
  startToCloseTimeout: '30s',
});

/** What operators read of what is waited for. */
const ATTENTES = { fin: 'le dossier se referme', revue: 'revue à redemander' } as const;

/**
 * What follows from a record that was opened with a reason: the patient is told, the review is asked for, and again while
 * nobody has answered. The record closes by its row, whether this runs or not. It ends once it is reviewed and closed, or was
 * asked for often enough; whoever changes the row starts it again.
 */
export function brisDeGlace(cabinetId: number, brisId: number): Promise<void> {
  return suivre(brisDeGlaceChange, [cabinetId, brisId], async () => {
    const next = await suivreBrisDeGlace.executeWithOptions({ summary: 'ce qui est dû' }, [
      cabinetId,
      brisId,
      Date.now(),
    ]);
    if (next === null) return { details: `Bris de glace ${brisId} : plus rien à venir`, attente: null };
    const summary = ATTENTES[next.attente];
    return {
      details: `Bris de glace ${brisId}, attend : ${summary}, ${new Date(next.date).toISOString()}`,
      attente: { date: next.date, summary },
    };
  });
}
