import sql, { type Sql } from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';
import type { Contenu } from '../../domain/messages';
import { type CanalSortant, LOT_RESUME, type Tranquillite } from '../../domain/messages/canaux';
import type { Langue } from '../../domain/writing';

/**
 * The outbox of emails and of every other channel, each drained apart. A message is claimed for a while, sent, and marked;
 * when the sender dies in between, the claim runs out and it is sent again under the same Message-ID. Only a death between
 * the mail server's acceptance and the mark lets a person see it twice.
 */

/** How long a claim lasts, in seconds, unless whoever has it keeps it with {@link keepClaims}. */
const LEASE = 30;

/** Tries before a message is given up; with {@link retryDelay} they stretch over some two days. */
const MAX_ATTEMPTS = 20;

export type ClaimedMessage = Contenu & {
  id: number;
  message_id: string;
  correlation_id: string;
  tentatives: number;
  canal: CanalSortant;
  rang: number;
  lot: string | null;
  /** The event of its rule. */
  regle: string | null;
  /** Null for somebody without an account. */
  destinataire_id: number | null;
  participant_id: number | null;
  /** Of a reminder to a patient, the appointment; address and name are read where it leaves. */
  rendez_vous_id: number | null;
  /** Where it goes: to the address it was written for, if any, else to the person's of today. */
  email: string;
  nom: string;
  prenom: string;
  langue: Langue;
  /** How its reader wants to be told; null for whoever never said. */
  tranquillite: Tranquillite | null;
  /** What is told in it beside what it tells itself, in the order in which it happened. */
  suite: (Contenu & { id: number; sujet: string })[];
  sujet: string;
  /** `sans_objet` where it is not to be sent: it no longer concerns its reader. */
  statut: 'a_envoyer' | 'sans_objet';
};

/** The present, or another moment that a test invents. */
const clockOf = (now: Date | null): Sql => (now === null ? sql`now()` : sql`${now}::timestamptz`);

/**
 * Whether a message still concerns its reader: they are there, did not switch such messages off meanwhile, and are still what
 * they were told as. What is told for several reasons stands while one of them does.
 *
 * `OFFSET 0` has it asked of one message after the other, in the order in which they are looked at, rather than joined to
 * all of them: of a crowd that waits the first few are wanted.
 * @param m its name in the statement.
 */
const concerned = (
  m: Sql,
  clock: Sql,
): Sql => sql`CASE WHEN ${m}.rendez_vous_id IS NOT NULL THEN ${expected(m, clock)}
  WHEN ${m}.participant_id IS NULL THEN EXISTS (
  SELECT FROM users u WHERE u.id = ${m}.destinataire_id AND u.is_active
    AND (${m}.rang = 0 OR NOT EXISTS (
      SELECT FROM preferences_notification p WHERE p.user_id = u.id AND p.refus -> ${m}.regle ? ${m}.canal))
    AND (${m}.au_titre = '{}' OR EXISTS (SELECT FROM unnest(${m}.au_titre) AS t (titre) WHERE CASE t.titre
      WHEN 'technicien' THEN ${atWork(m)}
      WHEN 'equipier' THEN ${atWork(m)}
      WHEN 'ancien' THEN NOT ${atWork(m)} AND NOT ${neverHeard(m)}
      WHEN 'client' THEN EXISTS (SELECT ${subject(m)} AND e.client_id = u.id)
      WHEN 'responsable' THEN u.role = 'responsable' AND (u.tous_sites OR ${m}.sujet NOT LIKE 'intervention:%' OR EXISTS (
        SELECT ${subject(m)} AND e.site_id IN (SELECT o.site_id FROM user_sites o WHERE o.user_id = u.id)))
      WHEN 'admin' THEN u.role = 'admin'
      WHEN 'titulaire' THEN NOT ${m}.donnees ? 'lien' OR EXISTS (
        SELECT FROM liens_mot_de_passe l
        WHERE l.id = (${m}.donnees #>> '{lien,id}')::uuid AND l.date_fermeture IS NULL)
      WHEN 'intervenant' THEN NOT ${m}.donnees ? 'rendez_vous_id' OR EXISTS (
        SELECT FROM rendez_vous r
        WHERE r.id = (${m}.donnees ->> 'rendez_vous_id')::integer AND r.user_ids @> ARRAY[u.id])
      ELSE TRUE END))
  OFFSET 0) ELSE ${stillAhead(m, clock)} END`;

/** Whether a patient is still expected at the time that a reminder names, or it is still offered to them. */
function expected(m: Sql, clock: Sql): Sql {
  return sql`EXISTS (SELECT FROM rendez_vous r WHERE r.id = ${m}.rendez_vous_id
    AND CASE ${m}.modele WHEN 'cabinet_offre' THEN r.statut = 'a_valider' AND r.expire_le > ${clock}
      ELSE r.statut = 'confirme' END
    AND r.debut > ${clock} AND r.debut = (${m}.donnees ->> 'debut')::timestamptz OFFSET 0)`;
}

