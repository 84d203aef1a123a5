import { z } from 'zod';
import { PIECE_LIST } from '../../services/stock/pieces';
import { pagination, queryBoolean, resourceFields, search, text } from '../http/schemas';

const quantity = z.int().min(0).max(1_000_000);

export const pieceBody = z.strictObject({
  reference: text(1, 100).meta({ description: 'Unique' }),
  designation: text(1, 200),
  stock: quantity.default(0),
  seuil_alerte: quantity.default(0).meta({ description: 'Le stock est bas à partir de cette quantité' }),
});

export const pieceChanges = z.strictObject({
  reference: pieceBody.shape.reference.optional(),
  designation: pieceBody.shape.designation.optional(),
  stock: quantity.optional(),
  seuil_alerte: quantity.optional(),
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
    stock: z.int(),
    seuil_alerte: z.int(),
  })
  .meta({ id: 'Piece' });
