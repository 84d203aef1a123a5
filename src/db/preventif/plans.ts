import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { MotifSaut, Resultat } from '../../domain/preventif/decision';
import type {
  Base,
  Condition,
  Declencheur,
  EtatPlan,
  JourFerme,
  Modele,
  PasCompteur,
  Rattrapage,
  SiPrecedenteOuverte,
} from '../../domain/preventif/plans';
import { Resource } from '../resource';

/** By what preventive work comes back on some equipment. */
@Entity('plans_preventifs')
export class PlanPreventif extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  /** An intervention for each equipment, or one for all of them, on the first. */
  @Column({ type: 'boolean' })
  par_equipement!: boolean;

  @Column({ type: 'text' })
  declencheur!: Declencheur;

  @Column({ type: 'text' })
  base!: Base;

  @Column({ type: 'text', nullable: true })
  regle!: string | null;

  /** A day, `2026-12-19`. */
  @Column({ type: 'date', nullable: true })
  date_debut!: string | null;

  @Column({ type: 'text' })
  heure!: string;

  @Column({ type: 'text', array: true })
  saisons!: string[];

  @Column({ type: 'text' })
  jour_ferme!: JourFerme;

  @Column({ type: 'integer' })
  delai_generation!: number;

  @Column({ type: 'integer' })
  tolerance_jours!: number;

  @Column({ type: 'text' })
  si_precedente_ouverte!: SiPrecedenteOuverte;

  @Column({ type: 'text' })
  rattrapage!: Rattrapage;

  @Column({ type: 'jsonb', nullable: true })
  compteur!: PasCompteur | null;

  @Column({ type: 'jsonb', nullable: true })
  condition!: Condition | null;

  @Column({ type: 'text', nullable: true })
  groupe!: string | null;

  @Column({ type: 'integer' })
  rang!: number;

  @Column({ type: 'jsonb' })
  modele!: Modele;

  /** In whose name its interventions stand. */
  @Column({ type: 'integer' })
  createur_id!: number;

  @Column({ type: 'text', default: 'actif' })
  etat!: EtatPlan;

  @Column({ type: 'timestamptz', nullable: true })
  pause_depuis!: Date | null;

  /** Dates up to here are not looked at any more. */
  @Column({ type: 'timestamptz' })
  suivi_depuis!: Date;

  /** When there is next something to decide; null when nothing is due by the calendar. */
  @Column({ type: 'timestamptz', nullable: true })
  prochaine_decision!: Date | null;

  /** What it follows from has changed behind the plan. */
  @Column({ type: 'boolean', default: false })
  a_recalculer!: boolean;

  /** When it was last worked out, by the clock of the database. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  calcule_le!: Date;

  /** The instants of its schedule as they should be; empty for none. */
  @Column({ type: 'text', default: '' })
  horaire!: string;

  /** As the engine was last told. */
  @Column({ type: 'text', default: '' })
  horaire_dit!: string;

  @Column({ type: 'timestamptz', nullable: true })
  horaire_dit_le!: Date | null;
}

/** An equipment of a plan, with what is counted of its meter. */
@Entity('plans_preventifs_equipements')
export class PlanEquipement {
  @PrimaryColumn({ type: 'integer' })
  plan_id!: number;

  @PrimaryColumn({ type: 'integer' })
  equipement_id!: number;

  @Column({ type: 'integer' })
  rang!: number;

  /** What the meter showed when the plan began. */
  @Column({ type: 'double precision', nullable: true })
  compteur_depart!: number | null;

  /** How often the meter was put back since. */
  @Column({ type: 'integer', default: 0 })
  compteur_vies!: number;

  /** Whether the condition may be met again. */
  @Column({ type: 'boolean', default: true })
  arme!: boolean;

  /** Readings in a row by which it is met now. */
  @Column({ type: 'integer', default: 0 })
  consecutifs!: number;

  @Column({ type: 'integer', default: 0 })
  declenchements!: number;
}

/** What became of a date on which a plan was due for an equipment. */
@Entity('echeances_preventives')
export class EcheancePreventive {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'integer' })
  plan_id!: number;

  @Column({ type: 'integer' })
  equipement_id!: number;

  /** The day of the rule, or what else made it due. */
  @Column({ type: 'text' })
  cle!: string;

  @Column({ type: 'date', nullable: true })
  occurrence!: string | null;

  @Column({ type: 'timestamptz' })
  date!: Date;

  @Column({ type: 'text' })
  resultat!: Resultat;

  @Column({ type: 'text', nullable: true })
  motif!: MotifSaut | null;

  /** Decided after it was over. */
  @Column({ type: 'boolean', default: false })
  rattrapage!: boolean;

  @Column({ type: 'integer', nullable: true })
  intervention_id!: number | null;

  /** The plan whose work stands for it, and the date of that plan. */
  @Column({ type: 'integer', nullable: true })
  absorbee_par!: number | null;

  @Column({ type: 'text', nullable: true })
  absorbee_cle!: string | null;

  /** What the meter showed then. */
  @Column({ type: 'double precision', nullable: true })
  releve!: number | null;

  /** What it showed when the work had been done. */
  @Column({ type: 'double precision', nullable: true })
  releve_fin!: number | null;

  @Column({ type: 'timestamptz' })
  date_decision!: Date;
}
