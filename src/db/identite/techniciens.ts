import { Column, Entity } from 'typeorm';
import type { Habilitation } from '../../domain/identite/habilitations';
import type { Absence, Horaires, NiveauExperience } from '../../domain/identite/techniciens';
import { Resource } from '../resource';

@Entity('techniciens')
export class Technicien extends Resource {
  @Column({ type: 'integer', unique: true })
  user_id!: number;

  @Column({ type: 'text' })
  specialite!: string;

  @Column({ type: 'text', array: true, default: '{}' })
  competences!: string[];

  @Column({ type: 'jsonb', default: [] })
  habilitations!: Habilitation[];

  @Column({ type: 'text', default: 'confirme' })
  niveau_experience!: NiveauExperience;

  @Column({ type: 'boolean', default: true })
  disponibilite!: boolean;

  @Column({ type: 'text', nullable: true })
  telephone!: string | null;

  @Column({ type: 'text', nullable: true })
  localisation_base!: string | null;

  @Column({ type: 'double precision', nullable: true })
  latitude!: number | null;

  @Column({ type: 'double precision', nullable: true })
  longitude!: number | null;

  /** Working hours by ISO weekday, in minutes since midnight; null for those of the site. */
  @Column({ type: 'jsonb', nullable: true })
  horaires!: Horaires | null;

  @Column({ type: 'jsonb', default: [] })
  absences!: Absence[];

  /** The highest id that an absence of theirs has had. */
  @Column({ type: 'integer', default: 0 })
  derniere_absence!: number;
}