/**
 * Whether what waited to be said to somebody who comes still holds: a reminder of an appointment that stands, begins when it
 * says and has not begun, and of a seat that nobody cancelled; a mail by which is confirmed what waits for it; a question
 * that nobody has answered; an offer that stands. What happened to an appointment is said whatever happens next.
 */
function stillAhead(m: Sql, clock: Sql): Sql {
  const holds = (condition: Sql) => sql`EXISTS (
    SELECT FROM participants a JOIN rendez_vous r ON r.id = a.rendez_vous_id
    WHERE a.id = ${m}.participant_id AND ${condition} OFFSET 0)`;
  return sql`CASE ${m}.modele
    WHEN 'rdv_rappel' THEN ${holds(sql`a.statut = 'attendu' AND r.statut = 'confirme' AND r.debut > ${clock}
      AND r.debut = (${m}.donnees ->> 'debut')::timestamptz`)}
    WHEN 'rdv_a_confirmer' THEN ${holds(sql`r.attente = 'email'`)}
    WHEN 'rdv_avis' THEN ${holds(sql`a.statut = 'present' AND a.avis_le IS NULL AND r.statut = 'honore'`)}
    WHEN 'attente_offre' THEN EXISTS (
      SELECT FROM participants a JOIN listes_attente l ON l.id = a.liste_attente_id
        JOIN rendez_vous r ON r.id = l.rendez_vous_id
      WHERE a.id = ${m}.participant_id AND l.statut = 'proposee' AND l.offre_expire_le > ${clock}
        AND r.debut = (${m}.donnees #>> '{offre,debut}')::timestamptz OFFSET 0)
    ELSE TRUE END`;
}

/** Whether they lead the work that it is about, or go with whoever does. */
function atWork(m: Sql): Sql {
  return sql`EXISTS (SELECT ${subject(m)} AND EXISTS (
    SELECT FROM techniciens w WHERE w.user_id = u.id AND (w.id = i.technicien_id OR i.equipiers @> ARRAY[w.id])))`;
}

/**
 * Whether what they lose is what they were never told they had: the message before this one of the same was pointless. (The
 * one before has always been judged: of one subject each waits for it.)
 */
function neverHeard(m: Sql): Sql {
  return sql`coalesce((SELECT v.statut = 'sans_objet' AND v.au_titre && '{technicien,equipier,intervenant}' FROM messages v
    WHERE v.destinataire_id = u.id AND v.sujet = ${m}.sujet AND v.canal = ${m}.canal AND v.id < ${m}.id
    ORDER BY v.id DESC LIMIT 1), false)`;
}

/** What it is about, from `FROM` to an `AND` that may follow. */
function subject(m: Sql): Sql {
  return sql`FROM interventions i JOIN equipements e ON e.id = i.equipement_id
    WHERE i.id = (${m}.donnees ->> 'intervention_id')::integer`;
}

/**
 * Claims messages of a channel that are due: those about accounts first, then what cannot wait, then the oldest; nobody
 * else gets them while the lease lasts. Of one person's messages about one subject each waits until the one before has been
 * tried: they arrive in the order of what they tell, and one that cannot be sent for hours keeps none of the later ones.
 * What no longer concerns its reader ends here (`sans_objet`), and is not to be sent.
 *
 * At its first try a message takes along what else is waiting for the same person of the same kind, and what was held back
 * of the same subject before it: they leave as one. What it took along stays with it, however often it is tried.
 *
 * @param except what the caller is still at: its claim may have run out while the database was away.
 * @param now another moment than the present, for tests.
 */
