import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A report that could not be filed at once; one that has been is a document and has no such row any more. */
@Entity('rapports')
export class Rapport {
  /** That of the document it becomes. */
  @PrimaryColumn({ type: 'text' })
  cle_unique!: string;

  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'text', default: 'a_faire' })
  statut!: 'a_faire' | 'abandonne';

  /** Tries to make it that were begun and not brought to an end, one after the other. */
  @Column({ type: 'integer', default: 0 })
  rendus!: number;

  /** Since when the store has been away; null while it is not. */
  @Column({ type: 'timestamptz', nullable: true })
  attente_depuis!: Date | null;

  /** How often somebody has had it made again after it was given up. */
  @Column({ type: 'integer', default: 0 })
  reprises!: number;

  @Column({ type: 'text', nullable: true })
  erreur!: string | null;

  /** When it was last tried. */
  @Column({ type: 'timestamptz', nullable: true })
  date_essai!: Date | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_creation!: Date;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_modification!: Date;
}
