/**
 * Text messages as networks carry them (3GPP TS 23.038, 23.040): in seven bits where their alphabet is enough, in UTF-16
 * otherwise; long ones in several segments, each paid for by itself. And what becomes of them.
 */

export type Encodage = 'GSM-7' | 'UCS-2';

export interface Decoupage {
  encodage: Encodage;
  /** The text, cut as it travels. */
  segments: string[];
}

/** A short text: what may be shortened stands between what may not. */
export interface TexteCourt {
  debut: string;
  /** A name or a sentence, of any length. */
  nom: string;
  fin: string;
}

/** Units of one message that travels alone, and of each part of a longer one. */
const LIMITS: Readonly<Record<Encodage, { alone: number; part: number }>> = {
  'GSM-7': { alone: 160, part: 153 },
  'UCS-2': { alone: 70, part: 67 },
};

/** The default alphabet; line breaks among them, the escape to the extension not. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
    '¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Its extension: each of these travels as an escape and a letter. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/** How many units a character takes in seven bits; null when it is none of that alphabet. */
function septets(character: string): number | null {
  if (BASIC.has(character)) return 1;
  return EXTENSION.has(character) ? 2 : null;
}

/** How a text travels. Neither an escape and its letter nor the halves of a surrogate pair are put into two segments. */
export function decoupage(text: string): Decoupage {
  const characters = [...text];
  const encodage = characters.every((one) => septets(one) !== null) ? 'GSM-7' : 'UCS-2';
  const sizeOf = (one: string) => (encodage === 'GSM-7' ? septets(one)! : one.length);
  const { alone, part } = LIMITS[encodage];
  const size = characters.reduce((sum, one) => sum + sizeOf(one), 0);
  if (size <= alone) return { encodage, segments: [text] };
  const segments: string[] = [];
  let current = '';
  let used = 0;
  for (const one of characters) {
    if (used + sizeOf(one) > part) {
      segments.push(current);
      current = '';
      used = 0;
    }
    current += one;
    used += sizeOf(one);
  }
  return { encodage, segments: [...segments, current] };
}

/** What stands for characters that would make a whole text travel in 16 bits each. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '…': '...',
  '–': '-',
  '—': '-',
  '·': '-',
  '×': 'x',
  '°': 'o',
  œ: 'oe',
  Œ: 'OE',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\t': ' ',
};

/**
 * The text in the seven-bit alphabet, as near as it can be written there ("fenêtre" is "fenetre"); as it is where one of
 * its letters has nothing like it there.
 */
export function enSeptBits(text: string): string {
  let written = '';
  for (const one of text.normalize('NFC')) {
    const near = septets(one) === null ? (REPLACEMENTS[one] ?? withoutMarks(one)) : one;
    if ([...near].some((letter) => septets(letter) === null)) return text;
    written += near;
  }
  return written;
}

function withoutMarks(character: string): string {
  return character.normalize('NFKD').replace(/\p{M}/gu, '');
}

const ELLIPSIS = '...';

/**
 * A short text as it is sent: in one line, in seven bits if it can be, within so many segments. The name gives way first;
 * what is too long without it is cut.
 */
export function texteSms({ debut, nom, fin }: TexteCourt, segments: number): string {
  const written = enSeptBits(oneLine(debut + nom + fin));
  if (fits(written, segments)) return written;
  const letters = [...oneLine(nom)];
  const shortened = (count: number) => {
    const kept = letters.slice(0, count).join('').trimEnd();
    return enSeptBits(oneLine(debut) + (count === 0 ? '' : kept + ELLIPSIS) + oneLine(fin));
  };
  if (fits(shortened(1), segments))
    return shortened(longest(letters.length, (n) => fits(shortened(n), segments)));
  const all = [...enSeptBits(oneLine(debut + fin))];
  const cut = (count: number) => all.slice(0, count).join('').trimEnd() + ELLIPSIS;
  if (fits(all.join(''), segments)) return all.join('');
  return cut(longest(all.length, (n) => fits(cut(n), segments)));
}

function fits(text: string, segments: number): boolean {
  return decoupage(text).segments.length <= segments;
}

/** The highest number below `limit` that is good, where all below a good one are. */
function longest(limit: number, isGood: (count: number) => boolean): number {
  let [good, bad] = [0, limit];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** What a gateway tells of a message that it took, from the first to the last word of it. */
export const LIVRAISONS = ['en_route', 'non_livre', 'livre'] as const;
export type Livraison = (typeof LIVRAISONS)[number];

/**
 * What is believed of a message that was known to be `known` once `told` is heard. Words come late, twice and in any
 * order: what is believed never goes back, and a message that somebody has is not taken from them.
 */
export function livraisonAfter(known: Livraison | null, told: Livraison): Livraison {
  return known !== null && LIVRAISONS.indexOf(known) > LIVRAISONS.indexOf(told) ? known : told;
}

/** What somebody who answers wants: no more text messages, or messages again; null for anything else. */
export function volonteOf(texte: string): 'arret' | 'reprise' | null {
  const words =
    withoutMarks(texte)
      .toUpperCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  // Somebody who begins with it means it, whatever follows.
  if (STOP.has(words[0] ?? '')) return 'arret';
  return words.length === 1 && START.has(words[0]!) ? 'reprise' : null;
}

const STOP = new Set([
  'STOP',
  'STOPALL',
  'ARRET',
  'DESABONNER',
  'UNSUBSCRIBE',
  'CANCEL',
  'QUIT',
  'قف',
  'توقف',
  'ايقاف',
]);
const START = new Set(['START', 'UNSTOP', 'REPRISE', 'REPRENDRE', 'ابدا', 'استئناف']);
