import type { Client } from './client';

/** Every way in which one field of a body can be wrong, made from a body that is right. */

export type JsonType = 'string' | 'number' | 'boolean' | 'array' | 'object';

/** What a field takes; everything else must be refused, with the field named. */
export interface Field {
  accepts: JsonType | JsonType[];
  required?: boolean;
  nullable?: boolean;
  /** A text that people write: may be neither empty nor longer than this, nor hold what cannot be stored. */
  maxLength?: number;
  /** Further values of an accepted type that are refused all the same. */
  refuses?: unknown[];
}

export interface Fault {
  name: string;
  /** The field that the answer has to name. */
  champ: string;
  body: unknown;
}

const VALUES: Record<JsonType, unknown> = {
  string: 'texte quelconque',
  number: 1.5,
  boolean: true,
  array: [['imbriqué']],
  object: { inattendu: 1 },
};

/** @param partial true for a body whose fields may all be missing, as that of PATCH */
export function faultsOf(
  valid: Record<string, unknown>,
  fields: Record<string, Field>,
  partial = false,
): Fault[] {
  const faults: Fault[] = [
    { name: 'an unknown field', champ: 'champ_inconnu', body: { ...valid, champ_inconnu: 1 } },
    { name: 'an array in place of the body', champ: '', body: [valid] },
  ];
  for (const [champ, field] of Object.entries(fields)) {
    const wrong = (name: string, value: unknown) =>
      faults.push({ name: `${champ}: ${name}`, champ, body: { ...valid, [champ]: value } });
    const accepts = [field.accepts].flat();
    if (field.required && !partial) {
      const { [champ]: _, ...others } = valid;
      faults.push({ name: `${champ}: missing`, champ, body: others });
    }
    if (!field.nullable) wrong('null', null);
    for (const [type, value] of Object.entries(VALUES)) {
      if (!accepts.includes(type as JsonType)) wrong(`of type ${type}`, value);
    }
    if (field.maxLength !== undefined) {
      wrong('empty', '');
      wrong('blank', '   ');
      wrong('too long', 'x'.repeat(field.maxLength + 1));
      wrong('with a NUL character', 'a\0b');
      wrong('with half a surrogate pair', 'a\ud800b');
    }
    for (const value of field.refuses ?? []) wrong(JSON.stringify(value), value);
  }
  return faults;
}

/**
 * Sends each fault and says which were not answered 422 with the field named.
 * @returns an empty list when all is well.
 */
export async function unrefused(
  client: Client,
  method: 'post' | 'put' | 'patch',
  path: string,
  faults: Fault[],
): Promise<{ name: string; status: number; champs: string[] }[]> {
  const outcomes = [];
  for (const { name, champ, body } of faults) {
    const reply = await client[method](path, body);
    const champs: string[] = (reply.body.erreurs ?? []).map((erreur: { champ: string }) => erreur.champ);
    const named = champs.some((found) => found === champ || found.startsWith(`${champ}.`));
    if (reply.status !== 422 || !named) outcomes.push({ name, status: reply.status, champs });
  }
  return outcomes;
}
