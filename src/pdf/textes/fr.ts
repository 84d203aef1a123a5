import type { Statut, TypeIntervention } from '../../domain/interventions/interventions';
import type { NaturePanne } from '../../domain/interventions/pannes';
import type { NatureTemps } from '../../domain/interventions/temps';
import type { StatutEquipement } from '../../domain/parc/equipements';
import type { StatutPlanning } from '../../domain/planification/planning';
import type { Priorite } from '../../domain/priorites';
import type { StatutBesoin } from '../../domain/stock/pieces';

/** What reports say: one file a language, each complete by type. */
export interface Textes {
  /** In front of what it names, `Label : value`. */
  label(label: string, valeur: string): string;
  /** What goes on in the same breath. */
  virgule: string;
  aucun: string;
  oui: string;
  non: string;
  systeme: string;
  page(page: number, count: number): string;
  /** At the foot of each page. */
  etabli(maison: string, date: string, fuseau: string): string;
  /** "20/12/2026 à 09:00", of the two parts. */
  moment(jour: string, heure: string): string;
  /** Who did something, and when. */
  parLe(auteur: string, date: string): string;
  moinsDUneMinute: string;
  /** Minutes below a day. */
  duree(minutes: number): string;
  jours(jours: number): string;
  decimale: ',' | '.';
  /** How much more there is than is shown. */
  reste: Record<
    | 'pieces'
    | 'etapes'
    | 'temps'
    | 'commentaires'
    | 'historique'
    | 'photos'
    | 'interventions'
    | 'visites'
    | 'arrets'
    | 'sites',
    (count: number) => string
  >;
  statuts: Record<Statut, string>;
  priorites: Record<Priorite, string>;
  types: Record<TypeIntervention, string>;
  natures: Record<NatureTemps, string>;
  pannes: Record<NaturePanne, string>;
  besoins: Record<StatutBesoin, string>;
  statutsEquipement: Record<StatutEquipement, string>;
  /** Of the history, as it records them; what is not named is written as it is recorded. */
  actions: Readonly<Record<string, string>>;

  intervention: {
    nature(id: number): string;
    reference(id: number): string;
    urgent: string;
    equipement: string;
    client: string;
    technicien: string;
    nonRenseigne: string;
    nonAssigne: string;
    type: string;
    modele: string;
    serie: string;
    localisation: string;
    site: string;
    chronologie: string;
    creation: string;
    prevue: string;
    limite: string;
    debut: string;
    fin: string;
    delai: string;
    dureeEstimee: string;
    duree: string;
    dureeACeJour: string;
    deCreationAFin: string;
    depuisCreation: string;
    depasse(duree: string): string;
    tenu(avance: string): string;
    enCours(reste: string): string;
    demande: string;
    motif: string;
    compteRendu: string;
    panne: string;
    etapes: string;
    etape: string;
    valeur: string;
    par: string;
    obligatoire(libelle: string): string;
    sansReponse: string;
    document(id: number): string;
    horsLimites(limites: string | null): string;
    suite(id: number): string;
    entre(min: string, max: string): string;
    auMoins(min: string): string;
    auPlus(max: string): string;
    temps: string;
    nature_: string;
    dureeColonne: string;
    total: string;
    pieces: string;
    referencePiece: string;
    designation: string;
    quantite: string;
    statut: string;
    prix: string;
    montant: string;
    cout(montant: string): string;
    photos: string;
    moments: Record<'avant' | 'apres' | 'defaut', string>;
    confidentielles(count: number): string;
    illisibles(count: number): string;
    signature: string;
    signePar(nom: string, qualite: string | null): string;
    deposeLe(date: string): string;
    commentaires: string;
    historique: string;
    date: string;
    action: string;
    auteur: string;
  };

  semaine: {
    nature(semaine: string): string;
    periode(debut: string, fin: string): string;
    visites: string;
    terminees: string;
    total: string;
    parJour: string;
    /** From Monday. */
    jours: readonly string[];
    visitesTitre: string;
    aucuneVisite: string;
    quand: string;
    intervention: string;
    lieu: string;
    duree: string;
    statut: string;
    statuts: Record<StatutPlanning, string>;
    temps: string;
    numero(id: number, titre: string): string;
  };

