import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { houseAccess } from '../../auth/public-access';
import type { Prestation } from '../../db/rendez-vous/prestations';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import { dayAt } from '../../domain/local-time';
import { MAX_OFFRES_MANQUEES, offreJusqua } from '../../domain/rendez-vous/attente';
import type { ModeleAttente } from '../../domain/rendez-vous/textes-attente';
import { type Actor, systemActor } from '../actor';
import { record } from '../historique';
import { writeToParticipants } from '../messages/participants';
import { annoncer, canalOf } from './annonces';
import { actifsSql, type PrestationRow, type Situation } from './creneaux';
import { isInPerson, maisonSql } from './faits';
import { type Autour, MAX_REGARDES, RechercheDeCreneaux, type Voulu } from './recherche-creneaux';
import { type AskedRendezVous, refusal } from './refus';
import { confirmHold, evenementDe, premierEtat, tenir } from './reservation';
import { endExpired, endHolds, lockRessources } from './seances';

/**
 * What is offered to those who wait. A time that is free and fits is held for the first of them, by a hold like any other
 * that ends by itself, and passed on when it does. Whoever frees a time offers it in the same transaction, so that nobody sees it in
 * between; whatever else makes a time free (an absence that was taken back, a day that has come near enough) is found
 * by the reconciler, as is everything that a crash left behind (docs/decisions/055).
 *
 * Locks are taken in the order of every booking: an appointment, what it takes, and then those who wait.
 */

/** A service for which somebody waits, with everything locked that it may take. */
export interface Attendue {
  id: number;
  slug: string;
}

/**
 * Locks what a service may take when somebody waits for it; null when nobody does. To be called before anything is freed: who
 * books locks in this order too.
 */
export async function lockAttendue(tx: EntityManager, prestationId: number): Promise<Attendue | null> {
  const attendue = await queryOne<Attendue>(
    tx,
    sql`SELECT f.id, f.slug FROM prestations f WHERE f.id = ${prestationId} AND f.liste_attente AND f.actif
          AND EXISTS (SELECT FROM listes_attente a WHERE a.prestation_id = f.id AND a.statut = 'en_attente')`,
  );
  if (attendue !== null) await lockRessources(tx, attendue.slug, null);
  return attendue;
}

interface EnAttente extends Voulu {
  id: number;
  demandeur_id: number | null;
  email: string | null;
}

const DAY = 86_400_000;

/**
 * Offers what is free to those who wait, in the order in which they came: one time to one of them.
 * @returns how many offers were made
 */
export async function proposer(
  tx: EntityManager,
  actor: Actor,
  attendue: Attendue,
  autour: Autour | null = null,
): Promise<number> {
  const waiting = await query<EnAttente>(
    tx,
    sql`SELECT a.id, a.date_debut::text, a.date_fin::text, a.heure_debut, a.heure_fin, a.duree, a.intervenant_id, a.places,
          a.demandeur_id, p.email,
          ARRAY(SELECT (extract(epoch FROM o.debut) * 1000)::float8 FROM offres_attente o WHERE o.liste_attente_id = a.id) AS deja
        FROM listes_attente a JOIN participants p ON p.liste_attente_id = a.id AND p.rang = 1
        WHERE a.prestation_id = ${attendue.id} AND a.statut = 'en_attente'
        ORDER BY a.date_creation, a.id LIMIT ${MAX_REGARDES} FOR UPDATE OF a`,
  );
  const asked: AskedRendezVous = { tx, access: houseAccess(), actor, timeZone: await maison(tx) };
  const recherche = new RechercheDeCreneaux(asked, autour);
  let made = 0;
  for (const one of waiting) {
    const found = await recherche.premier(attendue.slug, one);
    if (found === null || !(await isUnderLimit(asked, found.situation, one))) continue;
    const offered = await offrir(asked, found.situation, found.souhait, one);
    recherche.oublier();
    if (offered) made++;
  }
  return made;
}

