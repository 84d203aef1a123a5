import { Column, Entity } from 'typeorm';
import type { DefinitionEtape, TypeEtape, ValeurEtape } from '../../domain/interventions/etapes';
import { Resource } from '../resource';

/** Steps that the work on one kind of equipment has again and again. */
@Entity('modeles_etapes')
export class ModeleEtapes extends Resource {
  @Column({ type: 'citext' })
  nom!: string;

  /** The kind of equipment that it is for; null for any. */
  @Column({ type: 'citext', nullable: true })
  type_equipement!: string | null;

  /** Whether new interventions on that kind of equipment have its steps from the start. */
  @Column({ type: 'boolean', default: false })
  automatique!: boolean;

  /** In order. */
  @Column({ type: 'jsonb' })
  etapes!: DefinitionEtape[];
}

/** A step of one intervention, with its answer. */
@Entity('etapes')
export class Etape extends Resource implements DefinitionEtape {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  ordre!: number;

  @Column({ type: 'text' })
  libelle!: string;

  @Column({ type: 'text' })
  type!: TypeEtape;

  @Column({ type: 'boolean', default: false })
  obligatoire!: boolean;

  @Column({ type: 'boolean', default: false })
  suite!: boolean;

  @Column({ type: 'double precision', nullable: true })
  min!: number | null;

  @Column({ type: 'double precision', nullable: true })
  max!: number | null;

  @Column({ type: 'text', nullable: true })
  unite!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  choix!: string[] | null;

  @Column({ type: 'text', nullable: true })
  compteur!: string | null;

  /** Null while nobody has answered. */
  @Column({ type: 'jsonb', nullable: true })
  valeur!: ValeurEtape | null;

  @Column({ type: 'boolean', default: false })
  hors_limites!: boolean;

  /** Who answered last. */
  @Column({ type: 'integer', nullable: true })
  auteur_id!: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_reponse!: Date | null;

  /** The intervention that a value out of limits has opened. */
  @Column({ type: 'integer', nullable: true })
  suite_id!: number | null;

  /** The last reading of a meter that an answer has entered. */
  @Column({ type: 'integer', nullable: true })
  releve_id!: number | null;
}
