import { Column, Entity } from 'typeorm';
import type { AttenteMotif, Calendrier, Palier, Politique } from '../../domain/parc/niveaux';
import { Resource } from '../resource';

/** How much time there is for what, and who is told of it. */
@Entity('niveaux_service')
export class NiveauService extends Resource {
  @Column({ type: 'citext' })
  nom!: string;

  @Column({ type: 'text' })
  calendrier!: Calendrier;

  @Column({ type: 'jsonb' })
  delais!: Politique['delais'];

  @Column({ type: 'jsonb' })
  niveaux!: Palier[];

  /** Reasons of a wait other than parts, and whether they stop the clock. */
  @Column({ type: 'jsonb', default: [] })
  attente_motifs!: AttenteMotif[];
}
