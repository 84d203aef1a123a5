import { type AreaRules, MANAGE } from './rules';

/** Parts, which belong to no site. */
export const STOCK_RULES: AreaRules = {
  admin: () => ({ shared: [{ action: MANAGE, subject: 'Piece' }] }),
  responsable: () => ({ shared: [{ action: MANAGE, subject: 'Piece' }] }),
  technicien: () => ({ shared: [{ action: 'read', subject: 'Piece' }] }),
};
