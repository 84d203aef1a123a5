import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Texte } from '../errors';

/**
 * Telephone numbers: kept as E.164 (`+212612345678`), in which each is written in one way only. Older rows hold what
 * people typed; they stay as they are until somebody writes the number anew.
 */

/**
 * A number as people write it, as E.164; null when it is none that could be given to anybody.
 * @param pays ISO 3166, two letters, of a number without the code of its country; null when it has to bear one.
 */
export function toE164(number: string, pays: string | null): string | null {
  const parsed = parse(number, pays);
  return parsed === null || parsed.ext !== undefined ? null : parsed.number;
}

/** "+212 6 12 34 56 78", as people read it; what is no number of today's is shown as it is. */
export function displayedTelephone(number: string): string {
  return parse(number, null)?.formatInternational() ?? number;
}

/** Whether a text message may reach it: fixed lines and numbers of services take none. */
export function takesSms(e164: string): boolean {
  const type = parse(e164, null)?.getType();
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}

/** What speaks against a number. @param pays whether one without the code of its country could be understood. */
export function telephoneFault(pays: string | null): Texte {
  return pays === null ? FAULTS.international : FAULTS.unknown;
}

function parse(number: string, pays: string | null) {
  const country = pays !== null && isSupportedCountry(pays) ? (pays as CountryCode) : undefined;
  const parsed = parsePhoneNumberFromString(number, { defaultCountry: country, extract: false });
  return parsed?.isValid() ? parsed : null;
}

const FAULTS = {
  unknown: {
    fr: 'Ce numéro n’existe pas ; à l’étranger, avec l’indicatif du pays (+33 6 12 34 56 78)',
    en: 'There is no such number; abroad, with the code of the country (+33 6 12 34 56 78)',
  },
  international: {
    fr: 'Numéro avec l’indicatif du pays attendu (+33 6 12 34 56 78)',
    en: 'A number with the code of its country is expected (+33 6 12 34 56 78)',
  },
} satisfies Record<string, Texte>;
