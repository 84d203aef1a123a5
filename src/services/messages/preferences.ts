import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { type Desabonnement, eventsOf } from '../../auth/unsubscribing';
import type { PreferenceNotification } from '../../db/messages/regles';
import { type Executor, query, queryOne } from '../../db/sql';
import { type FieldFault, invalid } from '../../domain/errors';
import type { Canal, Tranquillite } from '../../domain/messages/canaux';
import { EVENEMENTS, isRefusable, regleOf } from '../../domain/regles';
import type { Actor } from '../actor';
import { difference, record } from '../historique';
import { requireVersion } from '../versions';
import { releaseMessages } from './outbox';

/** How a person wants to be told of what: by which channels, when not, and whether all at once. */

/** By event, each channel by which its rule tells, and whether the person wants it. */
export type Choix = Partial<Record<string, Partial<Record<Canal, boolean>>>>;

export interface Preferences extends Tranquillite {
  evenements: Choix;
  /** 0 for whoever never said. */
  version: number;
}

type Kept = Pick<
  PreferenceNotification,
  'refus' | 'heures_calmes' | 'resume_quotidien' | 'fuseau_horaire' | 'version'
>;
const NONE: Kept = {
  refus: {},
  heures_calmes: null,
  resume_quotidien: null,
  fuseau_horaire: null,
  version: 0,
};

/** The caller's, all that there is to choose. */
export async function readPreferences(executor: Executor, access: Access): Promise<Preferences> {
  const { userId } = access.principal;
  const row = await queryOne<Kept & { said: Record<string, Canal[]> | null }>(
    executor,
    sql`SELECT p.refus, p.heures_calmes, p.resume_quotidien, p.fuseau_horaire, p.version,
               (SELECT json_object_agg(r.evenement, r.canaux) FROM regles_notification r) AS said
        FROM (SELECT ${userId}::integer AS id) u LEFT JOIN preferences_notification p ON p.user_id = u.id`,
  );
  const kept: Kept = row?.version == null ? NONE : row;
  const { refus, version, heures_calmes, resume_quotidien, fuseau_horaire } = kept;
  const evenements = Object.fromEntries(
    EVENEMENTS.map((evenement) => {
      const canaux = row?.said?.[evenement] ?? regleOf(evenement)!.canaux;
      return [
        evenement,
        Object.fromEntries(canaux.map((canal) => [canal, !(refus[evenement] ?? []).includes(canal)])),
      ];
    }),
  );
  return { evenements, heures_calmes, resume_quotidien, fuseau_horaire, version };
}

/**
 * Says how the caller wants to be told; an event or a channel that is left out is wanted. What waits for them is decided
 * anew.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `VERSION_PERIMEE`, `VALIDATION` where it switches off what is told of an account
 */
export async function savePreferences(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { evenements, ...tranquillite }: Omit<Preferences, 'version'>,
  expected: number | null,
): Promise<Preferences> {
  const { userId } = await lockOwn(tx, access);
  const before = await readKept(tx, userId);
  requireVersion(before, expected);
  const faults = faultsOf(evenements);
  if (faults.length > 0) throw invalid(...faults);
  await save(tx, actor, userId, before, { refus: refusOf(evenements), ...tranquillite });
  return readPreferences(tx, access);
}

/**
 * Switches off the emails that a link is for, without an account: whoever has the mail may. Doing it again changes nothing.
 */
export async function unsubscribe(
  tx: EntityManager,
  actor: Actor,
  desabonnement: Desabonnement,
): Promise<void> {
  const { userId } = desabonnement;
  const person = await queryOne(tx, sql`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
  if (person === null) return;
  const before = await readKept(tx, userId);
  const refus = { ...before.refus };
  for (const evenement of eventsOf(desabonnement)) {
    refus[evenement] = [...new Set([...(refus[evenement] ?? []), 'email' as const])].sort();
  }
  await save(tx, actor, userId, before, { ...before, refus });
}

async function lockOwn(tx: EntityManager, access: Access): Promise<{ userId: number }> {
  await access.confirm(tx);
  const { userId } = access.principal;
  await query(tx, sql`SELECT id FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
  return { userId };
}

async function readKept(tx: EntityManager, userId: number): Promise<Kept> {
  const row = await queryOne<Kept>(
    tx,
    sql`SELECT refus, heures_calmes, resume_quotidien, fuseau_horaire, version
        FROM preferences_notification WHERE user_id = ${userId}`,
  );
  return row ?? NONE;
}

async function save(
  tx: EntityManager,
  actor: Actor,
  userId: number,
  before: Kept,
  wanted: Omit<Kept, 'version'>,
): Promise<void> {
  const { refus, heures_calmes, resume_quotidien, fuseau_horaire } = wanted;
  const { version: _, ...was } = before;
  const { avant, apres } = difference(was, { refus, heures_calmes, resume_quotidien, fuseau_horaire });
  if (Object.keys(apres).length === 0) return;
  await query(
    tx,
    sql`INSERT INTO preferences_notification AS p
          (user_id, refus, heures_calmes, resume_quotidien, fuseau_horaire, date_creation, date_modification)
        VALUES (${userId}, ${JSON.stringify(refus)}::jsonb, ${json(heures_calmes)}::jsonb, ${resume_quotidien}::integer,
                ${fuseau_horaire}, ${actor.now}, ${actor.now})
        ON CONFLICT (user_id) DO UPDATE SET refus = EXCLUDED.refus, heures_calmes = EXCLUDED.heures_calmes,
          resume_quotidien = EXCLUDED.resume_quotidien, fuseau_horaire = EXCLUDED.fuseau_horaire,
          date_modification = EXCLUDED.date_modification, version = p.version + 1`,
  );
  await record(tx, actor, {
    entite: 'user',
    entiteId: userId,
    action: 'preferences_notification',
    avant,
    apres,
  });
  if ('heures_calmes' in apres || 'resume_quotidien' in apres || 'fuseau_horaire' in apres) {
    await releaseMessages(tx, userId);
  }
}

const json = (value: object | null) => (value === null ? null : JSON.stringify(value));

/** By event, what is switched off. */
function refusOf(evenements: Choix): Record<string, Canal[]> {
  const refused = Object.entries(evenements).map(([evenement, canaux]): [string, Canal[]] => [
    evenement,
    (Object.keys(canaux ?? {}) as Canal[]).filter((canal) => canaux?.[canal] === false).sort(),
  ]);
  return Object.fromEntries(refused.filter(([, canaux]) => canaux.length > 0));
}

function faultsOf(evenements: Choix): FieldFault[] {
  return Object.entries(refusOf(evenements))
    .filter(([evenement]) => !isRefusable({ regle: evenement }))
    .flatMap(([evenement, canaux]) =>
      canaux.map((canal) => ({ champ: `evenements.${evenement}.${canal}`, message: OF_ACCOUNTS })),
    );
}

const OF_ACCOUNTS = {
  fr: 'Ce qui concerne votre compte vous est toujours dit',
  en: 'What is about your account is always told to you',
};
