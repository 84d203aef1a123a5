import { findDemoSystem } from './demo/running-system';
import { playStory } from './demo/story';

/**
 * `npm run demo`: plays the specification's requests against the system that `npm start` runs, or against the one at
 * REGIE_URL with ADMIN_EMAIL and ADMIN_PASSWORD. Ends with code 1 at the first answer that is not a success.
 */
async function main(): Promise<void> {
  await playStory({
    ...findDemoSystem(),
    print: (text) => process.stdout.write(`${text}\n`),
    coloured: process.stdout.isTTY,
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
