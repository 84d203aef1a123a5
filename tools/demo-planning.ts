import { findDemoSystem } from './demo/running-system';
import { planWeek } from './demo/week';

/**
 * `npm run demo:planning`: has next week planned in the system that `npm start` runs, or in the one at REGIE_URL, shows what
 * it would be worth, and has it carried out. To be run on what `npm run seed` has filled.
 */
async function main(): Promise<void> {
  await planWeek({
    ...findDemoSystem(),
    now: new Date(),
    print: (text) => process.stdout.write(`${text}\n`),
    isTerminal: process.stdout.isTTY,
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
