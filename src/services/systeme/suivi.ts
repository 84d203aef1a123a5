import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import type { Access } from '../../auth/access';
import {
  CONTRAT_COLUMNS,
  DOCUMENT_COLUMNS,
  EQUIPEMENT_COLUMNS,
  INTERVENTION_COLUMNS,
  NOTIFICATION_COLUMNS,
  PLAN_COLUMNS,
  PLANNING_COLUMNS,
  PROPOSITION_COLUMNS,
  RENDEZ_VOUS_COLUMNS,
  SITE_COLUMNS,
  TECHNICIEN_COLUMNS,
  USER_COLUMNS,
} from '../../auth/columns';
import type { Subject } from '../../auth/permissions';
import type { Columns } from '../../auth/sql';
import { type Executor, query } from '../../db/sql';
import { isDeCabinet, type Ressource, type RessourceDeCabinet } from '../../domain/evenements';
import { type PresenceCabinets, presenceOf as presenceIn } from '../cabinet/suivi';
import { DOCUMENT_FROM } from '../documents/documents';
import type { EvenementRow } from '../messages/evenements';
import { RENDEZ_VOUS_FROM } from '../rendez-vous/lecture';

/**
 * Who may be told of what happened: whoever may read the row, at the moment when they are told. The rows of a batch of events
 * are read once, for everybody who follows: of each only what permissions speak of.
 */

/** As each resource is read by its own route. */
interface Seen {
  subject: Subject;
  columns: Columns;
  /** With the letters of `auth/columns.ts`; the id is that of the first table. */
  from: Sql;
  id: Sql;
  /** What its own route answers for; all rows unless said. */
  only?: Sql;
}

const OF_EQUIPEMENT = sql`JOIN equipements e ON e.id = i.equipement_id`;

const SEEN: Readonly<Record<Exclude<Ressource, RessourceDeCabinet>, Seen>> = {
  notification: {
    subject: 'Notification',
    columns: NOTIFICATION_COLUMNS,
    from: sql`notifications n`,
    id: sql`n.id`,
  },
  intervention: {
    subject: 'Intervention',
    columns: INTERVENTION_COLUMNS,
    from: sql`interventions i ${OF_EQUIPEMENT}`,
    id: sql`i.id`,
  },
  planning: {
    subject: 'Planning',
    columns: PLANNING_COLUMNS,
    from: sql`plannings p JOIN interventions i ON i.id = p.intervention_id ${OF_EQUIPEMENT}`,
    id: sql`p.id`,
  },
  equipement: {
    subject: 'Equipement',
    columns: EQUIPEMENT_COLUMNS,
    from: sql`equipements e`,
    id: sql`e.id`,
  },
  site: { subject: 'Site', columns: SITE_COLUMNS, from: sql`sites s`, id: sql`s.id` },
  contrat: { subject: 'Contrat', columns: CONTRAT_COLUMNS, from: sql`contrats c`, id: sql`c.id` },
  proposition: {
    subject: 'Proposition',
    columns: PROPOSITION_COLUMNS,
    from: sql`propositions r`,
    id: sql`r.id`,
  },
  plan_preventif: {
    subject: 'PlanPreventif',
    columns: PLAN_COLUMNS,
    from: sql`plans_preventifs p`,
    id: sql`p.id`,
  },
  rendez_vous: {
    subject: 'RendezVous',
    columns: RENDEZ_VOUS_COLUMNS,
    from: RENDEZ_VOUS_FROM,
    id: sql`b.id`,
    only: sql`b.statut <> 'retenu'`,
  },
  document: {
    subject: 'Document',
    columns: DOCUMENT_COLUMNS,
    from: DOCUMENT_FROM,
    id: sql`d.id`,
    only: sql`d.date_suppression IS NULL`,
  },
  technicien: {
    subject: 'Technicien',
    columns: TECHNICIEN_COLUMNS,
    from: sql`techniciens t JOIN users u ON u.id = t.user_id`,
    id: sql`t.id`,
  },
  user: { subject: 'User', columns: USER_COLUMNS, from: sql`users u`, id: sql`u.id` },
  piece: { subject: 'Piece', columns: {}, from: sql`pieces x`, id: sql`x.id` },
  niveau_service: { subject: 'NiveauService', columns: {}, from: sql`niveaux_service x`, id: sql`x.id` },
  modele_etapes: { subject: 'ModeleEtapes', columns: {}, from: sql`modeles_etapes x`, id: sql`x.id` },
  code_panne: { subject: 'CodePanne', columns: {}, from: sql`codes_panne x`, id: sql`x.id` },
  jour_ferie: { subject: 'JourFerie', columns: {}, from: sql`jours_feries x`, id: sql`x.id` },
};