/** Of one client no more than so many may lie ahead. */
async function isUnderLimit(
  { tx, actor }: Pick<AskedRendezVous, 'tx' | 'actor'>,
  { prestation }: { prestation: Pick<PrestationRow, 'id' | 'plafonds'> },
  { demandeur_id, email }: { demandeur_id: number | null; email: string | null },
): Promise<boolean> {
  const { par_client_actifs: most } = prestation.plafonds;
  if (most === undefined || (demandeur_id === null && email === null)) return true;
  const row = await queryOne<{ actifs: number }>(
    tx,
    sql`SELECT ${actifsSql(prestation.id, { demandeur_id, email }, actor.now)} AS actifs`,
  );
  return row!.actifs < most;
}

async function offrir(
  asked: AskedRendezVous,
  situation: Situation,
  souhait: { prestation: string; debut: Date; places: number },
  { id, places }: EnAttente,
): Promise<boolean> {
  const { tx, actor } = asked;
  const { debut } = souhait;
  await endExpired(tx, debut, actor.now);
  const expire_le = new Date(offreJusqua(actor.now.getTime(), debut.getTime()));
  const holder = { appelant: `attente ${id}`, expire_le, liste_attente_id: id };
  const held = await tenir(asked, situation, { ...souhait, places }, holder);
  if ('refus' in held) return false;
  await query(
    tx,
    sql`INSERT INTO offres_attente (liste_attente_id, debut, fin, date_creation)
        VALUES (${id}, ${held.debut}, ${held.fin}, ${actor.now})`,
  );
  await query(
    tx,
    sql`UPDATE listes_attente SET statut = 'proposee', rendez_vous_id = ${held.id}, offre_expire_le = ${expire_le},
          date_modification = ${actor.now}, version = version + 1 WHERE id = ${id}`,
  );
  await noter(asked, id, 'offre', { statut: 'proposee', debut: held.debut, fin: held.fin, expire_le });
  await direAttente(asked, id, 'attente_offre', { ...held, expire_le });
  return true;
}

/** The history of who waits, without anything that somebody said of themselves. */
export function noter(
  { tx, actor }: { tx: EntityManager; actor: Actor },
  id: number,
  action: string,
  apres: Record<string, unknown>,
): Promise<void> {
  return record(tx, actor, { entite: 'liste_attente', entiteId: id, action, apres });
}

interface Offre {
  debut: Date;
  fin: Date;
  expire_le: Date;
  intervenants: readonly number[];
  salles: readonly number[];
}

type FaitsAttente = Pick<Prestation, 'lieu'> & {
  participant_id: number;
  email: string | null;
  telephone: string | null;
  fuseau_horaire: string;
  prestation: string;
  date_debut: string;
  date_fin: string;
  fuseau: string;
  noms: string[];
  salles: string[];
};

/** Tells somebody who waits, by email or, without an address, by text message: once of each event and offer. */
export async function direAttente(
  { tx, actor }: { tx: EntityManager; actor: Actor },
  id: number,
  modele: ModeleAttente,
  offre: Offre | null = null,
): Promise<void> {
  const faits = await queryOne<FaitsAttente>(
    tx,
    sql`SELECT p.id AS participant_id, p.email, p.telephone, p.fuseau_horaire, f.nom AS prestation, f.lieu,
          a.date_debut::text, a.date_fin::text, coalesce(s.fuseau_horaire, ${maisonSql}) AS fuseau,
          ARRAY(SELECT v.nom_public FROM intervenants v WHERE v.id = ANY(${offre?.intervenants ?? []}::integer[]) ORDER BY v.id) AS noms,
          ARRAY(SELECT r.nom FROM salles r WHERE r.id = ANY(${offre?.salles ?? []}::integer[]) ORDER BY r.nom) AS salles
        FROM listes_attente a JOIN participants p ON p.liste_attente_id = a.id AND p.rang = 1
        JOIN prestations f ON f.id = a.prestation_id LEFT JOIN sites s ON s.id = f.site_id
        WHERE a.id = ${id}`,
  );
  const canal = faits === null ? null : canalOf(faits);
  if (faits === null || canal === null) return;
  const { lieu, prestation, date_debut, date_fin, fuseau_horaire, noms: intervenants, salles } = faits;
  const named = offre === null ? actor.now.getTime() : offre.debut.getTime();
  await writeToParticipants(tx, actor, [
    {
      modele,
      donnees: {
        liste_attente_id: id,
        ...{ prestation, date_debut, date_fin, lieu, fuseau_horaire },
        fuseau_lieu: isInPerson(lieu) ? faits.fuseau : null,
        offre: offre && {
          debut: offre.debut.toISOString(),
          fin: offre.fin.toISOString(),
          expire_le: offre.expire_le.toISOString(),
          ...{ salles, intervenants },
        },
      },
      participantId: faits.participant_id,
      canal,
      evenement: `liste-attente:${id}:${modele}:${named}`,
    },
  ]);
}

