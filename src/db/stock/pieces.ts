import { Column, Entity } from 'typeorm';
import type { StatutBesoin } from '../../domain/stock/pieces';
import { Resource } from '../resource';

@Entity('pieces')
export class Piece extends Resource {
  @Column({ type: 'text', unique: true })
  reference!: string;

  @Column({ type: 'text' })
  designation!: string;

  /** Units on the shelf; what is reserved has already left it. */
  @Column({ type: 'integer', default: 0 })
  stock!: number;

  @Column({ type: 'integer', default: 0 })
  seuil_alerte!: number;
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

  @Column({ type: 'text', default: 'demandee' })
  statut!: StatutBesoin;
}
