import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One sign-in of one person: the family of its refresh tokens. */
@Entity('sessions')
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'integer' })
  user_id!: number;

  @Column({ type: 'timestamptz' })
  date_creation!: Date;

  /** However often it is refreshed, a sign-in ends here. */
  @Column({ type: 'timestamptz' })
  date_expiration!: Date;

  /** Where the person signed in from, and with what (`User-Agent`), so that they recognise it. */
  @Column({ type: 'text', nullable: true })
  adresse!: string | null;

  @Column({ type: 'text', nullable: true })
  agent!: string | null;

  /** The last exchange of a refresh token. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  derniere_activite!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  date_revocation!: Date | null;
}

/** A refresh token is known only by its hash and serves once. */
@Entity('refresh_tokens')
export class RefreshToken {
  /** SHA-256 of the token. */
  @PrimaryColumn({ type: 'bytea' })
  empreinte!: Buffer;

  @Column({ type: 'uuid' })
  session_id!: string;

  @Column({ type: 'timestamptz' })
  date_creation!: Date;

  @Column({ type: 'timestamptz' })
  date_expiration!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  date_utilisation!: Date | null;
}
