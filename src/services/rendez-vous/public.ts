import sql from 'sql-template-tag';
import { PRESTATION_COLUMNS } from '../../auth/columns';
import { publicAccess } from '../../auth/public-access';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound, RegieError } from '../../domain/errors';
import type { Confirmation, Lieu, Mode, Preavis, Question } from '../../domain/rendez-vous/prestations';
import {
  type Attente,
  mayStillBeMoved,
  type StatutParticipant,
  type StatutRendezVous,
} from '../../domain/rendez-vous/rendez-vous';
import { type RendezVousIcal, writeRendezVous } from '../../ical/rendez-vous';
import { hashJeton } from './jetons';

/** What those see who have no account: what can be booked, and by its link the part of one participant in an appointment. */

export interface PrestationPublique {
  slug: string;
  nom: string;
  description: string | null;
  durees: number[];
  mode: Mode;
  places: number;
  /** Where one meets; numbers and links are told to those who have booked. */
  lieu: { type: Lieu['type']; valeur: string | null } | null;
  questions: Question[];
  confirmation: Confirmation;
  /** Whether whoever books says from their mail that it was them. */
  confirmation_email: boolean;
  preavis: Preavis;
  /** Whether one may wait for a time of it. */
  liste_attente: boolean;
  /** Of the place, or of the house. */
  fuseau_horaire: string;
  /** Among whom one may choose; none where the house chooses. */
  intervenants: { id: number; nom_public: string }[];
}

/** Where one will meet, of the prestation `f` at the site `s`, as it is told before one has booked: no number, and no link. */
export const LIEU_AVANT = sql`CASE WHEN f.lieu IS NOT NULL THEN json_build_object('type', f.lieu ->> 'type',
  'valeur', CASE f.lieu ->> 'type' WHEN 'adresse' THEN f.lieu ->> 'valeur' WHEN 'salle' THEN s.adresse END) END`;

/** @param timeZone of what names none. @throws {RegieError} `INTROUVABLE` */
export async function readPrestationPublique(
  executor: Executor,
  slug: string,
  timeZone: string,
): Promise<PrestationPublique> {
  const row = await queryOne<PrestationPublique>(
    executor,
    sql`SELECT f.slug, f.nom, f.description, f.durees, f.mode, f.places, f.questions, f.confirmation, f.confirmation_email,
          f.preavis, f.liste_attente,
          ${LIEU_AVANT} AS lieu,
          coalesce(s.fuseau_horaire, ${timeZone}) AS fuseau_horaire,
          CASE WHEN f.mode = 'un' THEN (
            SELECT coalesce(json_agg(json_build_object('id', v.id, 'nom_public', v.nom_public) ORDER BY v.nom_public, v.id), '[]')
            FROM prestations_intervenants pi
            JOIN intervenants v ON v.id = pi.intervenant_id AND v.actif
            JOIN users u ON u.id = v.user_id AND u.is_active
            WHERE pi.prestation_id = f.id) ELSE '[]' END AS intervenants
        FROM prestations f LEFT JOIN sites s ON s.id = f.site_id
        WHERE f.slug = ${slug} AND f.actif
          AND (f.visibilite = 'lien' OR ${publicAccess().where('read', 'Prestation', PRESTATION_COLUMNS)})`,
  );
  if (row === null) throw notFound();
  return row;
}

/** How many the page of all that can be booked shows. */
const MAX_PRESTATIONS = 100;

export type PrestationResumee = Pick<PrestationPublique, 'slug' | 'nom' | 'description' | 'durees' | 'lieu'>;

/** What is shown to everybody, by name. */
export function listPrestationsPubliques(executor: Executor): Promise<PrestationResumee[]> {
  return query<PrestationResumee>(
    executor,
    sql`SELECT f.slug, f.nom, f.description, f.durees,
          CASE WHEN f.lieu IS NOT NULL THEN json_build_object('type', f.lieu ->> 'type', 'valeur', NULL) END AS lieu
        FROM prestations f
        WHERE ${publicAccess().where('read', 'Prestation', PRESTATION_COLUMNS)}
        ORDER BY f.nom, f.id LIMIT ${MAX_PRESTATIONS}`,
  );
}

