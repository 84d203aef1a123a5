import type { Middleware } from 'koa';
import type { AppContext } from '../../context';
import { langueOf } from '../langue';
import { loggedPath } from '../paths';
import { PROBLEMS, toProblem, toRegieError } from '../problems';

/** Turns whatever was thrown into an answer of the contract; logs what only we can mend. */
export function answerErrors(app: AppContext): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = toRegieError(thrown);
      const { status } = PROBLEMS[error.code];
      const correlationId: string = ctx.state.correlationId;
      if (status >= 500) {
        const level = status === 503 ? 'warn' : 'error';
        app.logger[level]({ err: error.cause ?? error, correlationId, path: loggedPath(ctx) }, error.code);
      }
      const langue = langueOf(ctx);
      ctx.status = status;
      ctx.body = toProblem(error, { path: ctx.path, correlationId, langue });
      ctx.type = 'application/problem+json';
      ctx.set('Content-Language', langue);
      if (status === 401) ctx.set('WWW-Authenticate', 'Bearer');
      if (error.details.retryAfter !== undefined) ctx.set('Retry-After', String(error.details.retryAfter));
    }
  };
}
