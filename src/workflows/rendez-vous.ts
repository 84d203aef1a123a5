import {
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AgendaActivities } from '../activities/agendas';
import type { RendezVousActivities } from '../activities/rendez-vous';
import { RENDEZ_VOUS_SIGNAL, webhooksTaskQueue } from './protocol';
import { rendezVousAttributesOf } from './search-attributes';
import { UNTIL_DONE } from './suivi';

const rendezVousChange = defineSignal(RENDEZ_VOUS_SIGNAL);

const { suivreRendezVous } = proxyLocalActivities<RendezVousActivities>({
  ...UNTIL_DONE,
  startToCloseTimeout: '10s',
});

/**
 * Calendars elsewhere are read where whatever calls out is. Who waits for it is waited for by a person: what cannot be read
 * soon is believed as it was.
 */
async function relireAgendas(rendezVousId: number): Promise<void> {
  const { verifierAgendas } = proxyActivities<AgendaActivities>({
    taskQueue: webhooksTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '60s',
    scheduleToCloseTimeout: '90s',
    heartbeatTimeout: '15s',
    retry: { maximumAttempts: 2 },
    summary: 'agendas externes de qui reçoit',
  });
  try {
    await verifierAgendas(rendezVousId);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}

/** What operators read of what is waited for. */
const ATTENTES = {
  expiration: 'fin de la retenue ou de la demande',
  agendas: 'relecture des agendas externes',
  rappel: 'prochain rappel',
  avis: 'fin du rendez-vous : demander leur avis à ceux qui sont venus',
  soir: 'soir du rendez-vous : est-il clos ?',
} as const;

/**
 * The life of an appointment: whatever happens around it by itself. State, start, sequence and reminders are its row's, read
 * anew each time: this only says that it is time, so a timer of a former start reminds nobody of anything. It ends when
 * nothing comes any more; whoever changes the row starts it again (docs/decisions/051).
 */
export async function rendezVous(rendezVousId: number): Promise<void> {
  let changed = false;
  let shown = '';
  let relu = false;
  setHandler(rendezVousChange, () => {
    changed = true;
  });
  for (;;) {
    changed = false;
    const situation = await suivreRendezVous.executeWithOptions({ summary: 'ce qui est dû' }, [
      rendezVousId,
      Date.now(),
      relu,
    ]);
    relu = false;
    if (situation !== null && situation.statut !== shown) {
      upsertSearchAttributes(rendezVousAttributesOf(situation.statut));
      shown = situation.statut;
    }
    const next = situation?.prochain ?? null;
    if (next === null) {
      if (changed) continue;
      setCurrentDetails(
        `Rendez-vous ${rendezVousId} : ${situation?.statut ?? 'n’est plus'}, plus rien à venir`,
      );
      return;
    }
    setCurrentDetails(
      `Rendez-vous ${rendezVousId} : ${situation!.statut}, séquence ${situation!.sequence}, ` +
        `début ${new Date(situation!.debut).toISOString()}\n` +
        `Attend : ${ATTENTES[next.attente]}, ${new Date(next.date).toISOString()}`,
    );
    if (next.attente === 'agendas' && next.date <= Date.now()) {
      await relireAgendas(rendezVousId);
      relu = true;
      continue;
    }
    if (workflowInfo().continueAsNewSuggested && !changed) {
      return continueAsNew<typeof rendezVous>(rendezVousId);
    }
    await condition(() => changed, Math.max(1, next.date - Date.now()), { summary: ATTENTES[next.attente] });
  }
}
