import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type {
  AuteurApplication,
  Genre,
  Resultat,
  Segment,
  SourceTrajets,
  StatutEcrit,
  Vue,
} from '../../domain/planification/propositions';
import type { Bilan, NonAffectee, Progression } from '../../domain/planification/semaine/probleme';
import { Resource } from '../resource';

/** A plan that the system proposes: for a week, or for one day of one technicien. */
@Entity('propositions')
export class Proposition extends Resource {
  @Column({ type: 'text' })
  genre!: Genre;

  /** `2026-W51` */
  @Column({ type: 'text' })
  semaine!: string;

  /** Of a proposal for a day. */
  @Column({ type: 'date', nullable: true })
  jour!: string | null;

  @Column({ type: 'integer' })
  createur_id!: number;

  /** The sites whose work is planned; none named means all of them, and what stands on none. */
  @Column({ type: 'integer', array: true })
  site_ids!: number[];

  /** Those who are planned with; null for all who may be. */
  @Column({ type: 'integer', array: true, nullable: true })
  techniciens!: number[] | null;

  /** What is planned; null for all that may be. */
  @Column({ type: 'integer', array: true, nullable: true })
  interventions!: number[] | null;

  @Column({ type: 'timestamptz' })
  date_expiration!: Date;

  @Column({ type: 'text' })
  statut!: StatutEcrit;

  /** Why it is `annulee`. */
  @Column({ type: 'text', nullable: true })
  motif!: 'demande' | 'echec' | null;

  @Column({ type: 'jsonb', nullable: true })
  progression!: Progression | null;

  /** When whoever computes or applies it was last seen at it. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  battement!: Date;

  @Column({ type: 'jsonb', nullable: true })
  bilan!: Bilan | null;

  /** The same measures of what was planned when it was computed. */
  @Column({ type: 'jsonb', nullable: true })
  avant!: Bilan | null;

  @Column({ type: 'jsonb', default: [] })
  non_affectees!: NonAffectee[];

  /** Work that was left out because there was too much of it. */
  @Column({ type: 'integer', default: 0 })
  laissees!: number;

  @Column({ type: 'text', nullable: true })
  trajets!: SourceTrajets | null;

  @Column({ type: 'timestamptz', nullable: true })
  application_debut!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  application_fin!: Date | null;

  @Column({ type: 'jsonb', nullable: true })
  application_auteur!: AuteurApplication | null;
}

/** A visit that is proposed. */
@Entity('propositions_lignes')
export class LigneProposition {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'integer' })
  proposition_id!: number;

  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  technicien_id!: number;

  @Column({ type: 'timestamptz' })
  date_planifiee!: Date;

  /** Minutes of work. */
  @Column({ type: 'integer' })
  duree_estimee!: number;

  @Column({ type: 'jsonb' })
  segments!: Segment[];

  @Column({ type: 'integer', array: true, default: '{}' })
  equipiers!: number[];

  /** To its beginning; null for a line that was moved by hand and has not been measured. */
  @Column({ type: 'integer', nullable: true })
  trajet_minutes!: number | null;

  @Column({ type: 'integer', default: 0 })
  retard_minutes!: number;

  @Column({ type: 'boolean', default: false })
  verrouillee!: boolean;

  /** Taken out of the proposal: nothing is done about it. */
  @Column({ type: 'boolean', default: false })
  retiree!: boolean;

  /** How the intervention stood when it was planned. */
  @Column({ type: 'jsonb' })
  vue!: Vue;

  @Column({ type: 'text', nullable: true })
  resultat!: Resultat | null;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  /** What of the intervention changed meanwhile. */
  @Column({ type: 'text', array: true, default: '{}' })
  changements!: string[];

  @Column({ type: 'uuid', nullable: true })
  ordre_id!: string | null;

  @Column({ type: 'text', nullable: true })
  etape!: 'retrait' | 'affectation' | null;

  @Column({ type: 'boolean', default: false })
  liberee!: boolean;
}
