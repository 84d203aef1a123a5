import sharp from 'sharp';
import type { Langue } from '../../src/domain/writing';
import { type Image, PAPIER_USUEL, type Papier } from '../../src/pdf/papier';
import type { DonneesEquipement } from '../../src/pdf/rapports/equipement';
import type { DonneesRapport } from '../../src/pdf/rapports/intervention';
import type { DonneesMois } from '../../src/pdf/rapports/mois';
import type { DonneesSemaine } from '../../src/pdf/rapports/semaine';
import type { Rapport } from '../../src/pdf/render';

/** One report of each kind with something in each of its elements, in the words of people of that language. */

const COMMON = { date_rapport: '2026-12-21T13:12:00.000Z', fuseau_horaire: 'Africa/Casablanca' };

async function drawn(svg: string, format: 'png' | 'jpeg'): Promise<Image> {
  const { data, info } = await sharp(Buffer.from(svg)).toFormat(format).toBuffer({ resolveWithObject: true });
  return { octets: new Uint8Array(data), largeur: info.width, hauteur: info.height };
}

const photo = (sky: string, ground: string) =>
  drawn(
    `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="480"><rect width="720" height="480" fill="${sky}"/>
     <rect y="300" width="720" height="180" fill="${ground}"/><rect x="180" y="120" width="360" height="240" rx="24" fill="#4b5a66"/>
     <circle cx="360" cy="240" r="70" fill="#c9d3da"/><circle cx="360" cy="240" r="34" fill="${ground}"/></svg>`,
    'jpeg',
  );

/** The paper of a house with a logo and a colour of its own. */
export async function papier(langue: Langue, couleur = '#0f766e'): Promise<Papier> {
  const logo = await drawn(
    `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="80"><rect width="80" height="80" rx="16" fill="${couleur}"/>
     <circle cx="40" cy="40" r="22" fill="#fff"/><rect x="100" y="20" width="140" height="14" rx="7" fill="${couleur}"/>
     <rect x="100" y="46" width="90" height="14" rx="7" fill="${couleur}"/></svg>`,
    'png',
  );
  return {
    langue,
    maison: {
      ...PAPIER_USUEL.maison,
      nom: langue === 'ar' ? 'ميف المغرب MIF' : 'MIF Maroc',
      couleur,
      coordonnees: ['Zone industrielle, Route de Fquih Ben Salah', '25000 Khouribga · +212 5 23 00 00 00'],
      logo,
    },
  };
}

/** What people have written, in their language. */
const MOTS: Record<
  Langue,
  Record<'titre' | 'texte' | 'nom' | 'prenom' | 'site' | 'etape' | 'commentaire', string>
> = {
  fr: {
    titre: 'Réparation de la fuite hydraulique',
    texte: 'Fuite constatée au joint du vérin principal (JT-042), sous 120 bar.',
    nom: 'Alaoui',
    prenom: 'Karim',
    site: 'Usine de Casablanca',
    etape: 'Pression du circuit amont',
    commentaire: 'Consignation faite à 9 h 10.',
  },
  en: {
    titre: 'Repair of the hydraulic leak',
    texte: 'Leak at the seal of the main cylinder (JT-042), under 120 bar.',
    nom: 'Alaoui',
    prenom: 'Karim',
    site: 'Casablanca plant',
    etape: 'Pressure of the upstream circuit',
    commentaire: 'Locked out at 9:10.',
  },
  ar: {
    titre: 'إصلاح تسرب هيدروليكي في المكبس PH-200',
    texte: 'تسرب على مستوى الوصلة JT-042 للرافعة الرئيسية تحت ضغط 120 بار.',
    nom: 'العلوي',
    prenom: 'كريم',
    site: 'معمل الدار البيضاء',
    etape: 'ضغط الدارة الأمامية',
    commentaire: 'تم عزل التيار على الساعة 09:10.',
  },
};

