import type { Sql } from 'sql-template-tag';

/**
 * A statement with its values written into its text, so that its plan can be kept: one with parameters is planned for its
 * values anew, or for none in particular.
 * @returns null when a value could end what it is written in: of what people typed, nothing stands in a text.
 */
export function written({ strings, values }: Sql): string | null {
  let text = strings[0]!;
  for (const [index, value] of values.entries()) {
    const literal = literalOf(value);
    if (literal === null) return null;
    text += literal + strings[index + 1]!;
  }
  return text;
}

/** Numbers, words of a closed list, instants: nothing that needs escaping. */
const PLAIN = /^[\w:.+-]*$/;

/** Quoted, whatever it is: like a parameter, PostgreSQL then takes it for what its place asks for. */
function literalOf(value: unknown): string | null {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) {
    const elements = value.map(plainOf);
    return elements.includes(null) ? null : `'{${elements.map((element) => `"${element}"`).join(',')}}'`;
  }
  const plain = plainOf(value);
  return plain === null ? null : `'${plain}'`;
}

function plainOf(value: unknown): string | null {
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
  const text = value instanceof Date ? value.toISOString() : isPlain ? String(value) : null;
  return text !== null && PLAIN.test(text) ? text : null;
}
