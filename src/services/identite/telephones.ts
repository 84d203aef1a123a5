import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { type FieldFault, invalid } from '../../domain/errors';
import { telephoneFault, toE164 } from '../../domain/identite/telephone';

/** Telephone numbers where they are written: as E.164, whatever way somebody typed them. */

/** Whose number it is. */
interface Owner {
  /** What they have today, which stays even if it is of an older kind. */
  kept?: string | null;
  siteIds: readonly number[];
}

/**
 * A number as it is kept.
 * @param pays ISO 3166, of numbers without the code of their country; that of the person's sites goes before.
 * @throws {RegieError} `VALIDATION`
 */
export async function normalisedTelephone(
  executor: Executor,
  given: string | null,
  { kept = null, siteIds }: Owner,
  pays: string | null,
): Promise<string | null> {
  if (given === null || given === kept) return given;
  const countries = isInternational(given) ? new Map() : await countriesOf(executor, siteIds);
  const country = countryAmong(countries, siteIds) ?? pays;
  const number = toE164(given, country);
  if (number === null) throw invalid({ champ: 'telephone', message: telephoneFault(country) });
  return number;
}

/** The same for many people at once, in one statement. */
export async function normalisedTelephones<Fields extends { telephone: string | null; site_ids: number[] }>(
  executor: Executor,
  people: readonly Fields[],
  pays: string | null,
): Promise<(fields: Fields) => { telephone: string | null; fault: FieldFault | null }> {
  const national = people.filter(({ telephone }) => telephone !== null && !isInternational(telephone));
  const countries = await countriesOf(executor, [...new Set(national.flatMap(({ site_ids }) => site_ids))]);
  return ({ telephone: given, site_ids }) => {
    if (given === null) return { telephone: null, fault: null };
    const country = countryAmong(countries, site_ids) ?? pays;
    const telephone = toE164(given, country);
    const fault = telephone === null ? { champ: 'telephone', message: telephoneFault(country) } : null;
    return { telephone, fault };
  };
}

function isInternational(number: string): boolean {
  return number.trim().startsWith('+');
}

/** The countries of the sites that name one. */
async function countriesOf(executor: Executor, siteIds: readonly number[]): Promise<Map<number, string>> {
  if (siteIds.length === 0) return new Map();
  const rows = await query<{ id: number; pays: string }>(
    executor,
    sql`SELECT id, pays FROM sites WHERE id = ANY(${siteIds}) AND pays IS NOT NULL`,
  );
  return new Map(rows.map(({ id, pays }) => [id, pays]));
}

/** The one country of somebody's sites, if they are all in one. */
function countryAmong(countries: ReadonlyMap<number, string>, siteIds: readonly number[]): string | null {
  const named = new Set(siteIds.map((id) => countries.get(id)));
  const [country] = named;
  return named.size === 1 ? (country ?? null) : null;
}
