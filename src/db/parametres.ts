import { Column, Entity } from 'typeorm';
import type { Langue } from '../domain/writing';
import { Resource } from './resource';

/** Who runs this installation, as its letters show it: one row, the first. */
@Entity('parametres')
export class Parametres extends Resource {
  @Column({ type: 'text' })
  nom!: string;

  /** `#rrggbb`. */
  @Column({ type: 'text' })
  couleur!: string;

  /** Lines of the letterhead: address, telephone, registers. */
  @Column({ type: 'text', array: true, default: [] })
  coordonnees!: string[];

  /** Of what is written to nobody in particular. */
  @Column({ type: 'text', default: 'fr' })
  langue!: Langue;

  /** Key of a PNG in the store; null for none. */
  @Column({ type: 'text', nullable: true, unique: true })
  logo_cle!: string | null;

  /** SHA-256 of the PNG, in hexadecimal. */
  @Column({ type: 'text', nullable: true })
  logo_checksum!: string | null;

  /** Bytes. */
  @Column({ type: 'integer', nullable: true })
  logo_taille!: number | null;

  /** Pixels. */
  @Column({ type: 'integer', nullable: true })
  logo_largeur!: number | null;

  @Column({ type: 'integer', nullable: true })
  logo_hauteur!: number | null;
}
