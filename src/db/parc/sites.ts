import { Column, Entity } from 'typeorm';
import type { Fermeture } from '../../domain/parc/sites';
import type { WorkingHours } from '../../domain/working-time';
import { Resource } from '../resource';

@Entity('sites')
export class Site extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text', nullable: true })
  adresse!: string | null;

  @Column({ type: 'double precision', nullable: true })
  latitude!: number | null;

  @Column({ type: 'double precision', nullable: true })
  longitude!: number | null;

  /** IANA name; null for the zone of the configuration. */
  @Column({ type: 'text', nullable: true })
  fuseau_horaire!: string | null;

  /** ISO 3166, two letters; null for the country of the zone. */
  @Column({ type: 'text', nullable: true })
  pays!: string | null;

  /** Working hours by ISO weekday, in minutes since midnight; null for the usual ones. */
  @Column({ type: 'jsonb', nullable: true })
  horaires!: WorkingHours | null;

  @Column({ type: 'jsonb', default: [] })
  fermetures!: Fermeture[];
}
