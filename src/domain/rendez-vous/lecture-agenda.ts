import ICAL from 'ical.js';
import { dayAfter, dayAt, instantOfWallClock, isZone, startOfDay, wallClockAt } from '../local-time';
import type { ErreurAgenda } from './agendas';
import { FUSEAUX_WINDOWS } from './fuseaux-windows';

/**
 * What a calendar says of when its owner is busy (RFC 5545). Of ical.js we take the reading of the text and the rules of
 * recurrence on wall clocks; what local time means is ours to say, by the zone data of this Node.js, as everywhere
 * (docs/decisions/019): the rules of zones that a file brings along are not believed, and a zone that nobody knows is refused by
 * its name rather than guessed. A rule may go on for ever without an occurrence: whoever reads does so in a thread with an
 * end.
 */

/** Text of one object of a calendar, under whatever name whoever asks knows it by. */
export interface ObjetAgenda {
  objet: string;
  texte: string;
}

export interface TacheLecture {
  objets: readonly ObjetAgenda[];
  /** Whether each UID of a text is an object of its own, under its name: a file that holds a whole calendar. */
  parUid: boolean;
  /** Of the owner: of whole days, and of times that name no zone. */
  zone: string;
  /** Email addresses of the owner: what they have declined does not keep them busy. */
  adresses: readonly string[];
  /** Milliseconds; what lies outside is left out. */
  debut: number;
  fin: number;
}

export interface PlageLue {
  uid: string;
  /** Milliseconds. */
  debut: number;
  /** Not included. */
  fin: number;
}

export interface ObjetLu {
  objet: string;
  plages: PlageLue[];
  /** What kept it from being read; then there are no stretches. */
  faute: { erreur: ErreurAgenda; detail: string } | null;
}

/** A calendar as a whole; of what lies in it one object that cannot be read spoils none of the others. */
export interface LectureAgenda {
  objets: ObjetLu[];
}

