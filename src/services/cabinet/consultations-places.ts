import type { Place } from './places';

/** What consultations are sealed with beside what they say: all that stands clear in their rows and does not change. */

type Beside = Pick<Place, 'champ' | 'avec'>;
type Champ = 'contenu' | 'notes';

export interface ConsultationClaire {
  version_contenu: number;
  auteur_id: number;
  date: Date;
  rendez_vous_uid: string | null;
}

export function placeOfConsultation(row: ConsultationClaire, champ: Champ): Beside {
  const { version_contenu, auteur_id, date, rendez_vous_uid } = row;
  return { champ, avec: [version_contenu, auteur_id, date.toISOString(), rendez_vous_uid] };
}

export interface VersionClaire {
  version: number;
  date_consultation: Date;
  user_id: number;
}

export function placeOfConsultationVersion(row: VersionClaire, champ: Champ): Beside {
  return { champ, avec: [row.version, row.date_consultation.toISOString(), row.user_id] };
}

export interface ActeClair {
  numero: number;
  type: string;
  user_id: number;
  date: Date;
}

export function placeOfActe({ numero, type, user_id, date }: ActeClair): Beside {
  return { champ: type, avec: [numero, user_id, date.toISOString()] };
}
