import { agendaFromEnvironment } from './demo/agenda-ailleurs';
import { playRendezVous } from './demo/rdv';
import { findDemoSystem } from './demo/running-system';

/**
 * `npm run demo:rdv`: plays a week of a consulting house in the system that `npm start` runs, or in the one at REGIE_URL, and
 * tells it in French. Each run makes a house of its own.
 */
async function main(): Promise<void> {
  await playRendezVous({
    ...findDemoSystem(),
    agenda: agendaFromEnvironment(),
    print: (text) => process.stdout.write(`${text}\n`),
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
