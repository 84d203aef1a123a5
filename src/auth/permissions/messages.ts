import type { AreaRules } from './rules';

/** Notifications: everybody has their own, until they remove them. Who is told of what is for administrators to say. */
export const MESSAGE_RULES: AreaRules = {
  everybody: ({ userId }) => [
    {
      action: ['read', 'update', 'delete'],
      subject: 'Notification',
      where: [{ destinataire_id: userId, supprimee: false }],
    },
  ],
  admin: () => ({
    shared: [
      { action: 'create', subject: 'Notification' },
      { action: ['read', 'update'], subject: 'RegleNotification' },
    ],
  }),
  responsable: () => ({
    shared: [
      { action: 'create', subject: 'Notification' },
      { action: 'read', subject: 'RegleNotification' },
    ],
  }),
};
