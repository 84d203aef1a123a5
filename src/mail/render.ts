import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Handlebars from 'handlebars';
import type { Priorite } from '../domain/interventions';
import {
  type DonneesMessage,
  formatDuration,
  formatInstant,
  fullName,
  type Langue,
  type Modele,
  messageText,
  type WrittenLangue,
  writtenLangue,
} from '../domain/messages';

/** A message as a mail: the same text as the notification, with the facts in a table and one action. */

export interface RenderedMail {
  sujet: string;
  html: string;
  text: string;
}

export interface RenderOptions {
  /** Base of the links, without a trailing slash. */
  publicUrl: string;
  /** Written in the footer, so that someone who writes to the support names the event. */
  correlationId?: string;
}

/** Writes a mail in the reader's language. Values are escaped: whatever people typed appears as they typed it. */
export async function renderMail(
  modele: Modele,
  langue: Langue,
  donnees: DonneesMessage,
  options: RenderOptions,
): Promise<RenderedMail> {
  const { html, text } = await templates();
  const view = mailView(modele, writtenLangue(langue), donnees, options);
  return { sujet: view.sujet, html: html(view), text: text(view) };
}

type MailView = ReturnType<typeof mailView>;

interface Templates {
  html: (view: MailView) => string;
  text: (view: MailView) => string;
}

let compiled: Promise<Templates> | undefined;

/** Compiled at first use and kept; a failure is not kept. */
function templates(): Promise<Templates> {
  compiled ??= compileTemplates().catch((error) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

/**
 * MJML becomes HTML first, with the Handlebars expressions still inside; Handlebars then fills that HTML for each mail.
 * So people's text never meets the MJML parser, and Handlebars escapes it for the very document it ends up in.
 */
async function compileTemplates(): Promise<Templates> {
  // Loaded here because mjml is heavy and the API processes never write a mail.
  const { default: mjml2html } = await import('mjml');
  const { html } = await mjml2html(await readTemplate('message.mjml.hbs'), {
    validationLevel: 'strict',
    fonts: {},
    keepComments: false,
  });
  return {
    html: Handlebars.compile<MailView>(html, { strict: true }),
    // Plain text has nothing to escape.
    text: Handlebars.compile<MailView>(await readTemplate('message.txt.hbs'), {
      strict: true,
      noEscape: true,
    }),
  };
}

function readTemplate(name: string): Promise<string> {
  return readFile(path.join(__dirname, 'templates', name), 'utf8');
}

/** Everything the templates write. `strict` refuses a name that is missing here, so absent values are null. */
function mailView(
  modele: Modele,
  langue: WrittenLangue,
  donnees: DonneesMessage,
  { publicUrl, correlationId }: RenderOptions,
) {
  const libelles = LIBELLES[langue];
  const { titre, message } = messageText(modele, langue, donnees);
  const lien = `${publicUrl}/interventions/${donnees.intervention_id}`;
  const rating = modele === 'terminee';
  return {
    langue,
    libelles,
    sujet: `${donnees.urgence ? `[${libelles.urgent}] ` : ''}${titre}${libelles.deux_points}${donnees.titre}`,
    titre,
    message,
    message_lignes: lines(message),
    badges: [
      { texte: libelles.priorites[donnees.priorite], ...BADGES[donnees.priorite] },
      ...(donnees.urgence ? [{ texte: libelles.urgent, ...BADGE_URGENT }] : []),
    ],
    details: details(langue, donnees),
    pieces: donnees.pieces?.length ? donnees.pieces : null,
    action: rating
      ? { url: `${lien}/satisfaction`, texte: libelles.noter, invitation: libelles.invitation }
      : { url: lien, texte: libelles.ouvrir, invitation: null },
    correlation: correlationId ?? null,
  };
}

/** The label/value rows; a fact that is not known has no row. */
function details(langue: WrittenLangue, donnees: DonneesMessage): { label: string; lignes: string[] }[] {
  const { lignes: labels } = LIBELLES[langue];
  const date = (value: string) => formatInstant(value, langue, donnees.fuseau_horaire);
  const rows: [label: string, value: string | null | undefined][] = [
    [labels.intervention, `${donnees.titre} (${labels.numero}${donnees.intervention_id})`],
    [labels.equipement, donnees.equipement.nom],
    [labels.localisation, donnees.equipement.localisation],
    [labels.technicien, donnees.technicien && fullName(donnees.technicien)],
    [labels.date_planifiee, donnees.date_planifiee && date(donnees.date_planifiee)],
    [labels.duree_estimee, donnees.duree_estimee ? formatDuration(donnees.duree_estimee, langue) : null],
    [labels.date_limite, donnees.date_limite && date(donnees.date_limite)],
    [labels.motif, donnees.motif],
    [labels.rapport, donnees.rapport],
  ];
  return rows.flatMap(([label, value]) => (value ? [{ label, lignes: lines(value) }] : []));
}

function lines(text: string): string[] {
  return text.trim().split(/\r\n|\r|\n/);
}

const BADGES: Record<Priorite, { fond: string; encre: string }> = {
  basse: { fond: '#e8edf2', encre: '#465767' },
  normale: { fond: '#dcebfa', encre: '#14507f' },
  haute: { fond: '#fdeacd', encre: '#854300' },
  critique: { fond: '#fbdcdc', encre: '#951d1d' },
};
const BADGE_URGENT = { fond: '#951d1d', encre: '#ffffff' };

interface Libelles {
  deux_points: string;
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
  pieces: string;
  piece: string;
  quantite: string;
  ouvrir: string;
  noter: string;
  invitation: string;
  pied: string;
  correlation: string;
}

const LIBELLES: Record<WrittenLangue, Libelles> = {
  fr: {
    deux_points: ' : ',
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
    pieces: 'Pièces',
    piece: 'Désignation',
    quantite: 'Quantité',
    ouvrir: "Voir l'intervention",
    noter: 'Donner mon avis',
    invitation: "Vous avez demandé cette intervention ? Dites-nous en un instant comment elle s'est passée.",
    pied: 'Message envoyé automatiquement par Régie, merci de ne pas y répondre.',
    correlation: 'Référence à rappeler au support',
  },
  en: {
    deux_points: ': ',
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
    pieces: 'Parts',
    piece: 'Part',
    quantite: 'Quantity',
    ouvrir: 'View the intervention',
    noter: 'Give my opinion',
    invitation: 'Did you ask for this intervention? Tell us in a moment how it went.',
    pied: 'Sent automatically by Régie; please do not reply.',
    correlation: 'Reference to give to the support team',
  },
};
