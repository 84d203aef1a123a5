import { Column, Entity } from 'typeorm';
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
}
