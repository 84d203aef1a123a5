export const STATUTS_EQUIPEMENT = ['operationnel', 'en_maintenance', 'en_panne', 'hors_service'] as const;
export type StatutEquipement = (typeof STATUTS_EQUIPEMENT)[number];

/** A meter of a machine. */
export interface Compteur {
  nom: string;
  unite: string;
  valeur: number;
}
