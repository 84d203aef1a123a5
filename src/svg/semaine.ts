import { dayAfter, instantOfWallClock, startOfDay, wallClockAt } from '../domain/local-time';
import { RAISONS_CONFLIT, type RaisonConflit } from '../domain/planification/conflits';
import { TEXTES_SEMAINE } from '../domain/planification/textes-semaine';
import { PRIORITES, type Priorite } from '../domain/priorites';
import { fullName, type Langue } from '../domain/writing';
import { escaped, isolate, shorten, widthOf, wrap } from './mots';

/**
 * Draws a week of a plan: people down, days across, each visit a bar. Everything that matters shows in grey as well: by how
 * dark it is, by a pattern, an outline or a sign, never by its colour alone. Nothing depends on anything but what is given:
 * equal weeks give equal pictures. It holds no script and no style sheet, so that a strict content policy leaves it as it is.
 *
 * Instants are milliseconds. Within a day they lie at equal distances, so that a day on which the clocks change is true; the
 * hours written above are those of the clocks.
 */

export interface Semaine {
  langue: Langue;
  /** As ISO 8601 names it. */
  semaine: string;
  zone: string;
  /** Name of the site, or null for all of them. */
  site: string | null;
  jours: readonly JourSemaine[];
  now: number;
  /** Who is shown: from which one on, of how many. */
  premier: number;
  total: number;
  personnes: readonly PersonneSemaine[];
}

export interface JourSemaine {
  /** `2026-12-14` */
  jour: string;
  /** Name of the public holiday. */
  ferie: string | null;
  /** Whether the site is closed. */
  fermeture: boolean;
}

type Stretch = readonly [from: number, to: number];

export interface PersonneSemaine {
  id: number;
  nom: string;
  prenom: string;
  /** When they work, in order. */
  ouvert: readonly Stretch[];
  absences: readonly Stretch[];
  visites: readonly VisiteSemaine[];
}

export interface VisiteSemaine {
  /** When it is worked on, in order. */
  segments: readonly { debut: number; fin: number }[];
  conflits: readonly RaisonConflit[];
  /** Null where the caller may know only that the time is taken. */
  texte: {
    titre: string;
    equipement: string;
    priorite: Priorite;
    statut: 'planifiee' | 'en_cours' | 'realisee';
    date_limite: number | null;
    /** How long after it the visit ends. */
    retard: number;
    /** Minutes of travel before it; null where that is not known. */
    trajet: number | null;
  } | null;
}

/** Of the picture, in its own units. */
const WIDTH = 1600;
const MARGIN = 24;
const NAMES = 200;
const DAY_LABELS = 34;
const HOURS = 18;
const LANE = 56;
const BAR = 45;
const ROW_PADDING = 9;
/** Between a bar and words beside it. */
const BESIDE = 4;
/** Of the words in a bar, from line to line. */
const LINE_HEIGHT = 12;
const LEAST_ROW = 70;
/** A day on which nobody works and nothing is planned. */
const EMPTY_DAY = 46;
const FONT = "'Noto Sans','Segoe UI','Helvetica Neue',Arial,'Noto Sans Arabic','DejaVu Sans',sans-serif";

const INK = '#14181f';
const SOFT = '#4a5260';
const LINE = '#c9ced6';
const ACCENT = '#b3122d';

/** From light to dark, so that they differ in grey. */
const BARS: Readonly<Record<Priorite, { fill: string; stroke: string; text: string }>> = {
  basse: { fill: '#f4f7fa', stroke: '#6b7684', text: INK },
  normale: { fill: '#c4daf3', stroke: '#2f5f94', text: INK },
  haute: { fill: '#f0a04b', stroke: '#7a4207', text: INK },
  critique: { fill: '#a3162c', stroke: '#5c0715', text: '#ffffff' },
};
const BUSY = { stroke: '#6b7684', text: INK };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** @returns the picture as SVG 1.1 */
export function drawSemaine(semaine: Semaine): string {
  return new Picture(semaine).draw();
}

/** Where a day lies, and which instants it shows. */
interface Column {
  jour: JourSemaine;
  /** The first instant of the day, and of the next one. */
  debut: number;
  fin: number;
  /** What of it is shown. */
  from: number;
  to: number;
  x: number;
  width: number;
  /** Nobody works, and nothing is planned. */
  empty: boolean;
}

interface Bar {
  visite: VisiteSemaine;
  debut: number;
  fin: number;
  lane: number;
  first: boolean;
}

class Picture {
  private readonly textes;
  private readonly rtl: boolean;
  private readonly columns: Column[];
  private readonly wallClock: WallClock;
  private readonly parts: string[] = [];
  /** What stands above the ground, and is known before that is drawn. */
  private readonly notes: string[] = [];

  constructor(private readonly semaine: Semaine) {
    this.textes = TEXTES_SEMAINE[semaine.langue];
    this.rtl = semaine.langue === 'ar';
    this.wallClock = wallClockOf(semaine.zone);
    this.columns = columnsOf(semaine, this.wallClock);
  }

