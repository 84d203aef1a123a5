import { Column, Entity } from 'typeorm';
import { Resource } from '../resource';

@Entity('documents')
export class Document extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text' })
  type_document!: string;

  /** Key of the object in the store; never shown. */
  @Column({ type: 'text', unique: true })
  cle_stockage!: string;

  /** Bytes. */
  @Column({ type: 'bigint' })
  taille!: number;

  @Column({ type: 'text' })
  mime_type!: string;

  /** SHA-256 of the content, in hexadecimal. */
  @Column({ type: 'text' })
  checksum!: string;

  @Column({ type: 'boolean', default: false })
  is_encrypted!: boolean;

  @Column({ type: 'integer', nullable: true })
  intervention_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  equipement_id!: number | null;

  /** Null for what the system itself made. */
  @Column({ type: 'integer', nullable: true })
  uploadeur_id!: number | null;

  @Column({ type: 'integer', default: 1 })
  numero_version!: number;

  @Column({ type: 'boolean', default: false })
  visible_client!: boolean;

  /** Name of a document that the system makes, so that making it twice files it once. */
  @Column({ type: 'text', nullable: true, unique: true })
  cle_unique!: string | null;
}
