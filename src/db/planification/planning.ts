import { Column, Entity } from 'typeorm';
import type { StatutPlanning } from '../../domain/planification/planning';
import { Resource } from '../resource';

/** A visit: who, when, for how long. An intervention has at most one that is live. */
@Entity('plannings')
export class Planning extends Resource {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  technicien_id!: number;

  @Column({ type: 'timestamptz' })
  date_planifiee!: Date;

  /** Minutes. */
  @Column({ type: 'integer' })
  duree_estimee!: number;

  @Column({ type: 'text', default: 'planifiee' })
  statut!: StatutPlanning;

  @Column({ type: 'text', nullable: true })
  notes!: string | null;
}
