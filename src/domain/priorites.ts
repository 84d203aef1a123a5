/** How much something matters: an intervention, and the equipment it is on. In rising order. */
export const PRIORITES = ['basse', 'normale', 'haute', 'critique'] as const;
export type Priorite = (typeof PRIORITES)[number];
