import { type FieldFault, invalid, type Texte } from '../errors';
import { PRIORITES, type Priorite } from '../priorites';
import { WORKING_DAY } from '../working-time';

/**
 * Service levels (contract-planification §3): how much time there is for each step of an intervention by priority, how
 * that time is counted, and who is told before it is over and after. They are kept and answered as they were written;
 * {@link compile} gives them in milliseconds.
 */

/** `continu` counts around the clock, `ouvre` the working hours of the site. */
export const CALENDRIERS = ['continu', 'ouvre'] as const;
export type Calendrier = (typeof CALENDRIERS)[number];

export const ETAPES_ENGAGEES = ['affectation', 'demarrage', 'resolution'] as const;
/** What there is a delay for. */
export type EtapeEngagee = (typeof ETAPES_ENGAGEES)[number];

export const DESTINATAIRES = ['technicien', 'responsable', 'admin', 'client'] as const;
export type Destinataire = (typeof DESTINATAIRES)[number];

/** The delays of a priority: time, `PT4H`, or days of work, `P2D`. */
export interface Delais extends Record<EtapeEngagee, string> {
  /** How they are counted, where the level says otherwise. */
  calendrier?: Calendrier;
}

/** Who is told when. */
export interface Palier {
  /** `-25%`, when a quarter of the time is left; `-PT30M` before the deadline; `+0` when it passes; `+PT1H`, `+50%` after. */
  a: string;
  destinataires: readonly Destinataire[];
}

/** A reason of a wait, other than parts. */
export interface AttenteMotif {
  motif: string;
  arrete_horloge: boolean;
}

/** What of a level decides on deadlines; an intervention keeps a copy. */
export interface Politique {
  calendrier: Calendrier;
  delais: Readonly<Record<Priorite, Delais>>;
  niveaux: readonly Palier[];
  attente_motifs: readonly AttenteMotif[];
}

/** Of which level a politique is, and of which of its versions. */
export interface PolitiqueKept extends Politique {
  nom: string;
  version: number;
}

/** The table of contract §4: what holds where no contract says anything else. */
export const POLITIQUE_INTEGREE: Politique = {
  calendrier: 'ouvre',
  delais: {
    critique: { affectation: 'PT15M', demarrage: 'PT15M', resolution: 'PT4H', calendrier: 'continu' },
    haute: { affectation: 'PT2H', demarrage: 'PT1H', resolution: 'P1D' },
    normale: { affectation: 'P1D', demarrage: 'PT4H', resolution: 'P5D' },
    basse: { affectation: 'P3D', demarrage: 'P1D', resolution: 'P15D' },
  },
  niveaux: [
    { a: '+0', destinataires: ['technicien'] },
    { a: '+100%', destinataires: ['responsable'] },
    { a: '+200%', destinataires: ['admin'] },
  ],
  attente_motifs: [],
};

const MINUTE = 60_000;

/**
 * How long a delay is, in milliseconds of the time that counts; null for what is none. A day of work is eight hours of
 * it, however long the site works: `P2D` promises as much work as two days hold, and is never 48 hours.
 */
export function delaiOf(text: string): number | null {
  const [, days] = /^P([1-9]\d{0,2})D$/.exec(text) ?? [];
  if (days !== undefined) return Number(days) * WORKING_DAY;
  return durationOf(text);
}

function isWorkingDays(delai: string): boolean {
  return /^P\d+D$/.test(delai);
}

/** Hours and minutes, `PT1H30M`; null for what is none, and for nothing at all. */
function durationOf(text: string): number | null {
  const match = /^PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0);
  return minutes === 0 ? null : minutes * MINUTE;
}

/** When a palier is told: so much before or after the deadline, as a part of the delay or as time that counts. */
export interface Ecart {
  /** -1 before, 1 after; what is told when the deadline passes is 0 after. */
  sens: -1 | 1;
  /** Of the delay, 0.25 for 25 %. */
  part: number;
  /** Milliseconds. */
  duree: number;
}

/** Null for what is no such thing. */
export function ecartOf(a: string): Ecart | null {
  if (a === '+0') return { sens: 1, part: 0, duree: 0 };
  const sens = a.startsWith('-') ? -1 : 1;
  const [, percent] = /^[+-]([1-9]\d{0,2})%$/.exec(a) ?? [];
  if (percent !== undefined) {
    const part = Number(percent) / 100;
    return part > (sens < 0 ? 0.99 : MAX_DEPASSEMENT) ? null : { sens, part, duree: 0 };
  }
  const duree = /^[+-]/.test(a) ? durationOf(a.slice(1)) : null;
  return duree === null ? null : { sens, part: 0, duree };
}

/** Of how many times the delay a palier may be told after it at most. */
const MAX_DEPASSEMENT = 2;

/** The delays of a priority in milliseconds, and whether they are counted around the clock. */
export interface CompiledDelais extends Readonly<Record<EtapeEngagee, number>> {
  aroundTheClock: boolean;
}

export interface CompiledPalier extends Ecart {
  a: string;
  destinataires: readonly Destinataire[];
}

export interface CompiledPolitique {
  delais: Readonly<Record<Priorite, CompiledDelais>>;
  /** The table of contract §4 itself. */
  integree: boolean;
  paliers: readonly CompiledPalier[];
}

const compiled = new WeakMap<Politique, CompiledPolitique>();

