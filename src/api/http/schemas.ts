import { z } from 'zod';
import { isOneLine, isPlainName, MAX_NAME_LENGTH } from '../../domain/identite/noms';
import { MAX_LIGNES } from '../../domain/limites';
import { countLines, foldLines, foldToLine } from '../../domain/lines';
import { MAX_MOTS, motsOf } from '../../domain/recherche';
import { isSort, type ListSpec } from '../../services/list';
import { texte } from './validation';

/**
 * Pieces that the schemas of several resources share. What travels as text and arrives as something else says in its
 * `meta` what it is to a client: the OpenAPI page is made of that.
 */

/** The largest `integer` of PostgreSQL. */
export const MAX_ID = 2_147_483_647;

export const id = z.int().min(1).max(MAX_ID);

/** What a text of digits is to a client. */
const asInteger = (minimum: number, maximum: number) => ({
  type: 'integer',
  minimum,
  maximum,
  pattern: undefined,
});

/** `{ id }` of a path: digits without a sign or leading zeros. */
/** Takes nothing. */
export const NOTHING = z.strictObject({});

export const idParam = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .transform(Number)
    .pipe(id)
    .meta({ ...asInteger(1, MAX_ID), description: 'Identifiant' }),
});

const queryInteger = z
  .string()
  .regex(/^\d{1,10}$/, texte('Nombre entier attendu', 'A whole number is expected'))
  .transform(Number);

export const queryId = queryInteger.pipe(id).meta(asInteger(1, MAX_ID));

export const queryBoolean = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ type: 'boolean', enum: undefined });

/** A whole number of a query. */
export const queryNumber = (min: number, max: number) =>
  queryInteger.pipe(z.int().min(min).max(max)).meta(asInteger(min, max));

/**
 * PostgreSQL stores neither NUL nor half a surrogate pair (in JSON), and no person ever meant one; nor U+FFFD, which a
 * decoder puts in the place of bytes that are no UTF-8.
 */
const printable = (value: string) => !/[\0\uFFFD\p{Surrogate}]/u.test(value);
const FORBIDDEN = texte('Caractère interdit', 'A character is not allowed');

/** A text of one line that a person writes, trimmed; a line break in it is a space. */
export const text = (min: number, max: number) =>
  z.string().overwrite(foldToLine).min(min).max(max).refine(printable, FORBIDDEN);

/**
 * A text of several lines that a person writes, trimmed. A document is set line by line, so lines are counted as well as
 * characters, and of several empty ones one is kept.
 */
export const paragraphs = (min: number, max: number, maxLines = MAX_LIGNES) =>
  z
    .string()
    .overwrite(foldLines)
    .min(min)
    .max(max)
    .refine(printable, FORBIDDEN)
    .refine(
      (value) => countLines(value) <= maxLines,
      texte(`Au plus ${maxLines} lignes`, `At most ${maxLines} lines`),
    );

/** A text as it was typed, trimmed. */
const typed = (min: number, max: number) => z.string().trim().min(min).max(max).refine(printable, FORBIDDEN);

/** A text of one line, all of it to be seen: a line break is no space here, but a fault. */
export const line = (min: number, max: number) => typed(min, max).refine(isOneLine, FORBIDDEN);

/**
 * A name by which others know somebody or something: it stands in mails and documents that they receive, as if the
 * system said it.
 */
export const plainName = (max: number) =>
  typed(1, max).refine(
    isPlainName,
    texte(
      'Un nom, sans adresse, lien ni caractère invisible',
      'A name is expected, without addresses, links or invisible characters',
    ),
  );

export const personName = plainName(MAX_NAME_LENGTH);

/** One address, in lower case: neither a list of them nor a name with one. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email())
  .meta({ format: 'email', description: 'Unique, sans égard à la casse' });

/**
 * A password that somebody is about to have. What the policy has against it is told all at once by `Passwords.hash`,
 * which knows the installation's policy and whose password it is.
 */
