import { Column, Entity } from 'typeorm';
import type { Depassements, EngagementClos } from '../../domain/interventions/engagements';
import type { Echeance } from '../../domain/interventions/escalade';
import type { Pause } from '../../domain/interventions/horloge';
import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
import type { PolitiqueKept } from '../../domain/parc/niveaux';
import type { Priorite } from '../../domain/priorites';
import { Resource } from '../resource';

@Entity('interventions')
export class Intervention extends Resource {
  @Column({ type: 'text' })
  titre!: string;

  @Column({ type: 'text' })
  description!: string;

  @Column({ type: 'text' })
  type_intervention!: TypeIntervention;

  @Column({ type: 'text', default: 'ouverte' })
  statut!: Statut;

  @Column({ type: 'text' })
  priorite!: Priorite;

  @Column({ type: 'boolean', default: false })
  urgence!: boolean;

  /** Whether its equipment stands still until it is over; of a corrective alone. */
  @Column({ type: 'boolean', default: false })
  arret!: boolean;

  @Column({ type: 'timestamptz' })
  date_limite!: Date;

  /** True when somebody named the deadline, false when it follows from the priority. */
  @Column({ type: 'boolean', default: false })
  date_limite_imposee!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  date_debut!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_fin!: Date | null;

  @Column({ type: 'integer' })
  equipement_id!: number;

  @Column({ type: 'integer', nullable: true })
  technicien_id!: number | null;

  /** Other techniciens who are sent with them, by their ids. */
  @Column({ type: 'integer', array: true, default: '{}' })
  equipiers!: number[];

  @Column({ type: 'integer' })
  createur_id!: number;

  @Column({ type: 'text', array: true, default: '{}' })
  competences_requises!: string[];

  @Column({ type: 'text', nullable: true })
  rapport!: string | null;

  @Column({ type: 'text', nullable: true })
  motif_annulation!: string | null;

  @Column({ type: 'smallint', nullable: true })
  satisfaction_note!: number | null;

  @Column({ type: 'text', nullable: true })
  satisfaction_commentaire!: string | null;

  /** Who gave the rating, and alone may change it. */
  @Column({ type: 'integer', nullable: true })
  satisfaction_auteur_id!: number | null;

  /** When the wait for an assignment began, or was armed anew. */
  @Column({ type: 'timestamptz' })
  arme_le!: Date;

  /** When somebody set the date of the visit. */
  @Column({ type: 'timestamptz', nullable: true })
  demarrage_arme_le!: Date | null;

  /** When the present deadline was set; what has been told is remembered by this. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  resolution_armee_le!: Date;

  /** From when the resolution counts: the creation, or the last reopening. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  resolution_depuis!: Date;

  /** Waits since then that stopped its clock and are over. */
  @Column({ type: 'jsonb', default: [] })
  pauses!: Pause[];

  /** The first deadline of the resolution that passed, whatever became of it afterwards; null while none has. */
  @Column({ type: 'timestamptz', nullable: true })
  depasse_le!: Date | null;

  /** When the resolution clock stopped; null while it runs. */
  @Column({ type: 'timestamptz', nullable: true })
  horloge_arretee_le!: Date | null;

  /** Why the present wait is, where it is not for parts; null otherwise. */
  @Column({ type: 'text', nullable: true })
  attente_motif!: string | null;

  /** The level of service that applies, or null for that of the house. */
  @Column({ type: 'integer', nullable: true })
  niveau_service_id!: number | null;

  /** What that level said when it was last looked at; null for that of the house. */
  @Column({ type: 'jsonb', nullable: true })
  politique!: PolitiqueKept | null;

  /** Since when priority, urgency and level are what they are. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  regles_depuis!: Date;

  /** The first breaches of the present targets, in milliseconds. */
  @Column({ type: 'jsonb', default: {} })
  depassements!: Depassements;

  /** What became of the targets that are settled. */
  @Column({ type: 'jsonb', default: [] })
  engagements_clos!: EngagementClos[];

  /** The highest level told in the present step, 0 for none. */
  @Column({ type: 'smallint', default: 0 })
  niveau_escalade!: number;

  /** Keys of the escalations that have been told. */
  @Column({ type: 'text', array: true, default: '{}' })
  escalades!: string[];

  /** What the workflow waits for, soonest first. */
  @Column({ type: 'jsonb', default: [] })
  echeances!: Echeance[];

  /** Since when work that has begun waits for somebody to take it over, because its technicien cannot go on; null otherwise. */
  @Column({ type: 'timestamptz', nullable: true })
  a_transmettre_depuis!: Date | null;

  /** What the parts that it used have cost, frozen at its end: an exact decimal, as text. Null while it is open. */
  @Column({ type: 'numeric', precision: 24, scale: 4, nullable: true })
  cout_pieces!: string | null;
  /** Of its first visit, in minutes, where nobody names another; null for the usual one. */
  @Column({ type: 'integer', nullable: true })
  duree_prevue!: number | null;

  /** Who is chosen before all others when they are free. */
  @Column({ type: 'integer', nullable: true })
  technicien_prefere_id!: number | null;
  /** What it follows from: a step of that one had a value out of limits. */
  @Column({ type: 'integer', nullable: true })
  suite_de!: number | null;

  /** What had failed, why, and what was done about it: codes of the three trees. */
  @Column({ type: 'integer', nullable: true })
  panne_probleme_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  panne_cause_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  panne_remede_id!: number | null;

  /** Number of the last event of its lifecycle. */
  @Column({ type: 'integer', default: 0 })
  numero_evenement!: number;

  /** False until its workflow has been seen to start. */
  @Column({ type: 'boolean', default: false })
  workflow_demarre!: boolean;
}

@Entity('commentaires')
export class Commentaire extends Resource {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  auteur_id!: number;

  @Column({ type: 'text' })
  texte!: string;
}
