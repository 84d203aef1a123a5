import { invalid } from '../../domain/errors';
import { PAST_TOLERANCE } from '../../domain/interventions/interventions';
import { addDays, dayAt, endOf, startOf, startOfDay } from '../../domain/local-time';
import { MAX_DURATION, MIN_DURATION } from '../../domain/planification/planning';
import { instant, queryNumber } from './schemas';
import { texte } from './validation';

/** What several resources ask and say of the time of visits. */

export const isAhead = (date: Date) => date.getTime() > Date.now() - PAST_TOLERANCE;
export const PAST = texte('La date est passée', 'The date is in the past');

/** When a visit is to begin. */
export const visitMoment = instant.refine(isAhead, PAST);

/** Minutes of work, in a query. */
export const dureeQuery = queryNumber(MIN_DURATION, MAX_DURATION);

const DEFAULT_DAYS = 7;

/**
 * The period that somebody names: from today unless they say, for seven days unless they say.
 * @throws {RegieError} `VALIDATION` when it is empty or longer than `maxDays`
 */
export function boundedPeriod(
  dateDebut: string | undefined,
  dateFin: string | undefined,
  { now, timeZone, maxDays }: { now: Date; timeZone: string; maxDays: number },
): { debut: Date; fin: Date } {
  const today = startOfDay(dayAt(now.getTime(), timeZone), timeZone);
  const debut = dateDebut === undefined ? today : startOf(dateDebut, timeZone).getTime();
  const fin =
    dateFin === undefined ? addDays(debut, DEFAULT_DAYS, timeZone) : endOf(dateFin, timeZone).getTime();
  if (fin <= debut) {
    throw invalid({
      champ: 'date_fin',
      message: { fr: 'Doit suivre date_debut', en: 'Must follow date_debut' },
    });
  }
  if (fin > addDays(debut, maxDays, timeZone)) {
    throw invalid({
      champ: 'date_fin',
      message: {
        fr: `Au plus ${maxDays} jours après date_debut`,
        en: `At most ${maxDays} days after date_debut`,
      },
    });
  }
  return { debut: new Date(debut), fin: new Date(fin) };
}
