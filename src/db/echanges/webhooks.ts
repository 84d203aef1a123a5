import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { ErreurLivraison } from '../../domain/echanges/livraisons';
import { Resource } from '../resource';

/** Another system that is told of what happens. */
@Entity('webhooks')
export class Webhook extends Resource {
  @Column({ type: 'text' })
  url!: string;

  /** Names of events, domains of them (`intervention.*`), or all (`*`). */
  @Column({ type: 'text', array: true })
  evenements!: string[];

  @Column({ type: 'boolean', default: true })
  actif!: boolean;

  /** Encrypted; see `auth/secrets.ts`. */
  @Column({ type: 'bytea', select: false })
  secret!: Buffer;

  /** The one before, which signs too until it ends. */
  @Column({ type: 'bytea', nullable: true, select: false })
  secret_precedent!: Buffer | null;

  @Column({ type: 'timestamptz', nullable: true })
  secret_precedent_fin!: Date | null;

  /** The place in the order of events after which it is told. */
  @Column({ type: 'bigint' })
  depuis!: number;

  /** Since the last success; null while it does not fail. */
  @Column({ type: 'timestamptz', nullable: true })
  echec_depuis!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  dernier_echec!: Date | null;

  /** To the minute. */
  @Column({ type: 'timestamptz', nullable: true })
  dernier_succes!: Date | null;

  /** Of one that the system switched off. */
  @Column({ type: 'text', nullable: true })
  motif_desactivation!: 'echecs' | 'parti' | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_desactivation!: Date | null;
}

/** Up to where the events have been handed to the webhooks. */
@Entity('webhooks_lecture')
export class LectureWebhooks {
  @PrimaryColumn({ type: 'bigint' })
  position!: number;
}

export const STATUTS_LIVRAISON = ['a_livrer', 'livree', 'abandonnee'] as const;
export type StatutLivraison = (typeof STATUTS_LIVRAISON)[number];

/** One try of a delivery. JSON-safe. */
export interface EssaiLivraison {
  date: string;
  /** Null where there was no answer. */
  statut: number | null;
  /** Milliseconds. */
  duree: number;
  erreur: ErreurLivraison | null;
}

/** One event for one webhook, and what became of it. */
@Entity('livraisons')
export class Livraison {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'integer' })
  webhook_id!: number;

  /** The header `Webhook-Id`: the same for every try. */
  @Column({ type: 'text' })
  identifiant!: string;

  /** Its place in the order of events; null for a trial. */
  @Column({ type: 'bigint', nullable: true })
  evenement_id!: number | null;

  @Column({ type: 'text' })
  evenement!: string;

  @Column({ type: 'timestamptz' })
  date!: Date;

  @Column({ type: 'text' })
  ressource!: string;

  @Column({ type: 'integer' })
  id_ressource!: number;

  @Column({ type: 'integer', nullable: true })
  version_ressource!: number | null;

  /** One that somebody asked for: it neither waits for those before it nor holds back those after it. */
  @Column({ type: 'boolean', default: false })
  hors_ordre!: boolean;

  @Column({ type: 'text', default: 'a_livrer' })
  statut!: StatutLivraison;

  @Column({ type: 'integer', default: 0 })
  tentatives!: number;

  /** Tries before it was asked for anew: its plan begins again there. */
  @Column({ type: 'integer', default: 0 })
  tentatives_avant!: number;

  /** From when its day counts. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_debut!: Date;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  prochain_essai!: Date;

  /** While somebody sends it: it is nobody else's until then. */
  @Column({ type: 'timestamptz', nullable: true })
  reservee_jusqua!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_fin!: Date | null;

  @Column({ type: 'integer', nullable: true })
  reponse_statut!: number | null;

  /** Milliseconds. */
  @Column({ type: 'integer', nullable: true })
  reponse_duree!: number | null;

  @Column({ type: 'text', nullable: true })
  reponse_extrait!: string | null;

  @Column({ type: 'text', nullable: true })
  erreur!: ErreurLivraison | null;

  /** The latest tries, the last one last. */
  @Column({ type: 'jsonb', default: [] })
  essais!: EssaiLivraison[];

  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_creation!: Date;
}
