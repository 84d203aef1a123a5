import sql, { type Sql } from 'sql-template-tag';
import { SALLE_COLUMNS } from '../../auth/columns';
import { Salle } from '../../db/rendez-vous/salles';
import { oneOf } from '../conditions';
import { createCrud } from '../crud';
import { refuseDuplicate } from '../duplicates';
import type { ListSpec } from '../list';
import { requireSite } from './references';

/** Rooms. */

export type SalleFields = Omit<Salle, 'id' | 'date_creation' | 'date_modification' | 'version'>;

export interface SalleFilters {
  site_id?: number[] | undefined;
  etiquette?: string | undefined;
  actif?: boolean | undefined;
}

export const SALLE_LIST: ListSpec = {
  columns: sql`r.id, r.nom, r.site_id, r.capacite, r.etiquettes, r.horaires, r.exceptions, r.actif,
    r.date_creation, r.date_modification, r.version`,
  from: sql`salles r`,
  alias: 'r',
  sortable: {
    id: { expression: 'r.id', cast: 'integer' },
    nom: { expression: 'r.nom', cast: 'text' },
    capacite: { expression: 'r.capacite', cast: 'integer' },
    date_creation: { expression: 'r.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export const SALLES = createCrud<Salle, SalleFields>({
  subject: 'Salle',
  permissions: SALLE_COLUMNS,
  entite: 'salle',
  entity: Salle,
  table: 'salles',
  list: SALLE_LIST,
  check: requireSite,
  write: (write) =>
    refuseDuplicate(
      'salles_nom_unique',
      { fr: 'Une salle de ce site porte déjà ce nom', en: 'A room of this site has this name already' },
      write,
    ),
});

export function salleConditions({ site_id, etiquette, actif }: SalleFilters): Sql[] {
  return [
    ...(site_id === undefined ? [] : [oneOf('r.site_id', site_id)]),
    ...(etiquette === undefined ? [] : [sql`${etiquette} = ANY(r.etiquettes)`]),
    ...(actif === undefined ? [] : [sql`r.actif = ${actif}`]),
  ];
}
