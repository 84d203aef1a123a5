import {
  type ContenuIntervention,
  interventionText,
  type ModeleIntervention,
} from '../../domain/interventions/textes';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { Priorite } from '../../domain/priorites';
import { formatDuration, formatInstant, fullName, isolated, type Langue } from '../../domain/writing';
import { type Detail, type MailView, mailView, type RenderOptions, rowsOf, type Ton } from './view';

/** A message about an intervention: what happened, what is asked, the facts in a table, and one action that leads to it. */
export function interventionView(
  contenu: ContenuIntervention,
  langue: Langue,
  options: RenderOptions,
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
  const lien = `${options.publicUrl}/interventions/${donnees.intervention_id}`;
  const prefix = donnees.urgence ? `[${textes.urgent}] ` : '';
  const invitation = textes.demandes[modele];
  return mailView(langue, options, {
    ...interventionText(contenu, langue),
    // What happened stands in the preview. Gmail makes another thread of another subject, whatever the References say.
    sujet: clipLine(`${prefix}${textes.sujet(donnees.intervention_id, donnees.titre)}`, MAIL.ligne),
    sujetFil: `intervention-${donnees.intervention_id}`,
    badges: [
      { texte: textes.priorites[donnees.priorite], ton: TONS[donnees.priorite] },
      ...(donnees.urgence ? [{ texte: textes.urgent, ton: 'urgent' as const }] : []),
    ],
    details: details(contenu, langue),
    citations: rowsOf([
      [textes.lignes.motif, donnees.motif],
      [textes.lignes.rapport, donnees.rapport],
    ]),
    pieces: shown.length > 0 ? shown : null,
    autres_pieces: others > 0 ? textes.autresPieces(others) : null,
    action:
      modele === 'terminee'
        ? { url: `${lien}/satisfaction`, texte: textes.noter, invitation }
        : { url: lien, texte: textes.ouvrir, invitation },
  });
}

function details({ donnees }: ContenuIntervention, langue: Langue): Detail[] {
  const { lignes: labels } = TEXTES[langue];
  const date = (value: string) => formatInstant(value, langue, donnees.fuseau_horaire);
  return rowsOf([
    [labels.intervention, `${isolated(donnees.titre, langue)} (${labels.numero}${donnees.intervention_id})`],
    [labels.equipement, donnees.equipement.nom],
    [labels.localisation, donnees.equipement.localisation],
    [labels.technicien, donnees.technicien && fullName(donnees.technicien)],
    [labels.date_planifiee, donnees.date_planifiee && date(donnees.date_planifiee)],
    [labels.duree_estimee, donnees.duree_estimee ? formatDuration(donnees.duree_estimee, langue) : null],
    [labels.date_limite, donnees.date_limite && date(donnees.date_limite)],
  ]);
}

const TONS: Record<Priorite, Ton> = {
  basse: 'neutre',
  normale: 'info',
  haute: 'attention',
  critique: 'alerte',
};

