import type { EntityManager } from 'typeorm';
import { writeTogether } from '../../db/write';
import type {
  DateDeSerie,
  DonneesSerie,
  ModeleAgendaSerie,
  ModeleSerie,
} from '../../domain/rendez-vous/textes-series';
import type { Actor } from '../actor';
import { recordAll } from '../historique';
import { type Announcement, announceSql } from '../messages/messages';
import { type MessageParticipant, writeToParticipants } from '../messages/participants';
import { canalOf, closeLinks, type Etat, etatDe } from './annonces';
import { donneesOf, type Faits, type Lecteur, lockFaits } from './faits';

/** Tells of what happens to several appointments of a series at once, in the transaction in which it does: once, of all. */

export const EVENEMENTS_SERIE = ['demande', 'confirmation', 'annulation'] as const;
export type EvenementSerie = (typeof EVENEMENTS_SERIE)[number];

export interface AnnonceDeSerie {
  serieId: string;
  evenement: EvenementSerie;
  /** Each, in the order in which they begin. */
  rendezVous: readonly RendezVousAnnonce[];
  /** Starts that could not be had. */
  sautees: readonly Date[];
}

interface RendezVousAnnonce {
  id: number;
  /** As it was before; null for one that is new. */
  avant: Etat | null;
  /** Participants who had left before, and have been told so. */
  partis: readonly number[];
}

const DIT: Record<EvenementSerie, { participant: ModeleSerie; agenda: ModeleAgendaSerie }> = {
  demande: { participant: 'rdv_serie_demande', agenda: 'agenda_serie_demande' },
  confirmation: { participant: 'rdv_serie', agenda: 'agenda_serie' },
  annulation: { participant: 'rdv_serie_annulee', agenda: 'agenda_serie_annulee' },
};

/** As `annoncer` (`annonces.ts`) does of one: the history of each, and one message to everybody whom it concerns. */
export async function annoncerSerie(
  tx: EntityManager,
  actor: Actor,
  { serieId, evenement, rendezVous, sautees }: AnnonceDeSerie,
): Promise<void> {
  const all: Faits[] = [];
  const partis = new Set(rendezVous.flatMap((one) => one.partis));
  const changes = [];
  for (const { id, avant } of rendezVous) {
    const faits = await lockFaits(tx, id);
    if (faits === null) continue;
    all.push(faits);
    changes.push({
      entite: 'rendez_vous',
      entiteId: id,
      action: evenement,
      avant: avant && { ...avant },
      apres: { ...etatDe(faits) },
    });
  }
  if (all.length === 0) return;
  await recordAll(tx, actor, changes);
  const said: Said = { serieId, evenement, sautees: sautees.map((debut) => debut.toISOString()) };
  await tellParticipants(tx, actor, all, said, partis);
  await tellAgendas(tx, actor, all, said);
  for (const faits of all) await closeLinks(tx, faits);
}

interface Said {
  serieId: string;
  evenement: EvenementSerie;
  sautees: string[];
}

/** What all of them have in common, and these of them. */
function donneesDeSerie(
  { serieId, sautees }: Said,
  dates: readonly { faits: Faits; participantId: number | null }[],
  now: Date,
  fuseau_horaire: string,
): DonneesSerie {
  const { date, prestation, lieu, fuseau_lieu, motif } = donneesOf(dates[0]!.faits, now);
  const rendez_vous = dates.map(({ faits, participantId: participant_id }): DateDeSerie => {
    const one = donneesOf(faits, now);
    const { rendez_vous_id, uid, sequence, debut, fin, salles, intervenants, a_valider } = one;
    return {
      ...{ rendez_vous_id, participant_id, uid, sequence, debut, fin, salles, intervenants, a_valider },
    };
  });
  return {
    serie_id: serieId,
    date,
    prestation,
    lieu,
    fuseau_lieu,
    fuseau_horaire,
    rendez_vous,
    sautees,
    motif,
  };
}

/** Somebody who comes has a part of their own in each; they are told of all in one message, as of their first. */
async function tellParticipants(
  tx: EntityManager,
  actor: Actor,
  all: readonly Faits[],
  said: Said,
  partis: ReadonlySet<number>,
): Promise<void> {
  const { serieId, evenement } = said;
  const modele = DIT[evenement].participant;
  const people = new Map<string, { lecteur: Lecteur; dates: { faits: Faits; participantId: number }[] }>();
  for (const faits of all) {
    for (const lecteur of faits.participants) {
      if (partis.has(lecteur.id)) continue;
      const { nom, email, telephone, fuseau_horaire } = lecteur;
      const key = JSON.stringify([nom, email, telephone, fuseau_horaire]);
      const known = people.get(key) ?? { lecteur, dates: [] };
      known.dates.push({ faits, participantId: lecteur.id });
      people.set(key, known);
    }
  }
  await writeToParticipants(
    tx,
    actor,
    [...people.values()].flatMap(({ lecteur, dates }): MessageParticipant[] => {
      const canal = canalOf(lecteur);
      if (canal === null) return [];
      return [
        {
          modele,
          donnees: donneesDeSerie(said, dates, actor.now, lecteur.fuseau_horaire),
          participantId: lecteur.id,
          canal,
          evenement: `serie:${serieId}:${evenement}:p${lecteur.id}`,
        },
      ];
    }),
  );
}

/** Each of those who receive hears of those that they receive. */
async function tellAgendas(
  tx: EntityManager,
  actor: Actor,
  all: readonly Faits[],
  said: Said,
): Promise<void> {
  const { serieId, evenement } = said;
  const modele = DIT[evenement].agenda;
  const fuseaux = new Map(all.flatMap((one) => one.intervenants).map((one) => [one.user_id, one.fuseau]));
  const announcements = [...fuseaux].map(([userId, fuseau]): Announcement => {
    const theirs = all.filter(({ intervenants }) => intervenants.some(({ user_id }) => user_id === userId));
    const dates = theirs.map((faits) => ({ faits, participantId: null }));
    const clients = [...new Set(theirs[0]!.participants.map(({ nom }) => nom))];
    return {
      modele,
      donnees: { ...donneesDeSerie(said, dates, actor.now, fuseau), clients },
      audience: { intervenant: [userId], ...(evenement === 'demande' && { responsables: true }) },
      siteId: theirs[0]!.site_id,
    };
  });
  if (announcements.length === 0) return;
  const first = all[0]!;
  const named = `serie:${serieId}:${evenement}:${first.id}`;
  await writeTogether(tx, announceSql(actor, named, announcements));
}
