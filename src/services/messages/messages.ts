import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query, queryOne } from '../../db/sql';
import { writeTogether } from '../../db/write';
import {
  type Contenu,
  type ContenuRegle,
  isOf,
  messageText,
  referenceOf,
  sujetOf,
} from '../../domain/messages';
import type { Canal, Relation } from '../../domain/messages/canaux';
import { isCritique, REGLES, rangOf } from '../../domain/regles';
import { LANGUES } from '../../domain/writing';
import type { Actor } from '../actor';

/**
 * Who could be told: people by what they are to the event, of whom its rule (`domain/regles.ts`) says who is. Nobody is
 * told twice of one event.
 */
export interface Audience extends Partial<Record<Personnel, readonly (number | null)[]>> {
  /** Whatever they are to it, and whatever its rule says. */
  users?: readonly (number | null)[];
  /** The responsables who oversee the site of the equipment. */
  responsables?: boolean;
  /** All of them, of whatever belongs to no site. */
  everyResponsable?: boolean;
  admins?: boolean;
}

/** Those who are known by id: users. */
const PERSONNEL = [
  'technicien',
  'equipier',
  'ancien',
  'client',
  'createur',
  'titulaire',
  'intervenant',
] as const satisfies readonly Relation[];
type Personnel = (typeof PERSONNEL)[number];

/** What is said to whom. */
export type Announcement = ContenuRegle & {
  audience: Audience;
  /** Of the equipment; for `responsables`. */
  siteId?: number | null;
  /** Of the channels of its rule, these; all of them unless said. */
  canaux?: readonly Canal[];
  /** The email goes to each of these, instead of wherever the person has theirs when it leaves. */
  emails?: readonly string[];
};

/**
 * Tells people of an event, as its rule, the administrators and each of them want it: a notification they read in the
 * application, and messages in the outbox, all in the transaction of the event itself. Whoever did it finds it in the
 * application alone; a machine that acts in somebody's name did it for them. To send a message comes after the commit
 * (`outbox.ts`).
 * @param evenement names the event; a person is told of it once, however often this is run.
 */
export async function announce(
  tx: EntityManager,
  actor: Actor,
  evenement: string,
  announcement: Announcement,
): Promise<void> {
  await writeTogether(tx, announceSql(actor, evenement, [announcement]));
}

/**
 * The same as parts of a statement (`db/write.ts`), for several groups of people who are told different things: whoever
 * belongs to more than one of them is told the first.
 */
export function announceSql(
  actor: Actor,
  evenement: string,
  announcements: readonly Announcement[],
): Record<string, Sql> {
  const contents = announcements.map((announcement, rank) => ({
    rank,
    modele: announcement.modele,
    donnees: announcement.donnees,
    sujet: sujetOf(announcement),
    emails: announcement.emails ?? [null],
  }));
  const texts = announcements.flatMap((announcement, rank) =>
    LANGUES.map((langue) => ({
      rank,
      langue,
      ...messageText(announcement, langue),
      metadata: metadataOf(announcement),
    })),
  );
  const author = actor.cleApiId === null ? actor.userId : null;
  return {
    told: recipientsSql(announcements),
    notified: sql`INSERT INTO notifications
        (titre, message, type, destinataire_id, metadata, evenement, date_creation, date_modification)
      SELECT c.titre, c.message, c.type, told.id, c.metadata, ${evenement}, ${actor.now}::timestamptz, ${actor.now}::timestamptz
      FROM told JOIN jsonb_to_recordset(${JSON.stringify(texts)}::jsonb)
        AS c (rank integer, langue text, titre text, message text, type text, metadata jsonb)
        ON c.rank = told.rank AND c.langue = told.langue
      WHERE told.canaux ? 'application' AND NOT told.refus ? 'application'
      ORDER BY told.id
      ON CONFLICT DO NOTHING`,
    // The word to whoever sends messages is delivered with the commit.
    mailed: sql`INSERT INTO messages
        (evenement, destinataire_id, canal, email, sujet, regle, au_titre, rang, lot, modele, donnees, correlation_id,
         message_id, a_envoyer_apres, prochain_essai)
      SELECT ${evenement}, told.id, k.canal, a.email::citext, c.sujet, told.regle, told.titres, told.rang,
        CASE WHEN told.rang > 0 AND ${WINDOW} > 0 THEN c.modele END, c.modele, c.donnees, ${actor.correlationId},
        ${messageId(evenement)}, t.apres, t.apres
      FROM told JOIN jsonb_to_recordset(${JSON.stringify(contents)}::jsonb)
        AS c (rank integer, sujet text, modele text, donnees jsonb, emails text[]) ON c.rank = told.rank
        CROSS JOIN ${REACHABLE}
        CROSS JOIN unnest(CASE k.canal WHEN 'email' THEN c.emails ELSE '{NULL}' END) WITH ORDINALITY AS a (email, n)
        CROSS JOIN LATERAL (SELECT ${leavesAfter()} AS apres) t
      WHERE k.joignable AND told.canaux ? k.canal
        AND (told.rang = 0 OR NOT told.refus ? k.canal AND told.id IS DISTINCT FROM ${author}::integer)
      ORDER BY told.id, k.canal, a.n
      ON CONFLICT DO NOTHING RETURNING pg_notify('messages', canal)`,
  };
}

