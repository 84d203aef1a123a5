import { ACCEPTED_MIMES } from '../../domain/documents/documents';
import { RegieError } from '../../domain/errors';

/** The refusal of a file for what it holds, with what is accepted. */
export function refused(cause?: unknown): RegieError {
  return new RegieError('TYPE_NON_ACCEPTE', {
    detail: {
      fr: "Ce type de fichier n'est pas accepté, ou le fichier n'est pas ce qu'il prétend être",
      en: 'This type of file is not accepted, or the file is not what it pretends to be',
    },
    extensions: { acceptes: ACCEPTED_MIMES },
    cause,
  });
}
