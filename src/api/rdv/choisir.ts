import { dayAfter, dayAt } from '../../domain/local-time';
import { TEXTES_PAGE } from '../../domain/rendez-vous/textes-page';
import type { Langue } from '../../domain/writing';
import type { CreneauAnswer } from '../../services/rendez-vous/creneaux';
import type { PrestationPublique } from '../../services/rendez-vous/public';
import { entetes, heureDe, jourEnToutesLettres, lundiDe, moisDe, ZONES, zoneEnMots } from './dates';
import { adresse, caches, type Demande, suite } from './demande';

/** The page on which one chooses a day and a time. */

/** Days shown at a time: whole weeks. */
export const JOURS = 14;
/** Days that are looked through for the first that is free. */
export const HORIZON = 62;

/** Free times by days, of a first day and the following ones. */
export type ParJours = Readonly<Record<string, readonly CreneauAnswer[]>>;

export interface Choix {
  prestation: PrestationPublique;
  demande: Demande;
  zone: string;
  /** Monday of the first week shown. */
  premier: string;
  jours: ParJours;
  /** The first slot that is free at all, looked for where the days shown have none. */
  prochain: CreneauAnswer | null;
  now: Date;
  /** Where it leads to: the same page with other choices. */
  path: string;
  /** Of an appointment that is moved: where it is moved to, shown before it is. */
  deplace?: { path: string; garder: string } | undefined;
  probleme?: object | undefined;
}

export function vueDuChoix(choix: Choix) {
  const { prestation, demande, zone, premier, jours, prochain, now, path, deplace, probleme } = choix;
  const { langue } = demande;
  const t = TEXTES_PAGE[langue];
  const today = dayAt(now.getTime(), zone);
  const shown = Array.from({ length: JOURS }, (_, at) => dayAfter(premier, at));
  const libres = (jour: string) => jours[jour] ?? [];
  const asked = demande.jour !== undefined && libres(demande.jour).length > 0 ? demande.jour : undefined;
  const jour = asked ?? shown.find((one) => libres(one).length > 0);
  const most = Math.max(1, ...shown.map((one) => libres(one).length));
  const base = { ...suite(demande), ...(deplace ? { deplacer: 'oui' } : {}) };
  const page = (more: object, fragment?: string) =>
    adresse(path, { ...base, ...more } as Record<string, string | number | undefined>, fragment);
  const rien = jour === undefined && prochain === null && demande.du === undefined;
  return {
    etapes: etapes(langue, 0),
    prestation: fiche(prestation, demande),
    probleme,
    action: path,
    caches: caches({ acte: 'retenir', ...suite(demande) }),
    durees:
      prestation.durees.length > 1 && !deplace
        ? prestation.durees.map((duree) => ({
            nom: t.minutes(duree),
            href: adresse(path, { ...base, duree, du: demande.du, jour: demande.jour }),
            courante: duree === (demande.duree ?? prestation.durees[0]),
          }))
        : null,
    personnes:
      prestation.intervenants.length > 1
        ? [
            {
              nom: t.sansPreference,
              initiales: '',
              href: page({ personne: undefined, du: demande.du, jour: demande.jour }),
              courante: demande.personne === undefined,
            },
            ...prestation.intervenants.map(({ id, nom_public }) => ({
              nom: nom_public,
              initiales: initiales(nom_public),
              href: page({ personne: id, du: demande.du, jour: demande.jour }),
              courante: id === demande.personne,
            })),
          ]
        : null,
    rien,
    mois: moisDe(shown[0]!, shown.at(-1)!, langue),
    entetes: entetes(langue),
    avant: premier > today ? page({ du: dayAfter(premier, -JOURS) }, 'jours') : null,
    apres:
      dayAfter(premier, JOURS) <= dayAfter(today, 730)
        ? page({ du: dayAfter(premier, JOURS) }, 'jours')
        : null,
    jours: shown.map((one) => {
      const count = libres(one).length;
      return {
        numero: Number(one.slice(8)),
        // With the number as it is shown.
        nom: jourEnToutesLettres(one, langue).replace('1er', '1'),
        libres: t.libres(count),
        charge: Math.ceil((count / most) * 3),
        choisi: one === jour,
        passe: one < today,
        href: count === 0 ? null : page({ du: premier, jour: one }, 'heures'),
      };
    }),
    jour:
      jour === undefined
        ? null
        : {
            titre: t.choisirHeure(jourEnToutesLettres(jour, langue)),
            groupes: groupes(libres(jour), zone, langue).map(({ nom, heures }) => ({
              nom,
              heures: heures.map((creneau) => ({
                ...creneau,
                href: deplace
                  ? adresse(deplace.path, {
                      langue,
                      deplacer: 'oui',
                      fuseau: demande.fuseau,
                      debut: creneau.debut,
                    })
                  : null,
              })),
            })),
          },
    premier:
      prochain === null
        ? null
        : {
            nom: `${jourEnToutesLettres(prochain.debut.slice(0, 10), langue)}, ${prochain.debut.slice(11, 16)}`,
            href: page(
              { du: lundiDe(prochain.debut.slice(0, 10)), jour: prochain.debut.slice(0, 10) },
              'heures',
            ),
          },
    zone: vueDeLaZone(
      prestation,
      demande,
      zone,
      now,
      page({ fuseau: undefined, du: demande.du, jour: demande.jour }),
      {
        ...base,
        fuseau: undefined,
        du: demande.du,
        jour: demande.jour,
      },
    ),
    retour: deplace?.garder,
  };
}

