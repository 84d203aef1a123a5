import { randomUUID } from 'node:crypto';
import { RegieError } from '../domain/errors';
import { logo, sizeOf, Unreadable } from '../images/images';
import type { ObjectStore } from '../storage/objects';
import type { Logo } from './parametres';

/**
 * The logo as it is kept: a PNG, whatever it came as. A drawing is drawn once, so that nothing of it is carried out
 * by whoever shows it, and a letter needs no more than a picture.
 */

/** Bytes of the file that somebody sends. */
export const MAX_LOGO = 1024 * 1024;
/** Keys of logos in the store begin with this. */
export const LOGO_PREFIX = 'parametres/';

/** What it may come as. */
const ACCEPTED = ['image/png', 'image/jpeg', 'image/svg+xml'];

/**
 * Draws it anew and stores it.
 * @throws {RegieError} `TYPE_NON_ACCEPTE` for what is no such picture, or cannot be read to its end,
 *   `SERVICE_INDISPONIBLE` when too many pictures wait already
 * @throws {StoreUnavailable}
 */
export async function storeLogo(store: Pick<ObjectStore, 'put'>, file: Buffer): Promise<Logo> {
  const drawn = await draw(file);
  const { width: largeur, height: hauteur } = await sizeOf(drawn);
  const cle = `${LOGO_PREFIX}${randomUUID()}.png`;
  const { checksum, taille } = await store.put(cle, drawn, { contentType: 'image/png' });
  return { cle, checksum, taille, largeur, hauteur };
}

async function draw(file: Buffer): Promise<Buffer> {
  try {
    return await logo(file);
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new RegieError('TYPE_NON_ACCEPTE', {
      detail: {
        fr: 'Un logo est une image PNG, JPEG ou SVG lisible',
        en: 'A logo is a readable PNG, JPEG or SVG picture',
      },
      extensions: { acceptes: ACCEPTED },
      cause,
    });
  }
}
