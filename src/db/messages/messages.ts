import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Contenu, Modele } from '../../domain/messages';

/** A message on its way to a person: written with the change it tells of, sent afterwards, once. */
@Entity('messages')
export class Message {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'text' })
  evenement!: string;

  @Column({ type: 'integer' })
  destinataire_id!: number;

  @Column({ type: 'text' })
  canal!: 'email';

  /** Where it has to go; null for wherever the person reads their mail when it leaves. */
  @Column({ type: 'citext', nullable: true })
  email!: string | null;

  @Column({ type: 'text' })
  modele!: Modele;

  @Column({ type: 'jsonb' })
  donnees!: Contenu['donnees'];

  @Column({ type: 'text' })
  correlation_id!: string;

  /** The RFC 5322 Message-ID, the same for every try. */
  @Column({ type: 'text', unique: true })
  message_id!: string;

  @Column({ type: 'text', default: 'a_envoyer' })
  statut!: 'a_envoyer' | 'envoye' | 'abandonne';

  @Column({ type: 'integer', default: 0 })
  tentatives!: number;

  /** Not before this; while somebody is sending it, the end of their lease. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  prochain_essai!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  date_envoi!: Date | null;

  @Column({ type: 'text', nullable: true })
  erreur!: string | null;
}
