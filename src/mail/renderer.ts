import type { Groupe } from '../domain/groupes';
import type { Contenu } from '../domain/messages';
import type { Langue } from '../domain/writing';
import { createRenderer, type Renderer } from '../threads/renderer';
import type { RenderedMail } from './render';
import type { RenderOptions } from './views/view';

/** What an email is written from. */
export type MailTask = Omit<RenderOptions, 'linkToken'> & {
  contenu: Contenu;
  /** All that is told in it, where that is more than one thing. */
  groupe?: Groupe | null;
  langue: Langue;
  /** Of the link in it, if there is one. */
  token: string | null;
  /** Where it has several, by what each is of: the `uid` of an appointment. */
  tokens?: Readonly<Record<string, string>>;
};

export type MailRenderer = Renderer<MailTask, RenderedMail>;

/** Writes emails in a thread. Most of its time and memory go into reading the templates, once a thread. */
export function createMailRenderer(): MailRenderer {
  return createRenderer({ file: 'mail/thread.js', maxWaiting: 50, timeLimit: 15_000, maxHeap: 64 });
}