/** Minutes for which what can wait does, for others of its kind (`REGROUPEMENT_MINUTES`): a setting of the connection. */
const WINDOW = sql`coalesce(nullif(current_setting('regie.regroupement', true), ''), '0')::integer`;

/**
 * By which channels somebody who is `told` can be reached at all: nothing is written for the others.
 */
const REACHABLE = sql`LATERAL (VALUES
    ('email', TRUE),
    ('sms', EXISTS (SELECT FROM users n LEFT JOIN techniciens t ON t.user_id = n.id
      WHERE n.id = told.id AND coalesce(n.telephone, t.telephone) IS NOT NULL)),
    ('push', EXISTS (SELECT FROM abonnements_push b WHERE b.user_id = told.id))) AS k (canal, joignable)`;

/**
 * What can wait leaves at the end of the window that the first of a person's messages opened, so that all that came
 * within it are there to leave together, and those that took each other back are too.
 */
function leavesAfter(): Sql {
  return sql`CASE WHEN told.rang < 2 THEN now() ELSE least(now() + make_interval(mins => ${WINDOW}), (
    SELECT min(w.prochain_essai) FROM messages w
    WHERE w.destinataire_id = told.id AND w.canal = k.canal AND w.statut = 'a_envoyer' AND w.tentatives = 0
      AND w.regroupe_dans IS NULL AND w.prochain_essai > now())) END`;
}

/**
 * Whether anybody is told of what this is, if all of these could be.
 * @param siteId of the equipment.
 */
export async function hasRecipients(
  tx: EntityManager,
  modele: ContenuRegle['modele'],
  audience: Audience,
  siteId: number | null,
): Promise<boolean> {
  const found = await queryOne(tx, sql`${recipientsSql([{ modele, audience, siteId }])} LIMIT 1`);
  return found !== null;
}

/** What a frontend needs to lead from a notification to what it is about. */
function metadataOf(contenu: Contenu): Record<string, unknown> {
  const { modele } = contenu;
  const named = { ...referenceOf(contenu), modele };
  if (!isOf(contenu, 'intervention')) return named;
  const { priorite, etape, niveau } = contenu.donnees;
  return { ...named, priorite, ...(niveau === undefined ? {} : { etape, niveau }) };
}

/**
 * The RFC 5322 Message-ID of an email to `told`: the same for every try, so that a repeat can be told from a second
 * message; where there are several addresses, each but the first bears its number. Of another channel it bears the name.
 */
function messageId(evenement: string): Sql {
  const name = `<${evenement.replaceAll(':', '-')}-`;
  return sql`${name} || told.id || CASE WHEN a.n = 1 THEN '' ELSE '-' || a.n END
    || CASE k.canal WHEN 'email' THEN '' ELSE '-' || k.canal END || '@regie>'`;
}

/** What of an announcement says who is told of it. */
type Addressed = Pick<Announcement, 'audience' | 'siteId' | 'modele' | 'canaux'> & {
  donnees?: Contenu['donnees'];
};