interface Textes {
  sujet: (id: number, titre: string) => string;
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
  /** What is asked of the reader, whoever they are, or that nothing is. */
  demandes: Record<ModeleIntervention, string>;
  autresPieces: (count: number) => string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (id, titre) => `Intervention n° ${id} : ${titre}`,
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
    demandes: {
      assignee: 'À faire : lisez ce qui est demandé et préparez la visite.',
      replanifiee: 'À faire : notez la nouvelle date.',
      retiree: "Vous n'avez plus rien à faire pour cette intervention.",
      technicien_parti: "À faire : confiez l'intervention à quelqu'un d'autre.",
      equipier_parti: "À faire : complétez l'équipe, ou envoyez-la telle qu'elle est.",
      conflit_planning: 'À faire : choisissez une autre date ou une autre personne.',
      demarree: "Il n'y a rien à faire : vous serez prévenu de la suite.",
      attente_pieces: "Le travail reprendra dès que possible ; l'intervention dit où il en est.",
      pieces_recues: 'Le travail peut reprendre.',
      pieces_reprises: 'À faire : retrouvez ces pièces, ou commandez-les.',
      relance_pieces: 'À faire : pressez la livraison de ces pièces.',
      terminee: "Vous avez demandé cette intervention ? Dites-nous en un instant comment elle s'est passée.",
      rouverte: 'Le travail reprend : lisez ce qui reste à faire.',
      annulee: "Il n'y a plus rien à faire.",
      escalade: 'À faire : levez ce qui la retient, ou convenez d’une autre échéance.',
      sans_candidat: "À faire : libérez quelqu'un, ou changez la date.",
      echeance_proche: "À faire : agissez avant l'échéance.",
      rapport_abandonne: 'À faire : redemandez le rapport, s’il vous est utile.',
    },
    autresPieces: (count) => `… et ${count} de plus, à lire dans l'application`,
  },
  en: {
    sujet: (id, titre) => `Intervention no. ${id}: ${titre}`,
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
    demandes: {
      assignee: 'To do: read what is asked for and prepare the visit.',
      replanifiee: 'To do: note the new date.',
      retiree: 'There is nothing left for you to do on this intervention.',
      technicien_parti: 'To do: give the intervention to somebody else.',
      equipier_parti: 'To do: complete the team, or send it as it is.',
      conflit_planning: 'To do: choose another date or another person.',
      demarree: 'There is nothing to do: you will be told what comes next.',
      attente_pieces: 'Work will go on as soon as possible; the intervention says how far it is.',
      pieces_recues: 'Work can go on.',
      pieces_reprises: 'To do: find these parts, or order them.',
      relance_pieces: 'To do: press for the delivery of these parts.',
      terminee: 'Did you ask for this intervention? Tell us in a moment how it went.',
      rouverte: 'Work goes on: read what remains to be done.',
      annulee: 'There is nothing left to do.',
      escalade: 'To do: remove what holds it up, or agree on another deadline.',
      sans_candidat: 'To do: free somebody, or change the date.',
      echeance_proche: 'To do: act before the deadline.',
      rapport_abandonne: 'To do: ask for the report again, if you need it.',
    },
    autresPieces: (count) => `… and ${count} more, to be read in the application`,
  },
  ar: {
    sujet: (id, titre) => `التدخل رقم ${id}: ${isolated(titre, 'ar')}`,
    priorites: {
      basse: 'أولوية منخفضة',
      normale: 'أولوية عادية',
      haute: 'أولوية مرتفعة',
      critique: 'أولوية حرجة',
    },
    urgent: 'عاجل',
    lignes: {
      numero: 'رقم ',
      intervention: 'التدخل',
      equipement: 'المعدة',
      localisation: 'المكان',
      technicien: 'التقني',
      date_planifiee: 'الموعد',
      duree_estimee: 'المدة المقدرة',
      date_limite: 'يجب أن ينتهي قبل',
      motif: 'السبب',
      rapport: 'التقرير',
    },
    ouvrir: 'عرض التدخل',
    noter: 'إبداء رأيي',
    demandes: {
      assignee: 'المطلوب: اقرأ ما هو مطلوب وحضّر الزيارة.',
      replanifiee: 'المطلوب: سجّل الموعد الجديد.',
      retiree: 'لم يعد عليك أي عمل في هذا التدخل.',
      technicien_parti: 'المطلوب: أسند التدخل إلى شخص آخر.',
      equipier_parti: 'المطلوب: أكمل الفريق، أو أرسله كما هو.',
      conflit_planning: 'المطلوب: اختر موعدًا آخر أو شخصًا آخر.',
      demarree: 'لا شيء مطلوب منك: ستُخبَر بما يلي.',
      attente_pieces: 'سيُستأنف العمل في أقرب وقت؛ ويبيّن التدخل إلى أين وصل.',
      pieces_recues: 'يمكن استئناف العمل.',
      pieces_reprises: 'المطلوب: ابحث عن هذه القطع، أو اطلبها.',
      relance_pieces: 'المطلوب: عجّل بتسليم هذه القطع.',
      terminee: 'هل أنت من طلب هذا التدخل؟ أخبرنا في لحظة كيف جرى.',
      rouverte: 'يُستأنف العمل: اقرأ ما بقي منه.',
      annulee: 'لم يعد هناك ما يُفعل.',
      escalade: 'المطلوب: أزل ما يعطله، أو اتفق على أجل آخر.',
      sans_candidat: 'المطلوب: فرّغ أحدًا، أو غيّر الموعد.',
      echeance_proche: 'المطلوب: تصرّف قبل الأجل.',
      rapport_abandonne: 'المطلوب: اطلب التقرير من جديد إن كنت تحتاجه.',
    },
    autresPieces: (count) => `… و${count} أخرى تُقرأ في التطبيق`,
  },
};
