import type { Texte } from '../errors';

/** What may be filed as a document, and under which name. */

/**
 * What does not fit when a file is read again: there is no object, it is longer or shorter, its bytes are others, it does not
 * open, or the key of the ring that it was sealed with is not there.
 */
export const ANOMALIES = ['objet_absent', 'taille', 'empreinte', 'dechiffrement', 'cle_perdue'] as const;
export type Anomalie = (typeof ANOMALIES)[number];

/** Who put a signature. */
export interface Signataire {
  nom: string;
  qualite: string;
}

/** The kind of a document that is one. */
const TYPE_SIGNATURE = 'signature';

/** What is wrong with saying, or not saying, who signed: a signature does, and nothing else. */
export function signataireFault(
  type_document: string,
  signataire: Signataire | null | undefined,
): Texte | null {
  const isSignature = type_document === TYPE_SIGNATURE;
  if (isSignature === (signataire != null)) return null;
  return isSignature
    ? { fr: 'Une signature dit qui a signé', en: 'A signature says who signed' }
    : { fr: 'Seule une signature a un signataire', en: 'Only a signature has a signatory' };
}

/** When a photograph was taken: before or after the work, or of what is wrong. */
export const MOMENTS = ['avant', 'apres', 'defaut'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface FileType {
  mime: string;
  /** Endings that a name of this type may have, the usual one first. */
  extensions: readonly string[];
}

/** Types known by the signature that their content begins with. */
export const BINARY_TYPES: readonly FileType[] = [
  { mime: 'application/pdf', extensions: ['pdf'] },
  { mime: 'image/jpeg', extensions: ['jpg', 'jpeg'] },
  { mime: 'image/png', extensions: ['png'] },
  { mime: 'image/gif', extensions: ['gif'] },
  { mime: 'image/webp', extensions: ['webp'] },
  { mime: 'image/avif', extensions: ['avif'] },
  { mime: 'image/heic', extensions: ['heic', 'heif'] },
  { mime: 'image/heif', extensions: ['heif', 'heic'] },
  { mime: 'image/tiff', extensions: ['tif', 'tiff'] },
  { mime: 'image/bmp', extensions: ['bmp'] },
  { mime: 'video/mp4', extensions: ['mp4', 'm4v'] },
  { mime: 'video/quicktime', extensions: ['mov'] },
  { mime: 'video/webm', extensions: ['webm'] },
  { mime: 'audio/mpeg', extensions: ['mp3'] },
  { mime: 'audio/x-m4a', extensions: ['m4a'] },
];

export interface ArchiveType extends FileType {
  /** The part that such a document cannot be without. */
  part: string;
  /** What its list of contents says of that part (ECMA-376, part 2); without it, macros may be in it. */
  partType: string;
}

const OOXML = 'application/vnd.openxmlformats-officedocument';

/** Documents of Office Open XML: archives. */
export const OFFICE_TYPES: readonly ArchiveType[] = [
  {
    mime: `${OOXML}.wordprocessingml.document`,
    extensions: ['docx'],
    part: 'word/document.xml',
    partType: `${OOXML}.wordprocessingml.document.main+xml`,
  },
  {
    mime: `${OOXML}.spreadsheetml.sheet`,
    extensions: ['xlsx'],
    part: 'xl/workbook.xml',
    partType: `${OOXML}.spreadsheetml.sheet.main+xml`,
  },
  {
    mime: `${OOXML}.presentationml.presentation`,
    extensions: ['pptx'],
    part: 'ppt/presentation.xml',
    partType: `${OOXML}.presentationml.presentation.main+xml`,
  },
];

/** Documents of OpenDocument: archives that name their own type (part 2, §3.3). */
export const OPEN_DOCUMENT_TYPES: readonly FileType[] = [
  { mime: 'application/vnd.oasis.opendocument.text', extensions: ['odt'] },
  { mime: 'application/vnd.oasis.opendocument.spreadsheet', extensions: ['ods'] },
  { mime: 'application/vnd.oasis.opendocument.presentation', extensions: ['odp'] },
];

const PLAIN_TEXT: FileType = { mime: 'text/plain', extensions: ['txt', 'log', 'md'] };
const CSV: FileType = { mime: 'text/csv', extensions: ['csv'] };

/** Texts have no signature: what kind one is only its name says. */
export function textTypeOf(nom: string): FileType {
  return CSV.extensions.includes(extensionOf(nom)) ? CSV : PLAIN_TEXT;
}

const ACCEPTED = [...BINARY_TYPES, ...OFFICE_TYPES, ...OPEN_DOCUMENT_TYPES, PLAIN_TEXT, CSV];
export const ACCEPTED_MIMES: readonly string[] = ACCEPTED.map(({ mime }) => mime);
const KNOWN_EXTENSIONS = new Set(ACCEPTED.flatMap(({ extensions }) => extensions));

/**
 * The name of a file whose content is of this type: an ending that says another type is replaced, one that says nothing
 * is followed by the right one. Telephones name a JPEG `.HEIC`.
 * @param nom cleaned, possibly empty.
 */
export function nameFor(nom: string, { extensions }: FileType): string {
  const [usual] = extensions;
  if (nom === '') return `document.${usual}`;
  const extension = extensionOf(nom);
  if (extension === '' || extensions.includes(extension)) return nom;
  const stem = KNOWN_EXTENSIONS.has(extension) ? nom.slice(0, -extension.length - 1) : nom;
  return cleanFileName(`${stem}.${usual}`);
}

/** The type that a file was found to be. */
export function typeOf(mime: string): FileType | undefined {
  return ACCEPTED.find((type) => type.mime === mime);
}

/** The ending of a file name in lower case, without the dot; empty when there is none. */
export function extensionOf(nom: string): string {
  return /[^.]\.([\p{L}\d]{1,10})$/u.exec(nom)?.[1]?.toLowerCase() ?? '';
}

const MAX_NAME = 255;

/**
 * A client's file name as it is kept and shown: no folders, nothing that does not show or that turns the reading
 * direction round, at most 255 characters of which the ending is kept.
 * @returns empty when nothing is left.
 */
export function cleanFileName(given: string): string {
  const base = given.normalize('NFC').split(/[/\\]/).at(-1)!;
  const shown = withoutEdges(base.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu, ''));
  const characters = [...shown];
  if (characters.length <= MAX_NAME) return shown;
  const extension = extensionOf(shown);
  const ending = extension === '' ? '' : `.${extension}`;
  return withoutEdges(characters.slice(0, MAX_NAME - ending.length).join('')) + ending;
}

/** Without dots and spaces at either end. Not by a pattern, which would try at each of ten thousand dots in the middle. */
function withoutEdges(name: string): string {
  const isEdge = (at: number) => name[at] === '.' || name[at] === ' ';
  let start = 0;
  let end = name.length;
  while (isEdge(start)) start++;
  while (end > start && isEdge(end - 1)) end--;
  return name.slice(start, end);
}
