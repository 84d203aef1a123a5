import { z } from 'zod';
import { MODELE_LIST } from '../../services/interventions/modeles-etapes';
import { definitionAnswer, etapesBody } from '../http/etapes';
import { pagination, resourceFields, text } from '../http/schemas';

const fields = {
  nom: text(1, 100),
  type_equipement: text(1, 100)
    .nullable()
    .meta({ description: 'Le `type` des équipements ; null pour tous' }),
  automatique: z.boolean().meta({
    description: 'Chaque nouvelle intervention sur ce type d’équipement en a les étapes ; un seul par type',
  }),
  etapes: etapesBody.meta({ description: 'Dans l’ordre' }),
};

export const modeleBody = z.strictObject({
  ...fields,
  type_equipement: fields.type_equipement.default(null),
  automatique: fields.automatique.default(false),
});

export const modeleChanges = z.strictObject(fields).partial();

export const modeleQuery = z.strictObject(pagination(MODELE_LIST.sortable));

export const modeleAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    type_equipement: z.string().nullable(),
    automatique: z.boolean(),
    etapes: z.array(z.object(definitionAnswer)),
  })
  .meta({ id: 'ModeleEtapes' });
