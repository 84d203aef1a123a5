import {
  condition,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { ExportActivities } from '../activities/exports';
import { EXPORT_REMIS_SIGNAL } from './protocol';

const { suivreExportDossier } = proxyActivities<ExportActivities>({
  startToCloseTimeout: '10m',
  // A worker that died is missed after this.
  heartbeatTimeout: '15s',
  // Its row says when to give up.
  retry: { initialInterval: '1s', maximumInterval: '5m' },
  summary: 'copie de dossier',
});
const exportRemis = defineSignal(EXPORT_REMIS_SIGNAL);

/** A copy of a record: made, kept for whoever asked, and removed once they have it or its time is over. */
export async function exportDossier(cabinetId: number, exportId: number): Promise<void> {
  let remis = false;
  setHandler(exportRemis, () => {
    remis = true;
  });
  for (;;) {
    const attente = await suivreExportDossier(cabinetId, exportId, remis);
    if (attente === null) break;
    setCurrentDetails('À retirer ou en cours de remise');
    await condition(() => remis, attente);
  }
  setCurrentDetails('Terminé : plus rien n’en est gardé');
}
