import { Column, Entity } from 'typeorm';
import type { Raison } from '../../domain/planification/disponibilite';
import type { StatutPlanning } from '../../domain/planification/planning';
import { Resource } from '../resource';

/** A stretch of the work of a visit, as it is stored and answered: instants in ISO 8601, the end not included. */
export interface SegmentRow {
  debut: string;
  fin: string;
}

/**
 * A visit: who, when, for how long. An intervention has at most one that is live. Whatever a row says of somebody's time the
 * database writes into `occupations` in the same statement.
 */
@Entity('plannings')
export class Planning extends Resource {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  technicien_id!: number;

  @Column({ type: 'timestamptz' })
  date_planifiee!: Date;

  /** Of work, in minutes: the sum of the segments. */
  @Column({ type: 'integer' })
  duree_estimee!: number;

  /** In order, the first from `date_planifiee`; one alone where nothing is said of them. */
  @Column({ type: 'jsonb' })
  segments!: SegmentRow[];

  /** The end of the last segment, which the database reads off them. */
  @Column({ type: 'timestamptz' })
  date_fin!: Date;

  /** Other techniciens whose time it takes too, by their ids. */
  @Column({ type: 'integer', array: true, default: '{}' })
  equipiers!: number[];

  /** What stood against it when somebody planned it all the same. */
  @Column({ type: 'text', array: true, default: '{}' })
  raisons_forcees!: Raison[];

  /** When the work on it began and ended, whatever had been planned; null until then, and of visits before 0.5. */
  @Column({ type: 'timestamptz', nullable: true })
  debut_reel!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  fin_reelle!: Date | null;

  @Column({ type: 'text', default: 'planifiee' })
  statut!: StatutPlanning;

  @Column({ type: 'text', nullable: true })
  notes!: string | null;
}
