import type { WorkingHours } from '../working-time';

export const NIVEAUX_EXPERIENCE = ['junior', 'confirme', 'senior', 'expert'] as const;
export type NiveauExperience = (typeof NIVEAUX_EXPERIENCE)[number];

/** A stretch of days off; instants in ISO 8601, the end excluded. */
export interface Absence {
  debut: string;
  fin: string;
  motif?: string;
}

export type Horaires = WorkingHours;
