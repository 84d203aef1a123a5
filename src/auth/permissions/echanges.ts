import { type AreaRules, MANAGE } from './rules';

/** Webhooks. No machine has them: what it would have sent elsewhere would outlive its key. */
export const ECHANGE_RULES: AreaRules = {
  admin: () => ({
    person: [
      { action: MANAGE, subject: 'Webhook' },
      { action: ['read', 'update'], subject: 'Livraison' },
    ],
  }),
};
