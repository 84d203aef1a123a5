import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vueDuChoix } from '../../src/api/rdv/choisir';
import type { Demande } from '../../src/api/rdv/demande';
import { vueDuFormulaire } from '../../src/api/rdv/formulaire';
import { vueDuRendezVous } from '../../src/api/rdv/gerer';
import { ecrire, type Page } from '../../src/api/rdv/rendu';
import { encreSur, lisibleSurBlanc } from '../../src/domain/couleurs';
import { TEXTES_PAGE } from '../../src/domain/rendez-vous/textes-page';
import type { Langue } from '../../src/domain/writing';
import type { Maison } from '../../src/services/parametres';
import type { Gestion, PrestationPublique } from '../../src/services/rendez-vous/public';
import { projectRoot } from './paths';

/** The pages of a booking as pictures show them: made up, and always the same. */

const COULEUR = '#0f5e6e';
const MAISON: Maison = {
  nom: 'Maison Zellige',
  couleur: COULEUR,
  encre: encreSur(COULEUR),
  couleur_texte: lisibleSurBlanc(COULEUR),
  coordonnees: ['12, rue des Orangers, Rabat'],
  langue: 'fr',
  logo: null,
};

const ZONE = 'Africa/Casablanca';
const NOW = new Date('2026-12-01T08:00:00Z');
const DEBUT = new Date('2026-12-03T10:30:00Z');
const FIN = new Date('2026-12-03T11:00:00Z');
const AUTRE = new Date('2026-12-08T14:00:00Z');

const PRESTATION: PrestationPublique = {
  slug: 'premier-conseil',
  nom: 'Premier conseil',
  description: 'Un échange pour comprendre votre projet et vous orienter.',
  durees: [30, 60],
  mode: 'un',
  places: 1,
  lieu: { type: 'adresse', valeur: '12, rue des Orangers, Rabat' },
  questions: [
    { nom: 'projet', libelle: 'Votre projet en quelques mots', type: 'texte_long', obligatoire: true },
  ],
  confirmation: 'immediate',
  confirmation_email: false,
  liste_attente: false,
  preavis: { creer: 0, modifier: 0, annuler: 0 },
  fuseau_horaire: ZONE,
  intervenants: [
    { id: 1, nom_public: 'Nadia El Fassi' },
    { id: 2, nom_public: 'Youssef Amrani' },
  ],
};

const GESTION: Gestion = {
  rendez_vous_id: 1,
  participant_id: 1,
  uid: 'dQ3mGx0bTk2vYw1sPz8aRA',
  prestation: {
    avis: false,
    slug: PRESTATION.slug,
    nom: PRESTATION.nom,
    actif: true,
    places: 1,
    preavis: PRESTATION.preavis,
  },
  debut: DEBUT,
  fin: FIN,
  statut: 'confirme',
  attente: null,
  expire_le: null,
  indisponible: false,
  sequence: 0,
  date_modification: NOW,
  lieu: PRESTATION.lieu,
  fuseau_horaire: ZONE,
  intervenants: ['Nadia El Fassi'],
  salles: [],
  participant: {
    rang: 1,
    nom: 'Amal Idrissi',
    email: 'amal@example.com',
    langue: 'fr',
    fuseau_horaire: ZONE,
    statut: 'attendu',
    note: null,
    commentaire: null,
  },
  autres: false,
};

export const ETAPES_RDV = ['creneau', 'coordonnees', 'pris', 'fait', 'deplacer', 'annuler'] as const;
export type EtapeRdv = (typeof ETAPES_RDV)[number];

/** A step as one document, with its styles inside. */
export function pageRdv(etape: EtapeRdv, langue: Langue): string {
  const html = ecrire(MAISON, { ...bodies[etape](langue), langue }, '/rdv/premier-conseil');
  const style = readFileSync(join(projectRoot, 'src', 'api', 'rdv', 'style.css'), 'utf8');
  return html
    .replace('<link rel="stylesheet" href="/rdv/style.css">', `<style>${style}</style>`)
    .replace('<script src="/rdv/browser.js" defer></script>', '');
}

const bodies: Readonly<Record<EtapeRdv, (langue: Langue) => Omit<Page, 'langue'>>> = {
  creneau: (langue) => ({
    corps: 'choisir',
    titre: PRESTATION.nom,
    public: true,
    vue: vueDuChoix({
      prestation: PRESTATION,
      demande: { ...demande(langue), jour: '2026-12-03' },
      zone: ZONE,
      premier: '2026-11-30',
      jours: JOURS,
      prochain: null,
      now: NOW,
      path: '/rdv/premier-conseil',
    }),
  }),
  coordonnees: (langue) => formulaire(langue, null),
  pris: (langue) =>
    formulaire(langue, {
      titre: TEXTES_PAGE[langue].pris,
      alternatives: ['11:00', '15:00', '15:30'].map((time) => ({ debut: `2026-12-03T${time}:00Z` })),
    }),
  fait: (langue) => rendezVous(langue, { fait: 'oui' }),
  deplacer: (langue) => rendezVous(langue, {}, { nouveau: AUTRE }),
  annuler: (langue) => rendezVous(langue, {}, { annulation: true }),
};

function demande(langue: Langue): Demande {
  return {
    langue,
    duree: undefined,
    personne: undefined,
    fuseau: undefined,
    du: undefined,
    jour: undefined,
    debut: undefined,
    retenue: undefined,
    expire: undefined,
    visiteur: undefined,
  };
}

function formulaire(
  langue: Langue,
  probleme: Parameters<typeof vueDuFormulaire>[0]['probleme'],
): Omit<Page, 'langue'> {
  const held = probleme === null ? { retenue: 'x', expire: new Date(NOW.getTime() + 300_000) } : {};
  return {
    corps: 'formulaire',
    titre: PRESTATION.nom,
    public: false,
    vue: vueDuFormulaire({
      prestation: PRESTATION,
      demande: { ...demande(langue), ...held },
      debut: DEBUT,
      fin: FIN,
      zone: ZONE,
      path: '/rdv/premier-conseil',
      preuve: { defi: '', bits: 0 },
      now: NOW,
      saisi:
        probleme === null ? {} : { nom: 'Amal Idrissi', email: 'amal@example.com', q_projet: 'Une boutique' },
      fautes: new Map(),
      verification: false,
      probleme,
    }),
  };
}

function rendezVous(
  langue: Langue,
  champs: Record<string, string>,
  montre: Parameters<typeof vueDuRendezVous>[2] = {},
): Omit<Page, 'langue'> {
  const shown = { demande: demande(langue), champs, now: NOW, path: '/rdv/gestion/jeton' };
  const { titre, vue } = vueDuRendezVous(shown, GESTION, montre);
  return { corps: 'gestion', titre, public: false, vue };
}

/** Free times of two weeks, fewer from day to day. */
const JOURS = Object.fromEntries(
  ['2026-12-01', '2026-12-02', '2026-12-03', '2026-12-04', '2026-12-07', '2026-12-08', '2026-12-10'].map(
    (jour, at) => [
      jour,
      ['09:00', '09:30', '10:30', '11:00', '14:00', '15:00', '15:30', '16:30', '18:00']
        .filter((_, index) => (index * 7 + at * 3) % 9 > at)
        .map((time) => ({ debut: `${jour}T${time}:00+00:00`, fin: `${jour}T${time}:00+00:00` })),
    ],
  ),
);
