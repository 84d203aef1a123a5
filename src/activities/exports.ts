import { Context } from '@temporalio/activity';
import { type ExportTools, suivreExport } from '../services/cabinet/export-etablissement';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** Copies of records: they are named by their practice and their number, and nothing of a patient passes through here. */
export interface ExportActivities {
  /**
   * Does what is due of an export: makes it, or removes it.
   * @param remis whether whoever took it has it.
   * @returns milliseconds until something is due; null when nothing will be any more.
   */
  suivreExportDossier(cabinetId: number, exportId: number, remis: boolean): Promise<number | null>;
}

/** How often the engine is told that somebody is at it, in milliseconds. */
const BEAT = 4_000;

export function exportActivities({
  logger,
  ...tools
}: ExportTools & Pick<ActivityContext, 'logger'>): ExportActivities {
  return withoutSecrets(logger, {
    suivreExportDossier: async (cabinetId, exportId, remis) => {
      const activity = Context.current();
      const beats = setInterval(() => activity.heartbeat(), BEAT);
      try {
        return await suivreExport(tools, { cabinet_id: cabinetId, id: exportId }, { remis, now: new Date() });
      } finally {
        clearInterval(beats);
      }
    },
  });
}
