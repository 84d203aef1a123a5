import { RegieError, type Texte } from './errors';

/**
 * How much may be put into one thing, and how much of it a document shows. Whatever people add one by one, and a machine
 * later works through whole, has a number here: without one, the work of the machine is theirs to choose.
 */

/** Lines of a text of some sentences: twice what fits on a page, though each had but one word. */
export const MAX_LIGNES = 100;
/** Lines of the text that ends the work, which may be a check list of an hour. */
export const MAX_LIGNES_RAPPORT = 500;

/** What an intervention may have of each. A busy one of ours has a tenth of it. */
export const PAR_INTERVENTION = {
  /** Two a day for most of a year. */
  commentaires: 500,
  /** Lists of parts have 50 lines: four of them. */
  besoins: 200,
  /** Steps of the work, and segments of the time that people spend on it. */
  etapes: 100,
  temps: 200,
  /** Files and their versions; each equipment has as many of its own. */
  documents: 500,
  /**
   * Events that people bring about, and changes of texts and ratings. Beyond it the work can only be finished or called
   * off, which is never refused.
   */
  evenements: 1_000,
} as const;

/** What the report of an intervention shows; the application has the rest, and the report says how much that is. */
export const RAPPORT = {
  /** The latest: what was said at the end explains the result. */
  commentaires: 50,
  historique: 100,
  pieces: 100,
  /** The first of each. */
  etapes: 100,
  temps: 100,
  photos: 12,
  visites: 60,
  travaux: 60,
  arrets: 40,
  releves: 200,
  sites: 40,
  /** Characters and lines of a description, a reason or a comment: what may be written is shown, but for its lines. */
  texte: { caracteres: 2_000, lignes: 60 },
  compteRendu: { caracteres: 20_000, lignes: 400 },
  /** Of what stands on one line: names, places, references. */
  ligne: { caracteres: 250 },
} as const;

/** What an email about it shows, for readers who open it on a telephone. */
export const MAIL = {
  pieces: 50,
  texte: { caracteres: 4_000, lignes: 60 },
  ligne: { caracteres: 250 },
} as const;

/** Tries to make a document that ends its thread, or fails in itself: another one would end like these. */
export const MAX_RENDUS = 3;
/** For how long the filing of a report is tried again while the store is away, in milliseconds. */
export const MAX_ATTENTE_STOCKAGE = 24 * 3_600_000;

const NOMS: Record<keyof typeof PAR_INTERVENTION, Texte> = {
  commentaires: { fr: 'commentaires', en: 'comments' },
  besoins: { fr: 'pièces', en: 'parts' },
  etapes: { fr: 'étapes', en: 'steps' },
  temps: { fr: 'segments de temps', en: 'segments of time' },
  documents: { fr: 'documents', en: 'documents' },
  evenements: { fr: 'événements', en: 'events' },
};

/**
 * Refuses what would be one too many.
 * @param present how many there are.
 * @param added how many would be added.
 * @throws {RegieError} `LIMITE_ATTEINTE`
 */
export function requireRoomFor(noun: keyof typeof PAR_INTERVENTION, present: number, added = 1): void {
  const limite = PAR_INTERVENTION[noun];
  if (present + added <= limite) return;
  const { fr, en } = NOMS[noun];
  throw new RegieError('LIMITE_ATTEINTE', {
    detail: { fr: `Au plus ${limite} ${fr} ici`, en: `At most ${limite} ${en} here` },
    extensions: { limite },
  });
}