/** What the link of a participant shows: the appointment, and of those who come this one alone. */
export interface Gestion {
  rendez_vous_id: number;
  participant_id: number;
  uid: string;
  prestation: { slug: string; nom: string; actif: boolean; places: number; preavis: Preavis; avis: boolean };
  debut: Date;
  fin: Date;
  statut: StatutRendezVous;
  attente: Attente | null;
  /** Until when what it waits for may come. */
  expire_le: Date | null;
  /** Whoever receives was taken by another calendar before it stood. */
  indisponible: boolean;
  sequence: number;
  date_modification: Date;
  lieu: { type: Lieu['type']; valeur: string | null } | null;
  /** Of the place, or of the house. */
  fuseau_horaire: string;
  /** Who receives, where the participant could choose them. */
  intervenants: string[];
  salles: string[];
  participant: {
    rang: number;
    nom: string;
    email: string | null;
    langue: string;
    fuseau_horaire: string;
    statut: StatutParticipant;
    /** What they thought of it; null while they have not said. */
    note: number | null;
    commentaire: string | null;
  };
  /** Whether others come to the same appointment. */
  autres: boolean;
}

/**
 * What a link opens; reading it changes nothing.
 * @param timeZone of what names none.
 * @throws {RegieError} `LIEN_INVALIDE` for a link that we never made, that has expired, or that a cancellation has revoked
 */
export async function readGestion(
  executor: Executor,
  jeton: string,
  now: Date,
  timeZone: string,
): Promise<Gestion> {
  const row = await queryOne<Gestion>(
    executor,
    sql`SELECT b.id AS rendez_vous_id, p.id AS participant_id, b.uid, b.debut, b.fin, b.statut, b.attente, b.expire_le,
          b.statut = 'refuse' AND b.annule_par = 'systeme' AS indisponible, b.sequence, b.date_modification,
          json_build_object('slug', f.slug, 'nom', f.nom, 'actif', f.actif, 'places', f.places, 'preavis', f.preavis,
            'avis', f.avis) AS prestation,
          CASE WHEN f.lieu IS NOT NULL THEN json_build_object('type', f.lieu ->> 'type', 'valeur',
            CASE f.lieu ->> 'type' WHEN 'salle' THEN s.adresse ELSE f.lieu ->> 'valeur' END) END AS lieu,
          coalesce(s.fuseau_horaire, ${timeZone}) AS fuseau_horaire,
          CASE WHEN f.mode = 'un' THEN ARRAY(
            SELECT v.nom_public FROM intervenants v WHERE v.id = ANY(b.intervenants) ORDER BY v.id) ELSE '{}' END AS intervenants,
          ARRAY(SELECT r.nom FROM salles r WHERE r.id = ANY(b.salles) ORDER BY r.id) AS salles,
          json_build_object('rang', p.rang, 'nom', p.nom, 'email', p.email, 'langue', p.langue, 'fuseau_horaire', p.fuseau_horaire,
            'statut', p.statut, 'note', p.note, 'commentaire', p.commentaire) AS participant,
          EXISTS (SELECT FROM participants o
            WHERE o.rendez_vous_id = b.id AND o.id <> p.id AND o.statut <> 'annule') AS autres
        FROM participants p
        JOIN rendez_vous b ON b.id = p.rendez_vous_id
        JOIN prestations f ON f.id = b.prestation_id
        LEFT JOIN sites s ON s.id = f.site_id
        WHERE p.jeton_hash = ${hashJeton(jeton)} AND greatest(p.jeton_expire_le, b.fin) > ${now} AND p.statut <> 'annule'
          AND b.statut <> 'retenu'`,
  );
  if (row === null) throw new RegieError('LIEN_INVALIDE');
  return row;
}

export const ACTES_PAR_LIEN = ['annuler', 'reporter', 'confirmer', 'avis'] as const;
export type ActeDeLien = (typeof ACTES_PAR_LIEN)[number];

/** What the link of a participant may do by now; `confirmer` with the code of their mail. */
export function actesPossibles(gestion: Gestion, now: Date): Record<ActeDeLien, boolean> {
  const { statut, attente, debut, prestation, participant } = gestion;
  const isAhead = (statut === 'confirme' || statut === 'a_valider') && debut > now;
  return {
    reporter:
      isAhead &&
      gestion.attente === null &&
      deplaceAussi(gestion) &&
      mayStillBeMoved(gestion.debut, prestation.preavis, now),
    annuler: isAhead,
    confirmer: isAhead && attente === 'email' && participant.rang === 1,
    avis:
      prestation.avis && statut === 'honore' && participant.statut === 'present' && participant.note === null,
  };
}

/**
 * Whether who holds the link may move the whole appointment: a place of a workshop is one's own, and moves nobody else's;
 * guests come along with who booked for them.
 */
export function deplaceAussi({ prestation, participant, autres }: Gestion): boolean {
  return !autres || (prestation.places === 1 && participant.rang === 1);
}

/** An appointment as a file for the calendar of whoever comes. */
export function fichierDe(
  gestion: Gestion,
  said: Pick<RendezVousIcal, 'titre' | 'lieu' | 'url' | 'langue'>,
): string {
  return writeRendezVous({ ...gestion, ...said, horodatage: gestion.date_modification });
}
