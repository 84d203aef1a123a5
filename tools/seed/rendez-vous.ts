import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Access } from '../../src/auth/access';
import type { Principal } from '../../src/auth/principal';
import { Prestation } from '../../src/db/rendez-vous/prestations';
import { Participant, RendezVous, Seance } from '../../src/db/rendez-vous/rendez-vous';
import { RegieError } from '../../src/domain/errors';
import { dayAfter, dayAt, startOfDay } from '../../src/domain/local-time';
import type { BesoinDeSalles, Mode } from '../../src/domain/rendez-vous/prestations';
import type { Actor } from '../../src/services/actor';
import { listCreneaux } from '../../src/services/rendez-vous/creneaux';
import { INTERVENANTS } from '../../src/services/rendez-vous/intervenants';
import { PRESTATIONS } from '../../src/services/rendez-vous/prestations';
import type { AskedRendezVous } from '../../src/services/rendez-vous/refus';
import { reserver } from '../../src/services/rendez-vous/reservation';
import { SALLES } from '../../src/services/rendez-vous/salles';

/**
 * The consulting house of the site: those who oversee it, and two advisers, receive its clients in two rooms, and hold
 * workshops.
 */

/** Something that can be booked: with whom, for how many minutes, for how many. */
interface Offre {
  slug: string;
  nom: string;
  description: string;
  mode: Mode;
  durees: number[];
  places: number;
  salles: BesoinDeSalles[];
  tampon_apres: number;
}

const SALLE_CALME: BesoinDeSalles = { etiquettes: ['calme'], nombre: 1 };
const SALLE_ATELIER: BesoinDeSalles = { etiquettes: ['atelier'], nombre: 1 };

export const OFFRES: readonly Offre[] = [
  {
    slug: 'conseil-energie',
    nom: 'Conseil en énergie',
    description: 'Où part l’énergie d’une machine, et ce qui peut y être fait.',
    mode: 'tour_de_role',
    durees: [30, 60],
    places: 1,
    salles: [],
    tampon_apres: 10,
  },
  {
    slug: 'demonstration-diagnostic',
    nom: 'Démonstration de diagnostic',
    description: 'Vibrations et thermographie, sur une machine qui tourne.',
    mode: 'un',
    durees: [45],
    places: 1,
    salles: [SALLE_CALME],
    tampon_apres: 15,
  },
  {
    slug: 'atelier-consignation',
    nom: 'Atelier de consignation',
    description: 'Mettre une machine hors énergie et le prouver, à huit.',
    mode: 'un',
    durees: [120],
    places: 8,
    salles: [SALLE_ATELIER],
    tampon_apres: 30,
  },
];

const SALLES_DE_LA_MAISON = [
  { nom: 'Salle Atlas', capacite: 4, etiquettes: ['calme'] },
  { nom: 'Atelier de formation', capacite: 12, etiquettes: ['atelier'] },
] as const;

export interface Receveur {
  userId: number;
  nomPublic: string;
}

/** Who comes to what is booked. */
export interface Venant {
  prenom: string;
  nom: string;
  email: string;
}

/** Where the house is, who receives there, and who comes. */
export interface MaisonDeConseil {
  site_id: number;
  receveurs: readonly Receveur[];
  venants: readonly Venant[];
  timeZone: string;
}

/**
 * Writes the house down, on one site, in the name of an administrator, through the use cases of the API: who receives, in
 * which rooms, what can be booked, and what is booked of the next two weeks. What lies behind is rows of which nobody is told.
 */
export async function fillRendezVous(
  tx: EntityManager,
  admin: Principal,
  actor: Actor,
  { site_id, receveurs, venants, timeZone }: MaisonDeConseil,
): Promise<void> {
  const asked = { tx, access: new Access(admin), actor };
  const intervenants: number[] = [];
  for (const { userId, nomPublic } of receveurs) {
    const { id } = await INTERVENANTS.create(asked, {
      user_id: userId,
      nom_public: nomPublic,
      site_id,
      fuseau_horaire: null,
      pays: null,
      horaires: null,
      exceptions: [],
      absences: [],
      actif: true,
    });
    intervenants.push(id);
  }
  for (const { nom, capacite, etiquettes } of SALLES_DE_LA_MAISON) {
    const fields = { nom, site_id, capacite, etiquettes: [...etiquettes] };
    await SALLES.create(asked, { ...fields, horaires: null, exceptions: [], actif: true });
  }
  for (const offre of OFFRES) {
    await PRESTATIONS.create(asked, {
      ...offre,
      site_id,
      tampon_avant: 0,
      pas: 30,
      preavis: { creer: 120, modifier: 24 * 60, annuler: 24 * 60 },
      fenetre: { jours: 60 },
      plafonds: { par_client_actifs: 3 },
      confirmation: 'immediate',
      confirmation_email: false,
      avis: true,
      visibilite: 'publique',
      questions: [{ nom: 'sujet', libelle: 'De quoi s’agit-il ?', type: 'texte', obligatoire: false }],
      lieu: offre.salles.length === 0 ? { type: 'telephone' } : { type: 'salle' },
      rappels: [{ avant: 'P1D', canal: 'email' }],
      liste_attente: offre.places > 1,
      rejouer_regle: offre.places === 1 ? 10 : null,
      actif: true,
      intervenants: intervenants.map((id) => ({ id, obligatoire: false, priorite: 0, poids: 1 })),
    });
  }
  await reserverAVenir({ ...asked, timeZone }, venants);
  await remplirLePasse(tx, actor.now, { intervenants, receveurs, venants, timeZone });
}

