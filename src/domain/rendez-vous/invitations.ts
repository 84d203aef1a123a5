import type { Contenu } from '../messages';
import type { Langue } from '../writing';
import { invitation, type Methode, type Personne, personneOf } from './ical';
import {
  type ContenuAgenda,
  type ContenuParticipant,
  type DonneesRendezVous,
  lieuText,
  MODELES_AGENDA,
  MODELES_PARTICIPANT,
  type ModeleAgenda,
  type ModeleParticipant,
} from './textes';
import {
  type ContenuAgendaSerie,
  type ContenuSerie,
  MODELES_AGENDA_SERIE,
  MODELES_SERIE,
  type ModeleAgendaSerie,
  type ModeleSerie,
} from './textes-series';

/** What a mail about an appointment tells the calendar of its reader. */

export interface PartieCalendrier {
  methode: Methode;
  contenu: string;
}

/** After which there is nothing in the reader's calendar any more; everything else is how it stands now. */
const ANNULE: ReadonlySet<ModeleParticipant | ModeleAgenda | ModeleSerie | ModeleAgendaSerie> = new Set([
  'rdv_refuse',
  'rdv_expire',
  'rdv_annule',
  'agenda_annule',
  'agenda_libere',
  'rdv_serie_annulee',
  'agenda_serie_annulee',
]);

/** Of what its reader's calendar has never heard, or nothing new is heard. */
const SANS_PARTIE: ReadonlySet<string> = new Set<ModeleParticipant>([
  'rdv_a_confirmer',
  'rdv_indisponible',
  'rdv_avis',
]);

const isAbout = (contenu: Contenu): contenu is ContenuParticipant | ContenuAgenda =>
  !SANS_PARTIE.has(contenu.modele) &&
  [...MODELES_PARTICIPANT, ...MODELES_AGENDA].some((modele) => modele === contenu.modele);

const isOfSeries = (contenu: Contenu): contenu is ContenuSerie | ContenuAgendaSerie =>
  [...MODELES_SERIE, ...MODELES_AGENDA_SERIE].some((modele) => modele === contenu.modele);

/** What is said of one appointment, as far as calendars are to know it. */
interface Dit {
  methode: Methode;
  date: string;
  prestation: string;
  lieu: DonneesRendezVous['lieu'];
  clients: readonly string[];
  rendezVous: Pick<
    DonneesRendezVous,
    'uid' | 'sequence' | 'debut' | 'fin' | 'salles' | 'intervenants' | 'a_valider'
  >;
}

function ditsOf(contenu: Contenu): Dit[] {
  if (!isAbout(contenu) && !isOfSeries(contenu)) return [];
  const { date, prestation, lieu } = contenu.donnees;
  const common = {
    methode: ANNULE.has(contenu.modele) ? ('CANCEL' as const) : ('REQUEST' as const),
    ...{ date, prestation, lieu },
    clients: 'clients' in contenu.donnees ? contenu.donnees.clients : [],
  };
  if (isAbout(contenu)) return [{ ...common, rendezVous: contenu.donnees }];
  return contenu.donnees.rendez_vous.map((rendezVous) => ({ ...common, rendezVous }));
}

/**
 * The calendar objects of a mail, one of each appointment in the order in which they are told: what was said last of each.
 * Each of a series has its own UID and changes alone, and a REQUEST may name one UID (RFC 5546, 3.2.2). Equal messages give
 * equal bytes, so that a mail that is sent again says the same.
 * @param from whom mails are from, as their header has it: who organises.
 * @param lienDe where its reader changes an appointment, by its uid; null where they can not.
 */
export function partiesCalendrier(
  contenus: readonly Contenu[],
  lecteur: Personne,
  from: string,
  { langue, lienDe }: { langue: Langue; lienDe: (uid: string) => string | null },
): PartieCalendrier[] {
  const last = new Map(contenus.flatMap(ditsOf).map((dit) => [dit.rendezVous.uid, dit]));
  return [...last.values()].map(({ methode, date, prestation, lieu, clients, rendezVous }) => {
    const { uid, sequence, debut, fin, salles, intervenants, a_valider: aValider } = rendezVous;
    const lien = lienDe(uid);
    const text = invitation({
      ...{ methode, uid, sequence, aValider, langue },
      participant: lecteur,
      organisateur: personneOf(from),
      horodatage: new Date(date),
      debut: new Date(debut),
      fin: new Date(fin),
      titre: clients.length === 0 ? prestation : `${prestation} (${clients.join(', ')})`,
      lieu: lieuText({ lieu, salles }),
      description: [intervenants.join(', '), lien ?? ''].filter((line) => line !== '').join('\n'),
      url: lien,
    });
    return { methode, contenu: text };
  });
}

/**
 * The page on which whoever comes moves or cancels what they have booked. What its link does, it does once somebody says so
 * on it: programs that follow every link of a mail change nothing.
 */
export function lienDeGestion(publicUrl: string, jeton: string | null): string | null {
  return jeton === null ? null : `${publicUrl}/rdv/gestion/${jeton}`;
}

/** The page on which whoever waits sees what is offered to them, and answers. */
export function lienDAttente(publicUrl: string, jeton: string | null): string | null {
  return jeton === null ? null : `${publicUrl}/rdv/attente/${jeton}`;
}