export async function intervention(langue: Langue): Promise<DonneesRapport> {
  const mots = MOTS[langue];
  const who = `${mots.prenom} ${mots.nom}`;
  const etape = {
    libelle: mots.etape,
    type: 'nombre',
    min: 140,
    max: 160,
    unite: 'bar',
    obligatoire: true,
    valeur: 120.5,
    photo: null,
    hors_limites: true,
    date: '2026-12-20T08:10:00Z',
    suite_id: 77,
    auteur: who,
  } as const;
  return {
    ...COMMON,
    intervention: {
      id: 12,
      titre: mots.titre,
      description: mots.texte,
      type_intervention: 'corrective',
      statut: 'terminee',
      priorite: 'critique',
      urgence: true,
      date_creation: '2026-12-20T07:40:00Z',
      date_limite: '2026-12-20T11:40:00Z',
      cout_pieces: '1240.5000',
      date_debut: '2026-12-20T08:05:00Z',
      date_fin: '2026-12-20T10:55:00Z',
      rapport: `${mots.texte}\n\n${`${mots.texte} `.repeat(6)}`,
      motif_annulation: null,
    },
    planning: { date_planifiee: '2026-12-20T08:00:00Z', duree_estimee: 90 },
    equipement: {
      nom: 'Presse PH-200',
      type: 'Presse',
      modele: 'PH-200 B',
      numero_serie: 'SN-4417',
      localisation: 'Atelier 2',
      site: mots.site,
    },
    client: { nom: 'Bennani', prenom: 'Salma', email: 'salma@atlas.ma', telephone: '+212 6 12 34 56 78' },
    technicien: { nom: mots.nom, prenom: mots.prenom, specialite: null, telephone: '+212 6 98 76 54 32' },
    pieces: [
      {
        reference: 'JT-042',
        designation: 'Joint torique Ø 42',
        quantite: 2,
        statut: 'consommee',
        prix_unitaire: '620.2500',
        montant: '1240.5000',
      },
      { reference: 'HUI-46', designation: 'Huile hydraulique', quantite: 3, statut: 'rendue' },
    ],
    etapes: [
      etape,
      {
        ...etape,
        type: 'case',
        valeur: true,
        min: null,
        max: null,
        unite: null,
        hors_limites: false,
        suite_id: null,
      },
      { ...etape, type: 'texte', obligatoire: false, valeur: null, auteur: null, date: null },
    ],
    temps: [
      { nature: 'trajet', debut: '2026-12-20T07:45:00Z', fin: '2026-12-20T08:05:00Z', personne: who },
      { nature: 'travail', debut: '2026-12-20T08:05:00Z', fin: '2026-12-20T10:50:00Z', personne: who },
    ],
    minutes: { trajet: 20, travail: 165, attente: 0 },
    pannes: [
      { nature: 'probleme', code: 'FUITE', libelle: mots.titre },
      { nature: 'cause', code: 'USURE', libelle: 'Usure du joint' },
    ],
    commentaires: [{ date: '2026-12-20T08:20:00Z', auteur: who, texte: mots.commentaire }],
    historique: [
      { date: '2026-12-20T07:40:00Z', action: 'creation', auteur: 'Salma Bennani' },
      { date: '2026-12-20T07:55:00Z', action: 'escalade', auteur: null },
      { date: '2026-12-20T10:55:00Z', action: 'fin', auteur: who },
    ],
    reste: { pieces: 0, etapes: 0, temps: 0, commentaires: 12, historique: 0 },
    images: {
      photos: [
        {
          image: await photo('#d7e3ea', '#8a4b2f'),
          nom: 'joint.jpg',
          date: '2026-12-20T08:12:00Z',
          moment: 'avant',
        },
        {
          image: await photo('#e9e4d4', '#2f6b4f'),
          nom: 'apres.jpg',
          date: '2026-12-20T10:40:00Z',
          moment: 'apres',
        },
      ],
      signature: {
        image: await drawn(
          `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="160"><rect width="400" height="160" fill="#fff"/>
           <path d="M20 120 C 80 10, 120 150, 180 60 S 300 130, 380 40" stroke="#123" stroke-width="4" fill="none"/></svg>`,
          'jpeg',
        ),
        nom: 'Salma Bennani',
        qualite: mots.site,
        date: '2026-12-20T10:50:00Z',
      },
      confidentielles: 1,
      illisibles: 0,
      reste: 0,
    },
  };
}

function semaine(langue: Langue): DonneesSemaine {
  const mots = MOTS[langue];
  const visites = Array.from({ length: 9 }, (_, index) => ({
    date: `2026-12-${14 + Math.floor(index / 2)}T${index % 2 === 0 ? '08' : '13'}:30:00Z`,
    duree_estimee: 60 + 15 * index,
    statut: (['realisee', 'realisee', 'en_cours', 'planifiee', 'annulee'] as const)[index % 5]!,
    intervention_id: 40 + index,
    titre: mots.titre,
    equipement: 'Presse PH-200',
    site: mots.site,
  }));
  const hours = [320, 415, 275, 480, 190, 0, 0];
  return {
    ...COMMON,
    semaine: '2026-W51',
    technicien: { nom: mots.nom, prenom: mots.prenom, specialite: 'Hydraulique' },
    visites,
    jours: hours.map((travail, index) => ({
      jour: `2026-12-${14 + index}`,
      minutes: { travail, trajet: travail === 0 ? 0 : 40, attente: index === 2 ? 25 : 0 },
    })),
    interventions: visites.slice(0, 6).map(({ intervention_id, titre }, index) => ({
      id: intervention_id,
      titre,
      minutes: { travail: 280 - 20 * index, trajet: 40 - 4 * index, attente: index === 2 ? 25 : 0 },
    })),
    minutes: { travail: 1680, trajet: 200, attente: 25 },
    terminees: 7,
    reste: { visites: 0, interventions: 3 },
  };
}

