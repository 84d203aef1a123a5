/** How the driver speaks to the bare workflow. */
export const BARE_WORKFLOW = 'bareLife';
export const BARE_TASK_QUEUE = 'bench-bare';
export const MOVE_UPDATE = 'move';

/** The moves of a life after its start: as many as an intervention makes from `ouverte` to `terminee`. */
export const MOVES = 5;

/** The table of the bare workflow, one row for each. */
export const BARE_TABLE = 'bench_vies';
