import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type {
  Attente,
  Origine,
  StatutParticipant,
  StatutRendezVous,
} from '../../domain/rendez-vous/rendez-vous';
import { Resource } from '../resource';

/**
 * A time at which somebody receives: of a workshop with several places, otherwise with one. Its occupations of people and
 * rooms are written by a trigger, from its row, while any place is taken (`occupations_sans_chevauchement` refuses overlaps).
 */
@Entity('seances')
export class Seance {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'integer' })
  prestation_id!: number;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  @Column({ type: 'timestamptz' })
  fin!: Date;

  /** Minutes. */
  @Column({ type: 'integer', default: 0 })
  tampon_avant!: number;

  /** Minutes. */
  @Column({ type: 'integer', default: 0 })
  tampon_apres!: number;

  /** Ids of `intervenants`. */
  @Column({ type: 'integer', array: true })
  intervenants!: number[];

  @Column({ type: 'integer', array: true, default: [] })
  salles!: number[];

  @Column({ type: 'integer' })
  places!: number;

  /** Never more than `places`: a constraint. */
  @Column({ type: 'integer' })
  prises!: number;

  /** Beside another one of the same person, since a practice said so: it keeps nobody from the time. */
  @Column({ type: 'boolean', default: false })
  surnombre!: boolean;
}

/** What somebody has booked, or holds. */
@Entity('rendez_vous')
export class RendezVous extends Resource {
  /** By which it is known outside; gives no right. */
  @Column({ type: 'text' })
  uid!: string;

  @Column({ type: 'integer' })
  prestation_id!: number;

  @Column({ type: 'integer' })
  seance_id!: number;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  @Column({ type: 'timestamptz' })
  fin!: Date;

  /** Ids of `intervenants`. */
  @Column({ type: 'integer', array: true })
  intervenants!: number[];

  @Column({ type: 'integer', array: true, default: [] })
  salles!: number[];

  /** The accounts of the intervenants, by which permissions know them. */
  @Column({ type: 'integer', array: true })
  user_ids!: number[];

  @Column({ type: 'text' })
  statut!: StatutRendezVous;

  /** 0, and one more with each change that calendars have to hear of (RFC 5546). */
  @Column({ type: 'integer', default: 0 })
  sequence!: number;

  /** Seats of the seance that it takes while it stands. */
  @Column({ type: 'integer', default: 1 })
  places!: number;

  /** Answers to the questions of the prestation, by their names. */
  @Column({ type: 'jsonb', default: {} })
  reponses!: Record<string, unknown>;

  @Column({ type: 'text' })
  origine!: Origine;

  /** Who booked it, when they have an account and booked for themselves. */
  @Column({ type: 'integer', nullable: true })
  demandeur_id!: number | null;

  /** Of a hold, whose it is: one live hold each. */
  @Column({ type: 'text', nullable: true })
  appelant!: string | null;

  /** What a request waits for before it stands; null where it is an answer of the house. */
  @Column({ type: 'text', nullable: true })
  attente!: Attente | null;

  /** Until when it is held, or waits for an answer. */
  @Column({ type: 'timestamptz', nullable: true })
  expire_le!: Date | null;

  @Column({ type: 'text', nullable: true })
  motif_annulation!: string | null;

  @Column({ type: 'text', nullable: true })
  annule_par!: 'membre' | 'intervenant' | 'client' | 'systeme' | null;

  /** Cancelled later than the prestation allows without saying so. */
  @Column({ type: 'boolean', nullable: true })
  tardif!: boolean | null;

  /** Why this person was chosen (`domain/rendez-vous/tour-de-role.ts`). */
  @Column({ type: 'jsonb', nullable: true })
  raison_affectation!: Record<string, unknown> | null;

  @Column({ type: 'uuid', nullable: true })
  serie_id!: string | null;

  /** Of whom it is held for, or was, who waited for it (`listes_attente`). */
  @Column({ type: 'integer', nullable: true })
  liste_attente_id!: number | null;

  /** When its workflow has to look at it: the database says so of whatever changes; null when nothing comes any more. */
  @Column({ type: 'timestamptz', nullable: true, default: () => 'now()' })
  suivi_le!: Date | null;

  /** When it last did. */
  @Column({ type: 'timestamptz', nullable: true })
  suivi_lu_le!: Date | null;

  /** Since when its beginning is settled, and by which sequence: reminders from before are not given any more. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  horaire_depuis!: Date;

  @Column({ type: 'integer', default: 0 })
  horaire_sequence!: number;
}

/** Somebody who comes, or waits to; the first one booked it. */
@Entity('participants')
@Index('participants_attente_rang_unique', ['liste_attente_id', 'rang'], { unique: true })
@Index('participants_rang_unique', ['rendez_vous_id', 'rang'], { unique: true })
export class Participant {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  /** Exactly one of these. */
  @Column({ type: 'integer', nullable: true })
  rendez_vous_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  liste_attente_id!: number | null;

  @Column({ type: 'integer' })
  rang!: number;

  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text', nullable: true })
  email!: string | null;

  @Column({ type: 'text', nullable: true })
  telephone!: string | null;

  @Column({ type: 'text' })
  langue!: string;

  @Column({ type: 'text' })
  fuseau_horaire!: string;

  @Column({ type: 'text', default: 'attendu' })
  statut!: StatutParticipant;

  /** Digest of what opens the page on which they change or cancel their part; null when there is none any more. */
  @Column({ type: 'bytea', nullable: true })
  jeton_hash!: Buffer | null;

  @Column({ type: 'timestamptz', nullable: true })
  jeton_expire_le!: Date | null;

  /** What they thought of it, from 1 to 5; null while they have not said. */
  @Column({ type: 'smallint', nullable: true })
  note!: number | null;

  @Column({ type: 'text', nullable: true })
  commentaire!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  avis_le!: Date | null;
}