  draw(): string {
    const { personnes } = this.semaine;
    const top = 78;
    const body = top + DAY_LABELS + HOURS;
    const rows = personnes.map((personne) => ({ personne, bars: barsOf(personne, this.columns) }));
    let y = body;
    const placed = rows.map((row) => {
      const lanes = Math.max(1, ...row.bars.map(({ lane }) => lane + 1));
      const height = Math.max(LEAST_ROW, lanes * LANE - (LANE - BAR) + 2 * ROW_PADDING);
      const place = { ...row, y, height };
      y += height;
      return place;
    });
    const bottom = placed.length === 0 ? body + LEAST_ROW : y;

    this.heading();
    this.dayLabels(top, bottom);
    for (const { personne, y: rowTop, height } of placed) this.ground(personne, rowTop, height);
    this.hourLines(body, bottom);
    this.parts.push(...this.notes);
    this.nowLine(top, bottom);
    for (const [index, { personne, bars, y: rowTop }] of placed.entries()) {
      this.row(personne, bars, rowTop, index);
    }
    if (placed.length === 0) {
      this.text(WIDTH / 2, body + 36, this.textes.personneAucune, { size: 15, anchor: 'middle', fill: SOFT });
    }
    const end = this.legend(this.totals(bottom));
    return this.frame(end + MARGIN);
  }