function equipement(langue: Langue): DonneesEquipement {
  const mots = MOTS[langue];
  return {
    ...COMMON,
    equipement: {
      id: 3,
      nom: 'Presse PH-200',
      type: 'Presse',
      modele: 'PH-200 B',
      numero_serie: 'SN-4417',
      localisation: 'Atelier 2',
      site: mots.site,
      client: 'Salma Bennani',
      statut: 'en_panne',
      date_installation: '2021-03-01T08:00:00Z',
      garantie_fin: '2027-03-01',
      derniere_maintenance: '2026-10-04T08:00:00Z',
      prochaine_maintenance: '2027-01-04T08:00:00Z',
      cout_remplacement: '185000.00',
    },
    totaux: {
      interventions: 31,
      correctives: 12,
      preventives: 18,
      cout: '18422.1000',
      minutes_travail: 4210,
      minutes_panne: 6120,
      minutes_maintenance: 1740,
    },
    annees: [
      { annee: 2024, interventions: 8, cout: '2210.0000' },
      { annee: 2025, interventions: 11, cout: '9871.6000' },
      { annee: 2026, interventions: 12, cout: '6340.5000' },
    ],
    interventions: Array.from({ length: 12 }, (_, index) => ({
      id: 60 - index,
      date: `2026-${String(12 - index).padStart(2, '0')}-05T09:00:00Z`,
      titre: mots.titre,
      type_intervention: (['corrective', 'preventive', 'preventive', 'predictive'] as const)[index % 4]!,
      statut: (['en_cours', 'terminee', 'terminee', 'annulee'] as const)[index % 4]!,
      technicien: index % 4 === 3 ? null : `${mots.prenom} ${mots.nom}`,
      cout: index % 3 === 0 ? `${120 + 35 * index}.5000` : '0',
    })),
    arrets: [
      { cause: 'panne', debut: '2026-12-20T07:40:00Z', fin: null, intervention_id: 60 },
      {
        cause: 'maintenance',
        debut: '2026-10-04T08:00:00Z',
        fin: '2026-10-04T12:30:00Z',
        intervention_id: 58,
      },
      { cause: 'panne', debut: '2026-07-11T14:00:00Z', fin: '2026-07-13T09:00:00Z', intervention_id: null },
    ],
    compteurs: [
      {
        nom: langue === 'ar' ? 'ساعات التشغيل' : 'Heures',
        unite: 'h',
        releves: Array.from({ length: 24 }, (_, index) => ({
          date: new Date(Date.UTC(2025, index, 1, 8)).toISOString(),
          valeur: 12_000 + 310 * index + (index % 5) * 40,
        })),
      },
      { nom: 'Pression', unite: 'bar', releves: [{ date: '2026-12-01T08:00:00Z', valeur: 150 }] },
    ],
    reste: { interventions: 19, arrets: 2 },
  };
}

function mois(langue: Langue): DonneesMois {
  const mots = MOTS[langue];
  const jours = Array.from({ length: 31 }, (_, index) => ({
    jour: `2026-12-${String(index + 1).padStart(2, '0')}`,
    creees: index % 7 > 4 ? 0 : 2 + ((index * 5) % 6),
    terminees: index % 7 > 4 ? 0 : 1 + ((index * 3) % 7),
  }));
  const chiffres = { creees: 118, terminees: 104, tenus: 91, echeances: 98, cout: '48210.7500' };
  return {
    ...COMMON,
    mois: '2026-12',
    perimetre: [mots.site, 'Khouribga'],
    chiffres: {
      ...chiffres,
      annulees: 5,
      ouvertes: 27,
      resolution: 2_210,
      satisfaction: 4.3,
      minutes: { travail: 14_230, trajet: 2_180, attente: 410 },
    },
    types: { corrective: 61, preventive: 49, predictive: 8 },
    priorites: { basse: 12, normale: 71, haute: 24, critique: 11 },
    jours,
    sites: [
      { nom: mots.site, ...chiffres, creees: 80 },
      { nom: 'Khouribga', ...chiffres, creees: 30, tenus: 0, echeances: 0 },
      { nom: null, ...chiffres, creees: 8, cout: '0' },
    ],
    reste: { sites: 0 },
  };
}

/** Every kind in a language. */
export async function rapports(langue: Langue): Promise<Rapport[]> {
  return [
    { genre: 'intervention', donnees: await intervention(langue) },
    { genre: 'semaine', donnees: semaine(langue) },
    { genre: 'equipement', donnees: equipement(langue) },
    { genre: 'mois', donnees: mois(langue) },
  ];
}
