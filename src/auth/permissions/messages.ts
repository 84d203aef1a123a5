import type { AreaRules } from './rules';

/** Notifications: everybody has their own. */
export const MESSAGE_RULES: AreaRules = {
  everybody: ({ userId }) => [
    { action: ['read', 'update'], subject: 'Notification', where: [{ destinataire_id: userId }] },
  ],
  admin: () => ({ shared: [{ action: 'create', subject: 'Notification' }] }),
  responsable: () => ({ shared: [{ action: 'create', subject: 'Notification' }] }),
};
