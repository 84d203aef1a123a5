import { DOMParser, type Element } from '@xmldom/xmldom';
import { parse } from 'csv-parse/sync';
import { type CodeCim10, entreeCim10 } from '../../src/domain/cabinet/codes';

/** Files of codes as they are published. */

export interface CodesLus {
  codes: CodeCim10[];
  /** Entries that are no code of the form of the CIM-10, or have no label: chapters, blocks, headings. */
  ecartes: number;
}

/**
 * Reads the codes of a file: ClaML (EN 14463), or CSV with `;`, `,` or a tab between a code and its label.
 * @throws {Error} for what is neither
 */
export function lireCodes(text: string): CodesLus {
  const content = text.replace(/^\uFEFF/, '');
  const entries = /^\s*<(\?xml|!DOCTYPE|ClaML)/i.test(content) ? ofClaml(content) : ofCsv(content);
  // Of the same code the last label counts.
  const found = new Map<string, CodeCim10>();
  let left = 0;
  for (const [code, libelle] of entries) {
    const entry = entreeCim10(code, libelle);
    if (entry === null) left += 1;
    else found.set(entry.code, entry);
  }
  return { codes: [...found.values()], ecartes: left };
}

function ofCsv(text: string): [string, string][] {
  // What stands behind the first code: a label may hold the others.
  const [, delimiter = ';'] = /^\s*"?[^;,\t"]*"?([;,\t])/.exec(text) ?? [];
  const rows = parse(text, {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  }) as string[][];
  return rows.map(([code = '', libelle = '']) => [code, libelle]);
}

function ofClaml(text: string): [string, string][] {
  const onError = (level: string, message: string) => {
    if (level !== 'warning') throw new Error(message);
  };
  const document = new DOMParser({ onError }).parseFromString(text, 'text/xml');
  const classes = [...document.getElementsByTagName('Class')];
  return classes
    .filter((one) => one.getAttribute('kind') === 'category')
    .map((one) => [one.getAttribute('code') ?? '', labelOf(one)]);
}

/** What a class is preferably called; in the long form where there is one. */
function labelOf(one: Element): string {
  const rubrics = [...one.getElementsByTagName('Rubric')];
  const named = (kind: string) => rubrics.find((rubric) => rubric.getAttribute('kind') === kind);
  return (
    (named('preferredLong') ?? named('preferred'))?.getElementsByTagName('Label').item(0)?.textContent ?? ''
  );
}