export function claimMessages(
  executor: Executor,
  canal: CanalSortant,
  limit: number,
  { except = [], now = null }: { except?: Iterable<number>; now?: Date | null } = {},
): Promise<ClaimedMessage[]> {
  const clock = clockOf(now);
  const [m, b] = [sql`m`, sql`b`];
  return query<ClaimedMessage>(
    executor,
    sql`WITH due AS MATERIALIZED (
          SELECT m.id, m.destinataire_id, m.participant_id, m.lot, m.sujet, m.tentatives, ${concerned(m, clock)} AS concerned
          FROM messages m
          WHERE m.statut = 'a_envoyer' AND m.canal = ${canal} AND m.prochain_essai <= ${clock}
            AND m.regroupe_dans IS NULL AND m.id <> ALL(${[...except]}::integer[])
            AND NOT EXISTS (
              SELECT FROM messages b WHERE b.destinataire_id = m.destinataire_id
                AND b.canal = m.canal AND b.sujet = m.sujet AND b.id < m.id
                AND b.statut = 'a_envoyer' AND b.erreur IS NULL
                AND (b.tentatives > 0 OR b.regroupe_dans IS NOT NULL OR b.prochain_essai <= ${clock}) OFFSET 0)
            AND (m.participant_id IS NULL OR NOT EXISTS (
              SELECT FROM messages b WHERE b.participant_id = m.participant_id
                AND b.canal = m.canal AND b.id < m.id AND b.statut = 'a_envoyer' AND b.erreur IS NULL
                AND (b.tentatives > 0 OR b.prochain_essai <= ${clock}) OFFSET 0))
            AND NOT EXISTS (
              SELECT FROM messages b WHERE b.destinataire_id = m.destinataire_id
                AND b.canal = m.canal AND b.lot = m.lot AND b.id < m.id AND b.rang <= m.rang
                AND m.tentatives = 0 AND b.tentatives = 0
                AND b.statut = 'a_envoyer' AND b.regroupe_dans IS NULL AND b.prochain_essai <= ${clock} OFFSET 0)
          ORDER BY m.rang, m.prochain_essai, m.id LIMIT ${limit} FOR UPDATE OF m SKIP LOCKED),
        taken AS (
          UPDATE messages m SET regroupe_dans = d.id FROM due d
          WHERE d.concerned AND d.tentatives = 0 AND m.statut = 'a_envoyer' AND m.canal = ${canal}
            AND m.destinataire_id = d.destinataire_id AND m.tentatives = 0 AND m.regroupe_dans IS NULL
            AND m.id NOT IN (SELECT id FROM due)
            AND (m.lot = d.lot AND NOT EXISTS (
                SELECT FROM messages b WHERE b.destinataire_id = m.destinataire_id
                  AND b.canal = m.canal AND b.sujet = m.sujet AND b.id < m.id AND b.statut = 'a_envoyer'
                  AND b.lot IS DISTINCT FROM m.lot AND ${concerned(b, clock)} OFFSET 0)
              OR m.sujet = d.sujet AND m.sujet <> '' AND m.id < d.id)
            AND ${concerned(m, clock)}
          RETURNING m.id, m.regroupe_dans, m.modele, m.donnees, m.sujet),
        along AS (
          SELECT * FROM taken
          UNION ALL
          SELECT m.id, m.regroupe_dans, m.modele, m.donnees, m.sujet FROM messages m JOIN due d ON d.id = m.regroupe_dans
          WHERE m.statut = 'a_envoyer' AND ${concerned(m, clock)}),
        released AS (
          UPDATE messages m SET regroupe_dans = NULL FROM due d
          WHERE m.regroupe_dans = d.id AND m.statut = 'a_envoyer' AND NOT d.concerned)
        UPDATE messages m
        SET tentatives = m.tentatives + 1, prochain_essai = ${clock} + make_interval(secs => ${LEASE}),
            statut = CASE WHEN d.concerned THEN m.statut ELSE 'sans_objet' END
        FROM due d LEFT JOIN users u ON u.id = d.destinataire_id LEFT JOIN preferences_notification p ON p.user_id = u.id
          LEFT JOIN participants a ON a.id = d.participant_id
        WHERE m.id = d.id
        RETURNING m.id, m.message_id, m.modele, m.donnees, m.correlation_id, m.tentatives, m.canal, m.rang, m.lot, m.regle,
          m.sujet, m.statut, m.destinataire_id, m.participant_id, m.rendez_vous_id,
          coalesce(m.email, u.email, a.email::citext, '') AS email,
          coalesce(u.nom, a.nom, '') AS nom, coalesce(u.prenom, '') AS prenom, coalesce(u.langue, a.langue, 'fr') AS langue,
          CASE WHEN p.id IS NOT NULL THEN json_build_object('heures_calmes', p.heures_calmes,
            'resume_quotidien', p.resume_quotidien, 'fuseau_horaire', p.fuseau_horaire) END AS tranquillite,
          coalesce((SELECT json_agg(json_build_object('id', a.id, 'modele', a.modele, 'donnees', a.donnees,
            'sujet', a.sujet) ORDER BY a.id) FROM along a WHERE a.regroupe_dans = m.id), '[]') AS suite`,
  );
}

/**
 * Lets claims last anew: writing a mail has no time limit on a machine that is busy. To be called well before they run out.
 * @param now another moment than the present, for tests.
 */
export async function keepClaims(
  executor: Executor,
  ids: Iterable<number>,
  now: Date | null = null,
): Promise<void> {
  await query(
    executor,
    sql`UPDATE messages SET prochain_essai = ${clockOf(now)} + make_interval(secs => ${LEASE})
        WHERE id = ANY(${[...ids]}::integer[]) AND statut = 'a_envoyer' AND tentatives > 0`,
  );
}

