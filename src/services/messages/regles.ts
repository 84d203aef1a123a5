import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { RegleNotification } from '../../db/messages/regles';
import { type Executor, query, queryOne } from '../../db/sql';
import { type FieldFault, invalid, notFound } from '../../domain/errors';
import { EVENEMENTS, type Regle, type RegleChangeable, regleOf } from '../../domain/regles';
import type { Actor } from '../actor';
import { difference, record } from '../historique';
import { requireVersion } from '../versions';

/** Who is told of what: the table of `domain/regles.ts`, and what administrators say in its place. */

/** A rule as it stands. */
export interface RegleEnVigueur extends Regle {
  /** Whether it is another than the table's. */
  modifiee: boolean;
  /** 0 while nobody ever changed it. */
  version: number;
}

/** Every rule, in the order of the table, as each stands. */
export async function listRegles(executor: Executor, access: Access): Promise<RegleEnVigueur[]> {
  const rows = await query<RegleNotification>(
    executor,
    sql`SELECT evenement, destinataires, canaux, urgence, version FROM regles_notification
        WHERE ${access.where('read', 'RegleNotification', {})}`,
  );
  const said = new Map(rows.map((row) => [row.evenement, row]));
  return EVENEMENTS.map((evenement) => inForce(regleOf(evenement)!, said.get(evenement) ?? null));
}

function inForce(regle: Regle, row: RegleNotification | null): RegleEnVigueur {
  const said = row === null ? regle : { ...regle, ...changeable(row) };
  const modifiee = Object.keys(difference(changeable(regle), changeable(said)).apres).length > 0;
  return { ...said, modifiee, version: row?.version ?? 0 };
}

function changeable({ destinataires, canaux, urgence }: RegleChangeable): RegleChangeable {
  return { destinataires, canaux, urgence };
}

/**
 * Says of an event who is told, how and how urgently; what is left out is as the table has it again. It holds for what
 * happens from now on.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTERDIT`, `INTROUVABLE`, `VERSION_PERIMEE`, `VALIDATION` for somebody whom the event does not know,
 *   and for what is told of accounts, which nobody changes
 */
export async function updateRegle(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  evenement: string,
  changes: Partial<RegleChangeable>,
  expected: number | null,
): Promise<RegleEnVigueur> {
  const regle = regleOf(evenement);
  if (regle !== null) {
    await query(tx, sql`SELECT pg_advisory_xact_lock(hashtext(${`regle ${evenement}`}))`);
  }
  await access.confirm(tx);
  access.require('update', 'RegleNotification', {});
  if (regle === null) throw notFound();
  const faults = faultsOf(regle, changes);
  if (faults.length > 0) throw invalid(...faults);

  const row = await queryOne<RegleNotification>(
    tx,
    sql`SELECT id, destinataires, canaux, urgence, version FROM regles_notification WHERE evenement = ${evenement}`,
  );
  const before = inForce(regle, row);
  requireVersion(before, expected);
  const wanted = { ...changeable(regle), ...changes };
  const { avant, apres } = difference(changeable(before), wanted);
  if (Object.keys(apres).length === 0) return before;
  const saved = await queryOne<{ id: number; version: number }>(
    tx,
    sql`INSERT INTO regles_notification AS r (evenement, destinataires, canaux, urgence, date_creation, date_modification)
        VALUES (${evenement}, ${[...wanted.destinataires]}, ${[...wanted.canaux]}, ${wanted.urgence}, ${actor.now}, ${actor.now})
        ON CONFLICT (evenement) DO UPDATE SET destinataires = EXCLUDED.destinataires, canaux = EXCLUDED.canaux,
          urgence = EXCLUDED.urgence, date_modification = EXCLUDED.date_modification, version = r.version + 1
        RETURNING id, version`,
  );
  const { id, version } = saved!;
  await record(tx, actor, {
    entite: 'regle_notification',
    entiteId: id,
    action: 'modification',
    avant: { evenement, ...avant },
    apres: { evenement, ...apres },
  });
  return inForce(regle, { ...wanted, evenement, version } as RegleNotification);
}

function faultsOf(regle: Regle, { destinataires = [] }: Partial<RegleChangeable>): FieldFault[] {
  if (regle.obligatoire) return [{ champ: 'evenement', message: OF_ACCOUNTS }];
  return destinataires.flatMap((relation, index) =>
    regle.possibles.includes(relation)
      ? []
      : [{ champ: `destinataires.${index}`, message: oneOfThese(regle.possibles) }],
  );
}

const OF_ACCOUNTS = {
  fr: 'Ce qui concerne un compte est toujours dit à son titulaire',
  en: 'What is about an account is always told to its owner',
};

const oneOfThese = (possibles: readonly string[]) => ({
  fr: `Pour cet événement : ${possibles.join(', ') || 'personne'}`,
  en: `For this event: ${possibles.join(', ') || 'nobody'}`,
});
