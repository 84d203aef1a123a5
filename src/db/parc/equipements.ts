import { Column, Entity } from 'typeorm';
import type { Compteur, StatutEquipement } from '../../domain/parc/equipements';
import type { Priorite } from '../../domain/priorites';
import { Resource } from '../resource';

@Entity('equipements')
export class Equipement extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text' })
  type!: string;

  @Column({ type: 'text', nullable: true })
  modele!: string | null;

  @Column({ type: 'text', unique: true })
  numero_serie!: string;

  @Column({ type: 'text', nullable: true })
  localisation!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_installation!: Date | null;

  /** Days between two maintenances. */
  @Column({ type: 'integer', nullable: true })
  frequence_entretien!: number | null;

  /** Follows from the stops that are open and from `mis_hors_service`. */
  @Column({ type: 'text', default: 'operationnel' })
  statut!: StatutEquipement;

  @Column({ type: 'timestamptz', nullable: true })
  derniere_maintenance!: Date | null;

  /** What a person last said of it; null also when they said that there was none. */
  @Column({ type: 'timestamptz', nullable: true })
  maintenance_saisie!: Date | null;

  /** When they said so; null while nobody has. */
  @Column({ type: 'timestamptz', nullable: true })
  maintenance_saisie_le!: Date | null;

  /** When it is due again. Follows from the two above, the installation and the zone of its site. */
  @Column({ type: 'timestamptz', nullable: true })
  prochaine_maintenance!: Date | null;

  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  /** The user, of role client, to whom it belongs. */
  @Column({ type: 'integer', nullable: true })
  client_id!: number | null;

  /** The machine of which it is a part. */
  @Column({ type: 'integer', nullable: true })
  parent_id!: number | null;

  /** The last day of the warranty, in the calendar of the site. */
  @Column({ type: 'date', nullable: true })
  garantie_fin!: string | null;

  /** What another one costs, as decimal text. */
  @Column({ type: 'numeric', precision: 14, scale: 2, nullable: true })
  cout_remplacement!: string | null;

  /** How long it is meant to last from its installation, in years. */
  @Column({ type: 'integer', nullable: true })
  duree_vie_annees!: number | null;

  /** Whether somebody took it out of service: that stands, whatever work goes on. */
  @Column({ type: 'boolean', default: false })
  mis_hors_service!: boolean;

  @Column({ type: 'text', default: 'normale' })
  criticite!: Priorite;

  @Column({ type: 'jsonb', default: [] })
  compteurs!: Compteur[];
}
