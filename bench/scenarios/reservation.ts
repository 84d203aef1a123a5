import { dayAfter } from '../../src/domain/local-time';
import { step } from '../../tools/lib/progress';
import { ApiClient } from '../api-client';
import { drive } from '../drive';
import { GOALS } from '../goals';
import { untilSettled } from '../settle';
import { sideBySide, WARM_UP } from '../side-by-side';
import type { ScenarioContext } from './context';

const CONNECTIONS = 20;
/** Each with a person of their own, of ours and of the floor. */
const PRESTATIONS = 60;
/** Minutes of an appointment, one after the other around the clock. */
const DUREE = 15;
const DAYS = 365;
const A_DAY = 1_440 / DUREE;

/**
 * What a booking takes beside the least that it could: the rows of the appointment, guarded by the constraint of occupations,
 * and the line of the history. Ours finds out what is free under locks, chooses who receives, and writes to everybody.
 */
export async function benchReservation(context: ScenarioContext): Promise<void> {
  const { system, client, options, report } = context;
  await step(`Loading ${PRESTATIONS} people`, () => load(system.db));
  const bare = await context.floor.requests();
  const bareClient = new ApiClient(bare.url, client.token);
  const first = dayAfter(new Date().toISOString().slice(0, 10), 1);
  const side = (to: ApiClient, name: string) => {
    let booked = 0;
    // No time is wanted twice, whatever round it is.
    return (seconds: number) => drive(CONNECTIONS, seconds, () => book(to, name, first, booked++));
  };
  await step('Warming up', async () => {
    for (const to of [client, bareClient]) await side(to, 'essai')(WARM_UP);
    await untilSettled(system.processes);
  });
  const compared = await step('Booking', () =>
    sideBySide(
      options.seconds,
      {
        processes: system.processes,
        run: side(client, 'nous'),
        settle: () => untilSettled(system.processes),
      },
      { processes: bare.processes, run: side(bareClient, 'nu'), settle: () => untilSettled(bare.processes) },
    ),
  );
  bareClient.close();
  report.load('booking', CONNECTIONS, compared.ours, compared.floor);
  report.reach(GOALS.booking, compared.ours.perSecond / compared.floor.perSecond);
}

function book(client: ApiClient, name: string, first: string, index: number): Promise<unknown> {
  const slot = Math.floor(index / PRESTATIONS);
  const minutes = (slot % A_DAY) * DUREE;
  const debut = new Date(Date.parse(dayAfter(first, Math.floor(slot / A_DAY))) + minutes * 60_000);
  return client.send('POST', '/rendez-vous', {
    prestation: `${name}-${index % PRESTATIONS}`,
    debut: debut.toISOString(),
    participants: [{ nom: 'Samira Alaoui', email: `samira-${index}@exemple.ma` }],
  });
}

async function load(db: ScenarioContext['system']['db']): Promise<void> {
  const hours = JSON.stringify(Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]])));
  await db.query(
    `WITH names AS (
       SELECT name || '-' || n AS name
       FROM unnest(ARRAY['essai', 'nous', 'nu']) name, generate_series(0, ${PRESTATIONS - 1}) n),
     people AS (
       INSERT INTO users (email, mot_de_passe, nom, prenom, role)
       SELECT name || '@exemple.ma', 'none', name, 'Prénom', 'client' FROM names RETURNING id, nom AS name),
     received AS (
       INSERT INTO intervenants (user_id, nom_public, fuseau_horaire, pays, horaires)
       SELECT id, name, 'UTC', 'BE', $1::jsonb FROM people RETURNING id, nom_public AS name),
     offered AS (
       INSERT INTO prestations (slug, nom, durees, mode, pas, preavis, fenetre)
       SELECT name, 'Conseil', '{${DUREE}}', 'un', '${DUREE}', '{"creer":0,"modifier":0,"annuler":0}', '{"jours":${DAYS + 2}}'
       FROM names RETURNING id, slug AS name)
     INSERT INTO prestations_intervenants (prestation_id, intervenant_id, obligatoire, priorite, poids)
     SELECT offered.id, received.id, false, 0, 1 FROM offered JOIN received USING (name)`,
    [hours],
  );
  await db.query('ANALYZE');
}
