import { defineSignal, proxyLocalActivities } from '@temporalio/workflow';
import type { ConsultationActivities } from '../activities/consultations';
import { CONSULTATION_SIGNAL } from './protocol';
import { suivre, UNTIL_DONE } from './suivi';

const consultationChange = defineSignal(CONSULTATION_SIGNAL);

const { suivreConsultation } = proxyLocalActivities<ConsultationActivities>({
  ...UNTIL_DONE,
  startToCloseTimeout: '30s',
});

/**
 * A draft that waits to be signed: its author is told after a day and after three, who runs the practice after seven. It ends
 * once it is signed or given up, or everybody was told; nothing signs by itself.
 */
export function consultation(cabinetId: number, consultationId: number): Promise<void> {
  return suivre(consultationChange, [cabinetId, consultationId], async () => {
    const next = await suivreConsultation.executeWithOptions({ summary: 'qui est à prévenir' }, [
      cabinetId,
      consultationId,
      Date.now(),
    ]);
    if (next === null) return { details: `Consultation ${consultationId} : plus rien à dire`, attente: null };
    return {
      details: `Consultation ${consultationId}, brouillon ; prochaine relance ${new Date(next).toISOString()}`,
      attente: { date: next, summary: 'prochaine relance' },
    };
  });
}
