import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, unknownReference } from '../../domain/errors';
import { type Compteur, type Lecture, lectureFault, TOLERANCE_RELEVE } from '../../domain/parc/equipements';
import type { Actor } from '../actor';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/**
 * What meters showed. Readings are only ever added: one that was wrong stays, and its correction counts in its place. The
 * meter of the equipment shows the latest that counts. Everything is written with the equipment locked.
 */

export interface ReleveRow {
  id: number;
  equipement_id: number;
  compteur: string;
  valeur: number;
  date: Date;
  remplacement: boolean;
  rotation: boolean;
  /** The reading in whose place it stands. */
  corrige_id: number | null;
  /** The reading that stands in its place. */
  corrige_par_id: number | null;
  auteur_id: number | null;
  date_creation: Date;
}

/** A meter that shows something else by now: what it showed, null when it is new, and what it shows. */
export interface Changement {
  nom: string;
  avant: number | null;
  apres: number;
}

export interface NewReleve extends Lecture {
  compteur: string;
  /** Null for now. */
  date: Date | null;
  /** The reading that it corrects, whose moment it has. */
  corrige_id: number | null;
}

const COLUMNS = sql`r.id, r.equipement_id, r.compteur, r.valeur, r.date, r.remplacement, r.rotation, r.corrige_id,
  (SELECT c.id FROM releves c WHERE c.corrige_id = r.id) AS corrige_par_id, r.auteur_id, r.date_creation`;

/** A correction counts instead. */
const COUNTS = sql`NOT EXISTS (SELECT FROM releves c WHERE c.corrige_id = r.id)`;

export const RELEVE_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`releves r`,
  alias: 'r',
  sortable: {
    date: { expression: 'r.date', cast: 'timestamptz' },
    id: { expression: 'r.id', cast: 'integer' },
  },
  defaultSort: '-date',
};

export interface ReleveFilters {
  compteur?: string;
  /** Whether others stand in their place. */
  corrige?: boolean;
}

/** Of an equipment that the caller may see. */
export function listOfEquipement(
  executor: Executor,
  equipementId: number,
  { compteur, corrige }: ReleveFilters,
  page: PageRequest,
): Promise<Page<ReleveRow>> {
  const conditions = [sql`r.equipement_id = ${equipementId}`];
  if (compteur !== undefined) conditions.push(sql`r.compteur = ${compteur}`);
  if (corrige !== undefined) conditions.push(corrige ? sql`NOT ${COUNTS}` : COUNTS);
  return list(executor, RELEVE_LIST, conditions, page);
}

/**
 * Records a reading of an equipment that is locked, and has its meter show the latest.
 * @returns the reading, and the meter if it shows something else by now: whoever acts on meters does so in the same
 *   transaction.
 * @throws {RegieError} `VALIDATION` for a meter or a reading that there is not, a moment that is yet to come, a value
 *   that cannot stand between its neighbours
 */
export async function recordReleve(
  tx: EntityManager,
  actor: Actor,
  equipement: { id: number; compteurs: Compteur[] },
  given: NewReleve,
): Promise<{ releve: ReleveRow; changements: Changement[] }> {
  const { compteur, valeur, remplacement, rotation, corrige_id } = given;
  const meter = equipement.compteurs.find(({ nom }) => nom === compteur);
  if (meter === undefined) {
    throw invalid({
      champ: 'compteur',
      message: { fr: 'L’équipement n’a pas ce compteur', en: 'The equipment has no such meter' },
    });
  }
  const date =
    corrige_id === null ? momentOf(given.date, actor.now) : await momentOfCorrected(tx, equipement.id, given);
  const neighbours = await queryOne<{ avant: Lecture | null; apres: Lecture | null }>(
    tx,
    sql`WITH counting AS (
          SELECT r.id, r.date, r.valeur, r.remplacement, r.rotation FROM releves r
          WHERE r.equipement_id = ${equipement.id} AND r.compteur = ${compteur}
            AND r.id IS DISTINCT FROM ${corrige_id}::integer AND ${COUNTS})
        SELECT (SELECT row_to_json(c) FROM counting c WHERE c.date <= ${date} ORDER BY c.date DESC, c.id DESC LIMIT 1) AS avant,
          (SELECT row_to_json(c) FROM counting c WHERE c.date > ${date} ORDER BY c.date, c.id LIMIT 1) AS apres`,
  );
  refuseFault(given, neighbours!.avant, neighbours!.apres);
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO releves (equipement_id, compteur, valeur, date, remplacement, rotation, corrige_id, auteur_id, date_creation)
        VALUES (${equipement.id}, ${compteur}, ${valeur}, ${date}, ${remplacement}, ${rotation}, ${corrige_id}::integer,
          ${actor.userId}::integer, ${actor.now})
        RETURNING id`,
  );
  await record(tx, actor, {
    entite: 'equipement',
    entiteId: equipement.id,
    action: 'releve',
    avant: { compteur, valeur: meter.valeur },
    apres: {
      compteur,
      valeur,
      date,
      releve_id: inserted!.id,
      ...(remplacement ? { remplacement } : {}),
      ...(rotation ? { rotation } : {}),
      ...(corrige_id === null ? {} : { corrige_id }),
    },
  });
  const changements = await showLatest(tx, actor, equipement.id, meter);
  const releve = await queryOne<ReleveRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM releves r WHERE r.id = ${inserted!.id}`,
  );
  return { releve: releve!, changements };
}

