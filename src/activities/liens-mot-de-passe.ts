import { closeLink, sendLink } from '../services/identite/liens-mot-de-passe';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflow of a link may do. Instants are milliseconds, `now` that of the workflow's clock. */
export interface LienMotDePasseActivities {
  /** When the link stops working; null when there is nobody to send it to. */
  sendLink(lienId: string, now: number): Promise<number | null>;
  closeLink(lienId: string, now: number): Promise<void>;
}

export function lienMotDePasseActivities({
  db,
  logger,
}: Pick<ActivityContext, 'db' | 'logger'>): LienMotDePasseActivities {
  return withoutSecrets(logger, {
    sendLink: (lienId, now) => db.transaction((tx) => sendLink(tx, lienId, new Date(now))),
    closeLink: (lienId, now) => db.transaction((tx) => closeLink(tx, lienId, new Date(now))),
  });
}
