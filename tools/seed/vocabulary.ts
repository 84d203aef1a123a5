import type { TypeIntervention } from '../../src/domain/interventions/interventions';
import { POLITIQUE_INTEGREE } from '../../src/domain/parc/niveaux';
import type { Priorite } from '../../src/domain/priorites';
import type { NiveauFields } from '../../src/services/parc/niveaux';

/** What the invented site near Khouribga is made of. No person, company or place of these names is meant. */

/** Where the buildings stand, within an hour of each other. */
export const SITES = [
  { nom: 'Carrière Aïn Tizra', latitude: 32.9412, longitude: -6.8021 },
  { nom: 'Laverie Oued Bouzmam', latitude: 32.8527, longitude: -6.9514 },
  { nom: 'Séchoirs Bir Lahlou', latitude: 32.7893, longitude: -6.8705 },
  { nom: 'Gare de chargement Sidi Amrane', latitude: 32.9018, longitude: -7.0136 },
  { nom: 'Atelier central Hay Ennahda', latitude: 32.8794, longitude: -6.9102 },
] as const;

/** Customers within the company. */
export const CLIENTS = ['Extraction', 'Traitement', 'Expédition', 'Services généraux'] as const;

export const PRENOMS = [
  'Amina',
  'Brahim',
  'Chaïma',
  'Driss',
  'Elyas',
  'Fadwa',
  'Ghali',
  'Hajar',
  'Ilham',
  'Jalil',
  'Kenza',
  'Lahcen',
  'Meriem',
  'Nabil',
  'Oumaïma',
  'Rachid',
  'Safaa',
  'Tarik',
  'Wafae',
  'Yassir',
  'Zineb',
] as const;

export const NOMS = [
  'Aberrahi',
  'Benkassou',
  'Chaâbili',
  'Derkani',
  'El Maâzouri',
  'Fertahi',
  'Guelmouni',
  'Hadrioui',
  'Idbelkas',
  'Jemmali',
  'Kharboubi',
  'Lahmidani',
  'Mouaqiti',
  'Nafidi',
  'Ouchraa',
  'Rahmouchi',
  'Sebtaoui',
  'Tamsamani',
  'Wahidani',
  'Zerhouli',
] as const;

/** Trades, with the skills of whoever has learned them; electrical work takes a licence that ends. */
export const METIERS = [
  { specialite: 'Mécanique', competences: ['mecanique', 'hydraulique'] },
  { specialite: 'Hydraulique', competences: ['hydraulique', 'pneumatique', 'mecanique'] },
  { specialite: 'Électricité', competences: ['electricite', 'automatisme'] },
  { specialite: 'Automatisme', competences: ['automatisme', 'instrumentation', 'electricite'] },
  { specialite: 'Chaudronnerie', competences: ['soudure', 'mecanique'] },
  { specialite: 'Froid', competences: ['climatisation', 'electricite'] },
  { specialite: 'Instrumentation', competences: ['instrumentation', 'automatisme'] },
] as const;

/** The skill that is held as a licence, from a day to a day. */
export const HABILITATION = 'electricite';

interface Travail {
  titre: string;
  description: string;
  type: TypeIntervention;
  competences: readonly string[];
  /** Minutes. */
  duree: number;
}

const corrective = (titre: string, description: string, competences: string[], duree: number): Travail => ({
  titre,
  description,
  type: 'corrective',
  competences,
  duree,
});
const preventive = (titre: string, description: string, competences: string[], duree: number): Travail => ({
  titre,
  description,
  type: 'preventive',
  competences,
  duree,
});
const predictive = (titre: string, description: string, competences: string[], duree: number): Travail => ({
  titre,
  description,
  type: 'predictive',
  competences,
  duree,
});

