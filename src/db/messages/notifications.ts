import { Column, Entity } from 'typeorm';
import { Resource } from '../resource';

export const TYPES_NOTIFICATION = ['info', 'warning', 'error', 'success'] as const;
export type TypeNotification = (typeof TYPES_NOTIFICATION)[number];

/** What a person reads inside the application. */
@Entity('notifications')
export class Notification extends Resource {
  @Column({ type: 'text' })
  titre!: string;

  @Column({ type: 'text' })
  message!: string;

  @Column({ type: 'text' })
  type!: TypeNotification;

  @Column({ type: 'integer' })
  destinataire_id!: number;

  @Column({ type: 'boolean', default: false })
  lue!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  date_lecture!: Date | null;

  @Column({ type: 'jsonb', default: {} })
  metadata!: Record<string, unknown>;

  /** Who sent it; null for what the system tells. */
  @Column({ type: 'integer', nullable: true })
  expediteur_id!: number | null;

  /** The key with which a machine sent it in that person's name. */
  @Column({ type: 'integer', nullable: true })
  cle_api_id!: number | null;

  /** What it tells of: a person is told a thing once. */
  @Column({ type: 'text', nullable: true })
  evenement!: string | null;

  /** Its reader removed it: it stays as the memory that they were told, and nobody sees it. */
  @Column({ type: 'boolean', default: false })
  supprimee!: boolean;
}
