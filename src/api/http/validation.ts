import { z } from 'zod';
import { type FieldFault, RegieError, type Texte } from '../../domain/errors';

const french = z.locales.fr().localeError;
const english = z.locales.en().localeError;

/** Messages of our own refinements, given once in both languages. */
const ownMessages = new Map<string, Texte>();

/** Names a message for `refine` and friends in both languages; zod itself carries one text only. */
export function texte(fr: string, en: string): string {
  ownMessages.set(fr, { fr, en });
  return fr;
}

/**
 * Checks a value against its schema.
 * @throws {RegieError} `VALIDATION` with every fault at once.
 */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = validate(schema, value);
  if ('erreurs' in result) throw new RegieError('VALIDATION', { erreurs: result.erreurs });
  return result.value;
}

/** The value, or every fault of it. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { value: z.output<Schema> } | { erreurs: FieldFault[] } {
  const result = schema.safeParse(value);
  return result.success ? { value: result.data } : { erreurs: result.error.issues.flatMap(faults) };
}

function faults(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      champ: [...path, key].join('.'),
      message: { fr: 'Champ inconnu', en: 'Unknown field' },
    }));
  }
  return [{ champ: path.join('.'), message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): Texte {
  const own = ownMessages.get(issue.message);
  if (own !== undefined) return own;
  const raw = issue as z.core.$ZodRawIssue;
  return { fr: localized(french, raw) ?? issue.message, en: localized(english, raw) ?? issue.message };
}

function localized(locale: typeof french, issue: z.core.$ZodRawIssue): string | undefined {
  const message = locale(issue);
  return typeof message === 'string' ? message : message?.message;
}
