import { instantOfWallClock } from '../../../src/domain/local-time';
import { lireAgenda, type TacheLecture } from '../../../src/domain/rendez-vous/lecture-agenda';

const PARIS = 'Europe/Paris';

function read(events: string, given: Partial<TacheLecture> = {}) {
  const texte = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n${events.trim().replace(/\r?\n\s*/g, '\r\n')}\r\nEND:VCALENDAR\r\n`;
  return lireAgenda({
    objets: [{ objet: 'a.ics', texte }],
    parUid: false,
    zone: PARIS,
    adresses: [],
    debut: Date.parse('2026-10-01T00:00:00Z'),
    fin: Date.parse('2026-12-31T00:00:00Z'),
    ...given,
  }).objets;
}

/** When somebody is busy, as ISO instants to the minute. */
function busy(events: string, given: Partial<TacheLecture> = {}): string[] {
  return read(events, given).flatMap(({ objet, plages, faute }) => {
    expect([objet, faute]).toEqual([objet, null]);
    return plages
      .sort((a, b) => a.debut - b.debut)
      .map(({ debut, fin }) =>
        [debut, fin].map((one) => new Date(one).toISOString().slice(5, 16)).join(' → '),
      );
  });
}

const event = (lines: string) =>
  `BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260901T000000Z\n${lines.trim()}\nEND:VEVENT`;

describe('a single event', () => {
  it('is read in UTC, in a zone, and by the clocks of the owner where it names none', () => {
    expect(busy(event('DTSTART:20261110T090000Z\nDTEND:20261110T100000Z'))).toEqual([
      '11-10T09:00 → 11-10T10:00',
    ]);
    expect(
      busy(
        event('DTSTART;TZID=America/New_York:20261110T090000\nDTEND;TZID=America/New_York:20261110T100000'),
      ),
    ).toEqual(['11-10T14:00 → 11-10T15:00']);
    expect(busy(event('DTSTART:20261110T090000\nDURATION:PT90M'))).toEqual(['11-10T08:00 → 11-10T09:30']);
  });

  it('takes the whole days of its owner, also those of 25 hours', () => {
    expect(busy(event('DTSTART;VALUE=DATE:20261025'))).toEqual(['10-24T22:00 → 10-25T23:00']);
    expect(busy(event('DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261112'))).toEqual([
      '11-09T23:00 → 11-11T23:00',
    ]);
    expect(busy(event('DTSTART;VALUE=DATE:20261110'), { zone: 'America/New_York' })).toEqual([
      '11-10T05:00 → 11-11T05:00',
    ]);
  });

  it('keeps nobody busy when it is transparent, cancelled, free or declined', () => {
    const times = 'DTSTART:20261110T090000Z\nDTEND:20261110T100000Z\n';
    expect(busy(event(`${times}TRANSP:TRANSPARENT`))).toEqual([]);
    expect(busy(event(`${times}STATUS:CANCELLED`))).toEqual([]);
    expect(busy(event(`${times}X-MICROSOFT-CDO-BUSYSTATUS:FREE`))).toEqual([]);
    const declined = `${times}ATTENDEE;PARTSTAT=DECLINED:mailto:Nadia@exemple.ma`;
    expect(busy(event(declined), { adresses: ['nadia@exemple.ma'] })).toEqual([]);
    expect(busy(event(declined), { adresses: ['autre@exemple.ma'] })).toHaveLength(1);
    expect(busy(event(`${times}STATUS:TENTATIVE\nTRANSP:OPAQUE`))).toHaveLength(1);
  });

  it('lasts no time where it says so, and is left out of a period in which it does not lie', () => {
    expect(busy(event('DTSTART:20261110T090000Z'))).toEqual([]);
    expect(busy(event('DTSTART:20250110T090000Z\nDTEND:20250110T100000Z'))).toEqual([]);
  });

  it('keeps what a calendar of free and busy times says', () => {
    expect(
      busy(
        'BEGIN:VFREEBUSY\nUID:f\nFREEBUSY:20261110T090000Z/PT1H,20261110T120000Z/20261110T130000Z\nFREEBUSY;FBTYPE=FREE:20261111T090000Z/PT1H\nEND:VFREEBUSY',
      ),
    ).toEqual(['11-10T09:00 → 11-10T10:00', '11-10T12:00 → 11-10T13:00']);
  });
});

describe('a zone', () => {
  const inZone = (tzid: string) => event(`DTSTART;TZID=${tzid}:20261110T090000\nDURATION:PT1H`);

  it('is known by its IANA name, with a path in front, and by the names of Windows', () => {
    for (const tzid of [
      'Europe/Paris',
      '/freeassociation.sourceforge.net/Europe/Paris',
      'Romance Standard Time',
    ])
      expect([tzid, busy(inZone(tzid), { zone: 'UTC' })]).toEqual([tzid, ['11-10T08:00 → 11-10T09:00']]);
    const named = 'BEGIN:VTIMEZONE\nTZID:1\nX-LIC-LOCATION:Europe/Paris\nEND:VTIMEZONE\n';
    expect(busy(named + inZone('1'), { zone: 'UTC' })).toEqual(['11-10T08:00 → 11-10T09:00']);
  });

  it('that nobody knows is refused by name, unless the event is long over by all clocks', () => {
    const [object] = read(inZone('Customized Time Zone'));
    expect(object).toEqual({
      objet: 'a.ics',
      plages: [],
      faute: { erreur: 'fuseau_inconnu', detail: 'Customized Time Zone' },
    });
    expect(
      busy(event('DTSTART;TZID=Mars/Olympus:20200101T090000\nDTEND;TZID=Mars/Olympus:20200101T100000')),
    ).toEqual([]);
  });
});

describe('an event that comes again', () => {
  const weekly = `DTSTART;TZID=Europe/Paris:20261012T090000\nDTEND;TZID=Europe/Paris:20261012T100000\nRRULE:FREQ=WEEKLY;COUNT=4`;

  it('stays at its hour when the clocks change', () => {
    expect(busy(event(weekly))).toEqual([
      '10-12T07:00 → 10-12T08:00',
      '10-19T07:00 → 10-19T08:00',
      '10-26T08:00 → 10-26T09:00',
      '11-02T08:00 → 11-02T09:00',
    ]);
  });

  it('leaves out what is excluded, and is elsewhere where an override says so', () => {
    const override = (lines: string) =>
      `BEGIN:VEVENT\nUID:u1\nRECURRENCE-ID;TZID=Europe/Paris:20261026T090000\n${lines}\nEND:VEVENT`;
    const series = `${event(`${weekly}\nEXDATE;TZID=Europe/Paris:20261019T090000`)}\n`;
    const kept = ['10-12T07:00 → 10-12T08:00', '11-02T08:00 → 11-02T09:00'];
    expect(busy(series + override('DTSTART;TZID=Europe/Paris:20261027T150000\nDURATION:PT30M'))).toEqual([
      kept[0],
      '10-27T14:00 → 10-27T14:30',
      kept[1],
    ]);
    const free = 'DTSTART;TZID=Europe/Paris:20261026T090000\nDURATION:PT1H\n';
    expect(busy(series + override(`${free}TRANSP:TRANSPARENT`))).toEqual(kept);
    expect(busy(series + override(`${free}STATUS:CANCELLED`))).toEqual(kept);
  });

  it('is moved from a day on where an override says that it stands for all that follow', () => {
    const following =
      'BEGIN:VEVENT\nUID:u1\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261026T090000\nDTSTART;TZID=Europe/Paris:20261026T110000\nDURATION:PT2H\nEND:VEVENT';
    expect(busy(`${event(weekly)}\n${following}`)).toEqual([
      '10-12T07:00 → 10-12T08:00',
      '10-19T07:00 → 10-19T08:00',
      '10-26T10:00 → 10-26T12:00',
      '11-02T10:00 → 11-02T12:00',
    ]);
  });

  it('ends with the last day that it names, in UTC, on the clock of its zone, or as a day', () => {
    const until = (value: string) => busy(event(weekly.replace('COUNT=4', `UNTIL=${value}`))).length;
    expect(until('20261026T080000Z')).toBe(3);
    expect(until('20261026T075959Z')).toBe(2);
    expect(until('20261026T090000')).toBe(3);
    expect(until('20261026')).toBe(3);
  });

  it('has its further dates, each once', () => {
    const dates = `${weekly}\nRDATE;TZID=Europe/Paris:20261013T090000,20261019T090000\nRDATE;VALUE=PERIOD:20261201T090000Z/PT2H`;
    expect(busy(event(dates))).toHaveLength(6);
    expect(busy(event(dates)).at(-1)).toBe('12-01T09:00 → 12-01T11:00');
  });

  it('of whole days takes those of the owner, and leaves out those that are excluded', () => {
    const lines = 'DTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261024';
    expect(busy(event(lines))).toEqual(['10-24T22:00 → 10-25T23:00', '10-25T23:00 → 10-26T23:00']);
  });

  it('that began long ago is found, and one that takes more steps than anybody needs is refused', () => {
    expect(
      busy(
        event('DTSTART:19990101T090000Z\nDTEND:19990101T100000Z\nRRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=3'),
      ),
    ).toEqual(['11-03T09:00 → 11-03T10:00']);
    const [object] = read(event('DTSTART:20000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY'));
    expect(object!.faute!.erreur).toBe('trop_grand');
  });
});

it('spoils nothing else when one event cannot be read', () => {
  const texte = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${[
    'BEGIN:VEVENT\nUID:bad\nDTSTART;TZID=Nowhere:20261110T090000\nDURATION:PT1H\nEND:VEVENT',
    'BEGIN:VEVENT\nUID:good\nDTSTART:20261110T090000Z\nDURATION:PT1H\nEND:VEVENT',
  ]
    .join('\n')
    .replaceAll('\n', '\r\n')}\r\nEND:VCALENDAR\r\n`;
  const { objets } = lireAgenda({
    objets: [
      { objet: 'file', texte },
      { objet: 'page', texte: '<html>' },
    ],
    parUid: true,
    zone: PARIS,
    adresses: [],
    debut: Date.parse('2026-11-01T00:00:00Z'),
    fin: Date.parse('2026-12-01T00:00:00Z'),
  });
  expect(objets.map(({ objet, plages, faute }) => [objet, plages.length, faute?.erreur ?? null])).toEqual([
    ['bad', 0, 'fuseau_inconnu'],
    ['good', 1, null],
    ['page', 0, 'illisible'],
  ]);
});

it('reads the same whatever the zone of the process is', () => {
  const zone = process.env.TZ;
  const all = ['UTC', 'America/New_York', 'Asia/Kolkata'].map((tz) => {
    process.env.TZ = tz;
    return busy(event('DTSTART:20261025T020000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3'));
  });
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  expect(new Set(all.map(String)).size).toBe(1);
  expect(all[0]![0]).toBe(
    `${new Date(instantOfWallClock(Date.UTC(2026, 9, 25, 2), PARIS)).toISOString().slice(5, 16)} → 10-25T01:00`,
  );
});