  private frame(height: number): string {
    const { semaine, textes } = this;
    const visites = semaine.personnes.reduce((sum, { visites: own }) => sum + own.length, 0);
    const title = `${this.title()} · ${semaine.site ?? textes.tousSites}`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"` +
      ` font-family="${escaped(FONT)}" direction="${this.rtl ? 'rtl' : 'ltr'}" xml:lang="${semaine.langue}"` +
      ` role="graphics-document" aria-labelledby="titre" aria-describedby="description">` +
      `<title id="titre">${escaped(title)}</title>` +
      `<desc id="description">${escaped(textes.description(semaine.personnes.length, visites))}</desc>` +
      PATTERNS +
      `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>` +
      `${this.parts.join('')}</svg>\n`
    );
  }

  private title(): string {
    const { semaine, jours } = this.semaine;
    const [week, first, last] = [Number(semaine.slice(6)), jours[0]!.jour, jours.at(-1)!.jour];
    return this.textes.titre(week, this.date(first), this.date(last));
  }

  private date(jour: string): string {
    const [year, month, day] = jour.split('-').map(Number) as [number, number, number];
    return this.textes.date(day, this.textes.mois[month - 1]!, year);
  }

  private heading(): void {
    const { semaine, textes } = this;
    const count =
      semaine.total > semaine.personnes.length && semaine.personnes.length > 0
        ? textes.pagination(semaine.premier, semaine.premier + semaine.personnes.length - 1, semaine.total)
        : textes.personnes(semaine.personnes.length);
    const site = semaine.site ?? textes.tousSites;
    const rest = [semaine.zone, count];
    const shown = shorten(site, WIDTH - 2 * MARGIN - widthOf(` · ${rest.join(' · ')}`, 14), 14);
    const subtitle = [shown, ...rest].map((part) => isolate(part, this.rtl)).join(' · ');
    this.text(MARGIN, 38, this.title(), { size: 24, bold: true });
    this.text(MARGIN, 62, subtitle, { size: 14, fill: SOFT });
  }

  private dayLabels(top: number, bottom: number): void {
    const today = this.semaine.now;
    for (const column of this.columns) {
      const { jour, x, width, debut, fin, empty } = column;
      const isToday = today >= debut && today < fin;
      this.rect(x, top, width, DAY_LABELS, { fill: isToday ? INK : '#e8ecf1' });
      const fill = isToday ? '#ffffff' : INK;
      const weekday = this.textes.jours[this.columns.indexOf(column)]!;
      const number = String(Number(jour.jour.slice(8)));
      const why = jour.ferie ?? (jour.fermeture ? this.textes.fermeture : null);
      const name = isToday ? `${weekday} ${number} · ${this.textes.aujourdhui}` : `${weekday} ${number}`;
      this.group(
        () => {
          const middle = { anchor: 'middle', fill } as const;
          if (empty) {
            const short = this.rtl ? weekday : `${[...weekday].slice(0, 3).join('')}.`;
            this.text(x + width / 2, top + 15, shorten(short, width - 4, 10.5), { size: 10.5, ...middle });
            this.text(x + width / 2, top + 28, number, { size: 11, bold: true, ...middle });
            if (why !== null) this.textAlong(column, why, top + DAY_LABELS + HOURS, bottom);
            return;
          }
          const fits = widthOf(name, 14, true) <= width - 12;
          const label = fits ? name : shorten(`${weekday} ${number}`, width - 12, 14, true);
          this.text(x + width / 2, why === null ? top + 22 : top + 15, label, {
            size: 14,
            bold: true,
            ...middle,
          });
          if (why === null) return;
          this.text(x + width / 2, top + 28, shorten(why, width - 10, 11), { size: 11, ...middle });
        },
        `${weekday} ${this.date(jour.jour)}${why === null ? '' : ` · ${why}`}`,
      );
      // So that the days stand apart however long the picture is.
      this.line(x, top, x, bottom, { stroke: '#7d8795', 'stroke-width': 1.2 });
    }
    const end = this.columns.at(-1)!;
    this.line(end.x + end.width, top, end.x + end.width, bottom, { stroke: '#7d8795', 'stroke-width': 1.2 });
  }

  /** What a narrow day is, along it. */
  private textAlong({ x, width }: Column, text: string, top: number, bottom: number): void {
    const [at, middle] = [this.mirrored(x + width / 2), (top + bottom) / 2];
    const label = shorten(text, bottom - top - 20, 12);
    this.notes.push(
      `<text transform="translate(${n(at + 4)} ${n(middle)}) rotate(-90)" text-anchor="middle" font-size="12" fill="${INK}">${escaped(label)}</text>`,
    );
  }

  private hourLines(body: number, bottom: number): void {
    for (const column of this.columns) {
      if (column.empty) continue;
      const perHour = (column.width * HOUR) / (column.to - column.from);
      const step = [1, 2, 3, 4, 6, 12].find((hours) => hours * perHour >= 30) ?? 24;
      for (const { instant, hour } of hoursOf(column, this.semaine.zone)) {
        const x = this.x(column, instant);
        const inside = x > column.x + 1 && x < column.x + column.width - 1;
        const told = hour % step === 0;
        if (inside) this.line(x, body, x, bottom, { stroke: told ? LINE : '#e3e6eb', 'stroke-width': 0.8 });
        if (told && x < column.x + column.width - 8) {
          const place = inside ? { x, anchor: 'middle' } : { x: x + 3 };
          this.text(place.x, body - 5, String(hour), { size: 10.5, anchor: place.anchor, fill: SOFT });
        }
      }
    }
  }

  /** What lies under the bars: hours without work, closed days, absences. */
  private ground({ ouvert, absences }: PersonneSemaine, y: number, height: number): void {
    for (const column of this.columns) {
      const closed = column.jour.fermeture || column.jour.ferie !== null;
      for (const [from, to] of without([column.from, column.to], ouvert)) {
        const [x, width] = this.span(column, from, to);
        this.rect(x, y, width, height, { fill: closed ? 'url(#ferme)' : '#e9ecf0' });
      }
      for (const [from, to] of absences) {
        if (from >= column.to || to <= column.from) continue;
        const [x, width] = this.span(column, from, to);
        this.group(() => {
          this.rect(x, y + 2, width, height - 4, {
            fill: 'url(#absence)',
            stroke: '#555d69',
            'stroke-width': 1,
          });
          const label = shorten(this.textes.absence, width - 12, 11, true);
          if (label === '') return;
          const room = widthOf(label, 11, true) + 8;
          const at = x + width / 2;
          this.rect(at - room / 2, y + height - 20, room, 15, { fill: '#ffffff', rx: 3 });
          this.text(at, y + height - 9, label, { size: 11, bold: true, anchor: 'middle' });
        }, this.textes.absence);
      }
    }
  }

  private row(personne: PersonneSemaine, bars: readonly Bar[], y: number, index: number): void {
    const name = fullName(personne);
    this.parts.push(`<g role="group" aria-label="${escaped(name)}" data-technicien="${personne.id}">`);
    this.line(MARGIN, y, WIDTH - MARGIN, y, { stroke: '#9aa3af', 'stroke-width': index === 0 ? 1.4 : 0.8 });
    const sums = sumsOf(personne);
    const room = NAMES - 14;
    this.group(
      () => {
        this.text(MARGIN, y + 18, isolate(shorten(name, room, 14, true), this.rtl), { size: 14, bold: true });
      },
      `${name} · ${this.sumsLine(sums)}`,
    );
    const { faits, trajet, ecarts } = this.sumsText(sums);
    this.text(MARGIN, y + 34, shorten(faits, room, 11.5), { size: 11.5, fill: SOFT });
    this.text(MARGIN, y + 48, shorten(trajet, room, 11.5), { size: 11.5, fill: SOFT });
    const below = trajet === '' ? 48 : 62;
    this.text(MARGIN, y + below, shorten(ecarts, room, 11.5, true), { size: 11.5, bold: true });
    for (const bar of bars) this.journey(bar, bars, y);
    for (const bar of bars) this.bar(bar, y, this.roomAfter(bar, bars, personne));
    this.parts.push('</g>');
  }

  /** What there is of somebody's week, and what is wrong with it; empty where there is nothing of a kind. */
  private sumsText({ visites, travail, trajet, retard, conflits }: Sums) {
    const { textes } = this;
    const ecarts = [
      ...(retard === 0 ? [] : [`${textes.retard} ${this.duration(retard)}`]),
      ...(conflits === 0 ? [] : [textes.conflits(conflits)]),
    ];
    return {
      faits: `${textes.visites(visites)} · ${this.duration(travail)}`,
      trajet: trajet === 0 ? '' : `${textes.trajet} ${this.duration(trajet)}`,
      ecarts: ecarts.join(' · '),
    };
  }

  private sumsLine(sums: Sums): string {
    const { faits, trajet, ecarts } = this.sumsText(sums);
    return [faits, trajet, ecarts].filter((part) => part !== '').join(' · ');
  }

  private duration(milliseconds: number): string {
    const minutes = Math.round(milliseconds / MINUTE);
    return this.textes.duree(Math.floor(minutes / 60), minutes % 60);
  }

  /** The travel before a visit, as far as there is time for it. */
  private journey({ visite, debut, first, lane }: Bar, bars: readonly Bar[], y: number): void {
    const trajet = visite.texte?.trajet ?? 0;
    if (!first || trajet <= 0) return;
    const before = bars.filter(({ fin }) => fin <= debut).map(({ fin }) => fin);
    const from = Math.max(debut - trajet * MINUTE, ...before);
    const column = this.columnAt(debut);
    if (column === undefined || from >= debut) return;
    const [x, width] = this.span(column, from, debut);
    if (width < 1) return;
    const top = y + ROW_PADDING + lane * LANE + BAR / 2 - 5;
    this.group(
      () =>
        this.rect(x, top, width, 10, {
          fill: 'url(#trajet)',
          stroke: INK,
          'stroke-width': 0.8,
          class: 'trajet',
        }),
      `${this.textes.trajet} ${this.duration(trajet * MINUTE)}`,
    );
  }

  /** How much of the picture is free after a bar, on its day, for what does not find room in it. */
  private roomAfter({ debut, fin, lane }: Bar, bars: readonly Bar[], { absences }: PersonneSemaine): number {
    const column = this.columnAt(debut);
    if (column === undefined) return 0;
    const next = [
      ...bars
        .filter((bar) => bar.lane === lane && bar.debut >= fin && bar.debut < column.to)
        .map((bar) => bar.debut - (bar.first ? (bar.visite.texte?.trajet ?? 0) * MINUTE : 0)),
      ...absences.filter(([, to]) => to > fin).map(([from]) => from),
      column.to,
    ];
    const [, room] = this.span(column, fin, Math.max(fin, Math.min(...next)));
    return room - 2 * BESIDE;
  }

  private columnAt(instant: number): Column | undefined {
    return this.columns.find(({ from, to }) => instant >= from && instant < to);
  }

  private bar({ visite, debut, fin, lane }: Bar, y: number, beside: number): void {
    const { texte, conflits } = visite;
    const column = this.columnAt(debut);
    if (column === undefined) return;
    const [x, width] = this.span(column, debut, Math.min(fin, column.to));
    const top = y + ROW_PADDING + lane * LANE;
    const style = texte === null ? { fill: 'url(#occupe)', ...BUSY } : BARS[texte.priorite];
    this.parts.push(
      `<g role="img" class="visite" data-debut="${debut}" data-fin="${fin}"` +
        `${conflits.length > 0 ? ` data-conflits="${conflits.join(' ')}"` : ''}>` +
        `<title>${escaped(this.barTitle(visite, debut, fin))}</title>`,
    );
    this.rect(x, top, width, BAR, {
      rx: Math.min(4, width / 2),
      fill: style.fill,
      stroke: style.stroke,
      'stroke-width': 1,
      class: 'barre',
    });
    this.parts.push(
      // What does not fit its bar is cut by it, whatever the fonts of whoever looks.
      `<svg x="${n(this.mirrored(x, width))}" y="${n(top)}" width="${n(width)}" height="${BAR}">`,
    );
    const words = wordsOf(visite, width, beside);
    this.inner(visite, words, { debut, fin, width, fill: style.text });
    this.parts.push('</svg>');
    if (words.beside) {
      for (const [index, line] of words.lines.entries()) {
        const at = this.mirrored(x + width + BESIDE);
        this.barText(
          at,
          top + words.first + index * LINE_HEIGHT,
          isolate(line, this.rtl),
          words.size,
          true,
          INK,
        );
      }
    }
    if (conflits.length > 0) this.outline(conflits, x, top, width);
    this.signs(visite, x + width, top, width);
    this.parts.push('</g>');
  }

  /** On the upper edge of a bar, from its end: what is wrong with it first, and how far it is. As many as there is room for. */
  private signs({ texte, conflits }: VisiteSemaine, end: number, top: number, width: number): void {
    const signs = [
      ...conflits.map((conflit) => SIGNS[conflit]),
      ...(texte?.statut === 'realisee' ? [SIGNS.realisee] : []),
      ...(texte?.statut === 'en_cours' ? [SIGNS.en_cours] : []),
    ];
    const room = Math.floor(width / SIGN);
    // A short bar has its sign in its middle.
    const from = room < 1 ? end - width / 2 : end - SIGN / 2;
    const least = width >= SIGN / 2 ? 1 : 0;
    for (const [index, sign] of signs.slice(0, Math.max(least, room)).entries()) {
      const x = this.mirrored(from - index * SIGN);
      this.parts.push(`<g transform="translate(${n(x)} ${n(top)})">${sign}</g>`);
    }
  }

  /** What stands in a bar, from its own corner. */
  private inner(
    { texte }: VisiteSemaine,
    words: Words,
    { debut, fin, width, fill }: { debut: number; fin: number; width: number; fill: string },
  ): void {
    const late = texte !== null && texte.retard > 0;
    const at = (x: number) => (this.rtl ? width - x : x);
    if (late) {
      const from = Math.max(debut, Math.min(texte.date_limite!, fin));
      const lateFrom = from >= fin ? debut : from;
      const share = ((lateFrom - debut) / (fin - debut)) * width;
      const stripe = { y: BAR - 8, width: width - share, height: 8 };
      this.parts.push(
        `<rect x="${n(this.rtl ? 0 : share)}" y="${stripe.y}" width="${n(stripe.width)}" height="8" fill="url(#retard)"/>`,
      );
    }
    if (texte === null) {
      const label = shorten(this.textes.occupe, width - 6, 10);
      this.barText(at(3), BAR / 2 + 3.5, label, 10, false, fill);
      return;
    }
    if (words.beside) return;
    for (const [index, line] of words.lines.entries()) {
      const y = words.first + index * LINE_HEIGHT;
      this.barText(at(4), y, isolate(line, this.rtl), words.size, true, fill);
    }
    const time = `${this.clock(debut)}–${this.clock(fin)}`;
    if (words.lines.length < words.most && widthOf(time, 10.5) <= width - 7) {
      this.barText(at(4), words.first + words.lines.length * LINE_HEIGHT, time, 10.5, false, fill);
    }
  }

  private barText(x: number, y: number, text: string, size: number, bold: boolean, fill: string): void {
    if (text === '') return;
    this.parts.push(
      `<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${fill}"${bold ? ' font-weight="600"' : ''}>${escaped(text)}</text>`,
    );
  }

  /** What stands against a visit, around its bar. */
  private outline(conflits: readonly RaisonConflit[], x: number, top: number, width: number): void {
    this.rect(x - 1.5, top - 1.5, width + 3, BAR + 3, {
      rx: 5,
      fill: 'none',
      stroke: '#ffffff',
      'stroke-width': 3.4,
    });
    this.rect(x - 1.5, top - 1.5, width + 3, BAR + 3, {
      rx: 5,
      fill: 'none',
      stroke: INK,
      'stroke-width': 2.2,
      'stroke-dasharray': OUTLINES[conflits[0]!],
    });
  }

  private barTitle({ texte, conflits }: VisiteSemaine, debut: number, fin: number): string {
    const { textes } = this;
    const time = `${this.clock(debut)}–${this.clock(fin)}`;
    const against = conflits.map((conflit) => textes.conflit[conflit]);
    if (texte === null) return [textes.occupe, time, ...against].join(' · ');
    return [
      texte.titre,
      texte.equipement,
      time,
      `${textes.priorite} ${textes.priorites[texte.priorite]}`,
      ...(texte.statut === 'en_cours' ? [textes.enCours] : []),
      ...(texte.statut === 'realisee' ? [textes.realisee] : []),
      ...(texte.trajet === null || texte.trajet <= 0
        ? []
        : [`${textes.trajet} ${this.duration(texte.trajet * MINUTE)}`]),
      ...(texte.date_limite === null ? [] : [`${textes.limite} ${this.moment(texte.date_limite)}`]),
      ...(texte.retard > 0 ? [`${textes.retard} ${this.duration(texte.retard)}`] : []),
      ...against,
    ].join(' · ');
  }

  private clock(instant: number): string {
    return new Date(this.wallClock(instant)).toISOString().slice(11, 16);
  }

  private moment(instant: number): string {
    const day = new Date(this.wallClock(instant)).toISOString().slice(0, 10);
    return `${this.date(day)} ${this.clock(instant)}`;
  }

  private nowLine(top: number, bottom: number): void {
    const { now } = this.semaine;
    const column = this.columns.find(({ debut, fin }) => now >= debut && now < fin);
    if (column === undefined) return;
    const x = this.x(column, Math.min(Math.max(now, column.from), column.to));
    this.group(
      () => {
        this.line(x, top + DAY_LABELS, x, bottom, {
          stroke: ACCENT,
          'stroke-width': 2,
          'stroke-dasharray': '7 3',
          class: 'maintenant',
        });
        const at = n(this.mirrored(x));
        this.parts.push(
          `<path d="M${at} ${top + DAY_LABELS + HOURS} l-6 -10 h12 z" fill="${ACCENT}" stroke="#ffffff" stroke-width="1"/>`,
        );
      },
      `${this.textes.maintenant} · ${this.clock(now)}`,
    );
  }

  private totals(bottom: number): number {
    const { personnes } = this.semaine;
    this.line(MARGIN, bottom, WIDTH - MARGIN, bottom, { stroke: INK, 'stroke-width': 1.4 });
    const sums = personnes.map(sumsOf).reduce(
      (total, one) => ({
        visites: total.visites + one.visites,
        travail: total.travail + one.travail,
        trajet: total.trajet + one.trajet,
        retard: total.retard + one.retard,
        conflits: total.conflits + one.conflits,
      }),
      { visites: 0, travail: 0, trajet: 0, retard: 0, conflits: 0 },
    );
    const text = `${this.textes.total} · ${this.sumsLine(sums)}`;
    this.text(MARGIN, bottom + 24, text, { size: 14, bold: true });
    return bottom + 44;
  }

  private legend(top: number): number {
    const { textes } = this;
    const swatch = (attributes: Attributes) => (x: number, y: number) =>
      this.rect(x, y - 11, 26, 15, { rx: 3, 'stroke-width': 1, ...attributes });
    const sign = (drawn: string) => (x: number, y: number) =>
      this.parts.push(`<g transform="translate(${n(this.mirrored(x + 13))} ${n(y - 3.5)})">${drawn}</g>`);
    const conflit = (which: RaisonConflit) => (x: number, y: number) => {
      this.rect(x + 1, y - 11, 40, 15, {
        rx: 3,
        fill: '#ffffff',
        stroke: INK,
        'stroke-width': 2.2,
        'stroke-dasharray': OUTLINES[which],
      });
      this.parts.push(
        `<g transform="translate(${n(this.mirrored(x + 21))} ${n(y - 3.5)})">${SIGNS[which]}</g>`,
      );
    };
    const items: [label: string, draw: (x: number, y: number) => void, width?: number][] = [
      ...PRIORITES.toReversed().map((priorite): [string, (x: number, y: number) => void] => [
        `${textes.priorite} ${textes.priorites[priorite]}`,
        swatch({ fill: BARS[priorite].fill, stroke: BARS[priorite].stroke }),
      ]),
      [textes.enCours, sign(SIGNS.en_cours)],
      [textes.realisee, sign(SIGNS.realisee)],
      [textes.trajet, swatch({ fill: 'url(#trajet)', stroke: INK })],
      [textes.retard, swatch({ fill: 'url(#retard)', stroke: INK })],
      ...RAISONS_CONFLIT.map((which): [string, (x: number, y: number) => void, number] => [
        textes.legendeConflit[which],
        conflit(which),
        42,
      ]),
      [textes.occupe, swatch({ fill: 'url(#occupe)', stroke: BUSY.stroke })],
      [textes.absence, swatch({ fill: 'url(#absence)', stroke: '#555d69' })],
      [textes.horsHoraires, swatch({ fill: '#e9ecf0', stroke: LINE })],
      [`${textes.ferie}, ${textes.fermeture}`, swatch({ fill: 'url(#ferme)', stroke: LINE })],
      [
        textes.maintenant,
        (x, y) =>
          this.line(x + 13, y - 13, x + 13, y + 6, {
            stroke: ACCENT,
            'stroke-width': 2,
            'stroke-dasharray': '7 3',
          }),
      ],
    ];
    let [x, y] = [MARGIN, top + 14];
    this.parts.push(`<g role="group" aria-label="${escaped(textes.legende)}">`);
    for (const [label, draw, width = 26] of items) {
      const room = width + 7 + widthOf(label, 12) + 22;
      if (x + room - 22 > WIDTH - MARGIN) [x, y] = [MARGIN, y + 25];
      draw(x, y);
      this.text(x + width + 7, y + 1, capitalised(label), { size: 12 });
      x += room;
    }
    this.parts.push('</g>');
    return y + 6;
  }

  /** Where an instant lies in a day. */
  private x({ from, to, x, width }: Column, instant: number): number {
    return x + ((instant - from) / (to - from)) * width;
  }

  private span(column: Column, from: number, to: number): [x: number, width: number] {
    const start = this.x(column, Math.max(from, column.from));
    return [start, this.x(column, Math.min(to, column.to)) - start];
  }

  /** For languages that are read from the right, the picture is too. */
  private mirrored(x: number, width = 0): number {
    return this.rtl ? WIDTH - x - width : x;
  }

  private rect(x: number, y: number, width: number, height: number, attributes: Attributes): void {
    const place = { x: this.mirrored(x, width), y, width, height };
    this.parts.push(`<rect${attributesOf({ ...place, ...attributes })}/>`);
  }

  private line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes): void {
    const place = { x1: this.mirrored(x1), y1, x2: this.mirrored(x2), y2 };
    this.parts.push(`<line${attributesOf({ ...place, ...attributes })}/>`);
  }

  private text(
    x: number,
    y: number,
    text: string,
    {
      size,
      bold = false,
      anchor,
      fill = INK,
    }: { size: number; bold?: boolean; anchor?: string; fill?: string },
  ): void {
    if (text === '') return;
    const attributes = {
      x: this.mirrored(x),
      y,
      'font-size': size,
      ...(bold ? { 'font-weight': '600' } : {}),
      ...(anchor === undefined ? {} : { 'text-anchor': anchor }),
      fill,
    };
    this.parts.push(`<text${attributesOf(attributes)}>${escaped(text)}</text>`);
  }

  private group(draw: () => void, title: string): void {
    this.parts.push(`<g><title>${escaped(title)}</title>`);
    draw();
    this.parts.push('</g>');
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Attributes = Record<string, string | number>;

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? n(value) : escaped(value)}"`)
    .join('');
}