/** Locks an equipment whose meters are about to be read in the course of work on it. */
export async function lockCompteurs(
  tx: EntityManager,
  id: number,
): Promise<{ id: number; compteurs: Compteur[] }> {
  await query(tx, sql`SELECT id FROM equipements WHERE id = ${id} FOR NO KEY UPDATE`);
  // A statement of its own: what is read together with a lock may be older than what the lock waited for.
  const row = await queryOne<{ id: number; compteurs: Compteur[] }>(
    tx,
    sql`SELECT id, compteurs FROM equipements WHERE id = ${id}`,
  );
  return row!;
}

/** The reading that counts in the place of one by now, which may be itself. */
export async function lastCorrection(tx: EntityManager, id: number): Promise<number> {
  const row = await queryOne<{ id: number }>(
    tx,
    sql`WITH RECURSIVE corrections AS (
          SELECT id, 0 AS rang FROM releves WHERE id = ${id}
          UNION ALL
          SELECT r.id, c.rang + 1 FROM releves r JOIN corrections c ON r.corrige_id = c.id)
        SELECT id FROM corrections ORDER BY rang DESC LIMIT 1`,
  );
  return row!.id;
}

function momentOf(date: Date | null, now: Date): Date {
  if (date === null) return now;
  if (date.getTime() <= now.getTime() + TOLERANCE_RELEVE) return date;
  throw invalid({
    champ: 'date',
    message: { fr: 'Ne peut pas être à venir', en: 'Cannot be in the future' },
  });
}

async function momentOfCorrected(
  tx: EntityManager,
  equipementId: number,
  { corrige_id, compteur }: NewReleve,
): Promise<Date> {
  const corrected = await queryOne<{ date: Date; counts: boolean }>(
    tx,
    sql`SELECT r.date, ${COUNTS} AS counts FROM releves r
        WHERE r.id = ${corrige_id} AND r.equipement_id = ${equipementId} AND r.compteur = ${compteur}`,
  );
  if (corrected === null) throw unknownReference('corrige_id');
  if (corrected.counts) return corrected.date;
  throw invalid({
    champ: 'corrige_id',
    message: {
      fr: 'Ce relevé a été corrigé : corriger sa correction',
      en: 'This reading has been corrected: correct its correction',
    },
  });
}

function refuseFault(given: Lecture, avant: Lecture | null, apres: Lecture | null): void {
  switch (lectureFault(given, avant, apres)) {
    case 'recule':
      throw invalid({
        champ: 'valeur',
        message: {
          fr: `Au-dessous du relevé précédent (${avant!.valeur}) : remplacement ou rotation du compteur ?`,
          en: `Below the reading before it (${avant!.valeur}): was the meter replaced, or did it begin again?`,
        },
      });
    case 'avance':
      throw invalid({
        champ: 'rotation',
        message: {
          fr: 'Un compteur qui recommence montre moins qu’au relevé précédent',
          en: 'A meter that began again shows less than at the reading before',
        },
      });
    case 'depasse':
      throw invalid({
        champ: 'valeur',
        message: {
          fr: `Ne s’accorde pas avec le relevé suivant (${apres!.valeur})`,
          en: `Does not agree with the reading after it (${apres!.valeur})`,
        },
      });
  }
}

/** Has a meter show the latest reading that counts. */
async function showLatest(
  tx: EntityManager,
  actor: Actor,
  equipementId: number,
  { nom, valeur: avant }: Compteur,
): Promise<Changement[]> {
  const latest = await queryOne<{ valeur: number }>(
    tx,
    sql`SELECT r.valeur FROM releves r WHERE r.equipement_id = ${equipementId} AND r.compteur = ${nom} AND ${COUNTS}
        ORDER BY r.date DESC, r.id DESC LIMIT 1`,
  );
  const apres = latest!.valeur;
  if (apres === avant) return [];
  await query(
    tx,
    sql`UPDATE equipements e SET version = e.version + 1, date_modification = ${actor.now},
          compteurs = (SELECT jsonb_agg(CASE WHEN c->>'nom' = ${nom}
                                             THEN jsonb_set(c, '{valeur}', to_jsonb(${apres}::double precision)) ELSE c END
                                        ORDER BY rang)
                       FROM jsonb_array_elements(e.compteurs) WITH ORDINALITY AS t (c, rang))
        WHERE e.id = ${equipementId}`,
  );
  return [{ nom, avant, apres }];
}

/**
 * What somebody who changes an equipment says that its meters show is a reading like any other, of now; one that shows
 * less than before is taken for a new meter. One statement, however many they are.
 */
export async function saveReleves(
  tx: EntityManager,
  actor: Actor,
  equipementId: number,
  before: readonly Compteur[],
  after: readonly Compteur[],
): Promise<void> {
  const known = new Map(before.map(({ nom, valeur }) => [nom, valeur]));
  const said = after.filter(({ nom, valeur }) => known.get(nom) !== valeur);
  if (said.length === 0) return;
  await query(
    tx,
    sql`INSERT INTO releves (equipement_id, compteur, valeur, date, remplacement, auteur_id, date_creation)
        SELECT ${equipementId}, s.nom, s.valeur, greatest(${actor.now}::timestamptz, last.date),
          coalesce(s.valeur < last.valeur, false), ${actor.userId}::integer, ${actor.now}
        FROM jsonb_to_recordset(${JSON.stringify(said)}::jsonb) AS s (nom text, valeur double precision)
        LEFT JOIN LATERAL (
          SELECT r.date, r.valeur FROM releves r
          WHERE r.equipement_id = ${equipementId} AND r.compteur = s.nom AND ${COUNTS}
          ORDER BY r.date DESC, r.id DESC LIMIT 1) last ON TRUE`,
  );
}
