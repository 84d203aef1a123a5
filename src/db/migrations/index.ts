import { Initial1764000000000 } from './1764000000000-initial';
import { Identity1764100000000 } from './1764100000000-identity';
import { Audit1764200000000 } from './1764200000000-audit';
import { Rapports1764300000000 } from './1764300000000-rapports';

/** In order. A migration that has been released is never changed. */
export const MIGRATIONS = [
  Initial1764000000000,
  Identity1764100000000,
  Audit1764200000000,
  Rapports1764300000000,
];
