/** Lets this thread wait for those that answer people. */
export function yieldToRequests(): void;
