import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A change of something that people can see: ids only. The database writes it, with the change itself. */
@Entity('evenements')
export class Evenement {
  /** In the order of writing. */
  @PrimaryColumn({ type: 'bigint', insert: false })
  inscription!: number;

  /** Its place in the order that everybody reads, given once it is committed; null until somebody reads. */
  @Column({ type: 'bigint', nullable: true })
  id!: number | null;

  /** `domain.verbe`. */
  @Column({ type: 'text' })
  evenement!: string;

  @Column({ type: 'text' })
  ressource!: string;

  @Column({ type: 'integer' })
  id_ressource!: number;

  /** Null of what is gone. */
  @Column({ type: 'integer', nullable: true })
  version!: number | null;

  /** Whose it is, where it is one person's alone. */
  @Column({ type: 'integer', nullable: true })
  destinataire_id!: number | null;

  @Column({ type: 'timestamptz' })
  date!: Date;
}