/**
 * Whoever is told, once each: what they are to it, in which language, by which channels, which of these they switched
 * off, how soon, and the place in the list of what they are told.
 */
function recipientsSql(announcements: readonly Addressed[]): Sql {
  return sql`WITH said AS (
      SELECT g.*, coalesce(to_jsonb(r.destinataires), g.destinataires) AS tells, coalesce(to_jsonb(r.canaux), g.canaux) AS canaux_dits,
        g.choisis AS canaux_choisis,
        CASE WHEN g.rang = 0 OR g.critique OR r.urgence IS NULL THEN g.rang WHEN r.urgence = 'critique' THEN 1 ELSE 2 END
          AS rang_dit
      FROM jsonb_to_recordset(${JSON.stringify(announcements.map(groupOf))}::jsonb)
        AS g (rank integer, regle text, destinataires jsonb, canaux jsonb, choisis jsonb, rang integer, critique boolean, people jsonb,
              admins boolean, responsables boolean, everybody boolean, site_id integer)
      LEFT JOIN regles_notification r ON r.evenement = g.regle),
    reached AS (
      SELECT s.rank, p.id, p.titre FROM said s, jsonb_to_recordset(s.people) AS p (id integer, titre text)
      WHERE p.titre IS NULL OR s.tells ? p.titre
      UNION ALL
      SELECT s.rank, u.id, 'admin' FROM said s JOIN users u ON u.role = 'admin' WHERE s.admins AND s.tells ? 'admin'
      UNION ALL
      SELECT s.rank, u.id, 'responsable' FROM said s JOIN users u ON u.role = 'responsable'
      WHERE s.tells ? 'responsable' AND (s.everybody OR s.responsables AND (
        u.tous_sites OR EXISTS (SELECT FROM user_sites o WHERE o.user_id = u.id AND o.site_id = s.site_id))))
    SELECT DISTINCT ON (u.id) u.id, u.langue, r.rank, r.titres, s.regle, CASE WHEN s.canaux_choisis IS NULL THEN s.canaux_dits
        ELSE (SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(s.canaux_dits) c WHERE s.canaux_choisis @> c) END AS canaux, s.rang_dit AS rang,
      coalesce(p.refus -> s.regle, '[]') AS refus
    FROM (SELECT rank, id, CASE WHEN bool_or(titre IS NULL) THEN '{}' ELSE array_agg(DISTINCT titre) END AS titres
          FROM reached GROUP BY rank, id) r
      JOIN said s ON s.rank = r.rank JOIN users u ON u.id = r.id
      LEFT JOIN preferences_notification p ON p.user_id = u.id
    WHERE u.is_active ORDER BY u.id, r.rank`;
}

function groupOf({ modele, donnees, audience, siteId, canaux: chosen }: Addressed, rank: number): object {
  const { evenement, destinataires, canaux } = REGLES[modele];
  const contenu = { modele, donnees: donnees ?? {} } as ContenuRegle;
  const named = PERSONNEL.flatMap((titre) => (audience[titre] ?? []).map((id) => ({ id, titre })));
  const others = (audience.users ?? []).map((id) => ({ id, titre: null }));
  return {
    rank,
    regle: evenement,
    destinataires,
    canaux,
    choisis: chosen ?? null,
    rang: rangOf(contenu),
    critique: isCritique(contenu),
    people: [...named, ...others].filter(({ id }) => id !== null),
    admins: audience.admins ?? false,
    responsables: audience.responsables ?? false,
    everybody: audience.everyResponsable ?? false,
    site_id: siteId ?? null,
  };
}

/** Removes what somebody was only ever told of their account itself, which is about to go. */
export async function forgetAccount(tx: EntityManager, userId: number): Promise<void> {
  await query(tx, sql`DELETE FROM messages WHERE destinataire_id = ${userId} AND ${ABOUT_ACCOUNTS}`);
  await query(tx, sql`DELETE FROM notifications WHERE destinataire_id = ${userId} AND ${ABOUT_ACCOUNTS}`);
}

/** Events of `avis.ts` and `liens-mot-de-passe.ts`. */
const ABOUT_ACCOUNTS = sql`(evenement LIKE 'compte:%' OR evenement LIKE 'lien:%')`;
