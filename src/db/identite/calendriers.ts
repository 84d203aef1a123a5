import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The private address under which the visits of a technicien are read; of its token only the hash is known. */
@Entity('calendriers_techniciens')
export class CalendrierTechnicien {
  @PrimaryColumn({ type: 'integer' })
  technicien_id!: number;

  /** SHA-256 of the token. */
  @Column({ type: 'bytea', select: false })
  empreinte!: Buffer;

  @Column({ type: 'timestamptz' })
  date_creation!: Date;
}
