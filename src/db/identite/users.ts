import { Column, Entity } from 'typeorm';
import type { Role } from '../../domain/roles';
import type { Langue } from '../../domain/writing';
import { Resource } from '../resource';

@Entity('users')
export class User extends Resource {
  @Column({ type: 'citext', unique: true })
  email!: string;

  /** argon2id, in PHC string format; null until somebody who was invited has chosen one. */
  @Column({ type: 'text', nullable: true, select: false })
  mot_de_passe!: string | null;

  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text' })
  prenom!: string;

  @Column({ type: 'text' })
  role!: Role;

  @Column({ type: 'boolean', default: true })
  is_active!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  derniere_connexion!: Date | null;

  @Column({ type: 'text', default: 'fr' })
  langue!: Langue;

  @Column({ type: 'text', nullable: true })
  telephone!: string | null;

  /** Oversees every site, those to come included. Administrators do so by their role, whatever stands here. */
  @Column({ type: 'boolean', default: false })
  tous_sites!: boolean;

  /** An address that takes no mail, as a mail server said then; of the person's own only while it is the same as `email`. */
  @Column({ type: 'citext', nullable: true, select: false })
  email_refuse!: string | null;

  @Column({ type: 'timestamptz', nullable: true, select: false })
  email_refuse_le!: Date | null;

  /** In the words of the server. */
  @Column({ type: 'text', nullable: true, select: false })
  email_refuse_raison!: string | null;

  /** The key of the machine that last invited the person; null where a person did, or nobody. */
  @Column({ type: 'integer', nullable: true, select: false })
  invitation_cle_api_id!: number | null;
}
