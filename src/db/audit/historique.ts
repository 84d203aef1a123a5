import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The append-only record of every change of every resource. */
@Entity('historique')
export class Historique {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'text' })
  entite!: string;

  /** Null when it happened to nothing that is known: a sign-in with an address nobody has, a request refused. */
  @Column({ type: 'integer', nullable: true })
  entite_id!: number | null;

  @Column({ type: 'text' })
  action!: string;

  /** Null when the system itself acted. */
  @Column({ type: 'integer', nullable: true })
  auteur_id!: number | null;

  /** The key with which a machine acted in the name of the author. */
  @Column({ type: 'integer', nullable: true })
  cle_api_id!: number | null;

  @Column({ type: 'timestamptz' })
  date!: Date;

  @Column({ type: 'jsonb', nullable: true })
  avant!: Record<string, unknown> | null;

  @Column({ type: 'jsonb', nullable: true })
  apres!: Record<string, unknown> | null;

  @Column({ type: 'text', nullable: true })
  correlation_id!: string | null;

  /** Address of the client; null when the system itself acted. */
  @Column({ type: 'text', nullable: true })
  adresse!: string | null;

  /** Place among the lifecycle events of an intervention, from 1 without a gap. */
  @Column({ type: 'integer', nullable: true })
  numero_evenement!: number | null;

  /** What brought the event about (a request's id, an escalation's key); it does so once. */
  @Column({ type: 'text', nullable: true })
  cause!: string | null;

  /** Which chain of hashes the row belongs to; this and what follows is the database's own to fill in. */
  @Column({ type: 'smallint', insert: false })
  chaine!: number;

  /** Place in the chain, from 1 without a gap. */
  @Column({ type: 'bigint', insert: false })
  rang!: number;

  /** Hash of the row before it in the chain. */
  @Column({ type: 'bytea', insert: false })
  empreinte_precedente!: Buffer;

  /** Hash of that and of the row itself (`audit.ts`). */
  @Column({ type: 'bytea', insert: false })
  empreinte!: Buffer;
}
