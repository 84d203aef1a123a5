import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { StatutAttente } from '../../domain/rendez-vous/attente';
import type { Origine } from '../../domain/rendez-vous/rendez-vous';
import { Resource } from '../resource';

/** Somebody who waits for a time of a service; who they are stands in `participants`. */
@Entity('listes_attente')
export class ListeAttente extends Resource {
  @Column({ type: 'integer' })
  prestation_id!: number;

  /** Days of the schedule's zone, both included. */
  @Column({ type: 'date' })
  date_debut!: string;

  @Column({ type: 'date' })
  date_fin!: string;

  /** `14:00` by its clocks; null for any. */
  @Column({ type: 'text', nullable: true })
  heure_debut!: string | null;

  @Column({ type: 'text', nullable: true })
  heure_fin!: string | null;

  /** Minutes; null for the first length of the service. */
  @Column({ type: 'integer', nullable: true })
  duree!: number | null;

  @Column({ type: 'integer', nullable: true })
  intervenant_id!: number | null;

  @Column({ type: 'integer', default: 1 })
  places!: number;

  /** Answers to the questions of the prestation, by their names. */
  @Column({ type: 'jsonb', default: {} })
  reponses!: Record<string, unknown>;

  @Column({ type: 'text', default: 'en_attente' })
  statut!: StatutAttente;

  @Column({ type: 'text' })
  origine!: Origine;

  /** Who waits, when they have an account and wait for themselves. */
  @Column({ type: 'integer', nullable: true })
  demandeur_id!: number | null;

  /** Address or number of who waits: once for one service. */
  @Column({ type: 'text' })
  contact!: string;

  /** What is held for them, and then is theirs. */
  @Column({ type: 'integer', nullable: true, unique: true })
  rendez_vous_id!: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  offre_expire_le!: Date | null;

  /** Offers in a row that were not answered. */
  @Column({ type: 'integer', default: 0 })
  offres_manquees!: number;
}

/** A time that was offered to somebody who waits: once. */
@Entity('offres_attente')
@Index('offres_attente_une_fois', ['liste_attente_id', 'debut'], { unique: true })
export class OffreAttente {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'integer' })
  liste_attente_id!: number;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  @Column({ type: 'timestamptz' })
  fin!: Date;

  @Column({ type: 'text', default: 'ouverte' })
  statut!: 'ouverte' | 'acceptee' | 'declinee' | 'expiree';

  @Column({ type: 'timestamptz' })
  date_creation!: Date;
}
