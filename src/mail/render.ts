import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Handlebars from 'handlebars';
import type { Groupe } from '../domain/groupes';
import { type Contenu, type Famille, type Familles, familleOf } from '../domain/messages';
import type { Langue } from '../domain/writing';
import { accesView, brisView } from './views/acces';
import { attenteView } from './views/attente';
import { deskView, rappelPatientView } from './views/cabinets';
import { adresseView, avisView, lienView } from './views/comptes';
import { consultationView } from './views/consultations';
import { contratView } from './views/contrats';
import { documentsView } from './views/documents';
import { webhookView } from './views/echanges';
import { examenView } from './views/examens';
import { groupView } from './views/groupes';
import { interventionView } from './views/interventions';
import { libreView } from './views/libres';
import { LOGO_CID } from './views/maison';
import { agendaView, participantView, soirView } from './views/rendez-vous';
import { agendaSerieView, serieView } from './views/series';
import { stockView } from './views/stock';
import { asPlainText, type MailView, type RenderOptions } from './views/view';

/** A message as a mail: the same text as the notification, with the facts in a table and one action. */

export interface RenderedMail {
  sujet: string;
  html: string;
  text: string;
  langue: Langue;
  /** The `Message-ID` from which the mails about the same thing descend; null where each stands alone. */
  fil: string | null;
  /** Pictures that the HTML shows by `cid:`. */
  images: MailImage[];
}

export interface MailImage {
  cid: string;
  type: string;
  /** In base64: it comes from a thread. */
  contenu: string;
}

/** Writes a mail in the reader's language. Values are escaped: whatever people typed appears as they typed it. */
export async function renderMail(
  contenu: Contenu,
  langue: Langue,
  options: RenderOptions,
  groupe: Groupe | null = null,
): Promise<RenderedMail> {
  const { html, text } = await templates(langue === 'ar' ? 'rtl' : 'ltr');
  const single = viewOf(contenu, langue, options);
  const view = groupe === null ? single : groupView(groupe, langue, single, options);
  const { logo } = options.maison;
  return {
    sujet: view.sujet,
    html: html(view),
    text: text(asPlainText(view)),
    langue,
    fil: view.fil,
    images: logo === null ? [] : [{ cid: LOGO_CID, type: logo.type, contenu: logo.contenu }],
  };
}

/** How the mails of each family look. */
const VIEWS: {
  readonly [Name in Famille]: (contenu: Familles[Name], langue: Langue, options: RenderOptions) => MailView;
} = {
  intervention: interventionView,
  lien: lienView,
  avis: avisView,
  adresse: adresseView,
  stock: stockView,
  contrat: contratView,
  documents: documentsView,
  webhook: webhookView,
  bris: brisView,
  acces: accesView,
  consultation: consultationView,
  examen: examenView,
  participant: participantView,
  agenda: agendaView,
  soir: soirView,
  serie: serieView,
  agenda_serie: agendaSerieView,
  attente: attenteView,
  rappel_patient: rappelPatientView,
  desk: deskView,
  libre: libreView,
};

function viewOf(contenu: Contenu, langue: Langue, options: RenderOptions): MailView {
  const view = VIEWS[familleOf(contenu)] as (...given: [Contenu, Langue, RenderOptions]) => MailView;
  return view(contenu, langue, options);
}

type Direction = 'ltr' | 'rtl';

interface Templates {
  html: (view: MailView) => string;
  text: (view: MailView) => string;
}

const compiled = new Map<Direction, Promise<Templates>>();

/** Compiled at first use and kept; a failure is not kept. */
function templates(direction: Direction): Promise<Templates> {
  const known = compiled.get(direction);
  if (known !== undefined) return known;
  const made = compileTemplates(direction).catch((error) => {
    compiled.delete(direction);
    throw error;
  });
  compiled.set(direction, made);
  return made;
}

/** Stand for the colours of the house in the templates, since MJML lets no expression pass for a colour. */
const HOUSE_COLOURS = [
  ['#c0ffee', '{{@root.maison.couleur}}'],
  ['#babbed', '{{@root.maison.encre}}'],
] as const;

/**
 * MJML becomes HTML first, with the Handlebars expressions still inside; Handlebars then fills that HTML for each mail.
 * So people's text never meets the MJML parser, and Handlebars escapes it for the very document it ends up in.
 */
async function compileTemplates(direction: Direction): Promise<Templates> {
  // Loaded here because mjml is heavy and most processes never write a mail.
  const { default: mjml2html } = await import('mjml');
  const { html: neutral } = await mjml2html(await assembled(direction), {
    validationLevel: 'strict',
    fonts: {},
    keepComments: false,
  });
  const html = HOUSE_COLOURS.reduce((all, [mark, value]) => all.replaceAll(mark, value), neutral);
  return {
    html: Handlebars.compile<MailView>(html, { strict: true }),
    // Plain text has nothing to escape.
    text: Handlebars.compile<MailView>(await readTemplate('message.txt.hbs'), {
      strict: true,
      noEscape: true,
    }),
  };
}

/** The template with its parts and styles inside, for one direction of reading: `[[start]]` is where lines begin. */
async function assembled(direction: Direction): Promise<string> {
  const [start, end] = direction === 'rtl' ? ['right', 'left'] : ['left', 'right'];
  let source = (await readTemplate('message.mjml.hbs')).replace('[[css]]', await styles());
  for (const [mark, name] of source.matchAll(/\[\[part ([a-z]+)\]\]/g)) {
    source = source.replace(mark, await readTemplate(`parts/${name}.mjml.hbs`));
  }
  return source.replaceAll('[[dir]]', direction).replaceAll('[[start]]', start!).replaceAll('[[end]]', end!);
}

/**
 * Those of a light screen, and of a dark one twice: as the standard has it, and for Outlook, which takes away the media query
 * and marks what it has darkened itself.
 */
async function styles(): Promise<string> {
  const [light, dark] = await Promise.all([readTemplate('light.css.hbs'), readTemplate('dark.css.hbs')]);
  const outlook = dark.replace(
    /^(.+?) \{/gm,
    (_, selectors: string) =>
      `${selectors
        .split(', ')
        .map((selector) => `[data-ogsc] ${selector}, [data-ogsb] ${selector}`)
        .join(', ')} {`,
  );
  return `${light}@media (prefers-color-scheme: dark) {\n${dark}}\n${outlook}`;
}

function readTemplate(name: string): Promise<string> {
  return readFile(path.join(__dirname, 'templates', name), 'utf8');
}
