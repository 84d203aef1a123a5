import type { Place } from './places';

/** What the entries of a record are sealed with beside what they say: all that stands clear in their rows. */

type Beside = Pick<Place, 'champ' | 'avec'>;

interface Clear {
  version: number;
  statut: string;
  date_effet: Date | string;
}

export function placeOfElement(
  row: Clear & { nature: string; auteur_id: number; consultation_id: number | null },
): Beside {
  const within = row.consultation_id === null ? [] : [row.consultation_id];
  return { champ: `contenu ${row.nature}`, avec: [...besideOf(row, row.auteur_id), ...within] };
}

export function placeOfVersion(row: Clear & { user_id: number }): Beside {
  return { champ: 'contenu', avec: besideOf(row, row.user_id) };
}

function besideOf({ version, statut, date_effet }: Clear, userId: number): (string | number)[] {
  return [version, statut, new Date(date_effet).toISOString(), userId];
}
