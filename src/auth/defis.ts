import { randomBytes } from 'node:crypto';
import { isResolu } from '../domain/rendez-vous/preuve';
import { networkOf } from './addresses';
import type { Secrets } from './secrets';

/**
 * Challenges of those who book without an account: `<bits>.<milliseconds>.<random>.<signature>`. Nothing is stored. One is for
 * one prestation and one address, so that it cannot be handed on, and how often somebody may use theirs is bounded by what
 * an address may do at all (`services/rendez-vous/limites.ts`).
 */

const PURPOSE = 'defi';
/** Long enough for whoever is called away from the form. */
const DUREE_DEFI = 2 * 3_600_000;

export interface Defi {
  /** What the work is done on. */
  defi: string;
  /** Zero bits that the digest begins with. */
  bits: number;
}

/** For whom a challenge is good. */
export interface PourQui {
  prestation: string;
  adresse: string;
}

export function newDefi(secrets: Secrets, pour: PourQui, bits: number, now: Date): Defi {
  const text = `${bits}.${now.getTime()}.${randomBytes(9).toString('base64url')}`;
  return { defi: `${text}.${secrets.sign(PURPOSE, signed(text, pour))}`, bits };
}

/** How old a challenge of ours is, in milliseconds, and how much work it asks for; null when it is none, or too old. */
export function readDefi(
  secrets: Secrets,
  defi: string,
  pour: PourQui,
  now: Date,
): { age: number; bits: number } | null {
  const [, text, bits, made, signature] =
    /^((\d{1,2})\.(\d{1,15})\.[\w-]{12})\.([\w-]{43})$/.exec(defi) ?? [];
  if (text === undefined || !secrets.isSignature(PURPOSE, signed(text, pour), signature!)) return null;
  const age = now.getTime() - Number(made);
  return age > DUREE_DEFI ? null : { age, bits: Number(bits) };
}

/** Whether somebody has done the work that they were asked for. */
export function isPreuve(
  secrets: Secrets,
  { defi, reponse }: { defi: string; reponse: string },
  pour: PourQui,
  now: Date,
): boolean {
  const read = readDefi(secrets, defi, pour, now);
  return read !== null && isResolu(defi, reponse, read.bits);
}

function signed(text: string, { prestation, adresse }: PourQui): string {
  return `${text} ${prestation} ${networkOf(adresse)}`;
}
