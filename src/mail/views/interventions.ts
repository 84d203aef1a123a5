import { type ContenuIntervention, interventionText } from '../../domain/interventions/textes';
import { MAIL } from '../../domain/limites';
import { clip, clipLine } from '../../domain/lines';
import type { Priorite } from '../../domain/priorites';
import { formatDuration, formatInstant, fullName, type WrittenLangue } from '../../domain/writing';
import { type Detail, LIBELLES, lines, type MailView, type RenderOptions, rowsOf } from './view';

/** A message about an intervention: the facts in a table, and one action that leads to it. */
export function interventionView(
  contenu: ContenuIntervention,
  langue: WrittenLangue,
  { publicUrl, correlationId }: RenderOptions,
): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const { pieces = [] } = donnees;
  const shown = pieces.slice(0, MAIL.pieces).map(({ reference, designation, quantite }) => ({
    reference: clipLine(reference, MAIL.ligne),
    designation: clipLine(designation, MAIL.ligne),
    quantite,
  }));
  const others = pieces.length - shown.length;
  const { titre, message: whole } = interventionText(contenu, langue);
  const message = clip(whole, MAIL.texte);
  const lien = `${publicUrl}/interventions/${donnees.intervention_id}`;
  const prefix = donnees.urgence ? `[${textes.urgent}] ` : '';
  return {
    langue,
    libelles: LIBELLES[langue],
    sujet: clipLine(`${prefix}${titre}${LIBELLES[langue].deux_points}${donnees.titre}`, MAIL.ligne),
    titre,
    message,
    message_lignes: lines(message),
    badges: [
      { texte: textes.priorites[donnees.priorite], ...BADGES[donnees.priorite] },
      ...(donnees.urgence ? [{ texte: textes.urgent, ...BADGE_URGENT }] : []),
    ],
    details: details(contenu, langue),
    pieces: shown.length > 0 ? shown : null,
    autres_pieces: others > 0 ? textes.autresPieces(others) : null,
    action:
      modele === 'terminee'
        ? { url: `${lien}/satisfaction`, texte: textes.noter, invitation: textes.invitation }
        : { url: lien, texte: textes.ouvrir, invitation: null },
    note: null,
    correlation: correlationId ?? null,
  };
}

function details({ donnees }: ContenuIntervention, langue: WrittenLangue): Detail[] {
  const { lignes: labels } = TEXTES[langue];
  const date = (value: string) => formatInstant(value, langue, donnees.fuseau_horaire);
  return rowsOf([
    [labels.intervention, `${donnees.titre} (${labels.numero}${donnees.intervention_id})`],
    [labels.equipement, donnees.equipement.nom],
    [labels.localisation, donnees.equipement.localisation],
    [labels.technicien, donnees.technicien && fullName(donnees.technicien)],
    [labels.date_planifiee, donnees.date_planifiee && date(donnees.date_planifiee)],
    [labels.duree_estimee, donnees.duree_estimee ? formatDuration(donnees.duree_estimee, langue) : null],
    [labels.date_limite, donnees.date_limite && date(donnees.date_limite)],
    [labels.motif, donnees.motif],
    [labels.rapport, donnees.rapport],
  ]);
}

const BADGES: Record<Priorite, { fond: string; encre: string }> = {
  basse: { fond: '#e8edf2', encre: '#465767' },
  normale: { fond: '#dcebfa', encre: '#14507f' },
  haute: { fond: '#fdeacd', encre: '#854300' },
  critique: { fond: '#fbdcdc', encre: '#951d1d' },
};
const BADGE_URGENT = { fond: '#951d1d', encre: '#ffffff' };

interface Textes {
  priorites: Record<Priorite, string>;
  urgent: string;
  lignes: Record<
    | 'numero'
    | 'intervention'
    | 'equipement'
    | 'localisation'
    | 'technicien'
    | 'date_planifiee'
    | 'duree_estimee'
    | 'date_limite'
    | 'motif'
    | 'rapport',
    string
  >;
  ouvrir: string;
  noter: string;
  invitation: string;
  autresPieces: (count: number) => string;
}

const TEXTES: Record<WrittenLangue, Textes> = {
  fr: {
    priorites: {
      basse: 'Priorité basse',
      normale: 'Priorité normale',
      haute: 'Priorité haute',
      critique: 'Priorité critique',
    },
    urgent: 'Urgent',
    lignes: {
      numero: 'n° ',
      intervention: 'Intervention',
      equipement: 'Équipement',
      localisation: 'Localisation',
      technicien: 'Technicien',
      date_planifiee: 'Date prévue',
      duree_estimee: 'Durée estimée',
      date_limite: 'À terminer avant le',
      motif: 'Motif',
      rapport: 'Rapport',
    },
    ouvrir: "Voir l'intervention",
    noter: 'Donner mon avis',
    invitation: "Vous avez demandé cette intervention ? Dites-nous en un instant comment elle s'est passée.",
    autresPieces: (count) => `… et ${count} de plus, à lire dans l'application`,
  },
  en: {
    priorites: {
      basse: 'Low priority',
      normale: 'Normal priority',
      haute: 'High priority',
      critique: 'Critical priority',
    },
    urgent: 'Urgent',
    lignes: {
      numero: 'no. ',
      intervention: 'Intervention',
      equipement: 'Equipment',
      localisation: 'Location',
      technicien: 'Technician',
      date_planifiee: 'Planned for',
      duree_estimee: 'Estimated duration',
      date_limite: 'To be finished by',
      motif: 'Reason',
      rapport: 'Report',
    },
    ouvrir: 'View the intervention',
    noter: 'Give my opinion',
    invitation: 'Did you ask for this intervention? Tell us in a moment how it went.',
    autresPieces: (count) => `… and ${count} more, to be read in the application`,
  },
};
