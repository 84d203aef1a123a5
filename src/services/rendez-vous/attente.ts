import sql, { raw, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { LISTE_ATTENTE_COLUMNS, PRESTATION_COLUMNS, PRESTATION_USER_IDS } from '../../auth/columns';
import { ListeAttente } from '../../db/rendez-vous/listes-attente';
import { type Executor, query, queryOne, rfc3339Sql } from '../../db/sql';
import { type FieldFault, invalid, notFound, RegieError, type Texte } from '../../domain/errors';
import { dayAfter, dayAt } from '../../domain/local-time';
import { MAX_JOURS_ATTENTE, type Souhaits, type StatutAttente } from '../../domain/rendez-vous/attente';
import type { Question } from '../../domain/rendez-vous/prestations';
import type { Origine } from '../../domain/rendez-vous/rendez-vous';
import { faultsOfReponses } from '../../domain/rendez-vous/reponses';
import { oneOf } from '../conditions';
import { refuseDuplicate } from '../duplicates';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { requireVersion } from '../versions';
import { accepterOffre, direAttente, lockAttendue, lockAttente, noter, proposer, renoncer } from './offres';
import { refuse } from './references';
import type { AskedRendezVous } from './refus';
import { insertParticipants, origineOf, type ParticipantFields } from './reservation';

/** Waiting lists: who waits for a time of a service, in the order in which they came. What is offered stands in `offres.ts`. */

export interface ListeAttenteAnswer extends Omit<ListeAttente, 'contact'> {
  prestation: { slug: string; nom: string };
  participants: (ParticipantFields & { fuseau_horaire: string })[];
  /** Of what they took. */
  rendez_vous_uid: string | null;
  /** How many come before them, and one; null for who does not wait. */
  position: number | null;
  /** The time that is held for them. */
  offre: { debut: Date; fin: Date; expire_le: Date } | null;
}

export interface ListeAttenteFilters {
  prestation_id?: number[] | undefined;
  demandeur_id?: number[] | undefined;
  statut?: StatutAttente[] | undefined;
  /** Those who wait for this day, or a later one. */
  debut?: string | undefined;
  /** Those who wait for this day, or an earlier one. */
  fin?: string | undefined;
}

const FROM = sql`listes_attente a JOIN prestations f ON f.id = a.prestation_id`;

/** How many come before the one who waits `a`, and one; null for who does not wait. */
export const POSITION = sql`CASE WHEN a.statut = 'en_attente' THEN (SELECT count(*)::integer + 1 FROM listes_attente o
  WHERE o.prestation_id = a.prestation_id AND o.statut = 'en_attente'
    AND (o.date_creation, o.id) < (a.date_creation, a.id)) END`;

const LIST: ListSpec = {
  columns: sql`a.id, a.prestation_id, json_build_object('slug', f.slug, 'nom', f.nom) AS prestation, a.date_debut::text,
    a.date_fin::text, a.heure_debut, a.heure_fin, a.duree, a.intervenant_id, a.places, a.reponses, a.statut, a.origine,
    a.demandeur_id, a.rendez_vous_id, a.offre_expire_le,
    (SELECT b.uid FROM rendez_vous b WHERE b.id = a.rendez_vous_id AND a.statut = 'acceptee') AS rendez_vous_uid, a.offres_manquees,
    ${POSITION} AS position,
    (SELECT json_build_object('debut', ${rfc3339Sql(sql`h.debut`)}, 'fin', ${rfc3339Sql(sql`h.fin`)},
        'expire_le', ${rfc3339Sql(sql`a.offre_expire_le`)})
     FROM rendez_vous h WHERE h.id = a.rendez_vous_id AND a.statut = 'proposee') AS offre,
    coalesce((SELECT json_agg(json_build_object('nom', p.nom, 'email', p.email, 'telephone', p.telephone,
        'langue', p.langue, 'fuseau_horaire', p.fuseau_horaire) ORDER BY p.rang)
      FROM participants p WHERE p.liste_attente_id = a.id), '[]') AS participants,
    a.date_creation, a.date_modification, a.version`,
  from: FROM,
  alias: 'a',
  sortable: {
    id: { expression: 'a.id', cast: 'integer' },
    date_creation: { expression: 'a.date_creation', cast: 'timestamptz' },
    date_debut: { expression: 'a.date_debut::text', cast: 'text' },
  },
  defaultSort: 'date_creation',
};

export const LISTE_ATTENTE_SORTABLE: ListSpec['sortable'] = LIST.sortable;

export function listListesAttente(
  executor: Executor,
  access: Access,
  { prestation_id, demandeur_id, statut, debut, fin }: ListeAttenteFilters,
  page: PageRequest,
): Promise<Page<ListeAttenteAnswer>> {
  const conditions: Sql[] = [
    access.where('read', 'ListeAttente', LISTE_ATTENTE_COLUMNS),
    ...(prestation_id === undefined ? [] : [oneOf('a.prestation_id', prestation_id)]),
    ...(demandeur_id === undefined ? [] : [oneOf('a.demandeur_id', demandeur_id)]),
    ...(statut === undefined ? [] : [oneOf('a.statut', statut)]),
    ...(debut === undefined ? [] : [sql`a.date_fin >= ${debut}`]),
    ...(fin === undefined ? [] : [sql`a.date_debut <= ${fin}`]),
  ];
  return list<ListeAttenteAnswer>(executor, LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` when there is none that the caller may see. */
export async function readListeAttente(
  executor: Executor,
  access: Access,
  id: number,
): Promise<ListeAttenteAnswer> {
  const row = await queryOne<ListeAttenteAnswer>(
    executor,
    sql`SELECT ${LIST.columns} FROM ${FROM}
        WHERE a.id = ${id} AND ${access.where('read', 'ListeAttente', LISTE_ATTENTE_COLUMNS)}`,
  );
  if (row === null) throw notFound();
  return row;
}

export interface Inscription extends Souhaits {
  /** The address of the prestation. */
  prestation: string;
  duree: number | null;
  intervenant_id: number | null;
  /** The first one waits; of a workshop each is to have a place. */
  participants: ParticipantFields[];
  reponses: Record<string, unknown>;
}

interface Offerte {
  id: number;
  site_id: number | null;
  user_ids: number[];
  durees: number[];
  places: number;
  questions: Question[];
  intervenants: number[];
  liste_attente: boolean;
  calendrier: string;
}

/**
 * Puts somebody on the list of a service; a time that is free and fits is offered to them at once, when it is their turn.
 * @param sansCompte for who has no account; of an account its origin follows from its role.
 * @returns their id
 * @throws {RegieError} `INTROUVABLE` for a prestation that the caller may not see, `INTERDIT`, `VALIDATION`, and
 *   `DEJA_EXISTANT` for whoever waits for it already
 */
export async function inscrire(
  asked: AskedRendezVous,
  inscription: Inscription,
  sansCompte: 'public' | null = null,
): Promise<number> {
  const { tx, access, actor } = asked;
  const { prestation: slug, participants, reponses, ...souhaits } = inscription;
  await access.confirm(tx);
  const origine: Origine = sansCompte ?? origineOf(access);
  const offerte = await readOfferte(asked, slug);
  const demandeur_id = origine === 'client' ? actor.userId : null;
  access.require('create', 'ListeAttente', {
    demandeur_id,
    origine,
    prestation: { site_id: offerte.site_id, user_ids: offerte.user_ids },
  });
  const { zone } = calendarOf(tx, offerte.calendrier, asked.timeZone);
  refuse([
    ...faultsOfSouhaits(souhaits, dayAt(actor.now.getTime(), zone)),
    ...faultsOfDemande(offerte, inscription),
    ...faultsOfReponses(offerte.questions, reponses),
  ]);
  const { email, telephone } = participants[0]!;
  const fields = {
    ...souhaits,
    ...{ reponses, origine, demandeur_id },
    prestation_id: offerte.id,
    places: offerte.places > 1 ? participants.length : 1,
    contact: (email ?? telephone)!.toLowerCase(),
    // The order in which they came is that in which they asked.
    date_creation: actor.now,
  };
  const detail = { fr: 'Déjà sur cette liste d’attente', en: 'On this waiting list already' };
  const id = await refuseDuplicate(
    'listes_attente_une_fois',
    detail,
    async () => (await tx.insert(ListeAttente, fields as never)).identifiers[0]!.id as number,
  );
  await insertParticipants(tx, { liste_attente_id: id }, participants, zone);
  const { contact: _, reponses: __, ...known } = fields;
  await noter(asked, id, 'creation', known);
  await direAttente(asked, id, 'attente_inscrite');
  const attendue = await lockAttendue(tx, offerte.id);
  if (attendue !== null) await proposer(tx, actor, attendue);
  return id;
}

async function readOfferte({ tx, access, timeZone }: AskedRendezVous, slug: string): Promise<Offerte> {
  const row = await queryOne<Offerte>(
    tx,
    sql`SELECT f.id, f.site_id, f.durees, f.places, f.questions, f.liste_attente, ${calendrierSql(timeZone)} AS calendrier,
          ARRAY(SELECT pi.intervenant_id FROM prestations_intervenants pi WHERE pi.prestation_id = f.id) AS intervenants,
          ${raw(PRESTATION_USER_IDS)} AS user_ids
        FROM prestations f LEFT JOIN sites s ON s.id = f.site_id
        WHERE f.slug = ${slug} AND f.actif
          AND (f.visibilite = 'lien' OR ${access.where('read', 'Prestation', PRESTATION_COLUMNS)})`,
  );
  if (row === null) throw notFound();
  if (row.liste_attente) return row;
  const message = { fr: 'N’a pas de liste d’attente', en: 'Has no waiting list' };
  throw invalid({ champ: 'prestation', message });
}

const fault = (champ: string, message: Texte): FieldFault => ({ champ, message });

/** What is wrong with when somebody wants to come. @param today by the clocks of where they want to. */
export function faultsOfSouhaits(
  { date_debut, date_fin, heure_debut, heure_fin }: Souhaits,
  today: string,
): FieldFault[] {
  if (date_fin < date_debut)
    return [fault('date_fin', { fr: 'La fin précède le début', en: 'The end precedes the start' })];
  const faults: FieldFault[] = [];
  if (date_fin < today) faults.push(fault('date_fin', { fr: 'Ce jour est passé', en: 'That day is over' }));
  if (date_fin > dayAfter(date_debut, MAX_JOURS_ATTENTE - 1)) {
    const days = MAX_JOURS_ATTENTE;
    faults.push(fault('date_fin', { fr: `Au plus ${days} jours`, en: `At most ${days} days` }));
  }
  if (heure_debut !== null && heure_fin !== null && heure_fin <= heure_debut)
    faults.push(fault('heure_fin', { fr: 'La fin précède le début', en: 'The end precedes the start' }));
  return faults;
}

function faultsOfDemande(
  { durees, intervenants, places }: Offerte,
  { duree, intervenant_id, participants }: Inscription,
): FieldFault[] {
  const faults: FieldFault[] = [];
  if (duree !== null && !durees.includes(duree)) {
    const message = { fr: 'N’est pas une durée de cette prestation', en: 'Is not a length of this service' };
    faults.push(fault('duree', message));
  }
  if (intervenant_id !== null && !intervenants.includes(intervenant_id)) {
    const message = { fr: 'N’assure pas cette prestation', en: 'Does not provide this service' };
    faults.push(fault('intervenant_id', message));
  }
  if (places > 1 && participants.length > places)
    faults.push(fault('participants', { fr: `Au plus ${places}`, en: `At most ${places}` }));
  return faults;
}

/** A row with what permissions speak of, which nobody changes until the transaction ends. */
async function lock(
  { tx, access }: AskedRendezVous,
  id: number,
  action: 'update' | 'delete',
): Promise<ListeAttenteAnswer> {
  await lockAttente(tx, id);
  await access.confirm(tx);
  const row = await readListeAttente(tx, access, id);
  const of = await queryOne<{ site_id: number | null; user_ids: number[] }>(
    tx,
    sql`SELECT f.site_id, ${raw(PRESTATION_USER_IDS)} AS user_ids FROM prestations f WHERE f.id = ${row.prestation_id}`,
  );
  access.require(action, 'ListeAttente', { ...row, prestation: of! });
  return row;
}

/**
 * Changes for when somebody waits, as long as nothing is offered to them.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `TRANSITION_INVALIDE`
 */
export async function changerAttente(
  asked: AskedRendezVous,
  id: number,
  changes: { [Name in keyof Souhaits]?: Souhaits[Name] | undefined },
  expected: number | null,
): Promise<ListeAttenteAnswer> {
  const { tx, access, actor, timeZone } = asked;
  const row = await lock(asked, id, 'update');
  requireVersion(row, expected);
  if (row.statut !== 'en_attente')
    throw new RegieError('TRANSITION_INVALIDE', { extensions: { statut: row.statut } });
  const { avant, apres } = difference<ListeAttenteAnswer>(row, changes as Partial<ListeAttenteAnswer>);
  if (Object.keys(apres).length === 0) return row;
  const { date_debut, date_fin, heure_debut, heure_fin } = { ...row, ...changes } as Souhaits;
  refuse(
    faultsOfSouhaits({ date_debut, date_fin, heure_debut, heure_fin }, dayAt(actor.now.getTime(), timeZone)),
  );
  await query(
    tx,
    sql`UPDATE listes_attente SET date_debut = ${date_debut}, date_fin = ${date_fin},
          heure_debut = ${heure_debut}::text, heure_fin = ${heure_fin}::text, date_modification = ${actor.now},
          version = version + 1 WHERE id = ${id}`,
  );
  await record(tx, actor, { entite: 'liste_attente', entiteId: id, action: 'modification', avant, apres });
  return readListeAttente(tx, access, id);
}

/**
 * Leaves the list; what is held for them is offered to the next. The row stays, as what was.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE`
 */
export async function quitterAttente(asked: AskedRendezVous, id: number): Promise<void> {
  await lock(asked, id, 'delete');
  await renoncer(asked, id, true);
}

/** Lets what is offered pass, and waits on. @throws {RegieError} as {@link quitterAttente} */
export async function declinerAttente(asked: AskedRendezVous, id: number): Promise<ListeAttenteAnswer> {
  await lock(asked, id, 'update');
  await renoncer(asked, id, false);
  return readListeAttente(asked.tx, asked.access, id);
}

/** Takes what is offered. @throws {RegieError} as {@link quitterAttente}, and `accepterOffre` (`offres.ts`) */
export async function accepterAttente(asked: AskedRendezVous, id: number): Promise<ListeAttenteAnswer> {
  await lock(asked, id, 'update');
  await accepterOffre(asked, id);
  return readListeAttente(asked.tx, asked.access, id);
}