/** A coordinate, to a hundredth. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** What is written of a visit, in its bar or beside it. */
interface Words {
  lines: string[];
  most: number;
  size: number;
  /** Where the first line stands below the upper edge of the bar. */
  first: number;
  beside: boolean;
}

/** The title in the bar; beside it where that says more of it. */
function wordsOf({ texte }: VisiteSemaine, width: number, beside: number): Words {
  const [room, narrow] = [width - 7, width < 90];
  const size = narrow ? 10 : 11;
  const most = texte !== null && texte.retard > 0 ? 2 : 3;
  const words = { most, size, first: 15.5, beside: false };
  if (texte === null) return { ...words, lines: [] };
  const lines = wrap(texte.titre, room, size, most, true);
  const isWhole = lines.join(' ') === texte.titre.trim().replace(/ +/g, ' ');
  if (isWhole || beside < room + 10) return { ...words, lines };
  const outside = wrap(texte.titre, beside, 10, 3, true);
  if (outside.join('').length <= lines.join('').length) return { ...words, lines };
  // In the middle of the height, however many lines there are.
  const first = BAR / 2 + 3.5 - ((outside.length - 1) * LINE_HEIGHT) / 2;
  return { ...words, lines: outside, size: 10, first, beside: true };
}

interface Sums {
  visites: number;
  travail: number;
  trajet: number;
  retard: number;
  conflits: number;
}

