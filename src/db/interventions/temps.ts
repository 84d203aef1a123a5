import { Column, Entity } from 'typeorm';
import type { NatureTemps } from '../../domain/interventions/temps';
import { Resource } from '../resource';

/** Time that somebody spent on an intervention. No two segments of one person overlap, whatever they are for. */
@Entity('temps')
export class Temps extends Resource {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  technicien_id!: number;

  @Column({ type: 'text' })
  nature!: NatureTemps;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  /** Null while it runs. */
  @Column({ type: 'timestamptz', nullable: true })
  fin!: Date | null;
}
