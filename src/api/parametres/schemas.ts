import { z } from 'zod';
import { COULEUR } from '../../domain/couleurs';
import { LANGUES } from '../../domain/writing';
import { resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

const MAX_LIGNES_ENTETE = 5;

const fields = {
  nom: text(1, 80).meta({ description: 'De la maison, en tête des rapports et des courriels' }),
  couleur: z
    .string()
    .max(7)
    .toLowerCase()
    .regex(COULEUR, texte('Une couleur `#rrggbb` est attendue', 'A colour `#rrggbb` is expected'))
    .meta({
      description: 'De la maison ; ce qui est écrit dessus ou avec elle reste lisible, quelle qu’elle soit',
    }),
  coordonnees: z
    .array(text(1, 120))
    .max(MAX_LIGNES_ENTETE)
    .meta({ description: 'Lignes de l’en-tête : adresse, téléphone, registre' }),
  langue: z.enum(LANGUES).meta({ description: 'De ce qui n’est écrit à personne en particulier' }),
};

export const parametresBody = z.strictObject({ ...fields, coordonnees: fields.coordonnees.default([]) });

export const parametresChanges = z.strictObject(fields).partial();

/** Read and checked by the handler: it travels as a form. */
export const logoBody = z.strictObject({
  file: z.string().meta({ format: 'binary', description: 'PNG, JPEG ou SVG, au plus 1 Mo' }),
});

export const parametresAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    couleur: z.string(),
    encre: z
      .string()
      .meta({ description: 'Noir ou blanc : ce qui se lit sur la couleur, à 4,5 contre 1 au moins' }),
    couleur_texte: z
      .string()
      .meta({ description: 'La couleur, assombrie autant que du texte sur blanc le demande' }),
    coordonnees: z.array(z.string()),
    langue: z.enum(LANGUES),
    logo: z
      .object({
        checksum: z.string().meta({ description: 'SHA-256 de l’image, en hexadécimal' }),
        taille: z.int().meta({ description: 'Octets' }),
        largeur: z.int().meta({ description: 'Pixels' }),
        hauteur: z.int().meta({ description: 'Pixels' }),
      })
      .nullable(),
  })
  .meta({ id: 'Parametres' });
