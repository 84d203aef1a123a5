import { defineSignal, proxyLocalActivities } from '@temporalio/workflow';
import type { ExamenActivities } from '../activities/examens';
import { EXAMEN_SIGNAL } from './protocol';
import { suivre, UNTIL_DONE } from './suivi';

const examenChange = defineSignal(EXAMEN_SIGNAL);

const { suivreExamen } = proxyLocalActivities<ExamenActivities>({
  ...UNTIL_DONE,
  startToCloseTimeout: '10s',
});

/** What operators read of what is waited for. */
const ATTENTES = {
  retard: 'le jour où il est attendu',
  auteur: 'avertir qui l’a demandé',
  remplacant: 'avertir les remplaçants',
  gerant: 'avertir qui dirige le cabinet',
} as const;

/**
 * What happens around an examen by itself, until a doctor has decided: its row says each time what is due, this only that it is
 * time. Whoever changes the row tells it, and starts it again if another result comes after a decision.
 */
export function examen(examenId: number): Promise<void> {
  return suivre(examenChange, [examenId], async () => {
    const situation = await suivreExamen.executeWithOptions({ summary: 'ce qui est dû' }, [
      examenId,
      Date.now(),
    ]);
    if (situation === null) return { details: `Examen ${examenId} : n’est plus`, attente: null };
    const { statut, prochain } = situation;
    if (statut === 'vu') return { details: `Examen ${examenId} : décidé`, attente: null };
    const head = `Examen ${examenId} : ${statut}\nAttend : `;
    if (prochain === null) {
      return { details: `${head}une décision`, attente: { date: null, summary: 'une décision' } };
    }
    const summary = ATTENTES[prochain.attente];
    return {
      details: `${head}${summary}, ${new Date(prochain.date).toISOString()}`,
      attente: { date: prochain.date, summary },
    };
  });
}
