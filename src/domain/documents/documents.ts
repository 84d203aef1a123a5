/** What may be filed as a document, and under which name. */

/** Bytes. */
export const MAX_TAILLE = 50 * 1024 * 1024;

export interface FileType {
  mime: string;
  /** Endings that a name of this type may have, the usual one first. */
  extensions: readonly string[];
  /** Of an office document, which is an archive: the folder of its content. */
  folder?: string;
  /** Other names under which browsers and systems announce it. */
  aliases?: readonly string[];
}

/** Types known by the signature that their content begins with. */
export const BINARY_TYPES: readonly FileType[] = [
  { mime: 'application/pdf', extensions: ['pdf'] },
  { mime: 'image/jpeg', extensions: ['jpg', 'jpeg'], aliases: ['image/jpg', 'image/pjpeg'] },
  { mime: 'image/png', extensions: ['png'] },
  { mime: 'image/gif', extensions: ['gif'] },
  { mime: 'image/webp', extensions: ['webp'] },
  { mime: 'image/avif', extensions: ['avif'] },
  { mime: 'image/heic', extensions: ['heic', 'heif'], aliases: ['image/heif'] },
  { mime: 'image/heif', extensions: ['heif', 'heic'], aliases: ['image/heic'] },
  { mime: 'image/tiff', extensions: ['tif', 'tiff'] },
  { mime: 'image/bmp', extensions: ['bmp'], aliases: ['image/x-ms-bmp'] },
  { mime: 'video/mp4', extensions: ['mp4', 'm4v'] },
  { mime: 'video/quicktime', extensions: ['mov'] },
  { mime: 'video/webm', extensions: ['webm'] },
  { mime: 'audio/mpeg', extensions: ['mp3'], aliases: ['audio/mp3'] },
  { mime: 'audio/x-m4a', extensions: ['m4a'], aliases: ['audio/mp4'] },
  {
    mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extensions: ['docx'],
    folder: 'word/',
  },
  {
    mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extensions: ['xlsx'],
    folder: 'xl/',
  },
  {
    mime: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    extensions: ['pptx'],
    folder: 'ppt/',
  },
  { mime: 'application/vnd.oasis.opendocument.text', extensions: ['odt'] },
  { mime: 'application/vnd.oasis.opendocument.spreadsheet', extensions: ['ods'] },
  { mime: 'application/vnd.oasis.opendocument.presentation', extensions: ['odp'] },
];

export const PLAIN_TEXT: FileType = {
  mime: 'text/plain',
  extensions: ['txt', 'log', 'md'],
  aliases: ['text/markdown', 'text/x-log'],
};

/** Types without a signature; their content is text in UTF-8 from beginning to end. */
export const TEXT_TYPES: readonly FileType[] = [
  PLAIN_TEXT,
  {
    mime: 'text/csv',
    extensions: ['csv'],
    // Windows announces what Excel opens as Excel's own.
    aliases: ['application/csv', 'text/comma-separated-values', 'application/vnd.ms-excel'],
  },
];

/** What senders say who do not know the type; plain text is what a part of a form is when it says nothing (RFC 7578). */
const UNDECLARED = ['text/plain', 'application/octet-stream', 'binary/octet-stream'];

/** Whether a file announced as `declared` may be of this type. */
export function mayBeDeclared({ mime, aliases = [] }: FileType, declared: string): boolean {
  return UNDECLARED.includes(declared) || declared === mime || aliases.includes(declared);
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
