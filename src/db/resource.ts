import { CreateDateColumn, PrimaryGeneratedColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** What every resource has (contract §3). */
export abstract class Resource {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  date_creation!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  date_modification!: Date;

  /** Grows with each change; the ETag of the resource. */
  @VersionColumn({ type: 'integer' })
  version!: number;
}
