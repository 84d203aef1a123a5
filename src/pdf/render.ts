import { DateTime } from 'luxon';
import type { Statut, TypeIntervention } from '../domain/interventions/interventions';
import { RAPPORT } from '../domain/limites';
import { clip, clipLine } from '../domain/lines';
import type { Priorite } from '../domain/priorites';
import type { StatutBesoin } from '../domain/stock/pieces';
import { formatDuration, fullName } from '../domain/writing';
import { COLORS } from './letters';
import { type Block, type Chip, type Fact, Sheet } from './sheet';

/** The report of an intervention, as a PDF for people: what was to be done, by whom, when, and what came of it. */

/** Everything the report says. Dates are ISO instants. */
export interface DonneesRapport {
  /** When the report is made; the same data give the same bytes. */
  date_rapport: string;
  /** IANA zone of the site, in which times are written. */
  fuseau_horaire: string;
  intervention: {
    id: number;
    titre: string;
    description: string;
    type_intervention: TypeIntervention;
    statut: Statut;
    priorite: Priorite;
    urgence: boolean;
    date_creation: string;
    date_limite: string | null;
    /** The first deadline that passed, whatever was done to it afterwards. */
    depasse_le?: string | null;
    date_debut: string | null;
    date_fin: string | null;
    rapport: string | null;
    motif_annulation: string | null;
  };
  /** `duree_estimee` in minutes. */
  planning: { date_planifiee: string; duree_estimee: number } | null;
  equipement: {
    nom: string;
    type: string;
    modele: string | null;
    numero_serie: string | null;
    localisation: string | null;
    site: string | null;
  };
  client: { nom: string; prenom: string; email: string | null; telephone: string | null } | null;
  technicien: { nom: string; prenom: string; specialite: string | null; telephone: string | null } | null;
  pieces: { reference: string; designation: string; quantite: number; statut: StatutBesoin }[];
  commentaires: { date: string; auteur: string; texte: string }[];
  /** `action` as the history records it; without `auteur`, the system acted. */
  historique: { date: string; action: string; auteur: string | null }[];
  /** How many more of each there are than were read. */
  reste: Record<Liste, number>;
}

type Liste = 'pieces' | 'commentaires' | 'historique';

/**
 * Writes the report, in French. It shows no more than its limits (`domain/limites.ts`), whatever it is given, and says
 * what it leaves out.
 */
export function renderRapport(given: DonneesRapport): Promise<Buffer> {
  const donnees = bounded(given);
  const { intervention, pieces, commentaires, historique } = donnees;
  const date = dateWriter(donnees.fuseau_horaire);
  const reference = `Intervention n° ${intervention.id}`;
  const sheet = new Sheet({
    titre: `Rapport d'intervention n° ${intervention.id} : ${intervention.titre}`,
    auteur: 'Régie',
    sujet: `${reference}, ${donnees.equipement.nom}`,
    date: new Date(donnees.date_rapport),
  });

  sheet.letterhead('Régie', `Rapport d'intervention n° ${intervention.id}`);
  sheet.title(intervention.titre);
  sheet.chips(chips(intervention));
  sheet.blocks(blocks(donnees));

  sheet.section('Chronologie');
  sheet.facts(chronologie(donnees, date), 3);

  sheet.section('Demande');
  sheet.paragraph(intervention.description);

  if (intervention.motif_annulation) {
    sheet.section("Motif de l'annulation");
    sheet.paragraph(intervention.motif_annulation);
  }
  if (intervention.rapport) {
    sheet.section('Compte rendu');
    sheet.paragraph(intervention.rapport);
  }
  if (pieces.length > 0) {
    sheet.section('Pièces');
    sheet.table(
      [
        { titre: 'Référence', part: 0.22 },
        { titre: 'Désignation', part: 0.5 },
        { titre: 'Quantité', part: 0.11, align: 'right' },
        { titre: 'Statut', part: 0.17 },
      ],
      pieces.map((piece) => [
        piece.reference,
        piece.designation,
        String(piece.quantite),
        STATUTS_BESOIN[piece.statut],
      ]),
    );
    sheet.remark(omitted(donnees.reste.pieces, 'pièce', ''));
  }
  if (commentaires.length > 0) {
    sheet.section('Commentaires');
    for (const { auteur, date: instant, texte } of commentaires) {
      sheet.note(`${auteur}, le ${date(instant)}`, texte);
    }
    sheet.remark(omitted(donnees.reste.commentaires, 'commentaire', 'plus ancien'));
  }
  if (historique.length > 0) {
    sheet.section('Historique');
    sheet.table(
      [
        { titre: 'Date', part: 0.24 },
        { titre: 'Action', part: 0.44 },
        { titre: 'Auteur', part: 0.32 },
      ],
      historique.map(({ date: instant, action, auteur }) => [
        date(instant),
        actionLabel(action),
        auteur ?? 'Système',
      ]),
    );
    sheet.remark(omitted(donnees.reste.historique, 'événement', 'plus ancien'));
  }
  return sheet.finish(
    `${reference} : ${intervention.titre}`,
    `Régie · établi le ${date(donnees.date_rapport)} · fuseau horaire ${donnees.fuseau_horaire}`,
  );
}

