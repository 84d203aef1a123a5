import { performance } from 'node:perf_hooks';
import { step } from '../../tools/lib/progress';
import type { ApiClient } from '../api-client';
import { GOALS } from '../goals';
import type { ScenarioContext } from './context';

const PATIENTS = 300;
const DOCTOR = 'medecin-bench@exemple.ma';
/** The first ones are not counted: nothing is compiled yet, and nothing cached. */
const WARM = 100;
/** Readings before the other way has its turn. */
const TURN = 20;
const TURNS = 40;

/**
 * What row security costs: patients of a practice are read one by one on one connection, by turns with it and without it, so
 * that both meet the same moments of the machine.
 */
export async function benchCabinet({ system, report, client }: ScenarioContext): Promise<void> {
  const { doctor } = await ouvrirCabinet(system, client, DOCTOR);
  const ids = await step(`Entering ${PATIENTS} patients`, () => enter(doctor));
  const tables = await tablesOf(system.db);
  const times: Record<'with' | 'without', number[]> = { with: [], without: [] };
  const readSome = async (count: number): Promise<number[]> => {
    const taken: number[] = [];
    for (let n = 0; n < count; n++) {
      const begin = performance.now();
      await doctor.send('GET', `/patients/${ids[n % ids.length]}`);
      taken.push(performance.now() - begin);
    }
    return taken;
  };
  await step('Reading patients', async () => {
    await readSome(WARM);
    for (let turn = 0; turn < TURNS; turn++) {
      for (const way of ['with', 'without'] as const) {
        await secure(system.db, tables, way === 'with');
        // What was planned the other way is planned anew.
        await readSome(2);
        times[way].push(...(await readSome(TURN)));
      }
    }
    await secure(system.db, tables, true);
  });
  doctor.close();
  const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
  report.reach(GOALS.rowSecurity, median(times.with) / median(times.without));
  report.fact(
    'reading a patient, record included, p50',
    `${median(times.with).toFixed(1)} ms, without row security ${median(times.without).toFixed(1)} ms`,
  );
}

type Db = ScenarioContext['system']['db'];

/** A practice, and a doctor of it. @param email of the doctor. */
export async function ouvrirCabinet(
  system: ScenarioContext['system'],
  admin: ApiClient,
  email: string,
): Promise<{ doctor: ApiClient; cabinetId: number; userId: number }> {
  const { db } = system;
  const { id } = await admin.send<{ id: number }>('POST', '/cabinets', {
    nom: `Mesures ${email.split('@')[0]}`,
    pays: 'MA',
  });
  await db.query('BEGIN');
  await db.query(`SELECT set_config('regie.cabinets', $1, true)`, [`{${id}}`]);
  await db.query(
    `WITH doctor AS (
       INSERT INTO users (email, mot_de_passe, nom, prenom, role)
       SELECT $1, mot_de_passe, 'Bench', 'Médecin', 'membre' FROM users ORDER BY id LIMIT 1 RETURNING id)
     INSERT INTO medical.membres_cabinet (cabinet_id, user_id, fonction, date_debut)
     SELECT $2, doctor.id, 'medecin', '2020-01-01' FROM doctor`,
    [email, id],
  );
  await db.query('COMMIT');
  const { rows } = await db.query<{ id: number }>('SELECT id FROM users WHERE email = $1', [email]);
  return { doctor: await system.signIn(email), cabinetId: id, userId: rows[0]!.id };
}

async function enter(doctor: ApiClient): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < PATIENTS; n++) {
    const { id } = await doctor.send<{ id: number }>('POST', '/patients', {
      ...{ nom_naissance: 'Benali', prenoms: 'Samira', sexe: 'F', date_naissance: '1962-03-14' },
      identifiants: [{ type: 'cin', valeur: `BK ${n}` }],
      telephone: '06 12 34 56 78',
    });
    ids.push(id);
  }
  return ids;
}

async function tablesOf(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'medical'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity`,
  );
  return rows.map(({ name }) => name);
}

async function secure(db: Db, tables: readonly string[], on: boolean): Promise<void> {
  const way = on ? 'ENABLE' : 'DISABLE';
  await db.query(tables.map((name) => `ALTER TABLE medical.${name} ${way} ROW LEVEL SECURITY`).join(';'));
}
