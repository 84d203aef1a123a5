import { DOMParser, type Element } from '@xmldom/xmldom';
import { dayAfter, dayAt, startOfDay } from '../../src/domain/local-time';
import { RAISONS_CONFLIT } from '../../src/domain/planification/conflits';
import { daysOfWeek } from '../../src/domain/planification/semaine';
import { PRIORITES } from '../../src/domain/priorites';
import { DEFAULT_HOURS, stretchesFrom, type WorkingHours } from '../../src/domain/working-time';
import { widthOf } from '../../src/svg/mots';
import { drawSemaine, type PersonneSemaine, type Semaine, type VisiteSemaine } from '../../src/svg/semaine';
import { createRandom } from '../../tools/lib/random';

/** The picture of a week, read by a parser of XML: where everything lies, and what it says. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CASABLANCA = 'Africa/Casablanca';
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);

/** Characters that XML has no place for. */
const UNWRITABLE = ['\u0000', '\u0008', '\uFFFE', '\uD800'];

type Texte = NonNullable<VisiteSemaine['texte']>;

const visite = (from: string, minutes: number, given: Partial<Texte> = {}): VisiteSemaine => {
  const debut = Date.parse(from);
  return {
    segments: [{ debut, fin: debut + minutes * MINUTE }],
    conflits: [],
    texte: {
      titre: 'Fuite hydraulique',
      equipement: 'Presse PH-001',
      priorite: 'normale',
      statut: 'planifiee',
      date_limite: null,
      retard: 0,
      trajet: null,
      ...given,
    },
  };
};

function week(
  visites: readonly VisiteSemaine[][],
  given: Partial<Semaine> = {},
  hours: WorkingHours = DEFAULT_HOURS,
): Semaine {
  const { semaine = '2026-W51', zone = CASABLANCA } = given;
  const days = daysOfWeek(semaine);
  const [debut, fin] = [startOfDay(days[0]!, zone), startOfDay(dayAfter(days[6]!, 1), zone)];
  const ouvert = [...stretchesFrom(debut, { zone, hours }, 9)].filter(([from]) => from < fin);
  return {
    langue: 'fr',
    semaine,
    zone,
    site: null,
    jours: days.map((jour) => ({ jour, ferie: null, fermeture: false })),
    now: Date.parse('2026-12-16T10:30:00Z'),
    premier: 1,
    total: visites.length,
    personnes: visites.map((theirs, index) => ({
      id: index + 1,
      nom: `Alaoui ${index}`,
      prenom: 'Salma',
      ouvert,
      absences: [],
      visites: theirs,
    })),
    ...given,
  };
}

function parse(svg: string): Element {
  const parser = new DOMParser({
    onError: (_, message) => {
      throw new Error(message);
    },
  });
  return parser.parseFromString(svg, 'image/svg+xml').documentElement!;
}

const elements = (root: Element, name: string) => [...root.getElementsByTagName(name)];
const attribute = (element: Element, name: string) => element.getAttribute(name) ?? '';
const number = (element: Element, name: string) => Number(element.getAttribute(name) ?? 0);
const titleOf = (element: Element) => elements(element, 'title')[0]!.textContent!;
const rowsOf = (root: Element) => elements(root, 'g').filter((g) => g.hasAttribute('data-technicien'));
const visitsOf = (root: Element) => elements(root, 'g').filter((g) => attribute(g, 'class') === 'visite');

interface Box {
  x: number;
  y: number;
  right: number;
  bottom: number;
}
const overlap = (a: Box, b: Box, by = 0.5) =>
  a.x < b.right - by && b.x < a.right - by && a.y < b.bottom - by && b.y < a.bottom - by;

function barOf(g: Element): Box & { fill: string; debut: number; fin: number } {
  const rect = elements(g, 'rect').find((one) => attribute(one, 'class') === 'barre')!;
  const [x, y] = [number(rect, 'x'), number(rect, 'y')];
  return {
    x,
    y,
    right: x + number(rect, 'width'),
    bottom: y + number(rect, 'height'),
    fill: attribute(rect, 'fill'),
    debut: number(g, 'data-debut'),
    fin: number(g, 'data-fin'),
  };
}