/** What makes an object unreadable. */
class Illisible extends Error {
  constructor(
    readonly erreur: ErreurAgenda,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Of one rule; also those that lie before the period. */
const MAX_STEPS = 100_000;
/** Of one object. */
const MAX_PLAGES = 10_000;
const DAY = 24 * 3_600_000;

export function lireAgenda({ objets, parUid, ...tache }: TacheLecture): LectureAgenda {
  return {
    objets: objets.flatMap(({ objet, texte }) => {
      let calendars: Component[];
      try {
        calendars = calendarsOf(texte);
      } catch (error) {
        return [failed(objet, error)];
      }
      const groups = groupsOf(calendars);
      if (!parUid) {
        return [read(objet, () => [...groups].flatMap(([uid, group]) => plagesOf(uid, group, tache)))];
      }
      return [...groups].map(([uid, group]) => read(uid, () => plagesOf(uid, group, tache)));
    }),
  };
}

function read(objet: string, plages: () => PlageLue[]): ObjetLu {
  try {
    return { objet, plages: plages(), faute: null };
  } catch (error) {
    return failed(objet, error);
  }
}

function failed(objet: string, error: unknown): ObjetLu {
  const faute =
    error instanceof Illisible
      ? { erreur: error.erreur, detail: error.detail }
      : { erreur: 'illisible' as const, detail: '' };
  return { objet, plages: [], faute };
}

type Component = InstanceType<typeof ICAL.Component>;
type Property = InstanceType<typeof ICAL.Property>;
type Time = InstanceType<typeof ICAL.Time>;

/** @throws {Illisible} when it is no calendar. */
function calendarsOf(texte: string): Component[] {
  const parsed = ICAL.parse(texte.replace(/^\uFEFF/, '')) as unknown[];
  const roots = (Array.isArray(parsed[0]) ? parsed : [parsed]) as ConstructorParameters<
    typeof ICAL.Component
  >[0][];
  const calendars = roots.map((root) => new ICAL.Component(root));
  if (calendars.length === 0 || calendars.some(({ name }) => name !== 'vcalendar')) {
    throw new Illisible('illisible', 'VCALENDAR');
  }
  return calendars;
}

/** What belongs to one UID: an event with what differs from it on some days, and the zones of its file. */
interface Group {
  events: Component[];
  zones: ReadonlyMap<string, string>;
}

function groupsOf(calendars: readonly Component[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const calendar of calendars) {
    // The name under which a program knows the zone of a VTIMEZONE whose own name says nothing.
    const zones = new Map(
      calendar.getAllSubcomponents('vtimezone').flatMap((zone) => {
        const [tzid, name] = [
          zone.getFirstPropertyValue('tzid'),
          zone.getFirstPropertyValue('x-lic-location'),
        ];
        return tzid && name ? [[String(tzid), String(name)] as const] : [];
      }),
    );
    for (const event of [
      ...calendar.getAllSubcomponents('vevent'),
      ...calendar.getAllSubcomponents('vfreebusy'),
    ]) {
      const uid = String(event.getFirstPropertyValue('uid') ?? '');
      const group = groups.get(uid) ?? { events: [], zones };
      group.events.push(event);
      groups.set(uid, group);
    }
  }
  return groups;
}

type Lecture = Pick<TacheLecture, 'zone' | 'adresses' | 'debut' | 'fin'>;

function plagesOf(uid: string, { events, zones }: Group, lecture: Lecture): PlageLue[] {
  const clock = new Clock(lecture.zone, zones);
  const found: PlageLue[] = [];
  const add = (debut: number, fin: number) => {
    if (fin <= debut || fin <= lecture.debut || debut >= lecture.fin) return;
    found.push({ uid, debut, fin });
    if (found.length > MAX_PLAGES) throw new Illisible('trop_grand', uid);
  };
  for (const event of events.filter(({ name }) => name === 'vfreebusy')) addFreeBusy(event, clock, add);
  const vevents = events.filter(({ name }) => name === 'vevent');
  const masters = vevents.filter((event) => !event.hasProperty('recurrence-id'));
  const overrides = vevents
    .filter((event) => event.hasProperty('recurrence-id'))
    .map((event) => ({
      event,
      at: clock.moment(event.getFirstProperty('recurrence-id')!),
      following: event.getFirstProperty('recurrence-id')!.getFirstParameter('range') === 'THISANDFUTURE',
    }));
  for (const { event } of overrides) {
    const span = spanOf(event, clock, lecture);
    if (span !== null && keepsBusy(event, lecture)) add(span.debut, span.debut + span.duree);
  }
  for (const master of masters) {
    for (const { debut, duree } of occurrences(master, overrides, clock, lecture)) add(debut, debut + duree);
  }
  return found;
}

/** Whether somebody cannot be booked meanwhile. */
function keepsBusy(event: Component, { adresses }: Pick<Lecture, 'adresses'>): boolean {
  const value = (name: string) => String(event.getFirstPropertyValue(name) ?? '').toUpperCase();
  if (value('status') === 'CANCELLED' || value('transp') === 'TRANSPARENT') return false;
  if (value('x-microsoft-cdo-busystatus') === 'FREE') return false;
  return !event.getAllProperties('attendee').some((attendee) => {
    const address = String(attendee.getFirstValue())
      .toLowerCase()
      .replace(/^mailto:/, '');
    return attendee.getFirstParameter('partstat') === 'DECLINED' && adresses.includes(address);
  });
}

interface Span {
  debut: number;
  duree: number;
  allDay: boolean;
}

/** When an event begins, and how long it lasts; null when it says no beginning, or lies in another time by any zone. */
function spanOf(event: Component, clock: Clock, { debut, fin }: Lecture): Span | null {
  const start = event.getFirstProperty('dtstart');
  if (start === null) return null;
  const time = start.getFirstValue() as Time;
  const wall = wallOf(time);
  const recurs = ['rrule', 'rdate'].some((name) => event.hasProperty(name));
  const end = event.getFirstProperty('dtend');
  const lastWall = end === null ? wall + 31 * DAY : wallOf(end.getFirstValue() as Time);
  // What is over by all clocks of the world, or far ahead, need not be in a zone that is known.
  if (!recurs && (lastWall < debut - 2 * DAY || wall > fin + 2 * DAY)) return null;
  if (time.isDate) {
    const days = daysOf(event, time);
    const day = dayOf(wall);
    const begin = clock.startOf(day);
    return { debut: begin, duree: clock.startOf(dayAfter(day, days)) - begin, allDay: true };
  }
  const begin = clock.instant(start);
  const duration = event.getFirstPropertyValue('duration') as { toSeconds(): number } | null;
  const length =
    end !== null ? clock.instant(end) - begin : duration !== null ? duration.toSeconds() * 1_000 : 0;
  return { debut: begin, duree: length, allDay: false };
}

/** Of an event of whole days, how many; one unless it says so. */
function daysOf(event: Component, start: Time): number {
  const end = event.getFirstPropertyValue('dtend') as Time | null;
  const duration = event.getFirstPropertyValue('duration') as { toSeconds(): number } | null;
  const length =
    end !== null ? wallOf(end) - wallOf(start) : duration !== null ? duration.toSeconds() * 1_000 : DAY;
  return Math.max(1, Math.round(length / DAY));
}

interface Override {
  event: Component;
  at: Moment;
  following: boolean;
}

/** Each time at which an event takes place as it says itself; those that something else stands for are left out. */
function* occurrences(
  master: Component,
  overrides: readonly Override[],
  clock: Clock,
  lecture: Lecture,
): Generator<{ debut: number; duree: number }> {
  const span = spanOf(master, clock, lecture);
  if (span === null || !keepsBusy(master, lecture)) return;
  const start = master.getFirstProperty('dtstart')!;
  const excluded = master
    .getAllProperties('exdate')
    .flatMap((property) => property.getValues().map((value) => clock.moment(property, value as Time)));
  const shifts = overrides
    .filter(({ following }) => following)
    .flatMap((override) => {
      const own = spanOf(override.event, clock, { ...lecture, debut: 0, fin: Number.MAX_SAFE_INTEGER });
      return own === null ? [] : [{ ...override, own }];
    });
  const isLeftOut = (debut: number) =>
    [...excluded, ...overrides.map(({ at }) => at)].some((moment) => clock.isAt(moment, debut));
  const shifted = (debut: number, duree: number) => {
    const last = shifts
      .filter(({ at }) => clock.instantOf(at) < debut)
      .sort((a, b) => clock.instantOf(b.at) - clock.instantOf(a.at))[0];
    if (last === undefined) return { debut, duree };
    return keepsBusy(last.event, lecture)
      ? { debut: debut + last.own.debut - clock.instantOf(last.at), duree: last.own.duree }
      : null;
  };
  const lasting = (debut: number) =>
    span.allDay
      ? clock.startOf(dayAfter(clock.dayAt(debut), Math.round(span.duree / DAY))) - debut
      : span.duree;
  const seen = new Set<number>();
  const give = (debut: number, duree: number) => {
    if (seen.has(debut) || isLeftOut(debut)) return [];
    seen.add(debut);
    return shifted(debut, duree) ?? [];
  };
  for (const debut of starts(master, start, span, clock, lecture))
    yield* [give(debut, lasting(debut))].flat();
  for (const property of master.getAllProperties('rdate')) {
    for (const value of property.getValues()) {
      const period = value as { start?: Time; getEnd?(): Time };
      const begin = period.start ?? (value as unknown as Time);
      const debut = clock.instantOf(clock.moment(property, begin));
      const duree =
        period.getEnd === undefined
          ? lasting(debut)
          : clock.instantOf(clock.moment(property, period.getEnd())) - debut;
      yield* [give(debut, duree)].flat();
    }
  }
}

/** When an event begins by its rules, or once. @throws {Illisible} when that takes more steps than anybody needs. */
function* starts(
  master: Component,
  start: Property,
  span: Span,
  clock: Clock,
  { debut, fin }: Lecture,
): Generator<number> {
  const rules = master.getAllProperties('rrule');
  if (rules.length === 0) {
    yield span.debut;
    return;
  }
  const zone = clock.zoneOf(start);
  for (const property of rules) {
    const rule = (property.getFirstValue() as InstanceType<typeof ICAL.Recur>).clone();
    const { until } = rule;
    if (until) {
      // On wall clocks as everything else of a rule, and its day as a whole where it names a day.
      const wall = until.isDate
        ? wallOf(until) + DAY - 1_000
        : isUtc(until)
          ? wallClockAt(wallOf(until), zone)
          : wallOf(until);
      rule.until = timeOf(wall, false);
    }
    const first = start.getFirstValue() as Time;
    const iterator = rule.iterator(timeOf(wallOf(first), first.isDate));
    for (let step = 0; ; step++) {
      if (step >= MAX_STEPS) throw new Illisible('trop_grand', rule.toString());
      const next = iterator.next() as Time | null;
      if (!next) break;
      const begin = span.allDay ? clock.startOf(dayOf(wallOf(next))) : instantOfWallClock(wallOf(next), zone);
      if (begin >= fin + DAY) break;
      if (begin + span.duree + 32 * DAY > debut) yield begin;
    }
  }
}

function addFreeBusy(component: Component, clock: Clock, add: (debut: number, fin: number) => void): void {
  for (const property of component.getAllProperties('freebusy')) {
    if (String(property.getFirstParameter('fbtype') ?? 'BUSY').toUpperCase() === 'FREE') continue;
    for (const value of property.getValues()) {
      const period = value as unknown as { start: Time; getEnd(): Time };
      add(
        clock.instantOf(clock.moment(property, period.start)),
        clock.instantOf(clock.moment(property, period.getEnd())),
      );
    }
  }
}

/** A time that names an occurrence: an instant, or a day. */
type Moment = { instant: number } | { day: string };

/** What the times of a file mean. */
class Clock {
  constructor(
    private readonly owner: string,
    private readonly names: ReadonlyMap<string, string>,
  ) {}

  /** @throws {Illisible} for a zone that nobody knows. */
  zoneOf(property: Property): string {
    if (isUtc(property.getFirstValue() as Time)) return 'UTC';
    const tzid = property.getFirstParameter('tzid');
    if (!tzid) return this.owner;
    return knownZone(tzid) ?? knownZone(this.names.get(tzid) ?? '') ?? unknownZone(tzid);
  }

  instant(property: Property, time = property.getFirstValue() as Time): number {
    return isUtc(time) ? wallOf(time) : instantOfWallClock(wallOf(time), this.zoneOf(property));
  }

  startOf(day: string): number {
    return startOfDay(day, this.owner);
  }

  dayAt(instant: number): string {
    return dayAt(instant, this.owner);
  }

  moment(property: Property, time = property.getFirstValue() as Time): Moment {
    return time.isDate ? { day: dayOf(wallOf(time)) } : { instant: this.instant(property, time) };
  }

  instantOf(moment: Moment): number {
    return 'day' in moment ? this.startOf(moment.day) : moment.instant;
  }

  isAt(moment: Moment, debut: number): boolean {
    return 'day' in moment ? this.dayAt(debut) === moment.day : moment.instant === debut;
  }
}

/** The zone of a TZID: an IANA name, one with somebody's path in front, or one of Windows. */
function knownZone(tzid: string): string | null {
  const parts = tzid.split('/').filter((part) => part !== '');
  const tails = [parts, parts.slice(-3), parts.slice(-2)].map((tail) => tail.join('/'));
  for (const name of [FUSEAUX_WINDOWS[tzid], ...tails]) {
    if (name !== undefined && name !== '' && isZone(name)) return name;
  }
  return null;
}

function unknownZone(tzid: string): never {
  throw new Illisible('fuseau_inconnu', tzid);
}

function isUtc(time: Time): boolean {
  return time.zone === ICAL.Timezone.utcTimezone;
}

/** A wall clock as an instant at which a clock in UTC would show the same. */
function wallOf({ year, month, day, hour, minute, second, isDate }: Time): number {
  return Date.UTC(year, month - 1, day, ...(isDate ? [0, 0, 0] : [hour, minute, second]));
}

function timeOf(wall: number, isDate: boolean): Time {
  const date = new Date(wall);
  const fields = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: isDate ? 0 : date.getUTCHours(),
    minute: isDate ? 0 : date.getUTCMinutes(),
    second: isDate ? 0 : date.getUTCSeconds(),
    isDate,
  };
  return new ICAL.Time(fields, ICAL.Timezone.localTimezone);
}

function dayOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}
