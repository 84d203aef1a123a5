import { z } from 'zod';
import { TYPES_CONSTANTE, UNITES } from '../../domain/cabinet/constantes';
import {
  CATEGORIES_ALLERGIE,
  CERTITUDES,
  CERTITUDES_DIAGNOSTIC,
  codeCim10,
  DECISIONS,
  type Nature,
  OBJETS_CONSENTEMENT,
  QUALITES_ASSURE,
  QUALITES_REPRESENTANT,
  RECUEILS,
  SEVERITES,
  TYPES_ANTECEDENT,
} from '../../domain/cabinet/elements';
import { email, line, paragraphs, personName, telephone, text } from './schemas';
import { texte } from './validation';

/** What is said in entries of records, as doctors write it and patients read it. */

/** A day, a month or a year, in no time zone. */
const date = z
  .string()
  .regex(
    /^\d{4}(-\d{2}(-\d{2})?)?$/,
    texte('Date attendue : 1962-03-14, 1962-03 ou 1962', 'A date is expected: 1962-03-14, 1962-03 or 1962'),
  )
  .meta({ description: 'Aussi loin qu’elle est connue : `1962-03-14`, `1962-03` ou `1962`' });

const cim10 = z
  .string()
  .max(10)
  .overwrite((code) => codeCim10(code) ?? code)
  .meta({ description: 'Code CIM-10 ; un texte sans code est toujours admis', examples: ['E11.9'] });

const atc = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]\d{2}([A-Z]([A-Z](\d{2})?)?)?$/, texte('Code ATC attendu', 'An ATC code is expected'));

const note = paragraphs(1, 2_000);

export type Fields = Record<string, z.ZodType>;

/** What is said in an entry of each kind. */
export const FIELDS = {
  couverture: {
    organisme: text(1, 200),
    immatriculation: line(1, 50).nullable(),
    qualite: z.enum(QUALITES_ASSURE),
    taux: z.number().min(0).max(100).nullable().meta({ description: 'Pour cent' }),
    date_debut: date.nullable(),
    date_fin: date.nullable(),
  },
  representant: {
    qualite: z.enum(QUALITES_REPRESENTANT),
    nom: personName,
    prenoms: personName.nullable(),
    telephone: telephone.nullable(),
    email: email.meta({ description: 'Scellé' }).nullable(),
    adresse: paragraphs(1, 500).nullable(),
    precision: note.nullable(),
  },
  consentement: {
    objet: z.enum(OBJETS_CONSENTEMENT),
    decision: z.enum(DECISIONS),
    recueil: z.enum(RECUEILS),
    par: personName.nullable().meta({ description: 'Qui l’a dit, quand ce n’était pas le patient' }),
    precision: note.nullable(),
  },
  antecedent: {
    type: z.enum(TYPES_ANTECEDENT),
    texte: note,
    code: cim10.nullable(),
    date_debut: date.nullable(),
    lien: text(1, 100).nullable().meta({ description: 'Quel parent, d’un antécédent familial' }),
    source_tiers: z.boolean().meta({
      description: 'Appris d’un tiers : cela n’est pas dans la copie que le patient reçoit',
    }),
  },
  allergie: {
    aucune_connue: z.boolean().meta({
      description:
        'Dit qu’il n’y en a pas, ce qui n’est pas la même chose que de ne rien dire. Refusé (409) tant qu’il y en a une.',
    }),
    substance: text(1, 300).nullable(),
    categorie: z.enum(CATEGORIES_ALLERGIE).nullable(),
    reaction: note.nullable(),
    severite: z.enum(SEVERITES).nullable(),
    certitude: z.enum(CERTITUDES).nullable(),
    date_debut: date.nullable(),
  },
  traitement: {
    medicament: text(1, 300),
    code: atc.nullable().meta({ description: 'Code ATC' }),
    posologie: note.nullable(),
    motif: text(1, 300).nullable(),
    prescripteur: text(1, 200).nullable(),
    date_debut: date.nullable(),
    date_fin: date.nullable(),
  },
  constante: {
    type: z.enum(TYPES_CONSTANTE),
    valeur: z.number().meta({ description: 'La systolique, d’une tension artérielle' }),
    diastolique: z.number().nullable(),
    unite: z.enum(UNITES).meta({ description: 'UCUM' }),
    precision: note.nullable(),
  },
  diagnostic: {
    texte: text(1, 500),
    code: cim10.nullable(),
    certitude: z.enum(CERTITUDES_DIAGNOSTIC),
    date_debut: date.nullable(),
  },
} as const satisfies Record<Nature, Fields>;

/** What an entry of a kind says, as it is shown. */
export function contenuAnswer(nature: Nature): Fields {
  return Object.fromEntries(Object.entries(FIELDS[nature]).map(([name, schema]) => [name, outputOf(schema)]));
}

/** What a client is shown: kept values are not judged again. */
function outputOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodNullable) return outputOf(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodBoolean) return schema;
  return schema instanceof z.ZodNumber ? z.number() : z.string();
}