/** As much of everything as is shown. */
function bounded(donnees: DonneesRapport): DonneesRapport {
  const { intervention, reste } = donnees;
  const line = <Text extends string | null>(texte: Text) =>
    (texte === null ? null : clipLine(texte, RAPPORT.ligne)) as Text;
  const lines = <Row extends object>(row: Row) =>
    Object.fromEntries(
      Object.entries(row).map(([field, value]) => [field, typeof value === 'string' ? line(value) : value]),
    ) as Row;
  const pieces = donnees.pieces.slice(0, RAPPORT.pieces);
  const commentaires = donnees.commentaires.slice(-RAPPORT.commentaires);
  const historique = donnees.historique.slice(-RAPPORT.historique);
  return {
    ...donnees,
    intervention: {
      ...intervention,
      titre: line(intervention.titre),
      description: clip(intervention.description, RAPPORT.texte),
      rapport: intervention.rapport && clip(intervention.rapport, RAPPORT.compteRendu),
      motif_annulation: intervention.motif_annulation && clip(intervention.motif_annulation, RAPPORT.texte),
    },
    equipement: lines(donnees.equipement),
    client: donnees.client && lines(donnees.client),
    technicien: donnees.technicien && lines(donnees.technicien),
    pieces: pieces.map(lines),
    commentaires: commentaires.map(({ date, auteur, texte }) => ({
      date,
      auteur: line(auteur),
      texte: clip(texte, RAPPORT.texte),
    })),
    historique: historique.map(lines),
    reste: {
      pieces: reste.pieces + donnees.pieces.length - pieces.length,
      commentaires: reste.commentaires + donnees.commentaires.length - commentaires.length,
      historique: reste.historique + donnees.historique.length - historique.length,
    },
  };
}

/** "… et 340 commentaires de plus, à lire dans l'application", or nothing. */
function omitted(count: number, noun: string, adjective: string): string | null {
  if (count === 0) return null;
  const plural = count > 1 ? 's' : '';
  const which = adjective === '' ? '' : ` ${adjective}${plural},`;
  return `… et ${count} ${noun}${plural} de plus,${which} à lire dans l'application`;
}

function chips({ statut, priorite, urgence, type_intervention }: DonneesRapport['intervention']): Chip[] {
  return [
    STATUTS[statut],
    PRIORITES[priorite],
    ...(urgence ? [{ texte: 'Urgent', fond: '#951d1d', encre: '#ffffff' }] : []),
    { texte: TYPES[type_intervention], ...GREY },
  ];
}

function blocks({ equipement, client, technicien }: DonneesRapport): Block[] {
  return [
    {
      titre: 'Équipement',
      nom: equipement.nom,
      lignes: known([
        ['Type', equipement.type],
        ['Modèle', equipement.modele],
        ['N° de série', equipement.numero_serie],
        ['Localisation', equipement.localisation],
        ['Site', equipement.site],
      ]),
    },
    {
      titre: 'Client',
      nom: client ? fullName(client) : 'Non renseigné',
      lignes: client ? [client.email, client.telephone].filter((ligne) => ligne !== null) : [],
    },
    {
      titre: 'Technicien',
      nom: technicien ? fullName(technicien) : 'Non assigné',
      lignes: technicien
        ? [technicien.specialite, technicien.telephone].filter((ligne) => ligne !== null)
        : [],
    },
  ];
}

function known(lignes: [label: string, valeur: string | null][]): string[] {
  return lignes.flatMap(([label, valeur]) => (valeur ? [`${label} : ${valeur}`] : []));
}

