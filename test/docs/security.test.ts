import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/lib/paths';

/** The page on security promises that tests show what it says: none of them may have gone, or be called otherwise. */

const page = readFileSync(join(projectRoot, 'docs', 'security.md'), 'utf8');

/** `folder/file` “name” “another name” */
const citations = [...page.matchAll(/`([\w-]+(?:\/[\w-]+)+)`((?: “[^”]+”)+)/g)].map(([, file, names]) => ({
  file: `test/${file}.test.ts`,
  names: [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => name!),
}));

it('cites tests that exist, by the names that they have', () => {
  const missing: string[] = [];
  for (const { file, names } of citations) {
    const path = join(projectRoot, file);
    const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (source === '') missing.push(file);
    else missing.push(...names.filter((name) => !quoted(source, name)).map((name) => `${file} “${name}”`));
  }
  expect(missing).toEqual([]);
});

it('cites a test for every threat', () => {
  const [, threats] = /\n## Threats\n([\s\S]*?)\n## /.exec(page)!;
  const rows = threats!.split('\n').filter((line) => /^\| (?!---|threat)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/“[^”]+” \|$/.test(row))).toEqual([]);
  // Every name between these quotes is one that was looked for.
  const names = threats!.match(/“[^”]+”/g)!;
  expect(names).toHaveLength(citations.flatMap((citation) => citation.names).length);
});

it('names files of the code that exist', () => {
  const files = [...page.matchAll(/`(src\/[\w./-]+)`/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
});

/** The name stands in the source as the whole of a literal. */
function quoted(source: string, name: string): boolean {
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal));
}
