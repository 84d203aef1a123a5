import { Connection, Client as TemporalClient } from '@temporalio/client';
import { pino } from 'pino';
import { reconcilePlans } from '../../src/activities/preventif-reconciliation';
import type { Equipement } from '../../src/db/parc/equipements';
import { deriveAfterChanges } from '../../src/services/interventions/cycle/derivation';
import { markOutdatedPlans } from '../../src/services/preventif/horaires';
import type { Client } from '../support/client';
import { makeEquipement, makeSite, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Plans and the schedules of the engine, on Temporal's development server: the time-skipping one knows no schedules. */

let system: TestSystem;
let connection: Connection;
let temporal: TemporalClient;
let admin: Client;
let presse: Equipement;
beforeAll(async () => {
  system = await startTestSystem({ REGIE_TIME_ZONE: 'UTC' });
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new TemporalClient({ connection, namespace });
  admin = (await system.newPerson('admin')).client;
  presse = await makeEquipement(system.db);
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

const create = async (given: object = {}) => {
  const { status, body } = await admin.post('/preventif/', {
    nom: 'Vidange',
    equipements: [presse.id],
    declencheur: 'calendrier',
    regle: 'FREQ=MONTHLY;BYDAY=1WE',
    date_debut: '2026-01-01',
    modele: { titre: 'Vidange', description: 'Vidanger le circuit hydraulique' },
    ...given,
  });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body as { id: number };
};

const schedule = (id: number) => temporal.schedule.getHandle(`preventif-${id}`);

/** The instants that the engine holds, or null when it has no schedule. */
const instants = async (id: number): Promise<string[] | null> => {
  try {
    const { spec } = await schedule(id).describe();
    return (spec.calendars ?? []).map((calendar) => {
      const of = (field: unknown) => (field as { start: number | string }[])[0]!.start;
      const { year, month, dayOfMonth, hour, minute } = calendar;
      const number = new Date(`${of(month)} 1, 2000 UTC`).getUTCMonth();
      return new Date(Date.UTC(+of(year), number, +of(dayOfMonth), +of(hour), +of(minute))).toISOString();
    });
  } catch {
    return null;
  }
};

const previsions = async (id: number, nombre = 10) =>
  (await admin.get(`/preventif/${id}/previsions?nombre=${nombre}`)).body.map(
    ({ generation }: { generation: string }) => generation,
  );

const round = (minute = 0) =>
  reconcilePlans(
    {
      db: system.db,
      client: temporal,
      taskQueue: system.config.temporal.taskQueue,
      timeZone: 'UTC',
      logger: pino({ level: 'silent' }),
    },
    {
      isOver: false,
      all: async (items, run) => {
        for (const item of items) await run(item);
      },
    },
    minute,
    () => {},
  );

/** As if the engine had been told some time ago, so that its lists should hold it. */
const aWhileAgo = () =>
  system.db.query(`UPDATE plans_preventifs SET horaire_dit_le = now() - interval '2 minutes'`);

describe('the schedule of a plan', () => {
  it('holds its next ten instants in UTC, with a note for whoever looks at it', async () => {
    const { id } = await create({ delai_generation: 2 });
    const held = await eventually(
      () => instants(id),
      (found) => found !== null,
    );
    expect(held).toEqual(await previsions(id));
    const { state, policies, action } = await schedule(id).describe();
    expect(state.note).toContain(`Plan préventif ${id}`);
    expect(policies.overlap).toBe('ALLOW_ALL');
    expect(action).toMatchObject({ workflowType: 'echeancePreventif', args: [id] });
  });

  it('follows the plan: changed, paused, resumed and deleted', async () => {
    const { id } = await create();
    await eventually(
      () => instants(id),
      (found) => found !== null,
    );
    await admin.patch(`/preventif/${id}`, { heure: '17:30' });
    await eventually(
      () => instants(id),
      (found) => found?.[0]?.endsWith('T17:30:00.000Z') ?? false,
    );
    await admin.post(`/preventif/${id}/pause`);
    await eventually(
      () => instants(id),
      (found) => found === null,
    );
    await admin.post(`/preventif/${id}/reprise`, { depuis: 'origine' });
    await eventually(
      () => instants(id),
      (found) => found !== null,
    );
    await admin.delete(`/preventif/${id}`);
    await eventually(
      () => instants(id),
      (found) => found === null,
    );
  });

  it('is told again when the engine lost it, and taken away where no plan has it', async () => {
    const plans = [await create(), await create(), await create()];
    for (const { id } of plans) {
      await eventually(
        () => instants(id),
        (found) => found !== null,
      );
    }
    const [lost, paused, stray] = plans.map(({ id }) => id) as [number, number, number];
    await schedule(lost).delete();
    await schedule(paused).pause('par erreur');
    await system.db.query('DELETE FROM plans_preventifs WHERE id = $1', [stray]);
    await eventually(
      async () => {
        await aWhileAgo();
        await round();
        const { state } = await schedule(paused).describe();
        return [await instants(lost), state.paused, await instants(stray)];
      },
      ([again, isPaused, none]) => again !== null && isPaused === false && none === null,
    );
    expect(await instants(lost)).toEqual(await previsions(lost));
  });

  it('fires by itself: the intervention is there with its workflow, and the next instants take the place of what is over', async () => {
    const soon = new Date(Date.now() + 65_000);
    const heure = soon.toISOString().slice(11, 16);
    const day = soon.toISOString().slice(0, 10);
    const { id } = await create({ regle: 'FREQ=DAILY', date_debut: day, heure });
    const [outcome] = await eventually<{ intervention_id: number }[]>(
      async () => (await admin.get(`/preventif/${id}/echeances`)).body,
      (rows) => rows.length > 0,
    );
    expect(outcome).toMatchObject({
      cle: day,
      resultat: 'creee',
      rattrapage: false,
      intervention_statut: 'ouverte',
    });
    await eventually(
      async () => (await admin.get(`/interventions/${outcome!.intervention_id}/workflow`)).body.statut,
      (statut) => statut === 'RUNNING',
    );
    const held = await eventually(
      () => instants(id),
      (found) => found?.length === 10 && !found[0]!.startsWith(day),
    );
    expect(held).toEqual(await previsions(id));
    const { info } = await schedule(id).describe();
    expect(info.recentActions.length).toBeLessThanOrEqual(1);
  });
});

it('sends whom the template prefers, for as long as it says, when nobody names another', async () => {
  const hours = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440] as const]]));
  const [, preferred] = [
    await makeTechnicien(system.db, { horaires: hours }),
    await makeTechnicien(system.db, { horaires: hours }),
  ];
  const { id } = await create({
    modele: {
      titre: 'Vidange',
      description: 'Vidanger le circuit hydraulique',
      duree_estimee: 135,
      technicien_id: preferred.id,
    },
  });
  const [{ intervention_id }] = (await admin.post(`/preventif/${id}/declencher`)).body;
  const { status, body } = await admin.put(`/interventions/${intervention_id}/assign`, {});
  expect([status, body.technicien_id, body.planning?.duree_estimee]).toEqual([200, preferred.id, 135]);
});