function sumsOf({ visites }: PersonneSemaine): Sums {
  const sum = (of: (visite: VisiteSemaine) => number) => visites.reduce((total, one) => total + of(one), 0);
  return {
    visites: visites.length,
    travail: sum(({ segments }) => segments.reduce((all, { debut, fin }) => all + fin - debut, 0)),
    trajet: sum(({ texte }) => (texte?.trajet ?? 0) * MINUTE),
    retard: sum(({ texte }) => texte?.retard ?? 0),
    conflits: visites.filter(({ conflits }) => conflits.length > 0).length,
  };
}

/** What is left of a stretch without others, which are in order. */
function without([from, to]: Stretch, others: readonly Stretch[]): Stretch[] {
  const left: Stretch[] = [];
  let reached = from;
  for (const [start, end] of others) {
    if (end <= reached || start >= to) continue;
    if (start > reached) left.push([reached, start]);
    reached = Math.max(reached, end);
  }
  if (reached < to) left.push([reached, to]);
  return left;
}

/** The bars of one person: each stretch of work, cut where days end; those that are at the same time lie below each other. */
function barsOf({ visites }: PersonneSemaine, columns: readonly Column[]): Bar[] {
  const pieces = visites.flatMap((visite) =>
    visite.segments.flatMap(({ debut, fin }, index) =>
      columns
        .filter((column) => debut < column.fin && fin > column.debut)
        .map((column) => ({
          visite,
          debut: Math.max(debut, column.debut),
          fin: Math.min(fin, column.fin),
          first: index === 0 && debut >= column.debut,
        })),
    ),
  );
  pieces.sort((a, b) => a.debut - b.debut || a.fin - b.fin);
  const ends: number[] = [];
  return pieces.map((piece) => {
    const free = ends.findIndex((end) => end <= piece.debut);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = piece.fin;
    return { ...piece, lane };
  });
}

