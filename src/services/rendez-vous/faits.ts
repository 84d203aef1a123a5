import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { queryOne } from '../../db/sql';
import type { Confirmation, Lieu, Mode, Rappel } from '../../domain/rendez-vous/prestations';
import type { Attente, StatutParticipant, StatutRendezVous } from '../../domain/rendez-vous/rendez-vous';
import type { DonneesRendezVous } from '../../domain/rendez-vous/textes';

/** All that messages about an appointment, and what follows it by itself, have to know of it: one statement. */
export interface Faits {
  id: number;
  uid: string;
  statut: StatutRendezVous;
  attente: Attente | null;
  /** Whether it is held for somebody who waits, and has been told so. */
  offert: boolean;
  sequence: number;
  seance_id: number;
  prestation_id: number;
  places: number;
  debut: Date;
  fin: Date;
  expire_le: Date | null;
  suivi_lu_le: Date | null;
  horaire_depuis: Date;
  horaire_sequence: number;
  motif_annulation: string | null;
  /** Who receives, by their ids, and where. */
  intervenant_ids: number[];
  salle_ids: number[];
  prestation: string;
  /** Where it can be booked by anybody; null where it cannot. */
  page: string | null;
  slug: string;
  mode: Mode;
  confirmation: Confirmation;
  /** Whether it is a practice's: who comes is known there alone. */
  de_cabinet: boolean;
  /** Whether those who came are asked what they thought of it. */
  avis: boolean;
  date_creation: Date;
  /** The zone of the house. */
  maison: string;
  lieu: Lieu | null;
  rappels: Rappel[];
  /** By `nomDuRappel`. */
  rappels_depuis: Record<string, string>;
  site_id: number | null;
  /** Of the site, or the house. */
  fuseau: string;
  /** How old what is known of the calendars is that they keep elsewhere, in seconds; null where there are none. */
  age_agendas: number | null;
  salles: string[];
  intervenants: { user_id: number; nom_public: string; fuseau: string }[];
  participants: Lecteur[];
}

export interface Lecteur {
  id: number;
  nom: string;
  email: string | null;
  telephone: string | null;
  fuseau_horaire: string;
  statut: StatutParticipant;
}

/** The zone of whatever names none: a setting of the connection (`db/data-source.ts`). */
export const maisonSql = sql`coalesce(nullif(current_setting('regie.fuseau', true), ''), 'UTC')`;

/** Locks an appointment and reads what is known of it; null when it is gone. */
export function lockFaits(tx: EntityManager, rendezVousId: number): Promise<Faits | null> {
  return queryOne<Faits>(
    tx,
    sql`SELECT r.id, r.uid, r.statut, r.sequence, r.seance_id, r.prestation_id, r.places, r.debut, r.fin, r.expire_le, r.suivi_lu_le,
               r.horaire_depuis, r.horaire_sequence, r.motif_annulation, r.attente, r.liste_attente_id IS NOT NULL AS offert, r.intervenants AS intervenant_ids, r.salles AS salle_ids,
               f.nom AS prestation, CASE WHEN f.actif AND f.visibilite <> 'interne' THEN f.slug END AS page, f.slug, f.mode, f.confirmation, f.avis, f.de_cabinet,
               r.date_creation, ${maisonSql} AS maison, f.lieu, f.rappels,
               f.rappels_depuis, f.site_id, coalesce(s.fuseau_horaire, ${maisonSql}) AS fuseau,
               (SELECT max(extract(epoch FROM now() - coalesce(x.rafraichi_le, 'epoch')))::integer
                FROM agendas_externes x WHERE x.actif AND x.intervenant_id = ANY(r.intervenants)) AS age_agendas,
               coalesce((SELECT json_agg(l.nom ORDER BY l.nom) FROM salles l WHERE l.id = ANY(r.salles)), '[]') AS salles,
               coalesce((
                 SELECT json_agg(json_build_object('user_id', v.user_id, 'nom_public', v.nom_public,
                   'fuseau', coalesce(v.fuseau_horaire, vs.fuseau_horaire, ${maisonSql})) ORDER BY v.id)
                 FROM intervenants v LEFT JOIN sites vs ON vs.id = v.site_id WHERE v.id = ANY(r.intervenants)), '[]')
                 AS intervenants,
               coalesce((
                 SELECT json_agg(json_build_object('id', p.id, 'nom', p.nom, 'email', p.email, 'telephone', p.telephone,
                   'fuseau_horaire', p.fuseau_horaire, 'statut', p.statut) ORDER BY p.rang)
                 FROM participants p WHERE p.rendez_vous_id = r.id), '[]') AS participants
        FROM rendez_vous r JOIN prestations f ON f.id = r.prestation_id LEFT JOIN sites s ON s.id = f.site_id
        WHERE r.id = ${rendezVousId} FOR NO KEY UPDATE OF r`,
  );
}

/** By which clocks it is known when its evening is: those of its site, or the house; of a practice those of who receives. */
export function fuseauDe({ de_cabinet, fuseau, intervenants }: Faits): string {
  return de_cabinet ? (intervenants[0]?.fuseau ?? fuseau) : fuseau;
}

/** Whether one meets at a place, whose clocks count first then. */
export function isInPerson(lieu: Faits['lieu']): boolean {
  return lieu === null || lieu.type === 'adresse' || lieu.type === 'salle';
}

/** What of it every message tells. */
export function donneesOf(faits: Faits, date: Date, avant: Date | null = null): DonneesRendezVous {
  const { lieu } = faits;
  return {
    rendez_vous_id: faits.id,
    uid: faits.uid,
    sequence: faits.sequence,
    date: date.toISOString(),
    prestation: faits.prestation,
    page: faits.page,
    limite: faits.attente === 'email' ? (faits.expire_le?.toISOString() ?? null) : null,
    debut: faits.debut.toISOString(),
    fin: faits.fin.toISOString(),
    avant: avant === null ? null : avant.toISOString(),
    lieu,
    fuseau_lieu: isInPerson(lieu) ? faits.fuseau : null,
    salles: faits.salles,
    intervenants: faits.intervenants.map(({ nom_public }) => nom_public),
    motif: faits.motif_annulation,
    a_valider: faits.statut === 'a_valider',
  };
}
