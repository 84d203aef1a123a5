import sql, { type Sql } from 'sql-template-tag';
import { INTERVENANT_COLUMNS } from '../../auth/columns';
import { Intervenant } from '../../db/rendez-vous/intervenants';
import { query } from '../../db/sql';
import { type FieldFault, unknownReference } from '../../domain/errors';
import { oneOf } from '../conditions';
import { type Asked, createCrud } from '../crud';
import { refuseDuplicate } from '../duplicates';
import type { ListSpec } from '../list';
import { exists, refuse, requireSite } from './references';

/** People who receive those who book. */

export type IntervenantFields = Omit<Intervenant, 'id' | 'date_creation' | 'date_modification' | 'version'>;

export interface IntervenantFilters {
  site_id?: number[] | undefined;
  actif?: boolean | undefined;
}

export const INTERVENANT_LIST: ListSpec = {
  columns: sql`v.id, v.user_id, v.nom_public, v.site_id, v.fuseau_horaire, v.pays, v.horaires, v.exceptions, v.absences,
    v.actif, v.date_creation, v.date_modification, v.version`,
  from: sql`intervenants v`,
  alias: 'v',
  sortable: {
    id: { expression: 'v.id', cast: 'integer' },
    nom_public: { expression: 'v.nom_public', cast: 'text' },
    date_creation: { expression: 'v.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom_public',
};

export const INTERVENANTS = createCrud<Intervenant, IntervenantFields>({
  subject: 'Intervenant',
  permissions: INTERVENANT_COLUMNS,
  entite: 'intervenant',
  entity: Intervenant,
  table: 'intervenants',
  list: INTERVENANT_LIST,
  check: async (asked, fields) => {
    if (!(await exists(asked, 'users', fields.user_id))) throw unknownReference('user_id');
    await requireSite(asked, fields);
    refuse(await faultsOfAbsences(asked, fields));
  },
  write: (write) =>
    refuseDuplicate(
      'intervenants_user_unique',
      { fr: 'Cette personne est déjà intervenante', en: 'This person is there already' },
      write,
    ),
});

export function intervenantConditions({ site_id, actif }: IntervenantFilters): Sql[] {
  return [
    ...(site_id === undefined ? [] : [oneOf('v.site_id', site_id)]),
    ...(actif === undefined ? [] : [sql`v.actif = ${actif}`]),
  ];
}

async function faultsOfAbsences(
  { tx }: Asked,
  { absences, user_id }: IntervenantFields,
): Promise<FieldFault[]> {
  const named = absences.flatMap(({ remplacant_id }) => remplacant_id ?? []);
  const found = await query<{ id: number; user_id: number }>(
    tx,
    sql`SELECT id, user_id FROM intervenants WHERE id = ANY(${named}::integer[])`,
  );
  const users = new Map(found.map((row) => [row.id, row.user_id]));
  return absences.flatMap(({ date_debut, date_fin, remplacant_id }, rank): FieldFault[] => {
    if (date_fin < date_debut) {
      const message = { fr: 'La fin précède le début', en: 'The end precedes the start' };
      return [{ champ: `absences.${rank}.date_fin`, message }];
    }
    if (remplacant_id === null) return [];
    const champ = `absences.${rank}.remplacant_id`;
    if (!users.has(remplacant_id)) return unknownReference(champ).details.erreurs!;
    if (users.get(remplacant_id) !== user_id) return [];
    return [{ champ, message: { fr: 'Nul ne se remplace', en: 'Nobody stands in for themselves' } }];
  });
}
