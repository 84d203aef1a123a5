import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type CibleContrat, PREAVIS } from '../../domain/parc/contrats';
import { Resource } from '../resource';

/** By which level of service a client, a site or single machines are served, and for how long. */
@Entity('contrats')
export class Contrat extends Resource {
  @Column({ type: 'citext' })
  reference!: string;

  @Column({ type: 'integer' })
  client_id!: number;

  @Column({ type: 'integer', nullable: true })
  site_id!: number | null;

  /** Null for the delays of the house. */
  @Column({ type: 'integer', nullable: true })
  niveau_service_id!: number | null;

  /** A day of the site, `2026-12-01`; the first one. */
  @Column({ type: 'date' })
  date_debut!: string;

  /** The last day; null for no end. */
  @Column({ type: 'date', nullable: true })
  date_fin!: string | null;

  /** Null where visits are not counted against it. */
  @Column({ type: 'integer', nullable: true })
  visites_incluses!: number | null;

  /** Days before its end at which people are told of it. */
  @Column({ type: 'integer', default: PREAVIS })
  preavis_jours!: number;

  /** The end that people were told of. */
  @Column({ type: 'date', nullable: true })
  fin_dite!: string | null;

  /** The number of visits included of which people were told that they are used up. */
  @Column({ type: 'integer', nullable: true })
  epuisement_dit!: number | null;

  /** Since when its visits are to be counted anew. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  recompte_demande!: Date | null;

  /** Follows from the site and from the machines that it names. */
  @Column({ type: 'text' })
  cible!: CibleContrat;
}

/** A machine that a contract names. */
@Entity('contrat_equipements')
export class ContratEquipement {
  @PrimaryColumn({ type: 'integer' })
  contrat_id!: number;

  @PrimaryColumn({ type: 'integer' })
  equipement_id!: number;
}

/** A preventive intervention that ended under a contract. */
@Entity('visites_contrats')
export class VisiteContrat {
  @PrimaryColumn({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  contrat_id!: number;
}
