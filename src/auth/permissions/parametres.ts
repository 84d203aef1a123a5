import type { AreaRules, Rule } from './rules';

const READ: Rule = { action: 'read', subject: 'Parametres' };

/** Name and colours of the house: everybody sees them on every letter. */
export const PARAMETRES_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: ['read', 'update'], subject: 'Parametres' }] }),
  responsable: () => ({ shared: [READ] }),
  technicien: () => ({ shared: [READ] }),
  client: () => ({ shared: [READ] }),
};
