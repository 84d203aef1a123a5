import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type ModuleItem, parseSync } from '@swc/core';

/**
 * The modules of workflows are run once for all workflows of a worker (`src/worker/bundle.ts`): what one of them keeps, all the
 * others would find.
 */

const SOURCES = join(__dirname, '..', '..', 'src');
const parsed = (code: string) => parseSync(code, { syntax: 'typescript', target: 'es2023' }).body;

/** The modules of the workflows, by their names, with what they import of ours. */
function modules(): Map<string, ModuleItem[]> {
  const found = new Map<string, ModuleItem[]>();
  const visit = (path: string): void => {
    const name = relative(SOURCES, path);
    if (found.has(name)) return;
    const items = parsed(readFileSync(path, 'utf8'));
    found.set(name, items);
    for (const item of items) {
      const from = 'source' in item ? item.source : undefined;
      const isOfTypes = 'typeOnly' in item && item.typeOnly;
      if (from?.value.startsWith('.') && !isOfTypes) visit(`${join(dirname(path), from.value)}.ts`);
    }
  };
  visit(join(SOURCES, 'workflows', 'index.ts'));
  return found;
}

/** What a module could keep: a variable, or something made when it is run that is no plain value. */
function kept(items: readonly ModuleItem[]): string[] {
  return items.flatMap((item) => {
    const declaration = item.type === 'ExportDeclaration' ? item.declaration : item;
    if (declaration.type !== 'VariableDeclaration') return [];
    const names = declaration.declarations.map(({ id }) => ('value' in id ? String(id.value) : id.type));
    return declaration.kind !== 'const' || makesThings(declaration.declarations) ? names : [];
  });
}

/** Whether something is made with `new` outside of a function, which makes it anew. */
function makesThings(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { type } = node as { type?: string };
  if (type === 'NewExpression') return true;
  if (type !== undefined && /Function|Class|Method/.test(type)) return false;
  return Object.values(node).some(makesThings);
}

it('keep nothing between two workflows', () => {
  const all = modules();
  expect(all.size).toBeGreaterThan(20);
  expect([...all].flatMap(([name, items]) => kept(items).map((variable) => `${name}: ${variable}`))).toEqual(
    [],
  );
});

it('would be told if they did', () => {
  const code =
    'let last = 0; export const seen = { by: new Map() }; export const fine = { a: () => new Map() }; const { b } = fine;';
  expect(kept(parsed(code))).toEqual(['last', 'seen']);
});