/** How far ahead something is booked, in days, and how many slots lie between one that is and the next. */
const A_VENIR = 14;
const ECART = 9;

async function reserverAVenir(asked: AskedRendezVous, venants: readonly Venant[]): Promise<void> {
  const { tx, access, actor, timeZone } = asked;
  const today = dayAt(actor.now.getTime(), timeZone);
  const days = { debut: dayAfter(today, 1), fin: dayAfter(today, A_VENIR) };
  let next = 0;
  for (const { slug, places, nom } of OFFRES) {
    const found = await listCreneaux(tx, access, { prestation: slug }, days, actor.now, timeZone);
    const slots = Object.values(found).flat();
    const chosen =
      places > 1 ? slots.slice(2, 3) : slots.filter((_, index) => index % ECART === 2).slice(0, 6);
    for (const { debut } of chosen) {
      // A workshop fills up, but for some places.
      for (let seat = 0; seat < Math.ceil(places / 2); seat++) {
        const venant = venants[next++ % venants.length]!;
        await reserver(
          asked,
          {
            prestation: slug,
            debut: new Date(debut),
            participants: [participantDe(venant)],
            reponses: { sujet: nom },
          },
          { appelant: 'seed' },
        ).catch((error: unknown) => {
          // What has been booked meanwhile takes people and rooms of what comes later.
          if (!(error instanceof RegieError) || error.code !== 'CRENEAU_PRIS') throw error;
        });
      }
    }
  }
}

const participantDe = ({ prenom, nom, email }: Venant) => ({
  ...{ nom: `${prenom} ${nom}`, email, telephone: null },
  ...{ langue: 'fr' as const, fuseau_horaire: null },
});

/** How many days lie behind the house, and what became of its appointments, in turn. */
const DERRIERE = 28;
const DEVENUS = ['honore', 'honore', 'absent', 'honore', 'honore', 'annule', 'honore'] as const;
const NOTES = [5, 4, null, 5, 3] as const;
/** Minutes after midnight at which each of those who receive had somebody. */
const HEURES = [9 * 60, 11 * 60, 14 * 60 + 30];

async function remplirLePasse(
  tx: EntityManager,
  now: Date,
  {
    intervenants,
    receveurs,
    venants,
    timeZone,
  }: Omit<MaisonDeConseil, 'site_id'> & { intervenants: readonly number[] },
): Promise<void> {
  const conseil = OFFRES[0]!;
  const [duree] = conseil.durees as [number];
  const prestation = await tx.findOneByOrFail(Prestation, { slug: conseil.slug });
  const today = dayAt(now.getTime(), timeZone);
  let number = 0;
  for (let ago = DERRIERE; ago > 0; ago--) {
    const day = dayAfter(today, -ago);
    if (new Date(`${day}T12:00:00Z`).getUTCDay() % 6 === 0) continue;
    for (const [rank, intervenant] of intervenants.entries()) {
      const debut = new Date(startOfDay(day, timeZone) + HEURES[(rank + ago) % HEURES.length]! * MINUTE);
      const common = {
        ...{ prestation_id: prestation.id, intervenants: [intervenant], salles: [], debut },
        fin: new Date(debut.getTime() + duree * MINUTE),
      };
      const statut = DEVENUS[number % DEVENUS.length]!;
      const came = statut === 'honore';
      const note = came ? NOTES[number % NOTES.length]! : null;
      const { tampon_avant, tampon_apres } = prestation;
      const prises = statut === 'annule' ? 0 : 1;
      const seance = await tx.save(
        tx.create(Seance, { ...common, tampon_avant, tampon_apres, places: 1, prises }),
      );
      const booked = new Date(debut.getTime() - (1 + (number % 6)) * DAY);
      const { id } = await tx.save(
        tx.create(RendezVous, {
          ...common,
          ...{ uid: randomBytes(16).toString('base64url'), seance_id: seance.id, statut },
          ...{
            user_ids: [receveurs[rank]!.userId],
            origine: 'public',
            sequence: statut === 'annule' ? 1 : 0,
          },
          ...(statut === 'annule' && { annule_par: 'client', tardif: false }),
          // All of it is over: nothing follows.
          ...{ date_creation: booked, horaire_depuis: booked, suivi_le: null },
        }),
      );
      const { nom, email } = participantDe(venants[number % venants.length]!);
      await tx.insert(Participant, {
        ...{ rendez_vous_id: id, rang: 1, nom, email, langue: 'fr', fuseau_horaire: timeZone },
        statut: came ? 'present' : statut,
        ...{ note, avis_le: note === null ? null : common.fin },
      });
      number++;
    }
  }
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
