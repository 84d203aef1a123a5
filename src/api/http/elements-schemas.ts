import { z } from 'zod';
import { ELEMENTS, type Nature, statutsOf } from '../../domain/cabinet/elements';
import { ELEMENT_LIST, type Element } from '../../services/cabinet/elements';
import { contenuAnswer, FIELDS, type Fields } from './elements';
import { csv, id, instant, pagination, resourceFields, text } from './schemas';

/** Entries of records as they are asked and answered, by themselves and in a consultation. */

/** What is meant where nothing is said, beside null of what may be that. */
const MEANT: Record<string, unknown> = { source_tiers: false, aucune_connue: false, certitude: 'confirme' };

function withDefaults(fields: Fields): z.ZodObject {
  const entries = Object.entries(fields).map(([name, schema]): [string, z.ZodType] => {
    if (schema instanceof z.ZodNullable) return [name, schema.default(null)];
    if (name === 'unite') return [name, schema.optional()];
    return [name, name in MEANT ? schema.default(MEANT[name]) : schema];
  });
  return z.strictObject(Object.fromEntries(entries));
}

const DATE_EFFET = {
  date_effet: instant.meta({
    description: 'Quand cela fut mesuré ou dit ; maintenant, si rien n’est dit',
  }),
};

interface ElementSchemas {
  body: z.ZodObject;
  changes: z.ZodObject;
  query: z.ZodObject;
  answer: z.ZodType;
}

const SCHEMAS = new Map<Nature, ElementSchemas>();

/** The same ones each time: an answer has one name in the OpenAPI page. */
export function elementSchemas(nature: Nature): ElementSchemas {
  const schemas = SCHEMAS.get(nature) ?? schemasOf(nature);
  SCHEMAS.set(nature, schemas);
  return schemas;
}

function schemasOf(nature: Nature): ElementSchemas {
  const fields: Fields = FIELDS[nature];
  const { datee, deConsultation } = ELEMENTS[nature];
  const entered = {
    ...(datee && { date_effet: DATE_EFFET.date_effet.optional() }),
    ...(deConsultation && {
      consultation_id: id.nullable().optional().meta({
        description: 'Le brouillon de consultation où cela fut mesuré ou trouvé : signé avec lui',
      }),
    }),
  };
  const instants = datee ? DATE_EFFET : {};
  const statut = z.enum(statutsOf(nature));
  const { aucune_connue: _, ...changeable } = fields;
  return {
    body: withDefaults(fields).extend(entered),
    changes: z
      .strictObject({
        ...changeable,
        ...instants,
        statut: statut.meta({
          description: 'erreur : saisi à tort ; l’entrée reste visible et ne change plus',
        }),
        motif_erreur: text(1, 500).nullable(),
      })
      .partial(),
    query: z.strictObject({ ...pagination(ELEMENT_LIST.sortable), statut: csv(statut).optional() }),
    answer: z
      .object({
        ...resourceFields,
        patient_id: id,
        statut,
        ...contenuAnswer(nature),
        motif_erreur: z.string().nullable(),
        date_effet: z.iso.datetime(),
        consultation_id: id.nullable(),
        auteur: z.object({ id, nom: z.string(), prenom: z.string() }),
      })
      .meta({ id: nature[0]!.toUpperCase() + nature.slice(1) }),
  };
}

/** An entry of a record as it is answered: what it says beside what it is. */
export function shownElement({ contenu, cabinet_id: _, nature: __, ...row }: Element): { version: number } {
  return { ...row, ...contenu };
}