/** Where the days begin, and the last one ends. */
function daysAt(root: Element): number[] {
  return elements(root, 'line')
    .filter((line) => attribute(line, 'stroke') === '#7d8795')
    .map((line) => number(line, 'x1'))
    .sort((a, b) => a - b);
}

/** Where every text stands, in the widest font there is: what is in a bar is cut by it. */
function textsOf(root: Element): (Box & { text: string })[] {
  return elements(root, 'text')
    .filter((text) => !text.hasAttribute('transform'))
    .map((text) => {
      const size = number(text, 'font-size');
      const frame = text.parentNode as Element;
      const inside = frame.tagName === 'svg' && frame.hasAttribute('x');
      const [left, top] = inside ? [number(frame, 'x'), number(frame, 'y')] : [0, 0];
      const width = widthOf(text.textContent!, size, attribute(text, 'font-weight') === '600');
      const x = left + number(text, 'x') - (attribute(text, 'text-anchor') === 'middle' ? width / 2 : 0);
      const right = inside ? Math.min(x + width, left + number(frame, 'width')) : x + width;
      const y = top + number(text, 'y');
      return { x, right, y: y - 0.72 * size, bottom: y, text: text.textContent! };
    });
}

/** A week as full as one can be, with names and titles of every length. */
function crowded(seed: number, people = 30, zone = CASABLANCA): Semaine {
  const { int: between, pick } = createRandom(seed);
  const chance = (percent: number) => between(1, 100) <= percent;
  const words = [
    'Fuite',
    'Remplacement',
    'du',
    'roulement',
    'تسرب',
    '振動',
    'anticonstitutionnellement',
    '🛠️',
    'Arrêt',
  ];
  const phrase = (most: number) => Array.from({ length: between(1, most) }, () => pick(words)).join(' ');
  const base = week(
    Array.from({ length: people }, () => []),
    { zone },
  );
  const personnes = base.personnes.map((personne): PersonneSemaine => {
    const visites: VisiteSemaine[] = [];
    for (const jour of base.jours) {
      if (chance(15)) continue;
      let at = startOfDay(jour.jour, zone) + between(6, 10) * HOUR;
      for (let count = between(0, 6); count > 0; count--) {
        const minutes = 15 * between(1, 14);
        const trajet = between(0, 40);
        const date_limite = chance(30) ? at + (minutes / 2) * MINUTE : null;
        const made = visite(new Date(at + trajet * MINUTE).toISOString(), minutes, {
          titre: phrase(8),
          priorite: pick(PRIORITES),
          statut: pick(['planifiee', 'en_cours', 'realisee'] as const),
          trajet,
          date_limite,
          retard: date_limite === null ? 0 : (minutes / 2) * MINUTE,
        });
        visites.push(chance(10) ? { ...made, texte: null } : made);
        at += (trajet + minutes) * MINUTE * (chance(10) ? 0.5 : 1);
      }
    }
    const overlaps = ({ segments: [one] }: VisiteSemaine) =>
      visites.filter(({ segments: [other] }) => one!.debut < other!.fin && other!.debut < one!.fin).length >
      1;
    return {
      ...personne,
      nom: phrase(4),
      visites: visites.map((one) => ({ ...one, conflits: overlaps(one) ? ['chevauchement'] : [] })),
    };
  });
  return { ...base, personnes };
}