  equipement: {
    nature: string;
    installation: string;
    derniere: string;
    prochaine: string;
    garantie: string;
    bilan: string;
    interventions: string;
    correctives: string;
    preventives: string;
    panne: string;
    maintenance: string;
    travail: string;
    cout: string;
    remplacement: string;
    parAnnee: string;
    annee(annee: number, interventions: number): string;
    travaux: string;
    aucunTravail: string;
    numero(id: number, titre: string): string;
    pieces(montant: string): string;
    arrets: string;
    causeTitre: string;
    causes: Record<'panne' | 'maintenance', string>;
    debut: string;
    fin: string;
    duree: string;
    intervention: string;
    enCours: string;
    compteur(nom: string): string;
  };

  mois: {
    nature: string;
    tous: string;
    perimetre: string;
    creees: string;
    terminees: string;
    ouvertes: string;
    annulees: string;
    tenus: string;
    part(pourcent: number, tenus: number, echeances: number): string;
    pourcent(part: number): string;
    resolution: string;
    cout: string;
    travail: string;
    trajet: string;
    satisfaction: string;
    note(note: string): string;
    terminaisons: string;
    creations: string;
    parType: string;
    parPriorite: string;
    parSite: string;
    sansSite: string;
  };
}

const plural = (count: number, one: string, many: string) => (count > 1 ? many : one);
const more =
  (one: string, many: string, which = '') =>
  (count: number) =>
    `… et ${count} ${plural(count, one, many)} de plus,${which === '' ? '' : ` ${which}${count > 1 ? 's' : ''},`} à lire dans l'application`;

