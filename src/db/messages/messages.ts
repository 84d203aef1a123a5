import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Contenu, Modele } from '../../domain/messages';
import { type CanalSortant, RANGS, type Relation } from '../../domain/messages/canaux';
import type { Livraison } from '../../domain/messages/sms';

/** A message on its way to a person: written with the change it tells of, sent afterwards, once. */
@Entity('messages')
export class Message {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'text' })
  evenement!: string;

  /** Null for somebody without an account. */
  @Column({ type: 'integer', nullable: true })
  destinataire_id!: number | null;

  /** Who comes to an appointment, where they are the one who reads it. */
  @Column({ type: 'integer', nullable: true })
  participant_id!: number | null;

  /** Of a reminder to a patient, the appointment: whom it reaches is known to their practice, where it leaves. */
  @Column({ type: 'integer', nullable: true })
  rendez_vous_id!: number | null;

  /** What carries it. Each channel is drained apart. */
  @Column({ type: 'text', default: 'email' })
  canal!: CanalSortant;

  /** Where it has to go; null for wherever the person reads their mail when it leaves. */
  @Column({ type: 'citext', nullable: true })
  email!: string | null;

  /** What it is about, `intervention:12`: of one person's messages about one subject the first leaves first. Empty for the person. */
  @Column({ type: 'text', default: '' })
  sujet!: string;

  /** The event of its rule, by which its reader may switch it off; null for what is about none. */
  @Column({ type: 'text', nullable: true })
  regle!: string | null;

  /** What its reader was to the event; none for whoever was named. */
  @Column({ type: 'text', array: true, default: '{}' })
  au_titre!: Relation[];

  /** `RANGS`: what leaves first, and what may wait. */
  @Column({ type: 'integer', default: RANGS.normal })
  rang!: number;

  /** Those of a person with the same one may leave as one message; null for one that leaves alone. */
  @Column({ type: 'text', nullable: true })
  lot!: string | null;

  /** The message in which it is told. */
  @Column({ type: 'integer', nullable: true })
  regroupe_dans!: number | null;

  /** It was to leave no earlier: others of its kind may follow, or its reader wants to be left alone. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  a_envoyer_apres!: Date;

  @Column({ type: 'text' })
  modele!: Modele;

  @Column({ type: 'jsonb' })
  donnees!: Contenu['donnees'];

  @Column({ type: 'text' })
  correlation_id!: string;

  /** The RFC 5322 Message-ID, the same for every try. */
  @Column({ type: 'text', unique: true })
  message_id!: string;

  /** `sans_objet`: it no longer concerned its reader when it was to leave. */
  @Column({ type: 'text', default: 'a_envoyer' })
  statut!: 'a_envoyer' | 'envoye' | 'abandonne' | 'sans_objet';

  @Column({ type: 'integer', default: 0 })
  tentatives!: number;

  /** Not before this; while somebody is sending it, the end of their lease. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  prochain_essai!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  date_envoi!: Date | null;

  @Column({ type: 'text', nullable: true })
  erreur!: string | null;

  /** The number that a text message was written for, E.164, and how many segments it was. */
  @Column({ type: 'text', nullable: true })
  numero!: string | null;

  @Column({ type: 'integer', nullable: true })
  segments!: number | null;

  /** What the gateway told of a text message that it took; null for nothing yet. */
  @Column({ type: 'text', nullable: true })
  livraison!: Livraison | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_livraison!: Date | null;

  /** Of a push message, the subscriptions that have it. */
  @Column({ type: 'integer', array: true, default: '{}' })
  abonnements_servis!: number[];
}
