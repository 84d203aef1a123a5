import { Column, Entity } from 'typeorm';
import type { StatutFerie } from '../../domain/planification/feries';
import type { DemiJournee } from '../../domain/working-time';
import { Resource } from '../resource';

/** A day on which nobody of a country works. */
@Entity('jours_feries')
export class JourFerie extends Resource {
  /** ISO 3166, two letters. */
  @Column({ type: 'text' })
  pays!: string;

  /** A day, `2026-12-25`. */
  @Column({ type: 'date' })
  date!: string;

  @Column({ type: 'text' })
  libelle!: string;

  @Column({ type: 'text', default: 'confirme' })
  statut!: StatutFerie;

  /** The half that is off, or null for the whole day. */
  @Column({ type: 'text', nullable: true })
  demi_journee!: DemiJournee | null;
}