type WallClock = (instant: number) => number;

/** What the clocks of a zone show: asked of the same quarters of an hour again and again, which is expensive. */
function wallClockOf(zone: string): WallClock {
  const known = new Map<number, number>();
  return (instant) => {
    const shown = known.get(instant) ?? wallClockAt(instant, zone);
    known.set(instant, shown);
    return shown;
  };
}

/** The days, each as wide as the others, but for those of which nothing is to be seen. */
function columnsOf({ jours, zone, personnes }: Semaine, wallClock: WallClock): Column[] {
  const days = jours.map((jour) => {
    const [debut, fin] = [startOfDay(jour.jour, zone), startOfDay(dayAfter(jour.jour, 1), zone)];
    const within = (stretches: readonly Stretch[]) =>
      stretches
        .filter(([from, to]) => from < fin && to > debut)
        .map(([from, to]): Stretch => [Math.max(from, debut), Math.min(to, fin)]);
    const used = personnes.flatMap(({ ouvert, visites }) => [
      ...within(ouvert),
      ...within(
        visites.flatMap(({ segments, texte }) =>
          segments.map(({ debut: from, fin: to }, index): Stretch => {
            const trajet = index === 0 ? (texte?.trajet ?? 0) * MINUTE : 0;
            return [from - trajet, to];
          }),
        ),
      ),
    ]);
    return { jour, debut, fin, used, empty: used.length === 0 };
  });
  if (days.every(({ empty }) => empty)) for (const day of days) day.empty = false;

  // The same hours of every day, so that eight o'clock is at the same place in each.
  const wall = (day: { jour: JourSemaine }, instant: number) =>
    (wallClock(instant) - Date.parse(day.jour.jour)) / MINUTE;
  const starts = days.flatMap((day) => day.used.map(([from]) => wall(day, from)));
  const ends = days.flatMap((day) => day.used.map(([, to]) => (to >= day.fin ? 1440 : wall(day, to))));
  const first = starts.length === 0 ? 8 * 60 : 60 * Math.floor(Math.min(...starts) / 60);
  const last = ends.length === 0 ? 18 * 60 : 60 * Math.ceil(Math.max(...ends) / 60);
  const shown = { first: Math.max(0, first), last: Math.min(1440, Math.max(last, first + 60)) };

  const room = WIDTH - 2 * MARGIN - NAMES;
  const full = days.filter(({ empty }) => !empty).length;
  const width = (room - (days.length - full) * EMPTY_DAY) / full;
  let x = MARGIN + NAMES;
  return days.map(({ jour, debut, fin, used, empty }) => {
    const at = (minutes: number) =>
      minutes >= 1440 ? fin : instantOfWallClock(Date.parse(jour.jour) + minutes * MINUTE, zone);
    const column: Column = {
      jour,
      debut,
      fin,
      from: empty ? debut : Math.max(debut, Math.min(at(shown.first), ...used.map(([from]) => from))),
      to: empty ? fin : Math.min(fin, Math.max(at(shown.last), ...used.map(([, to]) => to))),
      x,
      width: empty ? EMPTY_DAY : width,
      empty,
    };
    x += column.width;
    return column;
  });
}