describe('a round of the reconciler', () => {
  it('moves the dates of a site that is closed from now on', async () => {
    const site = await makeSite(system.db, { fuseau_horaire: 'UTC' });
    const { id: machine } = await makeEquipement(system.db, { site_id: site.id });
    const { id } = await create({
      equipements: [machine],
      regle: 'FREQ=DAILY',
      date_debut: '2026-01-01',
      jour_ferme: 'sauter',
    });
    const [first] = await previsions(id, 1);
    await admin.patch(`/sites/${site.id}`, {
      fermetures: [{ date_debut: first.slice(0, 10), date_fin: first.slice(0, 10) }],
    });
    await system.db.query(`UPDATE recalculs SET date_demande = now() - interval '2 minutes'`);
    await deriveAfterChanges(system.db, 'UTC', new Date(), (of) => markOutdatedPlans(system.db, of));
    await round();
    const held = await instants(id);
    expect(held).not.toContain(first);
    expect(held).toHaveLength(10);
  });

  it('decides on what was due while nothing ran, as the plan says', async () => {
    // Half a day away: what is less than an hour late was slow, and not missed.
    const heure = `${String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')}:00`;
    const due = async (rattrapage: string) => {
      const { id } = await create({
        regle: 'FREQ=DAILY',
        date_debut: '2026-01-01',
        rattrapage,
        heure,
      });
      // Three days on which nobody decided.
      await system.db.query(
        `UPDATE plans_preventifs SET suivi_depuis = now() - interval '3 days', prochaine_decision = now() - interval '3 days'
         WHERE id = $1`,
        [id],
      );
      return id;
    };
    const ids = [await due('toutes'), await due('derniere'), await due('aucune')];
    await round();
    const counts = await Promise.all(
      ids.map(async (id) => {
        const { body } = await admin.get(`/preventif/${id}/echeances`);
        const of = (resultat: string) =>
          body.filter((row: { resultat: string }) => row.resultat === resultat).length;
        return [of('creee'), of('sautee')];
      }),
    );
    expect(counts).toEqual([
      [3, 0],
      [1, 2],
      [0, 3],
    ]);
  });

  it('costs the same statements however many plans there are, when nothing has changed', async () => {
    await round();
    const few = await statementsDuring(() => round(1));
    await system.database.owner.query(
      `INSERT INTO plans_preventifs (nom, par_equipement, declencheur, base, regle, date_debut, heure, saisons, jour_ferme,
         delai_generation, tolerance_jours, si_precedente_ouverte, rattrapage, rang, modele, createur_id, suivi_depuis,
         prochaine_decision)
       SELECT 'Autre', true, declencheur, base, regle, date_debut, heure, saisons, jour_ferme, delai_generation,
         tolerance_jours, si_precedente_ouverte, rattrapage, rang, modele, createur_id, suivi_depuis,
         now() + interval '1 day'
       FROM (SELECT * FROM plans_preventifs ORDER BY id LIMIT 1) p, generate_series(1, 3000)`,
    );
    const many = await statementsDuring(() => round(1));
    expect(many.length).toBe(few.length);
    expect(few.length).toBeLessThanOrEqual(6);
  });
});
