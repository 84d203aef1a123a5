import { z } from 'zod';

/** JSON Schema (draft 2020-12) as OpenAPI 3.1 takes it. */
export type JsonSchema = Record<string, unknown> & {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  description?: string;
};

/** Translates schemas and gathers those that carry an `id` in their `meta`, to be named once and referred to. */
export class SchemaCollector {
  /** By name. */
  readonly schemas: Record<string, JsonSchema> = {};

  /** What a client sends. */
  input(schema: z.ZodType): JsonSchema {
    return this.translate(schema, 'input');
  }

  /** What a client receives. */
  output(schema: z.ZodType): JsonSchema {
    return this.translate(schema, 'output');
  }

  private translate(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema,
      $defs = {},
      ...json
    } = z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema as JsonSchema, io),
    });
    for (const [id, definition] of Object.entries($defs)) {
      const { id: _, ...named } = definition as JsonSchema;
      this.schemas[id] = relinked(named);
    }
    return relinked(json as JsonSchema);
  }
}

/** Takes out what says nothing to a client, and puts in what zod leaves out. */
function tidy(schema: z.core.$ZodType, json: JsonSchema, io: 'input' | 'output'): void {
  // The format says it; the pattern that goes with it fills half a screen.
  if (json.format !== undefined) delete json.pattern;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  // Every name is a text.
  if (JSON.stringify(json.propertyNames) === '{"type":"string"}') delete json.propertyNames;
  alike(json);
  // Clients must bear a field that a later version adds.
  if (io === 'output' && json.additionalProperties === false) delete json.additionalProperties;
  const { def } = schema._zod;
  // Of values that travel as text zod does not trust the default to be in the form of the wire.
  if (io === 'input' && def.type === 'default') json.default ??= (def as z.core.$ZodDefaultDef).defaultValue;
}

/** References as they are in an OpenAPI document; members that are undefined go. */
function relinked(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}

/** A tuple whose items are all alike is a list of so many: what reads documents does not always know `prefixItems`. */
function alike(json: JsonSchema): void {
  const { prefixItems } = json;
  if (!Array.isArray(prefixItems) || new Set(prefixItems.map((item) => JSON.stringify(item))).size > 1)
    return;
  json.items = prefixItems[0];
  delete json.prefixItems;
}