interface Hold {
  id: number;
  debut: Date;
  fin: Date;
  expire_le: Date;
  prestation_id: number;
  slug: string;
  liste_attente_id: number;
  intervenants: number[];
  salles: number[];
}

/** The hold behind an offer that is open, which nobody changes until the transaction ends; null for none. */
function lockHoldOf(tx: EntityManager, listeId: number): Promise<Hold | null> {
  return queryOne<Hold>(
    tx,
    sql`SELECT h.id, h.debut, h.fin, h.expire_le, h.prestation_id, f.slug, h.liste_attente_id, h.intervenants, h.salles
        FROM rendez_vous h JOIN prestations f ON f.id = h.prestation_id
        WHERE h.liste_attente_id = ${listeId} AND h.statut = 'retenu' FOR UPDATE OF h`,
  );
}

/**
 * An offer that nobody answered in time, or that was declined: what was held is offered to the next, and whoever it was held
 * for waits on, unless they have let too many pass or leave.
 */
async function passer(
  tx: EntityManager,
  actor: Actor,
  hold: Hold,
  devenir: 'expiree' | 'declinee' | 'quittee',
): Promise<void> {
  await lockRessources(tx, hold.slug, null);
  const { liste_attente_id: id, debut, fin } = hold;
  await endHolds(tx, sql`h.id = ${hold.id}`);
  await query(
    tx,
    sql`UPDATE offres_attente SET statut = ${devenir === 'expiree' ? 'expiree' : 'declinee'}
        WHERE liste_attente_id = ${id} AND statut = 'ouverte'`,
  );
  const after = await queryOne<{ statut: string }>(
    tx,
    sql`UPDATE listes_attente SET rendez_vous_id = NULL, offre_expire_le = NULL,
          offres_manquees = CASE WHEN ${devenir} = 'expiree' THEN offres_manquees + 1 ELSE 0 END,
          statut = CASE WHEN ${devenir} = 'quittee' THEN 'quittee'
            WHEN ${devenir} = 'expiree' AND offres_manquees + 1 >= ${MAX_OFFRES_MANQUEES} THEN 'expiree'
            ELSE 'en_attente' END,
          date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id} RETURNING statut`,
  );
  await noter({ tx, actor }, id, devenir === 'expiree' ? 'expiration' : 'refus', {
    statut: after!.statut,
    ...{ debut, fin },
  });
  if (after!.statut === 'expiree') await direAttente({ tx, actor }, id, 'attente_finie');
  else if (devenir === 'expiree') await direAttente({ tx, actor }, id, 'attente_passee', hold);
  const attendue = await lockAttendue(tx, hold.prestation_id);
  if (attendue !== null) await proposer(tx, actor, attendue, hold);
}

/**
 * Passes on what was held for somebody who waits, once its time is over.
 * @param rendezVousId of the hold; one that was offered to nobody is left alone.
 * @returns whether it was one
 */
