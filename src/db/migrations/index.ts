import { Initial1764000000000 } from './1764000000000-initial';

/** In order. A migration that has been released is never changed. */
export const MIGRATIONS = [Initial1764000000000];
