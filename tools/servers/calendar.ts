import { join } from 'node:path';
import { projectRoot } from '../lib/paths';
import { findPythonWith } from '../lib/python';

/**
 * Path of a Python that has a CalDAV server (`python -m radicale`) and two readers of iCalendar that know nothing of our
 * writer, `icalendar` and `vobject`; they are installed when that is due.
 * @throws when there is no Python to install them with.
 */
export function findCalendarPython(): Promise<string> {
  return findPythonWith({
    name: 'calendriers',
    requirements: join(projectRoot, 'tools', 'servers', 'calendar-requirements.txt'),
    title: 'Installing a calendar server and readers of calendars (first time only)',
    neededBy: 'npm test',
  });
}
