import { Initial1764000000000 } from './1764000000000-initial';
import { Identity1764100000000 } from './1764100000000-identity';
import { Audit1764200000000 } from './1764200000000-audit';
import { Rapports1764300000000 } from './1764300000000-rapports';
import { Reach1764400000000 } from './1764400000000-reach';
import { DemandesAuthor1764500000000 } from './1764500000000-demandes-author';
import { LocalTime1764600000000 } from './1764600000000-local-time';
import { Refusals1764700000000 } from './1764700000000-refusals';
import { Search1764800000000 } from './1764800000000-search';
import { HandOver1764900000000 } from './1764900000000-hand-over';
import { Maintenance1765000000000 } from './1765000000000-maintenance';

/** In order. A migration that has been released is never changed. */
export const MIGRATIONS = [
  Initial1764000000000,
  Identity1764100000000,
  Audit1764200000000,
  Rapports1764300000000,
  Reach1764400000000,
  DemandesAuthor1764500000000,
  LocalTime1764600000000,
  Refusals1764700000000,
  Search1764800000000,
  HandOver1764900000000,
  Maintenance1765000000000,
];
