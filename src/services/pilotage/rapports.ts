import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import {
  EQUIPEMENT_COLUMNS,
  INTERVENTION_COLUMNS,
  RAPPORT_COLUMNS,
  SITE_COLUMNS,
  TECHNICIEN_COLUMNS,
} from '../../auth/columns';
import { RapportDemande } from '../../db/pilotage/rapports';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, RegieError, unknownReference } from '../../domain/errors';
import { MAX_EN_COURS, MOIS, SANS_SITE, type TypeRapport } from '../../domain/pilotage/rapports';
import { mondayOf } from '../../domain/planification/propositions';
import type { Langue } from '../../domain/writing';
import type { Actor } from '../actor';
import { record } from '../historique';
import { seemsForgotten } from '../interventions/rapports';
import { readParametres } from '../parametres';

/**
 * Reports as they are asked for and read; who makes them is `etablissement.ts`. What a report shows is settled here, by what
 * the caller may see: its sites stand in its row, and whoever reads it later has to reach all of them.
 */

export type NewRapport = { langue?: Langue } & (
  | { type: 'intervention'; intervention_id: number }
  | { type: 'equipement'; equipement_id: number }
  | { type: 'semaine'; technicien_id: number; semaine: string }
  | { type: 'mois'; mois: string; site_id?: number }
);

/** A report as it is answered. */
export interface RapportRow
  extends Pick<
    RapportDemande,
    | 'id'
    | 'type'
    | 'langue'
    | 'demandeur_id'
    | 'intervention_id'
    | 'equipement_id'
    | 'technicien_id'
    | 'site_id'
    | 'periode'
    | 'statut'
    | 'date_creation'
    | 'date_modification'
    | 'version'
  > {
  /** Null until it is filed. */
  document_id: number | null;
}

const COLUMNS = sql`r.id, r.type, r.langue, r.demandeur_id, r.intervention_id, r.equipement_id, r.technicien_id, r.site_id,
  r.periode, r.statut, r.date_creation, r.date_modification, r.version,
  (SELECT d.id FROM documents d WHERE d.cle_unique = 'rapport_demande:' || r.id) AS document_id`;

/** The name of the document that a report becomes: making it twice files it once. */
export const rapportDemandeKey = (id: number) => `rapport_demande:${id}`;

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readRapport(executor: Executor, access: Access, id: number): Promise<RapportRow> {
  const row = await queryOne<RapportRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM rapports_demandes r
        WHERE r.id = ${id} AND ${access.where('read', 'Rapport', RAPPORT_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

/**
 * Asks for a report. Its workflow makes it after the commit.
 * @throws {RegieError} `VALIDATION` for what the caller does not see, and for no such week; `INTERDIT`; `LIMITE_ATTEINTE`
 */
export async function createRapport(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  given: NewRapport,
): Promise<RapportRow> {
  await access.confirm(tx);
  const { userId: demandeur_id } = access.principal;
  const about = await aboutOf(tx, access, given);
  const langue = given.langue ?? (await readParametres(tx)).langue;
  const fields = { ...NOTHING, ...about, type: given.type, langue, demandeur_id };
  access.require('create', 'Rapport', fields);
  await requireRoom(tx, demandeur_id);
  const inserted = await tx.insert(RapportDemande, fields);
  const id = inserted.identifiers[0]!.id as number;
  await record(tx, actor, { entite: 'rapport', entiteId: id, action: 'creation', apres: fields });
  return readRapport(tx, access, id);
}

const NOTHING = {
  intervention_id: null,
  equipement_id: null,
  technicien_id: null,
  site_id: null,
  periode: null,
};

type Subject = Partial<Pick<RapportDemande, keyof typeof NOTHING>> & Pick<RapportDemande, 'site_ids'>;

/** What it is about, as far as the caller sees it. */
async function aboutOf(tx: EntityManager, access: Access, given: NewRapport): Promise<Subject> {
  switch (given.type) {
    case 'intervention': {
      const { intervention_id } = given;
      const row = await queryOne<{ site_id: number | null; technicien_id: number | null }>(
        tx,
        sql`SELECT e.site_id, i.technicien_id FROM interventions i JOIN equipements e ON e.id = i.equipement_id
            WHERE i.id = ${intervention_id} AND ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)}`,
      );
      if (row === null) throw unknownReference('intervention_id');
      return { intervention_id, technicien_id: row.technicien_id, site_ids: [row.site_id ?? SANS_SITE] };
    }
    case 'equipement': {
      const { equipement_id } = given;
      const row = await queryOne<{ site_id: number | null }>(
        tx,
        sql`SELECT e.site_id FROM equipements e
            WHERE e.id = ${equipement_id} AND ${access.where('read', 'Equipement', EQUIPEMENT_COLUMNS)}`,
      );
      if (row === null) throw unknownReference('equipement_id');
      return { equipement_id, site_ids: [row.site_id ?? SANS_SITE] };
    }
    case 'semaine': {
      const { technicien_id, semaine } = given;
      if (mondayOf(semaine) === null) {
        throw invalid({
          champ: 'semaine',
          message: { fr: 'Aucune semaine de ce nom', en: 'There is no week of this name' },
        });
      }
      const row = await queryOne(
        tx,
        sql`SELECT FROM techniciens t JOIN users u ON u.id = t.user_id
            WHERE t.id = ${technicien_id} AND ${access.where('read', 'Technicien', TECHNICIEN_COLUMNS)}`,
      );
      if (row === null) throw unknownReference('technicien_id');
      // One's own work is one's own on whatever site it was.
      const isOwn = access.principal.technicienId === technicien_id;
      return { technicien_id, periode: semaine, site_ids: isOwn ? [] : reach(access) };
    }
    case 'mois': {
      const { mois, site_id } = given;
      if (!MOIS.test(mois)) throw new Error(`No month: ${mois}`);
      if (site_id === undefined) return { periode: mois, site_ids: reach(access) };
      const row = await queryOne(
        tx,
        sql`SELECT FROM sites s WHERE s.id = ${site_id} AND ${access.where('read', 'Site', SITE_COLUMNS)}`,
      );
      if (row === null) throw unknownReference('site_id');
      return { site_id, periode: mois, site_ids: [site_id] };
    }
  }
}

/** All sites, or those of the caller: of somebody who has none of them left, nothing. */
function reach({ principal }: Access): number[] {
  if (principal.tousSites) return [];
  return principal.sites.length > 0 ? [...principal.sites] : [SANS_SITE];
}

async function requireRoom(tx: EntityManager, userId: number): Promise<void> {
  // Whoever asks for several at once is counted one after the other.
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext('rapports_demandes'), ${userId})`);
  const row = await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM rapports_demandes WHERE demandeur_id = ${userId} AND statut = 'en_cours'`,
  );
  if (row!.total < MAX_EN_COURS) return;
  throw new RegieError('LIMITE_ATTEINTE', {
    detail: {
      fr: `Au plus ${MAX_EN_COURS} rapports en cours d’établissement à la fois`,
      en: `At most ${MAX_EN_COURS} reports are made at a time`,
    },
    extensions: { limite: MAX_EN_COURS },
  });
}

/** Reports that are due and that nobody seems to be making, in the order of their ids. */
export function forgottenRapports(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT id FROM rapports_demandes
        WHERE statut = 'en_cours' AND id > ${after}
          AND ${seemsForgotten(sql`date_creation`)}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** What file names begin with. */
export const NOMS: Record<TypeRapport, string> = {
  intervention: 'rapport_intervention',
  semaine: 'rapport_semaine',
  equipement: 'rapport_equipement',
  mois: 'rapport_mois',
};
