/**
 * What an account is by itself. A `membre` is nobody in particular: all that they may do comes from what they belong to, a
 * practice, or from receiving people.
 */
export const ROLES = ['admin', 'responsable', 'technicien', 'client', 'membre'] as const;
export type Role = (typeof ROLES)[number];

/** Roles of machines. A `membre` may do what they may as the person they are, which no key is. */
export const ROLES_CLE = ['admin', 'responsable', 'technicien', 'client'] as const satisfies readonly Role[];
export type RoleCle = (typeof ROLES_CLE)[number];

/** Roles that the sites of their people say nothing of. */
export const SANS_SITE: readonly Role[] = ['admin', 'membre'];

/** What somebody does in a medical practice, from when to when (`membres_cabinet`). */
export const FONCTIONS = ['medecin', 'remplacant', 'secretaire', 'gerant'] as const;
export type Fonction = (typeof FONCTIONS)[number];

/** Those who treat people there. */
export const SOIGNANTS: readonly Fonction[] = ['medecin', 'remplacant'];

/** That somebody belongs to a practice today. */
export interface Appartenance {
  cabinetId: number;
  fonction: Fonction;
}
