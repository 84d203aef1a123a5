import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a parser that is not ours read of a calendar object. */
export interface CalendrierLu {
  /** Empty where there is none. */
  methode: string;
  evenements: {
    uid: string;
    sequence: number;
    debut: string;
    fin: string;
    statut: string;
    titre: string;
    organisateur: string;
    participants: string[];
  }[];
  fautes: string[];
}

export interface DeuxLectures {
  icalendar: CalendrierLu;
  vobject: CalendrierLu;
}

/** Has each text read by Python's `icalendar` and `vobject`. */
function readCalendars(texts: readonly string[]): DeuxLectures[] {
  const { status, stdout, stderr } = spawnSync(
    process.env.TEST_CALENDAR_PYTHON!,
    [join(__dirname, 'calendar-readers.py')],
    { input: JSON.stringify(texts), encoding: 'utf8', timeout: 60_000 },
  );
  if (status !== 0) throw new Error(`The readers of calendars ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as DeuxLectures[];
}

/**
 * What all texts have in common, whoever reads them: lines of 75 octets at most that end with CRLF, no character cut in
 * two, and the method before the first component. Both readers find no fault, and read the same.
 * @returns what they read.
 */
export function expectSound(texts: readonly string[]): CalendrierLu[] {
  for (const text of texts) {
    const lines = text.split('\r\n');
    expect(lines.at(-1)).toBe('');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(lines.filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
    expect(text).not.toContain('\uFFFD');
    const method = text.indexOf('\r\nMETHOD:');
    expect(method).toBeLessThan(text.indexOf('\r\nBEGIN:'));
  }
  return readCalendars(texts).map(({ icalendar, vobject }) => {
    expect([icalendar.fautes, vobject.fautes]).toEqual([[], []]);
    expect(vobject).toEqual(icalendar);
    return icalendar;
  });
}
