import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Handlebars from 'handlebars';
import { type Contenu, isAboutIntervention, isLien } from '../domain/messages';
import { type Langue, type WrittenLangue, writtenLangue } from '../domain/writing';
import { avisView, lienView } from './views/comptes';
import { interventionView } from './views/interventions';
import type { MailView, RenderOptions } from './views/view';

/** A message as a mail: the same text as the notification, with the facts in a table and one action. */

export interface RenderedMail {
  sujet: string;
  html: string;
  text: string;
}

/** Writes a mail in the reader's language. Values are escaped: whatever people typed appears as they typed it. */
export async function renderMail(
  contenu: Contenu,
  langue: Langue,
  options: RenderOptions,
): Promise<RenderedMail> {
  const { html, text } = await templates();
  const view = viewOf(contenu, writtenLangue(langue), options);
  return { sujet: view.sujet, html: html(view), text: text(view) };
}

function viewOf(contenu: Contenu, langue: WrittenLangue, options: RenderOptions): MailView {
  if (isAboutIntervention(contenu)) return interventionView(contenu, langue, options);
  return isLien(contenu) ? lienView(contenu, langue, options) : avisView(contenu, langue, options);
}

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