type Row = Record<string, unknown>;

/** What permissions ask of the row of an event. */
export interface Glimpse {
  subject: Subject;
  row: Row;
}

/**
 * Reads the rows of events, in one statement however many they are; one glimpse an event. A row that is gone has values that no
 * condition is met by: whoever is limited by none may be told that it went.
 * @param presence where events of practices happened, see {@link presenceOf}.
 */
export async function glimpsesOf(
  executor: Executor,
  evenements: readonly EvenementRow[],
  { cabinets }: Pick<PresenceCabinets, 'cabinets'> = NOWHERE,
): Promise<Glimpse[]> {
  const found = new Map<string, Row>();
  if (evenements.length > 0) {
    const parts = Object.entries(SEEN).map(([ressource, { columns, from, id, only }]) => {
      const ids = evenements.filter((one) => one.ressource === ressource).map((one) => one.id_ressource);
      const fields = Object.entries(columns).map(([field, column]) => sql`${field}::text, ${raw(column)}`);
      const answered = only === undefined ? empty : sql`AND ${only}`;
      return sql`SELECT ${ressource}::text AS ressource, ${id} AS id, jsonb_build_object(${fields.length > 0 ? join(fields) : raw('')}) AS champs
        FROM ${from} WHERE ${id} = ANY(${[...new Set(ids)]}::integer[]) ${answered}`;
    });
    const rows = await query<{ ressource: string; id: number; champs: Row }>(
      executor,
      join(parts, ' UNION ALL '),
    );
    for (const { ressource, id, champs } of rows) found.set(`${ressource} ${id}`, nested(champs));
  }
  return evenements.map(({ evenement, ressource, id_ressource, destinataire_id }) => {
    // That one was taken away is told to whoever it was for.
    if (evenement === 'notification.supprimee') {
      return { subject: 'Notification', row: { destinataire_id, supprimee: false } };
    }
    if (isDeCabinet(ressource)) {
      return { subject: 'RendezVousCabinet', row: { cabinet_id: cabinets.get(id_ressource) ?? -1 } };
    }
    const { subject, columns } = SEEN[ressource];
    return { subject, row: found.get(`${ressource} ${id_ressource}`) ?? gone(columns) };
  });
}

const NOWHERE: PresenceCabinets = { cabinets: new Map(), appartenances: new Map() };

/**
 * Of events of practices, where they happened, and who of those who follow works there by now; nothing is asked where there
 * are none of them.
 * @param medical with the rights to what is medical.
 */
export function presenceOf(
  medical: DataSource,
  evenements: readonly EvenementRow[],
  userIds: readonly number[],
): Promise<PresenceCabinets> {
  const ids = evenements.filter(({ ressource }) => isDeCabinet(ressource)).map((one) => one.id_ressource);
  return ids.length === 0 ? Promise.resolve(NOWHERE) : presenceIn(medical, ids, userIds);
}

/** Whether somebody may be told of an event. */
export function mayBeTold(access: Access, { subject, row }: Glimpse): boolean {
  // Most events are of somebody's notifications: nobody else's rights to them need be asked.
  if (subject === 'Notification' && row.destinataire_id !== access.principal.userId) return false;
  return access.mayEver('read', subject) && access.may('read', subject, row);
}

/** `{ a: { b: 1 } }` for `{ 'a.b': 1 }`. */
function nested(fields: Row): Row {
  const row: Row = {};
  for (const [path, value] of Object.entries(fields)) {
    const [first, second] = path.split('.') as [string, string?];
    if (second === undefined) row[first] = value;
    else row[first] = { ...(row[first] as Row | undefined), [second]: value };
  }
  return row;
}

const LISTS = new Set(['equipiers', 'site_ids', 'user.site_ids', 'rapport.site_ids']);

/** No id is below zero, and no value of any other kind is this one. */
function gone(columns: Columns): Row {
  return nested(Object.fromEntries(Object.keys(columns).map((field) => [field, LISTS.has(field) ? [] : -1])));
}