function chronologie(donnees: DonneesRapport, date: (instant: string) => string): Fact[] {
  const { intervention, planning } = donnees;
  const { date_creation, date_limite, date_debut, date_fin } = intervention;
  const end = date_fin ?? donnees.date_rapport;
  const when = (instant: string | null | undefined) => (instant ? date(instant) : '—');
  return [
    { label: 'Création', valeur: when(date_creation) },
    { label: 'Date prévue', valeur: when(planning?.date_planifiee) },
    { label: 'Date limite', valeur: when(date_limite) },
    { label: 'Début', valeur: when(date_debut) },
    { label: 'Fin', valeur: when(date_fin) },
    delai(donnees),
    { label: 'Durée estimée', valeur: planning ? formatDuration(planning.duree_estimee, 'fr') : '—' },
    {
      label: date_fin ? "Durée de l'intervention" : "Durée de l'intervention à ce jour",
      valeur: date_debut ? elapsed(date_debut, end) : '—',
    },
    {
      label: date_fin ? 'De la création à la fin' : 'Depuis la création',
      valeur: elapsed(date_creation, end),
    },
  ];
}

/** Whether the intervention ended, or still can end, before its deadline. */
function delai({ intervention, date_rapport }: DonneesRapport): Fact {
  const label = 'Respect du délai';
  const { statut, date_limite, depasse_le, date_fin } = intervention;
  if (!date_limite || statut === 'annulee') return { label, valeur: '—' };
  const end = date_fin ?? date_rapport;
  const passed = depasse_le ?? date_limite;
  if (Date.parse(end) > Date.parse(passed)) {
    return { label, valeur: `Dépassé de ${elapsed(passed, end)}`, couleur: COLORS.bad };
  }
  const margin = elapsed(end, date_limite);
  return date_fin
    ? { label, valeur: `Tenu, ${margin} d'avance`, couleur: COLORS.good }
    : { label, valeur: `En cours, reste ${margin}` };
}

/** "20/12/2026 à 09:00" in the zone given. */
function dateWriter(zone: string): (instant: string) => string {
  return (instant) => DateTime.fromISO(instant, { zone }).toFormat("dd/MM/yyyy 'à' HH:mm");
}

/** Time between two instants, in whole minutes; days are of 24 hours. */
function elapsed(from: string, to: string): string {
  const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
  if (minutes < 1) return "moins d'une minute";
  const days = Math.floor(minutes / 1440);
  const rest = formatDuration(minutes % 1440, 'fr');
  if (days === 0) return rest;
  return minutes % 1440 === 0 ? `${days} j` : `${days} j ${rest}`;
}

function actionLabel(action: string): string {
  return ACTIONS[action] ?? (action.charAt(0).toUpperCase() + action.slice(1)).replaceAll('_', ' ');
}

const ACTIONS: Record<string, string> = {
  creation: 'Création',
  modification: 'Modification',
  assignation: 'Assignation',
  replanification: 'Replanification',
  transfert: 'Transmission à un autre technicien',
  a_transmettre: 'À transmettre : technicien parti',
  retour: 'Retour du technicien',
  retrait: 'Retrait du technicien',
  debut: "Début de l'intervention",
  attente_pieces: 'Mise en attente de pièces',
  pieces_recues: 'Réception de pièces',
  relance_pieces: 'Relance pour les pièces manquantes',
  reprise: "Reprise de l'intervention",
  escalade: 'Escalade pour retard',
  fin: "Fin de l'intervention",
  reouverture: 'Réouverture',
  annulation: 'Annulation',
  satisfaction: 'Évaluation par le client',
};

const GREY = { fond: '#e8edf2', encre: '#465767' };
const BLUE = { fond: '#dcebfa', encre: '#14507f' };
const AMBER = { fond: '#fdeacd', encre: '#854300' };
const RED = { fond: '#fbdcdc', encre: '#951d1d' };
const GREEN = { fond: '#d9f2e3', encre: '#166534' };

const STATUTS: Record<Statut, Chip> = {
  ouverte: { texte: 'Ouverte', ...BLUE },
  planifiee: { texte: 'Planifiée', ...BLUE },
  en_cours: { texte: 'En cours', ...AMBER },
  attente_pieces: { texte: 'En attente de pièces', ...AMBER },
  terminee: { texte: 'Terminée', ...GREEN },
  annulee: { texte: 'Annulée', ...GREY },
};

const PRIORITES: Record<Priorite, Chip> = {
  basse: { texte: 'Priorité basse', ...GREY },
  normale: { texte: 'Priorité normale', ...BLUE },
  haute: { texte: 'Priorité haute', ...AMBER },
  critique: { texte: 'Priorité critique', ...RED },
};

const TYPES: Record<TypeIntervention, string> = {
  corrective: 'Maintenance corrective',
  preventive: 'Maintenance préventive',
  predictive: 'Maintenance prédictive',
};

const STATUTS_BESOIN: Record<StatutBesoin, string> = {
  demandee: 'Demandée',
  reservee: 'Réservée',
  recue: 'Reçue',
  consommee: 'Consommée',
  rendue: 'Rendue',
};
