import { finished } from 'node:stream';
import busboy from 'busboy';
import type { Context } from 'koa';
import { invalid, RegieError } from '../../domain/errors';
import { MAX_LOGO } from '../../services/logo';

/** What a form may hold beside its file, in bytes. */
const FORM_ALLOWANCE = 10_000;

/**
 * The one file of a form, whole: it is small.
 * @throws {RegieError} `TYPE_NON_ACCEPTE` for what is no form, `TROP_GROS`, `REQUETE_MALFORMEE`, `VALIDATION`
 */
export async function receiveLogo(ctx: Context): Promise<Buffer> {
  if (!ctx.is('multipart/form-data')) {
    throw new RegieError('TYPE_NON_ACCEPTE', {
      detail: { fr: 'Attendu : multipart/form-data', en: 'Expected: multipart/form-data' },
    });
  }
  if (Number(ctx.get('Content-Length')) > MAX_LOGO + FORM_ALLOWANCE) throw tooLarge();
  const { req } = ctx;
  const files: Buffer[][] = [];
  try {
    const parser = busboy({
      headers: req.headers,
      limits: { files: 2, fields: 5, fieldSize: 1_000, parts: 8, fileSize: MAX_LOGO },
    });
    await new Promise<void>((resolve, reject) => {
      parser.on('close', resolve);
      parser.on('error', (cause) => reject(malformed(cause)));
      // The sender may go before the end.
      finished(req, { writable: false }, (cause) => cause && reject(malformed(cause)));
      parser.on('file', (champ, stream) => {
        const chunks: Buffer[] = [];
        if (champ === 'file') files.push(chunks);
        stream.on('error', (cause) => reject(malformed(cause)));
        stream.on('limit', () => reject(tooLarge()));
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      });
      req.pipe(parser);
    });
  } catch (error) {
    req.unpipe();
    // What still comes is passed over, so that the client gets to read the answer.
    req.resume();
    throw error instanceof RegieError ? error : malformed(error);
  }
  const [file] = files;
  const octets = file && Buffer.concat(file);
  if (files.length !== 1 || octets === undefined || octets.length === 0) {
    throw invalid({
      champ: 'file',
      message: { fr: 'Un fichier, et un seul, est attendu', en: 'Exactly one file is expected' },
    });
  }
  return octets;
}

function tooLarge(): RegieError {
  const kilobytes = MAX_LOGO / 1024;
  return new RegieError('TROP_GROS', {
    detail: { fr: `Un logo a au plus ${kilobytes} ko`, en: `A logo has at most ${kilobytes} kB` },
  });
}

function malformed(cause?: unknown): RegieError {
  return new RegieError('REQUETE_MALFORMEE', {
    detail: {
      fr: 'Formulaire multipart incomplet ou malformé',
      en: 'The multipart form is incomplete or malformed',
    },
    cause,
  });
}
