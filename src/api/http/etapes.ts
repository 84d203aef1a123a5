import { z } from 'zod';
import { MAX_CHOIX, MAX_ETAPES, TYPES_ETAPE } from '../../domain/interventions/etapes';
import { text } from './schemas';

/** The definition of a step, of a template and of an intervention alike. */

const limite = z.number().min(-1e12).max(1e12).nullable();
const definition = {
  libelle: text(1, 200),
  type: z.enum(TYPES_ETAPE).meta({
    description:
      '`case` à cocher ; `nombre` et `releve` (d’un compteur), qui ont des limites ; `texte` ; `choix` ; `photo`, un ' +
      'document de l’intervention',
  }),
  obligatoire: z.boolean().meta({ description: 'Sans réponse, l’intervention ne se termine pas' }),
  suite: z.boolean().meta({ description: 'Une valeur hors limites ouvre une intervention' }),
};

const etape = z.strictObject({
  ...definition,
  obligatoire: definition.obligatoire.default(false),
  suite: definition.suite.default(false),
  min: limite.default(null),
  max: limite.default(null),
  unite: text(1, 20).nullable().default(null),
  choix: z.array(text(1, 100)).max(MAX_CHOIX).nullable().default(null),
  compteur: text(1, 100).nullable().default(null).meta({
    description:
      'De `releve`, le nom du compteur de l’équipement où la réponse est inscrite ; null pour le seul qu’il a',
  }),
});

export const etapesBody = z.array(etape).min(1).max(MAX_ETAPES);

/** As many as there are, also none. */
export const etapesOrNone = z.array(etape).max(MAX_ETAPES);

export const definitionAnswer = {
  libelle: z.string(),
  type: z.enum(TYPES_ETAPE),
  obligatoire: z.boolean(),
  suite: z.boolean(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  unite: z.string().nullable(),
  choix: z.array(z.string()).nullable(),
  compteur: z.string().nullable(),
};
