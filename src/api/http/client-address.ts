import type { IncomingMessage } from 'node:http';
import clientAddress, { compile as compileTrust } from 'proxy-addr';

/** Tells the address of the client of a request, given whose word about it is taken. */
export function clientAddresses(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = compileTrust([...trustedProxies]);
  return (request) => clientAddress(request, isTrusted).replace(/^::ffff:/, '');
}
