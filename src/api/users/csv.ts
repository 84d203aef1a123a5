import { CsvError, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { invalid, RegieError, type Texte } from '../../domain/errors';
import type { LineFault, UserLine } from '../../services/identite/users-import';
import { validate } from '../http/validation';
import { userLine } from './schemas';

/**
 * A file of accounts: a line of column names, then a person a line. The separator is a comma or, as spreadsheets write it
 * in other languages, a semicolon or a tab; a first line `sep=;` names it. What Excel leaves around the data is passed
 * over: blanks around names and cells, lines of separators alone. Cells are text: nothing is worked out of them.
 */

const MAX_LINES = 1_000;
/** More columns than there are fields are never told one by one. */
const MAX_COLUMNS = 50;

const COLUMNS: readonly string[] = Object.keys(userLine.shape);
const REQUIRED = COLUMNS.filter(
  (column) => !userLine.shape[column as keyof z.input<typeof userLine>].isOptional(),
);

interface Row {
  /** In the file, from 1. */
  ligne: number;
  cells: string[];
}

export interface UsersFile {
  /** How many people the file has. */
  lignes: number;
  valid: UserLine[];
  faults: LineFault[];
}

/** @throws {RegieError} `VALIDATION` for a file that cannot be read as a whole; lines that are faulty are told apart. */
export function readUsersCsv(text: string): UsersFile {
  const [header, ...rows] = readRows(text);
  if (header === undefined) throw unreadable({ fr: 'Fichier vide', en: 'Empty file' });
  const columns = withoutEmptyEnd(header.cells.map(columnOf), 1);
  checkColumns(columns);
  if (rows.length > MAX_LINES) {
    throw unreadable({
      fr: `Au plus ${MAX_LINES} lignes à la fois`,
      en: `At most ${MAX_LINES} lines at a time`,
    });
  }
  const file: UsersFile = { lignes: rows.length, valid: [], faults: [] };
  for (const { ligne, cells: all } of rows) {
    const cells = withoutEmptyEnd(all, columns.length);
    if (cells.length !== columns.length) {
      file.faults.push({ ligne, champ: '', message: otherColumns(cells.length, columns.length) });
      continue;
    }
    const result = validate(userLine, toObject(columns, cells));
    if ('erreurs' in result) file.faults.push(...result.erreurs.map((fault) => ({ ligne, ...fault })));
    else file.valid.push({ ligne, fields: { ...result.value, is_active: true } });
  }
  return file;
}

function readRows(text: string): Row[] {
  // The parser counts a line break of two characters inside quotes twice.
  const { content, separator, before } = withoutHint(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  // What a decoder puts in the place of bytes that are no UTF-8.
  if (content.includes('\uFFFD')) {
    throw unreadable({ fr: 'Le fichier doit être en UTF-8', en: 'The file has to be in UTF-8' });
  }
  try {
    const records = parse(content, {
      delimiter: separator,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      to: MAX_LINES + 2,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return records.map(({ info, record }) => ({
      // A record is counted at its last line.
      ligne: before + info.lines - record.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0),
      // The parser trims the blanks of a keyboard alone.
      cells: record.map((cell) => cell.trim()),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable({
      fr: `Guillemets mal placés à la ligne ${before + Number(error.lines)}`,
      en: `Misplaced quotes on line ${before + Number(error.lines)}`,
    });
  }
}

/** The table itself, what separates its cells, and how many lines of the file stand before it. */
function withoutHint(text: string): { content: string; separator: string; before: number } {
  const hint = /^"?sep=([,;\t])"?[ \t]*\n/i.exec(text);
  if (hint !== null) return { content: text.slice(hint[0].length), separator: hint[1]!, before: 1 };
  const [header = ''] = text.trimStart().split('\n', 1);
  const separator = [';', '\t'].find((one) => header.includes(one)) ?? ',';
  return { content: text, separator, before: 0 };
}

/** @throws {RegieError} `VALIDATION` naming every column that is unknown, there twice or missing */
function checkColumns(columns: readonly string[]): void {
  if (columns.length > MAX_COLUMNS) throw unreadable({ fr: 'Trop de colonnes', en: 'Too many columns' });
  const faults = [
    ...columns
      .filter((column) => !COLUMNS.includes(column))
      .map((champ) => ({ champ, message: { fr: 'Colonne inconnue', en: 'Unknown column' } })),
    ...columns
      .filter((column, index) => COLUMNS.includes(column) && columns.indexOf(column) < index)
      .map((champ) => ({ champ, message: { fr: 'Colonne en double', en: 'Column given twice' } })),
    ...REQUIRED.filter((column) => !columns.includes(column)).map((champ) => ({
      champ,
      message: { fr: 'Colonne manquante', en: 'Missing column' },
    })),
  ];
  if (faults.length > 0) throw invalid(...faults);
}

/** Spreadsheets and people write the names of columns with capitals too. */
function columnOf(header: string): string {
  const name = header.toLowerCase();
  return COLUMNS.includes(name) ? name : header;
}

/** Without the empty cells at the end: spreadsheets write as many as the widest of their rows has ever had. */
function withoutEmptyEnd(cells: readonly string[], atLeast: number): readonly string[] {
  let length = cells.length;
  while (length > atLeast && cells[length - 1] === '') length -= 1;
  return cells.slice(0, length);
}

/** An empty cell says nothing, as a field that is left out of a body. */
function toObject(columns: readonly string[], cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    columns.map((column, index) => [column, cells[index]!] as const).filter(([, cell]) => cell !== ''),
  );
}

function otherColumns(found: number, expected: number): Texte {
  return {
    fr: `${expected} colonnes attendues, ${found} trouvées`,
    en: `${expected} columns expected, ${found} found`,
  };
}

function unreadable(message: Texte): RegieError {
  return invalid({ champ: 'fichier', message });
}
