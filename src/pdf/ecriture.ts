import { DateTime } from 'luxon';
import { formatMontant } from '../domain/stock/pieces';
import type { Langue } from '../domain/writing';
import { isolated } from './bidi';
import { TEXTES, type Textes } from './textes';

/** How a report writes instants, durations and numbers: in one language, by the clock of one zone. */
export class Ecriture {
  readonly textes: Textes;

  constructor(
    readonly langue: Langue,
    /** IANA name. */
    private readonly fuseau: string,
  ) {
    this.textes = TEXTES[langue];
  }

  /** "20/12/2026 à 09:00". */
  moment(instant: string): string {
    return this.textes.moment(this.jour(instant), this.heure(instant));
  }

  /** "20/12/2026". */
  jour(instant: string): string {
    return this.local(instant).toFormat('dd/MM/yyyy');
  }

  /** "09:00". */
  heure(instant: string): string {
    return this.local(instant).toFormat('HH:mm');
  }

  /** Time between two instants, in whole minutes; days are of 24 hours. */
  entre(from: string, to: string): string {
    const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
    return minutes < 1 ? this.textes.moinsDUneMinute : this.jusquAuxJours(minutes);
  }

  /** Minutes as days of 24 hours and what is left of them. */
  jusquAuxJours(minutes: number): string {
    const days = Math.floor(minutes / 1440);
    const rest = this.textes.duree(minutes % 1440);
    if (days === 0) return rest;
    const jours = this.textes.jours(days);
    return minutes % 1440 === 0 ? jours : `${jours} ${rest}`;
  }

  /** A decimal as PostgreSQL writes it, to its last digit. */
  montant(decimal: string): string {
    return formatMontant(decimal).replace('.', this.textes.decimale);
  }

  /** A number with no more than so many decimals, and what it counts. */
  mesure(valeur: number, unite: string | null, decimals = 6): string {
    const nombre = valeur
      .toLocaleString('en-US', { maximumFractionDigits: decimals, useGrouping: false })
      .replace('.', this.textes.decimale);
    return unite === null ? nombre : isolated(`${nombre} ${unite}`);
  }

  private local(instant: string): DateTime {
    return DateTime.fromISO(instant, { zone: this.fuseau });
  }
}