/** What a valid politique says, in milliseconds; worked out once for each. */
export function compile(politique: Politique): CompiledPolitique {
  let known = compiled.get(politique);
  if (known === undefined) {
    known = {
      integree: politique === POLITIQUE_INTEGREE,
      delais: Object.fromEntries(
        PRIORITES.map((priorite) => [priorite, compileDelais(politique, priorite)]),
      ) as Record<Priorite, CompiledDelais>,
      paliers: politique.niveaux.map(({ a, destinataires }) => ({ a, destinataires, ...ecartOf(a)! })),
    };
    compiled.set(politique, known);
  }
  return known;
}

function compileDelais(politique: Politique, priorite: Priorite): CompiledDelais {
  const { calendrier = politique.calendrier, ...delais } = politique.delais[priorite];
  return {
    affectation: delaiOf(delais.affectation)!,
    demarrage: delaiOf(delais.demarrage)!,
    resolution: delaiOf(delais.resolution)!,
    aroundTheClock: calendrier === 'continu',
  };
}

export const MAX_PALIERS = 10;
export const MAX_MOTIFS = 20;
/** Of work, and around the clock: what a site has to leave within three years (`sites.ts`) holds the longest twice over. */
const LONGEST: Readonly<Record<Calendrier, number>> = { ouvre: 45 * WORKING_DAY, continu: 135 * WORKING_DAY };

/**
 * Whether a level can be counted with.
 * @throws {RegieError} `VALIDATION` with every fault there is
 */
export function requireSound(politique: Politique): void {
  const faults = [
    ...PRIORITES.flatMap((priorite) => faultsOfDelais(politique, priorite)),
    ...faultsOfPaliers(politique),
    ...faultsOfMotifs(politique),
  ];
  if (faults.length > 0) throw invalid(...faults);
}

const TEXTES = {
  delai: {
    fr: 'Une durée comme PT4H ou PT1H30M, ou des jours de travail comme P2D, est attendue',
    en: 'A duration like PT4H or PT1H30M, or days of work like P2D, is expected',
  },
  jours: {
    fr: 'Des jours de travail se comptent en heures ouvrées ; en continu, une durée comme PT48H est attendue',
    en: 'Days of work are counted in working hours; around the clock, a duration like PT48H is expected',
  },
  long: {
    fr: 'Trop long : au plus P45D ou PT360H en heures ouvrées, PT1080H en continu, dépassement compris',
    en: 'Too long: at most P45D or PT360H in working hours, PT1080H around the clock, with what comes after',
  },
  ecart: {
    fr: 'Un écart comme -25%, -PT30M, +0, +50% ou +PT1H est attendu ; au plus -99% et +200%',
    en: 'A distance like -25%, -PT30M, +0, +50% or +PT1H is expected; at most -99% and +200%',
  },
  double: { fr: 'Dit deux fois', en: 'Said twice' },
} satisfies Record<string, Texte>;

function faultsOfDelais(politique: Politique, priorite: Priorite): FieldFault[] {
  const calendrier = politique.delais[priorite].calendrier ?? politique.calendrier;
  return ETAPES_ENGAGEES.flatMap((etape) => {
    const text = politique.delais[priorite][etape];
    const champ = `delais.${priorite}.${etape}`;
    const delai = delaiOf(text);
    if (delai === null) return [{ champ, message: TEXTES.delai }];
    if (calendrier === 'continu' && isWorkingDays(text)) return [{ champ, message: TEXTES.jours }];
    return delai > LONGEST[calendrier] ? [{ champ, message: TEXTES.long }] : [];
  });
}

function faultsOfPaliers(politique: Politique): FieldFault[] {
  const seen = new Set<string>();
  return politique.niveaux.flatMap(({ a, destinataires }, rank) => {
    const faults: FieldFault[] = [];
    if (new Set(destinataires).size < destinataires.length) {
      faults.push({ champ: `niveaux.${rank}.destinataires`, message: TEXTES.double });
    }
    const champ = `niveaux.${rank}.a`;
    const ecart = ecartOf(a);
    if (ecart === null) return [...faults, { champ, message: TEXTES.ecart }];
    const name = `${ecart.sens} ${ecart.part} ${ecart.duree}`;
    if (seen.has(name)) faults.push({ champ, message: TEXTES.double });
    seen.add(name);
    if (isTooLate(politique, ecart)) faults.push({ champ, message: TEXTES.long });
    return faults;
  });
}

/** Whether it would come later than can be counted, for any delay that is none too long itself. */
function isTooLate(politique: Politique, { sens, part, duree }: Ecart): boolean {
  if (sens < 0) return false;
  return PRIORITES.some((priorite) => {
    const calendrier = politique.delais[priorite].calendrier ?? politique.calendrier;
    return ETAPES_ENGAGEES.some((etape) => {
      const delai = delaiOf(politique.delais[priorite][etape]);
      if (delai === null || delai > LONGEST[calendrier]) return false;
      return delai * (1 + part) + duree > LONGEST[calendrier];
    });
  });
}

function faultsOfMotifs({ attente_motifs }: Politique): FieldFault[] {
  const seen = new Set<string>();
  return attente_motifs.flatMap(({ motif }, rank) => {
    const name = motif.toLocaleLowerCase('fr');
    const isTwice = seen.has(name);
    seen.add(name);
    return isTwice ? [{ champ: `attente_motifs.${rank}.motif`, message: TEXTES.double }] : [];
  });
}
