import sql, { type Sql } from 'sql-template-tag';
import { INTERVENANT_COLUMNS, PRESTATION_COLUMNS } from '../../auth/columns';
import { Prestation } from '../../db/rendez-vous/prestations';
import { query } from '../../db/sql';
import { type FieldFault, unknownReference } from '../../domain/errors';
import type { IntervenantDePrestation } from '../../domain/rendez-vous/prestations';
import { oneOf } from '../conditions';
import { type Asked, createCrud } from '../crud';
import { refuseDuplicate } from '../duplicates';
import type { ListSpec } from '../list';
import { refuse, requireSite } from './references';

/** What can be booked. */

export interface PrestationFields
  extends Omit<
    Prestation,
    | 'id'
    | 'date_creation'
    | 'date_modification'
    | 'version'
    | 'rappels_depuis'
    | 'rappels_modifies_le'
    | 'attente_vue_le'
    | 'de_cabinet'
  > {
  intervenants: IntervenantDePrestation[];
}

export interface PrestationFilters {
  site_id?: number[] | undefined;
  slug?: string | undefined;
  actif?: boolean | undefined;
}

export const PRESTATION_LIST: ListSpec = {
  columns: sql`f.id, f.slug, f.nom, f.description, f.site_id, f.durees, f.mode, f.salles, f.places, f.tampon_avant,
    f.tampon_apres, f.pas, f.preavis, f.fenetre, f.plafonds, f.confirmation, f.confirmation_email, f.avis, f.visibilite,
    f.questions, f.lieu, f.rappels, f.rejouer_regle, f.liste_attente, f.actif, f.de_cabinet,
    coalesce((SELECT json_agg(json_build_object('id', p.intervenant_id, 'obligatoire', p.obligatoire,
        'priorite', p.priorite, 'poids', p.poids) ORDER BY p.intervenant_id)
      FROM prestations_intervenants p WHERE p.prestation_id = f.id), '[]') AS intervenants,
    f.date_creation, f.date_modification, f.version`,
  from: sql`prestations f`,
  alias: 'f',
  sortable: {
    id: { expression: 'f.id', cast: 'integer' },
    nom: { expression: 'f.nom', cast: 'text' },
    slug: { expression: 'f.slug', cast: 'text' },
    date_creation: { expression: 'f.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'nom',
};

export const PRESTATIONS = createCrud<Prestation, PrestationFields>({
  subject: 'Prestation',
  permissions: PRESTATION_COLUMNS,
  entite: 'prestation',
  entity: Prestation,
  table: 'prestations',
  list: PRESTATION_LIST,
  beside: ['intervenants'],
  check: async (asked, fields) => {
    await requireSite(asked, fields);
    refuse([...faultsOfFenetre(fields), ...(await faultsOfIntervenants(asked, fields))]);
  },
  write: async (write, { tx }, { intervenants }) => {
    const detail = { fr: 'Une prestation a déjà cette adresse', en: 'A service has this address already' };
    const id = await refuseDuplicate('prestations_slug_unique', detail, write);
    if (intervenants === undefined) return id;
    // Who stays, stays since when they came.
    await query(
      tx,
      sql`DELETE FROM prestations_intervenants
          WHERE prestation_id = ${id} AND intervenant_id <> ALL(${intervenants.map((one) => one.id)}::integer[])`,
    );
    await query(
      tx,
      sql`INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
          SELECT ${id}::integer, p.id, p.obligatoire, p.priorite, p.poids
          FROM jsonb_to_recordset(${JSON.stringify(intervenants)}::jsonb)
            AS p (id integer, obligatoire boolean, priorite integer, poids double precision)
          ON CONFLICT (prestation_id, intervenant_id) DO UPDATE
            SET obligatoire = excluded.obligatoire, priorite = excluded.priorite, poids = excluded.poids`,
    );
    return id;
  },
});

export function prestationConditions({ site_id, slug, actif }: PrestationFilters): Sql[] {
  return [
    ...(site_id === undefined ? [] : [oneOf('f.site_id', site_id)]),
    ...(slug === undefined ? [] : [sql`f.slug = ${slug}`]),
    ...(actif === undefined ? [] : [sql`f.actif = ${actif}`]),
  ];
}

function faultsOfFenetre({ fenetre }: PrestationFields): FieldFault[] {
  if (!('date_debut' in fenetre) || fenetre.date_debut <= fenetre.date_fin) return [];
  const message = { fr: 'La fin précède le début', en: 'The end precedes the start' };
  return [{ champ: 'fenetre.date_fin', message }];
}

/** Each exists, is seen by the caller, and is named once. */
async function faultsOfIntervenants(
  { tx, access }: Asked,
  { intervenants }: PrestationFields,
): Promise<FieldFault[]> {
  const ids = intervenants.map(({ id }) => id);
  const rows = await query<{ id: number }>(
    tx,
    sql`SELECT v.id FROM intervenants v
        WHERE v.id = ANY(${ids}::integer[]) AND ${access.where('read', 'Intervenant', INTERVENANT_COLUMNS)}
        ORDER BY v.id FOR KEY SHARE`,
  );
  const known = new Set(rows.map(({ id }) => id));
  return ids.flatMap((id, rank): FieldFault[] => {
    const champ = `intervenants.${rank}.id`;
    if (!known.has(id)) return unknownReference(champ).details.erreurs!;
    if (ids.indexOf(id) === rank) return [];
    return [{ champ, message: { fr: 'Nommé deux fois', en: 'Named twice' } }];
  });
}
