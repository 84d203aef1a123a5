import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { type Executor, queryOne } from '../../db/sql';
import { DELAI_A_QUALIFIER, type StatutRendezVousCabinet } from '../../domain/cabinet/rendez-vous';
import type { ContenuRappelPatient, LieuDuRappel } from '../../domain/cabinet/textes';
import { dayAt } from '../../domain/local-time';
import type { CanalSortant } from '../../domain/messages/canaux';
import type { Fonction } from '../../domain/roles';
import { systemActor } from '../actor';
import { writeToDesk } from '../messages/cabinets';
import { SansObjet } from '../messages/outbox';
import { canauxConsentis } from './canaux';
import { coordonneesDe, type Somebody } from './patients';
import { inEveryCabinet } from './transactions';

/**
 * What the system says for a practice by itself: that somebody comes, to them, and in the evening to its desk how many nobody
 * has settled. What names people is read where it leaves, over the connections of what is medical, and kept nowhere.
 */

/** A reminder or an offer, ready to leave. */
export interface RappelRempli {
  /** An address or a number, as the channel has it. */
  destination: string;
  lieu: LieuDuRappel;
}

interface RappelRow {
  cabinet_id: number;
  patient_id: number;
  statut: StatutRendezVousCabinet;
  debut: Date;
  offre_expire_le: Date | null;
  praticien: string;
  adresse: string | null;
  telephone: string | null;
  fuseau_horaire: string;
}

/** In which state an appointment has to be when something about it leaves. */
const STANDS: Readonly<Record<ContenuRappelPatient['modele'], StatutRendezVousCabinet>> = {
  cabinet_rappel: 'confirme',
  cabinet_offre: 'propose',
};

/**
 * What a message to a patient says, and where it goes: asked of the appointment once more.
 * @throws {SansObjet} when it goes to nobody, in words that name nobody.
 */
export function remplirRappel(
  medical: DataSource,
  secrets: Secrets,
  rendezVousId: number,
  { modele, donnees: { debut } }: ContenuRappelPatient,
  { canal, now }: { canal: CanalSortant; now: Date },
): Promise<RappelRempli> {
  return inEveryCabinet(medical, async (tx) => {
    const row = await queryOne<RappelRow>(
      tx,
      sql`SELECT r.cabinet_id, r.patient_id, r.statut, r.debut, a.offre_expire_le, c.adresse, c.telephone, c.fuseau_horaire,
            concat_ws(' ', d.titre, u.prenom, u.nom) AS praticien
          FROM medical.rendez_vous_patients r JOIN medical.cabinets c ON c.id = r.cabinet_id
          JOIN medical.praticiens d ON d.cabinet_id = r.cabinet_id AND d.id = r.praticien_id
          JOIN users u ON u.id = d.user_id
          LEFT JOIN medical.attentes_patients a ON a.cabinet_id = r.cabinet_id AND a.id = r.attente_id
          WHERE r.rendez_vous_id = ${rendezVousId}`,
    );
    if (row === null || row.statut !== STANDS[modele] || row.debut.getTime() !== Date.parse(debut)) {
      throw new SansObjet('The appointment does not stand');
    }
    if (row.debut <= now) throw new SansObjet('The appointment has begun');
    if (modele === 'cabinet_offre' && row.offre_expire_le! <= now) throw new SansObjet('The offer is over');
    const { cabinet_id, patient_id, adresse, telephone, praticien, fuseau_horaire } = row;
    // Also of who has died, in the same words: this one stands in the outbox, which knows nothing of patients.
    const chosen = await canalDuPatient({ tx, secrets }, { id: patient_id, cabinet_id });
    if (chosen === null || chosen.canal !== canal) throw new SansObjet('Not the channel of who comes');
    return { destination: chosen.destination, lieu: { adresse, telephone, praticien, fuseau_horaire } };
  });
}

/** The one channel by which a patient is reminded: the first to which they agree, and by which they are reached. */
async function canalDuPatient(
  asked: { tx: EntityManager; secrets: Secrets },
  patient: Somebody,
): Promise<{ canal: CanalSortant; destination: string } | null> {
  const canaux = await canauxConsentis(asked, patient);
  const { email, telephone } = await coordonneesDe(asked, patient);
  if (canaux.includes('email') && email !== null) return { canal: 'email', destination: email };
  if (canaux.includes('sms') && telephone !== null) return { canal: 'sms', destination: telephone };
  return null;
}

interface DeskRow {
  cabinet_id: number;
  fuseau_horaire: string;
  nombre: number;
  membres: { user_id: number; fonction: Fonction; debut: string; fin: string | null }[];
}

/**
 * In the evening: tells the desk of the practice of an appointment how many of its appointments nobody has settled. Once a
 * day, however often this is run; whoever runs the practice is told where there is nobody at the desk.
 */
export async function tellDesk(
  db: Executor,
  medical: DataSource,
  rendezVousId: number,
  now: Date,
): Promise<void> {
  const since = new Date(now.getTime() - DELAI_A_QUALIFIER);
  const found = await inEveryCabinet(medical, (tx) =>
    queryOne<DeskRow>(
      tx,
      sql`SELECT c.id AS cabinet_id, c.fuseau_horaire,
            (SELECT count(*)::integer FROM medical.rendez_vous_patients q
             WHERE q.cabinet_id = c.id AND q.statut = 'confirme' AND q.debut <= ${since}) AS nombre,
            coalesce((SELECT json_agg(json_build_object('user_id', m.user_id, 'fonction', m.fonction, 'debut', m.date_debut,
                'fin', m.date_fin) ORDER BY m.user_id)
              FROM medical.membres_cabinet m
              WHERE m.cabinet_id = c.id AND m.fonction IN ('secretaire', 'gerant')), '[]') AS membres
          FROM medical.rendez_vous_patients r JOIN medical.cabinets c ON c.id = r.cabinet_id
          WHERE r.rendez_vous_id = ${rendezVousId}`,
    ),
  );
  if (found === null || found.nombre === 0) return;
  const { cabinet_id, fuseau_horaire, nombre, membres } = found;
  const jour = dayAt(now.getTime(), fuseau_horaire);
  const today = membres.filter(({ debut, fin }) => debut <= jour && (fin === null || jour <= fin));
  const desk = today.filter(({ fonction }) => fonction === 'secretaire');
  const told = new Set((desk.length > 0 ? desk : today).map(({ user_id }) => user_id));
  await writeToDesk(
    db,
    systemActor(now, `cabinet-soir-${cabinet_id}-${jour}`),
    [...told].map((destinataireId) => ({
      contenu: { modele: 'cabinet_a_qualifier', donnees: { cabinet_id, jour, nombre } },
      destinataireId,
      evenement: `cabinet-soir:${cabinet_id}:${jour}:u${destinataireId}`,
    })),
  );
}
