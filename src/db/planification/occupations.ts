import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export const GENRES_OCCUPATION = ['personne', 'salle'] as const;
export type GenreOccupation = (typeof GENRES_OCCUPATION)[number];

/**
 * A stretch of time of one person, or one room, and what takes it: one row for each of them and for each segment. No two
 * exclusive ones of one resource overlap, whatever made them: that is one constraint, `occupations_sans_chevauchement`.
 *
 * Rows follow what made them and are never written by themselves. Those of a visit are written by a trigger of `plannings`,
 * from its `segments`, `technicien_id` and `equipiers`, in the statement that writes the visit: live ones are exclusive;
 * of one that is over stays, not exclusive, what was used until it ended; of a cancelled one stays nothing. Those of a seance of
 * appointments are written by a trigger of `seances`, while a place of it is taken.
 *
 * To read how busy somebody is: by `genre`, `ressource_id` and the period, `exclusive` alone for what is planned or under
 * way, all rows for what was done too (`services/planification/occupations.ts`). Whoever is about to write exclusive rows
 * locks the people first, in the order of their ids (`assignableSql`), so that the second of two is refused and never waits
 * for the first one in a circle.
 */
@Entity('occupations')
export class Occupation {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  genre!: GenreOccupation;

  /** Of a person the id of their account (`users`), whatever they are besides. */
  @Column({ type: 'integer' })
  ressource_id!: number;

  @Column({ type: 'timestamptz' })
  debut!: Date;

  /** Not included. */
  @Column({ type: 'timestamptz' })
  fin!: Date;

  /** Whether it keeps everything else that is exclusive from this time. */
  @Column({ type: 'boolean', default: true })
  exclusive!: boolean;

  /** The visit that made it; null for what is made by something else. */
  @Column({ type: 'integer', nullable: true })
  planning_id!: number | null;

  /** The seance of appointments that made it, with what is kept free around it. */
  @Column({ type: 'integer', nullable: true })
  seance_id!: number | null;
}
