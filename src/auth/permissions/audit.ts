import type { AreaRules } from './rules';

/** The record of everything that was done, and refused. */
export const AUDIT_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: 'read', subject: 'Audit' }] }),
};
