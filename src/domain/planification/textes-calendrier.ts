import type { Priorite } from '../priorites';
import type { Langue } from '../writing';

/** What the calendar of a technicien says, in their language. */
interface TextesCalendrier {
  titre(nom: string): string;
  /** Of a visit of which they may not know more. */
  visite: string;
  /** Which part of a visit that goes on after a break. */
  partie(numero: number, nombre: number): string;
  intervention(id: number): string;
  priorite(valeur: string): string;
  equipement(nom: string): string;
  priorites: Record<Priorite, string>;
}

export const TEXTES_CALENDRIER: Record<Langue, TextesCalendrier> = {
  fr: {
    titre: (nom) => `Visites de ${nom}`,
    visite: 'Visite',
    partie: (numero, nombre) => `${numero} sur ${nombre}`,
    intervention: (id) => `Intervention n° ${id}`,
    priorite: (valeur) => `Priorité : ${valeur}`,
    equipement: (nom) => `Équipement : ${nom}`,
    priorites: { basse: 'basse', normale: 'normale', haute: 'haute', critique: 'critique' },
  },
  en: {
    titre: (nom) => `Visits of ${nom}`,
    visite: 'Visit',
    partie: (numero, nombre) => `${numero} of ${nombre}`,
    intervention: (id) => `Intervention no. ${id}`,
    priorite: (valeur) => `Priority: ${valeur}`,
    equipement: (nom) => `Equipment: ${nom}`,
    priorites: { basse: 'low', normale: 'normal', haute: 'high', critique: 'critical' },
  },
  ar: {
    titre: (nom) => `زيارات ${nom}`,
    visite: 'زيارة',
    partie: (numero, nombre) => `${numero} من ${nombre}`,
    intervention: (id) => `التدخل رقم ${id}`,
    priorite: (valeur) => `الأولوية: ${valeur}`,
    equipement: (nom) => `المعدة: ${nom}`,
    priorites: { basse: 'منخفضة', normale: 'عادية', haute: 'مرتفعة', critique: 'حرجة' },
  },
};