/** Every full hour that the clocks show within what is shown of a day, each once. */
function hoursOf({ jour, from, to }: Column, zone: string): { instant: number; hour: number }[] {
  const hours = Array.from({ length: 24 }, (_, hour) =>
    instantOfWallClock(Date.parse(jour.jour) + hour * HOUR, zone),
  );
  return [...new Set(hours)]
    .filter((instant) => instant >= from && instant <= to)
    .map((instant) => ({ instant, hour: new Date(wallClockAt(instant, zone)).getUTCHours() }));
}

const OUTLINES: Readonly<Record<RaisonConflit, string>> = {
  chevauchement: 'none',
  absent: '10 4',
  ferie: '10 3 2 3',
  hors_horaires: '2.5 2.5',
  inactif: '6 2 1 2 1 2',
};

/** How much room a sign takes along a bar. */
const SIGN = 14;

/** Signs of 13 by 13 around their middle: white on black, so that they show on every bar. */
const disc = (inner: string) =>
  `<circle r="6.5" fill="${INK}" stroke="#ffffff" stroke-width="0.8"/><g fill="none" stroke="#ffffff" stroke-width="1.3">${inner}</g>`;
const SIGNS: Readonly<Record<RaisonConflit | 'realisee' | 'en_cours', string>> = {
  // Two that are at the same place.
  chevauchement: disc(
    '<rect x="-3.4" y="-3.4" width="4.6" height="4.6"/><rect x="-1.2" y="-1.2" width="4.6" height="4.6"/>',
  ),
  // Nobody there.
  absent: disc('<path d="M-3 -3 L3 3 M3 -3 L-3 3"/>'),
  // A closed door.
  ferie: disc('<path d="M-3.6 0 H3.6"/>'),
  // Somebody who goes.
  inactif: disc('<path d="M-3.6 0 H3.4 M0.8 -2.8 L3.6 0 L0.8 2.8"/>'),
  // A clock.
  hors_horaires: disc('<path d="M0 -3.8 V0 L2.8 1.8"/>'),
  realisee:
    '<circle r="6.5" fill="#ffffff" stroke="#14181f" stroke-width="0.8"/><path d="M-3.2 0.2 L-0.9 2.7 L3.3 -2.6" fill="none" stroke="#14181f" stroke-width="1.8"/>',
  en_cours:
    '<circle r="6.5" fill="#ffffff" stroke="#14181f" stroke-width="0.8"/><path d="M-2.1 -3.4 L3.6 0 L-2.1 3.4 Z" fill="#14181f"/>',
};

const pattern = (id: string, size: number, inner: string, rotate = 0) =>
  `<pattern id="${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse"${rotate === 0 ? '' : ` patternTransform="rotate(${rotate})"`}>${inner}</pattern>`;
const PATTERNS = `<defs>${[
  pattern(
    'absence',
    9,
    '<rect width="9" height="9" fill="#d5dae1"/><rect width="3" height="9" fill="#8d96a3"/>',
    45,
  ),
  pattern(
    'ferme',
    8,
    '<rect width="8" height="8" fill="#e9ecf0"/><path d="M0 0 H8 M0 0 V8" stroke="#b3bac5" stroke-width="1.2"/>',
    45,
  ),
  pattern(
    'occupe',
    6,
    '<rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="0.9" fill="#aab2bd"/>',
  ),
  pattern(
    'trajet',
    5,
    '<rect width="5" height="5" fill="#ffffff"/><rect width="2" height="5" fill="#5a6372"/>',
  ),
  pattern(
    'retard',
    7,
    '<rect width="7" height="7" fill="#ffe14d"/><rect width="3.5" height="7" fill="#14181f"/>',
    45,
  ),
].join('')}</defs>`;