export async function passerOffre(tx: EntityManager, actor: Actor, rendezVousId: number): Promise<boolean> {
  const found = await queryOne<{ liste_attente_id: number }>(
    tx,
    sql`SELECT liste_attente_id FROM rendez_vous
        WHERE id = ${rendezVousId} AND statut = 'retenu' AND liste_attente_id IS NOT NULL`,
  );
  const hold = found === null ? null : await lockHoldOf(tx, found.liste_attente_id);
  if (hold === null) return false;
  await passer(tx, actor, hold, 'expiree');
  return true;
}

/** Locks what is held for somebody who waits, and then them: for whoever asks for rights next. */
export async function lockAttente(tx: EntityManager, id: number): Promise<void> {
  await lockHoldOf(tx, id);
  await query(tx, sql`SELECT id FROM listes_attente WHERE id = ${id} FOR UPDATE`);
}

interface Ligne {
  id: number;
  statut: string;
  prestation_id: number;
  demandeur_id: number | null;
  origine: 'membre' | 'client' | 'public';
  places: number;
  reponses: Record<string, unknown>;
  email: string | null;
}

/** Who waits, which nobody changes until the transaction ends; after the hold, see the order of locks. */
async function lockLigne(tx: EntityManager, id: number): Promise<Ligne> {
  const ligne = await queryOne<Ligne>(
    tx,
    sql`SELECT a.id, a.statut, a.prestation_id, a.demandeur_id, a.origine, a.places, a.reponses, p.email
        FROM listes_attente a JOIN participants p ON p.liste_attente_id = a.id AND p.rang = 1
        WHERE a.id = ${id} FOR UPDATE OF a`,
  );
  if (ligne === null) throw notFound();
  return ligne;
}

export interface Accepte {
  rendez_vous_id: number;
  uid: string;
  participant_id: number;
  fin: Date;
}

/**
 * Makes what is held for somebody who waits their appointment.
 * @param asked whoever may do so for them: the caller has asked.
 * @throws {RegieError} `RETENUE_EXPIREE` when nothing is held for them (any more), `PLAFOND` when they have as many by now as
 *   one client may
 */
export async function accepterOffre(asked: Omit<AskedRendezVous, 'access'>, id: number): Promise<Accepte> {
  const { tx, actor } = asked;
  const hold = await lockHoldOf(tx, id);
  const ligne = await lockLigne(tx, id);
  const prestation = await queryOne<Prestation & { slug: string }>(
    tx,
    sql`SELECT f.id, f.slug, f.plafonds, f.confirmation FROM prestations f WHERE f.id = ${ligne.prestation_id}`,
  );
  const refused = (code: 'RETENUE_EXPIREE' | 'PLAFOND') =>
    refusal(
      { ...asked, access: houseAccess() },
      { prestation: prestation!.slug, debut: hold?.debut ?? actor.now, places: ligne.places },
      code,
    );
  if (hold === null || hold.expire_le <= actor.now) throw await refused('RETENUE_EXPIREE');
  if (!(await isUnderLimit(asked, { prestation: prestation! }, ligne))) throw await refused('PLAFOND');
  // They have been told of this time: neither a mail nor a calendar is waited for.
  const premier = premierEtat(
    { prestation: prestation!, parCourrier: false, debut: hold.debut, now: actor.now },
    false,
  );
  const { origine, demandeur_id, places, reponses } = ligne;
  await confirmHold(asked, hold.id, { ...premier, origine, demandeur_id, places, reponses, serie_id: null });
  await query(
    tx,
    sql`INSERT INTO participants (rendez_vous_id, rang, nom, email, telephone, langue, fuseau_horaire)
        SELECT ${hold.id}::integer, p.rang, p.nom, p.email, p.telephone, p.langue, p.fuseau_horaire
        FROM participants p WHERE p.liste_attente_id = ${id} ORDER BY p.rang`,
  );
  await query(
    tx,
    sql`UPDATE listes_attente SET statut = 'acceptee', offre_expire_le = NULL, date_modification = ${actor.now},
          version = version + 1 WHERE id = ${id}`,
  );
  await query(
    tx,
    sql`UPDATE offres_attente SET statut = 'acceptee' WHERE liste_attente_id = ${id} AND statut = 'ouverte'`,
  );
  await noter(asked, id, 'acceptation', { statut: 'acceptee', debut: hold.debut, fin: hold.fin });
  await annoncer(tx, actor, { rendezVousId: hold.id, evenement: evenementDe(premier), avant: null });
  const made = await queryOne<Accepte>(
    tx,
    sql`SELECT b.id AS rendez_vous_id, b.uid, b.fin, p.id AS participant_id
        FROM rendez_vous b JOIN participants p ON p.rendez_vous_id = b.id AND p.rang = 1 WHERE b.id = ${hold.id}`,
  );
  return made!;
}

