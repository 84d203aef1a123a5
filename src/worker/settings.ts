/** How much the worker of the lifecycle holds and does at a time. */
export const WORKER_SETTINGS = {
  // Each cached workflow holds memory; beyond this they are replayed when something happens to them. Most lie for hours
  // between two moves, so no number is enough for those; it is for people who do several things in a row.
  maxCachedWorkflows: 100,
  maxConcurrentWorkflowTaskExecutions: 20,
  maxConcurrentLocalActivityExecutions: 12,
  maxConcurrentActivityTaskExecutions: 8,
} as const;
