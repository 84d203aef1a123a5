import { buffer } from 'node:stream/consumers';
import type { DataSource } from 'typeorm';
import type { Logo, Maison } from '../mail/views/maison';
import { readParametres, type Logo as StoredLogo } from '../services/parametres';
import type { ObjectStore } from '../storage/objects';

/** As wide and as high as a logo is shown at the top of a mail, in pixels. */
const SHOWN = { width: 200, height: 56 };

/** The house as its mails show it, read anew for each; the picture, which is fetched from the store, once as long as it is the same. */
export function maisonReader(db: DataSource, store: Pick<ObjectStore, 'get'>): () => Promise<Maison> {
  let known: { checksum: string; contenu: string } | null = null;

  async function logoOf(logo: StoredLogo): Promise<Logo | null> {
    if (known?.checksum !== logo.checksum) {
      try {
        const picture = await buffer(await store.get(logo.cle));
        known = { checksum: logo.checksum, contenu: picture.toString('base64') };
      } catch {
        // A mail says what it has to say without a picture, too.
        return null;
      }
    }
    const scale = Math.min(1, SHOWN.width / logo.largeur, SHOWN.height / logo.hauteur);
    const [largeur, hauteur] = [Math.round(logo.largeur * scale), Math.round(logo.hauteur * scale)];
    return { type: 'image/png', contenu: known!.contenu, largeur, hauteur };
  }

  return async () => {
    const { nom, couleur, logo } = await readParametres(db);
    return { nom, couleur, logo: logo === null ? null : await logoOf(logo) };
  };
}
