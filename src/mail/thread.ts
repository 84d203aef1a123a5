import { serve } from '../threads/serve';
import { renderMail } from './render';
import type { MailTask } from './renderer';

/** Entry of the thread that writes emails. */
serve(({ contenu, groupe, langue, token, tokens, ...options }: MailTask) =>
  renderMail(contenu, langue, { ...options, linkToken: (name) => tokens?.[name] ?? token }, groupe),
);
