import { Column, Entity, PrimaryColumn } from 'typeorm';
import type {
  BesoinDeSalles,
  Confirmation,
  Fenetre,
  Lieu,
  Mode,
  Plafonds,
  Preavis,
  Question,
  Rappel,
  Visibilite,
} from '../../domain/rendez-vous/prestations';
import { Resource } from '../resource';

/** Something that can be booked, with its rules. */
@Entity('prestations')
export class Prestation extends Resource {
  /** By which addresses name it. */
  @Column({ type: 'text' })
  slug!: string;

  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  /** Minutes, one of which is chosen; the first one unless said. */
  @Column({ type: 'integer', array: true })
  durees!: number[];

  @Column({ type: 'text' })
  mode!: Mode;

  @Column({ type: 'jsonb', default: [] })
  salles!: BesoinDeSalles[];

  @Column({ type: 'integer', default: 1 })
  places!: number;

  /** Minutes. */
  @Column({ type: 'integer', default: 0 })
  tampon_avant!: number;

  /** Minutes. */
  @Column({ type: 'integer', default: 0 })
  tampon_apres!: number;

  /** Minutes, or as long as one takes with what is around it. */
  @Column({ type: 'jsonb', default: 'auto' })
  pas!: number | 'auto';

  @Column({ type: 'jsonb' })
  preavis!: Preavis;

  @Column({ type: 'jsonb' })
  fenetre!: Fenetre;

  @Column({ type: 'jsonb', default: {} })
  plafonds!: Plafonds;

  @Column({ type: 'text', default: 'immediate' })
  confirmation!: Confirmation;

  /** Whether who books without an account says from their mail that it was them, before it counts. */
  @Column({ type: 'boolean', default: false })
  confirmation_email!: boolean;

  /** Whether those who came are asked what they thought of it. */
  @Column({ type: 'boolean', default: false })
  avis!: boolean;

  @Column({ type: 'text', default: 'publique' })
  visibilite!: Visibilite;

  @Column({ type: 'jsonb', default: [] })
  questions!: Question[];

  @Column({ type: 'jsonb', nullable: true })
  lieu!: Lieu | null;

  @Column({ type: 'jsonb', default: [] })
  rappels!: Rappel[];

  /** Since when each is one, by `nomDuRappel`, and when any of them last changed: the database says so. */
  @Column({ type: 'jsonb', default: {}, insert: false, update: false })
  rappels_depuis!: Record<string, string>;

  @Column({ type: 'timestamptz', default: () => 'now()', insert: false, update: false })
  rappels_modifies_le!: Date;

  /** How many may be booked at a time as a series; null for none. */
  @Column({ type: 'integer', nullable: true })
  rejouer_regle!: number | null;

  /** Whether one may wait for a time of it. */
  @Column({ type: 'boolean', default: false })
  liste_attente!: boolean;

  /** When it was last looked whether there is anything for those who wait. */
  @Column({ type: 'timestamptz', default: () => 'now()', insert: false, update: false })
  attente_vue_le!: Date;

  @Column({ type: 'boolean', default: true })
  actif!: boolean;

  /** Of a practice, which alone books it; the database says so. */
  @Column({ type: 'boolean', default: false, insert: false, update: false })
  de_cabinet!: boolean;
}

/** Who does it. */
@Entity('prestations_intervenants')
export class PrestationIntervenant {
  @PrimaryColumn({ type: 'integer' })
  prestation_id!: number;

  @PrimaryColumn({ type: 'integer' })
  intervenant_id!: number;

  @Column({ type: 'boolean' })
  obligatoire!: boolean;

  @Column({ type: 'integer' })
  priorite!: number;

  @Column({ type: 'double precision' })
  poids!: number;

  /** Since when they take turns. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  depuis!: Date;
}
