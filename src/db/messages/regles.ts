import { Column, Entity } from 'typeorm';
import type { Canal, HeuresCalmes, Relation, Urgence } from '../../domain/messages/canaux';
import { Resource } from '../resource';

/** What an administrator says of an event, in place of the line of `domain/regles.ts`. */
@Entity('regles_notification')
export class RegleNotification extends Resource {
  @Column({ type: 'text', unique: true })
  evenement!: string;

  @Column({ type: 'text', array: true })
  destinataires!: Relation[];

  @Column({ type: 'text', array: true })
  canaux!: Canal[];

  @Column({ type: 'text' })
  urgence!: Urgence;
}

/** How a person wants to be told. Whoever has no row is told as the rules say, at once. */
@Entity('preferences_notification')
export class PreferenceNotification extends Resource {
  @Column({ type: 'integer', unique: true })
  user_id!: number;

  /** By event, the channels that are switched off. */
  @Column({ type: 'jsonb', default: {} })
  refus!: Record<string, Canal[]>;

  @Column({ type: 'jsonb', nullable: true })
  heures_calmes!: HeuresCalmes | null;

  /** Hour of the day. */
  @Column({ type: 'integer', nullable: true })
  resume_quotidien!: number | null;

  /** IANA zone; null for the house's. */
  @Column({ type: 'text', nullable: true })
  fuseau_horaire!: string | null;
}