/** In the morning, the afternoon, the evening: by the clocks of the zone that is shown. */
function groupes(creneaux: readonly CreneauAnswer[], zone: string, langue: Langue) {
  const t = TEXTES_PAGE[langue];
  const heures = creneaux.map(({ debut, places_restantes }) => ({
    debut,
    heure: heureDe(Date.parse(debut), zone),
    places: places_restantes === undefined ? null : t.places(places_restantes),
  }));
  const parts = [
    { nom: t.matin, from: '00:00', to: '12:00' },
    { nom: t.apresMidi, from: '12:00', to: '18:00' },
    { nom: t.soir, from: '18:00', to: '24:00' },
  ];
  return parts
    .map(({ nom, from, to }) => ({ nom, heures: heures.filter(({ heure }) => heure >= from && heure < to) }))
    .filter((groupe) => groupe.heures.length > 0);
}

function vueDeLaZone(
  { lieu, fuseau_horaire }: PrestationPublique,
  { fuseau, langue }: Demande,
  zone: string,
  now: Date,
  modele: string,
  along: Readonly<Record<string, string | number | undefined>>,
) {
  const names = [...new Set([zone, fuseau_horaire, ...ZONES])];
  return {
    nom: zone,
    choisi: fuseau ?? '',
    surPlace: estSurPlace(lieu) ? 'oui' : '',
    libelle: zoneEnMots(zone, now.getTime()),
    modele,
    caches: caches({ ...along, langue }),
    options: names.map((nom) => ({
      nom,
      libelle: zoneEnMots(nom, now.getTime()),
      courante: nom === zone,
    })),
  };
}

/** Whether one goes there: then its clocks count first. */
export function estSurPlace(lieu: PrestationPublique['lieu']): boolean {
  return lieu?.type === 'adresse' || lieu?.type === 'salle';
}

/** What stands beside each step. */
export function fiche(
  { nom, description, durees, lieu, intervenants }: PrestationPublique,
  { langue, duree, personne }: Demande,
) {
  const t = TEXTES_PAGE[langue];
  return {
    nom,
    paragraphes: description === null ? [] : description.split(/\n+/).filter((line) => line.trim() !== ''),
    duree: t.minutes(duree ?? durees[0]!),
    lieu: lieuEnMots(lieu, langue),
    personne:
      intervenants.length === 1
        ? intervenants[0]!.nom_public
        : intervenants.find(({ id }) => id === personne)?.nom_public,
  };
}

export function lieuEnMots(lieu: PrestationPublique['lieu'], langue: Langue) {
  if (lieu === null) return null;
  const { type, valeur } = lieu;
  const isAddress = type === 'adresse' || type === 'salle';
  return {
    genre: TEXTES_PAGE[langue].lieux[type],
    icone: isAddress ? 'adresse' : type,
    valeur,
    href: hrefOf(type, valeur),
  };
}

/** A link to a meeting or a number, if it is one; anything else stays text. */
function hrefOf(type: string, valeur: string | null): string | null {
  if (valeur === null) return null;
  if (type === 'visio' && /^https:\/\/\S+$/.test(valeur)) return valeur;
  return type === 'telephone' && /^\+?[\d ().-]{6,24}$/.test(valeur)
    ? `tel:${valeur.replace(/[^\d+]/g, '')}`
    : null;
}

/** The steps, and at which of them one is. */
export function etapes(langue: Langue, at: number) {
  const t = TEXTES_PAGE[langue];
  return [t.etapeCreneau, t.etapeCoordonnees, t.etapeFin].map((nom, index) => ({
    nom,
    rang: index + 1,
    etat: index < at ? 'faite' : '',
    courante: index === at,
  }));
}

function initiales(nom: string): string {
  const words = nom.split(/[\s.'’-]+/).filter((word) => word.length > 1);
  return words
    .slice(0, 2)
    .map((word) => word[0]!.toUpperCase())
    .join('');
}
