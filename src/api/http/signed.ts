import type { Context } from 'koa';
import type { SignedHeaders } from '../../domain/signatures';

/** What a request from another server says of its signature. */
export function signedHeaders(ctx: Context): SignedHeaders {
  return {
    id: ctx.get('Webhook-Id'),
    timestamp: ctx.get('Webhook-Timestamp'),
    signature: ctx.get('Webhook-Signature'),
  };
}
