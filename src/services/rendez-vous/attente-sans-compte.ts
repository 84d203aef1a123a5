import sql from 'sql-template-tag';
import { publicAccess } from '../../auth/public-access';
import { type Executor, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import type { StatutAttente } from '../../domain/rendez-vous/attente';
import type { Lieu } from '../../domain/rendez-vous/prestations';
import { type Inscription, inscrire, POSITION } from './attente';
import { hashJeton, jetonDAttente, jetonDe, ouvrirLien, ouvrirLienDAttente } from './jetons';
import { accepterOffre, renoncer } from './offres';
import { LIEU_AVANT } from './public';
import type { SansCompte } from './sans-compte';

/** Waiting without an account: by the link of a mail one sees what is offered, takes it, lets it pass, or leaves the list. */

/** What the link of somebody who waits shows. */
export interface AttenteParLien {
  liste_attente_id: number;
  participant_id: number;
  prestation: { slug: string; nom: string; actif: boolean };
  statut: StatutAttente;
  date_debut: string;
  date_fin: string;
  heure_debut: string | null;
  heure_fin: string | null;
  position: number | null;
  /** The time that is held for them, as long as it is. */
  offre: { debut: Date; fin: Date; expire_le: Date; salles: string[]; intervenants: string[] } | null;
  lieu: { type: Lieu['type']; valeur: string | null } | null;
  /** Of the place, or of the house. */
  fuseau_horaire: string;
  participant: { nom: string; email: string | null; langue: string; fuseau_horaire: string };
}

/** Puts somebody on a list, and opens their link. @throws {RegieError} as `inscrire` */
export async function inscrireSansCompte(
  { tx, secrets, actor, timeZone }: SansCompte,
  inscription: Inscription,
): Promise<{ attente: AttenteParLien; jeton: string }> {
  const id = await inscrire({ tx, access: publicAccess(), actor, timeZone }, inscription, 'public');
  const waiting = await queryOne<{ id: number }>(
    tx,
    sql`SELECT p.id FROM participants p WHERE p.liste_attente_id = ${id} AND p.rang = 1`,
  );
  const jeton = jetonDAttente(secrets, id, waiting!.id);
  await ouvrirLienDAttente(tx, waiting!.id, jeton, inscription.date_fin);
  return { attente: await readAttenteParLien(tx, jeton.jeton, actor.now, timeZone), jeton: jeton.jeton };
}

/**
 * What a link opens; reading it changes nothing.
 * @param timeZone of what names none.
 * @throws {RegieError} `LIEN_INVALIDE` for a link that we never made, or that has expired
 */
export async function readAttenteParLien(
  executor: Executor,
  jeton: string,
  now: Date,
  timeZone: string,
): Promise<AttenteParLien> {
  const row = await queryOne<AttenteParLien>(
    executor,
    sql`SELECT a.id AS liste_attente_id, p.id AS participant_id, a.statut, a.date_debut::text, a.date_fin::text, a.heure_debut,
          a.heure_fin, json_build_object('slug', f.slug, 'nom', f.nom, 'actif', f.actif) AS prestation,
          ${POSITION} AS position,
          h.debut AS offre_debut, h.fin AS offre_fin, a.offre_expire_le,
          CASE WHEN f.mode = 'un' THEN ARRAY(
            SELECT v.nom_public FROM intervenants v WHERE v.id = ANY(h.intervenants) ORDER BY v.id) ELSE '{}' END AS noms,
          ARRAY(SELECT r.nom FROM salles r WHERE r.id = ANY(h.salles) ORDER BY r.id) AS salles,
          ${LIEU_AVANT} AS lieu,
          coalesce(s.fuseau_horaire, ${timeZone}) AS fuseau_horaire,
          json_build_object('nom', p.nom, 'email', p.email, 'langue', p.langue, 'fuseau_horaire', p.fuseau_horaire) AS participant
        FROM participants p
        JOIN listes_attente a ON a.id = p.liste_attente_id
        JOIN prestations f ON f.id = a.prestation_id
        LEFT JOIN sites s ON s.id = f.site_id
        LEFT JOIN rendez_vous h ON h.id = a.rendez_vous_id AND h.statut = 'retenu' AND a.offre_expire_le > ${now}
        WHERE p.jeton_hash = ${hashJeton(jeton)} AND p.jeton_expire_le > ${now}`,
  );
  if (row === null) throw new RegieError('LIEN_INVALIDE');
  const { offre_debut, offre_fin, offre_expire_le, noms, salles, ...attente } = row as AttenteParLien & {
    offre_debut: Date | null;
    offre_fin: Date | null;
    offre_expire_le: Date | null;
    noms: string[];
    salles: string[];
  };
  const offre =
    offre_debut === null
      ? null
      : { debut: offre_debut, fin: offre_fin!, expire_le: offre_expire_le!, salles, intervenants: noms };
  return { ...attente, offre };
}

export const ACTES_ATTENTE = ['accepter', 'decliner', 'quitter'] as const;
export type ActeAttente = (typeof ACTES_ATTENTE)[number];

/** What the link of somebody who waits may do by now. */
export function actesAttente({ statut, offre }: Pick<AttenteParLien, 'statut' | 'offre'>): ActeAttente[] {
  if (offre !== null) return [...ACTES_ATTENTE];
  return statut === 'en_attente' ? ['quitter'] : [];
}

/** What was booked by a link, and the one by which it is looked after from then on. */
export interface AccepteParLien {
  rendez_vous_id: number;
  jeton: string;
}

/**
 * Takes what is offered, lets it pass, or leaves the list.
 * @returns what was booked; null for the other two
 * @throws {RegieError} `LIEN_INVALIDE`, `TRANSITION_INVALIDE`, and as `accepterOffre` (`offres.ts`)
 */
export async function repondreParLien(
  asked: SansCompte,
  jeton: string,
  acte: ActeAttente,
): Promise<AccepteParLien | null> {
  const { tx, secrets, actor, timeZone } = asked;
  const { liste_attente_id: id } = await readAttenteParLien(tx, jeton, actor.now, timeZone);
  if (acte !== 'accepter') {
    await renoncer({ tx, actor }, id, acte === 'quitter');
    return null;
  }
  const { rendez_vous_id, uid, participant_id, fin } = await accepterOffre({ tx, actor, timeZone }, id);
  const own = jetonDe(secrets, { id: participant_id, uid });
  await ouvrirLien(tx, participant_id, own, fin);
  return { rendez_vous_id, jeton: own.jeton };
}
