import { projectRoot } from './lib/paths';
import { ownershipFaults } from './lib/table-owners';

/** Part of `npm run check`: each table is written by one area. */
const faults = ownershipFaults(projectRoot);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
