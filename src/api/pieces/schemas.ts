import { z } from 'zod';
import { MAX_MOUVEMENT, MAX_STOCK, MONTANT, TYPES_MOUVEMENT } from '../../domain/stock/pieces';
import { MOUVEMENT_LIST } from '../../services/stock/mouvements';
import { PIECE_LIST } from '../../services/stock/pieces';
import { csv, id, pagination, queryBoolean, resourceFields, search, text } from '../http/schemas';
import { texte } from '../http/validation';

const quantity = z.int().min(0).max(MAX_MOUVEMENT);

/** An exact amount: a float would already have been rounded. */
const montant = z
  .string()
  .regex(MONTANT, texte('Montant attendu : « 12.50 »', 'An amount is expected: "12.50"'))
  .meta({ description: 'Décimal exact, en texte ; au plus quatre décimales' });

export const pieceBody = z.strictObject({
  reference: text(1, 100).meta({ description: 'Unique' }),
  designation: text(1, 200),
  unite: text(1, 20).default('pièce'),
  prix_unitaire: montant.default('0'),
  stock: quantity.default(0),
  seuil_alerte: quantity
    .default(0)
    .meta({ description: 'Le stock est bas quand il n’en reste pas plus de disponibles' }),
});

const { reference, designation } = pieceBody.shape;
const counted = quantity
  .optional()
  .meta({ description: 'Compté : la différence devient un mouvement `inventaire`' });

/** What is not given stays as it is: a stock above all is never emptied by leaving it out. */
const optional = {
  unite: text(1, 20).optional(),
  prix_unitaire: montant.optional(),
  stock: counted,
  seuil_alerte: quantity.optional(),
};

export const pieceReplacement = z.strictObject({ reference, designation, ...optional });

export const pieceChanges = z.strictObject({
  reference: reference.optional(),
  designation: designation.optional(),
  ...optional,
});

export const pieceQuery = z.strictObject({
  ...pagination(PIECE_LIST.sortable),
  q: search.optional(),
  en_alerte: queryBoolean.optional(),
});

export const pieceAnswer = z
  .object({
    ...resourceFields,
    reference: z.string(),
    designation: z.string(),
    unite: z.string(),
    prix_unitaire: z.string().meta({ description: 'Décimal exact' }),
    stock: z.int().meta({ description: 'La somme des mouvements' }),
    reserve: z.int().meta({ description: 'Mises de côté pour des interventions' }),
    disponible: z.int().meta({ description: 'stock − reserve' }),
    seuil_alerte: z.int(),
  })
  .meta({ id: 'Piece' });

export const mouvementBody = z
  .strictObject({
    type: z.enum(TYPES_MOUVEMENT),
    quantite: z
      .int()
      .min(0)
      .max(MAX_STOCK)
      .meta({ description: 'D’un inventaire, combien il y en a ; sinon, combien viennent ou partent' }),
    motif: text(1, 200).nullable().default(null),
  })
  .superRefine(({ type, quantite }, context) => {
    if (type === 'inventaire' || (quantite >= 1 && quantite <= MAX_MOUVEMENT)) return;
    const message = texte(`De 1 à ${MAX_MOUVEMENT}`, `From 1 to ${MAX_MOUVEMENT}`);
    context.addIssue({ code: 'custom', path: ['quantite'], message });
  })
  .meta({
    // The same rule, as clients may check it.
    anyOf: [
      { properties: { type: { const: 'inventaire' } } },
      { properties: { quantite: { minimum: 1, maximum: MAX_MOUVEMENT } } },
    ],
  });

export const mouvementQuery = z.strictObject({
  ...pagination(MOUVEMENT_LIST.sortable),
  type: csv(z.enum(TYPES_MOUVEMENT)).optional(),
});

export const mouvementAnswer = z
  .object({
    id,
    piece_id: id,
    type: z.enum(TYPES_MOUVEMENT),
    quantite: z.int().meta({ description: 'Telle que dite : venue, partie ou comptée' }),
    variation: z.int().meta({ description: 'Ce qui s’ajoute au stock ; le stock est leur somme' }),
    stock: z.int().meta({ description: 'Le stock qui en résulte' }),
    motif: z.string().nullable(),
    intervention_id: id
      .nullable()
      .meta({ description: 'Pour qui, ou de qui ; null aussi pour qui ne peut la lire' }),
    auteur_id: id.nullable(),
    date_creation: z.iso.datetime(),
  })
  .meta({ id: 'MouvementStock' });
