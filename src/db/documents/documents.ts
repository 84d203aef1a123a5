import { Column, Entity } from 'typeorm';
import type { Anomalie, Moment, Signataire } from '../../domain/documents/documents';
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

  /** Of a text, as HTTP names it; null for what is no text, and where it cannot be told. */
  @Column({ type: 'text', nullable: true })
  encodage!: string | null;

  /** SHA-256 of the content, in hexadecimal. */
  @Column({ type: 'text' })
  checksum!: string;

  @Column({ type: 'boolean', default: false })
  is_encrypted!: boolean;

  /** The key of the content, sealed with one of the ring for this document alone; never shown. */
  @Column({ type: 'bytea', nullable: true })
  cle_donnees!: Buffer | null;

  /** The name of that key of the ring. */
  @Column({ type: 'text', nullable: true })
  cle_anneau!: string | null;

  @Column({ type: 'integer', nullable: true })
  intervention_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  equipement_id!: number | null;

  /** The report that it is, of neither of them. */
  @Column({ type: 'integer', nullable: true })
  rapport_id!: number | null;

  /** Null for what the system itself made. */
  @Column({ type: 'integer', nullable: true })
  uploadeur_id!: number | null;

  /** The first of its versions; null where it is that itself. */
  @Column({ type: 'integer', nullable: true })
  serie_id!: number | null;

  @Column({ type: 'integer', default: 1 })
  numero_version!: number;

  @Column({ type: 'boolean', default: false })
  visible_client!: boolean;

  /** Of a photograph, where somebody said so. */
  @Column({ type: 'text', nullable: true })
  moment!: Moment | null;

  /** Who signed; of signatures alone. */
  @Column({ type: 'jsonb', nullable: true })
  signataire!: Signataire | null;

  /** When it was deleted; it is kept for a while. */
  @Column({ type: 'timestamptz', nullable: true })
  date_suppression!: Date | null;

  /** When the object was last read again. */
  @Column({ type: 'timestamptz', nullable: true })
  date_verification!: Date | null;

  /** What did not fit then; null when all did. */
  @Column({ type: 'text', nullable: true })
  anomalie!: Anomalie | null;

  /** Name of a document that the system makes, so that making it twice files it once. */
  @Column({ type: 'text', nullable: true, unique: true })
  cle_unique!: string | null;
}
