export const ROLES = ['admin', 'responsable', 'technicien', 'client'] as const;
export type Role = (typeof ROLES)[number];