/** Kinds of machines, and what is to be done on them. */
export const MACHINES: readonly {
  type: string;
  modele: string;
  criticite: Priorite;
  travaux: readonly Travail[];
}[] = [
  {
    type: 'Convoyeur',
    modele: 'CB-1200',
    criticite: 'haute',
    travaux: [
      corrective(
        'Bande déportée',
        'La bande frotte sur le châssis côté tambour de renvoi.',
        ['mecanique'],
        90,
      ),
      corrective(
        'Rouleaux bloqués',
        'Trois rouleaux ne tournent plus, échauffement visible.',
        ['mecanique'],
        120,
      ),
      preventive(
        'Graissage des paliers',
        'Graisser les paliers des tambours et contrôler le jeu.',
        ['mecanique'],
        60,
      ),
      predictive(
        'Vibration du réducteur',
        'Le niveau vibratoire du réducteur a doublé en un mois.',
        ['mecanique'],
        150,
      ),
    ],
  },
  {
    type: 'Crible vibrant',
    modele: 'CV-3',
    criticite: 'normale',
    travaux: [
      corrective(
        'Toile percée',
        'Des refus passent dans le produit fin, toile du deuxième étage à changer.',
        ['mecanique'],
        180,
      ),
      corrective('Ressort cassé', 'Un ressort de la suspension arrière est cassé.', ['mecanique'], 120),
      preventive(
        'Contrôle des balourds',
        'Vérifier le serrage et le réglage des balourds.',
        ['mecanique'],
        90,
      ),
    ],
  },
  {
    type: 'Pompe à boue',
    modele: 'PB-250',
    criticite: 'haute',
    travaux: [
      corrective(
        'Fuite au presse-étoupe',
        'Fuite continue au presse-étoupe, le débit baisse.',
        ['mecanique'],
        75,
      ),
      corrective(
        'Débit insuffisant',
        'Le débit est tombé de moitié, roue sans doute usée.',
        ['mecanique', 'hydraulique'],
        240,
      ),
      preventive(
        'Remplacement de la garniture',
        'Remplacer la garniture et contrôler l’alignement.',
        ['mecanique'],
        120,
      ),
    ],
  },
  {
    type: 'Compresseur',
    modele: 'CA-75',
    criticite: 'normale',
    travaux: [
      corrective('Pression instable', 'La pression du réseau oscille entre 5 et 7 bar.', ['pneumatique'], 90),
      preventive(
        'Vidange et filtres',
        'Vidange, filtre à huile, filtre à air, contrôle des purgeurs.',
        ['pneumatique'],
        90,
      ),
    ],
  },
  {
    type: 'Armoire de commande',
    modele: 'AC-40',
    criticite: 'critique',
    travaux: [
      corrective(
        'Disjoncteur qui déclenche',
        'Le disjoncteur du départ 4 déclenche au démarrage.',
        ['electricite'],
        60,
      ),
      corrective(
        'Défaut de communication',
        'L’automate perd la liaison avec les entrées déportées.',
        ['automatisme'],
        120,
      ),
      preventive(
        'Thermographie et resserrage',
        'Contrôle thermographique, resserrage des connexions.',
        ['electricite'],
        60,
      ),
    ],
  },
  {
    type: 'Transformateur',
    modele: 'TR-630',
    criticite: 'critique',
    travaux: [
      preventive(
        'Prélèvement d’huile',
        'Prélever l’huile pour analyse et contrôler le dessiccateur.',
        ['electricite'],
        45,
      ),
      corrective(
        'Échauffement anormal',
        'La température de l’huile dépasse 85 °C en charge.',
        ['electricite'],
        150,
      ),
    ],
  },
  {
    type: 'Pelle hydraulique',
    modele: 'PH-90',
    criticite: 'haute',
    travaux: [
      corrective(
        'Fuite hydraulique',
        'Fuite au vérin de flèche, niveau d’huile à compléter chaque poste.',
        ['hydraulique'],
        180,
      ),
      corrective('Flexible à remplacer', 'Un flexible du balancier est craquelé.', ['hydraulique'], 90),
      corrective('Godet fissuré', 'Fissure de 20 cm au pied d’une dent du godet.', ['soudure'], 240),
      preventive(
        'Visite des 500 heures',
        'Vidanges, filtres, contrôle des jeux et des niveaux.',
        ['hydraulique', 'mecanique'],
        300,
      ),
    ],
  },
  {
    type: 'Sécheur rotatif',
    modele: 'SR-12',
    criticite: 'critique',
    travaux: [
      corrective(
        'Joint d’étanchéité usé',
        'Poussières à la sortie du tambour, joint à remplacer.',
        ['mecanique'],
        600,
      ),
      corrective(
        'Sonde de température',
        'La sonde de sortie donne une valeur figée.',
        ['instrumentation'],
        60,
      ),
      preventive('Contrôle des galets', 'Mesurer l’usure des galets et des bandages.', ['mecanique'], 180),
    ],
  },
  {
    type: 'Groupe froid',
    modele: 'GF-60',
    criticite: 'basse',
    travaux: [
      corrective(
        'Salle électrique trop chaude',
        'La climatisation de la salle ne descend plus sous 30 °C.',
        ['climatisation'],
        90,
      ),
      preventive(
        'Nettoyage des batteries',
        'Nettoyer les batteries, contrôler la charge de fluide.',
        ['climatisation'],
        75,
      ),
    ],
  },
  {
    type: 'Balance de bande',
    modele: 'BI-4',
    criticite: 'normale',
    travaux: [
      corrective('Pesage faux', 'L’écart avec la balance de contrôle dépasse 3 %.', ['instrumentation'], 90),
      preventive(
        'Étalonnage',
        'Étalonner avec la chaîne de contrôle et noter les écarts.',
        ['instrumentation'],
        60,
      ),
    ],
  },
];

export const LOCALISATIONS = [
  'Ligne 1',
  'Ligne 2',
  'Ligne 3',
  'Poste Nord',
  'Poste Sud',
  'Sous-station',
  'Parc',
] as const;

/** What production is promised that never stops; everything else has the delays of the house. */
export const NIVEAU_SERVICE: NiveauFields = {
  calendrier: POLITIQUE_INTEGREE.calendrier,
  nom: 'Production continue',
  delais: {
    ...POLITIQUE_INTEGREE.delais,
    haute: { affectation: 'PT1H', demarrage: 'PT1H', resolution: 'PT12H', calendrier: 'continu' },
  },
  niveaux: [
    { a: '-25%', destinataires: ['technicien'] },
    { a: '+0', destinataires: ['technicien', 'responsable'] },
    { a: '+PT2H', destinataires: ['admin', 'client'] },
  ],
  attente_motifs: [
    { motif: 'accès refusé', arrete_horloge: true },
    { motif: 'autre équipe', arrete_horloge: false },
  ],
};

/** Of each customer in the order of {@link CLIENTS}, for one site or for all, with that level or with the delays of the house. */
export const CONTRATS: readonly { client: number; site: number | null; continu: boolean }[] = [
  { client: 0, site: null, continu: false },
  { client: 1, site: 2, continu: true },
  { client: 1, site: null, continu: false },
  { client: 2, site: 3, continu: true },
  { client: 3, site: null, continu: false },
];
