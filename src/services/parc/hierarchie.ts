import sql, { join, raw } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Equipement } from '../../db/parc/equipements';
import { query, queryOne } from '../../db/sql';
import { invalid, unknownReference } from '../../domain/errors';
import { MAX_PROFONDEUR, parentFault } from '../../domain/parc/equipements';
import type { Actor } from '../actor';
import { recordSql } from '../historique';

/** Machines that are parts of others. A part is where the whole is, and whose the whole is. */

type Place = Pick<Equipement, 'site_id' | 'client_id'>;

/** Fields of which a change concerns the wholes and the parts of a machine. */
export const HIERARCHY_FIELDS = ['parent_id', 'site_id', 'client_id'] as const;

/**
 * Nobody else puts machines together, or moves them, until the transaction ends: two changes, each harmless, could
 * together make a circle. To be asked for before the lock of any row.
 */
export async function lockHierarchy(tx: EntityManager): Promise<void> {
  await query(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended('equipements:hierarchie', 0))`);
}

/**
 * @param id null of a machine that is yet to be.
 * @throws {RegieError} `VALIDATION` for a whole that the caller cannot see, that is elsewhere or somebody else's, that is
 *   part of the machine, or under which there would be too many levels
 */
export async function checkParent(
  tx: EntityManager,
  access: Access,
  id: number | null,
  { parent_id, site_id, client_id }: Pick<Equipement, 'parent_id'> & Place,
): Promise<void> {
  if (parent_id === null) return;
  // The levels are counted no further than they may go; a circle would have no end.
  const row = await queryOne<{ lignee: number[]; hauteur: number; place: Place | null }>(
    tx,
    sql`WITH RECURSIVE
          lignee AS (
            SELECT id, parent_id, 1 AS rang FROM equipements WHERE id = ${parent_id}
            UNION ALL
            SELECT e.id, e.parent_id, l.rang + 1 FROM lignee l JOIN equipements e ON e.id = l.parent_id
            WHERE l.rang <= ${MAX_PROFONDEUR}),
          parts AS (
            SELECT ${id}::integer AS id, 1 AS rang
            UNION ALL
            SELECT e.id, p.rang + 1 FROM parts p JOIN equipements e ON e.parent_id = p.id
            WHERE p.rang <= ${MAX_PROFONDEUR})
        SELECT coalesce((SELECT array_agg(id ORDER BY rang) FROM lignee), '{}') AS lignee,
          (SELECT max(rang) FROM parts) AS hauteur,
          (SELECT json_build_object('site_id', site_id, 'client_id', client_id) FROM equipements WHERE id = ${parent_id})
            AS place`,
  );
  const { lignee, hauteur, place } = row!;
  if (place === null || !access.may('read', 'Equipement', place)) throw unknownReference('parent_id');
  const fault = parentFault(id, lignee, hauteur);
  if (fault === 'cycle') {
    throw invalid({
      champ: 'parent_id',
      message: {
        fr: 'Un équipement ne peut pas être une partie de lui-même',
        en: 'An equipment cannot be a part of itself',
      },
    });
  }
  if (fault === 'profondeur') {
    throw invalid({
      champ: 'parent_id',
      message: { fr: `Au plus ${MAX_PROFONDEUR} niveaux`, en: `At most ${MAX_PROFONDEUR} levels` },
    });
  }
  if (place.site_id !== site_id) {
    throw invalid({
      champ: 'site_id',
      message: {
        fr: 'Une partie est sur le site de l’équipement qui la contient',
        en: 'A part is on the site of the equipment that contains it',
      },
    });
  }
  if (place.client_id !== client_id) {
    throw invalid({
      champ: 'client_id',
      message: {
        fr: 'Une partie est à qui appartient l’équipement qui la contient',
        en: 'A part belongs to whom the equipment that contains it belongs to',
      },
    });
  }
}

/**
 * The parts, and theirs, go where the whole went, in one statement however many they are. The hierarchy is locked.
 * @param avant where all of them were.
 */
export async function movePartsAlong(
  tx: EntityManager,
  actor: Actor,
  id: number,
  avant: Place,
  apres: Partial<Place>,
): Promise<void> {
  const fields = (['site_id', 'client_id'] as const).filter((field) => apres[field] !== undefined);
  const sides = (place: Partial<Place>) =>
    Object.fromEntries(fields.map((field) => [field, place[field] ?? null]));
  const event = recordSql(actor, {
    entite: 'equipement',
    entiteId: sql`moved.id`,
    action: 'modification',
    avant: sides(avant),
    apres: { ...sides(apres), avec_equipement_id: id },
    from: sql`moved`,
  });
  await query(
    tx,
    sql`WITH RECURSIVE
          parts AS (
            SELECT id FROM equipements WHERE parent_id = ${id}
            UNION
            SELECT e.id FROM parts p JOIN equipements e ON e.parent_id = p.id),
          moved AS (
            UPDATE equipements SET
              ${join(fields.map((field) => sql`${raw(field)} = ${apres[field] ?? null}::integer`))},
              version = version + 1, date_modification = ${actor.now}
            WHERE id IN (SELECT id FROM parts) RETURNING id),
          event AS (${event})
        SELECT`,
  );
}
