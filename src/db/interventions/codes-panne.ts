import { Column, Entity } from 'typeorm';
import type { NaturePanne } from '../../domain/interventions/pannes';
import { Resource } from '../resource';

/** A code of one of the three trees of what fails: problem, cause and remedy. */
@Entity('codes_panne')
export class CodePanne extends Resource {
  @Column({ type: 'text' })
  nature!: NaturePanne;

  @Column({ type: 'citext' })
  code!: string;

  @Column({ type: 'text' })
  libelle!: string;

  /** Of the same tree; null for a root. */
  @Column({ type: 'integer', nullable: true })
  parent_id!: number | null;

  /** False for one that is not chosen any more; what had it keeps it. */
  @Column({ type: 'boolean', default: true })
  actif!: boolean;
}
