/** Colours, and whether people can read what is written in them (WCAG 2.2, 1.4.3). */

/** `#rrggbb` in lower case. */
export const COULEUR = /^#[0-9a-f]{6}$/;

/** What text has to its ground at least. */
export const CONTRASTE_MINIMAL = 4.5;

const WHITE = '#ffffff';
const BLACK = '#000000';

/** From 1, the same, to 21, black on white. */
export function contraste(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** White or black, whichever stands out more on this ground: one of both always has a contrast of 4.5 at least. */
export function encreSur(fond: string): string {
  return contraste(WHITE, fond) >= contraste(BLACK, fond) ? WHITE : BLACK;
}

/** The colour, darkened as little as makes text in it readable on white. */
export function lisibleSurBlanc(couleur: string): string {
  const channels = channelsOf(couleur);
  for (let kept = 100; kept > 0; kept--) {
    const darker = hex(channels.map((channel) => (channel * kept) / 100));
    if (contraste(darker, WHITE) >= CONTRASTE_MINIMAL) return darker;
  }
  return BLACK;
}

/** The colour, mixed with as little black or white as makes text in it readable on all of these grounds. */
export function lisibleSur(couleur: string, fonds: readonly string[]): string {
  const encre = encreSur(fonds[0]!);
  for (let percent = 0; percent < 100; percent++) {
    const mixed = melange(couleur, encre, percent / 100);
    if (fonds.every((fond) => contraste(mixed, fond) >= CONTRASTE_MINIMAL)) return mixed;
  }
  return encre;
}

/** A colour with a share, from 0 to 1, of another one. */
export function melange(couleur: string, autre: string, share: number): string {
  const [from, to] = [channelsOf(couleur), channelsOf(autre)];
  return hex(from.map((channel, at) => channel + (to[at]! - channel) * share));
}

function luminance(couleur: string): number {
  const [red, green, blue] = channelsOf(couleur).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channelsOf(couleur: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(couleur.slice(at, at + 2), 16));
}

function hex(channels: readonly number[]): string {
  return `#${channels.map((channel) => Math.floor(channel).toString(16).padStart(2, '0')).join('')}`;
}
