import { Column, Entity } from 'typeorm';
import type { Exception } from '../../domain/rendez-vous/ressources';
import type { WorkingHours } from '../../domain/working-time';
import { Resource } from '../resource';

/** A room in which people are received. */
@Entity('salles')
export class Salle extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  @Column({ type: 'integer' })
  capacite!: number;

  /** What it has, or is for. */
  @Column({ type: 'text', array: true, default: [] })
  etiquettes!: string[];

  /** Null for open at any time. */
  @Column({ type: 'jsonb', nullable: true })
  horaires!: WorkingHours | null;

  @Column({ type: 'jsonb', default: [] })
  exceptions!: Exception[];

  @Column({ type: 'boolean', default: true })
  actif!: boolean;
}