export const newPassword = z
  .string()
  .max(1_000)
  .refine(printable, FORBIDDEN)
  .meta({
    format: 'password',
    description:
      'Au moins 10 caractères, dont une majuscule, une minuscule, un chiffre et un symbole (ou 15 caractères, selon ' +
      'l’installation), au plus 128 ; ni mot courant, ni nom ou adresse de la personne',
  });

/** A telephone number as people write it; which numbers there are is judged where it is written. */
export const telephone = z
  .string()
  .trim()
  .regex(/^\+?[\d .()/-]{4,30}$/, texte('Numéro de téléphone attendu', 'A telephone number is expected'))
  .meta({
    description:
      'Gardé en E.164 (+212612345678) ; sans indicatif, c’est un numéro du pays du site de la personne, sinon de l’installation',
  });

/** Values of one filter, at most. */
const MAX_VALUES = 50;

/** Several values with commas, each once. */
export function csv<Value extends z.ZodType<unknown, string>>(value: Value) {
  return z
    .string()
    .max(1_000)
    .transform((list) => [...new Set(list.split(',').map((part) => part.trim()))])
    .pipe(z.array(value).min(1).max(MAX_VALUES))
    .meta({
      type: 'array',
      items: { ...z.toJSONSchema(value, { io: 'input' }), $schema: undefined },
      minItems: 1,
      maxItems: MAX_VALUES,
      maxLength: undefined,
    });
}

/** An instant in RFC 3339 with any offset, as a Date. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  .refine(isStorable, texte('Date hors limites', 'Date out of range'));

/** An instant, or a bare date: `domain/local-time.ts` says which instant that is in a zone. */
export const instantOrDate = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .refine((value) => isStorable(new Date(value)), texte('Date hors limites', 'Date out of range'));

function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1900 && year <= 9000;
}

/** Rows that are passed over are read all the same; who goes further goes on by cursor, which costs nothing. */
const MAX_OFFSET = 10_000;

/** `limit`, `offset`, `sort` and `curseur`, which every list takes. */
export function pagination(sortable: ListSpec['sortable']) {
  const fields = Object.keys(sortable);
  const term = `-?(?:${fields.join('|')})`;
  return {
    limit: queryNumber(1, 200).default(20).meta({ description: 'Lignes par page' }),
    offset: queryNumber(0, MAX_OFFSET)
      .default(0)
      .meta({ description: 'Lignes à passer ; plus loin, l’en-tête Link mène de page en page' }),
    sort: z
      .string()
      .min(1)
      .max(200)
      .refine((sort) => isSort(sortable, sort), texte('Tri inconnu', 'Unknown sort'))
      .optional()
      .meta({
        pattern: `^${term}(?:,${term})*$`,
        description: `Champs séparés par des virgules, « - » devant pour décroissant : ${fields.join(', ')}`,
      }),
    curseur: z
      .string()
      .max(2_000)
      .optional()
      .meta({ description: 'Suite de la liste, tel que donné par l’en-tête Link' }),
  };
}

/** What every resource answers. */
export const resourceFields = {
  id,
  date_creation: z.iso.datetime(),
  date_modification: z.iso.datetime(),
  version: z.int(),
};

/** Text in which `q` searches, without regard to case or accents. */
export const search = text(1, 200)
  .refine(
    (value) => motsOf(value).length <= MAX_MOTS,
    texte(`Au plus ${MAX_MOTS} mots`, `At most ${MAX_MOTS} words`),
  )
  .meta({
    description:
      'Mots à trouver tous, dans n’importe quel ordre, sans égard à la casse ni aux accents ; un mot d’une ou deux ' +
      'lettres se cherche au début des mots',
  });

/** The stretches in which a visit is done, in order. */
export const segmentsAnswer = z
  .array(z.object({ debut: z.iso.datetime(), fin: z.iso.datetime() }))
  .meta({ description: 'Les plages de travail, dans l’ordre ; la fin n’en fait pas partie' });
