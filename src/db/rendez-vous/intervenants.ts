import { Column, Entity } from 'typeorm';
import type { AbsenceIntervenant, Exception } from '../../domain/rendez-vous/ressources';
import type { WorkingHours } from '../../domain/working-time';
import { Resource } from '../resource';

/** Somebody who receives those who book. */
@Entity('intervenants')
export class Intervenant extends Resource {
  @Column({ type: 'integer' })
  user_id!: number;

  @Column({ type: 'text' })
  nom_public!: string;

  /** Null for the house. */
  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  /** Null for that of the site, or of the house. */
  @Column({ type: 'text', nullable: true })
  fuseau_horaire!: string | null;

  /** Whose public holidays they have; null for that of the site, or of the zone. */
  @Column({ type: 'text', nullable: true })
  pays!: string | null;

  /** Null for those of the site, or the usual ones. */
  @Column({ type: 'jsonb', nullable: true })
  horaires!: WorkingHours | null;

  @Column({ type: 'jsonb', default: [] })
  exceptions!: Exception[];

  @Column({ type: 'jsonb', default: [] })
  absences!: AbsenceIntervenant[];

  @Column({ type: 'boolean', default: true })
  actif!: boolean;
}
