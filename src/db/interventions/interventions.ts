import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Echeance } from '../../domain/interventions/escalade';
import type { Pause } from '../../domain/interventions/horloge';
import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
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

/** What somebody asked of a workflow; the engine carries only its id. */
@Entity('demandes')
export class Demande {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  auteur_id!: number;

  /** How its author was known: a person by a session, a machine by its key. */
  @Column({ type: 'uuid', nullable: true })
  session_id!: string | null;

  @Column({ type: 'integer', nullable: true })
  cle_api_id!: number | null;

  @Column({ type: 'text', nullable: true })
  adresse!: string | null;

  /** What its author has to be allowed, still when it is applied. */
  @Column({ type: 'text', nullable: true })
  action!: string | null;

  /** The request that asked for it, as the paths of keys name it. */
  @Column({ type: 'text', nullable: true })
  requete!: string | null;

  /** The version that the caller had in mind, or null. */
  @Column({ type: 'integer', nullable: true })
  version_attendue!: number | null;

  @Column({ type: 'jsonb' })
  contenu!: unknown;

  @Column({ type: 'text' })
  correlation_id!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_creation!: Date;
}
