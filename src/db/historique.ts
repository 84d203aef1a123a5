import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The append-only record of every change of every resource. */
@Entity('historique')
export class Historique {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'text' })
  entite!: string;

  @Column({ type: 'integer' })
  entite_id!: number;

  @Column({ type: 'text' })
  action!: string;

  /** Null when the system itself acted. */
  @Column({ type: 'integer', nullable: true })
  auteur_id!: number | null;

  @Column({ type: 'timestamptz' })
  date!: Date;

  @Column({ type: 'jsonb', nullable: true })
  avant!: Record<string, unknown> | null;

  @Column({ type: 'jsonb', nullable: true })
  apres!: Record<string, unknown> | null;

  @Column({ type: 'text', nullable: true })
  correlation_id!: string | null;

  /** Place among the lifecycle events of an intervention, from 1 without a gap. */
  @Column({ type: 'integer', nullable: true })
  numero_evenement!: number | null;

  /** What brought the event about (a request's id, an escalation's key); it does so once. */
  @Column({ type: 'text', nullable: true })
  cause!: string | null;
}
