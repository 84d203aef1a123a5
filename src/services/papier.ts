import { buffer } from 'node:stream/consumers';
import type { Executor } from '../db/sql';
import type { Langue } from '../domain/writing';
import type { Image, Papier } from '../pdf/papier';
import { ObjectMissing, type ObjectStore } from '../storage/objects';
import { type Logo, readParametres } from './parametres';

/**
 * What a report is written on: the paper of the house, as it is now.
 * @param langue of the report; unless said, that of the house.
 * @throws {StoreUnavailable}
 */
export async function readPapier(
  executor: Executor,
  store: Pick<ObjectStore, 'get'>,
  langue?: Langue,
): Promise<Papier> {
  const { logo, ...maison } = await readParametres(executor);
  const { nom, couleur, couleur_texte, coordonnees } = maison;
  return {
    langue: langue ?? maison.langue,
    maison: { nom, couleur, couleur_texte, coordonnees, logo: logo && (await imageOf(store, logo)) },
  };
}

/** Null for one that was replaced a moment ago and is gone: its name stands for the house then. */
async function imageOf(store: Pick<ObjectStore, 'get'>, logo: Logo): Promise<Image | null> {
  try {
    const octets = new Uint8Array(await buffer(await store.get(logo.cle)));
    return { octets, largeur: logo.largeur, hauteur: logo.hauteur };
  } catch (error) {
    if (error instanceof ObjectMissing) return null;
    throw error;
  }
}