/**
 * Puts a claimed message, and what it took along, off until a later moment, as if it had never been claimed.
 * @param lot those with which it leaves then.
 */
export async function holdMessage(
  executor: Executor,
  id: number,
  { until, lot }: { until: Date; lot: string | null },
): Promise<void> {
  await query(
    executor,
    sql`UPDATE messages m
        SET tentatives = 0, regroupe_dans = NULL, a_envoyer_apres = ${until}, prochain_essai = ${until},
            lot = CASE WHEN ${lot}::text = ${LOT_RESUME} THEN ${LOT_RESUME} ELSE m.lot END
        WHERE m.statut = 'a_envoyer' AND (m.id = ${id} OR m.regroupe_dans = ${id})`,
  );
}

/**
 * Has everything that somebody's messages wait for decided anew: they want to be told otherwise.
 */
export async function releaseMessages(executor: Executor, userId: number): Promise<void> {
  await query(
    executor,
    sql`UPDATE messages SET prochain_essai = now(), a_envoyer_apres = now(),
               lot = CASE WHEN lot = ${LOT_RESUME} THEN NULL ELSE lot END
        WHERE destinataire_id = ${userId} AND statut = 'a_envoyer' AND tentatives = 0 AND regroupe_dans IS NULL
          AND prochain_essai > now()`,
  );
}

/**
 * Marks a message, and what left in it; what it had taken along and no longer concerned its reader ends with it.
 * @returns whether more is to be sent to the same person, which may have waited for this.
 */
export async function markSent(
  executor: Executor,
  { id, suite }: Pick<ClaimedMessage, 'id' | 'suite'>,
): Promise<boolean> {
  const sent = [id, ...suite.map((one) => one.id)];
  return isFollowed(
    executor,
    id,
    sql`UPDATE messages m
        SET statut = CASE WHEN m.id = ANY(${sent}::integer[]) THEN 'envoye' ELSE 'sans_objet' END,
            date_envoi = CASE WHEN m.id = ANY(${sent}::integer[]) THEN now() END, erreur = NULL
        WHERE m.id = ${id} OR m.regroupe_dans = ${id}`,
  );
}

/**
 * Notes a failed try; the next one comes later each time, until the message is given up.
 * @returns whether more is to be sent to the same person, which may have waited for this.
 */
export async function markFailed(
  executor: Executor,
  message: ClaimedMessage,
  reason: string,
  { final }: { final: boolean },
): Promise<boolean> {
  const statut = final || message.tentatives >= MAX_ATTEMPTS ? 'abandonne' : 'a_envoyer';
  return isFollowed(
    executor,
    message.id,
    sql`UPDATE messages m
        SET statut = ${statut}, erreur = ${reason.slice(0, 500)},
            prochain_essai = now() + make_interval(secs => ${retryDelay(message.tentatives)})
        WHERE m.statut = 'a_envoyer' AND (m.id = ${message.id} OR m.regroupe_dans = ${message.id})`,
  );
}

async function isFollowed(executor: Executor, id: number, update: Sql): Promise<boolean> {
  const marked = await queryOne<{ followed: boolean }>(
    executor,
    sql`WITH marked AS (${update} RETURNING m.id, m.destinataire_id, m.participant_id, m.canal)
        SELECT EXISTS (
          SELECT FROM messages later WHERE later.destinataire_id = d.destinataire_id AND later.canal = d.canal
            AND later.statut = 'a_envoyer' AND later.regroupe_dans IS NULL AND later.prochain_essai <= now()
            AND later.id <> d.id) OR EXISTS (
          SELECT FROM messages later WHERE later.participant_id = d.participant_id AND later.canal = d.canal
            AND later.statut = 'a_envoyer' AND later.prochain_essai <= now() AND later.id <> d.id) AS followed
        FROM marked d WHERE d.id = ${id}`,
  );
  return marked?.followed ?? false;
}

/** Seconds until the next try: 2, 4, 8, … at most four hours. */
function retryDelay(attempts: number): number {
  return Math.min(2 ** attempts, 4 * 3600);
}

/** The message goes to nobody any more; nothing was sent. */
export class SansObjet extends Error {
  override name = 'SansObjet';
}

/** @returns whether more is to be sent to the same person of the same, which may have waited for this. */
export async function markSansObjet(executor: Executor, id: number, reason: string): Promise<boolean> {
  return isFollowed(
    executor,
    id,
    sql`UPDATE messages m SET statut = 'sans_objet', erreur = ${reason.slice(0, 500)}
        WHERE m.id = ${id} OR m.regroupe_dans = ${id}`,
  );
}
