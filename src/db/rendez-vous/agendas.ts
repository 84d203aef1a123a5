import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { ErreurAgenda, GenreAgenda } from '../../domain/rendez-vous/agendas';
import { Resource } from '../resource';

/** The private address under which the appointments of a person, or in a room, are read; of its token only the hash is known. */
@Entity('agendas')
export class Agenda {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column({ type: 'integer', nullable: true })
  intervenant_id!: number | null;

  @Column({ type: 'integer', nullable: true })
  salle_id!: number | null;

  /** Of who opened it. */
  @Column({ type: 'text' })
  langue!: string;

  /** SHA-256 of the token. */
  @Column({ type: 'bytea', select: false })
  empreinte!: Buffer;

  @Column({ type: 'timestamptz' })
  date_creation!: Date;
}

/** A calendar that somebody keeps elsewhere: when they are busy there, they cannot be booked here. */
@Entity('agendas_externes')
export class AgendaExterne extends Resource {
  @Column({ type: 'integer' })
  intervenant_id!: number;

  @Column({ type: 'text' })
  nom!: string;

  @Column({ type: 'text' })
  genre!: GenreAgenda;

  @Column({ type: 'text' })
  hote!: string;

  @Column({ type: 'text', nullable: true })
  utilisateur!: string | null;

  /** Address and password, sealed; see `auth/secrets.ts`. */
  @Column({ type: 'bytea', select: false })
  acces!: Buffer;

  /** Whether what is booked is written into it. */
  @Column({ type: 'boolean', default: false })
  ecriture!: boolean;

  @Column({ type: 'boolean', default: true })
  actif!: boolean;

  /** RFC 6578: how far it has been read. */
  @Column({ type: 'text', nullable: true, select: false })
  jeton_synchro!: string | null;

  /** Of the file that was read last. */
  @Column({ type: 'text', nullable: true, select: false })
  etag!: string | null;

  /** When it was last read as a whole. */
  @Column({ type: 'timestamptz', nullable: true })
  complet_le!: Date | null;

  /** When it was last known to be as we have it. */
  @Column({ type: 'timestamptz', nullable: true })
  rafraichi_le!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  essaye_le!: Date | null;

  /** Why it could not be read last time; what was known of it before still counts. */
  @Column({ type: 'text', nullable: true })
  erreur!: ErreurAgenda | null;

  @Column({ type: 'text', nullable: true })
  erreur_detail!: string | null;

  /** Until when somebody is reading it. */
  @Column({ type: 'timestamptz', nullable: true, select: false })
  reserve_jusqua!: Date | null;
}

/** When a calendar that is kept elsewhere says that its owner is busy: nothing else of it is kept. */
@Entity('occupations_externes')
export class OccupationExterne {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'integer' })
  agenda_id!: number;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  /** Not included. */
  @Column({ type: 'timestamptz' })
  fin!: Date;

  /** SHA-256 of the address of the object that it stands in. */
  @Column({ type: 'bytea' })
  objet!: Buffer;

  /** SHA-256 of its UID. */
  @Column({ type: 'bytea' })
  uid!: Buffer;
}

/** An event that we have written into a calendar that is kept elsewhere: an appointment, or a workshop. */
@Entity('evenements_externes')
export class EvenementExterne {
  @PrimaryColumn({ type: 'integer' })
  agenda_id!: number;

  /** Its UID, and the name of its object. */
  @PrimaryColumn({ type: 'text' })
  cle!: string;

  /** Of what was written; null while that is not known to have come about. */
  @Column({ type: 'text', nullable: true })
  etat!: string | null;

  /** Under which the server knows it; null where it did not say. */
  @Column({ type: 'text', nullable: true })
  etag!: string | null;

  @Column({ type: 'timestamptz' })
  fin!: Date;

  /** Why it could not be written, as {@link ErreurAgenda}, or `conflit`. */
  @Column({ type: 'text', nullable: true })
  erreur!: string | null;

  @Column({ type: 'timestamptz' })
  date_ecriture!: Date;
}