describe('the picture of a week', () => {
  it('is one document of XML with a name and a description, and nothing in it that does anything', () => {
    const svg = drawSemaine(crowded(1));
    const root = parse(svg);
    expect([root.tagName, root.namespaceURI]).toEqual(['svg', 'http://www.w3.org/2000/svg']);
    const byId = (id: string) =>
      [...elements(root, 'title'), ...elements(root, 'desc')].find((e) => attribute(e, 'id') === id);
    expect(byId(attribute(root, 'aria-labelledby'))!.textContent).toBe(
      'Planning de la semaine 51, du 14 décembre 2026 au 20 décembre 2026 · Tous les sites',
    );
    expect(byId(attribute(root, 'aria-describedby'))!.textContent).toContain('30 personnes');
    const names = new Set(elements(root, '*').map(({ tagName }) => tagName));
    expect([...names].sort()).toEqual(
      ['circle', 'defs', 'desc', 'g', 'line', 'path', 'pattern', 'rect', 'svg', 'text', 'title'].sort(),
    );
    for (const element of elements(root, '*')) {
      for (const { name } of [...element.attributes]) expect(name).not.toMatch(/^on|href|style/i);
    }
  });

  it('is the same for the same week, byte for byte', () => {
    expect(drawSemaine(crowded(2))).toBe(drawSemaine(crowded(2)));
  });

  it('keeps every bar in its day, and no two of one person in the same place', () => {
    for (const seed of [3, 4, 5, 6]) {
      const drawn = crowded(seed);
      const root = parse(drawSemaine(drawn));
      const days = daysAt(root);
      expect(days).toHaveLength(8);
      let bars = 0;
      for (const row of rowsOf(root)) {
        const theirs = visitsOf(row).map(barOf);
        bars += theirs.length;
        for (const bar of theirs) {
          const index = drawn.jours.findIndex(({ jour }) => jour === dayAt(bar.debut, CASABLANCA));
          expect(bar.x).toBeGreaterThanOrEqual(days[index]! - 0.01);
          expect(bar.right).toBeLessThanOrEqual(days[index + 1]! + 0.01);
        }
        for (const [index, one] of theirs.entries()) {
          for (const other of theirs.slice(index + 1)) expect(overlap(one, other)).toBe(false);
        }
      }
      // A visit that goes on past midnight is one bar a day.
      expect(bars).toBeGreaterThanOrEqual(drawn.personnes.flatMap(({ visites }) => visites).length);
    }
  });

  it('writes no text over another, of thirty people in seven days with names and titles of any length', () => {
    for (const seed of [7, 8]) {
      const texts = textsOf(parse(drawSemaine(crowded(seed))));
      expect(texts.length).toBeGreaterThan(300);
      const clashes = texts.flatMap((one, index) =>
        texts
          .slice(index + 1)
          .filter((other) => overlap(one, other))
          .map((other) => [one.text, other.text]),
      );
      expect(clashes).toEqual([]);
    }
  });

  it('cuts a long title, and tells all of it to who asks', () => {
    const titre = `Remplacement ${'du roulement principal '.repeat(8)}`.trim();
    const root = parse(drawSemaine(week([[visite('2026-12-14T09:00:00Z', 60, { titre })]])));
    const [bar] = visitsOf(root);
    expect(elements(bar!, 'text').at(-1)!.textContent).toMatch(/…$/);
    expect(titleOf(bar!)).toBe(`${titre} · Presse PH-001 · 09:00–10:00 · Priorité normale`);
  });

  it('shows texts as they were typed, whatever they hold', () => {
    const hostile = `</text><script>alert(1)</script> ]]> <!-- & "'" ${UNWRITABLE.join('')} &amp; %3Cb%3E`;
    const shown = UNWRITABLE.reduce((text, one) => text.replace(one, ' '), hostile);
    const drawn = week([[visite('2026-12-14T09:00:00Z', 480, { titre: hostile, equipement: hostile })]], {
      site: hostile,
      jours: daysOfWeek('2026-W51').map((jour) => ({ jour, ferie: hostile, fermeture: false })),
    });
    const personnes = drawn.personnes.map((one) => ({ ...one, nom: hostile, prenom: hostile }));
    const root = parse(drawSemaine({ ...drawn, personnes }));
    expect(elements(root, 'script')).toEqual([]);
    expect(titleOf(visitsOf(root)[0]!)).toContain(`${shown} · ${shown}`);
    expect(attribute(rowsOf(root)[0]!, 'aria-label')).toBe(`${shown} ${shown}`);
    expect(titleOf(root)).toContain(shown);
  });

  it('says of time that is taken elsewhere only that it is', () => {
    const taken = { ...visite('2026-12-14T09:00:00Z', 120), texte: null };
    const [bar] = visitsOf(parse(drawSemaine(week([[taken]]))));
    expect(titleOf(bar!)).toBe('occupé · 09:00–11:00');
    expect(elements(bar!, 'text').map(({ textContent }) => textContent)).toEqual(['occupé']);
  });

  it('tells of travel, lateness and what stands against a visit, each in its own way', () => {
    const late = visite('2026-12-14T09:00:00Z', 120, {
      trajet: 30,
      date_limite: Date.parse('2026-12-14T10:00:00Z'),
      retard: HOUR,
    });
    const against = RAISONS_CONFLIT.map((conflit, index) => ({
      ...visite(`2026-12-1${5 + index}T09:00:00Z`, 120),
      conflits: [conflit],
    }));
    const root = parse(drawSemaine(week([[late, ...against]])));
    const [first, ...others] = visitsOf(root);
    expect(titleOf(first!)).toContain('trajet 30 min · à finir avant 14 décembre 2026 10:00 · retard 1 h');
    const bar = barOf(first!);
    const stripe = elements(first!, 'rect').find((rect) => attribute(rect, 'fill') === 'url(#retard)')!;
    expect(number(stripe, 'width')).toBeCloseTo((bar.right - bar.x) / 2, 1);
    const journey = elements(root, 'rect').find((rect) => attribute(rect, 'class') === 'trajet')!;
    expect(number(journey, 'x') + number(journey, 'width')).toBeCloseTo(bar.x, 1);
    expect(number(journey, 'width')).toBeCloseTo((bar.right - bar.x) / 4, 1);

    const outlines = others.map((g) =>
      elements(g, 'rect')
        .flatMap((rect) => rect.getAttribute('stroke-dasharray') ?? [])
        .join(),
    );
    const signs = others.map((g) => elements(g, 'g').map(String).join());
    expect(new Set(outlines).size).toBe(RAISONS_CONFLIT.length);
    expect(new Set(signs).size).toBe(RAISONS_CONFLIT.length);
    expect(others.map((g) => attribute(g, 'data-conflits'))).toEqual(
      against.map(({ conflits }) => conflits[0]),
    );
    const said = elements(rowsOf(root)[0]!, 'title')[0]!.textContent;
    expect(said).toBe('Salma Alaoui 0 · 6 visites · 12 h · trajet 30 min · retard 1 h · 5 conflits');
  });

  it('can be read: its texts stand out from what is under them, its priorities from each other in grey', () => {
    const drawn = week([
      PRIORITES.map((priorite, index) => visite(`2026-12-1${4 + index}T08:00:00Z`, 240, { priorite })),
    ]);
    const bars = visitsOf(parse(drawSemaine(drawn)));
    const fills = bars.map((g) => barOf(g).fill);
    for (const [index, g] of bars.entries()) {
      const texts = elements(g, 'text');
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts)
        expect(contrast(attribute(text, 'fill'), fills[index]!)).toBeGreaterThanOrEqual(4.5);
    }
    const greys = fills.map(luminance);
    for (const [index, grey] of greys.slice(1).entries()) expect(greys[index]! - grey).toBeGreaterThan(0.15);
    for (const text of elements(parse(drawSemaine(crowded(9))), 'text')) {
      const { parentNode } = text;
      if ((parentNode as Element).tagName === 'svg' && (parentNode as Element).hasAttribute('x')) continue;
      for (const { fill } of [text, ...elements(text, 'tspan')].map((one) => ({
        fill: attribute(one, 'fill'),
      }))) {
        // On paper, on hours without work, or, in white, on the label of today.
        const grounds = fill === '#ffffff' ? ['#14181f'] : ['#ffffff', '#e9ecf0'];
        for (const ground of grounds) expect(contrast(fill, ground)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('is true on the days on which the clocks change', () => {
    const paris = { zone: 'Europe/Paris' };
    // 02:15 and 02:45, twice: before the clocks go back and after.
    const twice = [visite('2026-10-25T00:15:00Z', 30), visite('2026-10-25T01:15:00Z', 30)];
    const autumn = parse(drawSemaine(week([twice], { ...paris, semaine: '2026-W43' }, AROUND_THE_CLOCK)));
    const [first, second] = visitsOf(autumn).map(barOf);
    expect(visitsOf(autumn).map((g) => titleOf(g).split(' · ')[2])).toEqual(['02:15–02:45', '02:15–02:45']);
    expect(second!.x - first!.x).toBeCloseTo(2 * (first!.right - first!.x), 1);
    const days = daysAt(autumn);
    const perHour = (days[7]! - days[6]!) / 25;
    expect(first!.right - first!.x).toBeCloseTo(perHour / 2, 1);
    expect(first!.x - days[6]!).toBeCloseTo(2.25 * perHour, 1);

    // From 01:30 to 03:30 is one hour when two is followed by three.
    const over = [visite('2026-03-29T00:30:00Z', 60)];
    const spring = parse(drawSemaine(week([over], { ...paris, semaine: '2026-W13' }, AROUND_THE_CLOCK)));
    const [bar] = visitsOf(spring);
    expect(titleOf(bar!)).toContain('01:30–03:30');
    const [sunday, end] = daysAt(spring).slice(-2) as [number, number];
    expect(barOf(bar!).right - barOf(bar!).x).toBeCloseTo((end - sunday) / 23, 1);
  });

  it('draws a visit that goes on past midnight on both days, and the parts of one on theirs', () => {
    const night = visite('2026-12-14T22:00:00Z', 240);
    const parts: VisiteSemaine = {
      ...visite('2026-12-16T16:00:00Z', 120),
      segments: [
        { debut: Date.parse('2026-12-16T16:00:00Z'), fin: Date.parse('2026-12-16T18:00:00Z') },
        { debut: Date.parse('2026-12-17T08:00:00Z'), fin: Date.parse('2026-12-17T10:00:00Z') },
      ],
    };
    const bars = visitsOf(parse(drawSemaine(week([[night, parts]])))).map(barOf);
    expect(bars.map(({ debut, fin }) => (fin - debut) / HOUR)).toEqual([2, 2, 2, 2]);
    expect(bars.map(({ debut }) => new Date(debut).toISOString().slice(8, 10))).toEqual([
      '14',
      '15',
      '16',
      '17',
    ]);
  });

  it('marks the present on its day, and no other', () => {
    const line = (now: string) =>
      elements(parse(drawSemaine(week([[]], { now: Date.parse(now) }))), 'line').filter(
        (one) => attribute(one, 'class') === 'maintenant',
      );
    const [present] = line('2026-12-16T12:00:00Z');
    const [monday, , wednesday, thursday] = daysAt(parse(drawSemaine(week([[]]))));
    expect(number(present!, 'x1')).toBeGreaterThan(wednesday!);
    expect(number(present!, 'x1')).toBeLessThan(thursday!);
    expect(monday).toBeLessThan(wednesday!);
    expect(line('2026-12-21T12:00:00Z')).toEqual([]);
  });

  it('is read from the right in Arabic', () => {
    const visites = [[visite('2026-12-14T09:00:00Z', 120), visite('2026-12-17T14:00:00Z', 60)]];
    const bars = (langue: 'fr' | 'ar') => visitsOf(parse(drawSemaine(week(visites, { langue })))).map(barOf);
    const [french, arabic] = [bars('fr'), bars('ar')];
    for (const [index, bar] of french.entries()) {
      expect(arabic[index]!.x).toBeCloseTo(1600 - bar.right, 1);
      expect(arabic[index]!.y).toBe(bar.y);
    }
    const root = parse(drawSemaine(week(visites, { langue: 'ar' })));
    expect([attribute(root, 'direction'), attribute(root, 'xml:lang')]).toEqual(['rtl', 'ar']);
    expect(titleOf(root)).toContain('برنامج الأسبوع 51');
    const french_words = /travail|trajet|retard|visite|priorité|absence|férié/i;
    expect(elements(root, 'text').filter(({ textContent }) => french_words.test(textContent!))).toEqual([]);
  });

  it('says so when there is nobody to show', () => {
    const root = parse(drawSemaine(week([])));
    expect(elements(root, 'text').map(({ textContent }) => textContent)).toContain(
      'Personne à montrer pour cette semaine',
    );
  });

  it('stays below a size, however much is planned', () => {
    expect(drawSemaine(crowded(10, 60)).length).toBeLessThan(2_000_000);
  });
});

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2, 1.4.3. */
function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}
