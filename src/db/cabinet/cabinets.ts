import { Column, Entity } from 'typeorm';
import type { Fonction } from '../../domain/roles';
import { Resource } from '../resource';

/** A medical practice. */
@Entity('cabinets', { schema: 'medical' })
export class Cabinet extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text', nullable: true })
  adresse!: string | null;

  @Column({ type: 'text', nullable: true })
  telephone!: string | null;

  /** Whose days its own are. */
  @Column({ type: 'text' })
  fuseau_horaire!: string;

  /** ISO 3166, two letters. */
  @Column({ type: 'text' })
  pays!: string;

  /** Nobody belongs to one that is closed. */
  @Column({ type: 'boolean', default: true })
  actif!: boolean;
}

/** That somebody does something in a practice, from a day to another. */
@Entity('membres_cabinet', { schema: 'medical' })
export class MembreCabinet extends Resource {
  @Column({ type: 'integer' })
  cabinet_id!: number;

  @Column({ type: 'integer' })
  user_id!: number;

  @Column({ type: 'text' })
  fonction!: Fonction;

  @Column({ type: 'date' })
  date_debut!: string;

  /** The last day; null while nobody has said one. */
  @Column({ type: 'date', nullable: true })
  date_fin!: string | null;
}

/** What a practice says of somebody who receives patients there. */
@Entity('praticiens', { schema: 'medical' })
export class Praticien extends Resource {
  @Column({ type: 'integer' })
  cabinet_id!: number;

  @Column({ type: 'integer' })
  user_id!: number;

  @Column({ type: 'text', nullable: true })
  titre!: string | null;

  @Column({ type: 'text', nullable: true })
  specialite!: string | null;

  @Column({ type: 'text', nullable: true })
  inpe!: string | null;

  @Column({ type: 'text', nullable: true })
  rpps!: string | null;

  @Column({ type: 'text', nullable: true })
  numero_ordre!: string | null;

  /** How they are reached at the practice: on what they sign. */
  @Column({ type: 'text', nullable: true })
  email!: string | null;

  /** Null for that of the practice. */
  @Column({ type: 'text', nullable: true })
  telephone!: string | null;

  @Column({ type: 'boolean', default: true })
  actif!: boolean;
}
