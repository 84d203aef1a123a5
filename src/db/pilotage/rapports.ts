import { Column, Entity } from 'typeorm';
import type { StatutRapport, TypeRapport } from '../../domain/pilotage/rapports';
import type { Langue } from '../../domain/writing';
import { Resource } from '../resource';

/** A report that somebody asked for. What it shows is drawn from these fields alone, never from what they may do by then. */
@Entity('rapports_demandes')
export class RapportDemande extends Resource {
  @Column({ type: 'text' })
  type!: TypeRapport;

  @Column({ type: 'text' })
  langue!: Langue;

  @Column({ type: 'integer' })
  demandeur_id!: number;

  @Column({ type: 'integer', nullable: true })
  intervention_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  equipement_id!: number | null;

  /** Whose week it is, or who leads the intervention. */
  @Column({ type: 'integer', nullable: true })
  technicien_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  /** A week (`2026-W51`) or a month (`2026-12`). */
  @Column({ type: 'text', nullable: true })
  periode!: string | null;

  /** The sites whose rows it shows; empty for all, 0 for what stands on none. */
  @Column({ type: 'integer', array: true })
  site_ids!: number[];

  @Column({ type: 'text', default: 'en_cours' })
  statut!: StatutRapport;

  /** Tries to make it that were begun and not brought to an end, one after the other. */
  @Column({ type: 'integer', default: 0 })
  rendus!: number;

  @Column({ type: 'timestamptz', nullable: true })
  date_essai!: Date | null;

  /** Since when the store has been away; null while it is not. */
  @Column({ type: 'timestamptz', nullable: true })
  attente_depuis!: Date | null;

  @Column({ type: 'text', nullable: true })
  erreur!: string | null;
}
