/**
 * Names that others receive in mails and documents. They come from one person and are read by another as the system's own
 * words, so they are kept to what names are made of: short, on one line, and leading nowhere.
 */

/** In characters. */
export const MAX_NAME_LENGTH = 60;

/** Characters that end a line, turn the direction of what follows, or are not to be seen. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/u;

/** Two joiners that some scripts need inside a name; they separate nothing. */
const JOINERS = /[\u200c\u200d]/g;

/** What stands in addresses and in no name: the sign of a mailbox, slashes of every kind. */
const IN_ADDRESSES = /[@/\\\u2044\u2215\u29f8\u3002\uff61]/u;

/** "J.Dupont", "J.P.Martin": people forget the space. */
const INITIALS = /(?<![\p{L}\p{M}\p{N}.-])(?:\p{Lu}\.)+(?=\p{Lu}\p{Ll})/gu;

/** A word that a mail program makes a link of: letters on both sides of a dot, at least two behind it. */
const HOST = /[\p{L}\p{N}]\.[\p{L}\p{M}]{2}/u;

/** Beginnings of links without a slash. */
const SCHEME = /\bwww\.|\b(?:https?|mailto|tel|javascript|data):/i;

/** Whether a text is one line, read from its beginning to its end, with nothing in it that is not to be seen. */
export function isOneLine(text: string): boolean {
  return !UNSEEN.test(text);
}

/** Whether a text can be a name: one line, no address, no link. */
export function isPlainName(text: string): boolean {
  if (!isOneLine(text)) return false;
  // Full-width and other forms of a character count as the character.
  const plain = text.normalize('NFKC').replace(JOINERS, '').replace(INITIALS, '');
  return !IN_ADDRESSES.test(plain) && !HOST.test(plain) && !SCHEME.test(plain);
}
