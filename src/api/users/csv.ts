import { CsvError, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { invalid, RegieError, type Texte } from '../../domain/errors';
import type { LineFault, UserLine } from '../../services/users-import';
import { validate } from '../validation';
import { userLine } from './schemas';

/**
 * A file of accounts: a line of column names, then a person a line. The separator is a comma or, as spreadsheets write it
 * in French, a semicolon. Cells are text: whatever is in them, nothing is worked out of it.
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
  checkColumns(header.cells);
  if (rows.length > MAX_LINES) {
    throw unreadable({
      fr: `Au plus ${MAX_LINES} lignes à la fois`,
      en: `At most ${MAX_LINES} lines at a time`,
    });
  }
  const file: UsersFile = { lignes: rows.length, valid: [], faults: [] };
  for (const { ligne, cells } of rows) {
    if (cells.length !== header.cells.length) {
      file.faults.push({ ligne, champ: '', message: otherColumns(cells.length, header.cells.length) });
      continue;
    }
    const result = validate(userLine, toObject(header.cells, cells));
    if ('erreurs' in result) file.faults.push(...result.erreurs.map((fault) => ({ ligne, ...fault })));
    else file.valid.push({ ligne, fields: { ...result.value, is_active: true } });
  }
  return file;
}

function readRows(text: string): Row[] {
  // The parser counts a line break of two characters inside quotes twice.
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  // What a decoder puts in the place of bytes that are no UTF-8.
  if (content.includes('\uFFFD')) {
    throw unreadable({ fr: 'Le fichier doit être en UTF-8', en: 'The file has to be in UTF-8' });
  }
  try {
    const records = parse(content, {
      delimiter: separatorOf(content),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      to: MAX_LINES + 2,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return records.map(({ info, record }) => ({
      // A record is counted at its last line.
      ligne: info.lines - record.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0),
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable({
      fr: `Guillemets mal placés à la ligne ${error.lines}`,
      en: `Misplaced quotes on line ${error.lines}`,
    });
  }
}

function separatorOf(content: string): string {
  const [header = ''] = content.trimStart().split('\n', 1);
  return header.includes(';') ? ';' : ',';
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
