import type { Context } from 'koa';
import type { Langue } from './problems';

/** The language in which whoever asks wants to be answered: French unless they prefer English. */
export function langueOf(ctx: Context): Langue {
  return ctx.acceptsLanguages('fr', 'en') === 'en' ? 'en' : 'fr';
}
