import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { StatutBesoin, TypeMouvement } from '../../domain/stock/pieces';
import type { Signal } from '../../domain/stock/store-room';
import { Resource } from '../resource';

@Entity('pieces')
export class Piece extends Resource {
  @Column({ type: 'text', unique: true })
  reference!: string;

  @Column({ type: 'text' })
  designation!: string;

  /** What one of them is: a piece, a metre. */
  @Column({ type: 'text', default: 'pièce' })
  unite!: string;

  /** Exact decimal, as text. */
  @Column({ type: 'numeric', precision: 12, scale: 4, default: 0 })
  prix_unitaire!: string;

  /** Units on the shelf: the sum of the movements. */
  @Column({ type: 'integer', default: 0 })
  stock!: number;

  /** Units of those that are set aside: the sum of what its needs have reserved. */
  @Column({ type: 'integer', default: 0 })
  reserve!: number;

  @Column({ type: 'integer', default: 0 })
  seuil_alerte!: number;

  /** Whether its running low has been told, and it has not been above the threshold since. */
  @Column({ type: 'boolean', default: false })
  alerte_dite!: boolean;
}

/** A line of the book of a part; only ever added. */
@Entity('mouvements_stock')
export class MouvementStock {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'integer' })
  piece_id!: number;

  @Column({ type: 'text' })
  type!: TypeMouvement;

  /** As it was said: how many came or went, or how many there are. */
  @Column({ type: 'integer' })
  quantite!: number;

  @Column({ type: 'integer' })
  variation!: number;

  /** What the stock came to. */
  @Column({ type: 'integer' })
  stock!: number;

  @Column({ type: 'text', nullable: true })
  motif!: string | null;

  /** For which, or from which, they went or came. */
  @Column({ type: 'integer', nullable: true })
  intervention_id!: number | null;

  /** Null for what the system did. */
  @Column({ type: 'integer', nullable: true })
  auteur_id!: number | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  date_creation!: Date;
}

/** A part that an intervention needs. */
@Entity('besoins_pieces')
export class BesoinPiece extends Resource {
  @Column({ type: 'integer' })
  intervention_id!: number;

  @Column({ type: 'integer' })
  piece_id!: number;

  @Column({ type: 'integer' })
  quantite!: number;

  /** Units that are set aside for it on the shelf. */
  @Column({ type: 'integer', default: 0 })
  quantite_reservee!: number;

  /** Units that the technicien has. */
  @Column({ type: 'integer', default: 0 })
  quantite_recue!: number;

  @Column({ type: 'text', default: 'demandee' })
  statut!: StatutBesoin;

  /** What its intervention has not taken note of yet. */
  @Column({ type: 'text', nullable: true })
  signal!: Signal | null;

  /** Of a unit when it was used; exact decimal, as text. */
  @Column({ type: 'numeric', precision: 12, scale: 4, nullable: true })
  prix_unitaire!: string | null;
}
