import { playCabinet } from './demo/cabinet';
import { findDemoSystem } from './demo/running-system';

/**
 * `npm run demo:cabinet`: plays a day of a medical practice in the system that `npm start` runs, or in the one at REGIE_URL,
 * tells it in French, and prints who could see what. Each run makes a practice of its own.
 */
async function main(): Promise<void> {
  await playCabinet({
    ...findDemoSystem(),
    print: (text) => process.stdout.write(`${text}\n`),
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
