import type { Langue } from '../writing';

/** What the calendar of a person, or of a room, says. */
interface TextesAgenda {
  titre(nom: string): string;
  /** Of an appointment that nobody has accepted yet. */
  aValider(titre: string): string;
  avec(noms: string): string;
  participants(noms: string): string;
  places(prises: number, places: number): string;
}

export const TEXTES_AGENDA: Record<Langue, TextesAgenda> = {
  fr: {
    titre: (nom) => `Rendez-vous : ${nom}`,
    aValider: (titre) => `${titre} (à valider)`,
    avec: (noms) => `Avec : ${noms}`,
    participants: (noms) => `Reçoit : ${noms}`,
    places: (prises, places) => `Places prises : ${prises} sur ${places}`,
  },
  en: {
    titre: (nom) => `Appointments: ${nom}`,
    aValider: (titre) => `${titre} (to be confirmed)`,
    avec: (noms) => `With: ${noms}`,
    participants: (noms) => `Receives: ${noms}`,
    places: (prises, places) => `Seats taken: ${prises} of ${places}`,
  },
  ar: {
    titre: (nom) => `المواعيد: ${nom}`,
    aValider: (titre) => `${titre} (في انتظار التأكيد)`,
    avec: (noms) => `مع: ${noms}`,
    participants: (noms) => `يستقبل: ${noms}`,
    places: (prises, places) => `المقاعد المحجوزة: ${prises} من ${places}`,
  },
};