/**
 * Lets an offer pass, or leaves the list altogether: what is held is offered to the next.
 * @throws {RegieError} `TRANSITION_INVALIDE` when nothing is offered, or they do not wait any more
 */
export async function renoncer(
  { tx, actor }: { tx: EntityManager; actor: Actor },
  id: number,
  quitte: boolean,
): Promise<void> {
  const hold = await lockHoldOf(tx, id);
  const { statut } = hold === null ? await lockLigne(tx, id) : { statut: 'proposee' };
  if (hold !== null) return passer(tx, actor, hold, quitte ? 'quittee' : 'declinee');
  if (!quitte || statut !== 'en_attente') {
    throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut } });
  }
  await query(
    tx,
    sql`UPDATE listes_attente SET statut = 'quittee', date_modification = ${actor.now}, version = version + 1
        WHERE id = ${id}`,
  );
  await noter({ tx, actor }, id, 'depart', { statut: 'quittee' });
}

/** How often it is looked whether there is anything for those who wait, in seconds. */
const REVU = 60;

/** Services for which somebody waits, and which nobody has looked at for a while. */
export async function attenduesARevoir(executor: Executor): Promise<number[]> {
  const rows = await query<{ id: number }>(
    executor,
    sql`SELECT f.id FROM prestations f WHERE f.attente_vue_le < now() - make_interval(secs => ${REVU})
          AND EXISTS (SELECT FROM listes_attente a WHERE a.prestation_id = f.id AND a.statut = 'en_attente')
        ORDER BY f.attente_vue_le, f.id`,
  );
  return rows.map(({ id }) => id);
}

/** Offers whatever has become free of a service, and lets those go whose days are over. */
export async function revoirAttente(tx: EntityManager, prestationId: number, now: Date): Promise<void> {
  const actor = systemActor(now, `attente-${prestationId}`);
  const attendue = await lockAttendue(tx, prestationId);
  // A day is over everywhere when it is in the last of zones.
  const over = await query<{ id: number }>(
    tx,
    sql`UPDATE listes_attente SET statut = 'expiree', date_modification = ${now}, version = version + 1
        WHERE prestation_id = ${prestationId} AND statut = 'en_attente'
          AND date_fin < ${dayAt(now.getTime() - DAY / 2, 'UTC')}
        RETURNING id`,
  );
  for (const { id } of over) {
    await noter({ tx, actor }, id, 'expiration', { statut: 'expiree' });
    await direAttente({ tx, actor }, id, 'attente_finie');
  }
  if (attendue !== null) await proposer(tx, actor, attendue);
  await query(tx, sql`UPDATE prestations SET attente_vue_le = ${now} WHERE id = ${prestationId}`);
}

/** The zone of whatever names none. */
async function maison(tx: EntityManager): Promise<string> {
  const row = await queryOne<{ zone: string }>(tx, sql`SELECT ${maisonSql} AS zone`);
  return row!.zone;
}
