import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a person's authenticator app computes its codes from. */
@Entity('seconds_facteurs')
export class SecondFacteur {
  @PrimaryColumn({ type: 'integer' })
  user_id!: number;

  /** Encrypted; see `auth/secrets.ts`. */
  @Column({ type: 'bytea', select: false })
  secret!: Buffer;

  /** Null until a first code has shown that the person's device has the secret. */
  @Column({ type: 'timestamptz', nullable: true })
  date_activation!: Date | null;

  /** The time step of the last code taken: none serves twice. */
  @Column({ type: 'bigint', default: 0 })
  dernier_pas!: number;

  @Column({ type: 'timestamptz' })
  date_creation!: Date;
}

/** A code for somebody who has lost their device; known by its hash, and serves once. */
@Entity('codes_secours')
export class CodeSecours {
  @PrimaryColumn({ type: 'integer' })
  user_id!: number;

  /** SHA-256 of the code. */
  @PrimaryColumn({ type: 'bytea' })
  empreinte!: Buffer;

  @Column({ type: 'timestamptz', nullable: true })
  date_utilisation!: Date | null;
}
