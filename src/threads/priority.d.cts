/** How much they wait, as operating systems count it. */
export const NICENESS: number;

/** Lets this thread wait for those that answer people. */
export function yieldToRequests(): void;
