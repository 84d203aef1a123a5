import { Column, Entity } from 'typeorm';
import type { RoleCle } from '../../domain/roles';
import { Resource } from '../resource';

/** The key of a machine. It is known by its hash alone; the row outlives it, for the record. */
@Entity('cles_api')
export class CleApi extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text' })
  role!: RoleCle;

  /** Null: every path that the role allows. */
  @Column({ type: 'text', array: true, nullable: true })
  chemins!: string[] | null;

  /** In whose name it acts. */
  @Column({ type: 'integer' })
  createur_id!: number;

  /** SHA-256 of the key. */
  @Column({ type: 'bytea', select: false })
  empreinte!: Buffer;

  /** The first characters of the key, by which people tell keys apart. */
  @Column({ type: 'text' })
  debut!: string;

  @Column({ type: 'timestamptz', nullable: true })
  date_expiration!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_revocation!: Date | null;

  /** To the minute. */
  @Column({ type: 'timestamptz', nullable: true })
  derniere_utilisation!: Date | null;

  @Column({ type: 'text', nullable: true })
  derniere_adresse!: string | null;
}
