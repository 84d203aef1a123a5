import { Column, Entity } from 'typeorm';
import { Resource } from '../resource';

/** The keys of documents being sealed with another key of the ring. */
@Entity('rotations_cles')
export class RotationCles extends Resource {
  /** The key of the ring that they are sealed with from now on. */
  @Column({ type: 'text' })
  cle!: string;

  /** `interrompue`: the ring had changed once more before it had ended. */
  @Column({ type: 'text', default: 'en_cours' })
  statut!: 'en_cours' | 'terminee' | 'interrompue';

  /** Documents that had another key when it began, those whose key is lost among them. */
  @Column({ type: 'integer' })
  total!: number;

  @Column({ type: 'integer', default: 0 })
  traites!: number;

  @Column({ type: 'integer', nullable: true })
  demandeur_id!: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  date_fin!: Date | null;
}
