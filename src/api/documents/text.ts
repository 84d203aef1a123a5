import { TextDecoder } from 'node:util';
import { refused } from './refusal';

/** Texts, in whatever encoding: they are kept and handed out byte for byte. */

export const ENCODAGES = ['utf-8', 'utf-16le', 'utf-16be'] as const;
/** An encoding that can be told from the bytes; those of one byte a character cannot be told apart. */
export type Encodage = (typeof ENCODAGES)[number];

/** Bytes that no text of one byte a character has: control characters but for tabs, ends of line, of page and of file, and colours. */
const IS_BINARY = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b].includes(byte)) || byte === 0x7f ? 1 : 0,
);

/**
 * What a browser, a shell or an office would carry out: the beginnings by which browsers know HTML and XML (WHATWG MIME
 * Sniffing, §7.1), drawings, scripts, and formats in which programs may lie. Other angle brackets are those of logs.
 */
const ACTIVE =
  /^(?:<(?:!doctype|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg|math|object|embed|xsl:\w+)[\s>/]|<!--|<\?|<%|#!\s*\/|\{\\rtf|%!ps)/i;
/** So many characters after the first that shows are enough to know. */
const ENOUGH = 32;

/** Whether the beginning of a file may be that of a text. */
export function looksLikeText(sample: Buffer): boolean {
  return utf16Of(sample) !== null || !sample.some((byte) => IS_BINARY[byte] === 1);
}

function utf16Of(beginning: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  return beginning[0] === 0xfe && beginning[1] === 0xff ? 'utf-16be' : null;
}

/** Watches a text pass. */
export class TextCheck {
  private utf16: TextDecoder | null = null;
  private utf8: TextDecoder | null = null;
  /** What shows of the beginning, until there is enough of it. */
  private head = '';
  private isKnown = false;
  private hasBegun = false;
  /** Of what has passed so far; null for one that cannot be told. */
  encodage: Encodage | null = null;

  /**
   * Passes the bytes on. The first chunk holds the mark of UTF-16, if there is one.
   * @throws {RegieError} `TYPE_NON_ACCEPTE` as soon as it is no text, or one that somebody would carry out.
   */
  async *through(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      if (!this.hasBegun) this.begin(chunk);
      this.look(chunk);
      yield chunk;
    }
    this.end();
  }

  private begin(chunk: Buffer): void {
    this.hasBegun = true;
    const marked = utf16Of(chunk);
    this.encodage = marked ?? 'utf-8';
    const decoder = new TextDecoder(this.encodage, { fatal: true });
    if (marked === null) this.utf8 = decoder;
    else this.utf16 = decoder;
  }

  private look(chunk: Buffer): void {
    if (this.utf16 !== null) {
      const text = decoded(this.utf16, chunk);
      if (text === null || isBinary(text)) throw refused();
      this.lookAtHead(text);
      return;
    }
    if (chunk.some((byte) => IS_BINARY[byte] === 1)) throw refused();
    if (this.utf8 !== null && decoded(this.utf8, chunk) === null) this.isOfOneByte();
    // What is carried out begins with letters that are the same in every encoding of one byte.
    if (!this.isKnown) this.lookAtHead(chunk.toString('latin1').replace(/^\xef\xbb\xbf/, ''));
  }

  private lookAtHead(text: string, isAll = false): void {
    if (this.isKnown) return;
    this.head += (this.head === '' ? text.trimStart() : text).slice(0, ENOUGH);
    if (this.head.length < ENOUGH && !isAll) return;
    if (ACTIVE.test(`${this.head} `)) throw refused();
    this.isKnown = true;
    this.head = '';
  }

  private end(): void {
    if (this.utf8 !== null && decoded(this.utf8) === null) this.isOfOneByte();
    if (this.utf16 !== null && decoded(this.utf16) === null) throw refused();
    this.lookAtHead('', true);
  }

  private isOfOneByte(): void {
    this.utf8 = null;
    this.encodage = null;
  }
}

/** The same of the characters of UTF-16: those below 256 are the ones of Latin-1. */
function isBinary(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (IS_BINARY[text.charCodeAt(at)] === 1) return true;
  return false;
}

/** Null for what is not in this encoding. */
function decoded(decoder: TextDecoder, chunk?: Buffer): string | null {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    return null;
  }
}
