import type { StatutConsultation } from './consultations';
import type { Allergie, EtatAllergies } from './elements';

/** What whoever opens a record should see before anything else. */

export const ALERTES = ['allergie_severe', 'allergies_non_renseignees', 'brouillon_non_signe'] as const;

export interface Alerte {
  type: (typeof ALERTES)[number];
  /** The entry, or the consultation, that it is about; null where it is about something that is missing. */
  id: number | null;
}

interface Lu {
  etat: EtatAllergies;
  allergies: readonly { id: number; contenu: Pick<Allergie, 'severite'> }[];
  consultations: readonly { id: number; statut: StatutConsultation }[];
}

/** In the order in which they matter. */
export function alertesOf({ etat, allergies, consultations }: Lu): Alerte[] {
  const severe = allergies.filter(({ contenu }) => contenu.severite === 'severe');
  const drafts = consultations.filter(({ statut }) => statut === 'brouillon');
  return [
    ...severe.map(({ id }): Alerte => ({ type: 'allergie_severe', id })),
    ...(etat === 'non_renseignees' ? [{ type: 'allergies_non_renseignees' as const, id: null }] : []),
    ...drafts.map(({ id }): Alerte => ({ type: 'brouillon_non_signe', id })),
  ];
}