export const FR: Textes = {
  label: (label, valeur) => `${label} : ${valeur}`,
  virgule: ', ',
  aucun: '—',
  oui: 'Oui',
  non: 'Non',
  systeme: 'Système',
  page: (page, count) => `Page ${page} / ${count}`,
  etabli: (maison, date, fuseau) => `${maison} · établi le ${date} · fuseau horaire ${fuseau}`,
  moment: (jour, heure) => `${jour} à ${heure}`,
  parLe: (auteur, date) => `${auteur}, le ${date}`,
  moinsDUneMinute: "moins d'une minute",
  duree: (minutes) => {
    const [hours, rest] = [Math.floor(minutes / 60), Math.round(minutes % 60)];
    if (hours === 0) return `${rest} min`;
    return rest === 0 ? `${hours} h` : `${hours} h ${String(rest).padStart(2, '0')}`;
  },
  jours: (jours) => `${jours} j`,
  decimale: ',',
  reste: {
    pieces: more('pièce', 'pièces'),
    etapes: more('étape', 'étapes'),
    temps: more('segment', 'segments'),
    commentaires: more('commentaire', 'commentaires', 'plus ancien'),
    historique: more('événement', 'événements', 'plus ancien'),
    photos: more('photo', 'photos'),
    interventions: more('intervention', 'interventions'),
    visites: more('visite', 'visites'),
    arrets: more('arrêt', 'arrêts', 'plus ancien'),
    sites: more('site', 'sites'),
  },
  statuts: {
    ouverte: 'Ouverte',
    planifiee: 'Planifiée',
    en_cours: 'En cours',
    attente_pieces: 'En attente de pièces',
    terminee: 'Terminée',
    annulee: 'Annulée',
  },
  priorites: {
    basse: 'Priorité basse',
    normale: 'Priorité normale',
    haute: 'Priorité haute',
    critique: 'Priorité critique',
  },
  types: {
    corrective: 'Maintenance corrective',
    preventive: 'Maintenance préventive',
    predictive: 'Maintenance prédictive',
  },
  natures: { trajet: 'Trajet', travail: 'Travail', attente: 'Attente' },
  pannes: { probleme: 'Problème', cause: 'Cause', remede: 'Remède' },
  besoins: {
    demandee: 'Demandée',
    reservee: 'Réservée',
    recue: 'Reçue',
    consommee: 'Consommée',
    rendue: 'Rendue',
    annulee: 'Annulée',
  },
  statutsEquipement: {
    operationnel: 'Opérationnel',
    en_maintenance: 'En maintenance',
    en_panne: 'En panne',
    hors_service: 'Hors service',
  },
  actions: {
    creation: 'Création',
    modification: 'Modification',
    assignation: 'Assignation',
    replanification: 'Replanification',
    transfert: 'Transmission à un autre technicien',
    a_transmettre: 'À transmettre : technicien parti',
    retour: 'Retour du technicien',
    retrait: 'Retrait du technicien',
    depart_equipier: 'Départ d’un équipier',
    debut: "Début de l'intervention",
    attente_pieces: 'Mise en attente de pièces',
    besoins: 'Pièces demandées',
    pieces_recues: 'Réception de pièces',
    pieces_reprises: 'Pièces réservées manquantes',
    relance_pieces: 'Relance pour les pièces manquantes',
    reprise: "Reprise de l'intervention",
    rappel: 'Rappel avant échéance',
    escalade: 'Escalade pour retard',
    sans_candidat: 'Escalade : aucun technicien possible',
    recalcul: 'Échéances recomptées',
    reponse: 'Réponse à une étape',
    fin: "Fin de l'intervention",
    reouverture: 'Réouverture',
    annulation: 'Annulation',
    satisfaction: 'Évaluation par le client',
    rapport_abandonne: 'Rapport abandonné',
    rapport_redemande: 'Rapport redemandé',
  },
  intervention: {
    nature: (id) => `Rapport d'intervention n° ${id}`,
    reference: (id) => `Intervention n° ${id}`,
    urgent: 'Urgent',
    equipement: 'Équipement',
    client: 'Client',
    technicien: 'Technicien',
    nonRenseigne: 'Non renseigné',
    nonAssigne: 'Non assigné',
    type: 'Type',
    modele: 'Modèle',
    serie: 'N° de série',
    localisation: 'Localisation',
    site: 'Site',
    chronologie: 'Chronologie',
    creation: 'Création',
    prevue: 'Date prévue',
    limite: 'Date limite',
    debut: 'Début',
    fin: 'Fin',
    delai: 'Respect du délai',
    dureeEstimee: 'Durée estimée',
    duree: "Durée de l'intervention",
    dureeACeJour: "Durée de l'intervention à ce jour",
    deCreationAFin: 'De la création à la fin',
    depuisCreation: 'Depuis la création',
    depasse: (duree) => `Dépassé de ${duree}`,
    tenu: (avance) => `Tenu, ${avance} d'avance`,
    enCours: (reste) => `En cours, reste ${reste}`,
    demande: 'Demande',
    motif: "Motif de l'annulation",
    compteRendu: 'Compte rendu',
    panne: 'Panne',
    etapes: 'Étapes',
    etape: 'Étape',
    valeur: 'Valeur',
    par: 'Par',
    obligatoire: (libelle) => `${libelle} (obligatoire)`,
    sansReponse: 'Sans réponse',
    document: (id) => `Document n° ${id}`,
    horsLimites: (limites) => (limites === null ? 'hors limites' : `hors limites (${limites})`),
    suite: (id) => `suite : n° ${id}`,
    entre: (min, max) => `de ${min} à ${max}`,
    auMoins: (min) => `au moins ${min}`,
    auPlus: (max) => `au plus ${max}`,
    temps: 'Temps passé',
    nature_: 'Nature',
    dureeColonne: 'Durée',
    total: 'Total',
    pieces: 'Pièces',
    referencePiece: 'Référence',
    designation: 'Désignation',
    quantite: 'Quantité',
    statut: 'Statut',
    prix: 'Prix unitaire',
    montant: 'Montant',
    cout: (montant) => `Coût des pièces : ${montant}`,
    photos: 'Photos',
    moments: { avant: 'Avant', apres: 'Après', defaut: 'Défaut' },
    confidentielles: (count) =>
      count > 1
        ? `${count} photos confidentielles ne sont pas montrées ici`
        : 'Une photo confidentielle n’est pas montrée ici',
    illisibles: (count) =>
      count > 1
        ? `${count} images d’un format qui ne s’imprime pas sont à voir dans l’application`
        : 'Une image d’un format qui ne s’imprime pas est à voir dans l’application',
    signature: 'Signature',
    signePar: (nom, qualite) => (qualite === null ? nom : `${nom}, ${qualite}`),
    deposeLe: (date) => `Déposée le ${date}`,
    commentaires: 'Commentaires',
    historique: 'Historique',
    date: 'Date',
    action: 'Action',
    auteur: 'Auteur',
  },
  semaine: {
    nature: (semaine) => `Rapport de la semaine ${semaine}`,
    periode: (debut, fin) => `Du ${debut} au ${fin}`,
    visites: 'Visites',
    terminees: 'Interventions terminées',
    total: 'Temps total',
    parJour: 'Heures par jour',
    jours: ['lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.', 'dim.'],
    visitesTitre: 'Visites de la semaine',
    aucuneVisite: 'Aucune visite cette semaine.',
    quand: 'Date',
    intervention: 'Intervention',
    lieu: 'Équipement, site',
    duree: 'Durée',
    statut: 'Statut',
    statuts: { planifiee: 'Planifiée', en_cours: 'En cours', realisee: 'Réalisée', annulee: 'Annulée' },
    temps: 'Temps par intervention',
    numero: (id, titre) => `n° ${id} · ${titre}`,
  },
  equipement: {
    nature: 'Histoire de l’équipement',
    installation: 'Installation',
    derniere: 'Dernière maintenance',
    prochaine: 'Prochaine maintenance',
    garantie: 'Fin de garantie',
    bilan: 'Bilan',
    interventions: 'Interventions',
    correctives: 'Dont correctives',
    preventives: 'Dont préventives',
    panne: 'Arrêt pour panne',
    maintenance: 'Arrêt pour maintenance',
    travail: 'Temps de travail',
    cout: 'Coût des pièces',
    remplacement: 'Coût de remplacement',
    parAnnee: 'Coût des pièces par année',
    annee: (annee, interventions) =>
      `${annee} · ${interventions} ${plural(interventions, 'intervention', 'interventions')}`,
    travaux: 'Travaux',
    aucunTravail: 'Aucune intervention.',
    numero: (id, titre) => `n° ${id} · ${titre}`,
    pieces: (montant) => `pièces ${montant}`,
    arrets: 'Arrêts',
    causeTitre: 'Cause',
    causes: { panne: 'Panne', maintenance: 'Maintenance' },
    debut: 'Début',
    fin: 'Fin',
    duree: 'Durée',
    intervention: 'Intervention',
    enCours: 'En cours',
    compteur: (nom) => `Relevés : ${nom}`,
  },
  mois: {
    nature: 'Chiffres du mois',
    tous: 'Tous les sites',
    perimetre: 'Sites',
    creees: 'Créées',
    terminees: 'Terminées',
    ouvertes: 'Encore ouvertes',
    annulees: 'Annulées',
    tenus: 'Délais tenus',
    part: (pourcent, tenus, echeances) =>
      `${String(pourcent).replace('.', ',')} % (${tenus} sur ${echeances})`,
    pourcent: (part) => `${String(part).replace('.', ',')} %`,
    resolution: 'Résolution moyenne',
    cout: 'Coût des pièces',
    travail: 'Temps de travail',
    trajet: 'Temps de trajet',
    satisfaction: 'Satisfaction',
    note: (note) => `${note} / 5`,
    terminaisons: 'Interventions terminées par jour',
    creations: 'Interventions créées par jour',
    parType: 'Créées, par type',
    parPriorite: 'Créées, par priorité',
    parSite: 'Par site',
    sansSite: 'Sans site',
  },
};
