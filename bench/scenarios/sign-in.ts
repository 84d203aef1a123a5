import { ApiClient } from '../api-client';
import { costed } from '../cost';
import { drive } from '../drive';
import { GOALS } from '../goals';
import { type Load, runLoad } from '../load';
import { measurementOf } from '../measurement';
import { TECHNICIENS } from '../rows';
import type { ScenarioContext } from './context';

const SINGLE_SIGN_INS = 20;
const CONNECTIONS = 20;
/** What an office reads while everybody arrives: a bounded rate, not what the machine can give. */
const READS = { connections: 20, rate: 300 };
/** Reads begin after the sign-ins and end before them, so that each was made while they went on. Seconds. */
const MARGIN = 1;

/** Hashing a password is slow on purpose: how slow, how many at once, and what they leave of the machine to others. */
export async function benchSignIn(context: ScenarioContext): Promise<void> {
  const { system, report, options } = context;
  // Everybody signs in with the administrator's password: it is the number of accounts that matters.
  await system.db.query(`UPDATE users SET mot_de_passe = (SELECT mot_de_passe FROM users WHERE role = 'admin')
    WHERE role = 'technicien'`);
  const alone = await costed(system.processes, () => signIns(context, 1, 60, SINGLE_SIGN_INS));
  report.load('sign in', 1, alone);
  await reads(context, 2); // Nothing is compiled yet, and nothing cached.
  const calm = await costed(system.processes, () => reads(context, options.seconds));
  report.load('read one, 300 a second', READS.connections, calm);

  const signingIn = costed(system.processes, () =>
    signIns(context, CONNECTIONS, options.seconds + 2 * MARGIN, Number.POSITIVE_INFINITY),
  );
  await new Promise((resolve) => setTimeout(resolve, MARGIN * 1000));
  const beside = await reads(context, options.seconds);
  const together = await signingIn;
  // What the reads cost cannot be told from what the sign-ins cost.
  const besideThem = { ...measurementOf([beside]), cost: null };
  report.load('sign in, while others read', CONNECTIONS, { ...together, cost: null });
  report.load('read one, 300 a second, while others sign in', READS.connections, besideThem);
  report.reach(GOALS.signIns, together.perSecond);
  report.reach(GOALS.readsBesideSignIns, besideThem.p95);
}

/** Each account in turn, so that no limit of attempts of an account is met. */
async function signIns({ system }: ScenarioContext, connections: number, seconds: number, amount: number) {
  const client = new ApiClient(system.apiUrl);
  const measured = await drive(connections, seconds, async (index) => {
    if (index >= amount) return false;
    const email = `technicien-${index % TECHNICIENS}@exemple.ma`;
    await client.send('POST', '/auth/login', { email, password: system.env.ADMIN_PASSWORD });
    return true;
  });
  client.close();
  return measured;
}

async function reads({ system, client }: ScenarioContext, seconds: number) {
  const { rows } = await system.db.query<{ id: number }>(
    'SELECT id FROM interventions ORDER BY random() LIMIT 200',
  );
  const load: Load = {
    url: system.apiUrl,
    token: client.token!,
    ...READS,
    seconds,
    requests: rows.map(({ id }) => ({ method: 'GET', path: `/interventions/${id}` })),
  };
  return runLoad(load);
}
